//! Writes Kubernetes objects as YAML that YAML 1.1 and 1.2 readers take for
//! the same values. Reading YAML does not live here.
//!
//! Kubernetes' tools read YAML 1.1 in part, so `yes`, `1e3`, `12:30`, `=` or a
//! date must be quoted where they are strings. The layout is the one that
//! kubectl prints: lists at their key's column, no folding, keys in the order
//! of the value.
//!
//! [`sigs`] is the layout of upstream's own tools instead.
//!
//! ```
//! let value = serde_json::json!({"kind": "Door", "spec": {"open": "yes", "hours": [8, "8:30"]}});
//! assert_eq!(
//!     kube_yaml::document(&value),
//!     "kind: Door\nspec:\n  open: \"yes\"\n  hours:\n  - 8\n  - \"8:30\"\n",
//! );
//! ```

mod scalar;
pub mod sigs;

use serde_json::{Map, Value};

/// `values` as documents with a `---` line between each two.
pub fn stream<'a>(values: impl IntoIterator<Item = &'a Value>) -> String {
    let documents: Vec<String> = values.into_iter().map(document).collect();
    documents.join("---\n")
}

/// `value` as one document that ends with a newline.
pub fn document(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => write_map(&mut out, map, 0),
        Value::Array(items) if !items.is_empty() => write_list(&mut out, items, 0),
        leaf => {
            write_leaf(&mut out, leaf, 1);
            out.push('\n');
        }
    }
    out
}

/// Writes entries at `indent`; the cursor stands there already.
fn write_map(out: &mut String, map: &Map<String, Value>, indent: usize) {
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            pad(out, indent);
        }
        out.push_str(&scalar::key(key));
        out.push(':');
        write_entry(out, value, indent);
    }
}

fn write_entry(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            pad(out, indent + 1);
            write_map(out, map, indent + 1);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            pad(out, indent);
            write_list(out, items, indent);
        }
        leaf => {
            out.push(' ');
            write_leaf(out, leaf, indent + 1);
            out.push('\n');
        }
    }
}

fn write_list(out: &mut String, items: &[Value], indent: usize) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            pad(out, indent);
        }
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => write_map(out, map, indent + 1),
            Value::Array(items) if !items.is_empty() => write_list(out, items, indent + 1),
            leaf => {
                write_leaf(out, leaf, indent + 1);
                out.push('\n');
            }
        }
    }
}

/// Writes a scalar, `{}` or `[]`; the lines of a block stand at `indent`.
fn write_leaf(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&scalar::number(number)),
        Value::String(text) => match scalar::block(text, indent) {
            Some(block) => out.push_str(&block),
            None => out.push_str(&scalar::string(text)),
        },
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n("  ", indent));
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Value {
        serde_saphyr::from_str(text).expect("readable YAML")
    }

    #[test]
    fn nested_lists_and_maps_are_laid_out_like_kubectl() {
        let value = json!({
            "a": [{"b": 1, "c": [{"d": [[1, 2], []]}]}, "x"],
            "e": {}, "f": {"g": null, "h": true, "i": 1.5}
        });
        let text = "a:\n- b: 1\n  c:\n  - d:\n    - - 1\n      - 2\n    - []\n- x\ne: {}\nf:\n  g: null\n  h: true\n  i: 1.5\n";
        assert_eq!(document(&value), text);
        assert_eq!(read(text), value);
    }

    #[test]
    fn texts_of_several_lines_are_blocks_and_come_back_whole() {
        let value =
            json!({"script": "#!/bin/sh\nset -e\n\n  x: 1\n", "cut": "a\nb", "list": ["a\n"]});
        let text =
            "script: |\n  #!/bin/sh\n  set -e\n\n    x: 1\ncut: |-\n  a\n  b\nlist:\n- |\n  a\n";
        assert_eq!(document(&value), text);
        assert_eq!(read(text), value);
    }

    #[test]
    fn odd_texts_come_back_whole() {
        let odd = [
            "",
            " ",
            "a ",
            "-",
            "- a",
            "a: b",
            "a #b",
            "#a",
            "\n",
            "a\n\n",
            " a\nb",
            "a\n \nb",
            "\ta",
            "a\tb\nc",
            "a\r\nb",
            "'",
            "\"",
            "\\",
            "{a}",
            "[a",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "? a",
            ": a",
            "a:",
            "\u{7f}",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{0}",
            "é",
            "🦀",
            "---",
            "...",
            "a\n---\nb",
            "<<",
            "=",
            "null",
            "~",
            "None",
            "trailing\n\n\n",
        ];
        for text in odd {
            let value = json!({"k": text, text: [text], "l": [[text]]});
            assert_eq!(
                read(&document(&value)),
                value,
                "{text:?} written as\n{}",
                document(&value)
            );
        }
        assert_eq!(read(&document(&json!("a\nb\n"))), json!("a\nb\n"));
    }

    #[test]
    fn documents_of_a_stream_are_separated() {
        assert_eq!(
            stream(&[json!({"a": 1}), json!({"a": 2})]),
            "a: 1\n---\na: 2\n"
        );
        assert_eq!(stream(&[]), "");
    }
}
