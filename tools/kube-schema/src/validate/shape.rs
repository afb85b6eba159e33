//! What happens to an object before it is judged: unknown fields go, nulls go
//! where they mean nothing, defaults come.

use super::error::FieldError;
use super::path::Path;
use crate::{Additional, Schema};
use serde_json::{Map, Value};

/// What every object has, whatever its schema says.
const META_FIELDS: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Takes out every field that the schema does not know, and reports each.
pub(super) fn prune(object: &mut Value, schema: &Schema) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Value::Object(map) = object {
        walk_map(&Path::root(), map, Some(schema), &mut errors);
    }
    errors
}

fn walk(path: &Path, value: &mut Value, schema: Option<&Schema>, errors: &mut Vec<FieldError>) {
    match value {
        Value::Object(map) => walk_map(path, map, schema, errors),
        Value::Array(items) => {
            let below = schema.and_then(|schema| schema.items.as_deref());
            // Under preserve-unknown a list without a schema keeps what it holds.
            if below.is_none() && schema.is_some_and(|schema| schema.preserve_unknown) {
                return;
            }
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
    schema: Option<&Schema>,
    errors: &mut Vec<FieldError>,
) {
    let is_resource = path.is_root() || schema.is_some_and(|schema| schema.embedded_resource);
    let mut unknown = Vec::new();
    for (name, value) in map.iter_mut() {
        let path = path.child(name);
        match known(schema, name, is_resource) {
            Known::Kept => {}
            Known::By(schema) => walk(&path, value, schema, errors),
            Known::Not => {
                let names = schema
                    .into_iter()
                    .flat_map(|schema| schema.properties.keys());
                let near = diagnostics::suggest::nearest(name, names.map(String::as_str));
                errors.push(FieldError::unknown(&path, near));
                unknown.push(name.clone());
            }
        }
    }
    map.retain(|name, _| !unknown.contains(name));
}

enum Known<'s> {
    /// With everything below it.
    Kept,
    /// And judged by this schema; without one no field below is known.
    By(Option<&'s Schema>),
    Not,
}

fn known<'s>(schema: Option<&'s Schema>, name: &str, is_resource: bool) -> Known<'s> {
    let Some(schema) = schema else {
        return Known::Not;
    };
    if is_resource && META_FIELDS.contains(&name) {
        return Known::Kept;
    }
    match (schema.properties.get(name), &schema.additional_properties) {
        (Some(property), _) => Known::By(Some(property)),
        (None, Some(Additional::Schema(schema))) => Known::By(Some(schema)),
        (None, _) if schema.preserve_unknown => Known::Kept,
        // Scalars stay; objects below lose all their fields.
        (None, Some(Additional::Allowed(true))) => Known::By(None),
        (None, _) => Known::Not,
    }
}

/// Drops nulls that mean nothing and fills in defaults.
pub(super) fn default(value: &mut Value, schema: &Schema) {
    match value {
        Value::Object(map) => default_map(map, schema),
        Value::Array(items) => {
            let Some(below) = &schema.items else { return };
            for item in items {
                if item.is_null()
                    && !below.nullable
                    && let Some(given) = &below.default
                {
                    *item = given.clone();
                }
                default(item, below);
            }
        }
        _ => {}
    }
}

fn default_map(map: &mut Map<String, Value>, schema: &Schema) {
    map.retain(|name, value| {
        !value.is_null()
            || below(schema, name).is_none_or(|schema| schema.nullable || schema.default.is_some())
    });
    for (name, value) in map.iter_mut() {
        let Some(below) = below(schema, name) else {
            continue;
        };
        if value.is_null()
            && !below.nullable
            && let Some(given) = &below.default
        {
            *value = given.clone();
        }
        default(value, below);
    }
    for (name, property) in &schema.properties {
        if let Some(given) = &property.default
            && !map.contains_key(name)
        {
            let mut given = given.clone();
            default(&mut given, property);
            map.insert(name.clone(), given);
        }
    }
}

fn below<'s>(schema: &'s Schema, name: &str) -> Option<&'s Schema> {
    let additional = || match &schema.additional_properties {
        Some(Additional::Schema(schema)) => Some(schema.as_ref()),
        _ => None,
    };
    schema.properties.get(name).or_else(additional)
}
