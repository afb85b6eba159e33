//! Why an action failed.

use std::fmt;
use std::time::Duration;

use build_graph::{ActionId, OutputKind};

use crate::remedy::{when_full, when_unusable};

/// An action that failed, with all that is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionFailure {
    /// The action.
    pub action: ActionId,
    /// Its owner, category and identifier, for users.
    pub name: String,
    /// What went wrong.
    pub kind: FailureKind,
    /// The command, if it is one that runs.
    pub command: Option<Vec<String>>,
    /// What it wrote to standard output and standard error, in the order of writing; the end of it
    /// if that was much.
    pub output: String,
}

impl fmt::Display for ActionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.kind)?;
        if let Some(command) = &self.command {
            write!(f, "\n  command: {}", shell_words(command))?;
        }
        let output = self.output.trim_end();
        if !output.is_empty() {
            write!(f, "\n  output:")?;
            for line in output.lines() {
                write!(f, "\n    {line}")?;
            }
        }
        let said = self.kind.to_string();
        let remedy = match self.kind {
            FailureKind::Setup(_) | FailureKind::BadOutput { .. } => when_unusable(&said),
            _ => None,
        };
        match remedy.or_else(|| when_full(output)) {
            Some(remedy) => write!(f, "\n  hint: {remedy}"),
            None => Ok(()),
        }
    }
}

/// The command as one could type it.
fn shell_words(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    let quote = |word: &String| match !word.is_empty() && word.chars().all(plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// What went wrong with an action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FailureKind {
    /// The command said no.
    #[error("the command failed with exit code {0}")]
    Exit(i32),
    /// The command was killed.
    #[error("the command was killed by signal {0}")]
    Signal(i32),
    /// The command took too long.
    #[error("the command took longer than {} s and was killed", .0.as_secs_f64())]
    Timeout(Duration),
    /// The command ended well and an output is missing.
    #[error(
        "the command ended well but did not make its output `{path}`; an action has to make all it declares"
    )]
    MissingOutput {
        /// The output.
        path: String,
    },
    /// An output is not what was declared.
    #[error("`{path}` was declared as a {} but is a {found}", kind_name(.declared))]
    WrongKind {
        /// The output.
        path: String,
        /// What was declared.
        declared: OutputKind,
        /// What it is.
        found: &'static str,
    },
    /// An output holds what no cache can keep.
    #[error("the output `{path}` cannot be kept: {reason}")]
    BadOutput {
        /// The output, or what is wrong in it.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A source file is not there.
    #[error("the source file `{path}` does not exist")]
    MissingSource {
        /// Path below the project root.
        path: String,
    },
    /// A source file cannot be used.
    #[error("the source file `{path}` cannot be used: {reason}")]
    BadSource {
        /// Path below the project root.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The program is not there.
    #[error("the program `{program}` {reason}")]
    Program {
        /// As the action names it.
        program: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The sandbox, or something else around the command.
    #[error("the action could not be set up: {0}")]
    Setup(String),
}

fn kind_name(kind: &OutputKind) -> &'static str {
    match kind {
        OutputKind::File => "file",
        OutputKind::Directory => "directory",
    }
}

impl FailureKind {
    /// A failure around the command, with what was being done.
    pub(crate) fn setup(doing: impl fmt::Display, error: impl fmt::Display) -> FailureKind {
        FailureKind::Setup(format!("{doing}: {error}"))
    }
}
