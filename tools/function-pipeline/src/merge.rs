//! How maps are merged: deeply, what comes later wins, lists are replaced
//! (`mergo.Merge` with `WithOverride`).

use serde_json::Value;

use crate::go::Object;

/// Merges `source` into `target`. Falsy values and nulls override too; only a
/// map over a map that holds something goes deeper.
pub fn merge(target: &mut Object, source: Object) {
    for (key, value) in source {
        match (target.get_mut(&key), value) {
            (Some(Value::Object(below)), Value::Object(value)) if !below.is_empty() => {
                merge(below, value);
            }
            (_, value) => {
                target.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_merge_and_all_else_is_replaced() {
        let cases = [
            (
                json!({"a": {"b": 1}}),
                json!({"a": {"c": 2}}),
                json!({"a": {"b": 1, "c": 2}}),
            ),
            (
                json!({"a": {"b": 1}}),
                json!({"a": {}}),
                json!({"a": {"b": 1}}),
            ),
            (json!({"a": [1, 2]}), json!({"a": [3]}), json!({"a": [3]})),
            (json!({"a": [1]}), json!({"a": []}), json!({"a": []})),
            (json!({"a": 5}), json!({"a": 0}), json!({"a": 0})),
            (
                json!({"a": {"b": 1}}),
                json!({"a": null}),
                json!({"a": null}),
            ),
            (json!({"a": {"b": 1}}), json!({"a": ""}), json!({"a": ""})),
            (
                json!({"a": 1}),
                json!({"a": {"b": 1}}),
                json!({"a": {"b": 1}}),
            ),
        ];
        for (target, source, merged) in cases {
            let object = |value: Value| value.as_object().cloned().unwrap_or_default();
            let mut result = object(target);
            merge(&mut result, object(source));
            assert_eq!(Value::Object(result), merged);
        }
    }
}
