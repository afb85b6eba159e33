//! The sandbox, as the program that the executor runs again with [`SANDBOX_ARGUMENT`].

/// The first argument that makes a program the sandbox's entry.
pub const SANDBOX_ARGUMENT: &str = "--action-sandbox";

/// Becomes the sandbox's entry and never comes back, if the program's first argument says so.
///
/// To be called before anything else, while the process has one thread.
pub fn enter_sandbox_if_asked() {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == SANDBOX_ARGUMENT)
    {
        sandbox_main();
    }
}

/// The sandbox's entry: sets up what the parent process asks for and runs an action in it.
pub fn sandbox_main() -> ! {
    std::process::exit(2)
}
