//! What a plain scalar means, by YAML 1.1 as sigs.k8s.io/yaml reads it.

use super::Content;
use serde_json::Number;

/// How numbers are written in the text at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    /// YAML: becomes JSON on its way to the server, where `2.0` is written `2`.
    Yaml,
    /// JSON: `2.0` stays a float.
    Json,
}

/// The value of a plain scalar without a tag; none if it has no JSON form
/// (`.nan`, `.inf`).
pub(super) fn resolve(text: &str, numbers: Numbers) -> Option<Content> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Content::Null),
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y" => {
            return Some(Content::Bool(true));
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N" => {
            return Some(Content::Bool(false));
        }
        ".nan" | ".NaN" | ".NAN" => return None,
        _ => {}
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return None;
    }
    let number = match numbers {
        Numbers::Yaml => yaml_number(text),
        Numbers::Json => text.parse().ok(),
    };
    Some(number.map_or_else(|| Content::String(text.to_owned()), Content::Number))
}

fn yaml_number(text: &str) -> Option<Number> {
    let first = text.bytes().next()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return None;
    }
    let plain = text.replace('_', "");
    integer(&plain).or_else(|| {
        if is_float(&plain) {
            float(&plain)
        } else {
            None
        }
    })
}

/// An integer as Go's `ParseInt(_, 0, 64)` reads it: decimal, `0x`, `0o`, `0b`,
/// or octal after a plain `0`.
fn integer(text: &str) -> Option<Number> {
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = [("0x", 16), ("0o", 8), ("0b", 2)]
        .iter()
        .find_map(|(prefix, radix)| lower.strip_prefix(prefix).map(|rest| (*radix, rest)))
        .or_else(|| {
            lower
                .strip_prefix('0')
                .filter(|rest| !rest.is_empty())
                .map(|rest| (8, rest))
        })
        .unwrap_or((10, &lower));
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = i128::from(u64::from_str_radix(digits, radix).ok()?);
    let value = if negative { -magnitude } else { magnitude };
    i64::try_from(value)
        .map(Number::from)
        .or_else(|_| u64::try_from(value).map(Number::from))
        .ok()
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_mantissa = if whole.is_empty() {
        !fraction.is_empty()
    } else {
        true
    };
    let exponent_ok = exponent.is_none_or(|e| {
        let digits = e.strip_prefix(['+', '-']).unwrap_or(e);
        !digits.is_empty() && all_digits(digits)
    });
    has_mantissa && all_digits(whole) && all_digits(fraction) && exponent_ok
}

/// A float on its way through JSON: without fraction it is an integer there.
fn float(text: &str) -> Option<Number> {
    let value: f64 = text.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be whole and in range"
    )]
    if value.fract() == 0.0 && value.abs() < 9.2e18 {
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn json_of(content: Content) -> Value {
        super::super::Node {
            content,
            at: diagnostics::Position::new(1, 1),
        }
        .to_json()
    }

    #[test]
    fn plain_scalars_mean_what_the_api_server_makes_of_them() {
        let cases = [
            ("", json!(null)),
            ("~", json!(null)),
            ("y", json!(true)),
            ("Off", json!(false)),
            ("nO", json!("nO")),
            ("010", json!(8)),
            ("08", json!(8)),
            ("0x1F", json!(31)),
            ("-0b11", json!(-3)),
            ("0o17", json!(15)),
            ("1_000", json!(1000)),
            ("2.0", json!(2)),
            ("1e3", json!(1000)),
            ("5.", json!(5)),
            (".5", json!(0.5)),
            ("1.5e-3", json!(0.0015)),
            ("1e21", json!(1e21)),
            ("9223372036854775807", json!(i64::MAX)),
            ("18446744073709551615", json!(u64::MAX)),
            ("12:30", json!("12:30")),
            ("2026-11-23", json!("2026-11-23")),
            ("1.2.3", json!("1.2.3")),
            ("1e", json!("1e")),
            ("-", json!("-")),
            ("+-1", json!("+-1")),
            (".", json!(".")),
            ("0x", json!("0x")),
        ];
        for (text, expected) in cases {
            let value = json_of(resolve(text, Numbers::Yaml).unwrap());
            assert_eq!(value, expected, "{text:?}");
        }
    }

    #[test]
    fn a_float_in_json_stays_a_float() {
        assert_eq!(json_of(resolve("1.0", Numbers::Json).unwrap()), json!(1.0));
    }

    #[test]
    fn not_a_number_has_no_value() {
        for text in [".nan", "-.inf", ".Inf"] {
            assert_eq!(resolve(text, Numbers::Yaml), None, "{text}");
        }
    }
}
