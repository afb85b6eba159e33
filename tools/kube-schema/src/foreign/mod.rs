//! Schemas that are no CRDs: OpenAPI documents and JSON Schemas, read into the
//! same form. Where their meaning differs it is translated, never guessed: what
//! the form cannot hold makes it accept more, not less.
//!
//! - [`read_openapi`]: OpenAPI 2 and 3, as the API server publishes them
//! - [`read_json_schemas`]: JSON Schema, any draft
//! - [`Definitions`]: types by name, which refer to one another by name

mod convert;
mod document;

pub use document::{read_definitions, read_json_schemas, read_openapi};

use crate::Schema;
use std::collections::BTreeMap;

/// Types by their full names: `io.k8s.api.core.v1.PodSpec`. A schema whose
/// [`Schema::reference`] is set stands for the type of that name, which is here.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Definitions {
    /// The types.
    pub types: BTreeMap<String, Definition>,
}

/// A type with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// What it holds.
    pub schema: Schema,
    /// The kinds that are stored so; none for a type that is only a part of others.
    pub kinds: Vec<GroupVersionKind>,
}

/// A kind of an API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupVersionKind {
    /// Empty for the core group.
    pub group: String,
    /// `v1`.
    pub version: String,
    /// `Pod`.
    pub kind: String,
}

impl GroupVersionKind {
    /// `apps/v1`, or `v1` in the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}
