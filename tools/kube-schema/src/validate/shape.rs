//! What happens to an object before it is judged: unknown fields go, nulls go
//! where they mean nothing, defaults come (apiextensions-apiserver,
//! `pkg/apiserver/schema/{pruning,defaulting}`).

use super::error::FieldError;
use super::path::Path;
use crate::{Additional, Schema};
use serde_json::{Map, Value};

/// What every resource has, whatever its schema says.
const META_FIELDS: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Whether an object is a whole resource, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Resource,
    Part,
}

/// Takes out every field that the schema does not know, and reports each.
pub(super) fn prune(object: &mut Value, schema: &Schema, root: Root) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let node = Node {
        schema: Some(schema),
        is_resource: root == Root::Resource || schema.embedded_resource,
        keeps_unknown: schema.preserve_unknown,
    };
    walk(&Path::root(), object, node, &mut errors);
    errors
}

/// What is known of a value.
#[derive(Clone, Copy)]
struct Node<'s> {
    /// Without one, no field is known.
    schema: Option<&'s Schema>,
    is_resource: bool,
    keeps_unknown: bool,
}

impl<'s> Node<'s> {
    fn of(schema: Option<&'s Schema>) -> Self {
        Self {
            schema,
            is_resource: schema.is_some_and(|schema| schema.embedded_resource),
            keeps_unknown: schema.is_some_and(|schema| schema.preserve_unknown),
        }
    }

    /// A list that keeps what is unknown has elements that do.
    fn item(self) -> Option<Self> {
        let items = self.schema.and_then(|schema| schema.items.as_deref());
        if self.keeps_unknown {
            return items.map(|items| Self {
                keeps_unknown: true,
                ..Self::of(Some(items))
            });
        }
        Some(Self::of(items))
    }

    fn field(self, name: &str) -> Known<'s> {
        let Some(schema) = self.schema else {
            return Known::Not;
        };
        if self.is_resource && META_FIELDS.contains(&name) {
            return Known::Kept;
        }
        match (schema.properties.get(name), &schema.additional_properties) {
            (Some(property), _) => Known::As(Self::of(Some(property))),
            (None, Some(Additional::Schema(below))) => Known::As(Self::of(Some(below))),
            // The field stays; objects below it lose all their fields.
            (None, Some(Additional::Allowed(_))) => Known::As(Self::of(None)),
            (None, None) if self.keeps_unknown => Known::Kept,
            (None, None) => Known::Not,
        }
    }
}

enum Known<'s> {
    /// With everything below it.
    Kept,
    As(Node<'s>),
    Not,
}

fn walk(path: &Path, value: &mut Value, node: Node<'_>, errors: &mut Vec<FieldError>) {
    match value {
        Value::Object(map) => walk_map(path, map, node, errors),
        Value::Array(items) => {
            let Some(below) = node.item() else { return };
            for (i, item) in items.iter_mut().enumerate() {
                walk(&path.index(i), item, below, errors);
            }
        }
        _ => {}
    }
}

fn walk_map(
    path: &Path,
    map: &mut Map<String, Value>,
    node: Node<'_>,
    errors: &mut Vec<FieldError>,
) {
    let mut unknown = Vec::new();
    for (name, value) in map.iter_mut() {
        let path = path.child(name);
        match node.field(name) {
            Known::Kept => {}
            Known::As(below) => walk(&path, value, below, errors),
            Known::Not => {
                let properties = node.schema.into_iter().flat_map(|s| s.properties.keys());
                let near = diagnostics::suggest::nearest(name, properties.map(String::as_str));
                errors.push(FieldError::unknown(&path, near));
                unknown.push(name.clone());
            }
        }
    }
    map.retain(|name, _| !unknown.contains(name));
}

/// Drops nulls that mean nothing: in a field that is neither nullable nor has a
/// default.
pub(super) fn drop_nulls(value: &mut Value, schema: Option<&Schema>) {
    match value {
        Value::Object(map) => {
            map.retain(|name, value| {
                let below = schema.and_then(|schema| schema.field(name));
                let is_nothing = value.is_null()
                    && below.is_some_and(|below| !below.nullable && default_of(below).is_none());
                if !is_nothing {
                    drop_nulls(value, below);
                }
                !is_nothing
            });
        }
        Value::Array(items) => {
            let below = schema.and_then(|schema| schema.items.as_deref());
            for item in items {
                drop_nulls(item, below);
            }
        }
        _ => {}
    }
}

/// Fills in defaults: for fields that are missing, and for nulls where null is
/// no value.
pub(super) fn default(value: &mut Value, schema: &Schema) {
    match value {
        Value::Object(map) => fill_in_defaults(map, schema),
        Value::Array(items) => {
            let Some(below) = &schema.items else { return };
            for item in items {
                replace_null(item, below);
                default(item, below);
            }
        }
        _ => {}
    }
}

/// The same for an object.
pub fn fill_in_defaults(map: &mut Map<String, Value>, schema: &Schema) {
    for (name, property) in &schema.properties {
        let Some(given) = default_of(property) else {
            continue;
        };
        let is_missing = match map.get(name) {
            Some(value) => value.is_null() && !property.nullable,
            None => true,
        };
        if is_missing {
            map.insert(name.clone(), given);
        }
    }
    for (name, value) in map.iter_mut() {
        match (schema.properties.get(name), &schema.additional_properties) {
            (Some(property), _) => default(value, property),
            (None, Some(Additional::Schema(below))) => {
                replace_null(value, below);
                default(value, below);
            }
            _ => {}
        }
    }
}

fn replace_null(value: &mut Value, schema: &Schema) {
    if value.is_null()
        && !schema.nullable
        && let Some(given) = default_of(schema)
    {
        *value = given;
    }
}

/// The default; a null is none. It comes as YAML, where 1.0 is the integer 1.
fn default_of(schema: &Schema) -> Option<Value> {
    let given = schema.default.as_ref().filter(|given| !given.is_null())?;
    Some(with_whole_integers(given))
}

/// The same value with 1 for each 1.0.
pub fn with_whole_integers(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            let float = number.as_f64().unwrap_or(f64::NAN);
            let integer = float.to_string().parse::<i64>();
            integer.map_or_else(|_| value.clone(), Value::from)
        }
        Value::Array(items) => items.iter().map(with_whole_integers).collect(),
        Value::Object(map) => {
            let entries = map.iter();
            let entries = entries.map(|(name, value)| (name.clone(), with_whole_integers(value)));
            Value::Object(entries.collect())
        }
        _ => value.clone(),
    }
}
