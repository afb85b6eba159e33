use std::process::{ExitCode, Termination};

/// How a tool ends. `main` may return it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// The work is done and every check passed.
    Done = 0,
    /// The input was fine, yet a check failed.
    CheckFailed = 1,
    /// The command line is wrong (clap exits with the same code).
    Usage = 2,
    /// An input is missing, unreadable or malformed.
    BadInput = 3,
}

impl Exit {
    /// The process exit code.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        self.into()
    }
}
