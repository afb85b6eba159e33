//! Values as Python writes them.

use serde_json::Value;
use std::fmt::Write;

/// A string literal.
pub fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A regular expression: raw if it can be.
pub fn pattern(text: &str) -> String {
    let is_plain =
        !text.contains('"') && !text.ends_with('\\') && !text.chars().any(char::is_control);
    if is_plain {
        format!("r\"{text}\"")
    } else {
        string(text)
    }
}

/// Any value.
pub fn value(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => string(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(self::value).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_str());
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, field)| format!("{}: {}", string(name), self::value(field)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// A docstring, indented, with nothing in it that would end it.
pub fn docstring(text: &str, indent: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            let line: String = line.chars().filter(|c| !c.is_control()).collect();
            line.trim_end().replace('\\', "\\\\").replace('"', "\\\"")
        })
        .collect();
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!("{indent}\"\"\"{line}\"\"\"\n"),
        [first, rest @ ..] => {
            let mut out = format!("{indent}\"\"\"{first}\n");
            for line in rest {
                let _ = if line.is_empty() {
                    writeln!(out)
                } else {
                    writeln!(out, "{indent}{line}")
                };
            }
            let _ = writeln!(out, "{indent}\"\"\"");
            out
        }
    }
}
