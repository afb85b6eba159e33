//! What can go wrong between a command line and a graph of actions.

use std::fmt;

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

/// A mistake in the user's files or command line; its text names the place.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An error raised while a file was evaluated, with its place and the line.
    #[error("{0}")]
    Evaluation(Box<Evaluation>),
    /// A label or pattern that is none.
    #[error(transparent)]
    Label(#[from] build_graph::LabelError),
    /// Anything else; the text says what and where.
    #[error("{0}")]
    Message(String),
}

/// An error of the interpreter and what was being done.
#[derive(Debug)]
pub struct Evaluation {
    /// What was being evaluated, innermost first.
    pub context: Vec<String>,
    /// The interpreter's own error.
    pub error: starlark::Error,
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.error.to_string();
        f.write_str(text.trim_end())?;
        for context in &self.context {
            write!(f, "\n  {context}")?;
        }
        Ok(())
    }
}

impl Error {
    /// An error with this text.
    pub fn message(text: impl Into<String>) -> Error {
        Error::Message(text.into())
    }

    /// Adds what was being done when the error came up.
    #[must_use]
    pub fn context(self, text: impl Into<String>) -> Error {
        match self {
            Error::Evaluation(mut evaluation) => {
                evaluation.context.push(text.into());
                Error::Evaluation(evaluation)
            }
            other => Error::Message(format!("{other}\n  {}", text.into())),
        }
    }
}

impl From<starlark::Error> for Error {
    fn from(error: starlark::Error) -> Error {
        Error::Evaluation(Box::new(Evaluation {
            context: Vec::new(),
            error,
        }))
    }
}

impl From<Error> for starlark::Error {
    fn from(error: Error) -> starlark::Error {
        match error {
            Error::Evaluation(evaluation) if evaluation.context.is_empty() => evaluation.error,
            other => starlark::Error::new_other(anyhow::anyhow!("{other}")),
        }
    }
}

/// Raises `text` inside the interpreter, which adds file, line and column.
pub(crate) fn raise<T>(text: impl Into<String>) -> starlark::Result<T> {
    Err(starlark::Error::new_other(anyhow::anyhow!(
        "{}",
        text.into()
    )))
}
