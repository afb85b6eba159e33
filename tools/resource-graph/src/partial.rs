//! Whether an object has at least what a pattern says: maps by subset, lists
//! and values exactly. Numbers are equal by value: 1 and 1.0 are.

use crate::FieldPath;
use serde_json::Value;

/// A place where the object is not what the pattern says.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// Where.
    pub path: FieldPath,
    /// What the pattern says; none if it has no such field in a list's item,
    /// where maps count as a whole.
    pub expected: Option<Value>,
    /// What is there; none if the field is absent.
    pub actual: Option<Value>,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            path,
            expected,
            actual,
        } = self;
        let or = |value: &Option<Value>, word: &str| {
            value
                .as_ref()
                .map_or_else(|| word.to_owned(), Value::to_string)
        };
        write!(
            f,
            "{path}: expected {}, is {}",
            or(expected, "no such field"),
            or(actual, "absent")
        )
    }
}

/// All places where `actual` is not what `pattern` says, in the pattern's order.
pub fn mismatches(actual: &Value, pattern: &Value) -> Vec<Mismatch> {
    let mut found = Vec::new();
    compare(&FieldPath::root(), actual, pattern, false, &mut found);
    found
}

/// Whether `actual` has at least what `pattern` says.
pub fn matches(actual: &Value, pattern: &Value) -> bool {
    mismatches(actual, pattern).is_empty()
}

/// `exactly`: inside a list, where maps count as a whole.
fn compare(
    path: &FieldPath,
    actual: &Value,
    pattern: &Value,
    exactly: bool,
    found: &mut Vec<Mismatch>,
) {
    match (actual, pattern) {
        (Value::Object(actual), Value::Object(pattern)) => {
            for (key, expected) in pattern {
                let path = path.key(key);
                match actual.get(key) {
                    Some(value) => compare(&path, value, expected, exactly, found),
                    None => found.push(Mismatch {
                        path,
                        expected: Some(expected.clone()),
                        actual: None,
                    }),
                }
            }
            for (key, value) in actual
                .iter()
                .filter(|(key, _)| exactly && !pattern.contains_key(*key))
            {
                found.push(surplus(path.key(key), value));
            }
        }
        (Value::Array(items), Value::Array(patterns)) if items.len() == patterns.len() => {
            for (i, (item, pattern)) in items.iter().zip(patterns).enumerate() {
                compare(&path.index(i), item, pattern, true, found);
            }
        }
        _ if equal(actual, pattern) => {}
        _ => found.push(Mismatch {
            path: path.clone(),
            expected: Some(pattern.clone()),
            actual: Some(actual.clone()),
        }),
    }
}

/// A field that a list's item has and its pattern has not.
fn surplus(path: FieldPath, value: &Value) -> Mismatch {
    Mismatch {
        path,
        expected: None,
        actual: Some(value.clone()),
    }
}

/// Equality of values; numbers by value.
pub fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || (a.is_f64() != b.is_f64() && a.as_f64() == b.as_f64())
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn maps_match_by_subset_lists_and_values_exactly() {
        let cases = [
            (json!({"a": 1, "b": 2}), json!({"a": 1}), vec![]),
            (json!({"a": 1}), json!({}), vec![]),
            (
                json!({"a": {"b": {"c": 1}}}),
                json!({"a": {"b": {"c": 1}}}),
                vec![],
            ),
            (json!({"a": 1.0}), json!({"a": 1}), vec![]),
            (json!({"a": []}), json!({"a": []}), vec![]),
            (
                json!({"a": 1}),
                json!({"a": 2}),
                vec!["a: expected 2, is 1"],
            ),
            (
                json!({"a": 1}),
                json!({"a": "1"}),
                vec!["a: expected \"1\", is 1"],
            ),
            (
                json!({"a": 1}),
                json!({"b": null}),
                vec!["b: expected null, is absent"],
            ),
            (
                json!({"a": null}),
                json!({"a": {}}),
                vec!["a: expected {}, is null"],
            ),
            (
                json!({"a": [1, 2]}),
                json!({"a": [1]}),
                vec!["a: expected [1], is [1,2]"],
            ),
            (
                json!({"a": [2, 1]}),
                json!({"a": [1, 2]}),
                vec!["a[0]: expected 1, is 2", "a[1]: expected 2, is 1"],
            ),
            (
                json!([{"a": 1, "b": 2}]),
                json!([{"a": 1}]),
                vec!["[0].b: expected no such field, is 2"],
            ),
        ];
        for (actual, pattern, expected) in cases {
            let found: Vec<String> = mismatches(&actual, &pattern)
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(found, expected, "{actual} against {pattern}");
            assert_eq!(matches(&actual, &pattern), expected.is_empty());
        }
    }

    #[test]
    fn large_integers_are_not_compared_as_floats() {
        assert!(!equal(
            &json!(9_007_199_254_740_993_i64),
            &json!(9_007_199_254_740_992_i64)
        ));
        assert!(equal(&json!([1.0]), &json!([1])));
    }
}
