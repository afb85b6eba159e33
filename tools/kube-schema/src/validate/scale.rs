//! What the fields that the scale subresource names must be
//! (apiextensions-apiserver, `pkg/registry/customresource/validator.go`).

use super::error::{FieldError, type_name};
use super::numbers::Number;
use crate::Scale;
use serde_json::Value;

/// The errors' fields are the paths as the definition writes them.
pub(super) fn check(object: &Value, paths: &Scale) -> Vec<FieldError> {
    let wanted = check_replicas(object, &paths.spec_replicas_path);
    wanted
        .into_iter()
        .chain(check_status(object, paths))
        .collect()
}

/// Of what a status alone can change.
pub(super) fn check_status(object: &Value, paths: &Scale) -> Vec<FieldError> {
    let found = check_replicas(object, &paths.status_replicas_path);
    let mut errors: Vec<FieldError> = found.into_iter().collect();
    if let Some(path) = &paths.label_selector_path {
        match lookup(object, path) {
            Ok(None | Some(Value::String(_))) => {}
            Ok(Some(other)) => errors.push(wrong(path, other, "string")),
            Err(stray) => errors.push(wrong(path, stray, "map[string]interface{}")),
        }
    }
    errors
}

fn check_replicas(object: &Value, path: &str) -> Option<FieldError> {
    let value = match lookup(object, path) {
        Ok(value) => value?,
        Err(stray) => return Some(wrong(path, stray, "map[string]interface{}")),
    };
    let problem = match value {
        Value::Number(number) => match Number::of(number) {
            Number::Int(..0) => "should be a non-negative integer",
            Number::Int(count) if count > i64::from(i32::MAX) => {
                "should be less than or equal to 2147483647"
            }
            Number::Int(_) => return None,
            Number::Float(_) => return Some(wrong(path, value, "int64")),
        },
        other => return Some(wrong(path, other, "int64")),
    };
    Some(FieldError::scale(path, value, problem))
}

/// The value at `.spec.replicas`, or what stands in the way to it.
fn lookup<'v>(object: &'v Value, path: &str) -> Result<Option<&'v Value>, &'v Value> {
    let mut value = object;
    for name in path.strip_prefix('.').unwrap_or(path).split('.') {
        let Value::Object(fields) = value else {
            return Err(value);
        };
        match fields.get(name) {
            Some(below) => value = below,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

fn wrong(path: &str, value: &Value, expected: &str) -> FieldError {
    let text = format!(
        "{path} accessor error: {value} is of the type {}, expected {expected}",
        type_name(value)
    );
    FieldError::scale(path, value, &text)
}
