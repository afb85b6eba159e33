//! The params file.

use std::{fs, path::Path};

use diagnostics::{Diagnostic, Place};
use resource_graph::yaml;
use serde_json::{Map, Value};

/// Reads a params file: a map in YAML or JSON. An empty file is an empty map.
pub(crate) fn read(path: &Path) -> Result<Value, Diagnostic> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        Diagnostic::error(format!("the params file {name} cannot be read: {error}"))
    })?;
    parse(&name, &text)
}

fn parse(name: &str, text: &str) -> Result<Value, Diagnostic> {
    let at = |position, message: String| {
        Diagnostic::error(message)
            .at(Place::at(name, position))
            .in_text(text)
    };
    let documents = yaml::parse(text).map_err(|error| {
        at(
            error.at,
            format!("the params are no YAML or JSON: {}", error.message),
        )
    })?;
    if let Some(second) = documents.get(1) {
        return Err(at(
            second.at,
            "the params file holds more than one document".to_owned(),
        )
        .hint("keep one; several scenarios are several files"));
    }
    match documents
        .first()
        .map(|document| (document, document.to_json()))
    {
        None | Some((_, Value::Null)) => Ok(Value::Object(Map::new())),
        Some((_, value @ Value::Object(_))) => Ok(value),
        Some((document, _)) => {
            let message = format!("the params are {}, not a map", document.describe());
            Err(at(document.at, message)
                .hint("option(\"params\") is a map: write `key: value` lines"))
        }
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_and_json_give_the_same_values() {
        let expected = json!({"a": {"b": [1, 1.5, null, true, "yes"]}, "c": {}, "d": []});
        let yaml = "a:\n  b: [1, 1.5, null, true, \"yes\"]\nc: {}\nd: []\n";
        assert_eq!(parse("p.yaml", yaml).unwrap(), expected);
        assert_eq!(parse("p.json", &expected.to_string()).unwrap(), expected);
    }

    #[test]
    fn an_empty_file_is_an_empty_map() {
        for text in ["", "# nothing\n", "---\n", "null\n", "{}"] {
            assert_eq!(parse("p.yaml", text).unwrap(), json!({}), "{text:?}");
        }
    }

    #[test]
    fn a_bad_file_is_reported_with_its_line() {
        let cases = [
            ("a: 1\nb: [\n", "no YAML or JSON"),
            ("a: 1\na: 2\n", "no YAML or JSON"),
            ("a: 1\n---\nb: 2\n", "more than one document"),
            ("- 1\n", "the params are a list, not a map"),
            ("{\"a\": }x", "no YAML or JSON"),
        ];
        for (text, message) in cases {
            let error = parse("p.yaml", text).unwrap_err();
            assert!(
                error.message.contains(message),
                "{text:?}: {}",
                error.message
            );
            assert!(
                error.place.is_some_and(|place| place.position.is_some()),
                "{text:?}"
            );
        }
    }
}
