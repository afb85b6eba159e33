//! What the action cache holds for one key: the outputs, and a checksum over them.

use prost::Message;

use crate::Digest;
use crate::directory::DigestMessage;

/// Raised when an entry's meaning changes; an entry of another version is a miss.
const VERSION: u32 = 1;

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
    /// The file's bytes: the checksum of the message, then the message.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let message = EntryMessage {
            version: VERSION,
            outputs: self.outputs.iter().map(output_message).collect(),
        };
        let body = message.encode_to_vec();
        let mut bytes = Digest::of(&body).hash.to_vec();
        bytes.extend(body);
        bytes
    }

    /// `None` if the file is damaged or of another version.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Entry> {
        let (checksum, body) = bytes.split_at_checked(32)?;
        if Digest::of(body).hash != checksum {
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
    fn an_entry_reads_back() {
        assert_eq!(Entry::decode(&entry().encode()), Some(entry()));
    }

    #[test]
    fn every_damaged_byte_is_noticed() {
        let bytes = entry().encode();
        for index in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[index] ^= 1;
            assert_eq!(Entry::decode(&damaged), None, "byte {index}");
            assert_eq!(Entry::decode(&bytes[..index]), None, "cut at {index}");
        }
    }
}
