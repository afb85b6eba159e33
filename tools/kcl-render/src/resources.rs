//! Which resources a program's result stands for.

use diagnostics::Diagnostic;
use serde_json::Value;

/// The resources in a result: the documents of a stream, else the list
/// `items`, else the whole document; None items are left out, as function-kcl does.
pub(crate) fn select(json: &str) -> Result<Vec<Value>, Diagnostic> {
    let mut documents = documents(json)?;
    if documents.len() != 1 {
        return Ok(documents);
    }
    match documents.remove(0) {
        Value::Object(mut map) if map.contains_key("items") => {
            items(map.shift_remove("items").unwrap_or_default())
        }
        Value::Null => Ok(Vec::new()),
        Value::Object(map) if map.is_empty() => Ok(Vec::new()),
        document => Ok(vec![document]),
    }
}

fn items(items: Value) -> Result<Vec<Value>, Diagnostic> {
    match items {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => Ok(items.into_iter().filter(|item| !item.is_null()).collect()),
        other => Err(
            Diagnostic::error(format!("`items` is {}, not a list", describe(&other))).hint(
                "give `items` a list of resources; hide helpers from the result with a leading `_`",
            ),
        ),
    }
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "None",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

/// KCL writes one document a line for a stream.
fn documents(json: &str) -> Result<Vec<Value>, Diagnostic> {
    serde_json::Deserializer::from_str(json)
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(|error| Diagnostic::error(format!("KCL's result is no JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stream_gives_its_documents() {
        let found = select("{\"a\": 1}\n{\"items\": [2]}\n").unwrap();
        assert_eq!(found, [json!({"a": 1}), json!({"items": [2]})]);
    }

    #[test]
    fn items_give_themselves_without_none() {
        let found = select(r#"{"x": 1, "items": [{"a": 1}, null, {"b": 2}]}"#).unwrap();
        assert_eq!(found, [json!({"a": 1}), json!({"b": 2})]);
        assert_eq!(select(r#"{"items": null}"#).unwrap(), Vec::<Value>::new());
    }

    #[test]
    fn a_document_gives_itself() {
        assert_eq!(
            select(r#"{"b": 1, "a": 2}"#).unwrap()[0].to_string(),
            r#"{"b":1,"a":2}"#
        );
        assert_eq!(select("{}").unwrap(), Vec::<Value>::new());
        assert_eq!(select("").unwrap(), Vec::<Value>::new());
    }

    #[test]
    fn items_that_are_no_list_are_refused() {
        let error = select(r#"{"items": {"a": 1}}"#).unwrap_err();
        assert_eq!(error.message, "`items` is a map, not a list");
    }
}
