//! Samples, and what a model says of one.

use crate::lines;
use diagnostics::Diagnostic;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

/// A resource, and whether the API server takes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sample {
    /// Unique in its file.
    pub id: String,
    /// `GROUP/VERSION` of its kind.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Whether the API server takes it.
    pub valid: bool,
    /// What it breaks, if it is not valid.
    pub breaks: Option<Fault>,
    /// The resource.
    pub object: Value,
}

/// The one constraint that a sample breaks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Fault {
    /// The keyword: `maxLength`, `x-kubernetes-validations`, `metadata`, ….
    pub constraint: String,
    /// The field: `spec.parts[0].size`.
    pub path: String,
}

impl Sample {
    /// `Kind of GROUP/VERSION`.
    pub fn title(&self) -> String {
        format!("{} of {}", self.kind, self.api_version)
    }

    /// Whether both are of one kind at one version.
    pub fn is_same_kind(&self, other: &Self) -> bool {
        self.kind == other.kind && self.api_version == other.api_version
    }

    /// Group and version apart.
    pub fn group_version(&self) -> (&str, &str) {
        self.api_version
            .rsplit_once('/')
            .unwrap_or(("", &self.api_version))
    }
}

/// What a model says of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    /// The sample.
    pub id: String,
    /// Whether it is taken.
    pub accepted: bool,
    /// Why not; or what is wrong with a sample that is taken, such as a round
    /// trip that changes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

pub(crate) fn read(path: &Path) -> Result<Vec<Sample>, Diagnostic> {
    lines::read(path)
}
