//! ObjectMeta, which no CRD lists (apimachinery, `pkg/apis/meta/v1/types.go`), and
//! what names, labels and annotations must be (`pkg/api/validation`).

use super::{Null, structural};
use kube_schema::{Crd, Schema, Scope};
use serde_json::{Map, Value as Json, json};

const SUBDOMAIN: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
const SUBDOMAIN_PREFIX: &str =
    r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*-?$";
const LABEL: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
const KEY: &str = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$";
const ANNOTATION_KEY: &str = r"^([A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$";
const LABEL_VALUE: &str = "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$";
const PATH_SEGMENT: &str = r"^([^/%.]|\.[^/%.]|\.\.[^/%])[^/%]*$|^$";

/// The metadata of a whole resource, with what its CRD says of the name.
pub(super) fn root(crd: &Crd, schema: &Schema) -> Json {
    let limited = schema
        .properties
        .get("metadata")
        .map(|metadata| &metadata.properties);
    let mut properties = fields();
    for (name, pattern) in [("name", SUBDOMAIN), ("generateName", SUBDOMAIN_PREFIX)] {
        let mut field = json!({"type": ["string", "null"], "pattern": pattern, "maxLength": 253});
        if let Some(limits) = limited.and_then(|limited| limited.get(name)) {
            let limits = Json::Object(structural(limits, Null::Dropped));
            field["allOf"] = json!([limits]);
        }
        properties.insert(name.to_owned(), field);
    }
    if crd.scope == Scope::Namespaced {
        properties.insert("namespace".to_owned(), namespace());
    }
    properties.sort_keys();
    let mut out = Map::new();
    out.insert("type".to_owned(), json!("object"));
    out.insert("properties".to_owned(), Json::Object(properties));
    out.insert("additionalProperties".to_owned(), json!(false));
    out.insert(
        "anyOf".to_owned(),
        json!([{"required": ["name"]}, {"required": ["generateName"]}]),
    );
    Json::Object(out)
}

/// The fields that every embedded resource has, whether declared or not.
pub(super) fn add_embedded(properties: &mut Map<String, Json>) {
    for name in ["apiVersion", "kind"] {
        let field = json!({"type": "string", "minLength": 1});
        properties.entry(name).or_insert(field);
    }
    let mut metadata = fields();
    for name in ["name", "generateName"] {
        let field = json!({"type": ["string", "null"], "pattern": PATH_SEGMENT});
        metadata.insert(name.to_owned(), field);
    }
    metadata.insert("namespace".to_owned(), namespace());
    metadata.sort_keys();
    let metadata = json!({
        "type": ["object", "null"],
        "properties": metadata,
        "additionalProperties": false,
    });
    properties.insert("metadata".to_owned(), metadata);
    properties.sort_keys();
}

fn namespace() -> Json {
    let pattern = format!("{LABEL}|^$");
    json!({"type": ["string", "null"], "pattern": pattern, "maxLength": 63})
}

fn fields() -> Map<String, Json> {
    let text = || json!({"type": ["string", "null"]});
    let whole = || json!({"type": ["integer", "null"]});
    let time = || json!({"type": ["string", "null"], "format": "date-time"});
    let owner = json!({
        "type": "object",
        "required": ["apiVersion", "kind", "name", "uid"],
        "properties": {
            "apiVersion": {"type": "string", "minLength": 1},
            "blockOwnerDeletion": {"type": ["boolean", "null"]},
            "controller": {"type": ["boolean", "null"]},
            "kind": {"type": "string", "minLength": 1},
            "name": {"type": "string", "minLength": 1},
            "uid": {"type": "string", "minLength": 1},
        },
        "additionalProperties": false,
    });
    let labels = json!({
        "type": ["object", "null"],
        "additionalProperties": {"type": ["string", "null"], "pattern": LABEL_VALUE, "maxLength": 63},
        "propertyNames": {"pattern": KEY, "maxLength": 317},
    });
    let annotations = json!({
        "type": ["object", "null"],
        "additionalProperties": {"type": ["string", "null"]},
        "propertyNames": {"pattern": ANNOTATION_KEY, "maxLength": 317},
    });
    [
        ("annotations", annotations),
        ("creationTimestamp", time()),
        ("deletionGracePeriodSeconds", whole()),
        ("deletionTimestamp", time()),
        (
            "finalizers",
            json!({"type": ["array", "null"], "items": {"type": "string"}}),
        ),
        ("generation", whole()),
        ("labels", labels),
        (
            "managedFields",
            json!({"type": ["array", "null"], "items": {"type": "object"}}),
        ),
        ("namespace", text()),
        (
            "ownerReferences",
            json!({"type": ["array", "null"], "items": owner}),
        ),
        ("resourceVersion", text()),
        ("selfLink", text()),
        ("uid", text()),
    ]
    .into_iter()
    .map(|(name, field)| (name.to_owned(), field))
    .collect()
}
