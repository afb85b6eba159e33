//! The process that lays out what the action sees and then looks after the action.

use nix::sys::prctl::{set_child_subreaper, set_no_new_privs, set_pdeathsig};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use nix::sys::stat::{Mode, umask};
use nix::unistd::setsid;
use rustix::thread as capabilities;

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
        drop_capabilities().map_err(|error| format!("dropping capabilities: {error}"))?;
    } else {
        let project = &spec.disk;
        let entered = std::env::set_current_dir(project);
        entered.map_err(|error| format!("{}: {error}", project.display()))?;
    }
    set_no_new_privs().map_err(|error| format!("prctl: {error}"))?;
    if spec.files == FileIsolation::Landlock {
        restrict::files(spec)?;
    }
    if spec.network == Network::NoSockets {
        restrict::network()?;
    }
    Ok(())
}

/// The action gets no capability, so that it is the same for root as for any user.
fn drop_capabilities() -> rustix::io::Result<()> {
    capabilities::clear_ambient_capability_set()?;
    for capability in capabilities::CapabilitySet::all().iter() {
        // The kernel may not know the newest ones.
        if capabilities::capability_is_in_bounding_set(capability).unwrap_or(false) {
            capabilities::remove_capability_from_bounding_set(capability)?;
        }
    }
    let mut sets = capabilities::capabilities(None)?;
    sets.inheritable = capabilities::CapabilitySet::empty();
    capabilities::set_capabilities(None, sets)
}
