//! Scalars: when a text may stand plain, and how it stands otherwise.

use std::fmt::Write;

use serde_json::Number;

/// Words that some YAML reader takes for a boolean, null, float, merge key or
/// default value (yaml.org/type, YAML 1.2 core schema), in lower case.
const RESERVED: [&str; 13] = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ".inf", ".nan", "<<",
];

/// A key: never a block.
pub(crate) fn key(text: &str) -> String {
    string(text)
}

/// A text on one line, quoted if any reader would misread it.
pub(crate) fn string(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else {
        quote(text)
    }
}

/// A number such that YAML 1.1 readers see a float as one: they want a dot and
/// a signed exponent.
pub(crate) fn number(number: &Number) -> String {
    let text = number.to_string();
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return text;
    };
    let dot = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) {
        ""
    } else {
        "+"
    };
    format!("{mantissa}{dot}e{sign}{exponent}")
}

/// A text of several lines as a literal block whose lines stand at `indent`,
/// if a block says it exactly and safely.
pub(crate) fn block(text: &str, indent: usize) -> Option<String> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let fits = text.contains('\n')
        && !body.is_empty()
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\t', '\n'])
        && text.chars().all(|c| c == '\n' || is_printable(c))
        && body
            .lines()
            .all(|line| line.is_empty() || !line.trim().is_empty());
    if !fits {
        return None;
    }
    let mut out = String::from(if text.ends_with('\n') { "|" } else { "|-" });
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n("  ", indent));
            out.push_str(line);
        }
    }
    Some(out)
}

fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    (first.is_alphanumeric() || matches!(first, '_' | '/' | '.'))
        && text.chars().all(is_printable)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("...")
        && !RESERVED.contains(&text.to_lowercase().as_str())
        && !looks_like_number_or_date(text)
}

/// Whether only characters of numbers, times and dates occur after a digit or
/// dot. Two dots make no number, so that versions and addresses stay plain.
fn looks_like_number_or_date(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let allowed = |c: char| c.is_ascii_hexdigit() || "xXoObB_.,:+-eETtZz ".contains(c);
    starts && text.matches('.').count() < 2 && text.chars().all(allowed)
}

/// Printable and no line break in any YAML version.
fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c => escape(&mut out, c),
        }
    }
    out.push('"');
    out
}

fn escape(out: &mut String, c: char) {
    let code = u32::from(c);
    let written = if code <= 0xff {
        write!(out, "\\x{code:02x}")
    } else {
        write!(out, "\\u{code:04x}")
    };
    // Writing to a String cannot fail.
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_any_reader_takes_for_something_else_is_quoted() {
        let misread = [
            "yes",
            "No",
            "ON",
            "off",
            "y",
            "N",
            "true",
            "null",
            "~",
            "",
            "1",
            "1e3",
            "0x1f",
            "0o17",
            "017",
            "1_000",
            "12:30",
            "190:20:30.15",
            "2026-11-23",
            "2026-11-23T10:00:00Z",
            "2001-12-14 21:59:43.10",
            ".5",
            "5.",
            ".inf",
            "-.inf",
            "+1",
            "-1",
            "=",
            "<<",
            "1,000",
            "0b1",
            "1e",
            "12e5",
        ];
        for text in misread {
            assert_eq!(string(text), format!("\"{text}\""));
        }
    }

    #[test]
    fn what_every_reader_takes_for_a_text_is_plain() {
        let plain = [
            "nginx:1.27",
            "1.2.3",
            "10.0.0.1",
            "10.0.0.0/8",
            "v1",
            "apps/v1",
            "a,b",
            "3 apples",
            "_x",
            "/etc/passwd",
            "http://a.b/c?d=e#f",
            "a:b",
            "100m",
            "5Gi",
            "1h30m",
            "kubernetes.io/name",
            "straße",
        ];
        for text in plain {
            assert_eq!(string(text), text);
        }
    }

    #[test]
    fn floats_have_a_dot_and_a_signed_exponent() {
        let written = |value: f64| number(&Number::from_f64(value).expect("finite"));
        assert_eq!(written(1e21), "1.0e+21");
        assert_eq!(written(1.5e-9), "1.5e-9");
        assert_eq!(written(1.0), "1.0");
        assert_eq!(number(&Number::from(i64::MIN)), "-9223372036854775808");
    }
}
