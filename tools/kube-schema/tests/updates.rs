//! What an update may do: `fixtures/validate/updates.yaml`.
#![allow(clippy::unwrap_used)]

use kube_schema::validate::{Admission, Endpoint, NotCovered, Validator};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

fn update(old: Value, new: Value, endpoint: Endpoint) -> Admission {
    let crds = kube_schema::read_crds(&["tests/fixtures/validate/updates.yaml"]).unwrap();
    let admission = Validator::new(crds).admit_update(&new, &old, endpoint);
    let admission = admission.unwrap();
    assert_eq!(admission.verdict.unjudged, Vec::<String>::new());
    admission
}

fn plan(spec: Value) -> Value {
    json!({
        "apiVersion": "example.org/v1", "kind": "Plan", "spec": spec,
        "metadata": {"name": "p", "namespace": "n", "resourceVersion": "7", "uid": "u", "generation": 3},
    })
}

fn errors(old: Value, new: Value) -> Vec<String> {
    let verdict = update(plan(old), plan(new), Endpoint::Main).verdict;
    verdict.errors.iter().map(ToString::to_string).collect()
}

#[test]
fn rules_see_both_states() {
    assert_eq!(
        errors(json!({"class": "a"}), json!({"class": "b"})),
        ["spec.class: Invalid value: \"b\": class is immutable"]
    );
    assert_eq!(errors(json!({}), json!({"class": "b"})), [""; 0]);
    assert_eq!(errors(json!({"grow": 2}), json!({"grow": 3})), [""; 0]);
    assert_eq!(
        errors(json!({"grow": 2}), json!({"grow": 1})),
        ["spec.grow: Invalid value: 1: from 2 to 1"]
    );
    assert_eq!(
        errors(json!({}), json!({"grow": 1})),
        ["spec.grow: Invalid value: 1: starts at 0 and never shrinks"]
    );
}

#[test]
fn elements_of_a_list_with_keys_are_told_apart_by_them() {
    let old = json!({"parts": [{"name": "a", "kept": "x"}, {"name": "b", "kept": "y"}]});
    let swapped = json!({"parts": [{"name": "b", "kept": "y"}, {"name": "a", "kept": "z"}]});
    assert_eq!(
        errors(old, swapped),
        ["spec.parts[1].kept: Invalid value: \"z\": a part is kept"]
    );
}

#[test]
fn what_did_not_change_is_not_judged_again() {
    for spec in [
        json!({"size": 11}),
        json!({"low": 2, "high": 1}),
        json!({"parts": [{"name": "a", "code": "long"}]}),
        json!({"plain": ["long"]}),
    ] {
        let mut more = spec.clone();
        assert_eq!(errors(spec.clone(), spec.clone()), [""; 0], "{spec}");
        more["class"] = "new".into();
        let found = errors(spec.clone(), more);
        match spec.get("low") {
            // The rule is on all of the spec, which did change.
            Some(_) => assert_eq!(found, ["spec: Invalid value: low above high"]),
            None => assert_eq!(found, [""; 0], "{spec}"),
        }
    }
    assert_eq!(
        errors(
            json!({"parts": [{"name": "a", "code": "long"}]}),
            json!({"parts": [{"name": "b", "code": "long"}, {"name": "a", "code": "long"}]})
        ),
        [
            "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
            "spec.parts[0].code: Too long: may not be more than 3 bytes"
        ]
    );
    // Elements of a list without keys belong to none of the old ones.
    assert_eq!(
        errors(json!({"plain": ["long"]}), json!({"plain": ["long", "b"]}))[1],
        "spec.plain[0]: Too long: may not be more than 3 bytes"
    );
}

#[test]
fn metadata_keeps_its_identity() {
    let old = plan(json!({}));
    for (field, value, expected) in [
        (
            "name",
            json!("q"),
            "metadata.name: Invalid value: \"q\": field is immutable",
        ),
        (
            "uid",
            json!("v"),
            "metadata.uid: Invalid value: \"v\": field is immutable",
        ),
        (
            "deletionTimestamp",
            json!("2026-01-01T00:00:00Z"),
            "metadata.deletionTimestamp: Invalid value: \"2026-01-01T00:00:00Z\": field is immutable",
        ),
        (
            "resourceVersion",
            Value::Null,
            "metadata.resourceVersion: Invalid value: \"\": must be specified for an update",
        ),
    ] {
        let mut new = old.clone();
        new["metadata"][field] = value;
        let verdict = update(old.clone(), new, Endpoint::Main).verdict;
        let errors: Vec<String> = verdict.errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors, [expected]);
    }
}

#[test]
fn the_server_fills_in_what_a_client_leaves_out() {
    let mut new = plan(json!({"size": 1}));
    new["metadata"] = json!({"name": "p", "resourceVersion": "7"});
    new["status"] = json!({"phase": "Ready"});
    let mut old = plan(json!({}));
    old["status"] = json!({"phase": "Broken"});
    let admission = update(old, new, Endpoint::Main);
    assert!(admission.verdict.is_valid());
    assert_eq!(
        admission.object,
        json!({
            "apiVersion": "example.org/v1", "kind": "Plan", "spec": {"size": 1}, "status": {"phase": "Broken"},
            "metadata": {"name": "p", "namespace": "n", "resourceVersion": "7", "uid": "u", "generation": 4},
        })
    );
}

#[test]
fn a_status_is_written_alone() {
    let mut new = plan(json!({"size": 99}));
    new["status"] = json!({"phase": "Ready"});
    let old = plan(json!({"size": 1}));
    let admission = update(old.clone(), new.clone(), Endpoint::Status);
    assert!(admission.verdict.is_valid());
    assert_eq!(admission.object["spec"], json!({"size": 1}));
    assert_eq!(admission.object["status"], json!({"phase": "Ready"}));
    new["status"]["phase"] = "Odd".into();
    let verdict = update(old.clone(), new.clone(), Endpoint::Status).verdict;
    assert_eq!(
        verdict.errors[1].to_string(),
        "status.phase: Unsupported value: \"Odd\": supported values: \"Ready\", \"Broken\""
    );
    // What names no field is said of the status.
    new["status"] = json!({"seen": 1.5});
    let errors = update(old, new, Endpoint::Status).verdict.errors;
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["", "status", "status.seen"]);
}

#[test]
fn a_version_without_the_subresource_has_no_such_endpoint() {
    let crds = kube_schema::read_crds(&["tests/fixtures/validate/crds.yaml"]).unwrap();
    let widget =
        json!({"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "w"}});
    let refused = Validator::new(crds).admit_update(&widget, &widget, Endpoint::Status);
    assert!(
        matches!(refused, Err(NotCovered::NoStatus { .. })),
        "{refused:?}"
    );
}
