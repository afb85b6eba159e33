//! Whether a schema is structural (apiextensions-apiserver,
//! `pkg/apiserver/schema/validation.go` and `complete.go`).

use super::names::invalid;
use super::place::Place;
use super::props::{Props, is_zero};
use crate::validate::error::FieldError;
use crate::validate::pattern::Patterns;
use serde_json::Value;

/// Where a schema stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Item,
    Field,
}

/// What keeps a schema from being made structural at all.
pub(super) fn unsupported(schema: Props<'_>) -> Option<String> {
    if schema.get("items").is_some_and(Value::is_array) {
        return Some("OpenAPIV3Schema 'items' must be a schema, but is an array".to_owned());
    }
    let kept = |name: &&str| {
        schema
            .get(name)
            .is_some_and(|value| *name == "additionalItems" || !is_zero(value))
    };
    let fields = [
        "id",
        "$schema",
        "$ref",
        "patternProperties",
        "dependencies",
        "additionalItems",
        "definitions",
    ];
    if let Some(found) = fields.into_iter().find(kept) {
        let name = if found == "$schema" { "schema" } else { found };
        return Some(format!("OpenAPIV3Schema '{name}' is not supported"));
    }
    if schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(false)) {
        let text =
            "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
        return Some(text.to_owned());
    }
    children(schema).into_iter().find_map(unsupported)
}

fn children(schema: Props<'_>) -> Vec<Props<'_>> {
    let mut found: Vec<Props<'_>> = ["items", "additionalProperties", "not"]
        .iter()
        .filter_map(|name| schema.child(name))
        .collect();
    found.extend(schema.fields("properties").map(|(_, schema)| schema));
    for branches in ["allOf", "anyOf", "oneOf"] {
        found.extend(schema.objects(branches));
    }
    found
}

/// What is not structural.
pub(super) fn check(schema: Props<'_>, at: &Place) -> Vec<FieldError> {
    let mut check = Check::default();
    check.schema(schema, Level::Root, at);
    check.complete(schema, Some(schema), at, at);
    check.errors
}

#[derive(Default)]
struct Check {
    errors: Vec<FieldError>,
    patterns: Patterns,
}

impl Check {
    fn required(&mut self, at: &Place, text: &str) {
        self.errors.push(FieldError::required(at, text));
    }

    fn forbidden(&mut self, at: &Place, text: &str) {
        self.errors.push(FieldError::forbidden(at, text));
    }

    fn invalid(&mut self, at: &Place, value: &str, text: &str) {
        self.errors.push(invalid(at, value, text));
    }

    fn schema(&mut self, schema: Props<'_>, level: Level, at: &Place) {
        if schema.text("type") == "array" && !schema.has("items") {
            self.required(&at.child("items"), "must be specified");
        }
        if let Some(items) = schema.child("items") {
            self.schema(items, Level::Item, &at.child("items"));
        }
        for (name, property) in schema.fields("properties") {
            let at = at.child("properties").key(name);
            self.schema(property, Level::Field, &at);
        }
        if schema.has("additionalProperties") {
            if level == Level::Root {
                let at = at.child("additionalProperties");
                self.forbidden(&at, "must not be used at the root");
            }
            if let Some(values) = schema.child("additionalProperties") {
                self.schema(values, Level::Field, &at.child("additionalProperties"));
            }
        }
        self.extensions(schema, at);
        self.branches(
            schema,
            is_int_or_string(schema),
            is_first_of_all(schema),
            at,
        );
        self.type_of(schema, level, at);
        self.resource(schema, level, at);
    }

    fn extensions(&mut self, schema: Props<'_>, at: &Place) {
        for other in [
            "x-kubernetes-preserve-unknown-fields",
            "x-kubernetes-embedded-resource",
        ] {
            if schema.flag("x-kubernetes-int-or-string") && schema.flag(other) {
                let text = "must be false if x-kubernetes-int-or-string is true";
                let error = FieldError::invalid(&at.child(other), &Value::Bool(true), text);
                self.errors.push(error);
            }
        }
    }

    fn type_of(&mut self, schema: Props<'_>, level: Level, at: &Place) {
        let given = schema.text("type");
        let embedded = schema.flag("x-kubernetes-embedded-resource");
        let at_type = at.child("type");
        let is_free = schema.flag("x-kubernetes-int-or-string")
            || schema.flag("x-kubernetes-preserve-unknown-fields");
        if embedded && given != "object" {
            let text = "must be object if x-kubernetes-embedded-resource is true";
            match given {
                "" => self.required(&at_type, text),
                given => self.invalid(&at_type, given, text),
            }
        } else if given.is_empty() && !is_free {
            self.required(
                &at_type,
                match level {
                    Level::Root => "must not be empty at the root",
                    Level::Item => "must not be empty for specified array items",
                    Level::Field => "must not be empty for specified object fields",
                },
            );
        }
        if embedded && schema.has("additionalProperties") {
            let text = "must not be used if x-kubernetes-embedded-resource is set";
            self.forbidden(&at.child("additionalProperties"), text);
        }
        if level == Level::Root && !given.is_empty() && given != "object" {
            self.invalid(&at_type, given, "must be object at the root");
        }
    }

    /// What a whole resource's own fields may say.
    fn resource(&mut self, schema: Props<'_>, level: Level, at: &Place) {
        let embedded = schema.flag("x-kubernetes-embedded-resource");
        let is_resource = level == Level::Root || embedded;
        let properties = schema.object("properties");
        let at_properties = at.child("properties");
        for name in ["kind", "apiVersion"] {
            let Some(property) = properties.child(name).filter(|_| is_resource) else {
                continue;
            };
            if property.text("type") != "string" {
                let at = at_properties.key(name).child("type");
                self.invalid(&at, property.text("type"), "must be string");
            }
        }
        if let Some(metadata) = properties.child("metadata") {
            let at = at_properties.key("metadata");
            if is_resource && metadata.text("type") != "object" {
                let text = "must be object";
                self.invalid(&at.child("type"), metadata.text("type"), text);
            }
            if level == Level::Root && !is_plain_metadata(metadata) {
                let text = "must not specify anything other than name and generateName, but metadata is implicitly specified";
                self.forbidden(&at, text);
            }
        }
        let is_open = schema.flag("x-kubernetes-preserve-unknown-fields");
        if embedded && !is_open && schema.fields("properties").next().is_none() {
            let text = "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
            self.required(&at_properties, text);
        }
    }

    /// `skip_any`, `skip_first`: the `anyOf` is the one that int-or-string has,
    /// here or in the first of `allOf`.
    fn branches(&mut self, schema: Props<'_>, skip_any: bool, skip_first: bool, at: &Place) {
        for branches in ["anyOf", "allOf", "oneOf"] {
            if branches == "anyOf" && skip_any {
                continue;
            }
            for (i, branch) in schema.objects(branches).enumerate() {
                let skip = branches == "allOf" && skip_first && i == 0;
                self.nested(branch, skip, &at.child(branches).index(i));
            }
        }
        if let Some(not) = schema.child("not") {
            self.nested(not, false, &at.child("not"));
        }
        let pattern = schema.text("pattern");
        if !pattern.is_empty() && self.patterns.is_match(pattern, "").is_err() {
            let text = "must be a valid regular expression, but isn't";
            self.invalid(&at.child("pattern"), pattern, text);
        }
    }

    /// A branch constrains values; their form is said outside of it.
    fn nested(&mut self, schema: Props<'_>, skip_any: bool, at: &Place) {
        self.branches(schema, skip_any, false, at);
        if let Some(items) = schema.child("items") {
            self.nested(items, false, &at.child("items"));
        }
        for (name, property) in schema.fields("properties") {
            self.nested(property, false, &at.child("properties").key(name));
        }
        let is_open = match schema.get("additionalProperties") {
            Some(Value::Bool(allowed)) => *allowed,
            given => given.is_some(),
        };
        if is_open {
            let at = at.child("additionalProperties");
            self.forbidden(&at, "must be undefined to be structural");
        }
        for (field, must) in [
            ("type", "empty"),
            ("default", "undefined"),
            ("title", "empty"),
            ("description", "empty"),
            ("nullable", "false"),
            ("x-kubernetes-preserve-unknown-fields", "false"),
            ("x-kubernetes-embedded-resource", "false"),
            ("x-kubernetes-int-or-string", "false"),
            ("x-kubernetes-list-map-keys", "empty"),
            ("x-kubernetes-list-type", "undefined"),
            ("x-kubernetes-map-type", "undefined"),
            ("x-kubernetes-validations", "empty"),
        ] {
            let is_given = schema
                .get(field)
                .is_some_and(|value| must == "undefined" || !is_zero(value));
            if is_given {
                self.forbidden(
                    &at.child(field),
                    &format!("must be {must} to be structural"),
                );
            }
        }
        if schema.object("properties").has("metadata") {
            let at = at.child("properties").key("metadata");
            self.forbidden(&at, "must not be specified in a nested context");
        }
    }

    /// Whether every field that a branch names is declared outside of it, too.
    fn complete(&mut self, branch: Props<'_>, schema: Option<Props<'_>>, at: &Place, from: &Place) {
        let Some(schema) = schema else {
            return self.required(at, &format!("because it is defined in {from}"));
        };
        if let Some(not) = branch.child("not") {
            self.complete_nested(not, Some(schema), at, &from.child("not"));
        }
        for branches in ["allOf", "anyOf", "oneOf"] {
            for (i, branch) in branch.objects(branches).enumerate() {
                let from = from.child(branches).index(i);
                self.complete_nested(branch, Some(schema), at, &from);
            }
        }
    }

    fn complete_nested(
        &mut self,
        branch: Props<'_>,
        schema: Option<Props<'_>>,
        at: &Place,
        from: &Place,
    ) {
        let Some(schema) = schema else {
            return self.required(at, &format!("because it is defined in {from}"));
        };
        self.complete(branch, Some(schema), at, from);
        if let Some(items) = branch.child("items") {
            let (at, from) = (at.child("items"), from.child("items"));
            self.complete_nested(items, schema.child("items"), &at, &from);
        }
        for (name, property) in branch.fields("properties") {
            let declared = schema.object("properties").child(name);
            let at = at.child("properties").key(name);
            let from = from.child("properties").key(name);
            self.complete_nested(property, declared, &at, &from);
        }
    }
}

/// `anyOf` an integer or a string, and nothing else.
fn is_int_or_string(schema: Props<'_>) -> bool {
    let says_only = |(branch, kind): (Props<'_>, &str)| {
        let says_more = branch
            .names()
            .any(|name| name != "type" && branch.get(name).is_some_and(|value| !is_zero(value)));
        branch.text("type") == kind && !says_more
    };
    schema.list("anyOf").len() == 2
        && schema
            .objects("anyOf")
            .zip(["integer", "string"])
            .all(says_only)
}

fn is_first_of_all(schema: Props<'_>) -> bool {
    schema.objects("allOf").next().is_some_and(is_int_or_string)
}

/// Whether the metadata of a resource has no more than its type and rules on its
/// names.
fn is_plain_metadata(metadata: Props<'_>) -> bool {
    let only_names = metadata
        .fields("properties")
        .all(|(name, _)| matches!(name, "name" | "generateName"));
    let is_pointer = |field: &str| matches!(field, "additionalProperties" | "items" | "not");
    only_names
        && metadata.names().all(|field| match metadata.get(field) {
            None => true,
            Some(_) if matches!(field, "type" | "properties" | "default") => true,
            Some(value) => is_zero(value) && !is_pointer(field),
        })
}
