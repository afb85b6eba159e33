//! The sandbox, as the program that the executor runs again with [`SANDBOX_ARGUMENT`].
//!
//! ```text
//! executor ── outer: makes the namespaces, raises the loopback
//!               └─ inner, process 1: lays out the files, drops every capability
//!                    └─ the action
//! ```
//! Where there are no namespaces, there is no outer process, and inner is no process 1 but adopts
//! what the action leaves behind. The standard input of both is a socket: the executor writes a
//! [`Spec`] to it, inner writes a [`Status`] back; when it closes, the action and all its
//! descendants are killed. So nothing of an action outlives the executor, however that ends.

mod inner;
mod loopback;
mod mounts;
mod outer;
mod restrict;
mod spec;
mod supervise;

pub(crate) use spec::{Network, PROJECT, SCRATCH, Spec, Status};

/// The first argument that makes a program the sandbox's entry.
pub const SANDBOX_ARGUMENT: &str = "--action-sandbox";

/// The second argument, of the process that makes the namespaces.
pub(crate) const OUTER: &str = "outer";
/// The same, for an action that has the host's network.
pub(crate) const OUTER_HOST_NETWORK: &str = "outer-host-network";
/// The second argument, of the process that runs the action.
pub(crate) const INNER: &str = "inner";

/// Becomes the sandbox's entry and never comes back, if the program's first argument says so.
///
/// To be called before anything else, while the process has one thread.
pub fn enter_sandbox_if_asked() {
    let first = std::env::args_os().nth(1);
    if first.is_some_and(|first| first == SANDBOX_ARGUMENT) {
        sandbox_main();
    }
}

/// Closes what whoever started the build had left open: it is no action's business.
fn close_inherited() {
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else {
        return;
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    let open: Vec<i32> = names
        .filter_map(|name| name.to_str()?.parse().ok())
        .collect();
    for descriptor in open.into_iter().filter(|descriptor| *descriptor > 2) {
        // One of them was the listing's own, which is closed by now.
        let _ = nix::unistd::close(descriptor);
    }
}

/// The sandbox's entry: sets up what the parent process asks for and runs an action in it.
pub fn sandbox_main() -> ! {
    close_inherited();
    let part = std::env::args_os().nth(2).unwrap_or_default();
    let code = match part.to_str() {
        Some(OUTER) => outer::main(true),
        Some(OUTER_HOST_NETWORK) => outer::main(false),
        Some(INNER) => inner::main(),
        _ => {
            eprintln!("this is the sandbox of the build's actions; it is not for use by hand");
            2
        }
    };
    std::process::exit(code)
}
