//! The messages of `apiextensions.fn.proto.v1` (crossplane core 2.4.0,
//! `proto/fn/v1/run_function.proto`), whose field numbers these are; serde
//! writes them as protobuf's JSON, and reads requests.

use std::collections::BTreeMap;

use prost::{Enumeration, Message, Oneof};
use prost_types::{Duration, Struct};
use serde::{Deserialize, Serialize};

use super::json;

#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct RunFunctionRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[prost(message, optional, tag = "1")]
    pub meta: Option<RequestMeta>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[prost(message, optional, tag = "2")]
    pub observed: Option<State>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[prost(message, optional, tag = "3")]
    pub desired: Option<State>,
    #[serde(with = "json::object", skip_serializing_if = "Option::is_none")]
    #[prost(message, optional, tag = "4")]
    pub input: Option<Struct>,
    #[serde(with = "json::object", skip_serializing_if = "Option::is_none")]
    #[prost(message, optional, tag = "5")]
    pub context: Option<Struct>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[prost(btree_map = "string, message", tag = "6")]
    pub extra_resources: BTreeMap<String, Resources>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[prost(btree_map = "string, message", tag = "7")]
    pub credentials: BTreeMap<String, Credentials>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[prost(btree_map = "string, message", tag = "8")]
    pub required_resources: BTreeMap<String, Resources>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[prost(btree_map = "string, message", tag = "9")]
    pub required_schemas: BTreeMap<String, Schema>,
}

#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct RequestMeta {
    #[serde(skip_serializing_if = "String::is_empty")]
    #[prost(string, tag = "1")]
    pub tag: String,
    #[serde(
        serialize_with = "json::write_names::<Capability, _>",
        deserialize_with = "json::read_names::<Capability, _>",
        skip_serializing_if = "Vec::is_empty"
    )]
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

#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Credentials {
    /// The only member of the oneof `source`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[prost(message, optional, tag = "1")]
    pub credential_data: Option<CredentialData>,
}

#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct CredentialData {
    #[serde(with = "json::bytes", skip_serializing_if = "BTreeMap::is_empty")]
    #[prost(btree_map = "string, bytes", tag = "1")]
    pub data: BTreeMap<String, Vec<u8>>,
}

#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Resources {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[prost(message, repeated, tag = "1")]
    pub items: Vec<Resource>,
}

#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Schema {
    #[serde(
        rename = "openapiV3",
        with = "json::object",
        skip_serializing_if = "Option::is_none"
    )]
    #[prost(message, optional, tag = "1")]
    pub openapi_v3: Option<Struct>,
}

#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunFunctionResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[prost(message, optional, tag = "1")]
    pub meta: Option<ResponseMeta>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[prost(message, optional, tag = "2")]
    pub desired: Option<State>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[prost(message, repeated, tag = "3")]
    pub results: Vec<FunctionResult>,
    #[serde(
        serialize_with = "json::object::serialize",
        skip_serializing_if = "Option::is_none"
    )]
    #[prost(message, optional, tag = "4")]
    pub context: Option<Struct>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[prost(message, optional, tag = "5")]
    pub requirements: Option<Requirements>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[prost(message, repeated, tag = "6")]
    pub conditions: Vec<Condition>,
    #[serde(
        serialize_with = "json::object::serialize",
        skip_serializing_if = "Option::is_none"
    )]
    #[prost(message, optional, tag = "7")]
    pub output: Option<Struct>,
}

#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResponseMeta {
    #[serde(skip_serializing_if = "String::is_empty")]
    #[prost(string, tag = "1")]
    pub tag: String,
    #[serde(
        serialize_with = "json::write_seconds",
        skip_serializing_if = "Option::is_none"
    )]
    #[prost(message, optional, tag = "2")]
    pub ttl: Option<Duration>,
}

#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct State {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[prost(message, optional, tag = "1")]
    pub composite: Option<Resource>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[prost(btree_map = "string, message", tag = "2")]
    pub resources: BTreeMap<String, Resource>,
}

#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Resource {
    #[serde(with = "json::object", skip_serializing_if = "Option::is_none")]
    #[prost(message, optional, tag = "1")]
    pub resource: Option<Struct>,
    #[serde(with = "json::bytes", skip_serializing_if = "BTreeMap::is_empty")]
    #[prost(btree_map = "string, bytes", tag = "2")]
    pub connection_details: BTreeMap<String, Vec<u8>>,
    #[serde(
        serialize_with = "json::write_name::<Ready, _>",
        deserialize_with = "json::read_name::<Ready, _>",
        skip_serializing_if = "json::is_unspecified"
    )]
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
#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FunctionResult {
    #[serde(
        serialize_with = "json::write_name::<Severity, _>",
        skip_serializing_if = "json::is_unspecified"
    )]
    #[prost(enumeration = "Severity", tag = "1")]
    pub severity: i32,
    #[serde(skip_serializing_if = "String::is_empty")]
    #[prost(string, tag = "2")]
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[prost(string, optional, tag = "3")]
    pub reason: Option<String>,
    #[serde(
        serialize_with = "json::write_some_name::<Target, _>",
        skip_serializing_if = "Option::is_none"
    )]
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

#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Condition {
    #[serde(skip_serializing_if = "String::is_empty")]
    #[prost(string, tag = "1")]
    pub r#type: String,
    #[serde(
        serialize_with = "json::write_name::<Status, _>",
        skip_serializing_if = "json::is_unspecified"
    )]
    #[prost(enumeration = "Status", tag = "2")]
    pub status: i32,
    #[serde(skip_serializing_if = "String::is_empty")]
    #[prost(string, tag = "3")]
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[prost(string, optional, tag = "4")]
    pub message: Option<String>,
    #[serde(
        serialize_with = "json::write_some_name::<Target, _>",
        skip_serializing_if = "Option::is_none"
    )]
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

#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Requirements {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[prost(btree_map = "string, message", tag = "1")]
    pub extra_resources: BTreeMap<String, ResourceSelector>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[prost(btree_map = "string, message", tag = "2")]
    pub resources: BTreeMap<String, ResourceSelector>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[prost(btree_map = "string, message", tag = "3")]
    pub schemas: BTreeMap<String, SchemaSelector>,
}

#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SchemaSelector {
    #[serde(skip_serializing_if = "String::is_empty")]
    #[prost(string, tag = "1")]
    pub api_version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    #[prost(string, tag = "2")]
    pub kind: String,
}

#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceSelector {
    #[serde(skip_serializing_if = "String::is_empty")]
    #[prost(string, tag = "1")]
    pub api_version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    #[prost(string, tag = "2")]
    pub kind: String,
    #[serde(flatten)]
    #[prost(oneof = "Match", tags = "3, 4")]
    pub r#match: Option<Match>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[prost(string, optional, tag = "5")]
    pub namespace: Option<String>,
}

#[derive(Clone, PartialEq, Oneof, Serialize)]
pub(super) enum Match {
    #[prost(string, tag = "3")]
    #[serde(rename = "matchName")]
    Name(String),
    #[prost(message, tag = "4")]
    #[serde(rename = "matchLabels")]
    Labels(MatchLabels),
}

#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MatchLabels {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
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
