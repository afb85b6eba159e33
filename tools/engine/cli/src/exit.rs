//! How a command ends: Buck2's exit codes.

/// A command that did not succeed.
#[derive(Debug)]
pub struct Exit {
    /// The exit code.
    pub code: u8,
    /// What to tell; may be empty when everything was told already.
    pub message: String,
}

impl Exit {
    /// A mistake in the user's files or arguments, or an action that failed.
    pub fn user(message: impl ToString) -> Exit {
        Exit {
            code: 3,
            message: message.to_string(),
        }
    }

    /// The machine or the engine is at fault.
    pub fn infrastructure(message: impl ToString) -> Exit {
        Exit {
            code: 2,
            message: message.to_string(),
        }
    }

    /// Tests failed.
    pub fn tests_failed() -> Exit {
        Exit {
            code: 32,
            message: String::new(),
        }
    }

    /// The user stopped it.
    pub fn interrupted() -> Exit {
        Exit {
            code: 130,
            message: "interrupted".to_owned(),
        }
    }
}

impl From<build_lang::Error> for Exit {
    fn from(error: build_lang::Error) -> Exit {
        Exit::user(error)
    }
}

impl From<executor::ExecutorError> for Exit {
    fn from(error: executor::ExecutorError) -> Exit {
        Exit::infrastructure(error)
    }
}

/// A message that says that it is an error; the interpreter's own do so themselves, after how one
/// came there.
pub fn with_prefix(text: &str) -> String {
    match text.starts_with("error") || text.starts_with("Traceback") {
        true => text.to_owned(),
        false => format!("error: {text}"),
    }
}

/// Prints the message and gives the code to the caller.
pub fn report(exit: &Exit) -> std::process::ExitCode {
    if !exit.message.is_empty() {
        eprintln!("{}", with_prefix(exit.message.trim_end()));
    }
    std::process::ExitCode::from(exit.code)
}

/// Prints how a command is used: as asked for, or since it was used in another way.
pub fn usage(usage: &clap::Error) -> std::process::ExitCode {
    let _ = usage.print();
    match usage.use_stderr() {
        true => std::process::ExitCode::from(3),
        false => std::process::ExitCode::SUCCESS,
    }
}
