//! What each change of a schema is, one property after the other, in both
//! directions: `crd-models diff` of two definitions whose `spec` is as given.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use crd_models::diff::{self, Change, Class};
use kube_schema::validate::Validator;
use kube_schema::{Crd, parse_crds};
use pretty_assertions::assert_eq;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

const NOTHING: &[&str] = &[];

fn crds(spec: &str) -> Vec<Crd> {
    let text = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  group: example.org\n  scope: Namespaced\n  names: {{kind: A, plural: as}}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec: {spec}\n"
    );
    parse_crds("x.yaml", &text).unwrap_or_else(|error| panic!("{spec}: {error}"))
}

fn said(change: &Change) -> String {
    let class = change.class.name();
    format!(
        "{class} {} | {}",
        diff::text::sentence(change),
        change.reason
    )
}

fn between(old: &str, new: &str) -> Vec<String> {
    let changes = diff::diff(&crds(old), &crds(new)).unwrap();
    changes.iter().map(said).collect()
}

/// One schema, another, what is said of the way there and of the way back.
type Case = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

fn judge(cases: &[Case], wrap: impl Fn(&str) -> String) {
    for (a, b, forth, back) in cases {
        let (a, b) = (wrap(a), wrap(b));
        assert_eq!(between(&a, &b), *forth, "{a}\nto\n{b}");
        assert_eq!(between(&b, &a), *back, "{b}\nto\n{a}");
    }
}

/// The schema is that of `.spec`.
fn spec(schema: &str) -> String {
    schema.to_owned()
}

/// The schema is given as the fields of an embedded resource.
fn embedded(fields: &str) -> String {
    format!("{{type: object, x-kubernetes-embedded-resource: true, properties: {{{fields}}}}}")
}

/// The schema is that of the field `.spec.f`.
fn field(schema: &str) -> String {
    format!("{{type: object, properties: {{f: {schema}}}}}")
}

const KINDS: &[Case] = &[
    (
        "{type: string}",
        "{type: boolean}",
        &[
            r#"breaking .spec.f type: "string" -> "boolean" | an object that holds anything but boolean becomes invalid"#,
        ],
        &[
            r#"breaking .spec.f type: "boolean" -> "string" | an object that holds anything but string becomes invalid"#,
        ],
    ),
    (
        "{type: integer, format: int32, maximum: 3}",
        "{type: string, maxLength: 3}",
        &[
            r#"breaking .spec.f type: "integer" -> "string" | an object that holds anything but string becomes invalid"#,
        ],
        &[
            r#"breaking .spec.f type: "string" -> "integer" | an object that holds anything but integer becomes invalid"#,
        ],
    ),
    (
        "{type: integer}",
        "{type: number}",
        &[
            r#"breaking .spec.f type: "integer" -> "number" | a client that reads an integer may now get a fraction"#,
        ],
        &[
            r#"breaking .spec.f type: "number" -> "integer" | an object that holds anything but integer becomes invalid"#,
        ],
    ),
    (
        "{type: object, properties: {a: {type: string}}}",
        "{x-kubernetes-preserve-unknown-fields: true}",
        &[
            r#"breaking .spec.f type: "object" -> "any" | a client that reads object may now get anything"#,
        ],
        &[
            r#"breaking .spec.f type: "any" -> "object" | an object that holds anything but object becomes invalid"#,
        ],
    ),
    (
        "{type: integer}",
        "{x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}",
        &[
            "breaking .spec.f x-kubernetes-int-or-string: false -> true | a client that reads integer may now get an integer or a string",
        ],
        &[
            "breaking .spec.f x-kubernetes-int-or-string: true -> false | an object that holds anything but integer becomes invalid",
        ],
    ),
    (
        "{x-kubernetes-int-or-string: true}",
        "{x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}",
        NOTHING,
        NOTHING,
    ),
];

#[test]
fn another_kind_of_value_breaks() {
    judge(KINDS, field);
}

const FORMS: &[Case] = &[
    (
        "{type: string}",
        "{type: string, enum: [a, b]}",
        &[
            r#"breaking .spec.f enum: added ["a","b"] | an object that holds any other value becomes invalid"#,
        ],
        &[
            r#"breaking .spec.f enum: removed ["a","b"] | a client that knows the listed values may read another"#,
        ],
    ),
    (
        "{type: string, enum: [a]}",
        "{type: string, enum: [a, b, c]}",
        &[
            r#"breaking .spec.f enum: ["a"] -> ["a","b","c"] | a client that knows the old values may read "b" or "c""#,
        ],
        &[
            r#"breaking .spec.f enum: ["a","b","c"] -> ["a"] | an object that holds "b" or "c" becomes invalid"#,
        ],
    ),
    (
        "{type: string, enum: [a, b]}",
        "{type: string, enum: [b, a]}",
        NOTHING,
        NOTHING,
    ),
    (
        "{type: integer, enum: [1]}",
        "{type: integer, enum: [1.0]}",
        NOTHING,
        NOTHING,
    ),
    (
        "{type: string}",
        "{type: string, default: x}",
        &[
            r#"breaking .spec.f default: added "x" | an object that leaves it out gets a value: who told the two apart no longer can"#,
        ],
        &[
            r#"breaking .spec.f default: removed "x" | an object that leaves it out no longer gets the value"#,
        ],
    ),
    (
        "{type: object, default: {a: 1, b: 2}, properties: {a: {type: integer}, b: {type: integer}}}",
        "{type: object, default: {b: 2, a: 3}, properties: {a: {type: integer}, b: {type: integer}}}",
        &[
            r#"breaking .spec.f default: {"a":1,"b":2} -> {"b":2,"a":3} | an object that leaves it out means another value"#,
        ],
        &[
            r#"breaking .spec.f default: {"b":2,"a":3} -> {"a":1,"b":2} | an object that leaves it out means another value"#,
        ],
    ),
    (
        "{type: object, default: {a: 1.0, b: 2}, properties: {a: {type: integer}, b: {type: integer}}}",
        "{type: object, default: {b: 2, a: 1}, properties: {a: {type: integer}, b: {type: integer}}}",
        NOTHING,
        NOTHING,
    ),
    (
        "{type: string}",
        "{type: string, nullable: true}",
        &[
            "breaking .spec.f nullable: false -> true | a client that reads a value may now get null",
        ],
        &[
            "breaking .spec.f nullable: true -> false | an object that holds null loses it or becomes invalid",
        ],
    ),
    (
        "{type: string}",
        "{type: string, format: date-time}",
        &[
            r#"breaking .spec.f format: added "date-time" | an object whose value does not fit the format becomes invalid"#,
        ],
        &[
            r#"breaking .spec.f format: removed "date-time" | a client that parses it by the format may read what does not fit"#,
        ],
    ),
    (
        "{type: integer, format: int32}",
        "{type: integer, format: int64}",
        &[
            r#"breaking .spec.f format: "int32" -> "int64" | an object whose value does not fit the format becomes invalid"#,
        ],
        &[
            r#"breaking .spec.f format: "int64" -> "int32" | an object whose value does not fit the format becomes invalid"#,
        ],
    ),
    (
        "{type: string}",
        "{type: string, pattern: ^a}",
        &[
            r#"breaking .spec.f pattern: added "^a" | an object whose value does not fit the pattern becomes invalid"#,
        ],
        &[
            r#"breaking .spec.f pattern: removed "^a" | a client that parses it by the pattern may read what does not fit"#,
        ],
    ),
    (
        "{type: string, pattern: ^a}",
        "{type: string, pattern: ^b}",
        &[
            r#"breaking .spec.f pattern: "^a" -> "^b" | an object whose value does not fit the pattern becomes invalid"#,
        ],
        &[
            r#"breaking .spec.f pattern: "^b" -> "^a" | an object whose value does not fit the pattern becomes invalid"#,
        ],
    ),
];

#[test]
fn another_form_of_value_breaks_writers_or_readers() {
    judge(FORMS, field);
}

const BOUNDS: &[Case] = &[
    (
        "{type: string}",
        "{type: string, maxLength: 5}",
        &[
            "breaking .spec.f maxLength: added 5 | an object that holds more than 5 characters becomes invalid",
        ],
        &["compatible .spec.f maxLength: removed 5 | all that was valid still is"],
    ),
    (
        "{type: string, minLength: 1}",
        "{type: string, minLength: 2}",
        &[
            "breaking .spec.f minLength: 1 -> 2 | an object that holds fewer than 2 characters becomes invalid",
        ],
        &["compatible .spec.f minLength: 2 -> 1 | all that was valid still is"],
    ),
    (
        "{type: string}",
        "{type: string, minLength: 0}",
        NOTHING,
        NOTHING,
    ),
    (
        "{type: array, items: {type: string}}",
        "{type: array, items: {type: string}, minItems: 1, maxItems: 3}",
        &[
            "breaking .spec.f maxItems: added 3 | an object that holds more than 3 elements becomes invalid",
            "breaking .spec.f minItems: added 1 | an object that holds fewer than 1 elements becomes invalid",
        ],
        &[
            "compatible .spec.f maxItems: removed 3 | all that was valid still is",
            "compatible .spec.f minItems: removed 1 | all that was valid still is",
        ],
    ),
    (
        "{type: array, items: {type: string}}",
        "{type: array, items: {type: string}, uniqueItems: true}",
        &[
            "breaking .spec.f uniqueItems: false -> true | an object that holds an element twice becomes invalid",
        ],
        &["compatible .spec.f uniqueItems: true -> false | all that was valid still is"],
    ),
    (
        "{type: object, additionalProperties: {type: string}, minProperties: 1, maxProperties: 9}",
        "{type: object, additionalProperties: {type: string}, minProperties: 2, maxProperties: 8}",
        &[
            "breaking .spec.f maxProperties: 9 -> 8 | an object that holds more than 8 fields becomes invalid",
            "breaking .spec.f minProperties: 1 -> 2 | an object that holds fewer than 2 fields becomes invalid",
        ],
        &[
            "compatible .spec.f maxProperties: 8 -> 9 | all that was valid still is",
            "compatible .spec.f minProperties: 2 -> 1 | all that was valid still is",
        ],
    ),
    (
        "{type: integer}",
        "{type: integer, minimum: 1, maximum: 3}",
        &[
            "breaking .spec.f maximum: added 3 | an object that holds more than 3 becomes invalid",
            "breaking .spec.f minimum: added 1 | an object that holds less than 1 becomes invalid",
        ],
        &[
            "compatible .spec.f maximum: removed 3 | all that was valid still is",
            "compatible .spec.f minimum: removed 1 | all that was valid still is",
        ],
    ),
    (
        "{type: number, minimum: 0, maximum: 1}",
        "{type: number, minimum: 0, maximum: 1, exclusiveMinimum: true, exclusiveMaximum: true}",
        &[
            "breaking .spec.f exclusiveMaximum: false -> true | an object that holds not less than 1 becomes invalid",
            "breaking .spec.f exclusiveMinimum: false -> true | an object that holds not more than 0 becomes invalid",
        ],
        &[
            "compatible .spec.f exclusiveMaximum: true -> false | all that was valid still is",
            "compatible .spec.f exclusiveMinimum: true -> false | all that was valid still is",
        ],
    ),
    (
        "{type: number, maximum: 0.5, exclusiveMaximum: true}",
        "{type: number, maximum: 0.25}",
        &[
            "breaking .spec.f maximum: 0.5 -> 0.25 | an object that holds more than 0.25 becomes invalid",
        ],
        // The API server compares the whole number 0 with the bound's whole part.
        &[
            "breaking .spec.f maximum: 0.25 -> 0.5 | an object that holds not less than 0.5 becomes invalid",
        ],
    ),
    (
        "{type: integer, exclusiveMaximum: true}",
        "{type: integer}",
        NOTHING,
        NOTHING,
    ),
    (
        "{type: integer, maximum: 100}",
        "{type: integer, maximum: 9223372036854775807}",
        &[
            "breaking .spec.f maximum: 100 -> 9223372036854775807 | the API server keeps bounds as floats, and refuses every whole number under this one",
        ],
        &["compatible .spec.f maximum: 9223372036854775807 -> 100 | all that was valid still is"],
    ),
    (
        "{type: integer, minimum: -9223372036854775808}",
        "{type: integer, minimum: -9223372036854775807}",
        NOTHING,
        NOTHING,
    ),
    (
        "{type: integer, multipleOf: 4}",
        "{type: integer, multipleOf: 2}",
        &["compatible .spec.f multipleOf: 4 -> 2 | all that was valid still is"],
        &[
            "breaking .spec.f multipleOf: 2 -> 4 | an object that holds no multiple of 4 becomes invalid",
        ],
    ),
    (
        "{type: integer}",
        "{type: integer, multipleOf: 2}",
        &[
            "breaking .spec.f multipleOf: added 2 | an object that holds no multiple of 2 becomes invalid",
        ],
        &["compatible .spec.f multipleOf: removed 2 | all that was valid still is"],
    ),
];

#[test]
fn a_tighter_bound_breaks_and_a_looser_one_does_not() {
    judge(BOUNDS, field);
}

const TOPOLOGY: &[Case] = &[
    (
        "{type: array, items: {type: string}}",
        "{type: array, items: {type: string}, x-kubernetes-list-type: set}",
        &[
            r#"breaking .spec.f x-kubernetes-list-type: added "set" | an object that holds an element twice becomes invalid, and appliers merge elements"#,
        ],
        &[
            r#"breaking .spec.f x-kubernetes-list-type: removed "set" | an applier of some elements takes away those of the others"#,
        ],
    ),
    (
        "{type: array, items: {type: string}}",
        "{type: array, items: {type: string}, x-kubernetes-list-type: atomic}",
        NOTHING,
        NOTHING,
    ),
    (
        "{type: array, x-kubernetes-list-type: set, items: {type: object, properties: {a: {type: string}}}}",
        "{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [a], items: {type: object, properties: {a: {type: string}}}}",
        &[
            r#"breaking .spec.f x-kubernetes-list-type: "set" -> "map" | an object that holds two elements of one key becomes invalid, and appliers merge elements"#,
        ],
        &[
            r#"breaking .spec.f x-kubernetes-list-type: "map" -> "set" | an object that holds an element twice becomes invalid, and appliers merge elements"#,
        ],
    ),
    (
        "{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [a], items: {type: object, properties: {a: {type: string}, b: {type: string}}}}",
        "{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [b, a], items: {type: object, properties: {a: {type: string}, b: {type: string}}}}",
        &[
            r#"breaking .spec.f x-kubernetes-list-map-keys: ["a"] -> ["a","b"] | elements are told apart otherwise: an object may hold one twice, and appliers patch another one"#,
        ],
        &[
            r#"breaking .spec.f x-kubernetes-list-map-keys: ["a","b"] -> ["a"] | elements are told apart otherwise: an object may hold one twice, and appliers patch another one"#,
        ],
    ),
    (
        "{type: object, additionalProperties: {type: string}}",
        "{type: object, additionalProperties: {type: string}, x-kubernetes-map-type: atomic}",
        &[
            r#"breaking .spec.f x-kubernetes-map-type: added "atomic" | an applier of some fields takes away those of the others"#,
        ],
        &[
            r#"breaking .spec.f x-kubernetes-map-type: removed "atomic" | an applier no longer takes away what others have set"#,
        ],
    ),
    (
        "{type: object, additionalProperties: {type: string}}",
        "{type: object, additionalProperties: {type: string}, x-kubernetes-map-type: granular}",
        NOTHING,
        NOTHING,
    ),
];

#[test]
fn who_merges_what_breaks_appliers() {
    judge(TOPOLOGY, field);
}

const FIELDS: &[Case] = &[
    (
        "{type: object, properties: {}}",
        "{type: object, properties: {f: {type: string, enum: [a]}}}",
        &[
            r#"compatible .spec.f field: added "string" | a client reads a field that it does not know"#,
        ],
        &[
            r#"breaking .spec.f field: removed "string" | an object loses it at the next write, and a client that reads it finds nothing"#,
        ],
    ),
    (
        "{type: object}",
        "{type: object, properties: {f: {type: string, default: a}}}",
        &[
            r#"compatible .spec.f field: added "string" | every object gets the default, and a client reads a field that it does not know"#,
        ],
        &[
            r#"breaking .spec.f field: removed "string" | an object loses it at the next write, and a client that reads it finds nothing"#,
        ],
    ),
    (
        "{type: object}",
        "{type: object, required: [f], properties: {f: {type: string}}}",
        &[r#"breaking .spec.f field: added "string" | an object without it becomes invalid"#],
        &[
            r#"breaking .spec.f field: removed "string" | an object loses it at the next write, and a client that reads it finds nothing"#,
        ],
    ),
    (
        "{type: object, maxProperties: 1, properties: {a: {type: string}}}",
        "{type: object, maxProperties: 1, properties: {a: {type: string}, f: {type: string, default: x}}}",
        &[
            r#"breaking .spec.f field: added "string" | every object gets the default: one with as many fields as it may have becomes invalid"#,
        ],
        &[
            r#"breaking .spec.f field: removed "string" | an object loses it at the next write, and a client that reads it finds nothing"#,
        ],
    ),
    (
        "{type: object}",
        "{type: object, required: [f], properties: {f: {type: string, default: a}}}",
        &[
            r#"compatible .spec.f field: added "string" | every object gets the default, and a client reads a field that it does not know"#,
        ],
        &[
            r#"breaking .spec.f field: removed "string" | an object loses it at the next write, and a client that reads it finds nothing"#,
        ],
    ),
    (
        "{type: object, properties: {f: {type: string}}}",
        "{type: object, required: [f], properties: {f: {type: string}}}",
        &["breaking .spec.f required: false -> true | an object without it becomes invalid"],
        &[
            "compatible .spec.f required: true -> false | all that was valid still is; a client may read an object without it",
        ],
    ),
    (
        "{type: object, properties: {f: {type: string, default: a}}}",
        "{type: object, required: [f], properties: {f: {type: string, default: a}}}",
        &[
            "compatible .spec.f required: false -> true | the default fills it in where an object leaves it out",
        ],
        &[
            "compatible .spec.f required: true -> false | all that was valid still is; a client may read an object without it",
        ],
    ),
    (
        "{type: object, x-kubernetes-preserve-unknown-fields: true}",
        "{type: object, x-kubernetes-preserve-unknown-fields: true, properties: {f: {type: string}}}",
        &[
            r#"breaking .spec.f field: added "string" | an object that holds another kind of value under this name becomes invalid"#,
        ],
        &[
            r#"breaking .spec.f field: removed "string" | a client with generated types can no longer name it, and its value is no longer checked"#,
        ],
    ),
    (
        "{type: object, x-kubernetes-preserve-unknown-fields: true}",
        "{type: object, x-kubernetes-preserve-unknown-fields: true, properties: {f: {description: Any., x-kubernetes-preserve-unknown-fields: true}}}",
        &[
            r#"compatible .spec.f field: added "any" | a client reads a field that it does not know"#,
        ],
        &[
            r#"breaking .spec.f field: removed "any" | a client with generated types can no longer name it, and its value is no longer checked"#,
        ],
    ),
    (
        "{type: object, x-kubernetes-preserve-unknown-fields: true}",
        "{type: object, required: [f], x-kubernetes-preserve-unknown-fields: true}",
        &["breaking .spec.f required: false -> true | an object without it becomes invalid"],
        &[
            "compatible .spec.f required: true -> false | all that was valid still is; a client may read an object without it",
        ],
    ),
];

#[test]
fn fields_come_and_go() {
    judge(FIELDS, spec);
}

const OTHER_FIELDS: &[Case] = &[
    (
        "{type: object}",
        "{type: object, x-kubernetes-preserve-unknown-fields: true}",
        &[
            "compatible .spec.f x-kubernetes-preserve-unknown-fields: false -> true | a client reads a field that it does not know",
        ],
        &[
            "breaking .spec.f x-kubernetes-preserve-unknown-fields: true -> false | an object loses every field that the schema does not name",
        ],
    ),
    (
        "{type: object}",
        "{type: object, additionalProperties: {type: string}}",
        &[
            r#"compatible .spec.f additionalProperties: added "string" | a client reads a field that it does not know"#,
        ],
        &[
            r#"breaking .spec.f additionalProperties: removed "string" | an object loses every field that the schema does not name"#,
        ],
    ),
    (
        "{type: object, additionalProperties: true}",
        "{type: object, additionalProperties: {type: string}}",
        &[
            r#"breaking .spec.f additionalProperties: true -> "string" | an object that holds another kind of value becomes invalid"#,
        ],
        &[
            r#"breaking .spec.f additionalProperties: "string" -> true | a client that reads string under any name may get anything"#,
        ],
    ),
    (
        "{type: object, additionalProperties: false}",
        "{type: object, additionalProperties: true}",
        &[
            "compatible .spec.f additionalProperties: added true | a client reads a field that it does not know",
        ],
        &[
            "breaking .spec.f additionalProperties: removed true | an object loses every field that the schema does not name",
        ],
    ),
    (
        "{type: object, additionalProperties: false}",
        "{type: object}",
        NOTHING,
        NOTHING,
    ),
    (
        "{type: object, additionalProperties: {type: string, maxLength: 3}}",
        "{type: object, additionalProperties: {type: string, maxLength: 4}}",
        &["compatible .spec.f{} maxLength: 3 -> 4 | all that was valid still is"],
        &[
            "breaking .spec.f{} maxLength: 4 -> 3 | an object that holds more than 3 characters becomes invalid",
        ],
    ),
    (
        "{type: object, x-kubernetes-preserve-unknown-fields: true}",
        "{type: object, x-kubernetes-preserve-unknown-fields: true, x-kubernetes-embedded-resource: true}",
        &[
            "breaking .spec.f x-kubernetes-embedded-resource: false -> true | an object without apiVersion, kind and valid metadata there becomes invalid",
        ],
        &[
            "compatible .spec.f x-kubernetes-embedded-resource: true -> false | all that was valid still is",
        ],
    ),
    (
        "{type: object, properties: {spec: {type: object}}}",
        "{type: object, x-kubernetes-embedded-resource: true, properties: {spec: {type: object}}}",
        &[
            "breaking .spec.f x-kubernetes-embedded-resource: false -> true | an object without apiVersion, kind and valid metadata there becomes invalid",
        ],
        &[
            "breaking .spec.f x-kubernetes-embedded-resource: true -> false | an object loses apiVersion, kind and metadata there unless the schema names them",
        ],
    ),
];

#[test]
fn fields_without_a_name_are_kept_or_not() {
    judge(OTHER_FIELDS, field);
}

const EMBEDDED: &[Case] = &[
    (
        "",
        "metadata: {type: object}, kind: {type: string}",
        NOTHING,
        NOTHING,
    ),
    (
        "",
        "metadata: {type: object, properties: {name: {type: string, maxLength: 9}}}",
        &[
            "breaking .spec.metadata.name maxLength: added 9 | an object that holds more than 9 characters becomes invalid",
        ],
        &["compatible .spec.metadata.name maxLength: removed 9 | all that was valid still is"],
    ),
];

#[test]
fn every_resource_has_metadata_whatever_its_schema_says() {
    judge(EMBEDDED, embedded);
}

const COMBINATORS: &[Case] = &[
    (
        "{type: string}",
        "{type: string, allOf: [{maxLength: 3}]}",
        &["breaking .spec.f allOf: 0 -> 1 | an object that does not fit it becomes invalid"],
        &["compatible .spec.f allOf: 1 -> 0 | all that was valid still is"],
    ),
    (
        "{type: string, allOf: [{maxLength: 3}]}",
        "{type: string, allOf: [{maxLength: 3}, {pattern: ^a}]}",
        &["breaking .spec.f allOf: 1 -> 2 | an object that does not fit it becomes invalid"],
        &["compatible .spec.f allOf: 2 -> 1 | all that was valid still is"],
    ),
    (
        "{type: string, allOf: [{maxLength: 3}, {pattern: ^a}]}",
        "{type: string, allOf: [{pattern: ^a}, {maxLength: 4}]}",
        &["compatible .spec.f(allOf[1]) maxLength: 3 -> 4 | all that was valid still is"],
        &[
            "breaking .spec.f(allOf[0]) maxLength: 4 -> 3 | an object that holds more than 3 characters becomes invalid",
        ],
    ),
    (
        "{type: string}",
        "{type: string, anyOf: [{maxLength: 3}]}",
        &["breaking .spec.f anyOf: 0 -> 1 | an object that does not fit it becomes invalid"],
        &["compatible .spec.f anyOf: 1 -> 0 | all that was valid still is"],
    ),
    (
        "{type: string, anyOf: [{maxLength: 3}]}",
        "{type: string, anyOf: [{maxLength: 3}, {pattern: ^a}]}",
        &["compatible .spec.f anyOf: 1 -> 2 | all that was valid still is"],
        &["breaking .spec.f anyOf: 2 -> 1 | an object that fitted this part alone becomes invalid"],
    ),
    (
        "{type: string, anyOf: [{maxLength: 3}, {pattern: ^a}]}",
        "{type: string, anyOf: [{pattern: ^b}]}",
        &[
            "breaking .spec.f anyOf: 2 -> 1 | the parts are others: an object that fitted them may fit none now",
        ],
        &[
            "breaking .spec.f anyOf: 1 -> 2 | the parts are others: an object that fitted them may fit none now",
        ],
    ),
    (
        "{type: string, anyOf: [{enum: [a]}, {pattern: ^b}]}",
        "{type: string, anyOf: [{enum: [a, c]}, {pattern: ^b}]}",
        &[r#"compatible .spec.f(anyOf[0]) enum: ["a"] -> ["a","c"] | all that was valid still is"#],
        &[
            r#"breaking .spec.f(anyOf[0]) enum: ["a","c"] -> ["a"] | an object that holds "c" becomes invalid"#,
        ],
    ),
    (
        "{type: string}",
        "{type: string, oneOf: [{maxLength: 3}]}",
        &["breaking .spec.f oneOf: 0 -> 1 | an object that does not fit it becomes invalid"],
        &["compatible .spec.f oneOf: 1 -> 0 | all that was valid still is"],
    ),
    (
        "{type: string, oneOf: [{maxLength: 3}]}",
        "{type: string, oneOf: [{maxLength: 3}, {pattern: ^a}]}",
        &[
            "breaking .spec.f oneOf: 1 -> 2 | an object that fits another part and this one becomes invalid",
        ],
        &["breaking .spec.f oneOf: 2 -> 1 | an object that fitted this part alone becomes invalid"],
    ),
    (
        "{type: string, oneOf: [{maxLength: 3}]}",
        "{type: string, oneOf: [{maxLength: 4}]}",
        &[
            "breaking .spec.f(oneOf[0]) maxLength: 3 -> 4 | what fits it now and did not before may no longer fit the oneOf or not around it",
        ],
        &[
            "breaking .spec.f(oneOf[0]) maxLength: 4 -> 3 | an object that holds more than 3 characters becomes invalid",
        ],
    ),
    (
        "{type: string, oneOf: [{description: a, maxLength: 3}]}",
        "{type: string, oneOf: [{description: b, maxLength: 3}]}",
        &[r#"docs .spec.f(oneOf[0]) description: "a" -> "b" | text for people"#],
        &[r#"docs .spec.f(oneOf[0]) description: "b" -> "a" | text for people"#],
    ),
    (
        "{type: string}",
        "{type: string, not: {enum: [a]}}",
        &["breaking .spec.f not: false -> true | an object that fits it becomes invalid"],
        &["compatible .spec.f not: true -> false | all that was valid still is"],
    ),
    (
        "{type: string, not: {maxLength: 3}}",
        "{type: string, not: {maxLength: 4}}",
        &[
            "breaking .spec.f(not) maxLength: 3 -> 4 | what fits it now and did not before may no longer fit the oneOf or not around it",
        ],
        &[
            "breaking .spec.f(not) maxLength: 4 -> 3 | an object that holds more than 3 characters becomes invalid",
        ],
    ),
    (
        "{type: object, properties: {a: {type: string}}, anyOf: [{required: [a]}]}",
        "{type: object, properties: {a: {type: string}}, anyOf: [{required: [a], properties: {a: {maxLength: 3}}}]}",
        &[
            "breaking .spec.f(anyOf[0]).a maxLength: added 3 | an object that holds more than 3 characters becomes invalid",
        ],
        &["compatible .spec.f(anyOf[0]).a maxLength: removed 3 | all that was valid still is"],
    ),
    (
        "{type: object, properties: {a: {type: string}}, allOf: [{properties: {a: {maxLength: 3}}}]}",
        "{type: object, properties: {a: {type: string}}, allOf: [{required: [a], properties: {a: {maxLength: 3}}}]}",
        &[
            "breaking .spec.f(allOf[0]).a required: false -> true | an object without it becomes invalid",
        ],
        &[
            "compatible .spec.f(allOf[0]).a required: true -> false | all that was valid still is; a client may read an object without it",
        ],
    ),
];

#[test]
fn combinators_bound_what_is_declared_elsewhere() {
    judge(COMBINATORS, field);
}

const RULES: &[Case] = &[
    (
        "{type: string}",
        "{type: string, x-kubernetes-validations: [{rule: self != ''}]}",
        &[
            r#"breaking .spec.f x-kubernetes-validations: added "self != ''" | an object for which the rule is false becomes invalid"#,
        ],
        &[
            r#"compatible .spec.f x-kubernetes-validations: removed "self != ''" | all that was valid still is"#,
        ],
    ),
    (
        "{type: string}",
        "{type: string, x-kubernetes-validations: [{rule: self == oldSelf}]}",
        &[
            r#"breaking .spec.f x-kubernetes-validations: added "self == oldSelf" | an update that the rule forbids is refused"#,
        ],
        &[
            r#"compatible .spec.f x-kubernetes-validations: removed "self == oldSelf" | all that was valid still is"#,
        ],
    ),
    (
        "{type: string, x-kubernetes-validations: [{rule: self != ''}]}",
        "{type: string, x-kubernetes-validations: [{rule: self != 'a'}]}",
        &[
            r#"breaking .spec.f x-kubernetes-validations: "self != ''" -> "self != 'a'" | an object that only the old rule let through becomes invalid"#,
        ],
        &[
            r#"breaking .spec.f x-kubernetes-validations: "self != 'a'" -> "self != ''" | an object that only the old rule let through becomes invalid"#,
        ],
    ),
    (
        "{type: string, x-kubernetes-validations: [{rule: a, message: x}, {rule: b, message: y}, {rule: b}]}",
        "{type: string, x-kubernetes-validations: [{rule: b}, {rule: c, message: x}, {rule: d}, {rule: b, message: y}]}",
        &[
            r#"breaking .spec.f x-kubernetes-validations: added "d" | an object for which the rule is false becomes invalid"#,
            r#"breaking .spec.f x-kubernetes-validations: "a" -> "c" | an object that only the old rule let through becomes invalid"#,
        ],
        &[
            r#"breaking .spec.f x-kubernetes-validations: "c" -> "a" | an object that only the old rule let through becomes invalid"#,
            r#"compatible .spec.f x-kubernetes-validations: removed "d" | all that was valid still is"#,
        ],
    ),
    (
        "{type: string, x-kubernetes-validations: [{rule: a, message: x, messageExpression: m}]}",
        "{type: string, x-kubernetes-validations: [{rule: a, message: y, reason: FieldValueForbidden, fieldPath: .a}]}",
        &[
            r#"compatible .spec.f x-kubernetes-validations.fieldPath: added ".a" | a client that looks into the error sees another one"#,
            r#"docs .spec.f x-kubernetes-validations.message: "x" -> "y" | text for people"#,
            r#"docs .spec.f x-kubernetes-validations.messageExpression: removed "m" | text for people"#,
            r#"compatible .spec.f x-kubernetes-validations.reason: added "FieldValueForbidden" | a client that looks into the error sees another one"#,
        ],
        &[
            r#"compatible .spec.f x-kubernetes-validations.fieldPath: removed ".a" | a client that looks into the error sees another one"#,
            r#"docs .spec.f x-kubernetes-validations.message: "y" -> "x" | text for people"#,
            r#"docs .spec.f x-kubernetes-validations.messageExpression: added "m" | text for people"#,
            r#"compatible .spec.f x-kubernetes-validations.reason: removed "FieldValueForbidden" | a client that looks into the error sees another one"#,
        ],
    ),
    (
        "{type: string, x-kubernetes-validations: [{rule: oldSelf.hasValue()}]}",
        "{type: string, x-kubernetes-validations: [{rule: oldSelf.hasValue(), optionalOldSelf: true}]}",
        &[
            "breaking .spec.f x-kubernetes-validations.optionalOldSelf: false -> true | the rule now judges new objects too: one that it forbids is refused",
        ],
        &[
            "compatible .spec.f x-kubernetes-validations.optionalOldSelf: true -> false | all that was valid still is",
        ],
    ),
];

#[test]
fn rules_come_change_and_go() {
    judge(RULES, field);
}

const TEXTS: &[Case] = &[(
    "{type: string}",
    "{type: string, description: d, title: t, example: 1, externalDocs: {url: u}}",
    &[
        r#"docs .spec.f description: added "d" | text for people"#,
        "docs .spec.f example: added 1 | text for people",
        r#"docs .spec.f externalDocs: added {"description":"","url":"u"} | text for people"#,
        r#"docs .spec.f title: added "t" | text for people"#,
    ],
    &[
        r#"docs .spec.f description: removed "d" | text for people"#,
        "docs .spec.f example: removed 1 | text for people",
        r#"docs .spec.f externalDocs: removed {"description":"","url":"u"} | text for people"#,
        r#"docs .spec.f title: removed "t" | text for people"#,
    ],
)];

#[test]
fn texts_are_for_people() {
    judge(TEXTS, field);
}

type Wrap = fn(&str) -> String;

const GROUPS: &[(&[Case], Wrap)] = &[
    (KINDS, field),
    (FORMS, field),
    (BOUNDS, field),
    (TOPOLOGY, field),
    (FIELDS, spec),
    (OTHER_FIELDS, field),
    (EMBEDDED, embedded),
    (COMBINATORS, field),
    (RULES, field),
    (TEXTS, field),
];

/// Every schema of the tables above.
fn schemas() -> BTreeSet<String> {
    let wrap = |(cases, wrap): &(&[Case], Wrap)| -> Vec<String> {
        cases
            .iter()
            .flat_map(|(a, b, ..)| [wrap(a), wrap(b)])
            .collect()
    };
    GROUPS.iter().flat_map(wrap).collect()
}

/// Specs of many kinds, so that every bound above is met and missed by some.
fn samples() -> Vec<Json> {
    let values = json!([
        null, true, -1, 0, 0.25, 0.5, 1, 2, 3, 4, 8, 9999999999u64, "", "a", "b", "c", "abc",
        "abcd", "abcdef", "2026-01-01T00:00:00Z", [], ["a"], ["a", "a"], ["a", "b", "c", "d"], [1],
        [{"a": "x"}], [{"a": "x"}, {"a": "x"}], [{"a": "x", "b": "1"}, {"a": "x", "b": "2"}],
        {}, {"a": "x"}, {"a": "abcd"}, {"a": 1}, {"a": {"b": 1}}, {"a": 1, "b": 2},
        {"a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6", "g": "7", "h": "8", "i": "9"},
        {"spec": {}}, {"apiVersion": "v1", "kind": "Pod", "spec": {}},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a-long-name"}},
    ]);
    let values = values.as_array().unwrap().clone();
    let fields = values.iter().map(|value| json!({"f": value}));
    fields.chain(values.iter().cloned()).collect()
}

fn accepted(schema: &str, samples: &[Json]) -> Vec<bool> {
    let validator = Validator::new(crds(schema));
    let is_valid = |spec: &Json| {
        let object = json!({
            "apiVersion": "example.org/v1",
            "kind": "A",
            "metadata": {"name": "a", "namespace": "n"},
            "spec": spec,
        });
        validator.validate(&object).unwrap().is_valid()
    };
    samples.iter().map(is_valid).collect()
}

/// From each schema of the tables to each other one: what the API server would
/// refuse from now on is called a break, whatever else is said.
#[test]
fn nothing_that_breaks_an_object_is_called_compatible() {
    let samples = samples();
    let schemas: Vec<(String, Vec<Crd>, Vec<bool>)> = schemas()
        .into_iter()
        .map(|schema| {
            let accepted = accepted(&schema, &samples);
            let crds = crds(&schema);
            (schema, crds, accepted)
        })
        .collect();
    let mut broken = 0;
    for (old, old_crds, before) in &schemas {
        for (new, new_crds, after) in &schemas {
            let changes = diff::diff(old_crds, new_crds).unwrap();
            let is_told = changes.iter().any(|change| change.class == Class::Breaking);
            for (at, sample) in samples.iter().enumerate() {
                if before[at] && !after[at] {
                    broken += 1;
                    let said: Vec<String> = changes.iter().map(said).collect();
                    assert!(is_told, "{sample}\n{old}\nto\n{new}\n{said:#?}");
                }
            }
        }
    }
    assert!(broken > 1000, "the samples prove little: {broken}");
}

#[test]
fn a_change_stands_where_its_field_does() {
    let deep = |length: u8| {
        format!(
            "{{type: object, properties: {{parts: {{type: array, items: {{type: object, properties: {{\"a.b\":\n              {{type: string, maxLength: {length}}}}}}}}}}}}}"
        )
    };
    let changes = diff::diff(&crds(&deep(5)), &crds(&deep(4))).unwrap();
    assert_eq!(
        changes[0].key(),
        r#"as.example.org v1 .spec.parts[]["a.b"] maxLength"#
    );
    let spot = changes[0].spot.as_ref().unwrap();
    assert_eq!((spot.file.as_str(), spot.line), ("x.yaml", 15));
}
