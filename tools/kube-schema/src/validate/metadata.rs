//! What every object's metadata must be, and that of resources inside resources
//! (apimachinery, `pkg/api/validation`, `pkg/util/validation`).

use super::error::FieldError;
use super::path::Path;
use crate::{Additional, Schema};
use serde_json::{Map, Value};

/// The fields of ObjectMeta.
const FIELDS: [&str; 15] = [
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "managedFields",
];
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NAME_PART: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const ANNOTATIONS_LIMIT: usize = 256 * 1024;

/// What decoding metadata refuses: unknown fields and values of another type.
/// Those fields, and nulls, are taken out.
pub(super) fn decode(object: &mut Value, schema: &Schema) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Some(metadata) = object.get_mut("metadata") {
        decode_one(&Path::root().child("metadata"), metadata, &mut errors);
    }
    let mut below = |path: &Path, resource: &mut Map<String, Value>| {
        if let Some(metadata) = resource.get_mut("metadata") {
            decode_one(&path.child("metadata"), metadata, &mut errors);
        }
    };
    embedded(&Path::root(), object, schema, &mut below);
    errors
}

fn decode_one(path: &Path, metadata: &mut Value, errors: &mut Vec<FieldError>) {
    let Value::Object(fields) = metadata else {
        if !metadata.is_null() {
            errors.push(FieldError::wrong_type(path, "object", metadata));
        }
        *metadata = Value::Object(Map::new());
        return;
    };
    fields.retain(|name, value| {
        let path = path.child(name);
        if !FIELDS.contains(&name.as_str()) {
            let near = diagnostics::suggest::nearest(name, FIELDS);
            errors.push(FieldError::unknown(&path, near));
            return false;
        }
        !value.is_null() && decode_field(&path, name, value, errors)
    });
}

/// Whether the field has a type that can be decoded.
fn decode_field(path: &Path, name: &str, value: &mut Value, errors: &mut Vec<FieldError>) -> bool {
    let expected = match name {
        "labels" | "annotations" => "object",
        "ownerReferences" | "finalizers" | "managedFields" => "array",
        "generation" | "deletionGracePeriodSeconds" => "integer",
        _ => "string",
    };
    let fits = match expected {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "integer" => value.is_i64(),
        _ => value.is_string(),
    };
    if !fits {
        errors.push(FieldError::wrong_type(path, expected, value));
        return false;
    }
    if let Value::Object(map) = value {
        map.retain(|key, value| {
            // A null label is an empty one.
            if !value.is_string() && !value.is_null() {
                errors.push(FieldError::wrong_type(&path.child(key), "string", value));
            }
            value.is_string()
        });
    }
    true
}

/// Gives an object that has only a generateName a name as the server would, so
/// that what follows sees one.
pub(super) fn generate_name(object: &mut Value) {
    let Some(Value::Object(metadata)) = object.get_mut("metadata") else {
        return;
    };
    let is_named = metadata
        .get("name")
        .and_then(Value::as_str)
        .is_some_and(|name| !name.is_empty());
    let prefix = metadata
        .get("generateName")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !is_named && !prefix.is_empty() {
        let name = Value::String(format!("{prefix}00000"));
        metadata.insert("name".to_owned(), name);
    }
}

/// What the names, labels and annotations must be.
pub(super) fn check(object: &Value, schema: &Schema, namespaced: bool) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let path = Path::root().child("metadata");
    let none = Value::Object(Map::new());
    let metadata = object.get("metadata").unwrap_or(&none);
    names(&path, metadata, &mut errors);
    if namespaced {
        namespace(&path, metadata, &mut errors);
    }
    labels_and_annotations(&path, metadata, &mut errors);
    let mut below = |path: &Path, resource: &mut Map<String, Value>| {
        embedded_resource(path, resource, &mut errors);
    };
    embedded(&Path::root(), &mut object.clone(), schema, &mut below);
    errors
}

fn names(path: &Path, metadata: &Value, errors: &mut Vec<FieldError>) {
    let name = text(metadata, "name");
    let prefix = text(metadata, "generateName");
    if let Some(prefix) = prefix {
        let masked = prefix
            .strip_suffix('-')
            .map_or_else(|| prefix.to_owned(), |p| format!("{p}a"));
        must(
            &path.child("generateName"),
            prefix,
            subdomain(&masked),
            errors,
        );
    }
    match name {
        Some(name) => must(&path.child("name"), name, subdomain(name), errors),
        None if prefix.is_none() => {
            let detail = "name or generateName is required";
            errors.push(FieldError::required(&path.child("name"), detail));
        }
        None => {}
    }
}

fn namespace(path: &Path, metadata: &Value, errors: &mut Vec<FieldError>) {
    if let Some(namespace) = text(metadata, "namespace") {
        must(
            &path.child("namespace"),
            namespace,
            label(namespace),
            errors,
        );
    }
}

fn labels_and_annotations(path: &Path, metadata: &Value, errors: &mut Vec<FieldError>) {
    let entries = |field: &str| {
        metadata
            .get(field)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
    };
    let labels = path.child("labels");
    for (key, value) in entries("labels") {
        must(&labels, key, qualified_name(key), errors);
        if let Some(value) = value.as_str() {
            must(&labels, value, label_value(value), errors);
        }
    }
    let annotations = path.child("annotations");
    let mut size = 0;
    for (key, value) in entries("annotations") {
        must(
            &annotations,
            key,
            qualified_name(&key.to_lowercase()),
            errors,
        );
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if size > ANNOTATIONS_LIMIT {
        errors.push(FieldError::too_long(&annotations, 262_144));
    }
}

/// A resource inside a resource: its name may be anything that a URL's path can hold.
fn embedded_resource(path: &Path, resource: &Map<String, Value>, errors: &mut Vec<FieldError>) {
    for field in ["apiVersion", "kind"] {
        if resource
            .get(field)
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
        {
            errors.push(FieldError::required(
                &path.child(field),
                "must not be empty",
            ));
        }
    }
    let Some(metadata) = resource.get("metadata") else {
        return;
    };
    let path = path.child("metadata");
    for field in ["name", "generateName"] {
        if let Some(name) = text(metadata, field) {
            must(&path.child(field), name, path_segment(name), errors);
        }
    }
    namespace(&path, metadata, errors);
    labels_and_annotations(&path, metadata, errors);
}

fn must(path: &Path, value: &str, problem: Option<String>, errors: &mut Vec<FieldError>) {
    if let Some(problem) = problem {
        errors.push(FieldError::invalid(path, &Value::from(value), problem));
    }
}

fn text<'v>(metadata: &'v Value, field: &str) -> Option<&'v str> {
    metadata
        .get(field)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// Calls `visit` for every object that the schema marks as an embedded resource.
fn embedded(
    path: &Path,
    value: &mut Value,
    schema: &Schema,
    visit: &mut impl FnMut(&Path, &mut Map<String, Value>),
) {
    match value {
        Value::Object(map) => {
            if schema.embedded_resource && !path.is_root() {
                visit(path, map);
            }
            for (name, value) in map {
                match (schema.properties.get(name), &schema.additional_properties) {
                    (Some(property), _) => embedded(&path.child(name), value, property, visit),
                    (None, Some(Additional::Schema(below))) => {
                        embedded(&path.child(name), value, below, visit);
                    }
                    _ => {}
                }
            }
        }
        Value::Array(items) => {
            let Some(below) = &schema.items else { return };
            for (i, item) in items.iter_mut().enumerate() {
                embedded(&path.index(i), item, below, visit);
            }
        }
        _ => {}
    }
}

fn ends_alphanumeric(text: &str) -> bool {
    let good = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    good(text.chars().next()) && good(text.chars().next_back())
}

fn is_label(text: &str) -> bool {
    let lower = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    ends_alphanumeric(text) && text.bytes().all(lower)
}

fn too_long(limit: usize) -> String {
    format!("must be no more than {limit} bytes")
}

fn subdomain(name: &str) -> Option<String> {
    if name.len() > 253 {
        return Some(too_long(253));
    }
    (!name.split('.').all(is_label)).then(|| SUBDOMAIN.to_owned())
}

fn label(name: &str) -> Option<String> {
    if name.len() > 63 {
        return Some(too_long(63));
    }
    (!is_label(name)).then(|| LABEL.to_owned())
}

fn label_value(value: &str) -> Option<String> {
    if value.len() > 63 {
        return Some(too_long(63));
    }
    (!value.is_empty() && !is_name_part(value)).then(|| LABEL_VALUE.to_owned())
}

fn is_name_part(text: &str) -> bool {
    ends_alphanumeric(text)
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn qualified_name(key: &str) -> Option<String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    if name.contains('/') {
        return Some("a qualified name must consist of alphanumeric characters, '-', '_' or '.', with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')".to_owned());
    }
    let prefix_problem = match prefix {
        Some("") => Some("prefix part must be non-empty".to_owned()),
        Some(prefix) => subdomain(prefix).map(|problem| format!("prefix part {problem}")),
        None => None,
    };
    prefix_problem.or_else(|| match name {
        "" => Some("name part must be non-empty".to_owned()),
        name if name.len() > 63 => Some(format!("name part {}", too_long(63))),
        name => (!is_name_part(name)).then(|| NAME_PART.to_owned()),
    })
}

fn path_segment(name: &str) -> Option<String> {
    if name == "." || name == ".." {
        return Some(format!("may not be '{name}'"));
    }
    let bad = name.chars().find(|c| matches!(c, '/' | '%'))?;
    Some(format!("may not contain '{bad}'"))
}
