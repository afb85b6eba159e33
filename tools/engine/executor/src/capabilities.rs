//! What this machine can give a sandbox.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Cancel;
use crate::sandbox::{Network, SCRATCH, Spec, Status};
use crate::spawn::{self, Ended};

/// How an action is kept from files that it did not declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FileIsolation {
    /// It is not.
    None,
    /// By Landlock: other files are there and cannot be opened.
    Landlock,
    /// By a mount namespace: other files are not there.
    MountNamespace,
}

/// How an action is kept from the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NetworkIsolation {
    /// It is not.
    None,
    /// By a seccomp filter: it can make no internet sockets, so there is no loopback either.
    Seccomp,
    /// By a network namespace with a loopback of its own.
    Namespace,
}

/// What a sandbox keeps an action from, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Files.
    pub files: FileIsolation,
    /// Network.
    pub network: NetworkIsolation,
}

impl Capabilities {
    /// The full sandbox, whose results the shared cache takes.
    pub const STRONG: Capabilities = Capabilities {
        files: FileIsolation::MountNamespace,
        network: NetworkIsolation::Namespace,
    };

    /// Whether results may go into the shared cache.
    pub fn is_strong(&self) -> bool {
        *self == Capabilities::STRONG
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = match self.files {
            FileIsolation::MountNamespace => "mount namespace",
            FileIsolation::Landlock => "Landlock",
            FileIsolation::None => "none",
        };
        let network = match self.network {
            NetworkIsolation::Namespace => "namespace with loopback",
            NetworkIsolation::Seccomp => "seccomp without internet sockets",
            NetworkIsolation::None => "none",
        };
        write!(f, "files: {files}; network: {network}")
    }
}

/// What this machine gives, tried by running this program again: it has to call
/// [`crate::enter_sandbox_if_asked`] first of all.
pub fn sandbox_capabilities() -> Capabilities {
    detect(&spawn::program(None))
}

/// The strongest sandbox that can really be made.
pub(crate) fn detect(program: &Path) -> Capabilities {
    let files = [
        FileIsolation::MountNamespace,
        FileIsolation::Landlock,
        FileIsolation::None,
    ];
    let candidates = files.into_iter().flat_map(|files| {
        let namespace =
            (files == FileIsolation::MountNamespace).then_some(NetworkIsolation::Namespace);
        let weaker = [NetworkIsolation::Seccomp, NetworkIsolation::None];
        let networks = namespace.into_iter().chain(weaker);
        networks.map(move |network| Capabilities { files, network })
    });
    let mut candidates = candidates.filter(|candidate| works(program, *candidate));
    candidates.next().unwrap_or(Capabilities {
        files: FileIsolation::None,
        network: NetworkIsolation::None,
    })
}

fn works(program: &Path, candidate: Capabilities) -> bool {
    let Some(work) = probe_folder() else {
        return false;
    };
    let spec = Spec {
        files: candidate.files,
        network: match candidate.network {
            NetworkIsolation::Namespace => Network::Loopback,
            NetworkIsolation::Seccomp => Network::NoSockets,
            NetworkIsolation::None => Network::Host,
        },
        disk: work.join("disk"),
        mount_point: work.join("root"),
        writable: SCRATCH.to_owned(),
        writable_folders: vec![SCRATCH.to_owned()],
        scratch: SCRATCH.to_owned(),
        staged: Vec::new(),
        read: Vec::new(),
        write: Vec::new(),
        argv: Vec::new(),
        env: Vec::new(),
    };
    let made = std::fs::create_dir_all(work.join("disk").join(SCRATCH))
        .and_then(|()| std::fs::create_dir_all(work.join("root")));
    let limit = Some(Duration::from_secs(10));
    let ended = made.and_then(|()| spawn::run(program, &spec, limit, &Cancel::default()));
    let works = matches!(&ended, Ok(ran) if ran.ended == Ended::Status(Status::Exit(0)));
    // Its end is waited for before the folder it has mounted goes.
    drop(ended);
    let _ = store::remove(&work);
    works
}

/// A folder of this probe's own.
fn probe_folder() -> Option<PathBuf> {
    (0..1000).find_map(|number| {
        let name = format!("sandbox-probe-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).is_ok().then_some(folder)
    })
}
