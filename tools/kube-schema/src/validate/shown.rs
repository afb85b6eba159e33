//! Values as the server's messages show them: Go's `%v` for numbers, `%q` for
//! strings, JSON for the rest.

use super::numbers::go_float;
use regex::Regex;
use serde_json::Value;
use std::fmt::{Display, Formatter, Result};
use std::sync::LazyLock;

/// A value to be shown.
pub(super) struct Shown<'v>(pub &'v Value);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.0 {
            Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
                Some(float) => f.write_str(&go_float(float)),
                None => number.fmt(f),
            },
            Value::String(text) => f.write_str(&quoted(text)),
            other => other.fmt(f),
        }
    }
}

/// A text as `%q` prints it (Go 1.26, `strconv/quote.go`).
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\u{7}' => out += "\\a",
            '\u{8}' => out += "\\b",
            '\u{c}' => out += "\\f",
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            '\u{b}' => out += "\\v",
            c if is_printable(c) => out.push(c),
            c if c < ' ' || c == '\u{7f}' => out += &format!("\\x{:02x}", u32::from(c)),
            c if c < '\u{10000}' => out += &format!("\\u{:04x}", u32::from(c)),
            c => out += &format!("\\U{:08x}", u32::from(c)),
        }
    }
    out.push('"');
    out
}

/// Letters, marks, numbers, punctuation, symbols and the ASCII space, as Go's
/// Unicode 15 has them.
fn is_printable(c: char) -> bool {
    static PRINTABLE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[[\pL\pM\pN\pP\pS ]&&\p{Age:15.0}]$").ok());
    if c.is_ascii() {
        return c == ' ' || c.is_ascii_graphic();
    }
    let printable = PRINTABLE.as_ref();
    printable.is_some_and(|printable| printable.is_match(c.encode_utf8(&mut [0; 4])))
}

#[cfg(test)]
mod tests {
    use super::{Shown, quoted};
    use serde_json::json;

    #[test]
    fn values_look_as_go_prints_them() {
        for (value, expected) in [
            (json!(2.0), "2"),
            (json!(0.25), "0.25"),
            (json!(1e20), "1e+20"),
            (json!(7), "7"),
            (json!(null), "null"),
            (json!("a\"b"), r#""a\"b""#),
            (json!({"a": ["b"]}), r#"{"a":["b"]}"#),
        ] {
            assert_eq!(Shown(&value).to_string(), expected);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        assert_eq!(
            quoted("é\u{7}\u{0}\u{200b}\u{e000}\u{f0000}"),
            r#""é\a\x00\u200b\ue000\U000f0000""#
        );
    }
}
