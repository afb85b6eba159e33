//! Whether defaults are values of their schemas (apiextensions-apiserver,
//! `pkg/apiserver/schema/defaulting/validation.go`).

use super::place::Place;
use crate::validate::cel::Rules;
use crate::validate::error::FieldError;
use crate::validate::path::Path;
use crate::validate::pattern::Patterns;
use crate::validate::shape::{self, Root};
use crate::validate::{metadata, structural};
use crate::{Additional, Rule, Schema, cel_rule, cel_type};
use serde_json::Value;
use std::borrow::Cow;

pub(super) fn check(schema: &Schema, at: &Place) -> Vec<FieldError> {
    let mut check = Check::default();
    let resource = Schema {
        embedded_resource: true,
        ..schema.clone()
    };
    check.schema(&resource, at, false);
    check.errors
}

#[derive(Default)]
struct Check {
    errors: Vec<FieldError>,
    patterns: Patterns,
    rules: Rules,
}

impl Check {
    fn schema(&mut self, schema: &Schema, at: &Place, in_metadata: bool) {
        let in_metadata = in_metadata && !schema.embedded_resource;
        if let Some(default) = schema.default.as_ref().filter(|value| !value.is_null()) {
            let default = shape::with_whole_integers(default);
            self.value(&default, schema, &at.child("default"), in_metadata);
        }
        // Below additionalProperties there are none.
        if let Some(items) = &schema.items {
            self.schema(items, &at.child("items"), in_metadata);
        }
        for (name, property) in &schema.properties {
            let is_meta = schema.embedded_resource
                && matches!(name.as_str(), "metadata" | "apiVersion" | "kind");
            let at = at.child("properties").key(name);
            self.schema(property, &at, in_metadata || is_meta);
        }
    }

    fn value(&mut self, default: &Value, schema: &Schema, at: &Place, in_metadata: bool) {
        if !in_metadata {
            let mut pruned = default.clone();
            if !shape::prune(&mut pruned, schema, Root::Part).is_empty() {
                let text = "must not have unknown fields";
                self.errors.push(FieldError::invalid(at, default, text));
            }
            let mut decoded = default.clone();
            let undecoded = metadata::decode_embedded(&mut decoded, schema);
            let found = match undecoded.into_iter().find(|error| !error.is_decoded()) {
                Some(error) => vec![error.into_invalid()],
                None => metadata::check_embedded(default, schema),
            };
            if !found.is_empty() {
                let below = found.into_iter().map(|error| error.below(at));
                return self.errors.extend(below);
            }
        }
        let mut check = structural::Check::new(&self.patterns);
        let found = check.value(&Path::root(), default, schema).errors;
        if !found.is_empty() {
            let below = found.into_iter().map(|error| error.below(at));
            return self.errors.extend(below);
        }
        let place = at.to_string();
        let path = Path::at(&place);
        let uncompiled = self.errors.len();
        self.uncompiled(default, schema, at);
        let mut schema = Cow::Borrowed(schema);
        if self.errors.len() > uncompiled {
            keep_compiling(schema.to_mut());
        }
        let no_errors = std::iter::empty::<&FieldError>();
        let unchanged =
            self.rules
                .check_at(&path, default, &schema, Some(default), no_errors.clone());
        let found = match unchanged.errors.is_empty() {
            true => self
                .rules
                .check_at(&path, default, &schema, None, no_errors),
            false => unchanged,
        };
        self.errors.extend(found.errors);
    }
}

/// The rules that do not compile, at each value that they are for.
impl Check {
    fn uncompiled(&mut self, value: &Value, schema: &Schema, at: &Place) {
        for rule in schema.rules.iter().filter(|rule| !compiles(rule, schema)) {
            let text = format!("rule compile error: {}", rule.rule);
            self.errors.push(FieldError::rule_failed(at, "", &text));
        }
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    if let Some(property) = schema.properties.get(name) {
                        self.uncompiled(value, property, &at.child(name));
                    } else if let Some(Additional::Schema(values)) = &schema.additional_properties {
                        self.uncompiled(value, values, &at.key(name));
                    }
                }
            }
            Value::Array(items) => {
                let Some(below) = &schema.items else { return };
                for (i, item) in items.iter().enumerate() {
                    self.uncompiled(item, below, &at.index(i));
                }
            }
            _ => {}
        }
    }
}

fn compiles(rule: &Rule, schema: &Schema) -> bool {
    let this = cel_type(schema, schema.embedded_resource, "self");
    rule.rule.trim().is_empty() || this.is_some_and(|this| cel_rule(rule, &this).is_ok())
}

/// Keeps the rules alone that compile.
fn keep_compiling(schema: &mut Schema) {
    let mut rules = std::mem::take(&mut schema.rules);
    rules.retain(|rule| compiles(rule, schema));
    schema.rules = rules;
    let properties = schema.properties.values_mut().map(Box::as_mut);
    let values = match &mut schema.additional_properties {
        Some(Additional::Schema(values)) => Some(&mut **values),
        _ => None,
    };
    properties
        .chain(schema.items.as_deref_mut())
        .chain(values)
        .for_each(keep_compiling);
}
