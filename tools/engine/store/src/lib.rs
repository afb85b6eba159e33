//! What the embedded engine remembers: blobs by their content, the outputs of actions by their key,
//! and the digests of files by their stat.
//!
//! - [`Store`] is the folder in the user's cache that clones and processes share. Blobs and
//!   directories have the digests of the Remote Execution API (SHA-256 and size; a directory is the
//!   canonical encoding of its `Directory` message).
//! - [`FileDigests`] belongs to one checkout and spares it from reading files that did not change.
//!
//! Nothing here knows what an action does or how it runs.

mod blobs;
mod digest;
mod directory;
mod entry;
mod evict;
mod files;
mod folder;

pub use blobs::{DEFAULT_LIMIT, Store, StoreError};
pub use digest::{Digest, DigestError, Hasher};
pub use directory::{Directory, DirectoryNode, FileNode, SymlinkNode, Tree, TreeError, TreeItem};
pub use entry::{Content, Entry, EntryOutput};
pub use evict::Evicted;
pub use files::{FileDigests, FileState};
pub use folder::{Lock, remove};
