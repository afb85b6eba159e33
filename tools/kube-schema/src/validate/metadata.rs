//! What every object's metadata must be, and that of resources inside resources
//! (apimachinery, `pkg/api/validation/objectmeta.go`; apiextensions-apiserver,
//! `pkg/apiserver/schema/objectmeta`).

mod change;
mod decode;
pub(super) mod names;

pub(super) use change::{check_change, is_name, take_over};
pub(super) use decode::{decode, decode_embedded};

use super::error::FieldError;
use super::formats::parse_rfc3339;
use super::path::Path;
use crate::Schema;
use serde_json::{Map, Value};

const ANNOTATIONS_LIMIT: usize = 256 * 1024;
const MANAGER_LIMIT: usize = 128;
const SUBRESOURCE_LIMIT: usize = 256;

/// Gives an object that has only a generateName a name as the server would, so
/// that what follows sees one.
pub(super) fn generate_name(object: &mut Value) {
    const LONGEST_PREFIX: usize = 58;
    let Some(Value::Object(metadata)) = object.get_mut("metadata") else {
        return;
    };
    if string(metadata, "name").is_some() {
        return;
    }
    if let Some(prefix) = string(metadata, "generateName") {
        let prefix =
            String::from_utf8_lossy(&prefix.as_bytes()[..prefix.len().min(LONGEST_PREFIX)]);
        let name = Value::String(format!("{prefix}00000"));
        metadata.insert("name".to_owned(), name);
    }
}

/// What the resource's own metadata must be. A namespace of a resource that
/// lives in the cluster is dropped.
pub(super) fn check(object: &Value, namespaced: bool) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let path = Path::at("metadata");
    let none = Map::new();
    let metadata = object.get("metadata").and_then(Value::as_object);
    let metadata = metadata.unwrap_or(&none);
    let rules = Rules {
        name: names::subdomain,
        prefix: |prefix| names::subdomain(&names::masked(prefix)),
    };
    errors.extend(unreadable(&path, metadata));
    name_or_prefix(&path, metadata, &mut errors);
    check_fields(&path, metadata, &rules, namespaced, &mut errors);
    distinct(errors)
}

/// What the server cannot read again of what it has decoded: a time that is in a
/// year with more than four digits once it is in UTC.
fn unreadable(path: &Path, metadata: &Map<String, Value>) -> Option<FieldError> {
    let times = ["creationTimestamp", "deletionTimestamp"].into_iter();
    let mut times = times.filter_map(|field| string(metadata, field));
    let time = times.find(|time| parse_rfc3339(time).is_none())?;
    let text = format!("parsing time {time:?} as \"2006-01-02T15:04:05Z07:00\"");
    let metadata = Value::Object(metadata.clone());
    Some(FieldError::invalid(path, &metadata, &text))
}

/// The same of a kind of Kubernetes' own: what its name must be is up to the kind,
/// yet any is a part of a URL's path.
pub(super) fn check_builtin(object: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let path = Path::at("metadata");
    let none = Map::new();
    let metadata = object.get("metadata").and_then(Value::as_object);
    let metadata = metadata.unwrap_or(&none);
    let rules = Rules {
        name: names::path_segment,
        prefix: names::path_segment_prefix,
    };
    name_or_prefix(&path, metadata, &mut errors);
    check_fields(&path, metadata, &rules, true, &mut errors);
    distinct(errors)
}

fn name_or_prefix(path: &Path, metadata: &Map<String, Value>, errors: &mut Vec<FieldError>) {
    if string(metadata, "name").is_none() && string(metadata, "generateName").is_none() {
        let detail = "name or generateName is required";
        errors.push(FieldError::required(&path.child("name"), detail));
    }
}

/// The server drops what declarative validation says again, and with it
/// repetitions.
fn distinct(mut errors: Vec<FieldError>) -> Vec<FieldError> {
    errors.sort();
    errors.dedup();
    errors
}

/// What resources inside the resource must be: their names may be anything that
/// a URL's path can hold.
pub(super) fn check_embedded(object: &Value, schema: &Schema) -> Vec<FieldError> {
    let mut errors = Vec::new();
    walk_embedded(&Path::root(), object, schema, &mut errors);
    errors
}

fn walk_embedded(path: &Path, value: &Value, schema: &Schema, errors: &mut Vec<FieldError>) {
    match value {
        Value::Object(map) => {
            if schema.embedded_resource {
                embedded_resource(path, map, errors);
            }
            for (name, value) in map {
                if let Some((path, below)) = field(path, name, schema) {
                    walk_embedded(&path, value, below, errors);
                }
            }
        }
        Value::Array(items) => {
            let Some(below) = &schema.items else { return };
            for (i, item) in items.iter().enumerate() {
                walk_embedded(&path.index(i), item, below, errors);
            }
        }
        _ => {}
    }
}

fn embedded_resource(path: &Path, resource: &Map<String, Value>, errors: &mut Vec<FieldError>) {
    for field in ["apiVersion", "kind"] {
        match resource.get(field).and_then(Value::as_str) {
            Some(text) => {
                if let Some(problem) = names::type_meta(field, text) {
                    let path = path.child(field);
                    errors.push(FieldError::invalid(&path, &Value::from(text), problem));
                }
            }
            None => errors.push(FieldError::required(&path.child(field), "")),
        }
    }
    if let Some(Value::Object(metadata)) = resource.get("metadata") {
        let rules = Rules {
            name: names::path_segment,
            prefix: names::path_segment_prefix,
        };
        let path = path.child("metadata");
        let mut found: Vec<_> = unreadable(&path, metadata).into_iter().collect();
        if found.is_empty() {
            check_fields(&path, metadata, &rules, true, &mut found);
        }
        errors.extend(distinct(found));
    }
}

/// What names must be: each gives all that is wrong.
struct Rules {
    name: fn(&str) -> Vec<String>,
    prefix: fn(&str) -> Vec<String>,
}

fn check_fields(
    path: &Path,
    metadata: &Map<String, Value>,
    rules: &Rules,
    namespaced: bool,
    errors: &mut Vec<FieldError>,
) {
    let mut must = |field: &str, rule: fn(&str) -> Vec<String>| {
        if let Some(text) = string(metadata, field) {
            report(&path.child(field), text, rule(text), errors);
        }
    };
    must("generateName", rules.prefix);
    must("name", rules.name);
    if namespaced {
        must("namespace", names::label);
    }
    labels(&path.child("labels"), metadata, errors);
    annotations(&path.child("annotations"), metadata, errors);
    owners(&path.child("ownerReferences"), metadata, errors);
    finalizers(&path.child("finalizers"), metadata, errors);
    managed_fields(&path.child("managedFields"), metadata, errors);
}

fn report(path: &Path, value: &str, problems: Vec<String>, errors: &mut Vec<FieldError>) {
    for problem in problems {
        errors.push(FieldError::invalid(path, &Value::from(value), problem));
    }
}

fn labels(path: &Path, metadata: &Map<String, Value>, errors: &mut Vec<FieldError>) {
    for (key, value) in entries(metadata, "labels") {
        report(path, key, names::label_key(key), errors);
        report(path, value, names::label_value(value), errors);
    }
}

fn annotations(path: &Path, metadata: &Map<String, Value>, errors: &mut Vec<FieldError>) {
    let mut size = 0;
    for (key, value) in entries(metadata, "annotations") {
        report(path, key, names::label_key(&key.to_lowercase()), errors);
        size += key.len() + value.len();
    }
    if size > ANNOTATIONS_LIMIT {
        errors.push(FieldError::too_long(path, 262_144));
    }
}

fn owners(path: &Path, metadata: &Map<String, Value>, errors: &mut Vec<FieldError>) {
    let mut controllers = 0;
    for (i, owner) in objects(metadata, "ownerReferences") {
        let at = path.index(i);
        for field in ["apiVersion", "kind", "name", "uid"] {
            if string(owner, field).is_none() {
                errors.push(FieldError::required(&at.child(field), "must not be empty"));
            }
        }
        let api_version = string(owner, "apiVersion").unwrap_or_default();
        if !api_version.is_empty() && !names::is_group_version(api_version) {
            let text = "must be <group>/<version> or <version>";
            let value = Value::from(api_version);
            errors.push(FieldError::invalid(&at.child("apiVersion"), &value, text));
        }
        if api_version == "v1" && string(owner, "kind") == Some("Event") {
            let text = "/v1, Kind=Event is disallowed from being an owner";
            errors.push(FieldError::invalid_as(&at, &"", text));
        }
        if owner.get("controller") == Some(&Value::Bool(true)) {
            controllers += 1;
            if controllers > 1 {
                let text = "Only one reference can have Controller set to true";
                errors.push(FieldError::invalid_as(path, &"", text));
            }
        }
    }
}

fn finalizers(path: &Path, metadata: &Map<String, Value>, errors: &mut Vec<FieldError>) {
    let finalizers: Vec<&str> = metadata
        .get("finalizers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for finalizer in &finalizers {
        report(path, finalizer, names::label_key(finalizer), errors);
    }
    if ["orphan", "foregroundDeletion"]
        .iter()
        .all(|one| finalizers.contains(one))
    {
        let text = "finalizer orphan and foregroundDeletion cannot be both set";
        errors.push(FieldError::invalid_as(path, &"", text));
    }
}

fn managed_fields(path: &Path, metadata: &Map<String, Value>, errors: &mut Vec<FieldError>) {
    for (i, entry) in objects(metadata, "managedFields") {
        let at = path.index(i);
        match string(entry, "operation") {
            None => {
                let path = at.child("operation");
                errors.push(FieldError::required(&path, "must not be empty"));
            }
            Some("Apply" | "Update") => {}
            Some(other) => {
                let supported = ["Apply".into(), "Update".into()];
                let path = at.child("operation");
                errors.push(FieldError::not_supported(&path, &other.into(), &supported));
            }
        }
        if let Some(kind) = string(entry, "fieldsType").filter(|kind| *kind != "FieldsV1") {
            let path = at.child("fieldsType");
            let value = Value::from(kind);
            errors.push(FieldError::invalid(&path, &value, "must be `FieldsV1`"));
        }
        for (field, limit) in [
            ("manager", MANAGER_LIMIT),
            ("subresource", SUBRESOURCE_LIMIT),
        ] {
            if string(entry, field).is_some_and(|text| text.len() > limit) {
                let limit = i64::try_from(limit).unwrap_or(i64::MAX);
                errors.push(FieldError::too_long(&at.child(field), limit));
            }
        }
    }
}

/// A field that is there and not empty.
fn string<'v>(fields: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    fields
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

fn entries<'v>(
    metadata: &'v Map<String, Value>,
    field: &str,
) -> impl Iterator<Item = (&'v str, &'v str)> {
    let map = metadata.get(field).and_then(Value::as_object);
    map.into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()))
}

fn objects<'v>(
    metadata: &'v Map<String, Value>,
    field: &str,
) -> impl Iterator<Item = (usize, &'v Map<String, Value>)> {
    let list = metadata.get(field).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .enumerate()
        .filter_map(|(i, entry)| Some((i, entry.as_object()?)))
}

/// A field's place and schema; the name of one that is not declared is a key.
fn field<'p, 's>(
    path: &'p Path<'p>,
    name: &'p str,
    schema: &'s Schema,
) -> Option<(Path<'p>, &'s Schema)> {
    let place = match schema.property(name) {
        Some(_) => path.child(name),
        None => path.key(name),
    };
    Some((place, schema.field(name)?))
}

/// Calls `visit` for every object that the schema marks as an embedded resource.
fn each_embedded(
    path: &Path,
    value: &mut Value,
    schema: &Schema,
    visit: &mut impl FnMut(&Path, &mut Map<String, Value>),
) {
    match value {
        Value::Object(map) => {
            if schema.embedded_resource {
                visit(path, map);
            }
            for (name, value) in map {
                if let Some((path, below)) = field(path, name, schema) {
                    each_embedded(&path, value, below, visit);
                }
            }
        }
        Value::Array(items) => {
            let Some(below) = &schema.items else { return };
            for (i, item) in items.iter_mut().enumerate() {
                each_embedded(&path.index(i), item, below, visit);
            }
        }
        _ => {}
    }
}
