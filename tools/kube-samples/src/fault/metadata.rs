//! Metadata that is wrong in one way, the resource's own and that of resources
//! inside it.

use serde_json::{Value, json};

/// The one of [`own`] that lacks a name.
pub(super) const NO_NAME: usize = 21;

pub(super) fn embedded(which: usize, current: &Value) -> Vec<Value> {
    let Some(map) = current.as_object() else {
        return Vec::new();
    };
    let mut map = map.clone();
    let metadata = match which {
        0 => {
            map.shift_remove("apiVersion");
            return vec![Value::Object(map)];
        }
        1 => {
            map.shift_remove("kind");
            return vec![Value::Object(map)];
        }
        2..7 => {
            let (field, value) = [
                ("apiVersion", json!("")),
                ("apiVersion", json!("a/b/c")),
                ("kind", json!("")),
                ("kind", json!("No Kind")),
                ("kind", json!(5)),
            ][which - 2]
                .clone();
            map.insert(field.to_owned(), value);
            return vec![Value::Object(map)];
        }
        7 => json!({"name": "a/b"}),
        8 => json!({"name": "a", "namespace": "Not A Label"}),
        9 => json!({"labels": {"a b": "c"}}),
        10 => json!({"labels": {"a": "not valid"}}),
        11 => json!({"name": "a", "notDeclared": 1}),
        12 => json!({"name": 5}),
        _ => json!({"annotations": {"/a": "b"}}),
    };
    map.insert("metadata".to_owned(), metadata);
    vec![Value::Object(map)]
}

pub(super) fn own(which: usize, current: &Value) -> Vec<Value> {
    let owner = json!({"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"});
    let (field, value) = match which {
        0 => ("name", json!("UPPER")),
        1 => ("name", json!("a_b")),
        2 => ("name", json!("a".repeat(254))),
        3 => ("name", json!("-a")),
        4 => ("name", json!(7)),
        5 => ("generateName", json!("Not valid-")),
        6 => ("labels", json!({"-a": "b"})),
        7 => ("labels", json!({"a": "b c"})),
        8 => ("labels", json!({"a": "b".repeat(64)})),
        9 => ("labels", json!({"Example.org/a": "b"})),
        10 => ("labels", json!({"a": true})),
        11 => ("labels", json!(["a"])),
        12 => ("annotations", json!({"a/b/c": "d"})),
        13 => ("annotations", json!({"a": 1})),
        14 => (
            "ownerReferences",
            json!([{"apiVersion": "v1", "kind": "Pod", "name": "p"}]),
        ),
        15 => (
            "ownerReferences",
            json!([{"apiVersion": "a/b/c", "kind": "P", "name": "p", "uid": "u"}]),
        ),
        16 => (
            "ownerReferences",
            json!([with(&owner, "notDeclared", 1.into())]),
        ),
        17 => ("finalizers", json!(["not valid"])),
        18 => ("notDeclared", json!("x")),
        19 => ("creationTimestamp", json!("yesterday")),
        20 => ("generation", json!("1")),
        NO_NAME.. => {
            let mut map = current.as_object().cloned().unwrap_or_default();
            map.shift_remove("name");
            return vec![Value::Object(map)];
        }
    };
    vec![with(current, field, value)]
}

fn with(object: &Value, field: &str, value: Value) -> Value {
    let mut map = object.as_object().cloned().unwrap_or_default();
    map.insert(field.to_owned(), value);
    Value::Object(map)
}
