//! What went wrong, and how the tool ends.

use diagnostics::{Diagnostic, Exit};

/// Why something was not rendered. Upstream exits 1 on every failure but wrong
/// usage, so this tool does, too.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Failure {
    pub(crate) fn new(diagnostic: Diagnostic) -> Self {
        Self {
            exit: Exit::CheckFailed,
            diagnostics: vec![diagnostic],
        }
    }

    pub(crate) fn text(message: impl Into<String>) -> Self {
        Self::new(Diagnostic::error(message))
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::new(diagnostic)
    }
}

impl From<kcl_engine::EngineError> for Failure {
    fn from(error: kcl_engine::EngineError) -> Self {
        let exit = match error.exit() {
            Exit::Usage => Exit::Usage,
            _ => Exit::CheckFailed,
        };
        Self {
            exit,
            diagnostics: error.into_diagnostics(),
        }
    }
}
