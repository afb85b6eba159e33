//! OpenAPI documents and JSON Schemas, in the form that CRDs have.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use kube_schema::{
    Additional, Definitions, GroupVersionKind, Number, Schema, Type, read_json_schemas,
    read_openapi,
};
use pretty_assertions::assert_eq;
use serde_json::json;
use std::path::Path;

fn openapi(name: &str) -> Definitions {
    read_openapi(&Path::new("tests/fixtures/foreign").join(name)).unwrap()
}

fn refused(text: &str) -> String {
    let file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    std::fs::write(file.path(), text).unwrap();
    let error = read_openapi(file.path()).unwrap_err().to_string();
    let name = file.path().display().to_string();
    error.replace(&name, "FILE")
}

#[test]
fn version_2_has_kinds_and_the_types_they_refer_to() {
    let found = openapi("openapi_v2.json");
    let pod = &found.types["io.k8s.api.core.v1.Pod"];
    let kind = GroupVersionKind {
        group: String::new(),
        version: "v1".to_owned(),
        kind: "Pod".to_owned(),
    };
    assert_eq!(kind.api_version(), "v1");
    assert_eq!(pod.kinds, [kind]);
    let metadata = &pod.schema.properties["metadata"];
    assert_eq!(
        metadata.reference.as_deref(),
        Some("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    );
    let port = &found.types["io.k8s.apimachinery.pkg.util.intstr.IntOrString"].schema;
    assert!(port.int_or_string && port.value_type.is_none());
    assert!(
        !pod.schema.preserve_unknown,
        "objects hold what is declared"
    );
}

#[test]
fn version_3_wraps_references_and_may_be_recursive() {
    let found = openapi("openapi_v3.json");
    let scale = &found.types["io.k8s.api.apps.v1.Scale"].schema;
    let spec = &scale.properties["spec"];
    assert_eq!(
        spec.reference.as_deref(),
        Some("io.k8s.api.apps.v1.ScaleSpec")
    );
    assert_eq!(
        (spec.default.clone(), spec.description.as_str()),
        (Some(json!({})), "Wanted.")
    );
    let fields = &found.types["io.k8s.api.apps.v1.ScaleSpec"]
        .schema
        .properties;
    assert!(fields["unit"].int_or_string && fields["unit"].one_of.is_empty());
    assert!(fields["replicas"].exclusive_minimum);
    assert_eq!(
        fields["tree"].reference.as_deref(),
        Some("io.k8s.api.apps.v1.ScaleSpec")
    );
}

#[test]
fn json_schema_says_the_same_in_other_words() {
    let found = read_json_schemas(&["tests/fixtures/foreign/client.schema.json"]).unwrap();
    let client = &found.types["ClientConfig"].schema;
    let field = |name: &str| &client.properties[name];
    let port = field("serverPort");
    assert_eq!(
        (port.minimum, port.exclusive_minimum),
        (Some(Number::Int(0)), true)
    );
    assert_eq!(
        (port.maximum, port.exclusive_maximum),
        (Some(Number::Int(65535)), false)
    );
    let user = field("user");
    assert_eq!((user.value_type, user.nullable), (Some(Type::String), true));
    assert_eq!(user.min_length, Some(1));
    assert_eq!(field("mode").enumeration, Some(vec![json!("tcp")]));
    assert_eq!(field("log").reference.as_deref(), Some("Log"));
    assert!(matches!(
        field("meta").additional_properties,
        Some(Additional::Schema(_))
    ));
    let mixed = field("mixed");
    assert_eq!(
        (mixed.value_type, mixed.any_of.len(), mixed.nullable),
        (None, 2, true)
    );
    // if and then, dependentRequired: each "not the one, or the other".
    assert_eq!(client.all_of.len(), 2);
    assert!(client.all_of.iter().all(|part| part.any_of.len() == 2));
    assert!(!client.preserve_unknown, "additionalProperties is false");
    assert!(
        found.types["Log"].schema.preserve_unknown,
        "nothing says that it is closed"
    );
}

#[test]
fn a_reference_that_leads_nowhere_has_its_place_named() {
    let said = refused(
        r##"{"swagger": "2.0", "definitions": {"A": {"properties": {"b": {"$ref": "#/definitions/C"}}}}}"##,
    );
    assert!(
        said.starts_with("FILE: at #/definitions/A/properties/b/$ref: $ref \"#/definitions/C\" names no definition"),
        "{said}"
    );
}

#[test]
fn what_is_no_schema_has_its_place_named() {
    for (types, message) in [
        (
            r#"{"A": 1}"#,
            "at #/definitions/A: a schema is an object, true or false, not 1",
        ),
        (
            r#"{"A": {"type": "text"}}"#,
            "at #/definitions/A/type: \"text\" is no type",
        ),
        (
            r#"{"A": {"maxLength": "x"}}"#,
            "at #/definitions/A/maxLength: \"x\" is no number",
        ),
        (
            r#"{"A": {"items": {"allOf": 1}}}"#,
            "at #/definitions/A/items/allOf: allOf is a list of schemas",
        ),
    ] {
        let said = refused(&format!(r#"{{"swagger": "2.0", "definitions": {types}}}"#));
        assert_eq!(said, format!("FILE: {message}"));
    }
    assert!(refused("{}").contains("not an OpenAPI document"));
    assert!(refused("{").contains("FILE:1:1: neither JSON nor YAML"));
}

#[test]
fn a_crd_may_not_refer_elsewhere() {
    let crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: as.e.org}\nspec:\n  group: e.org\n  names: {kind: A, plural: as}\n  versions:\n  - name: v1\n    schema:\n      openAPIV3Schema:\n        properties:\n          spec: {$ref: '#/definitions/Spec'}\n";
    let error = kube_schema::parse_crds("crd.yaml", crd).unwrap_err();
    assert_eq!(
        error.to_string(),
        "crd.yaml:12:11: as.e.org: $ref \"#/definitions/Spec\" leads nowhere: a CRD holds its whole schema"
    );
    assert!(error.hint().is_some());
}

#[test]
fn false_accepts_nothing() {
    let file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    std::fs::write(
        file.path(),
        r#"{"title": "T", "properties": {"never": false}}"#,
    )
    .unwrap();
    let found = read_json_schemas(&[file.path()]).unwrap();
    let never = &found.types["T"].schema.properties["never"];
    assert_eq!(never.not.as_deref(), Some(&Schema::default()));
}
