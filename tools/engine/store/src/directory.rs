//! Directories as the Remote Execution API encodes them.
//!
//! The messages are `build.bazel.remote.execution.v2.Directory` and its nodes; in the canonical form
//! each list is sorted by name, and nothing else is set.

use std::collections::BTreeMap;

use prost::Message;

use crate::{Content, Digest};

/// `build.bazel.remote.execution.v2.Digest`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct DigestMessage {
    #[prost(string, tag = "1")]
    hash: String,
    #[prost(int64, tag = "2")]
    size_bytes: i64,
}

impl DigestMessage {
    pub(crate) fn read(&self) -> Option<Digest> {
        Digest::from_parts(&self.hash, u64::try_from(self.size_bytes).ok()?)
    }
}

impl From<Digest> for DigestMessage {
    fn from(digest: Digest) -> DigestMessage {
        DigestMessage {
            hash: digest.hex(),
            size_bytes: i64::try_from(digest.size).unwrap_or(i64::MAX),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Message)]
struct FileMessage {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    digest: Option<DigestMessage>,
    #[prost(bool, tag = "4")]
    is_executable: bool,
}

#[derive(Clone, PartialEq, Eq, Message)]
struct DirectoryNodeMessage {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    digest: Option<DigestMessage>,
}

#[derive(Clone, PartialEq, Eq, Message)]
struct SymlinkMessage {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    target: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
struct DirectoryMessage {
    #[prost(message, repeated, tag = "1")]
    files: Vec<FileMessage>,
    #[prost(message, repeated, tag = "2")]
    directories: Vec<DirectoryNodeMessage>,
    #[prost(message, repeated, tag = "3")]
    symlinks: Vec<SymlinkMessage>,
}

/// A file of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileNode {
    /// Name in its directory.
    pub name: String,
    /// Digest of its bytes.
    pub digest: Digest,
    /// Whether it has the executable bit.
    pub executable: bool,
}

/// A directory of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryNode {
    /// Name in its directory.
    pub name: String,
    /// Digest of its [`Directory`].
    pub digest: Digest,
}

/// A symbolic link of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymlinkNode {
    /// Name in its directory.
    pub name: String,
    /// What it points to.
    pub target: String,
}

/// One level of a tree; each list is sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// The files.
    pub files: Vec<FileNode>,
    /// The directories.
    pub directories: Vec<DirectoryNode>,
    /// The symbolic links.
    pub symlinks: Vec<SymlinkNode>,
}

impl Directory {
    /// The canonical encoding, whose digest is the directory's.
    pub fn encode(&self) -> Vec<u8> {
        let mut message = DirectoryMessage {
            files: self.files.iter().map(file_message).collect(),
            directories: self.directories.iter().map(directory_message).collect(),
            symlinks: self.symlinks.iter().map(symlink_message).collect(),
        };
        message.files.sort_by(|a, b| a.name.cmp(&b.name));
        message.directories.sort_by(|a, b| a.name.cmp(&b.name));
        message.symlinks.sort_by(|a, b| a.name.cmp(&b.name));
        message.encode_to_vec()
    }

    /// Reads an encoded directory; `None` if the bytes are none, or name what no folder can hold.
    pub fn decode(bytes: &[u8]) -> Option<Directory> {
        let message = DirectoryMessage::decode(bytes).ok()?;
        let directory = Directory {
            files: message
                .files
                .into_iter()
                .map(|file| {
                    Some(FileNode {
                        digest: file.digest?.read()?,
                        name: file.name,
                        executable: file.is_executable,
                    })
                })
                .collect::<Option<_>>()?,
            directories: message
                .directories
                .into_iter()
                .map(|node| {
                    Some(DirectoryNode {
                        digest: node.digest?.read()?,
                        name: node.name,
                    })
                })
                .collect::<Option<_>>()?,
            symlinks: message
                .symlinks
                .into_iter()
                .map(|link| SymlinkNode {
                    name: link.name,
                    target: link.target,
                })
                .collect(),
        };
        if !directory.names().all(is_name) {
            return None;
        }
        Some(directory)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let files = self.files.iter().map(|node| node.name.as_str());
        let directories = self.directories.iter().map(|node| node.name.as_str());
        let symlinks = self.symlinks.iter().map(|node| node.name.as_str());
        files.chain(directories).chain(symlinks)
    }

    /// The digest of the canonical encoding.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.encode())
    }
}

fn is_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\0'])
}

fn file_message(node: &FileNode) -> FileMessage {
    FileMessage {
        name: node.name.clone(),
        digest: Some(node.digest.into()),
        is_executable: node.executable,
    }
}

fn directory_message(node: &DirectoryNode) -> DirectoryNodeMessage {
    DirectoryNodeMessage {
        name: node.name.clone(),
        digest: Some(node.digest.into()),
    }
}

fn symlink_message(node: &SymlinkNode) -> SymlinkMessage {
    SymlinkMessage {
        name: node.name.clone(),
        target: node.target.clone(),
    }
}

/// Something at a path of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeItem {
    /// A folder; only listed where it is not implied by what it holds or where it was listed so.
    Directory,
    /// A regular file.
    File {
        /// Digest of its bytes.
        digest: Digest,
        /// Whether it has the executable bit.
        executable: bool,
    },
    /// A symbolic link and its target.
    Symlink(String),
}

/// A whole tree by path, from which its [`Directory`] messages are made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    entries: BTreeMap<String, Node>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Directory(Tree),
    /// A directory known by its digest alone.
    Known(Digest),
    File {
        digest: Digest,
        executable: bool,
    },
    Symlink(String),
}

/// Why a path cannot be added to a tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The path is absolute, or has an empty part, `.` or `..`.
    #[error("`{0}` is no path inside a directory: parts may not be empty, `.` or `..`")]
    Path(String),
    /// Two things at one path, or something below a file.
    #[error("`{0}` clashes with another entry of the directory")]
    Clash(String),
}

impl Tree {
    /// Adds `item` at `path`, which has `/` between its parts.
    pub fn insert(&mut self, path: &str, item: TreeItem) -> Result<(), TreeError> {
        let node = match item {
            TreeItem::Directory => Node::Directory(Tree::default()),
            TreeItem::File { digest, executable } => Node::File { digest, executable },
            TreeItem::Symlink(target) => Node::Symlink(target),
        };
        self.insert_node(path, path, node)
    }

    /// Adds a file, or a directory that the store already has.
    pub fn insert_content(&mut self, path: &str, content: Content) -> Result<(), TreeError> {
        let node = match content {
            Content::File { digest, executable } => Node::File { digest, executable },
            Content::Directory { digest } => Node::Known(digest),
        };
        self.insert_node(path, path, node)
    }

    fn insert_node(&mut self, whole: &str, path: &str, node: Node) -> Result<(), TreeError> {
        let (name, rest) = match path.split_once('/') {
            Some((name, rest)) => (name, Some(rest)),
            None => (path, None),
        };
        if !is_name(name) {
            return Err(TreeError::Path(whole.to_owned()));
        }
        let clash = || TreeError::Clash(whole.to_owned());
        match (rest, self.entries.get_mut(name)) {
            (None, None) => {
                self.entries.insert(name.to_owned(), node);
                Ok(())
            }
            (None, Some(Node::Directory(_))) if matches!(node, Node::Directory(_)) => Ok(()),
            (None, Some(_)) => Err(clash()),
            (Some(rest), Some(Node::Directory(tree))) => tree.insert_node(whole, rest, node),
            (Some(_), Some(_)) => Err(clash()),
            (Some(rest), None) => {
                let mut tree = Tree::default();
                tree.insert_node(whole, rest, node)?;
                self.entries.insert(name.to_owned(), Node::Directory(tree));
                Ok(())
            }
        }
    }

    /// Every level's message, deepest first, handed to `each` with its digest; gives the root's.
    pub fn encode(&self, each: &mut dyn FnMut(Digest, Vec<u8>)) -> Digest {
        let mut directory = Directory::default();
        for (name, node) in &self.entries {
            let name = name.clone();
            match node {
                Node::Directory(tree) => directory.directories.push(DirectoryNode {
                    name,
                    digest: tree.encode(each),
                }),
                Node::Known(digest) => directory.directories.push(DirectoryNode {
                    name,
                    digest: *digest,
                }),
                Node::File { digest, executable } => directory.files.push(FileNode {
                    name,
                    digest: *digest,
                    executable: *executable,
                }),
                Node::Symlink(target) => directory.symlinks.push(SymlinkNode {
                    name,
                    target: target.clone(),
                }),
            }
        }
        let bytes = directory.encode();
        let digest = Digest::of(&bytes);
        each(digest, bytes);
        digest
    }

    /// The digest of the root's [`Directory`].
    pub fn digest(&self) -> Digest {
        self.encode(&mut |_, _| {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> TreeItem {
        TreeItem::File {
            digest: Digest::of(text.as_bytes()),
            executable: false,
        }
    }

    #[test]
    fn the_order_of_insertion_does_not_matter() {
        let paths = ["b/c", "a", "b/a/x", "b.txt", "é"];
        let tree = |paths: &mut dyn Iterator<Item = &&str>| {
            let mut tree = Tree::default();
            for path in paths {
                tree.insert(path, file(path)).unwrap();
            }
            tree.digest()
        };
        assert_eq!(tree(&mut paths.iter()), tree(&mut paths.iter().rev()));
    }

    #[test]
    fn clashes_and_bad_paths_are_refused() {
        let mut tree = Tree::default();
        tree.insert("a/b", file("1")).unwrap();
        tree.insert("a", TreeItem::Directory).unwrap();
        for path in ["a", "a/b", "a/b/c"] {
            let clash = TreeError::Clash(path.to_owned());
            assert_eq!(tree.insert(path, file("2")), Err(clash));
        }
        for path in ["", "/a", "a//b", "../a", "a/.", "a/"] {
            assert!(
                matches!(tree.insert(path, file("2")), Err(TreeError::Path(_))),
                "{path}"
            );
        }
    }

    #[test]
    fn a_directory_that_escapes_is_not_decoded() {
        let directory = Directory {
            files: vec![FileNode {
                name: "../x".to_owned(),
                digest: Digest::of(b""),
                executable: false,
            }],
            ..Directory::default()
        };
        assert_eq!(Directory::decode(&directory.encode()), None);
    }
}
