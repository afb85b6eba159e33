//! Lists whose entries must differ: `x-kubernetes-list-type: set` and `map`.

use super::error::FieldError;
use super::path::Path;
use crate::{Additional, ListType, Schema};
use serde_json::{Map, Value};

pub(super) fn check(object: &Value, schema: &Schema) -> Vec<FieldError> {
    let mut errors = Vec::new();
    walk(&Path::root(), object, schema, &mut errors);
    errors
}

fn walk(path: &Path, value: &Value, schema: &Schema, errors: &mut Vec<FieldError>) {
    match value {
        Value::Array(items) => {
            match schema.list_type {
                Some(ListType::Set) => repeated(path, items.iter().cloned(), errors),
                Some(ListType::Map) => {
                    repeated(path, items.iter().map(|item| keys(item, schema)), errors);
                }
                Some(ListType::Atomic) | None => {}
            }
            if let Some(below) = &schema.items {
                for (i, item) in items.iter().enumerate() {
                    walk(&path.index(i), item, below, errors);
                }
            }
        }
        Value::Object(map) => {
            for (name, value) in map {
                match (schema.properties.get(name), &schema.additional_properties) {
                    (Some(property), _) => walk(&path.child(name), value, property, errors),
                    (None, Some(Additional::Schema(below))) => {
                        walk(&path.child(name), value, below, errors);
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// The fields that tell an entry apart, with the values that it has.
fn keys(item: &Value, schema: &Schema) -> Value {
    let pick = |name: &String| item.get(name).map(|value| (name.clone(), value.clone()));
    Value::Object(
        schema
            .list_map_keys
            .iter()
            .filter_map(pick)
            .collect::<Map<_, _>>(),
    )
}

fn repeated(path: &Path, items: impl Iterator<Item = Value>, errors: &mut Vec<FieldError>) {
    let mut seen: Vec<Value> = Vec::new();
    for (i, item) in items.enumerate() {
        if seen.contains(&item) {
            errors.push(FieldError::duplicate(&path.index(i), &item));
        }
        seen.push(item);
    }
}
