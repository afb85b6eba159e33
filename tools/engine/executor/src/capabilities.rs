//! What this machine can give a sandbox.

use std::fmt;

/// How an action is kept from files that it did not declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// What this machine gives; `program` is run with [`crate::SANDBOX_ARGUMENT`] to try it.
pub fn sandbox_capabilities() -> Capabilities {
    Capabilities {
        files: FileIsolation::None,
        network: NetworkIsolation::None,
    }
}
