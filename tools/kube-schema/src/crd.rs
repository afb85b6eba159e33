use crate::{Schema, Spot};
use serde::Deserialize;

/// A kind that a CRD defines, or that Crossplane makes out of an XRD.
#[derive(Debug, Clone, PartialEq)]
pub struct Crd {
    /// API group, e.g. `helm.toolkit.fluxcd.io`.
    pub group: String,
    /// The kind and its plural.
    pub names: Names,
    /// Where its resources live.
    pub scope: Scope,
    /// Every version with its schema, as the definition orders them.
    pub versions: Vec<CrdVersion>,
    /// What defined it.
    pub origin: Origin,
    /// Where the definition begins.
    pub spot: Spot,
}

impl Crd {
    /// `PLURAL.GROUP`, the name that the API server asks of a CRD.
    pub fn name(&self) -> String {
        format!("{}.{}", self.names.plural, self.group)
    }
}

/// The names of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// `HelmRelease`.
    pub kind: String,
    /// `helmreleases`.
    pub plural: String,
}

/// Where the resources of a kind live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In a namespace.
    Namespaced,
    /// In the cluster.
    Cluster,
}

/// What a kind was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A CustomResourceDefinition.
    Crd,
    /// A CompositeResourceDefinition: its composite resource.
    Composite,
    /// A CompositeResourceDefinition: its claim.
    Claim,
}

/// One version of a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct CrdVersion {
    /// `v1beta1`.
    pub name: String,
    /// Whether the API server serves it.
    pub served: bool,
    /// Whether it is stored (of an XRD: referenceable).
    pub storage: bool,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// What a resource offers beside itself.
    pub subresources: Subresources,
    /// Schema of the whole resource.
    pub schema: Schema,
    /// Where the version begins.
    pub spot: Spot,
}

/// `subresources`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Subresources {
    /// How `kubectl scale` and autoscalers see the resource.
    pub scale: Option<Scale>,
}

/// `subresources.scale`: JSON paths, with a dot in front.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scale {
    /// The wanted number: `.spec.replicas`.
    pub spec_replicas_path: String,
    /// The number there is: `.status.replicas`.
    pub status_replicas_path: String,
    /// The selector of the Pods as text, which a HorizontalPodAutoscaler needs.
    pub label_selector_path: Option<String>,
}
