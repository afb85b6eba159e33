//! Values as the Go programs of a pipeline see them: numbers as float64, keys
//! sorted, JSON as `encoding/json` writes it.

use std::fmt::Write;

use kube_yaml::sigs::json_number;
use serde_json::{Map, Number, Value};

/// An object: what Go calls `map[string]any`.
pub type Object = Map<String, Value>;

/// The largest integer up to which float64 holds every one.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A value after it passed through a protobuf `Struct`: every number is a
/// float64 there. One that is whole is held as an integer again.
pub fn through_protobuf(value: &mut Value) {
    match value {
        Value::Number(number) => *number = as_float64(number),
        Value::Array(items) => items.iter_mut().for_each(through_protobuf),
        Value::Object(object) => object.values_mut().for_each(through_protobuf),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// [`through_protobuf`] for an object.
pub fn object_through_protobuf(mut object: Object) -> Object {
    object.values_mut().for_each(through_protobuf);
    object
}

fn as_float64(number: &Number) -> Number {
    let float = number.as_f64().unwrap_or_default();
    whole(float).map_or_else(
        || Number::from_f64(float).unwrap_or_else(|| Number::from(0)),
        Number::from,
    )
}

/// The integer that a float is, if it is one and float64 holds all up to it.
#[allow(clippy::cast_possible_truncation)]
fn whole(float: f64) -> Option<i64> {
    let negative_zero = float == 0.0 && float.is_sign_negative();
    (float.fract() == 0.0 && float.abs() <= EXACT && !negative_zero).then_some(float as i64)
}

/// A value as it is after Kubernetes' tools read it from YAML: they go by JSON
/// text, so a float that is whole becomes an integer, and one past int64 a float.
pub fn read_from_yaml(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let is_large = number.is_u64() && !number.is_i64();
            if (number.is_f64() || is_large)
                && let Some(float) = number.as_f64()
            {
                *number = integer_in_text(float)
                    .map(Number::from)
                    .or_else(|| Number::from_f64(float))
                    .unwrap_or_else(|| Number::from(0));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(read_from_yaml),
        Value::Object(object) => object.values_mut().for_each(read_from_yaml),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn integer_in_text(float: f64) -> Option<i64> {
    let number = Number::from_f64(float)?;
    json_number(&number).parse().ok()
}

/// A value as JSON text, keys sorted.
pub fn to_json(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

/// [`to_json`] of an object.
pub fn object_to_json(object: &Object) -> String {
    let mut out = String::new();
    write_object(&mut out, object);
    out
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&json_number(number)),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(object) => write_object(out, object),
    }
}

fn write_object(out: &mut String, object: &Object) {
    out.push('{');
    for (index, (key, value)) in sorted(object).into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_string(out, key);
        out.push(':');
        write_value(out, value);
    }
    out.push('}');
}

/// An object's entries in the order of their keys.
pub fn sorted(object: &Object) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    entries
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A text in Go's quotes (`%q`).
pub fn quoted(text: &str) -> String {
    let mut out = String::new();
    write_string(&mut out, text);
    out
}

/// A leaf as `%s` prints it after YAML was read: `x`, `%!s(int=1)`,
/// `%!s(float64=1.5)`, `%!s(bool=true)`, `%!s(<nil>)`.
pub(crate) fn formatted(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "%!s(<nil>)".to_owned(),
        Value::Bool(value) => format!("%!s(bool={value})"),
        Value::Number(number) if number.is_f64() => format!("%!s(float64={})", json_number(number)),
        Value::Number(number) => format!("%!s(int={number})"),
        Value::Array(_) | Value::Object(_) => to_json(value),
    }
}

/// What `encoding/json` calls the kind of a value in its messages.
pub(crate) fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    fn passed(mut value: Value) -> String {
        through_protobuf(&mut value);
        to_json(&value)
    }

    #[test]
    fn numbers_pass_through_float64() {
        let cases = [
            (json!(1.0), "1"),
            (json!(9_007_199_254_740_993_i64), "9007199254740992"),
            (json!(12_345_678_901_234_567_i64), "12345678901234568"),
            (json!(1e21), "1e+21"),
            (json!(1e20), "100000000000000000000"),
            (json!(1.5e-7), "1.5e-7"),
            (json!(-0.25), "-0.25"),
            (json!(u64::MAX), "18446744073709552000"),
        ];
        for (value, text) in cases {
            assert_eq!(passed(value), text);
        }
    }

    #[test]
    fn numbers_of_a_file_are_what_their_json_says() {
        let mut value =
            json!({"a": 1.0, "b": 1.5, "c": 9_007_199_254_740_993_i64, "d": u64::MAX, "e": 1e21});
        read_from_yaml(&mut value);
        let text = r#"{"a":1,"b":1.5,"c":9007199254740993,"d":18446744073709552000,"e":1e+21}"#;
        assert_eq!(to_json(&value), text);
    }

    #[test]
    fn json_is_sorted_and_escaped() {
        let value = json!({"b": ["x\"\\\n\u{1}", null], "a": {"d": true, "c": {}}});
        assert_eq!(
            to_json(&value),
            r#"{"a":{"c":{},"d":true},"b":["x\"\\\n\u0001",null]}"#
        );
    }
}
