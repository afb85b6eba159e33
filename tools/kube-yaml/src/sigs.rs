//! The layout of `sigs.k8s.io/yaml`, byte for byte: what Go's Kubernetes tools
//! print. Keys are sorted, long texts are folded at 80 columns, numbers are
//! written as its JSON detour leaves them.
//!
//! The rules are those of its `go.yaml.in/yaml/v2` (`encode.go`, `sorter.go`,
//! `resolve.go`, `emitterc.go`).

mod float;
mod order;
mod text;

use serde_json::{Map, Number, Value};

pub use float::json_number;

/// Columns after which a text is folded at the next space.
const WIDTH: usize = 80;
/// The longest key in bytes that needs no `?`.
const SIMPLE_KEY: usize = 128;

/// `values` as a stream, a `---` line before each.
pub fn stream<'a>(values: impl IntoIterator<Item = &'a Value>) -> String {
    let documents = values
        .into_iter()
        .map(|value| format!("---\n{}", document(value)));
    documents.collect()
}

/// `value` as one document that ends with a newline.
pub fn document(value: &Value) -> String {
    let mut printer = Printer::default();
    match value {
        Value::Object(map) if !map.is_empty() => printer.map(map, 0),
        Value::Array(items) if !items.is_empty() => printer.list(items, 0),
        leaf => printer.leaf(leaf, 2),
    }
    printer.end_line();
    printer.out
}

#[derive(Debug, Default)]
struct Printer {
    out: String,
    column: usize,
}

impl Printer {
    fn write(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn end_line(&mut self) {
        if self.column > 0 {
            self.break_line();
        }
    }

    fn break_line(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column += indent;
    }

    /// Entries at `indent`; the cursor stands there or at the start of a line.
    fn map(&mut self, map: &Map<String, Value>, indent: usize) {
        let mut entries: Vec<_> = map.iter().collect();
        entries.sort_by(|a, b| order::compare(a.0, b.0));
        for (key, value) in entries {
            self.start_entry(indent);
            self.key(key, indent);
            match value {
                Value::Object(map) if !map.is_empty() => {
                    self.break_line();
                    self.map(map, indent + 2);
                }
                Value::Array(items) if !items.is_empty() => {
                    self.break_line();
                    self.list(items, indent);
                }
                leaf => {
                    self.write(" ");
                    self.leaf(leaf, indent + 2);
                }
            }
        }
    }

    /// Ends the line before, unless the cursor stands where the entry begins.
    fn start_entry(&mut self, indent: usize) {
        let is_at_start = self.column == indent && self.out.ends_with([' ', '\n']);
        if !is_at_start || self.column == 0 {
            self.end_line();
            self.indent(indent);
        }
    }

    fn key(&mut self, key: &str, indent: usize) {
        let analysis = text::Analysis::of(key);
        if analysis.is_multiline || key.len() > SIMPLE_KEY {
            self.write("? ");
            self.text(key, indent + 2);
            self.end_line();
            self.indent(indent);
            self.write(":");
            return;
        }
        let written = match text::style(key, &analysis, true) {
            text::Style::Plain => key.to_owned(),
            text::Style::Single => format!("'{}'", key.replace('\'', "''")),
            text::Style::Double | text::Style::Literal => text::double_quoted(key),
        };
        self.write(&written);
        self.write(":");
    }

    fn list(&mut self, items: &[Value], indent: usize) {
        for item in items {
            self.start_entry(indent);
            self.write("- ");
            match item {
                Value::Object(map) if !map.is_empty() => self.map(map, indent + 2),
                Value::Array(items) if !items.is_empty() => self.list(items, indent + 2),
                leaf => self.leaf(leaf, indent + 2),
            }
        }
    }

    /// A scalar, `{}` or `[]`; what does not fit a line goes on at `indent`.
    fn leaf(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Null => self.write("null"),
            Value::Bool(value) => self.write(if *value { "true" } else { "false" }),
            Value::Number(number) => self.number(number),
            Value::String(text) => self.text(text, indent),
            Value::Array(_) => self.write("[]"),
            Value::Object(_) => self.write("{}"),
        }
    }

    fn number(&mut self, number: &Number) {
        self.write(&float::yaml_number(number));
    }

    fn text(&mut self, text: &str, indent: usize) {
        match text::style(text, &text::Analysis::of(text), false) {
            text::Style::Plain => self.folded("", text, "", indent, false),
            text::Style::Single => {
                self.folded("'", &text.replace('\'', "''"), "'", indent, true);
            }
            text::Style::Double => self.folded_double(text, indent),
            text::Style::Literal => self.literal(text, indent),
        }
    }

    /// A text that is folded at spaces past the width; quoted ones neither at
    /// the first nor at the last character.
    fn folded(&mut self, open: &str, text: &str, close: &str, indent: usize, is_quoted: bool) {
        self.write(open);
        let mut was_space = false;
        let last = text.len().saturating_sub(1);
        for (at, c) in text.char_indices() {
            let is_space = c == ' ';
            let inside = !is_quoted || at > 0 && at < last;
            let followed_by_space = text[at + c.len_utf8()..].starts_with(' ');
            if is_space && !was_space && self.column > WIDTH && inside && !followed_by_space {
                self.break_line();
                self.indent(indent);
            } else {
                self.write(c.encode_utf8(&mut [0; 4]));
            }
            was_space = is_space;
        }
        self.write(close);
    }

    fn folded_double(&mut self, text: &str, indent: usize) {
        self.write("\"");
        let mut was_space = false;
        let last = text.len().saturating_sub(1);
        for (at, c) in text.char_indices() {
            let is_space = c == ' ';
            let inside = at > 0 && at < last;
            if is_space && !was_space && self.column > WIDTH && inside {
                self.break_line();
                self.indent(indent);
                if text[at + 1..].starts_with(' ') {
                    self.write("\\");
                }
            } else {
                self.write(&text::escaped(c));
            }
            was_space = is_space;
        }
        self.write("\"");
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.write("|");
        if text.starts_with([' ', '\n']) {
            self.write("2");
        }
        let body = text.strip_suffix('\n');
        match body {
            None => self.write("-"),
            Some(body) if body.is_empty() || body.ends_with('\n') => self.write("+"),
            Some(_) => {}
        }
        self.break_line();
        for line in body.unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.indent(indent);
                self.write(line);
            }
            self.break_line();
        }
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_layout_is_that_of_go_tools() {
        let value = json!({
            "b": [{"y": 1, "x": {"n": [[1, []], "a: b"]}}, "True"],
            "a10": {}, "a9": null, "B": "it's: so", "": 1,
        });
        let text = "\"\": 1\nB: 'it''s: so'\na9: null\na10: {}\nb:\n- x:\n    \"n\":\n    - - 1\n      - []\n    - 'a: b'\n  \"y\": 1\n- \"True\"\n";
        assert_eq!(document(&value), text);
    }

    #[test]
    fn texts_of_several_lines_are_literal_blocks() {
        let value = json!({"a": "x\ny\n", "b": "x\n\ny", "c": "x\n\n", "d": " x\ny", "e": ["x\ny"], "f": "x \n"});
        let text = "a: |\n  x\n  y\nb: |-\n  x\n\n  y\nc: |+\n  x\n\nd: |2-\n   x\n  y\ne:\n- |-\n  x\n  y\nf: \"x \\n\"\n";
        assert_eq!(document(&value), text);
    }

    #[test]
    fn long_texts_are_folded() {
        let words = "word ".repeat(20) + "end";
        let plain = document(&json!({"key": words}));
        let second = plain.lines().nth(1).unwrap_or_default();
        assert!(plain.lines().all(|line| line.len() <= 85), "{plain}");
        assert!(second.starts_with("  word"), "{plain}");
        let quoted = document(&json!({"key": format!("{words}: x")}));
        assert!(quoted.starts_with("key: 'word"), "{quoted}");
    }

    #[test]
    fn numbers_come_through_json() {
        let value = json!([
            1.0,
            1e21,
            1e20,
            1_234_567.5,
            0.000_012,
            -0.0,
            u64::MAX,
            1e-7,
            0.5
        ]);
        let text = "- 1\n- 1e+21\n- 1e+20\n- 1.2345675e+06\n- 1.2e-05\n- 0\n- 18446744073709551615\n- 1e-07\n- 0.5\n";
        assert_eq!(document(&value), text);
    }
}
