//! The schema's own constraints, check by check as the server makes them
//! (kube-openapi, `pkg/validation/validate`). Its peculiarities are kept: of a
//! string's errors only the first is reported, a list passes as a string that
//! has a format, and of several branches that fail the one where most checks
//! passed is reported.

use super::correlation::Correlated;
use super::error::FieldError;
use super::numbers::{self, Number};
use super::path::Path;
use super::pattern::Patterns;
use super::{enums, formats};
use crate::{Additional, Schema, Type};
use serde_json::{Map, Value};

/// Judges values; keeps what could not be judged.
pub(super) struct Check<'p> {
    patterns: &'p Patterns,
    pub unjudged: Vec<String>,
}

/// What came of checking one value by one schema.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub errors: Vec<FieldError>,
    /// How many checks were made without an error: the server's `MatchCount`.
    passed: usize,
}

impl Outcome {
    fn fail(error: FieldError) -> Self {
        Self {
            errors: vec![error],
            passed: 0,
        }
    }

    /// Takes over what the other found; the same error is kept once.
    fn merge(&mut self, other: Self) {
        for error in other.errors {
            self.add(error);
        }
        self.passed += other.passed;
    }

    fn add(&mut self, error: FieldError) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }
}

impl<'p> Check<'p> {
    pub fn new(patterns: &'p Patterns) -> Self {
        Self {
            patterns,
            unjudged: Vec::new(),
        }
    }

    pub fn value(&mut self, path: &Path, value: &Value, schema: &Schema) -> Outcome {
        self.updated(path, value, schema, None)
    }

    /// A value that may replace another: of what was not changed nothing is said
    /// (apiextensions-apiserver, `pkg/apiserver/validation/ratcheting.go`).
    pub fn updated(
        &mut self,
        path: &Path,
        value: &Value,
        schema: &Schema,
        old: Option<Correlated<'_>>,
    ) -> Outcome {
        let unjudged = self.unjudged.len();
        let found = self.judged(path, value, schema, old);
        let is_fine = found.is_valid() && self.unjudged.len() == unjudged;
        if !is_fine && old.is_some_and(Correlated::is_unchanged) {
            self.unjudged.truncate(unjudged);
            return Outcome::default();
        }
        found
    }

    fn judged(
        &mut self,
        path: &Path,
        value: &Value,
        schema: &Schema,
        old: Option<Correlated<'_>>,
    ) -> Outcome {
        let mut found = Outcome::default();
        if value.is_null() {
            // Not even an enum that lists null lets a null through.
            found.merge(null(path, schema));
            found.merge(enumeration(path, value, schema));
            return found;
        }
        if is_typed(schema) {
            found.merge(value_type(path, value, schema));
            found.passed += 1;
        }
        found.merge(self.branches(path, value, schema));
        found.passed += 1;
        match value {
            Value::Number(number) => {
                found.merge(Outcome {
                    errors: numbers::check(path, number, schema),
                    passed: 2,
                });
            }
            Value::String(text) => {
                found.merge(self.string(path, text, schema));
                found.passed += 1;
                if let Some(format) = formats::of(schema) {
                    found.merge(string_format(path, text, format));
                    found.passed += 1;
                }
            }
            Value::Array(items) => {
                found.merge(self.list(path, items, schema, old));
                found.passed += 1;
            }
            Value::Object(map) => {
                found.merge(self.map(path, map, schema, old));
                found.passed += 1;
            }
            Value::Null | Value::Bool(_) => {}
        }
        found.merge(enumeration(path, value, schema));
        found.passed += 2;
        found
    }

    /// Only the first thing that is wrong with a string is reported.
    fn string(&mut self, path: &Path, text: &str, schema: &Schema) -> Outcome {
        let length = size(text.chars().count());
        if let Some(limit) = schema.max_length.filter(|limit| length > *limit) {
            return Outcome::fail(FieldError::too_long(path, limit));
        }
        let value = Value::from(text);
        if let Some(limit) = schema.min_length.filter(|limit| length < *limit) {
            let should = format!("should be at least {limit} chars long");
            return Outcome::fail(FieldError::in_body(path, &value, should));
        }
        let Some(pattern) = schema.pattern.as_deref().filter(|p| !p.is_empty()) else {
            return Outcome::default();
        };
        match self.patterns.is_match(pattern, text) {
            Ok(true) => Outcome::default(),
            Ok(false) => {
                let should = format!("should match '{pattern}'");
                Outcome::fail(FieldError::in_body(path, &value, should))
            }
            Err(why) => {
                self.unjudged
                    .push(format!("{path}: pattern '{pattern}': {why}"));
                Outcome::default()
            }
        }
    }

    fn list(
        &mut self,
        path: &Path,
        items: &[Value],
        schema: &Schema,
        old: Option<Correlated<'_>>,
    ) -> Outcome {
        let mut found = Outcome::default();
        if let Some(below) = &schema.items {
            for (i, item) in items.iter().enumerate() {
                let old = old.and_then(|old| old.index(i));
                found.merge(self.updated(&path.index(i), item, below, old));
            }
        }
        let count = size(items.len());
        if let Some(limit) = schema.min_items.filter(|limit| count < *limit) {
            let should = format!("should have at least {limit} items");
            found.add(FieldError::in_body(path, &count.into(), should));
        }
        if let Some(limit) = schema.max_items.filter(|limit| count > *limit) {
            found.add(FieldError::too_many(path, items.len(), limit));
        }
        found.passed += 1;
        found
    }

    fn map(
        &mut self,
        path: &Path,
        map: &Map<String, Value>,
        schema: &Schema,
        old: Option<Correlated<'_>>,
    ) -> Outcome {
        let mut found = Outcome::default();
        let count = size(map.len());
        if let Some(limit) = schema.min_properties.filter(|limit| count < *limit) {
            let should = format!("should have at least {limit} properties");
            found.add(FieldError::in_body(path, &count.into(), should));
        }
        if let Some(limit) = schema.max_properties.filter(|limit| count > *limit) {
            found.add(FieldError::too_many(path, map.len(), limit));
        }
        for (name, value) in map {
            let below = match (schema.properties.get(name), &schema.additional_properties) {
                (Some(property), _) => property,
                (None, Some(Additional::Schema(below))) => below,
                (None, Some(Additional::Allowed(false))) => {
                    found.add(FieldError::forbidden_property(path, name));
                    continue;
                }
                (None, _) => continue,
            };
            let is_type_meta = path.is_root() && matches!(name.as_str(), "apiVersion" | "kind");
            let old = old.filter(|_| !is_type_meta).and_then(|old| old.key(name));
            found.merge(self.updated(&path.child(name), value, below, old));
        }
        for name in &schema.required {
            if !map.contains_key(name) {
                found.add(FieldError::missing(&path.child(name)));
            }
        }
        found
    }

    /// anyOf, oneOf, allOf and not. Their own errors name no field.
    fn branches(&mut self, path: &Path, value: &Value, schema: &Schema) -> Outcome {
        let mut found = Outcome {
            passed: 1,
            ..Outcome::default()
        };
        if !schema.any_of.is_empty() {
            self.any_of(path, value, &schema.any_of, &mut found);
        }
        if !schema.one_of.is_empty() {
            self.one_of(path, value, &schema.one_of, &mut found);
        }
        if !schema.all_of.is_empty() {
            self.all_of(path, value, &schema.all_of, &mut found);
        }
        if let Some(not) = &schema.not
            && self.value(path, value, not).is_valid()
        {
            found.add(branch_error(path, "must not validate the schema (not)"));
        }
        found
    }

    /// The first branch that holds decides; the rest is not looked at.
    fn any_of(&mut self, path: &Path, value: &Value, branches: &[Schema], found: &mut Outcome) {
        let mut nearest: Option<Outcome> = None;
        for branch in branches {
            let outcome = self.value(path, value, branch);
            if outcome.is_valid() {
                found.merge(outcome);
                return;
            }
            nearest = nearer(nearest, outcome);
        }
        found.add(branch_error(
            path,
            "must validate at least one schema (anyOf)",
        ));
        found.merge(nearest.unwrap_or_default());
    }

    fn one_of(&mut self, path: &Path, value: &Value, branches: &[Schema], found: &mut Outcome) {
        let (mut nearest, mut first, mut valid) = (None, None, 0);
        for branch in branches {
            let outcome = self.value(path, value, branch);
            if outcome.is_valid() {
                valid += 1;
                first = first.or(Some(outcome));
            } else if valid == 0 {
                nearest = nearer(nearest, outcome);
            }
        }
        let problem = match valid {
            1 => return found.merge(first.unwrap_or_default()),
            0 => "Found none valid".to_owned(),
            several => format!("Found {several} valid alternatives"),
        };
        let text = format!("must validate one and only one schema (oneOf). {problem}");
        found.add(branch_error(path, &text));
        if valid == 0 {
            found.merge(nearest.unwrap_or_default());
        }
    }

    fn all_of(&mut self, path: &Path, value: &Value, branches: &[Schema], found: &mut Outcome) {
        let mut valid = 0;
        for branch in branches {
            let outcome = self.value(path, value, branch);
            valid += usize::from(outcome.is_valid());
            found.merge(outcome);
        }
        if valid < branches.len() {
            let none = if valid == 0 { ". None validated" } else { "" };
            let text = format!("must validate all the schemas (allOf){none}");
            found.add(branch_error(path, &text));
        }
    }
}

/// The first of those where most checks passed.
fn nearer(best: Option<Outcome>, next: Outcome) -> Option<Outcome> {
    match best {
        Some(best) if best.passed >= next.passed => Some(best),
        _ => Some(next),
    }
}

fn size(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn branch_error(path: &Path, text: &str) -> FieldError {
    FieldError::nowhere(format!("\"{path}\" {text}"))
}

fn enumeration(path: &Path, value: &Value, schema: &Schema) -> Outcome {
    match schema.enumeration.as_deref() {
        Some(supported) if !supported.is_empty() && !enums::holds(supported, value) => {
            Outcome::fail(FieldError::not_supported(path, value, supported))
        }
        _ => Outcome::default(),
    }
}

fn string_format(path: &Path, text: &str, format: &str) -> Outcome {
    if formats::accepts(format, text) {
        return Outcome::default();
    }
    let should = format!("must be of type {format}: {text:?}");
    Outcome::fail(FieldError::wrong_format(path, text, &should))
}

/// Whether the schema says anything of the type.
fn is_typed(schema: &Schema) -> bool {
    schema.int_or_string || schema.value_type.is_some() || formats::of(schema).is_some()
}

fn null(path: &Path, schema: &Schema) -> Outcome {
    let has_type = schema.int_or_string || schema.value_type.is_some();
    if has_type && !schema.nullable {
        let expected = expected_types(schema).join(",");
        return Outcome::fail(FieldError::wrong_type(path, &expected, "null"));
    }
    Outcome {
        passed: 1,
        ..Outcome::default()
    }
}

/// Whether the value has the schema's type; see `type.go` for why it is as it is.
fn value_type(path: &Path, value: &Value, schema: &Schema) -> Outcome {
    let expected = expected_types(schema);
    let (found, found_format) = type_of(value);
    let format = formats::of(schema);
    let is_texty = matches!(value, Value::String(_) | Value::Array(_));
    let is_number = expected.contains(&"number") || expected.contains(&"integer");
    let fits = expected.contains(&found)
        || (expected.contains(&"integer") && is_whole_float(value))
        || (expected.contains(&"number") && found == "integer");
    if let Some(format) = format {
        if !is_texty && !fits && format != found_format {
            return Outcome::fail(FieldError::wrong_type(path, format, found_format));
        }
        if is_texty && !is_number {
            return passed();
        }
    }
    if fits {
        return passed();
    }
    Outcome::fail(FieldError::wrong_type(path, &expected.join(","), found))
}

fn passed() -> Outcome {
    Outcome {
        passed: 1,
        ..Outcome::default()
    }
}

fn is_whole_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => match Number::of(number) {
            Number::Int(_) => false,
            Number::Float(float) => numbers::is_json_integer(float),
        },
        _ => false,
    }
}

/// The JSON type of a value, and the format that goes with it.
fn type_of(value: &Value) -> (&'static str, &'static str) {
    match value {
        Value::Null => ("null", ""),
        Value::Bool(_) => ("boolean", ""),
        Value::Number(number) => match Number::of(number) {
            Number::Int(_) => ("integer", "int64"),
            Number::Float(_) => ("number", "float64"),
        },
        Value::String(_) => ("string", ""),
        Value::Array(_) => ("array", ""),
        Value::Object(_) => ("object", ""),
    }
}

/// The type that the schema states, or nothing.
pub(super) fn type_name(schema: &Schema) -> &'static str {
    match expected_types(schema) {
        [name] => name,
        _ => "",
    }
}

fn expected_types(schema: &Schema) -> &'static [&'static str] {
    match schema.value_type {
        _ if schema.int_or_string => &["integer", "string"],
        Some(Type::Array) => &["array"],
        Some(Type::Boolean) => &["boolean"],
        Some(Type::Integer) => &["integer"],
        Some(Type::Number) => &["number"],
        Some(Type::Object) => &["object"],
        Some(Type::String) => &["string"],
        None => &[],
    }
}
