//! What the analysis makes of a schema, whatever the target language.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use crd_models::analysis::{self, Field, Keeps, Limits, Object, Shape, Unique};
use pretty_assertions::assert_eq;
use serde_json::json;

fn spec(file: &str) -> Object {
    let crds = kube_schema::read_crds(&[format!("tests/fixtures/{file}")]).unwrap();
    let root = analysis::models(&crds).remove(0).root;
    match field(&root, "spec").value.shape.clone() {
        Shape::Object(object) => object,
        other => panic!("{other:?}"),
    }
}

fn field<'a>(object: &'a Object, name: &str) -> &'a Field {
    object
        .fields
        .iter()
        .find(|field| field.name == name)
        .expect(name)
}

#[test]
fn what_all_of_says_holds_as_well() {
    let limits = &field(&spec("oddity.yaml"), "both").value.limits.clone();
    assert_eq!(limits.patterns, ["^x", "y$"]);
}

#[test]
fn whole_defaults_and_choices_are_whole_numbers() {
    let spec = spec("oddity.yaml");
    assert_eq!(field(&spec, "defaulted").value.default, Some(json!(3)));
    assert_eq!(
        field(&spec, "list").value.default,
        Some(json!([["a"], ["b", "c"]]))
    );
}

#[test]
fn null_is_never_a_choice() {
    let spec = spec("oddity.yaml");
    let value = &field(&spec, "nullEnum").value;
    assert_eq!(
        (value.choices.clone(), value.nullable),
        (Some(vec![json!("a")]), true)
    );
}

#[test]
fn an_embedded_resource_has_its_implied_fields() {
    let spec = spec("oddity.yaml");
    let Shape::Object(embedded) = &field(&spec, "embedded").value.shape else {
        panic!()
    };
    let found: Vec<(&str, bool)> = embedded
        .fields
        .iter()
        .map(|field| (field.name.as_str(), field.required))
        .collect();
    assert_eq!(
        found,
        [("apiVersion", true), ("kind", true), ("metadata", false)]
    );
    assert!(embedded.open);
}

#[test]
fn undeclared_required_fields_count_where_unknown_ones_are_kept() {
    let spec = spec("oddity.yaml");
    let Shape::Object(open) = &field(&spec, "open").value.shape else {
        panic!()
    };
    assert!(field(open, "undeclared").required);
}

#[test]
fn lists_know_their_keys() {
    let spec = spec("widget.yaml");
    assert_eq!(
        field(&spec, "parts").value.limits.unique,
        Unique::Keys(vec!["name".to_owned()])
    );
    assert_eq!(field(&spec, "tags").value.limits.unique, Unique::Element);
}

fn described(schema: &str) -> Object {
    let text = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  group: g.example.org\n  \
         names: {{kind: Kind, plural: kinds}}\n  versions: [{{name: v1, served: true, schema: {{openAPIV3Schema: {schema}}}}}]\n"
    );
    let crds = kube_schema::parse_crds("x.yaml", &text).unwrap();
    analysis::models(&crds).remove(0).root
}

fn limits(schema: &str) -> Limits {
    let root = described(&format!("{{type: object, properties: {{x: {schema}}}}}"));
    field(&root, "x").value.limits.clone()
}

#[test]
fn a_bound_that_is_no_value_of_its_type_leaves_no_number() {
    for (schema, no_number) in [
        ("{type: integer, maximum: 5.5}", true),
        ("{type: integer, multipleOf: 0.5}", true),
        ("{type: integer, format: int32, maximum: 4294967295}", true),
        ("{type: integer, maximum: 9223372036854775807}", true),
        ("{type: integer, format: int64, maximum: 4294967295}", false),
        ("{type: number, maximum: 5.5}", false),
        ("{type: integer, allOf: [{maximum: 5.5}]}", false),
    ] {
        assert_eq!(limits(schema).no_number, no_number, "{schema}");
    }
}

#[test]
fn a_format_counts_where_its_type_does() {
    for (schema, format) in [
        ("{type: string, format: date-time}", Some("datetime")),
        (
            "{type: string, format: k8s-short-name}",
            Some("k8sshortname"),
        ),
        ("{type: string, format: int32}", None),
        ("{type: integer, format: int32}", Some("int32")),
        ("{type: integer, format: uint8}", None),
        ("{type: integer, allOf: [{format: int32}]}", None),
        ("{type: number, format: float}", Some("float")),
    ] {
        assert_eq!(limits(schema).format.as_deref(), format, "{schema}");
    }
}

#[test]
fn what_is_never_there_and_what_is_kept_is_known() {
    let root = described(
        "{type: object, required: [metadata, ghost], properties: {\
         none: {type: object}, fields: {type: object, additionalProperties: true}, \
         all: {type: object, x-kubernetes-preserve-unknown-fields: true}}}",
    );
    assert_eq!(root.never_there, ["ghost"]);
    let kept = ["none", "fields", "all"].map(|name| field(&root, name).value.keeps);
    assert_eq!(kept, [Keeps::Nothing, Keeps::Fields, Keeps::All]);
}
