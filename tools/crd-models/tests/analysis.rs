//! What the analysis makes of a schema, whatever the target language.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use crd_models::analysis::{self, Field, Object, Shape, Unique};
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
