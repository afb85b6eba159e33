//! Why a run gave no result.

use std::{fmt, io, path::PathBuf, time::Duration};

use diagnostics::{Diagnostic, Exit, render_text};

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Neither a path nor the environment says where libkcl is.
    #[error(
        "no KCL library given: pass --libkcl FILE or set HERMETIC_LIBKCL \
         (`./buck2 build toolchains//:libkcl` makes it)"
    )]
    NoLibrary,
    /// The library's file is not there.
    #[error("the KCL library {path} cannot be read: {source}")]
    LibraryMissing {
        /// Path as it was given.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The library's file does not load.
    #[error(
        "the KCL library {path} does not load: {reason}\n  \
         hint: a library out of kcl-lib's wheel must be unpacked by wheel-fetch, which \
         weakens its Python symbols"
    )]
    LibraryUnusable {
        /// Path as it was given.
        path: PathBuf,
        /// The loader's words.
        reason: String,
    },
    /// A file or folder that the program needs is not there.
    #[error("{what} {path} cannot be read: {source}")]
    MissingInput {
        /// What it is: "the entry file", "the folder of package x".
        what: String,
        /// Path as it was given.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// An entry lies outside the program's root.
    #[error("the entry {path} lies outside the root {root}; name a --root that holds it")]
    OutsideRoot {
        /// Path as it was given.
        path: PathBuf,
        /// Root as it was given.
        root: PathBuf,
    },
    /// The program's kcl.mod asks for packages that were not declared.
    #[error("{}", join(.0))]
    Undeclared(Vec<Diagnostic>),
    /// The worker could not be started or spoken to.
    #[error("the worker process for KCL failed: {0}")]
    Worker(String),
    /// The program used more than it may, or took the evaluator down.
    #[error("the KCL program {program} {failure}")]
    Stopped {
        /// The entry files.
        program: String,
        /// What happened.
        failure: Failure,
    },
    /// KCL says what is wrong with the program.
    #[error(transparent)]
    Program(ProgramError),
}

/// What KCL says is wrong with a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", join(diagnostics))]
pub struct ProgramError {
    /// Each finding with its place.
    pub diagnostics: Vec<Diagnostic>,
    /// KCL's own words, its paths shortened to what lies below the root.
    pub text: String,
}

fn join(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(render_text).collect()
}

impl EngineError {
    /// The error as every tool reports it.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        match self {
            Self::Program(error) => error.diagnostics,
            Self::Undeclared(diagnostics) => diagnostics,
            other => vec![other.into_diagnostic()],
        }
    }

    fn into_diagnostic(self) -> Diagnostic {
        let text = self.to_string();
        match text.split_once("\n  hint: ") {
            Some((message, hint)) => Diagnostic::error(message).hint(hint),
            None => Diagnostic::error(text),
        }
    }

    /// How a tool ends with it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::NoLibrary => Exit::Usage,
            _ => Exit::BadInput,
        }
    }
}

/// How a program ended the worker process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It ran out of time.
    Timeout(Duration),
    /// It asked for more memory than the limit, in bytes.
    Memory(u64),
    /// Its recursion or nesting overflowed the stack, whose size is in bytes.
    Stack(u64),
    /// Its result is larger than the limit, in bytes.
    Reply(u64),
    /// It tried to write a file.
    FileWrite,
    /// A signal ended the evaluator.
    Signal(String),
    /// The evaluator ended without an answer; its last words.
    Exit(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MIB: u64 = 1 << 20;
        match self {
            Self::Timeout(limit) => write!(
                f,
                "was stopped after {} s; does it loop or recurse without end? \
                 (--timeout raises the limit)",
                limit.as_secs_f64()
            ),
            Self::Memory(limit) => write!(
                f,
                "needed more than {} MiB of memory (--memory raises the limit)",
                limit / MIB
            ),
            Self::Stack(size) => write!(
                f,
                "crashed: stack overflow on a stack of {} MiB; does a lambda or schema \
                 call itself without end?",
                size / MIB
            ),
            Self::Reply(limit) => {
                write!(f, "gave a result larger than {} MiB", limit / MIB)
            }
            Self::FileWrite => write!(
                f,
                "was stopped when it wrote a file; a KCL program may only give a result"
            ),
            Self::Signal(name) => {
                write!(f, "crashed with {name}; is something nested too deeply?")
            }
            Self::Exit(words) => write!(f, "ended without an answer: {words}"),
        }
    }
}
