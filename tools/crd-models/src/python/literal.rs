//! Values as Python writes them.

use super::layout;
use serde_json::Value;
use std::fmt::Write;

/// A string literal, in the quotes that need fewer escapes.
pub fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let quote = quote_for(text);
    out.push(quote);
    for c in text.chars() {
        match c {
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
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
    out.push(quote);
    out
}

fn quote_for(text: &str) -> char {
    let count = |quote: char| text.matches(quote).count();
    if count('"') > count('\'') { '\'' } else { '"' }
}

/// A regular expression: raw if it can be.
pub fn pattern(text: &str) -> String {
    let quote = quote_for(text);
    let is_plain =
        !text.contains(quote) && !text.ends_with('\\') && !text.chars().any(char::is_control);
    if is_plain && text.contains('\\') {
        format!("r{quote}{text}{quote}")
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
        Value::Number(number) => number.to_string().replace("e+", "e"),
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
pub fn docstring(text: &str, indent: usize) -> String {
    let text: Vec<String> = text.lines().map(escaped_line).collect();
    let text = apart(&aligned(&text).join("\n"));
    // The quotes take their place too.
    let quotes = if text.contains('\n') { 3 } else { 6 };
    let lines = layout::wrapped(&text, indent + quotes);
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!("{:indent$}\"\"\"{line}\"\"\"\n", ""),
        [first, rest @ ..] => {
            let mut out = format!("{:indent$}\"\"\"{first}\n", "");
            for line in rest {
                let _ = if line.is_empty() {
                    writeln!(out)
                } else {
                    writeln!(out, "{:indent$}{line}", "")
                };
            }
            let _ = writeln!(out, "{:indent$}\"\"\"", "");
            out
        }
    }
}

/// The lines, those after the first without the margin that all of them have.
fn aligned(lines: &[String]) -> Vec<&str> {
    let rest = lines.iter().skip(1).filter(|line| !line.is_empty());
    let margin = rest.map(|line| line.len() - line.trim_start_matches(' ').len());
    let margin = margin.min().unwrap_or_default();
    let lines = lines.iter().enumerate();
    lines
        .map(|(index, line)| match index {
            0 => line.as_str(),
            _ => line.get(margin..).unwrap_or_default(),
        })
        .collect()
}

fn escaped_line(line: &str) -> String {
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    line.trim_end()
        .replace('\\', "\\\\")
        .replace("\"\"\"", "\\\"\\\"\\\"")
}

/// With no quote beside those around it.
fn apart(text: &str) -> String {
    let start = if text.starts_with('"') { "\\" } else { "" };
    match text.strip_suffix('"') {
        Some("") => "\\\"".to_owned(),
        // Whether what is before it is escaped itself, an odd number of backslashes tells.
        Some(rest) if !is_escaping(rest) => format!("{start}{rest}\\\""),
        _ => format!("{start}{text}"),
    }
}

/// Whether a text ends in a backslash that belongs to what follows.
fn is_escaping(text: &str) -> bool {
    let count = text.chars().rev().take_while(|c| *c == '\\').count();
    count % 2 == 1
}

/// Bytes.
pub fn bytes(bytes: &[u8]) -> String {
    let mut out = String::from("b\"");
    for byte in bytes {
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x20..=0x7e => out.push(char::from(*byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('"');
    out
}

/// A tuple.
pub fn tuple(values: &[Value]) -> String {
    let listed: Vec<String> = values.iter().map(self::value).collect();
    match listed.as_slice() {
        [only] => format!("({only},)"),
        several => format!("({})", several.join(", ")),
    }
}
