//! The schema of a version, constraint by constraint
//! (`ValidateCustomResourceDefinitionOpenAPISchema`).

use super::names::invalid;
use super::place::Place;
use super::props::{Props, is_zero};
use super::rules::{self, Checked, Typed};
use super::{cost, defaults, structural};
use crate::Schema;
use crate::validate::error::FieldError;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
const META: [&str; 3] = ["metadata", "kind", "apiVersion"];

/// What may stand at the root beside a status with a subresource.
const AT_ROOT: [&str; 22] = [
    "description",
    "type",
    "format",
    "title",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "multipleOf",
    "required",
    "items",
    "properties",
    "externalDocs",
    "example",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
];

/// Whether a default stands anywhere in it.
pub(super) fn has_defaults(schema: Props<'_>) -> bool {
    let below = |name: &str| schema.child(name).is_some_and(has_defaults);
    schema.has("default")
        || ["items", "not", "additionalProperties"]
            .iter()
            .any(|name| below(name))
        || ["allOf", "anyOf", "oneOf"]
            .iter()
            .any(|name| schema.objects(name).any(has_defaults))
        || schema
            .fields("properties")
            .any(|(_, schema)| has_defaults(schema))
}

/// Judges the schema that stands at `at`; `has_status`: whether the status is
/// written through its own endpoint.
pub(super) fn check(schema: Props<'_>, at: &Place, has_status: bool) -> Checked {
    let mut errors = Vec::new();
    let place = at.child("openAPIV3Schema");
    if has_status {
        errors.extend(check_root(schema, &place));
    }
    if schema.flag("nullable") {
        let at = at.child("openAPIV3Schema.nullable");
        errors.push(FieldError::forbidden(
            &at,
            "nullable cannot be true at the root",
        ));
    }
    let unsupported = structural::unsupported(schema);
    let mut typed = None;
    if unsupported.is_none() {
        let mut found = structural::check(schema, &place);
        if found.is_empty() {
            typed = read(schema);
            let defaults = typed.as_ref().map(|schema| defaults::check(schema, &place));
            found = defaults.unwrap_or_default();
        }
        if !found.is_empty() {
            typed = None;
        }
        errors.extend(found);
    }
    let typed = typed.as_ref().map(Typed::root);
    let node = Node::root();
    let found = node.check(schema, &place, typed.as_ref());
    errors.extend(found.schema);
    errors.extend(found.rules.errors);
    if errors.is_empty() {
        errors.extend(unsupported.map(|why| invalid(&place, "", &why)));
    }
    let estimates = found.rules.estimates;
    errors.extend(cost::budget::total_exceeded(&estimates, &place));
    Checked { errors, estimates }
}

/// The schema as the rest of this crate reads it; none if it cannot.
fn read(schema: Props<'_>) -> Option<Schema> {
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "x"},
        "spec": {
            "group": "example.org", "scope": "Cluster", "names": {"kind": "X"},
            "versions": [{"name": "v1", "schema": {"openAPIV3Schema": readable(schema.to_value())}}],
        },
    });
    let crds = crate::parse_crds("definition", &definition.to_string()).ok()?;
    Some(crds.into_iter().next()?.versions.into_iter().next()?.schema)
}

/// Without words that are unknown, which are reported for themselves.
fn readable(mut schema: Value) -> Value {
    const WORDS: [(&str, &[&str]); 3] = [
        ("type", &TYPES),
        ("x-kubernetes-list-type", &["atomic", "set", "map"]),
        ("x-kubernetes-map-type", &["atomic", "granular"]),
    ];
    match &mut schema {
        Value::Object(fields) => {
            fields.retain(|name, value| {
                let word = WORDS.iter().find(|(field, _)| field == name);
                word.zip(value.as_str())
                    .is_none_or(|((_, known), given)| known.contains(&given))
            });
            for (name, value) in fields.iter_mut() {
                if !matches!(name.as_str(), "default" | "enum" | "example") {
                    *value = readable(value.take());
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                *item = readable(item.take());
            }
        }
        _ => {}
    }
    schema
}

fn check_root(schema: Props<'_>, place: &Place) -> Option<FieldError> {
    let is_kept = |name: &str| {
        let value = schema.get(name);
        value.is_some_and(|value| !is_zero(value) || is_pointer(name))
    };
    // In the order of Go's struct; only what comes first is said.
    let odd = schema
        .names()
        .find(|name| !AT_ROOT.contains(name) && *name != "nullable" && is_kept(name));
    let odd = odd.or_else(|| schema.flag("nullable").then_some("nullable"));
    let kind = schema.text("type");
    if kind != "object" && !kind.is_empty() {
        let text = "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled";
        return Some(invalid(&place.child("type"), kind, text));
    }
    odd.map(|_| {
        let text = "only certain fields are allowed at the root of the schema if the status subresource is enabled";
        invalid(place, "", text)
    })
}

/// Whether Go keeps a pointer, so that the field's zero is there.
fn is_pointer(name: &str) -> bool {
    matches!(
        name,
        "not"
            | "items"
            | "additionalProperties"
            | "additionalItems"
            | "default"
            | "externalDocs"
            | "example"
            | "$ref"
            | "x-kubernetes-list-type"
            | "x-kubernetes-map-type"
    )
}

/// Errors of the schema itself, and of its rules, which are only looked at if
/// there are none of the former.
#[derive(Default)]
struct Found {
    schema: Vec<FieldError>,
    rules: Checked,
}

impl Found {
    fn add(&mut self, other: Self) {
        self.schema.extend(other.schema);
        self.rules.add(other.rules);
    }
}

/// What is known from above of a schema.
#[derive(Clone)]
struct Node {
    is_root: bool,
    in_metadata: bool,
    /// Why there may be no default.
    no_default: Option<String>,
    /// The nearest place above whose old and new values cannot be told to belong
    /// together.
    uncorrelated: Option<Place>,
}

impl Node {
    fn root() -> Self {
        Self {
            is_root: true,
            in_metadata: false,
            no_default: None,
            uncorrelated: None,
        }
    }

    fn below(&self) -> Self {
        Self {
            is_root: false,
            ..self.clone()
        }
    }

    fn check(&self, schema: Props<'_>, at: &Place, typed: Option<&Typed<'_>>) -> Found {
        let mut found = Found::default();
        self.check_itself(schema, at, &mut found.schema);
        self.check_values(schema, at, typed, &mut found);
        self.check_properties(schema, at, typed, &mut found);
        for name in ["not", "allOf", "oneOf", "anyOf"] {
            let at = at.child(name);
            if let Some(branch) = schema.child(name) {
                found.add(self.below().check(branch, &at, None));
            }
            for (i, branch) in schema.objects(name).enumerate() {
                found.add(self.below().check(branch, &at.index(i), None));
            }
        }
        for name in ["definitions", "dependencies"] {
            for (key, value) in schema.fields(name) {
                found.add(self.below().check(value, &at.child(name).key(key), None));
            }
        }
        self.check_items(schema, at, typed, &mut found);
        check_map(schema, at, &mut found.schema);
        check_list(schema, at, &mut found.schema);
        check_elements(schema, at, &mut found.schema);
        found.schema.extend(rules::check_form(schema, at));
        if found.schema.is_empty()
            && let Some(typed) = typed
        {
            let uncorrelated = self.uncorrelated.as_ref();
            found.rules.add(rules::check(typed, at, uncorrelated));
        }
        found
    }

    fn check_itself(&self, schema: Props<'_>, at: &Place, errors: &mut Vec<FieldError>) {
        let kind = schema.text("type");
        let types = TYPES.map(Value::from);
        if !kind.is_empty() && !TYPES.contains(&kind) {
            let at = at.child("type");
            errors.push(FieldError::not_supported(&at, &kind.into(), &types));
        }
        if let (Some(why), true) = (&self.no_default, schema.has("default")) {
            let text = format!("must not be set {why}");
            errors.push(FieldError::forbidden(&at.child("default"), &text));
        }
        let kept = |name: &str| match name {
            "additionalItems" | "dependencies" | "$ref" => schema.has(name),
            name => schema.get(name).is_some_and(|value| !is_zero(value)),
        };
        for name in [
            "id",
            "additionalItems",
            "patternProperties",
            "definitions",
            "dependencies",
            "$ref",
        ] {
            if kept(name) {
                let text = format!("{name} is not supported");
                errors.push(FieldError::forbidden(&at.child(name), &text));
            }
        }
        if kind == "null" {
            let text = "type cannot be set to null, use nullable as an alternative";
            errors.push(FieldError::forbidden(&at.child("type"), text));
        }
        if !schema.list("items").is_empty() {
            let text = "items must be a schema object and not an array";
            errors.push(FieldError::forbidden(&at.child("items"), text));
        }
        if self.in_metadata && schema.flag("x-kubernetes-embedded-resource") {
            let at = at.child("x-kubernetes-embedded-resource");
            let text = "must not be used inside of resource meta";
            errors.push(FieldError::forbidden(&at, text));
        }
        if schema.flag("uniqueItems") {
            let text =
                "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
            errors.push(FieldError::forbidden(&at.child("uniqueItems"), text));
        }
        if schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(false)) {
            let at = at.child("x-kubernetes-preserve-unknown-fields");
            let text = "must be true or undefined";
            errors.push(FieldError::invalid(&at, &Value::Bool(false), text));
        }
    }

    fn check_values(
        &self,
        schema: Props<'_>,
        at: &Place,
        typed: Option<&Typed<'_>>,
        found: &mut Found,
    ) {
        let Some(given) = schema.get("additionalProperties") else {
            return;
        };
        let at = at.child("additionalProperties");
        let has_properties = schema.fields("properties").next().is_some();
        if has_properties && given != &Value::Bool(true) {
            let text = "additionalProperties and properties are mutual exclusive";
            found.schema.push(FieldError::forbidden(&at, text));
        }
        let mut node = self.below();
        if self.in_metadata {
            let why = "inside additionalProperties applying to object metadata";
            node.no_default = Some(why.to_owned());
        }
        if let Some(values) = schema.child("additionalProperties") {
            let typed = typed.and_then(Typed::values);
            found.add(node.check(values, &at, typed.as_ref()));
        }
    }

    fn check_properties(
        &self,
        schema: Props<'_>,
        at: &Place,
        typed: Option<&Typed<'_>>,
        found: &mut Found,
    ) {
        let map_type = schema.text("x-kubernetes-map-type");
        let is_resource = self.is_root || schema.flag("x-kubernetes-embedded-resource");
        for (name, property) in schema.fields("properties") {
            let mut node = self.below();
            if !["", "granular", "atomic"].contains(&map_type) {
                node.uncorrelated.get_or_insert_with(|| at.clone());
            }
            if is_resource && META.contains(&name) {
                node.in_metadata = true;
                if self.is_root {
                    node.no_default = Some(format!("in top-level {name}"));
                }
            }
            let typed = typed.and_then(|typed| typed.property(name));
            let at = at.child("properties").key(name);
            found.add(node.check(property, &at, typed.as_ref()));
        }
    }

    fn check_items(
        &self,
        schema: Props<'_>,
        at: &Place,
        typed: Option<&Typed<'_>>,
        found: &mut Found,
    ) {
        let mut node = self.below();
        if schema.text("x-kubernetes-list-type") != "map" {
            node.uncorrelated.get_or_insert_with(|| at.clone());
        }
        let place = at.child("items");
        if let Some(items) = schema.child("items") {
            let typed = typed.and_then(Typed::items);
            found.add(node.check(items, &place, typed.as_ref()));
        }
        for (i, items) in schema.objects("items").enumerate() {
            found.add(node.check(items, &place.index(i), None));
        }
    }
}

/// A type that must be there, or must be another.
fn must_be(at: &Place, given: &str, text: &str) -> FieldError {
    match given {
        "" => FieldError::required(at, text),
        given => invalid(at, given, text),
    }
}

fn check_map(schema: Props<'_>, at: &Place, errors: &mut Vec<FieldError>) {
    let Some(map_type) = schema.get("x-kubernetes-map-type").and_then(Value::as_str) else {
        return;
    };
    if schema.text("type") != "object" {
        let text = "must be object if x-kubernetes-map-type is specified";
        errors.push(must_be(&at.child("type"), schema.text("type"), text));
    }
    if !["atomic", "granular"].contains(&map_type) {
        let at = at.child("x-kubernetes-map-type");
        let supported = ["atomic", "granular"].map(Value::from);
        errors.push(FieldError::not_supported(&at, &map_type.into(), &supported));
    }
}

fn check_list(schema: Props<'_>, at: &Place, errors: &mut Vec<FieldError>) {
    let at_type = at.child("x-kubernetes-list-type");
    let has_keys = !schema.list("x-kubernetes-list-map-keys").is_empty();
    let Some(list_type) = schema.get("x-kubernetes-list-type").and_then(Value::as_str) else {
        if has_keys {
            let text = "must be map if x-kubernetes-list-map-keys is non-empty";
            errors.push(FieldError::required(&at_type, text));
        }
        return;
    };
    if schema.text("type") != "array" {
        let text = "must be array if x-kubernetes-list-type is specified";
        errors.push(must_be(&at.child("type"), schema.text("type"), text));
    } else if list_type == "set" {
        errors.extend(check_set(schema, at));
    }
    if !["atomic", "set", "map"].contains(&list_type) {
        let supported = ["atomic", "set", "map"].map(Value::from);
        errors.push(FieldError::not_supported(
            &at_type,
            &list_type.into(),
            &supported,
        ));
    }
    if has_keys && list_type != "map" {
        let text = "must be map if x-kubernetes-list-map-keys is non-empty";
        errors.push(invalid(&at_type, list_type, text));
    }
    if list_type == "map" {
        check_keyed(schema, at, errors);
    }
}

/// Elements of a set are compared as a whole.
fn check_set(schema: Props<'_>, at: &Place) -> Option<FieldError> {
    let items = schema.child("items")?;
    let (field, given, implied) = match items.text("type") {
        "array" => (
            "x-kubernetes-list-type",
            items.text("x-kubernetes-list-type"),
            "atomic",
        ),
        "object" => (
            "x-kubernetes-map-type",
            items.text("x-kubernetes-map-type"),
            "granular",
        ),
        _ => return None,
    };
    let given = if items.has(field) { given } else { implied };
    let text = "must be atomic as item of a list with x-kubernetes-list-type=set";
    (given != "atomic").then(|| invalid(&at.child("items").child(field), given, text))
}

fn check_keyed(schema: Props<'_>, at: &Place, errors: &mut Vec<FieldError>) {
    let at_keys = at.child("x-kubernetes-list-map-keys");
    let at_items = at.child("items");
    if schema.list("x-kubernetes-list-map-keys").is_empty() {
        let text = "must not be empty if x-kubernetes-list-type is map";
        errors.push(FieldError::required(&at_keys, text));
    }
    let Some(items) = schema.child("items") else {
        errors.push(if schema.has("items") {
            let text = "must only have a single schema if x-kubernetes-list-type is map";
            invalid(&at_items, "", text)
        } else {
            let text = "must have a schema if x-kubernetes-list-type is map";
            FieldError::required(&at_items, text)
        });
        return;
    };
    if items.text("type") != "object" {
        let text = "must be object if parent array's x-kubernetes-list-type is map";
        errors.push(invalid(&at_items.child("type"), items.text("type"), text));
        return;
    }
    let mut seen = BTreeSet::new();
    for key in schema.texts("x-kubernetes-list-map-keys") {
        match items.object("properties").child(key) {
            Some(property) if ["array", "object"].contains(&property.text("type")) => {
                let at = at_items.child("properties").key(key).child("type");
                let text = "must be a scalar type if parent array's x-kubernetes-list-type is map";
                errors.push(invalid(&at, items.text("type"), text));
            }
            Some(_) => {}
            None => {
                let text = "entries must all be names of item properties";
                errors.push(invalid(&at_keys, key, text));
            }
        }
        if !seen.insert(key) {
            errors.push(invalid(&at_keys, key, "must not contain duplicate entries"));
        }
    }
}

/// Elements that are told apart cannot be null, nor lack their keys.
fn check_elements(schema: Props<'_>, at: &Place, errors: &mut Vec<FieldError>) {
    let list_type = schema.text("x-kubernetes-list-type");
    let Some(items) = schema
        .child("items")
        .filter(|_| ["set", "map"].contains(&list_type))
    else {
        return;
    };
    let at = at.child("items");
    if items.flag("nullable") {
        let text = format!("cannot be nullable when x-kubernetes-list-type is {list_type}");
        errors.push(FieldError::forbidden(&at.child("nullable"), &text));
    }
    if list_type != "map" {
        return;
    }
    for key in schema.texts("x-kubernetes-list-map-keys") {
        let Some(property) = items.object("properties").child(key) else {
            continue;
        };
        let at = at.child("properties").key(key);
        let is_required = items.texts("required").any(|name| name == key);
        if !is_required && !property.has("default") {
            let text = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
            errors.push(FieldError::required(&at.child("default"), text));
        }
        if property.flag("nullable") {
            let text = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
            errors.push(FieldError::forbidden(&at.child("nullable"), text));
        }
    }
}
