//! Which objects a program's result stands for (krm-kcl's `UnwrapResources`,
//! kyaml's reader and writer, function-kcl's `DataResourcesFromYaml`).

use serde_json::Value;

use crate::{
    go::Object,
    object::{name, string},
};

/// Why a result stands for no objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OutputError {
    /// The function answers Fatal.
    Fatal(String),
    /// The function dies of it.
    Dies(String),
}

/// The objects that a result stands for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Objects {
    pub(super) objects: Vec<Object>,
    /// Oddities that are plainly bugs.
    pub(super) warnings: Vec<String>,
}

/// The objects in a result: one JSON document a line, as KCL gives it.
pub(super) fn objects(json: &str) -> Result<Objects, OutputError> {
    let documents: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(json)
        .into_iter()
        .collect();
    let documents = documents
        .map_err(|error| OutputError::Fatal(format!("KCL's result is no JSON: {error}")))?;
    let nodes = unwrap_list(documents.into_iter().filter(|document| !document.is_null()));
    let mut items = items(nodes)?
        .into_iter()
        .map(as_object)
        .collect::<Result<Vec<Value>, OutputError>>()?;
    let warnings = take_apart(&mut items);
    let objects = items.into_iter().filter_map(|item| match item {
        Value::Object(object) => Some(object),
        _ => None,
    });
    Ok(Objects {
        objects: objects.collect(),
        warnings,
    })
}

/// function-kcl writes the items into one text and takes it apart at `\n---`: a
/// block of lines at the end of one that another follows loses its last line
/// break (krm-kcl's `SplitDocuments`). Gives a warning for each.
fn take_apart(items: &mut [Value]) -> Vec<String> {
    let Some((_, followed)) = items.split_last_mut() else {
        return Vec::new();
    };
    let shortened = followed.iter_mut().filter_map(|item| {
        let object = item.as_object()?;
        let who = format!("{} {:?}", string(object, &["kind"]), name(object));
        let mut field = String::new();
        let text = last_text(item, &mut field).filter(|text| is_block(text))?;
        text.pop();
        Some(format!(
            "{who}: {field} stands at the object's end and loses its last line break there, as \
             function-kcl takes its output apart at line breaks before `---`; let another field follow it"
        ))
    });
    shortened.collect()
}

/// The text that a document ends with, if it ends with one, and its field.
fn last_text<'v>(value: &'v mut Value, field: &mut String) -> Option<&'v mut String> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => {
            *field += &format!("[{}]", items.len().saturating_sub(1));
            last_text(items.last_mut()?, field)
        }
        Value::Object(object) => {
            let (key, value) = object.iter_mut().next_back()?;
            let dot = if field.is_empty() { "" } else { "." };
            *field += &format!("{dot}{key}");
            last_text(value, field)
        }
        _ => None,
    }
}

/// Whether YAML's writer makes the text a block that ends with a line break
/// (libyaml's `yaml_emitter_analyze_scalar`); it quotes what a block can't hold.
fn is_block(text: &str) -> bool {
    let is_break = |c: char| matches!(c, '\n' | '\u{2028}' | '\u{2029}');
    let is_printable =
        |c: char| matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fffd}') && c != '\u{feff}';
    let mut pairs = text.chars().zip(text.chars().skip(1));
    text.ends_with('\n')
        && text.chars().all(is_printable)
        && !pairs.any(|(c, next)| c == ' ' && is_break(next))
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

/// An item that must be an object, unless it is null. kyaml's writer goes
/// through its annotations on the way.
fn as_object(item: Value) -> Result<Value, OutputError> {
    let mut object = match item {
        Value::Null => return Ok(item),
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
    clear_annotations(&mut object)?;
    check_keys(&object)?;
    Ok(Value::Object(object))
}

/// Takes kyaml's own annotations off, then what is left empty (`ByteWriter`).
fn clear_annotations(object: &mut Object) -> Result<(), OutputError> {
    const KYAML: [&str; 3] = [
        "internal.config.kubernetes.io/index",
        "config.kubernetes.io/index",
        "internal.config.kubernetes.io/seqindent",
    ];
    let metadata = match object.get_mut("metadata") {
        None => return Ok(()),
        Some(Value::Null) => &mut Object::new(),
        Some(Value::Object(metadata)) => metadata,
        Some(other) => return Err(wrong_kind("MappingNode", other)),
    };
    let is_empty = match metadata.get_mut("annotations") {
        None => false,
        Some(Value::Null) => true,
        Some(Value::Object(annotations)) => {
            annotations.retain(|key, _| !KYAML.contains(&key.as_str()));
            annotations.is_empty()
        }
        Some(other) => return Err(wrong_kind("MappingNode", other)),
    };
    if is_empty {
        metadata.shift_remove("annotations");
    }
    if metadata.is_empty() {
        object.shift_remove("metadata");
    }
    Ok(())
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
        objects(json).map(|found| json!(found.objects))
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
    fn empty_annotations_and_kyamls_own_are_taken_off() {
        let index =
            json!({"config.kubernetes.io/index": "1", "internal.config.kubernetes.io/index": "1"});
        for (metadata, expected) in [
            (
                json!({"annotations": {}, "name": "a"}),
                json!([{"metadata": {"name": "a"}}]),
            ),
            (
                json!({"annotations": null, "name": "a"}),
                json!([{"metadata": {"name": "a"}}]),
            ),
            (json!({"annotations": index}), json!([{}])),
            (
                json!({"annotations": {"a": null}}),
                json!([{"metadata": {"annotations": {"a": null}}}]),
            ),
            (json!({}), json!([{}])),
            (Value::Null, json!([{}])),
        ] {
            let json = json!({"items": [{"metadata": metadata}]}).to_string();
            assert_eq!(found(&json), Ok(expected), "{json}");
        }
    }

    #[test]
    fn a_block_at_the_end_of_an_object_that_another_follows_loses_its_last_line_break() {
        let config = |text: &str| json!({"kind": "ConfigMap", "data": {"x": text}});
        for (text, expected) in [
            ("a\n", "a"),
            ("a\n b\n\n", "a\n b\n"),
            ("é\u{2028}\n", "é\u{2028}"),
            // None of these becomes a block.
            ("a", "a"),
            ("a \n", "a \n"),
            ("a\tb\n", "a\tb\n"),
            ("🦀\n", "🦀\n"),
            ("a\r\n", "a\r\n"),
        ] {
            let json = json!({"items": [config(text), config(text)]}).to_string();
            let expected = json!([config(expected), config(text)]);
            assert_eq!(found(&json), Ok(expected), "{text:?}");
        }
        let json = json!({"items": [{"kind": "Bed", "spec": {"list": [1, "a\n"]}}, null]});
        let warnings = objects(&json.to_string()).unwrap().warnings;
        assert!(
            warnings[0].starts_with("Bed \"\": spec.list[1] stands"),
            "{warnings:?}"
        );
        let followed = json!({"items": [{"data": {"x": "a\n", "y": 1}}, {}]});
        assert_eq!(found(&followed.to_string()), Ok(followed["items"].clone()));
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
