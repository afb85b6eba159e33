//! What the action cache holds for one key: the outputs, and a checksum over them and the key.
//!
//! The key is part of the checksum, so that an entry that got into another one's place is a miss.

use prost::Message;

use crate::directory::DigestMessage;
use crate::{Digest, Hasher};

/// Raised when an entry's meaning changes; an entry of another version is a miss.
const VERSION: u32 = 2;

/// What stands at an output's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// A regular file.
    File {
        /// Digest of its bytes.
        digest: Digest,
        /// Whether it has the executable bit.
        executable: bool,
    },
    /// A directory.
    Directory {
        /// Digest of its root's `Directory` message.
        digest: Digest,
    },
}

impl Content {
    /// The digest, of the file's bytes or the directory's message.
    pub fn digest(&self) -> Digest {
        match self {
            Content::File { digest, .. } | Content::Directory { digest } => *digest,
        }
    }
}

/// One output of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryOutput {
    /// Path below the project root.
    pub path: String,
    /// What was made.
    pub content: Content,
}

/// The outputs of an action, in the order of their declaration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The outputs.
    pub outputs: Vec<EntryOutput>,
}

#[derive(Clone, PartialEq, Eq, Message)]
struct EntryMessage {
    #[prost(uint32, tag = "1")]
    version: u32,
    #[prost(message, repeated, tag = "2")]
    outputs: Vec<OutputMessage>,
}

#[derive(Clone, PartialEq, Eq, Message)]
struct OutputMessage {
    #[prost(string, tag = "1")]
    path: String,
    #[prost(message, optional, tag = "2")]
    digest: Option<DigestMessage>,
    #[prost(bool, tag = "3")]
    executable: bool,
    #[prost(bool, tag = "4")]
    directory: bool,
}

impl Entry {
    /// The file's bytes: the checksum of key and message, then the message.
    pub(crate) fn encode(&self, key: Digest) -> Vec<u8> {
        let message = EntryMessage {
            version: VERSION,
            outputs: self.outputs.iter().map(output_message).collect(),
        };
        let body = message.encode_to_vec();
        let mut bytes = checksum(key, &body).to_vec();
        bytes.extend(body);
        bytes
    }

    /// `None` if the file is damaged, of another version, or another key's.
    pub(crate) fn decode(key: Digest, bytes: &[u8]) -> Option<Entry> {
        let (found, body) = bytes.split_at_checked(32)?;
        if checksum(key, body) != found {
            return None;
        }
        let message = EntryMessage::decode(body).ok()?;
        if message.version != VERSION {
            return None;
        }
        let outputs = message.outputs.iter().map(read_output);
        Some(Entry {
            outputs: outputs.collect::<Option<_>>()?,
        })
    }
}

fn checksum(key: Digest, body: &[u8]) -> [u8; 32] {
    let mut hasher = Hasher::default();
    hasher.update(&key.hash);
    hasher.update(body);
    hasher.finish().hash
}

fn output_message(output: &EntryOutput) -> OutputMessage {
    OutputMessage {
        path: output.path.clone(),
        digest: Some(output.content.digest().into()),
        executable: matches!(
            output.content,
            Content::File {
                executable: true,
                ..
            }
        ),
        directory: matches!(output.content, Content::Directory { .. }),
    }
}

fn read_output(message: &OutputMessage) -> Option<EntryOutput> {
    let digest = message.digest.as_ref()?.read()?;
    let content = if message.directory {
        Content::Directory { digest }
    } else {
        Content::File {
            digest,
            executable: message.executable,
        }
    };
    Some(EntryOutput {
        path: message.path.clone(),
        content,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        let output = |path: &str, content| EntryOutput {
            path: path.to_owned(),
            content,
        };
        Entry {
            outputs: vec![
                output(
                    "buck-out/a",
                    Content::File {
                        digest: Digest::of(b"a"),
                        executable: true,
                    },
                ),
                output(
                    "buck-out/d",
                    Content::Directory {
                        digest: Digest::of(b""),
                    },
                ),
            ],
        }
    }

    #[test]
    fn an_entry_reads_back_under_its_own_key_alone() {
        let key = Digest::of(b"key");
        let bytes = entry().encode(key);
        assert_eq!(Entry::decode(key, &bytes), Some(entry()));
        assert_eq!(Entry::decode(Digest::of(b"other"), &bytes), None);
    }

    #[test]
    fn every_damaged_byte_is_noticed() {
        let key = Digest::of(b"key");
        let bytes = entry().encode(key);
        for index in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[index] ^= 1;
            assert_eq!(Entry::decode(key, &damaged), None, "byte {index}");
            assert_eq!(Entry::decode(key, &bytes[..index]), None, "cut at {index}");
        }
    }
}
