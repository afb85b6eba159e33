//! The messages of `apiextensions.fn.proto.v1` (crossplane core 2.4.0,
//! `proto/fn/v1/run_function.proto`), whose field numbers these are.

use std::collections::BTreeMap;

use prost::{Enumeration, Message, Oneof};
use prost_types::{Duration, Struct};

#[derive(Clone, PartialEq, Message)]
pub(super) struct RunFunctionRequest {
    #[prost(message, optional, tag = "1")]
    pub meta: Option<RequestMeta>,
    #[prost(message, optional, tag = "2")]
    pub observed: Option<State>,
    #[prost(message, optional, tag = "3")]
    pub desired: Option<State>,
    #[prost(message, optional, tag = "4")]
    pub input: Option<Struct>,
    #[prost(message, optional, tag = "5")]
    pub context: Option<Struct>,
    #[prost(btree_map = "string, message", tag = "6")]
    pub extra_resources: BTreeMap<String, Resources>,
    #[prost(btree_map = "string, message", tag = "7")]
    pub credentials: BTreeMap<String, Credentials>,
    #[prost(btree_map = "string, message", tag = "8")]
    pub required_resources: BTreeMap<String, Resources>,
    #[prost(btree_map = "string, message", tag = "9")]
    pub required_schemas: BTreeMap<String, Schema>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct RequestMeta {
    #[prost(string, tag = "1")]
    pub tag: String,
    #[prost(enumeration = "Capability", repeated, tag = "2")]
    pub capabilities: Vec<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
pub(super) enum Capability {
    Unspecified = 0,
    Capabilities = 1,
    RequiredResources = 2,
    Credentials = 3,
    Conditions = 4,
    RequiredSchemas = 5,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Credentials {
    /// The only member of the oneof `source`.
    #[prost(message, optional, tag = "1")]
    pub credential_data: Option<CredentialData>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CredentialData {
    #[prost(btree_map = "string, bytes", tag = "1")]
    pub data: BTreeMap<String, Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Resources {
    #[prost(message, repeated, tag = "1")]
    pub items: Vec<Resource>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Schema {
    #[prost(message, optional, tag = "1")]
    pub openapi_v3: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct RunFunctionResponse {
    #[prost(message, optional, tag = "1")]
    pub meta: Option<ResponseMeta>,
    #[prost(message, optional, tag = "2")]
    pub desired: Option<State>,
    #[prost(message, repeated, tag = "3")]
    pub results: Vec<FunctionResult>,
    #[prost(message, optional, tag = "4")]
    pub context: Option<Struct>,
    #[prost(message, optional, tag = "5")]
    pub requirements: Option<Requirements>,
    #[prost(message, repeated, tag = "6")]
    pub conditions: Vec<Condition>,
    #[prost(message, optional, tag = "7")]
    pub output: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ResponseMeta {
    #[prost(string, tag = "1")]
    pub tag: String,
    #[prost(message, optional, tag = "2")]
    pub ttl: Option<Duration>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct State {
    #[prost(message, optional, tag = "1")]
    pub composite: Option<Resource>,
    #[prost(btree_map = "string, message", tag = "2")]
    pub resources: BTreeMap<String, Resource>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Resource {
    #[prost(message, optional, tag = "1")]
    pub resource: Option<Struct>,
    #[prost(btree_map = "string, bytes", tag = "2")]
    pub connection_details: BTreeMap<String, Vec<u8>>,
    #[prost(enumeration = "Ready", tag = "3")]
    pub ready: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
pub(super) enum Ready {
    Unspecified = 0,
    True = 1,
    False = 2,
}

/// `Result`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct FunctionResult {
    #[prost(enumeration = "Severity", tag = "1")]
    pub severity: i32,
    #[prost(string, tag = "2")]
    pub message: String,
    #[prost(string, optional, tag = "3")]
    pub reason: Option<String>,
    #[prost(enumeration = "Target", optional, tag = "4")]
    pub target: Option<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
pub(super) enum Severity {
    Unspecified = 0,
    Fatal = 1,
    Warning = 2,
    Normal = 3,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
pub(super) enum Target {
    Unspecified = 0,
    Composite = 1,
    CompositeAndClaim = 2,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Condition {
    #[prost(string, tag = "1")]
    pub r#type: String,
    #[prost(enumeration = "Status", tag = "2")]
    pub status: i32,
    #[prost(string, tag = "3")]
    pub reason: String,
    #[prost(string, optional, tag = "4")]
    pub message: Option<String>,
    #[prost(enumeration = "Target", optional, tag = "5")]
    pub target: Option<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
pub(super) enum Status {
    Unspecified = 0,
    Unknown = 1,
    True = 2,
    False = 3,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Requirements {
    #[prost(btree_map = "string, message", tag = "1")]
    pub extra_resources: BTreeMap<String, ResourceSelector>,
    #[prost(btree_map = "string, message", tag = "2")]
    pub resources: BTreeMap<String, ResourceSelector>,
    #[prost(btree_map = "string, message", tag = "3")]
    pub schemas: BTreeMap<String, SchemaSelector>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct SchemaSelector {
    #[prost(string, tag = "1")]
    pub api_version: String,
    #[prost(string, tag = "2")]
    pub kind: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ResourceSelector {
    #[prost(string, tag = "1")]
    pub api_version: String,
    #[prost(string, tag = "2")]
    pub kind: String,
    #[prost(oneof = "Match", tags = "3, 4")]
    pub r#match: Option<Match>,
    #[prost(string, optional, tag = "5")]
    pub namespace: Option<String>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Match {
    #[prost(string, tag = "3")]
    Name(String),
    #[prost(message, tag = "4")]
    Labels(MatchLabels),
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MatchLabels {
    #[prost(btree_map = "string, string", tag = "1")]
    pub labels: BTreeMap<String, String>,
}

/// `crossplane.render.v1alpha1.RenderRequest` with its member `composite`
/// (crossplane core 2.4.0, `proto/render/v1alpha1/render.proto`).
#[derive(Clone, PartialEq, Message)]
pub(super) struct RenderRequest {
    #[prost(message, optional, tag = "2")]
    pub composite: Option<CompositeInput>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CompositeInput {
    #[prost(message, optional, tag = "1")]
    pub composite_resource: Option<Struct>,
    #[prost(message, optional, tag = "2")]
    pub composition: Option<Struct>,
    #[prost(message, repeated, tag = "3")]
    pub functions: Vec<FunctionInput>,
    #[prost(message, repeated, tag = "4")]
    pub observed_resources: Vec<Struct>,
    #[prost(message, repeated, tag = "5")]
    pub required_resources: Vec<Struct>,
    #[prost(message, repeated, tag = "6")]
    pub credentials: Vec<Struct>,
    #[prost(message, repeated, tag = "7")]
    pub required_schemas: Vec<Struct>,
    #[prost(message, optional, tag = "8")]
    pub composite_resource_definition: Option<Struct>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct FunctionInput {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub address: String,
}

/// `RenderResponse` with its member `composite`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct RenderResponse {
    #[prost(message, optional, tag = "2")]
    pub composite: Option<CompositeOutput>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CompositeOutput {
    #[prost(message, optional, tag = "1")]
    pub composite_resource: Option<Struct>,
    #[prost(message, repeated, tag = "2")]
    pub composed_resources: Vec<Struct>,
    #[prost(message, repeated, tag = "3")]
    pub deleted_resources: Vec<Struct>,
    #[prost(message, repeated, tag = "4")]
    pub events: Vec<Event>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Event {
    #[prost(string, tag = "1")]
    pub r#type: String,
    #[prost(string, tag = "2")]
    pub reason: String,
    #[prost(string, tag = "3")]
    pub message: String,
}
