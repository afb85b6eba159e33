//! Whether an enum lists a value (kube-openapi, `basicCommonValidator`).
//!
//! The server converts the value to the type of each listed one before it
//! compares, by Go's rules: a fraction is cut, and an integer becomes the
//! character with that number. Inside lists and objects nothing is converted.

use super::numbers::{Number, cut};
use serde_json::Value;

/// Whether one of the values listed is this one. A null never is.
pub(super) fn holds(listed: &[Value], value: &Value) -> bool {
    listed.iter().any(|one| equals(value, one))
}

fn equals(value: &Value, listed: &Value) -> bool {
    match (value, listed) {
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::Number(value), Value::Number(listed)) => {
            match (Number::of(value), of_yaml(listed)) {
                (Number::Float(value), Number::Int(listed)) => cut(value) == listed,
                (value, Number::Float(listed)) => value.as_f64() == listed,
                (value, listed) => value == listed,
            }
        }
        (Value::Number(value), Value::String(listed)) => match Number::of(value) {
            Number::Int(code) => *listed == character(code).to_string(),
            Number::Float(_) => false,
        },
        _ => same(value, listed),
    }
}

/// Go's conversion of an integer to a string.
fn character(code: i64) -> char {
    u32::try_from(code)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// A definition comes as YAML, where 1.0 is the integer 1.
fn of_yaml(number: &serde_json::Number) -> Number {
    match Number::of(number) {
        Number::Float(float) if float.to_string().parse::<i64>().is_ok() => Number::Int(cut(float)),
        number => number,
    }
}

/// Deep equality, where 1 and 1.0 differ.
fn same(value: &Value, listed: &Value) -> bool {
    match (value, listed) {
        (Value::Number(value), Value::Number(listed)) => Number::of(value) == of_yaml(listed),
        (Value::Array(values), Value::Array(listed)) => {
            values.len() == listed.len() && values.iter().zip(listed).all(|(a, b)| same(a, b))
        }
        (Value::Object(values), Value::Object(listed)) => {
            values.len() == listed.len()
                && values
                    .iter()
                    .all(|(name, a)| listed.get(name).is_some_and(|b| same(a, b)))
        }
        _ => value == listed,
    }
}

#[cfg(test)]
mod tests {
    use super::holds;
    use serde_json::json;

    #[test]
    fn values_are_converted_to_the_type_of_those_listed() {
        for (listed, value, expected) in [
            (json!([5]), json!(5.9), true),
            (json!([5.0]), json!(5), true),
            (json!([0.5]), json!(0), false),
            (json!(["A"]), json!(65), true),
            (json!(["65"]), json!(65), false),
            (json!([null]), json!(null), false),
            (json!([{"a": [1]}]), json!({"a": [1]}), true),
            (json!([{"a": [1]}]), json!({"a": [1.0]}), false),
        ] {
            let listed = listed.as_array().cloned().unwrap_or_default();
            assert_eq!(holds(&listed, &value), expected, "{value} in {listed:?}");
        }
    }
}
