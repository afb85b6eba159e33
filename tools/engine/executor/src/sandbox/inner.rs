//! The process that lays out what the action sees and then looks after the action.

use nix::libc::{AF_INET, AF_INET6, AF_NETLINK, AF_UNIX};
use nix::sys::prctl::{set_child_subreaper, set_dumpable, set_no_new_privs, set_pdeathsig};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use nix::sys::stat::{Mode, umask};
use nix::unistd::setsid;
use rustix::thread::{self as capabilities, CapabilitySet, CapabilitySets};

use super::{Network, PROJECT, Spec, Status, mounts, restrict, supervise};
use crate::FileIsolation;

/// Reads the spec from the socket, sets everything up, runs the action, tells how it went.
pub(super) fn main() -> i32 {
    let spec = match Spec::read(&mut std::io::stdin().lock()) {
        Ok(spec) => spec,
        // The executor is gone.
        Err(_) => return 1,
    };
    let status = match set_up(&spec) {
        Ok(()) => supervise::run(&spec),
        Err(message) => Status::Setup(message),
    };
    supervise::tell(&status);
    0
}

fn set_up(spec: &Spec) -> Result<(), String> {
    let isolated = spec.files == FileIsolation::MountNamespace;
    if isolated {
        // When the outer process is killed, so is this one, and with it the whole namespace.
        set_pdeathsig(Signal::SIGKILL).map_err(|error| format!("prctl: {error}"))?;
    } else {
        let _ = setsid();
        set_child_subreaper(true).map_err(|error| format!("prctl: {error}"))?;
    }
    supervise::end_with_executor(isolated);
    umask(Mode::from_bits_truncate(0o022));
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    if isolated {
        mounts::lay_out(spec)?;
        std::env::set_current_dir(PROJECT).map_err(|error| format!("{PROJECT}: {error}"))?;
    } else {
        let project = &spec.disk;
        let entered = std::env::set_current_dir(project);
        entered.map_err(|error| format!("{}: {error}", project.display()))?;
    }
    drop_capabilities().map_err(|error| format!("dropping capabilities: {error}"))?;
    set_no_new_privs().map_err(|error| format!("prctl: {error}"))?;
    if spec.files == FileIsolation::Landlock {
        restrict::files(spec)?;
    }
    match spec.network {
        Network::Host => {}
        // A namespace does not hold every family: sockets to the hypervisor know none.
        Network::Loopback => restrict::sockets(&[AF_UNIX, AF_NETLINK, AF_INET, AF_INET6])?,
        Network::NoSockets => restrict::sockets(&[AF_UNIX, AF_NETLINK])?,
    }
    if isolated {
        // The action runs as the same user and could otherwise look into this process.
        set_dumpable(false).map_err(|error| format!("prctl: {error}"))?;
    }
    Ok(())
}

/// The action gets no capability, so that it is the same for root as for any user.
fn drop_capabilities() -> rustix::io::Result<()> {
    capabilities::clear_ambient_capability_set()?;
    // A plain user may not narrow what programs may get, and has no need to: none gets anything.
    let has = capabilities::capabilities(None)?.effective;
    if has.contains(CapabilitySet::SETPCAP) {
        for capability in CapabilitySet::all().iter() {
            // The kernel may not know the newest ones.
            if capabilities::capability_is_in_bounding_set(capability).unwrap_or(false) {
                capabilities::remove_capability_from_bounding_set(capability)?;
            }
        }
    }
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    capabilities::set_capabilities(None, none)
}
