//! Lists whose entries must differ: `x-kubernetes-list-type: set` and `map`
//! (apiextensions-apiserver, `pkg/apiserver/schema/listtype`).

use super::error::FieldError;
use super::numbers::Number;
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
                Some(ListType::Set) => repeated(path, items, errors),
                Some(ListType::Map) => map_list(path, items, schema, errors),
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
                if let Some(Additional::Schema(below)) = &schema.additional_properties {
                    walk(&path.key(name), value, below, errors);
                }
                if let Some(property) = schema.properties.get(name) {
                    walk(&path.child(name), value, property, errors);
                }
            }
        }
        _ => {}
    }
}

fn map_list(path: &Path, items: &[Value], schema: &Schema, errors: &mut Vec<FieldError>) {
    let stray = items
        .iter()
        .position(|item| !item.is_null() && !item.is_object());
    if let Some(i) = stray {
        let text = "must be an object for an array of list-type map";
        errors.push(FieldError::invalid(&path.index(i), &items[i], text));
        return;
    }
    let keys: Vec<Value> = items.iter().map(|item| keys(item, schema)).collect();
    repeated(path, &keys, errors);
}

/// The fields that tell an entry apart, with the values that it has, sorted.
fn keys(item: &Value, schema: &Schema) -> Value {
    let mut names: Vec<&String> = schema.list_map_keys.iter().collect();
    names.sort();
    let pick = |name: &String| Some((name.clone(), item.get(name)?.clone()));
    let picked = names.into_iter().filter_map(pick);
    Value::Object(picked.collect::<Map<_, _>>())
}

/// Of entries that are all the same only the second is reported.
fn repeated(path: &Path, items: &[Value], errors: &mut Vec<FieldError>) {
    let mut seen: Vec<(Entry, usize)> = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let entry = Entry::of(item);
        match seen.iter_mut().find(|(one, _)| *one == entry) {
            None => seen.push((entry, 1)),
            Some((_, times)) => {
                *times += 1;
                if *times == 2 {
                    errors.push(FieldError::duplicate(&path.index(i), item));
                }
            }
        }
    }
}

/// An entry as the server compares it: scalars by Go's type and value, so that 1
/// and 1.0 differ; lists and objects by their JSON, where they do not.
#[derive(PartialEq)]
enum Entry {
    Number(Number),
    Scalar(Value),
    Json(String),
}

impl Entry {
    fn of(value: &Value) -> Self {
        match value {
            Value::Number(number) => Self::Number(Number::of(number)),
            Value::Array(_) | Value::Object(_) => Self::Json(json(value)),
            _ => Self::Scalar(value.clone()),
        }
    }
}

/// JSON with sorted names and whole floats as integers.
fn json(value: &Value) -> String {
    match value {
        Value::Number(number) => match Number::of(number) {
            Number::Int(integer) => integer.to_string(),
            Number::Float(float) => float.to_string(),
        },
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(json).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(map) => {
            let mut fields: Vec<String> = map
                .iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), json(value)))
                .collect();
            fields.sort();
            format!("{{{}}}", fields.join(","))
        }
        _ => value.to_string(),
    }
}
