//! The process that makes the namespaces, and the process that is the first in them.

use std::fs;
use std::process::{Command, Stdio};

use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::unistd::{getegid, geteuid, sethostname, setsid};
use rustix::thread as capabilities;

use super::{INNER, SANDBOX_ARGUMENT, Status, loopback, supervise};

/// Makes the namespaces, starts inner in them, and ends with it.
pub(super) fn main(own_network: bool) -> i32 {
    match enter(own_network) {
        Ok(code) => code,
        Err(message) => {
            supervise::tell(&Status::Setup(message));
            1
        }
    }
}

fn enter(own_network: bool) -> Result<i32, String> {
    // A terminal's Ctrl-C is for the executor, which then ends this process.
    let _ = setsid();
    namespaces(own_network)?;
    set_pdeathsig(Signal::SIGKILL).map_err(|error| format!("prctl: {error}"))?;
    if own_network {
        loopback::raise().map_err(|error| format!("raising the loopback: {error}"))?;
    }
    sethostname("localhost").map_err(|error| format!("sethostname: {error}"))?;
    if !geteuid().is_root() {
        keep_capabilities().map_err(|error| format!("ambient capabilities: {error}"))?;
    }
    let status = Command::new("/proc/self/exe")
        .args([SANDBOX_ARGUMENT, INNER])
        .stdin(Stdio::inherit())
        .status()
        .map_err(|error| format!("starting process 1: {error}"))?;
    Ok(status.code().unwrap_or(1))
}

/// The user and group that every action runs as, whoever builds. Not root: root without capabilities
/// could not make a user namespace of its own, which our own tests and some build tools do.
const BUILDER: u32 = 1000;

/// The user namespace maps this user to [`BUILDER`], so that files keep their owner outside.
fn namespaces(own_network: bool) -> Result<(), String> {
    let (user, group) = (geteuid(), getegid());
    let mut flags = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    if own_network {
        flags |= CloneFlags::CLONE_NEWNET;
    }
    if let Err(error) = unshare(flags | CloneFlags::CLONE_NEWUSER) {
        // Root in a container may be refused a user namespace and need none.
        let alone = user.is_root() && unshare(flags).is_ok();
        return if alone {
            Ok(())
        } else {
            Err(format!("making namespaces: {error}"))
        };
    }
    let write = |file: &str, text: String| {
        fs::write(file, text).map_err(|error| format!("writing {file}: {error}"))
    };
    write("/proc/self/setgroups", "deny".to_owned())?;
    write("/proc/self/uid_map", format!("{BUILDER} {user} 1"))?;
    write("/proc/self/gid_map", format!("{BUILDER} {group} 1"))
}

/// Lets process 1 keep the namespace's capabilities although its user is not root.
fn keep_capabilities() -> rustix::io::Result<()> {
    let mut sets = capabilities::capabilities(None)?;
    sets.inheritable = sets.permitted;
    capabilities::set_capabilities(None, sets)?;
    for capability in sets.permitted.iter() {
        capabilities::configure_capability_in_ambient_set(capability, true)?;
    }
    Ok(())
}
