//! Messages from and to the protocol's plain data.

use std::collections::BTreeMap;

use function_pipeline::{go::Object, protocol as plain};
use prost::Message;
use prost_types::{Duration, ListValue, Struct, Value, value::Kind};
use serde_json::Number;

use super::messages as wire;

/// An object as a protobuf Struct.
pub(super) fn to_struct(object: &Object) -> Struct {
    let fields = object
        .iter()
        .map(|(key, value)| (key.clone(), to_value(value)));
    Struct {
        fields: fields.collect(),
    }
}

fn to_value(value: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    let kind = match value {
        Json::Null => Kind::NullValue(0),
        Json::Bool(value) => Kind::BoolValue(*value),
        Json::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Json::String(text) => Kind::StringValue(text.clone()),
        Json::Array(items) => Kind::ListValue(ListValue {
            values: items.iter().map(to_value).collect(),
        }),
        Json::Object(object) => Kind::StructValue(to_struct(object)),
    };
    Value { kind: Some(kind) }
}

/// A protobuf Struct as an object; whole numbers are integers again.
pub(super) fn from_struct(from: Struct) -> Object {
    let mut object: Object = from
        .fields
        .into_iter()
        .map(|(key, value)| (key, from_value(value)))
        .collect();
    object
        .values_mut()
        .for_each(function_pipeline::go::through_protobuf);
    object
}

fn from_value(value: Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value.kind {
        None | Some(Kind::NullValue(_)) => Json::Null,
        Some(Kind::BoolValue(value)) => Json::Bool(value),
        Some(Kind::NumberValue(float)) => Number::from_f64(float).map_or(Json::Null, Json::Number),
        Some(Kind::StringValue(text)) => Json::String(text),
        Some(Kind::ListValue(list)) => {
            Json::Array(list.values.into_iter().map(from_value).collect())
        }
        Some(Kind::StructValue(object)) => {
            let fields = object.fields.into_iter();
            Json::Object(
                fields
                    .map(|(key, value)| (key, from_value(value)))
                    .collect(),
            )
        }
    }
}

/// Every capability of the core that this follows.
const CAPABILITIES: [wire::Capability; 5] = [
    wire::Capability::Capabilities,
    wire::Capability::RequiredResources,
    wire::Capability::Credentials,
    wire::Capability::Conditions,
    wire::Capability::RequiredSchemas,
];

/// A request as it is sent, with a tag over all of it.
pub(super) fn request_to_wire(request: &plain::Request) -> wire::RunFunctionRequest {
    let mut message = wire::RunFunctionRequest {
        meta: None,
        observed: Some(state_to_wire(&request.observed)),
        desired: Some(state_to_wire(&request.desired)),
        input: request.input.as_ref().map(to_struct),
        context: request.context.as_ref().map(to_struct),
        extra_resources: resources_to_wire(&request.extra_resources),
        credentials: credentials_to_wire(&request.credentials),
        required_resources: resources_to_wire(&request.required_resources),
        required_schemas: schemas_to_wire(&request.required_schemas),
    };
    let tag = uuid::Uuid::new_v5(&uuid::Uuid::nil(), &message.encode_to_vec());
    message.meta = Some(wire::RequestMeta {
        tag: tag.simple().to_string(),
        capabilities: CAPABILITIES.map(i32::from).to_vec(),
    });
    message
}

/// A request as it came.
pub(super) fn request_from_wire(message: wire::RunFunctionRequest) -> plain::Request {
    let schemas = message.required_schemas.into_iter();
    let credentials = message.credentials.into_iter().map(|(name, credentials)| {
        let data = credentials.credential_data.unwrap_or_default().data;
        (name, data)
    });
    plain::Request {
        observed: state_from_wire(message.observed.unwrap_or_default()).into(),
        desired: state_from_wire(message.desired.unwrap_or_default()),
        input: message.input.map(from_struct),
        context: message.context.map(from_struct),
        extra_resources: resources_from_wire(message.extra_resources),
        required_resources: resources_from_wire(message.required_resources),
        required_schemas: schemas
            .map(|(name, schema)| (name, schema.openapi_v3.map(from_struct)))
            .collect(),
        credentials: credentials.collect(),
    }
}

fn state_to_wire(state: &plain::State) -> wire::State {
    let resources = state.resources.iter();
    wire::State {
        composite: state.composite.as_ref().map(resource_to_wire),
        resources: resources
            .map(|(name, resource)| (name.clone(), resource_to_wire(resource)))
            .collect(),
    }
}

fn state_from_wire(state: wire::State) -> plain::State {
    let resources = state.resources.into_iter();
    plain::State {
        composite: state.composite.map(resource_from_wire),
        resources: resources
            .map(|(name, resource)| (name, resource_from_wire(resource)))
            .collect(),
    }
}

fn resource_to_wire(resource: &plain::Resource) -> wire::Resource {
    let ready = match resource.ready {
        plain::Ready::Unspecified => wire::Ready::Unspecified,
        plain::Ready::True => wire::Ready::True,
        plain::Ready::False => wire::Ready::False,
    };
    wire::Resource {
        resource: Some(to_struct(&resource.object)),
        connection_details: resource.connection_details.clone(),
        ready: ready.into(),
    }
}

fn resource_from_wire(resource: wire::Resource) -> plain::Resource {
    let ready = match resource.ready() {
        wire::Ready::Unspecified => plain::Ready::Unspecified,
        wire::Ready::True => plain::Ready::True,
        wire::Ready::False => plain::Ready::False,
    };
    plain::Resource {
        object: from_struct(resource.resource.unwrap_or_default()),
        connection_details: resource.connection_details,
        ready,
    }
}

type Found<T> = BTreeMap<String, Option<T>>;

/// What was not found goes as an empty message.
fn resources_to_wire(found: &Found<Vec<Object>>) -> BTreeMap<String, wire::Resources> {
    let message = |objects: &Option<Vec<Object>>| {
        let objects = objects.iter().flatten();
        let items = objects.map(|object| resource_to_wire(&plain::Resource::new(object.clone())));
        wire::Resources {
            items: items.collect(),
        }
    };
    found
        .iter()
        .map(|(name, objects)| (name.clone(), message(objects)))
        .collect()
}

fn resources_from_wire(messages: BTreeMap<String, wire::Resources>) -> Found<Vec<Object>> {
    let objects = |resources: wire::Resources| {
        let items = resources.items.into_iter();
        items
            .map(|item| from_struct(item.resource.unwrap_or_default()))
            .collect()
    };
    messages
        .into_iter()
        .map(|(name, resources)| (name, Some(objects(resources))))
        .collect()
}

fn schemas_to_wire(found: &Found<Object>) -> BTreeMap<String, wire::Schema> {
    let message = |schema: &Option<Object>| wire::Schema {
        openapi_v3: schema.as_ref().map(to_struct),
    };
    found
        .iter()
        .map(|(name, schema)| (name.clone(), message(schema)))
        .collect()
}

fn credentials_to_wire(
    credentials: &BTreeMap<String, plain::Details>,
) -> BTreeMap<String, wire::Credentials> {
    let message = |data: &plain::Details| wire::Credentials {
        credential_data: Some(wire::CredentialData { data: data.clone() }),
    };
    credentials
        .iter()
        .map(|(name, data)| (name.clone(), message(data)))
        .collect()
}

/// A response as it is sent. `tag` is its request's.
pub(super) fn response_to_wire(
    response: plain::Response,
    tag: String,
) -> wire::RunFunctionResponse {
    let seconds = i64::try_from(response.ttl_seconds).unwrap_or(i64::MAX);
    let desires = response.desired != plain::State::default();
    wire::RunFunctionResponse {
        meta: Some(wire::ResponseMeta {
            tag,
            ttl: Some(Duration { seconds, nanos: 0 }),
        }),
        desired: desires.then(|| state_to_wire(&response.desired)),
        results: response.results.into_iter().map(result_to_wire).collect(),
        context: response.context.as_ref().map(to_struct),
        requirements: response.requirements.map(requirements_to_wire),
        conditions: response
            .conditions
            .into_iter()
            .map(condition_to_wire)
            .collect(),
        output: None,
    }
}

/// A response as it came.
pub(super) fn response_from_wire(message: wire::RunFunctionResponse) -> plain::Response {
    let ttl = message.meta.and_then(|meta| meta.ttl);
    plain::Response {
        desired: state_from_wire(message.desired.unwrap_or_default()),
        results: message.results.into_iter().map(result_from_wire).collect(),
        context: message.context.map(from_struct),
        requirements: message.requirements.map(requirements_from_wire),
        conditions: message
            .conditions
            .into_iter()
            .map(condition_from_wire)
            .collect(),
        ttl_seconds: ttl.map_or(0, |ttl| u64::try_from(ttl.seconds).unwrap_or_default()),
        warnings: Vec::new(),
        items: None,
    }
}

fn target_to_wire(target: plain::Target) -> i32 {
    match target {
        plain::Target::Composite => wire::Target::Composite.into(),
        plain::Target::CompositeAndClaim => wire::Target::CompositeAndClaim.into(),
    }
}

fn target_from_wire(target: wire::Target) -> plain::Target {
    match target {
        wire::Target::CompositeAndClaim => plain::Target::CompositeAndClaim,
        wire::Target::Composite | wire::Target::Unspecified => plain::Target::Composite,
    }
}

fn result_to_wire(result: plain::FunctionResult) -> wire::FunctionResult {
    let severity = match result.severity {
        plain::Severity::Unspecified => wire::Severity::Unspecified,
        plain::Severity::Fatal => wire::Severity::Fatal,
        plain::Severity::Warning => wire::Severity::Warning,
        plain::Severity::Normal => wire::Severity::Normal,
    };
    wire::FunctionResult {
        severity: severity.into(),
        message: result.message,
        reason: result.reason,
        target: Some(target_to_wire(result.target)),
    }
}

fn result_from_wire(result: wire::FunctionResult) -> plain::FunctionResult {
    let severity = match result.severity() {
        wire::Severity::Unspecified => plain::Severity::Unspecified,
        wire::Severity::Fatal => plain::Severity::Fatal,
        wire::Severity::Warning => plain::Severity::Warning,
        wire::Severity::Normal => plain::Severity::Normal,
    };
    plain::FunctionResult {
        severity,
        target: target_from_wire(result.target()),
        message: result.message,
        reason: result.reason,
    }
}

fn condition_to_wire(condition: plain::FunctionCondition) -> wire::Condition {
    let status = match condition.status.as_str() {
        "True" => wire::Status::True,
        "False" => wire::Status::False,
        _ => wire::Status::Unknown,
    };
    wire::Condition {
        r#type: condition.condition_type,
        status: status.into(),
        reason: condition.reason,
        message: condition.message,
        target: Some(target_to_wire(condition.target)),
    }
}

fn condition_from_wire(condition: wire::Condition) -> plain::FunctionCondition {
    let status = match condition.status() {
        wire::Status::True => "True",
        wire::Status::False => "False",
        wire::Status::Unknown | wire::Status::Unspecified => "Unknown",
    };
    plain::FunctionCondition {
        status: status.to_owned(),
        target: target_from_wire(condition.target()),
        condition_type: condition.r#type,
        reason: condition.reason,
        message: condition.message,
    }
}

fn requirements_to_wire(requirements: plain::Requirements) -> wire::Requirements {
    let selectors = |selectors: BTreeMap<String, plain::Selector>| {
        let selectors = selectors.into_iter();
        selectors
            .map(|(name, selector)| (name, selector_to_wire(selector)))
            .collect()
    };
    let schemas = requirements.schemas.into_iter();
    wire::Requirements {
        extra_resources: selectors(requirements.extra_resources),
        resources: selectors(requirements.resources),
        schemas: schemas
            .map(|(name, (api_version, kind))| (name, wire::SchemaSelector { api_version, kind }))
            .collect(),
    }
}

fn requirements_from_wire(requirements: wire::Requirements) -> plain::Requirements {
    let selectors = |selectors: BTreeMap<String, wire::ResourceSelector>| {
        let selectors = selectors.into_iter();
        selectors
            .map(|(name, selector)| (name, selector_from_wire(selector)))
            .collect()
    };
    let schemas = requirements.schemas.into_iter();
    plain::Requirements {
        extra_resources: selectors(requirements.extra_resources),
        resources: selectors(requirements.resources),
        schemas: schemas
            .map(|(name, schema)| (name, (schema.api_version, schema.kind)))
            .collect(),
    }
}

fn selector_to_wire(selector: plain::Selector) -> wire::ResourceSelector {
    wire::ResourceSelector {
        api_version: selector.api_version,
        kind: selector.kind,
        r#match: match selector.matching {
            plain::Match::All => None,
            plain::Match::Name(name) => Some(wire::Match::Name(name)),
            plain::Match::Labels(labels) => Some(wire::Match::Labels(wire::MatchLabels { labels })),
        },
        namespace: selector.namespace,
    }
}

fn selector_from_wire(selector: wire::ResourceSelector) -> plain::Selector {
    plain::Selector {
        api_version: selector.api_version,
        kind: selector.kind,
        matching: match selector.r#match {
            None => plain::Match::All,
            Some(wire::Match::Name(name)) => plain::Match::Name(name),
            Some(wire::Match::Labels(labels)) => plain::Match::Labels(labels.labels),
        },
        namespace: selector.namespace,
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    fn object(value: serde_json::Value) -> Object {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn a_request_comes_back_as_it_was() {
        let bed =
            object(json!({"kind": "Bed", "spec": {"rows": 1, "ph": 6.5, "a": [null, true, "x"]}}));
        let resource = plain::Resource {
            connection_details: [("k".to_owned(), vec![0, 255])].into(),
            ready: plain::Ready::True,
            ..plain::Resource::new(bed.clone())
        };
        let state = plain::State {
            composite: Some(resource.clone()),
            resources: [("bed".to_owned(), resource)].into(),
        };
        let request = plain::Request {
            observed: state.clone().into(),
            desired: state,
            input: Some(bed.clone()),
            context: Some(Object::new()),
            extra_resources: [("e".to_owned(), Some(vec![bed.clone()]))].into(),
            required_resources: [("r".to_owned(), Some(Vec::new()))].into(),
            required_schemas: [("s".to_owned(), Some(bed)), ("t".to_owned(), None)].into(),
            credentials: [("c".to_owned(), plain::Details::new())].into(),
        };
        assert_eq!(request_from_wire(request_to_wire(&request)), request);
    }

    #[test]
    fn a_response_comes_back_as_it_was() {
        let selector = |matching| plain::Selector {
            api_version: "v1".into(),
            kind: "Bed".into(),
            matching,
            namespace: Some("field".into()),
        };
        let labels = [("a".to_owned(), "b".to_owned())].into();
        let response = plain::Response {
            results: vec![plain::FunctionResult {
                severity: plain::Severity::Warning,
                message: "hm".into(),
                reason: Some("Because".into()),
                target: plain::Target::CompositeAndClaim,
            }],
            requirements: Some(plain::Requirements {
                extra_resources: [("a".to_owned(), selector(plain::Match::All))].into(),
                resources: [
                    ("n".to_owned(), selector(plain::Match::Name("x".into()))),
                    ("l".to_owned(), selector(plain::Match::Labels(labels))),
                ]
                .into(),
                schemas: [("s".to_owned(), ("v1".to_owned(), "Bed".to_owned()))].into(),
            }),
            conditions: vec![plain::FunctionCondition {
                condition_type: "Sunny".into(),
                status: "Unknown".into(),
                reason: "Clouds".into(),
                message: None,
                target: plain::Target::Composite,
            }],
            ttl_seconds: 60,
            ..plain::Response::default()
        };
        let message = response_to_wire(response.clone(), "t".into());
        assert_eq!(response_from_wire(message), response);
    }
}
