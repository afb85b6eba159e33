//! Which objects a program's result stands for (krm-kcl's `UnwrapResources`,
//! kyaml's reader and writer, function-kcl's `DataResourcesFromYaml`).

use serde_json::Value;

use crate::go::Object;

/// Why a result stands for no objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OutputError {
    /// The function answers Fatal.
    Fatal(String),
    /// The function dies of it.
    Dies(String),
}

/// The objects in a result: one JSON document a line, as KCL gives it.
pub(super) fn objects(json: &str) -> Result<Vec<Object>, OutputError> {
    let documents: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(json)
        .into_iter()
        .collect();
    let documents = documents
        .map_err(|error| OutputError::Fatal(format!("KCL's result is no JSON: {error}")))?;
    let nodes = unwrap_list(documents.into_iter().filter(|document| !document.is_null()));
    let items = items(nodes)?;
    let objects = items.into_iter().filter(|item| !item.is_null()).map(object);
    objects.collect()
}

/// kyaml's reader takes a single document of kind List apart.
fn unwrap_list(documents: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut documents: Vec<Value> = documents.collect();
    let [Value::Object(only)] = documents.as_mut_slice() else {
        return documents;
    };
    let kind = only.get("kind").and_then(Value::as_str);
    let is_list = matches!(kind, Some("List" | "ResourceList"))
        && (only.contains_key("items") || only.contains_key("functionConfig"));
    if !is_list {
        return documents;
    }
    match only.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// The `items` of a single document where it has them, else the documents.
fn items(mut nodes: Vec<Value>) -> Result<Vec<Value>, OutputError> {
    if nodes.len() != 1 {
        nodes.retain(|node| !is_program(node));
        return Ok(nodes);
    }
    match nodes.first_mut() {
        Some(Value::Object(only)) => match only.get_mut("items").map(Value::take) {
            None => Ok(nodes),
            Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(wrong_kind("SequenceNode", &other)),
        },
        Some(other) => Err(wrong_kind("MappingNode", other)),
        None => Ok(nodes),
    }
}

/// Of several documents, the program itself is none of the resources.
fn is_program(document: &Value) -> bool {
    document["apiVersion"] == "krm.kcl.dev/v1alpha1" && document["kind"] == "KCLRun"
}

/// An item as an object. kyaml's writer goes through its annotations on the way.
fn object(item: Value) -> Result<Object, OutputError> {
    let mut object = match item {
        Value::Object(object) => object,
        Value::Array(_) => {
            return Err(OutputError::Dies(
                "an item of its program is itself a list: function-kcl panics and its process \
                 ends (give `items` a flat list; `*[…]` joins one into another)"
                    .to_owned(),
            ));
        }
        scalar => return Err(wrong_kind("MappingNode", &scalar)),
    };
    if let Some(metadata) = object.get_mut("metadata").filter(|value| !value.is_null()) {
        let Value::Object(metadata) = metadata else {
            return Err(wrong_kind("MappingNode", metadata));
        };
        match metadata.get("annotations") {
            None | Some(Value::Null) => {}
            Some(Value::Object(annotations)) if annotations.is_empty() => {
                metadata.shift_remove("annotations");
            }
            Some(Value::Object(_)) => {}
            Some(other) => return Err(wrong_kind("MappingNode", other)),
        }
    }
    check_keys(&object)?;
    Ok(object)
}

/// KCL writes the key `<<` without quotes, and YAML's readers merge it.
fn check_keys(object: &Object) -> Result<(), OutputError> {
    if object.contains_key("<<") {
        return Err(OutputError::Fatal(
            "cannot parse data resources from the pipeline output in *v1.RunFunctionResponse: \
             yaml: map merge requires map or sequence of maps as the value (KCL writes the key \
             `<<` without quotes)"
                .to_owned(),
        ));
    }
    object.values().try_for_each(check_value)
}

fn check_value(value: &Value) -> Result<(), OutputError> {
    match value {
        Value::Array(items) => items.iter().try_for_each(check_value),
        Value::Object(object) => check_keys(object),
        _ => Ok(()),
    }
}

fn wrong_kind(expected: &str, node: &Value) -> OutputError {
    let kind = match node {
        Value::Object(_) => "MappingNode",
        Value::Array(_) => "SequenceNode",
        _ => "ScalarNode",
    };
    OutputError::Fatal(format!(
        "failed to run kcl function pipelines: wrong node kind: expected {expected} but got \
         {kind}: node contents:\n{}",
        kube_yaml::document(node)
    ))
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    fn found(json: &str) -> Result<Value, OutputError> {
        objects(json).map(|objects| json!(objects))
    }

    #[test]
    fn items_count_where_present_else_the_document() {
        let cases = [
            (r#"{"items": [{"a": 1}, null], "x": 2}"#, json!([{"a": 1}])),
            (r#"{"items": null}"#, json!([])),
            (r#"{"items": []}"#, json!([])),
            (r#"{"a": 1}"#, json!([{"a": 1}])),
            ("{}", json!([{}])),
            ("", json!([])),
            (
                "{\"a\": 1}\n{\"items\": [1]}\n",
                json!([{"a": 1}, {"items": [1]}]),
            ),
            (
                r#"{"kind": "List", "items": [{"a": 1}, {"b": 2}]}"#,
                json!([{"a": 1}, {"b": 2}]),
            ),
        ];
        for (json, expected) in cases {
            assert_eq!(found(json), Ok(expected), "{json}");
        }
    }

    #[test]
    fn empty_annotations_are_taken_off() {
        let json = r#"{"items": [{"metadata": {"annotations": {}, "name": "a"}}]}"#;
        assert_eq!(found(json), Ok(json!([{"metadata": {"name": "a"}}])));
    }

    #[test]
    fn what_is_no_list_of_maps_is_refused() {
        for (json, message) in [
            (
                r#"{"items": {"a": 1}}"#,
                "expected SequenceNode but got MappingNode",
            ),
            (
                r#"{"items": [5]}"#,
                "expected MappingNode but got ScalarNode",
            ),
            (
                r#"{"items": [{"metadata": 5}]}"#,
                "expected MappingNode but got ScalarNode",
            ),
            (r#"{"items": [{"d": {"<<": 1}}]}"#, "map merge requires map"),
        ] {
            let error = found(json);
            let is_expected =
                matches!(&error, Err(OutputError::Fatal(text)) if text.contains(message));
            assert!(is_expected, "{json}: {error:?}");
        }
        assert!(matches!(
            found(r#"{"items": [[1]]}"#),
            Err(OutputError::Dies(_))
        ));
    }
}
