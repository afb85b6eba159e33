//! The schema's own constraints (kube-openapi, `pkg/validation/validate`).

use super::error::FieldError;
use super::path::Path;
use super::pattern::Patterns;
use super::{formats, numbers};
use crate::{Additional, Schema, Type};
use serde_json::{Map, Value};

/// Judges values and collects what is wrong.
pub(super) struct Check<'p> {
    patterns: &'p Patterns,
    pub errors: Vec<FieldError>,
    pub unjudged: Vec<String>,
}

impl<'p> Check<'p> {
    pub fn new(patterns: &'p Patterns) -> Self {
        Self {
            patterns,
            errors: Vec::new(),
            unjudged: Vec::new(),
        }
    }

    pub fn value(&mut self, path: &Path, value: &Value, schema: &Schema) {
        if value.is_null() && schema.nullable {
            // Not even an enum that lists null lets a null through.
            self.enumeration(path, value, schema);
            return;
        }
        if !has_type(value, schema) {
            self.errors
                .push(FieldError::wrong_type(path, &expected_type(schema), value));
            return;
        }
        self.enumeration(path, value, schema);
        match value {
            Value::Number(_) => numbers::check(path, value, schema, &mut self.errors),
            Value::String(text) => self.string(path, text, schema),
            Value::Array(items) => self.list(path, items, schema),
            Value::Object(map) => self.map(path, map, schema),
            Value::Null | Value::Bool(_) => {}
        }
        self.branches(path, value, schema);
    }

    fn enumeration(&mut self, path: &Path, value: &Value, schema: &Schema) {
        let Some(supported) = &schema.enumeration else {
            return;
        };
        if value.is_null() || !supported.iter().any(|one| same(one, value)) {
            self.errors
                .push(FieldError::not_supported(path, value, supported));
        }
    }

    fn string(&mut self, path: &Path, text: &str, schema: &Schema) {
        let value = Value::String(text.to_owned());
        let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        if let Some(limit) = schema.max_length.filter(|limit| length > *limit) {
            self.errors.push(FieldError::too_long(path, limit));
        }
        if let Some(limit) = schema.min_length.filter(|limit| length < *limit) {
            let should = format!("should be at least {limit} chars long");
            self.errors.push(FieldError::in_body(path, &value, should));
        }
        if let Some(pattern) = &schema.pattern {
            match self.patterns.is_match(pattern, text) {
                Ok(true) => {}
                Ok(false) => {
                    let should = format!("should match '{pattern}'");
                    self.errors.push(FieldError::in_body(path, &value, should));
                }
                Err(why) => self
                    .unjudged
                    .push(format!("{path}: pattern '{pattern}': {why}")),
            }
        }
        if let Some(format) = schema
            .format
            .as_deref()
            .filter(|f| !formats::accepts(f, text))
        {
            let should = format!("must be of type {format}: {text:?}");
            self.errors.push(FieldError::in_body(path, &value, should));
        }
    }

    fn list(&mut self, path: &Path, items: &[Value], schema: &Schema) {
        let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
        if let Some(limit) = schema.max_items.filter(|limit| count > *limit) {
            self.errors
                .push(FieldError::too_many(path, items.len(), limit));
        }
        if let Some(limit) = schema.min_items.filter(|limit| count < *limit) {
            let should = format!("should have at least {limit} items");
            self.errors
                .push(FieldError::in_body(path, &Value::from(count), should));
        }
        if let Some(below) = &schema.items {
            for (i, item) in items.iter().enumerate() {
                self.value(&path.index(i), item, below);
            }
        }
    }

    fn map(&mut self, path: &Path, map: &Map<String, Value>, schema: &Schema) {
        let count = i64::try_from(map.len()).unwrap_or(i64::MAX);
        if let Some(limit) = schema.max_properties.filter(|limit| count > *limit) {
            self.errors
                .push(FieldError::too_many(path, map.len(), limit));
        }
        if let Some(limit) = schema.min_properties.filter(|limit| count < *limit) {
            let should = format!("should have at least {limit} properties");
            self.errors
                .push(FieldError::in_body(path, &Value::from(count), should));
        }
        for name in schema
            .required
            .iter()
            .filter(|name| !map.contains_key(*name))
        {
            self.errors
                .push(FieldError::required(&path.child(name), ""));
        }
        for (name, value) in map {
            match (schema.properties.get(name), &schema.additional_properties) {
                (Some(property), _) => self.value(&path.child(name), value, property),
                (None, Some(Additional::Schema(below))) => {
                    self.value(&path.child(name), value, below)
                }
                _ => {}
            }
        }
    }

    /// oneOf, anyOf, allOf and not.
    fn branches(&mut self, path: &Path, value: &Value, schema: &Schema) {
        if !schema.one_of.is_empty() {
            let results = self.judge(path, value, &schema.one_of);
            let valid = results.iter().filter(|errors| errors.is_empty()).count();
            let found = match valid {
                1 => None,
                0 => Some("Found none valid".to_owned()),
                several => Some(format!("Found {several} valid alternatives")),
            };
            if let Some(found) = found {
                let text = format!("must validate one and only one schema (oneOf). {found}");
                self.branch_error(path, &text);
                self.errors.extend(if valid == 0 {
                    best(results)
                } else {
                    Vec::new()
                });
            }
        }
        if !schema.any_of.is_empty() {
            let results = self.judge(path, value, &schema.any_of);
            if results.iter().all(|errors| !errors.is_empty()) {
                self.branch_error(path, "must validate at least one schema (anyOf)");
                self.errors.extend(best(results));
            }
        }
        if !schema.all_of.is_empty() {
            let errors: Vec<_> = self
                .judge(path, value, &schema.all_of)
                .into_iter()
                .flatten()
                .collect();
            if !errors.is_empty() {
                self.branch_error(path, "must validate all the schemas (allOf)");
                self.errors.extend(errors);
            }
        }
        if let Some(not) = &schema.not {
            let refused = self.judge(path, value, std::slice::from_ref(not.as_ref()));
            if refused.iter().all(Vec::is_empty) {
                self.branch_error(path, "must not validate the schema (not)");
            }
        }
    }

    fn judge(&mut self, path: &Path, value: &Value, branches: &[Schema]) -> Vec<Vec<FieldError>> {
        let mut results = Vec::new();
        for branch in branches {
            let mut check = Check::new(self.patterns);
            check.value(path, value, branch);
            self.unjudged.append(&mut check.unjudged);
            results.push(check.errors);
        }
        results
    }

    fn branch_error(&mut self, path: &Path, text: &str) {
        let value = Value::String(String::new());
        self.errors.push(FieldError::invalid(
            path,
            &value,
            format!("\"{path}\" {text}"),
        ));
    }
}

/// The errors of the branch that came nearest: the first with the fewest.
fn best(results: Vec<Vec<FieldError>>) -> Vec<FieldError> {
    results.into_iter().min_by_key(Vec::len).unwrap_or_default()
}

fn has_type(value: &Value, schema: &Schema) -> bool {
    if schema.int_or_string {
        return match value {
            Value::String(_) => true,
            Value::Number(_) => is_integer(value),
            _ => false,
        };
    }
    match (schema.value_type, value) {
        (None, _)
        | (Some(Type::Array), Value::Array(_))
        | (Some(Type::Boolean), Value::Bool(_))
        | (Some(Type::Number), Value::Number(_))
        | (Some(Type::Object), Value::Object(_))
        | (Some(Type::String), Value::String(_)) => true,
        (Some(Type::Integer), value) => is_integer(value),
        _ => false,
    }
}

/// A float without fraction is an integer too.
fn is_integer(value: &Value) -> bool {
    value.as_i64().is_some()
        || value.as_u64().is_some()
        || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

fn expected_type(schema: &Schema) -> String {
    let name = match schema.value_type {
        _ if schema.int_or_string => "integer,string",
        Some(Type::Array) => "array",
        Some(Type::Boolean) => "boolean",
        Some(Type::Integer) => "integer",
        Some(Type::Number) => "number",
        Some(Type::Object) => "object",
        Some(Type::String) => "string",
        None => "any",
    };
    name.to_owned()
}

/// Equality as an enum sees it: numbers by value.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => {
            x == y || (x.is_f64() != y.is_f64() && x.as_f64() == y.as_f64())
        }
        _ => a == b,
    }
}
