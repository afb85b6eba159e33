//! Whether a definition can be decoded, and what strict decoding refuses
//! (apiextensions-apiserver, `pkg/apis/apiextensions/v1/types.go` and
//! `types_jsonschema.go`).

use super::place::Place;
use crate::validate::error::{FieldError, type_name};
use serde_json::{Map, Value};

/// The Go type of a field.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Integer,
    Number,
    Flag,
    Anything,
    List(&'static Shape),
    Map(&'static Shape),
    Object(&'static [(&'static str, Shape)]),
    Schema,
    /// `additionalProperties`.
    SchemaOrFlag,
    /// `items`.
    SchemaOrList,
    /// `dependencies`.
    SchemaOrTexts,
}

use Shape::{Anything, Flag, Integer, List, Number, Object, Text};

const DEFINITION: [(&str, Shape); 5] = [
    ("apiVersion", Text),
    ("kind", Text),
    ("metadata", Anything),
    ("spec", Object(&SPEC)),
    ("status", Anything),
];
const SPEC: [(&str, Shape); 6] = [
    ("group", Text),
    ("names", Object(&NAMES)),
    ("scope", Text),
    ("versions", List(&Object(&VERSION))),
    ("conversion", Object(&CONVERSION)),
    ("preserveUnknownFields", Flag),
];
const NAMES: [(&str, Shape); 6] = [
    ("plural", Text),
    ("singular", Text),
    ("shortNames", List(&Text)),
    ("kind", Text),
    ("listKind", Text),
    ("categories", List(&Text)),
];
const VERSION: [(&str, Shape); 9] = [
    ("name", Text),
    ("served", Flag),
    ("storage", Flag),
    ("deprecated", Flag),
    ("deprecationWarning", Text),
    ("schema", Object(&VALIDATION)),
    ("subresources", Object(&SUBRESOURCES)),
    ("additionalPrinterColumns", List(&Object(&COLUMN))),
    ("selectableFields", List(&Object(&[("jsonPath", Text)]))),
];
const VALIDATION: [(&str, Shape); 1] = [("openAPIV3Schema", Shape::Schema)];
const SUBRESOURCES: [(&str, Shape); 2] = [("status", Object(&[])), ("scale", Object(&SCALE))];
const SCALE: [(&str, Shape); 3] = [
    ("specReplicasPath", Text),
    ("statusReplicasPath", Text),
    ("labelSelectorPath", Text),
];
const COLUMN: [(&str, Shape); 6] = [
    ("name", Text),
    ("type", Text),
    ("format", Text),
    ("description", Text),
    ("priority", Integer),
    ("jsonPath", Text),
];
const CONVERSION: [(&str, Shape); 2] = [("strategy", Text), ("webhook", Object(&WEBHOOK))];
const WEBHOOK: [(&str, Shape); 2] = [
    ("clientConfig", Object(&CLIENT)),
    ("conversionReviewVersions", List(&Text)),
];
const CLIENT: [(&str, Shape); 3] = [
    ("url", Text),
    ("service", Object(&SERVICE)),
    ("caBundle", Text),
];
const SERVICE: [(&str, Shape); 4] = [
    ("namespace", Text),
    ("name", Text),
    ("path", Text),
    ("port", Integer),
];
const SCHEMA: [(&str, Shape); 44] = [
    ("id", Text),
    ("$schema", Text),
    ("$ref", Text),
    ("description", Text),
    ("type", Text),
    ("format", Text),
    ("title", Text),
    ("default", Anything),
    ("maximum", Number),
    ("exclusiveMaximum", Flag),
    ("minimum", Number),
    ("exclusiveMinimum", Flag),
    ("maxLength", Integer),
    ("minLength", Integer),
    ("pattern", Text),
    ("maxItems", Integer),
    ("minItems", Integer),
    ("uniqueItems", Flag),
    ("multipleOf", Number),
    ("enum", List(&Anything)),
    ("maxProperties", Integer),
    ("minProperties", Integer),
    ("required", List(&Text)),
    ("items", Shape::SchemaOrList),
    ("allOf", List(&Shape::Schema)),
    ("oneOf", List(&Shape::Schema)),
    ("anyOf", List(&Shape::Schema)),
    ("not", Shape::Schema),
    ("properties", Shape::Map(&Shape::Schema)),
    ("additionalProperties", Shape::SchemaOrFlag),
    ("patternProperties", Shape::Map(&Shape::Schema)),
    ("dependencies", Shape::Map(&Shape::SchemaOrTexts)),
    ("additionalItems", Shape::SchemaOrFlag),
    ("definitions", Shape::Map(&Shape::Schema)),
    (
        "externalDocs",
        Object(&[("description", Text), ("url", Text)]),
    ),
    ("example", Anything),
    ("nullable", Flag),
    ("x-kubernetes-preserve-unknown-fields", Flag),
    ("x-kubernetes-embedded-resource", Flag),
    ("x-kubernetes-int-or-string", Flag),
    ("x-kubernetes-list-map-keys", List(&Text)),
    ("x-kubernetes-list-type", Text),
    ("x-kubernetes-map-type", Text),
    ("x-kubernetes-validations", List(&Object(&RULE))),
];
const RULE: [(&str, Shape); 6] = [
    ("rule", Text),
    ("message", Text),
    ("messageExpression", Text),
    ("reason", Text),
    ("fieldPath", Text),
    ("optionalOldSelf", Flag),
];

pub(super) fn check(definition: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    check_value(
        &Place::default(),
        definition,
        Object(&DEFINITION),
        &mut errors,
    );
    errors
}

fn check_value(path: &Place, value: &Value, shape: Shape, errors: &mut Vec<FieldError>) {
    match (shape, value) {
        (_, Value::Null)
        | (Anything, _)
        | (Text, Value::String(_))
        | (Flag | Shape::SchemaOrFlag, Value::Bool(_))
        | (Number, Value::Number(_)) => {}
        (Integer, Value::Number(number)) if is_integer(number) => {}
        (Object(shapes), Value::Object(map)) => check_fields(path, map, shapes, errors),
        (
            Shape::Schema | Shape::SchemaOrFlag | Shape::SchemaOrList | Shape::SchemaOrTexts,
            Value::Object(map),
        ) => check_fields(path, map, &SCHEMA, errors),
        (Shape::Map(below), Value::Object(map)) => {
            for (name, value) in map {
                check_value(&path.child(name), value, *below, errors);
            }
        }
        (List(below), Value::Array(items)) => check_items(path, items, *below, errors),
        (Shape::SchemaOrList, Value::Array(items)) => {
            check_items(path, items, Shape::Schema, errors);
        }
        (Shape::SchemaOrTexts, Value::Array(items)) => check_items(path, items, Text, errors),
        _ => errors.push(FieldError::undecodable(
            path,
            shape.name(),
            type_name(value),
        )),
    }
}

fn check_items(path: &Place, items: &[Value], shape: Shape, errors: &mut Vec<FieldError>) {
    for (i, item) in items.iter().enumerate() {
        check_value(&path.index(i), item, shape, errors);
    }
}

fn check_fields(
    path: &Place,
    fields: &Map<String, Value>,
    shapes: &[(&'static str, Shape)],
    errors: &mut Vec<FieldError>,
) {
    for (name, value) in fields {
        match shapes.iter().find(|(known, _)| known == name) {
            Some((_, shape)) => check_value(&path.child(name), value, *shape, errors),
            None => {
                let known = shapes.iter().map(|(name, _)| *name);
                let near = diagnostics::suggest::nearest(name, known);
                errors.push(FieldError::unknown(&path.child(name), near));
            }
        }
    }
}

fn is_integer(number: &serde_json::Number) -> bool {
    number.is_i64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

impl Shape {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Flag => "boolean",
            Self::Anything => "any",
            Self::List(_) => "array",
            Self::Map(_) | Self::Object(_) | Self::Schema => "object",
            Self::SchemaOrFlag => "object or boolean",
            Self::SchemaOrList | Self::SchemaOrTexts => "object or array",
        }
    }
}
