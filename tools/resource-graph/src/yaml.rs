//! YAML documents as nodes that know their place.
//!
//! Plain scalars mean what they mean to the API server's reader
//! (sigs.k8s.io/yaml): `yes`, `on` and `y` are booleans, `010` is 8, a date is
//! a string, a key is always a string, a repeated key is an error. JSON is read
//! as the subset of YAML that it is, except that `1.0` stays a float.

mod build;
mod parts;
mod scalar;

pub use parts::{Part, Parts};

use diagnostics::Position;
use serde_json::{Map, Number, Value};

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub content: Content,
    /// Where it begins.
    pub at: Position,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// `null`, `~`, or nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number; a float without fraction only in JSON.
    Number(Number),
    /// A string.
    String(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the file's order, keys unique.
    Map(Vec<Entry>),
}

/// An entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key; numbers and booleans as their text.
    pub key: String,
    /// Where the key begins.
    pub key_at: Position,
    /// The value.
    pub value: Node,
}

/// Why a text is no YAML that a resource file may hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// Where.
    pub at: Position,
    /// What and why.
    pub message: String,
}

/// Reads all documents of a text; empty ones are left out.
pub fn parse(text: &str) -> Result<Vec<Node>, YamlError> {
    let mut documents = Vec::new();
    for_each(text, |document| {
        documents.push(document);
        Ok::<_, YamlError>(())
    })?;
    Ok(documents)
}

/// Reads one document of a text after the other, so that only what is taken of
/// them is held; empty ones are left out.
pub fn for_each<E: From<YamlError>>(
    text: &str,
    take: impl FnMut(Node) -> Result<(), E>,
) -> Result<(), E> {
    build::for_each(text, take)
}

impl Node {
    /// The value without places.
    pub fn to_json(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(value) => Value::Bool(*value),
            Content::Number(value) => Value::Number(value.clone()),
            Content::String(value) => Value::String(value.clone()),
            Content::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Content::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.value.to_json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// The entries of a map; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// The value of a map's key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.content {
            Content::String(text) => Some(text),
            _ => None,
        }
    }

    /// What kind of value it is, for messages: `a map`, `a string`, …
    pub fn describe(&self) -> &'static str {
        match self.content {
            Content::Null => "null",
            Content::Bool(_) => "a boolean",
            Content::Number(_) => "a number",
            Content::String(_) => "a string",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }
}
