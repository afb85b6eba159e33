//! What an update may not change in metadata (apiserver,
//! `pkg/registry/rest/update.go`; apimachinery, `ValidateObjectMetaUpdate`).

use super::{Rules, check_fields, distinct, names, string};
use crate::validate::error::FieldError;
use crate::validate::path::Path;
use serde_json::{Map, Value};

const IMMUTABLE: &str = "field is immutable";

/// Takes over what a client need not send again or cannot change: namespace,
/// generation, uid, and the times of creation and deletion. `content_changed`: whether
/// anything but the metadata did.
pub(in crate::validate) fn take_over(object: &mut Value, old: &Value, content_changed: bool) {
    let none = Map::new();
    let old = metadata_of(old).unwrap_or(&none);
    let Some(Value::Object(metadata)) = object.get_mut("metadata") else {
        return;
    };
    let generation = integer(old, "generation");
    let generation = generation.saturating_add(i64::from(content_changed));
    match generation {
        0 => drop(metadata.remove("generation")),
        generation => drop(metadata.insert("generation".to_owned(), generation.into())),
    }
    let mut keep = |field: &str| {
        if let Some(value) = old.get(field) {
            metadata.insert(field.to_owned(), value.clone());
        }
    };
    keep("creationTimestamp");
    keep("deletionTimestamp");
    for field in ["namespace", "uid", "deletionGracePeriodSeconds"] {
        if let (false, Some(value)) = (metadata.contains_key(field), old.get(field)) {
            metadata.insert(field.to_owned(), value.clone());
        }
    }
}

/// What the metadata must be beside the old one.
pub(in crate::validate) fn check_change(
    object: &Value,
    old: &Value,
    namespaced: bool,
) -> Vec<FieldError> {
    let path = Path::at("metadata");
    let none = Map::new();
    let metadata = metadata_of(object).unwrap_or(&none);
    let old = metadata_of(old).unwrap_or(&none);
    let mut errors = Vec::new();
    let rules = Rules {
        name: names::path_segment,
        prefix: names::path_segment_prefix,
    };
    if string(metadata, "name").is_none() {
        let detail = "name or generateName is required";
        errors.push(FieldError::required(&path.child("name"), detail));
    }
    check_fields(&path, metadata, &rules, namespaced, &mut errors);
    if old.contains_key("deletionTimestamp") {
        new_finalizers(&path, metadata, old, &mut errors);
    }
    if string(metadata, "resourceVersion").is_none() {
        let path = path.child("resourceVersion");
        let text = "must be specified for an update";
        errors.push(FieldError::invalid(&path, &Value::from(""), text));
    }
    for field in [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ] {
        let (value, before) = (metadata.get(field), old.get(field));
        if value != before && (namespaced || field != "namespace") {
            let value = value.unwrap_or(&Value::Null);
            errors.push(FieldError::invalid(&path.child(field), value, IMMUTABLE));
        }
    }
    distinct(errors)
}

/// Whether it is about the name.
pub(in crate::validate) fn is_name(error: &FieldError) -> bool {
    error.field == "metadata.name"
}

fn new_finalizers(
    path: &Path,
    metadata: &Map<String, Value>,
    old: &Map<String, Value>,
    errors: &mut Vec<FieldError>,
) {
    let of = |metadata: &Map<String, Value>| -> Vec<String> {
        let list = metadata.get("finalizers").and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    let before = of(old);
    let mut extra = of(metadata);
    extra.retain(|finalizer| !before.contains(finalizer));
    extra.sort();
    extra.dedup();
    if !extra.is_empty() {
        let text = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
            extra
                .iter()
                .map(|finalizer| format!("{finalizer:?}"))
                .collect::<Vec<_>>()
                .join(", ")
        );
        errors.push(FieldError::forbidden(&path.child("finalizers"), &text));
    }
}

fn metadata_of(object: &Value) -> Option<&Map<String, Value>> {
    object.get("metadata")?.as_object()
}

fn integer(metadata: &Map<String, Value>, field: &str) -> i64 {
    metadata.get(field).and_then(Value::as_i64).unwrap_or(0)
}
