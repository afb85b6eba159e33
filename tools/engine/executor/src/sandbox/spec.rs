//! What the executor and the sandbox tell each other.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::FileIsolation;
use crate::inputs::Staged;

/// Where an action finds the project root, whatever the checkout's path.
pub(crate) const PROJECT: &str = "/build";

/// The name of an action's scratch folder, in the folder that its outputs share.
pub(crate) const SCRATCH: &str = ".scratch";

/// Which network an action has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Network {
    /// The host's.
    Host,
    /// Its own loopback; the outer process has made it.
    Loopback,
    /// None, by a seccomp filter.
    NoSockets,
}

/// What to run, and what it may see.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Spec {
    pub(crate) files: FileIsolation,
    pub(crate) network: Network,
    /// The action's folder on disk. In a mount namespace it becomes `writable`, without one it is
    /// the project root.
    pub(crate) disk: PathBuf,
    /// An empty folder to mount the new root on.
    pub(crate) mount_point: PathBuf,
    /// The folder below the project root that holds everything writable.
    pub(crate) writable: String,
    /// The folders that the action may write in, all in `writable`.
    pub(crate) writable_folders: Vec<String>,
    /// The scratch folder, one of them.
    pub(crate) scratch: String,
    /// The inputs. Without a mount namespace they are already on disk.
    pub(crate) staged: Vec<Staged>,
    /// What of the host it may read, at the same path.
    pub(crate) read: Vec<PathBuf>,
    /// What of the host it may write, at the same path.
    pub(crate) write: Vec<PathBuf>,
    /// The command; none to try the sandbox alone.
    pub(crate) argv: Vec<String>,
    /// The whole environment but the scratch folder.
    pub(crate) env: Vec<(String, String)>,
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Exit(i32),
    Signal(i32),
    /// The program cannot be run.
    Program(String),
    /// The sandbox could not be made.
    Setup(String),
}

impl Spec {
    /// Where a path below the project root is on disk, if it is one that the action may write.
    pub(crate) fn on_disk(&self, path: &str) -> PathBuf {
        let path = match self.files {
            FileIsolation::MountNamespace => {
                let inner = path.strip_prefix(&self.writable).unwrap_or(path);
                inner.trim_start_matches('/')
            }
            _ => path,
        };
        self.disk.join(path)
    }

    /// Writes the length, then the text.
    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let text = serde_json::to_vec(self)?;
        to.write_all(&(text.len() as u64).to_le_bytes())?;
        to.write_all(&text)
    }

    pub(crate) fn read(from: &mut impl Read) -> io::Result<Spec> {
        let mut length = [0; 8];
        from.read_exact(&mut length)?;
        let mut text = Vec::new();
        from.take(u64::from_le_bytes(length))
            .read_to_end(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }
}
