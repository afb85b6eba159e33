use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A resource with what is claimed of it, as a line of the output.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// Which one: the kind, the version, a number, and what it shows.
    pub id: String,
    /// The resource's.
    pub api_version: String,
    /// The resource's.
    pub kind: String,
    /// Whether the API server accepts it.
    pub valid: bool,
    /// What is broken, if it is not valid.
    pub breaks: Option<Breaks>,
    /// The resource.
    pub object: Value,
    /// What could not be judged, so that the claim is not certain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unjudged: Vec<String>,
}

/// The one constraint that a sample breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breaks {
    /// As the schema spells it.
    pub constraint: &'static str,
    /// Where, as the API server writes a field; empty for the resource itself.
    pub path: String,
    /// The rule, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// A resource to judge, as a line of the input: a sample, or one of one's own.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Question {
    /// Which one.
    pub id: String,
    /// The resource.
    pub object: Value,
    /// The one that it replaces; none if it is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// Whether it is sent to this endpoint, not to its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subresource: Option<Subresource>,
}

/// An endpoint beside the resource's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subresource {
    /// `status`.
    Status,
}

/// Something that a schema states and that no sample shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// `nullables.traps.example.org/v1`.
    pub kind: String,
    /// Where: the schema's place, `spec.items[].name`.
    pub place: String,
    /// What: a constraint or a kind of value.
    pub what: String,
    /// Why not.
    pub why: Why,
}

/// Why a sample is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// No valid resource was found that has the place.
    Unreachable,
    /// No resource was found that breaks this and nothing else.
    Unbroken,
    /// No valid resource was found that shows this.
    Unshown,
}

impl Why {
    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Unreachable => "no valid resource was found that has it",
            Self::Unbroken => "nothing was found that breaks it alone",
            Self::Unshown => "no valid resource was found that shows it",
        }
    }
}
