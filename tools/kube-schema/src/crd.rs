use crate::schema::{null_is_default, present};
use crate::{Schema, Spot};
use serde::Deserialize;

/// A kind that a CRD defines, or that Crossplane makes out of an XRD.
#[derive(Debug, Clone, PartialEq)]
pub struct Crd {
    /// API group, e.g. `helm.toolkit.fluxcd.io`.
    pub group: String,
    /// What the kind is called.
    pub names: Names,
    /// Where its resources live.
    pub scope: Scope,
    /// Every version with its schema, as the definition orders them.
    pub versions: Vec<CrdVersion>,
    /// How a resource gets from one version to another.
    pub conversion: Conversion,
    /// `preserveUnknownFields`: whether fields that no schema declares are kept
    /// everywhere. Kubernetes 1.15 and older did; v1 only lets it be turned off.
    pub preserve_unknown_fields: bool,
    /// The versions that resources are stored in, by `status.storedVersions`,
    /// sorted. Empty in a definition that no cluster has seen.
    pub stored_versions: Vec<String>,
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

/// What a kind is called. What a definition leaves out is as the API server
/// fills it in (apiextensions-apiserver v0.37, `v1/defaults.go`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// `HelmRelease`.
    pub kind: String,
    /// `helmreleases`.
    pub plural: String,
    /// `helmrelease`.
    pub singular: String,
    /// `HelmReleaseList`.
    pub list_kind: String,
    /// `hr`: what else kubectl calls it; sorted.
    pub short_names: Vec<String>,
    /// `all`, `composite`: the groups that `kubectl get CATEGORY` lists; sorted.
    pub categories: Vec<String>,
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

/// How a resource gets from the version it is stored in to the one asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Conversion {
    /// Only `apiVersion` changes; what the other version does not declare is dropped.
    #[default]
    None,
    /// A webhook translates.
    Webhook(Webhook),
}

/// The webhook that translates between versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Webhook {
    /// Where it is; none where an installer fills that in.
    pub client: Option<WebhookClient>,
    /// `caBundle` as written: PEM in base64.
    pub ca_bundle: Option<String>,
    /// The ConversionReview versions it reads, the preferred one first.
    pub review_versions: Vec<String>,
}

/// Where a webhook is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookClient {
    /// Behind a Service.
    Service {
        /// The Service's namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// The path of the URL.
        path: Option<String>,
        /// The port; 443 if the definition names none.
        port: i64,
    },
    /// At a URL.
    Url(String),
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
    /// What a client of a deprecated version is told, if not the usual words.
    pub deprecation_warning: Option<String>,
    /// What a resource offers beside itself.
    pub subresources: Subresources,
    /// What `kubectl get` shows, in this order; none means the age.
    pub printer_columns: Vec<PrinterColumn>,
    /// The JSON paths that a field selector may name; sorted.
    pub selectable_fields: Vec<String>,
    /// Schema of the whole resource.
    pub schema: Schema,
    /// Where the version begins.
    pub spot: Spot,
}

/// `subresources`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Subresources {
    /// Whether `status` is written through an endpoint of its own.
    #[serde(deserialize_with = "present")]
    pub status: bool,
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

/// A column of `kubectl get`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PrinterColumn {
    /// Its head.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub value_type: ColumnType,
    /// `date-time`, `int32`, …: how it is shown.
    pub format: Option<String>,
    /// Text for people.
    #[serde(default, deserialize_with = "null_is_default")]
    pub description: String,
    /// 0 is always shown, more only with `-o wide`.
    #[serde(default, deserialize_with = "null_is_default")]
    pub priority: i64,
    /// Where the value is: `.status.conditions[?(@.type=="Ready")].status`.
    pub json_path: String,
}

/// The type of a printer column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum ColumnType {
    Boolean,
    Date,
    Integer,
    Number,
    String,
}
