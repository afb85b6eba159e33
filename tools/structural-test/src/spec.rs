//! What a spec says, read and checked.
//!
//! ```yaml
//! apiVersion: test.hermetic.dev/v1alpha1
//! kind: StructuralTest
//! metadata: {name: gateway}
//! spec:
//!   resources: droplet             # a name, a list of names; left out: all
//!   cases:
//!   - name: the droplet takes the image's id
//!     resources: [droplet, dns]    # as above, for this case
//!     assert:
//!     - exports: true
//!     - present: {apiVersion: v1, kind: Secret, labels: {app: gateway}}
//!     - absent: {kind: Record}
//!     - absent: {kind: Droplet, field: spec.forProvider.sshKeys}
//!     - count: {kind: Droplet, is: 1}
//!     - match: {kind: Droplet, object: {spec: {forProvider: {image: "42"}}}}
//!     - noNulls: true
//!     - valid: {builtin: skip}
//! ```

mod assertion;
mod fields;
mod parse;

pub use parse::{Known, parse};

use diagnostics::Place;
use resource_graph::yaml::Node;
use resource_graph::{FieldPath, Selector};

/// A document of a spec file.
#[derive(Debug, PartialEq)]
pub struct Spec {
    /// `metadata.name`, which leads the names of its cases.
    pub name: String,
    /// Its cases, at least one.
    pub cases: Vec<Case>,
}

/// One thing that must hold, by one or more assertions.
#[derive(Debug, PartialEq)]
pub struct Case {
    /// Its name, unique within the spec.
    pub name: String,
    /// The names of the rendered inputs that it judges, at least one.
    pub resources: Vec<String>,
    /// At least one.
    pub assertions: Vec<Assertion>,
}

/// One assertion and where it stands.
#[derive(Debug, PartialEq)]
pub struct Assertion {
    /// Where it stands in the spec.
    pub place: Place,
    /// What must hold.
    pub expectation: Expectation,
}

/// What must hold of the resources given.
#[derive(Debug, PartialEq)]
pub enum Expectation {
    /// Each input has at least one resource.
    Exports,
    /// At least one such resource is there.
    Present(Selector),
    /// No such resource is there.
    Absent(Selector),
    /// Such resources are there, and none has the field.
    FieldAbsent(Selector, FieldPath),
    /// As many such resources are there.
    Count(Selector, Count),
    /// Such resources are there, and each has at least what the object says.
    Match(Selector, Node),
    /// Such resources are there, and none holds a null.
    NoNulls(Selector),
    /// Such resources are there, and each is valid against its CRD. A composed
    /// resource needs no name: Crossplane generates it. Of a composite resource
    /// without spec, which is what a step says of its status, the status is judged.
    Valid(Selector, Builtin),
}

/// How many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// At least.
    pub min: usize,
    /// At most.
    pub max: Option<usize>,
}

impl Count {
    /// Whether as many are right.
    pub fn fits(self, count: usize) -> bool {
        count >= self.min && self.max.is_none_or(|max| count <= max)
    }
}

/// `exactly 2`, `at least 1`, `at most 3`, `1 to 3`.
impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.min, self.max) {
            (min, Some(max)) if min == max => write!(f, "exactly {min}"),
            (min, None) => write!(f, "at least {min}"),
            (0, Some(max)) => write!(f, "at most {max}"),
            (min, Some(max)) => write!(f, "{min} to {max}"),
        }
    }
}

/// What becomes of resources of Kubernetes' own kinds, which no CRD defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builtin {
    /// They fail, as all kinds that no CRD given defines.
    Fail,
    /// They are reported as skipped.
    Skip,
}
