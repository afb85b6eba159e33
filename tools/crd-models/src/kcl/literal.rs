//! Values as KCL writes them.

use serde_json::{Number, Value};
use std::fmt::Write;

/// A string, with every sign that means something escaped.
pub fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // `${` begins an interpolation, and `\${` is read as one too if no `}` follows.
            '$' if chars.peek() == Some(&'{') => out.push_str("\\x24"),
            c if (c as u32) < 0x20 || c == '\u{7f}' => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A regular expression: raw if it can be, since that is how people read them.
pub fn pattern(text: &str) -> String {
    let is_plain = !text.contains(['"', '\n', '\r']) && !text.ends_with('\\');
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
        Value::Number(number) => self::number(number),
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

fn number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => format!("{float:?}"),
        _ => number.to_string(),
    }
}

/// A member of a union of literals, if KCL can say it: it compares the source
/// of a literal type with the value, so nothing that needs an escape will do, and
/// it refuses a bool for `True`.
pub fn literal_type(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) if number.is_u64() && number.as_i64().is_some() => {
            Some(number.to_string())
        }
        Value::String(text) => {
            let is_plain = !text.contains(['"', '\\', '$']) && !text.chars().any(char::is_control);
            is_plain.then(|| format!("\"{text}\""))
        }
        _ => None,
    }
}

/// The text that a literal made by [`string`] is of.
pub fn parsed(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return None,
            '\\' => out.push(match chars.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'x' => {
                    let code: String = chars.by_ref().take(2).collect();
                    char::from(u8::from_str_radix(&code, 16).ok()?)
                }
                c => c,
            }),
            c => out.push(c),
        }
    }
    Some(out)
}
