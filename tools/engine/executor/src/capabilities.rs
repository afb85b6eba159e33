//! What this machine can give a sandbox.

use std::fmt;
use std::io;
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
/// [`crate::enter_sandbox_if_asked`] first of all. An error says that it could not be tried.
pub fn sandbox_capabilities() -> io::Result<Capabilities> {
    detect(&spawn::program(None))
}

/// The strongest sandbox that can really be made.
pub(crate) fn detect(program: &Path) -> io::Result<Capabilities> {
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
    for candidate in candidates {
        if works(program, candidate)? {
            return Ok(candidate);
        }
    }
    Ok(Capabilities {
        files: FileIsolation::None,
        network: NetworkIsolation::None,
    })
}

/// An error if the disk does not let it be tried, which says nothing of the sandbox.
fn works(program: &Path, candidate: Capabilities) -> io::Result<bool> {
    let work = probe_folder()?;
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
    let ended = made.map(|()| spawn::run(program, &spec, limit, &Cancel::default()));
    let works =
        ended.map(|ran| matches!(&ran, Ok(ran) if ran.ended == Ended::Status(Status::Exit(0))));
    let _ = store::remove(&work);
    works
}

/// A folder of this probe's own.
fn probe_folder() -> io::Result<PathBuf> {
    let parent = std::env::temp_dir();
    for number in 0.. {
        let folder = parent.join(format!("sandbox-probe-{}-{number}", std::process::id()));
        match std::fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                let message = format!("{}: {error}", parent.display());
                return Err(io::Error::new(error.kind(), message));
            }
            Ok(()) => return Ok(folder),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
