//! Metadata as Go decodes it (apimachinery, `meta/v1`): fields of a type of
//! their own; null and empty are the same as not being there.

use super::each_embedded;
use crate::Schema;
use crate::validate::error::{FieldError, type_name};
use crate::validate::formats::{Civil, parse_rfc3339};
use crate::validate::path::Path;
use serde_json::{Map, Value};

/// The Go type of a field.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Integer,
    Boolean,
    Time,
    TextMap,
    TextList,
    /// A list of objects with these fields.
    Objects(&'static [(&'static str, Shape)]),
    Anything,
}

const OBJECT_META: [(&str, Shape); 15] = [
    ("name", Shape::Text),
    ("generateName", Shape::Text),
    ("namespace", Shape::Text),
    ("selfLink", Shape::Text),
    ("uid", Shape::Text),
    ("resourceVersion", Shape::Text),
    ("generation", Shape::Integer),
    ("creationTimestamp", Shape::Time),
    ("deletionTimestamp", Shape::Time),
    ("deletionGracePeriodSeconds", Shape::Integer),
    ("labels", Shape::TextMap),
    ("annotations", Shape::TextMap),
    ("ownerReferences", Shape::Objects(&OWNER_REFERENCE)),
    ("finalizers", Shape::TextList),
    ("managedFields", Shape::Objects(&MANAGED_FIELDS)),
];
const OWNER_REFERENCE: [(&str, Shape); 6] = [
    ("apiVersion", Shape::Text),
    ("kind", Shape::Text),
    ("name", Shape::Text),
    ("uid", Shape::Text),
    ("controller", Shape::Boolean),
    ("blockOwnerDeletion", Shape::Boolean),
];
const MANAGED_FIELDS: [(&str, Shape); 7] = [
    ("manager", Shape::Text),
    ("operation", Shape::Text),
    ("apiVersion", Shape::Text),
    ("time", Shape::Time),
    ("fieldsType", Shape::Text),
    ("fieldsV1", Shape::Anything),
    ("subresource", Shape::Text),
];

/// What decoding the resource's metadata refuses: unknown fields and values of
/// another type. Those fields, and what is empty, are taken out. The resource
/// always has metadata afterwards, as the server fills in some itself.
pub(in crate::validate) fn decode(object: &mut Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Value::Object(fields) = object {
        let metadata = fields.entry("metadata").or_insert(Value::Null);
        decode_one(&Path::root().child("metadata"), metadata, &mut errors);
    }
    errors
}

/// The same for the resources inside; they need not have metadata.
pub(in crate::validate) fn decode_embedded(object: &mut Value, schema: &Schema) -> Vec<FieldError> {
    let mut errors = Vec::new();
    each_embedded(&Path::root(), object, schema, &mut |path, resource| {
        for field in ["apiVersion", "kind"] {
            if let Some(value) = resource.get(field).filter(|value| !value.is_string()) {
                let found = type_name(value);
                errors.push(FieldError::undecodable(&path.child(field), "string", found));
            }
        }
        if let Some(metadata) = resource.get_mut("metadata") {
            decode_one(&path.child("metadata"), metadata, &mut errors);
        }
    });
    errors
}

fn decode_one(path: &Path, metadata: &mut Value, errors: &mut Vec<FieldError>) {
    match metadata {
        Value::Object(fields) => {
            decode_fields(path, fields, &OBJECT_META, errors);
            return;
        }
        Value::Null => {}
        ref other => {
            let found = type_name(other);
            errors.push(FieldError::undecodable(path, "object", found));
        }
    }
    *metadata = Value::Object(Map::new());
}

fn decode_fields(
    path: &Path,
    fields: &mut Map<String, Value>,
    shapes: &[(&'static str, Shape)],
    errors: &mut Vec<FieldError>,
) {
    fields.retain(|name, value| {
        let path = path.child(name);
        let Some((_, shape)) = shapes.iter().find(|(known, _)| known == name) else {
            let known = shapes.iter().map(|(name, _)| *name);
            let near = diagnostics::suggest::nearest(name, known);
            errors.push(FieldError::unknown(&path, near));
            return false;
        };
        // `Time.MarshalJSON`; of an optional time the null is kept.
        if matches!(shape, Shape::Time) && is_never(value) {
            *value = Value::Null;
            return name != "creationTimestamp";
        }
        decode_value(&path, value, *shape, errors);
        !is_empty(value)
    });
}

/// Leaves a null where the value has another type.
fn decode_value(path: &Path, value: &mut Value, shape: Shape, errors: &mut Vec<FieldError>) {
    match (shape, &mut *value) {
        (_, Value::Null)
        | (Shape::Text, Value::String(_))
        | (Shape::Boolean, Value::Bool(_))
        | (Shape::Anything, _) => return,
        (Shape::Integer, Value::Number(number)) if is_integer(number) => return,
        (Shape::Time, Value::String(text)) => {
            if let Some(stored) = stored_time(text) {
                *text = stored;
                return;
            }
        }
        (Shape::TextMap, Value::Object(map)) => {
            for (key, value) in map {
                decode_text(&path.child(key), value, errors);
            }
            return;
        }
        (Shape::TextList, Value::Array(items)) => {
            for (i, item) in items.iter_mut().enumerate() {
                decode_text(&path.index(i), item, errors);
            }
            return;
        }
        (Shape::Objects(shapes), Value::Array(items)) => {
            for (i, item) in items.iter_mut().enumerate() {
                decode_object(&path.index(i), item, shapes, errors);
            }
            return;
        }
        _ => {}
    }
    let found = type_name(value);
    errors.push(FieldError::undecodable(path, shape.name(), found));
    *value = Value::Null;
}

/// A null is an empty text.
fn decode_text(path: &Path, value: &mut Value, errors: &mut Vec<FieldError>) {
    if !value.is_string() {
        if !value.is_null() {
            errors.push(FieldError::undecodable(path, "string", type_name(value)));
        }
        *value = Value::String(String::new());
    }
}

fn decode_object(
    path: &Path,
    value: &mut Value,
    shapes: &[(&'static str, Shape)],
    errors: &mut Vec<FieldError>,
) {
    match value {
        Value::Object(fields) => return decode_fields(path, fields, shapes, errors),
        Value::Null => {}
        ref other => errors.push(FieldError::undecodable(path, "object", type_name(other))),
    }
    *value = Value::Object(Map::new());
}

impl Shape {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Time => "string with format date-time",
            Self::TextMap => "object",
            Self::TextList | Self::Objects(_) => "array",
            Self::Anything => "any",
        }
    }
}

fn is_integer(number: &serde_json::Number) -> bool {
    let float = number.as_f64().unwrap_or(f64::NAN);
    number.is_i64() || (number.is_f64() && float.to_string().parse::<i64>().is_ok())
}

/// As it is stored: to the second and in UTC.
fn stored_time(text: &str) -> Option<String> {
    parse_rfc3339(text).map(|at| format!("{}Z", Civil::of(at.seconds)))
}

/// Whether it is the beginning of the year 1, which Go takes for no time at all.
fn is_never(value: &Value) -> bool {
    let at = value.as_str().and_then(parse_rfc3339);
    at.is_some_and(|at| (at.seconds, at.nanoseconds) == (-62_135_596_800, 0))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
