//! Lists whose entries must differ: `x-kubernetes-list-type: set` and `map`
//! (apiextensions-apiserver, `pkg/apiserver/schema/listtype`).

use super::error::FieldError;
use super::numbers::Number;
use super::path::Path;
use crate::{Additional, ListType, Schema};
use serde_json::{Map, Value};
use std::collections::HashMap;

pub(super) fn check(object: &Value, schema: &Schema) -> Vec<FieldError> {
    let mut errors = Vec::new();
    walk(&Path::root(), object, schema, &mut errors);
    errors
}

fn walk(path: &Path, value: &Value, schema: &Schema, errors: &mut Vec<FieldError>) {
    match value {
        Value::Array(items) => {
            match schema.list_type {
                Some(ListType::Set) => set(path, items, errors),
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
    let compared: Vec<String> = match &schema.list_map_keys[..] {
        [key] => items.iter().map(|item| one_key(item, key)).collect(),
        _ => keys.iter().map(as_compared).collect(),
    };
    for i in repeated(compared) {
        errors.push(FieldError::duplicate(&path.index(i), &keys[i]));
    }
}

/// The fields that tell an entry apart, with the values that it has, sorted.
fn keys(item: &Value, schema: &Schema) -> Value {
    let mut names: Vec<&String> = schema.list_map_keys.iter().collect();
    names.sort();
    let pick = |name: &String| Some((name.clone(), item.get(name)?.clone()));
    let picked = names.into_iter().filter_map(pick);
    Value::Object(picked.collect::<Map<_, _>>())
}

/// A single key is compared by its value alone; one that is missing is like another.
fn one_key(item: &Value, key: &str) -> String {
    item.get(key).map_or_else(String::new, as_compared)
}

fn set(path: &Path, items: &[Value], errors: &mut Vec<FieldError>) {
    for i in repeated(items.iter().map(as_compared)) {
        errors.push(FieldError::duplicate(&path.index(i), &items[i]));
    }
}

/// Which entries stand there already; of those that are all the same only the second.
fn repeated(entries: impl IntoIterator<Item = String>) -> Vec<usize> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut found = Vec::new();
    for (i, entry) in entries.into_iter().enumerate() {
        let times = seen.entry(entry).or_default();
        *times += 1;
        if *times == 2 {
            found.push(i);
        }
    }
    found
}

/// An entry as the server compares it: scalars by Go's type and value, so that 1
/// and 1.0 differ; lists and objects by their JSON, where they do not.
fn as_compared(value: &Value) -> String {
    match value {
        Value::Number(number) => match Number::of(number) {
            Number::Int(integer) => format!("integer {integer}"),
            // Zero has no sign.
            Number::Float(float) => format!("float {}", float + 0.0),
        },
        value => json(value),
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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::{ListType, Schema};
    use serde_json::{Value, json};

    fn duplicates(keys: &[&str], list: Value) -> Vec<String> {
        let schema = Schema {
            list_type: Some(match keys {
                [] => ListType::Set,
                _ => ListType::Map,
            }),
            list_map_keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            ..Schema::default()
        };
        let errors = check(&list, &schema);
        errors.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn an_integer_and_a_float_differ_but_inside_objects() {
        assert_eq!(
            duplicates(&[], json!([1, 1.0, 1.0, 0.0, -0.0])),
            ["[2]", "[4]"]
        );
        assert_eq!(duplicates(&[], json!([{"a": 1}, {"a": 1.0}])), ["[1]"]);
        // A single key is a scalar, several are an object.
        let list = json!([{"a": 1, "b": 1}, {"a": 1.0, "b": 1}]);
        assert_eq!(duplicates(&["a"], list.clone()), Vec::<String>::new());
        assert_eq!(duplicates(&["a", "b"], list), ["[1]"]);
    }

    #[test]
    fn entries_without_the_key_are_the_same_and_a_null_is_another() {
        let list = json!([{"b": 1}, {"a": null}, null, {"a": ""}, {"a": null}]);
        assert_eq!(duplicates(&["a"], list), ["[2]", "[4]"]);
    }

    #[test]
    fn many_entries_take_no_longer_each() {
        let list: Vec<String> = (0..100_000).map(|i| format!("entry {i}")).collect();
        assert_eq!(duplicates(&[], json!(list)), Vec::<String>::new());
    }
}
