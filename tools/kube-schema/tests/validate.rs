//! What the validator refuses and in which words, on CRDs of our own
//! (`fixtures/validate/crds.yaml`).
#![allow(clippy::unwrap_used)]

use kube_schema::validate::{NotCovered, Validator, Verdict};
use pretty_assertions::assert_eq;
use serde_json::{Map, Value, json};

fn validator() -> Validator {
    Validator::new(kube_schema::read_crds(&["tests/fixtures/validate/crds.yaml"]).unwrap())
}

fn judge(resource: &Value) -> Verdict {
    validator().validate(resource).unwrap()
}

fn errors(resource: &Value) -> Vec<String> {
    let verdict = judge(resource);
    assert_eq!(verdict.unjudged, Vec::<String>::new());
    verdict.errors.iter().map(ToString::to_string).collect()
}

fn widget(spec: Value) -> Value {
    let mut full = json!({"size": "small"});
    let fields: Map<String, Value> = spec.as_object().unwrap().clone();
    full.as_object_mut().unwrap().extend(fields);
    json!({"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": full})
}

#[test]
fn what_the_api_server_accepts_is_valid() {
    for spec in [
        json!({}),
        json!({"count": 10, "min_count": 10, "ratio": 4, "step": 15, "small": -1}),
        json!({"count": 3.0}),
        json!({"port": 80}),
        json!({"port": "50%"}),
        json!({"code": "a_1"}),
        json!({"until": "2026-11-23T10:00:00Z", "data": "YQ=="}),
        json!({"maybe": null, "count": null, "min_count": null, "list": null}),
        json!({"list": ["a", "b"], "rules": [{"name": "a"}, {"name": "a", "kind": "other"}]}),
        json!({"rules": [{"name": "a", "options": {"x": 1, "y": null}}]}),
        json!({"free": {"anything": {"goes": [1, {"x": null}]}, "known": {"a": "x"}}}),
        json!({"scalars": {"a": 1, "b": "x", "c": {}}}),
        json!({"template": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "A b"}, "spec": {"x": 1}}}),
        json!({"target": {"a": "x"}}),
        json!({"nested": {"mode": "manual", "limit": 1}}),
        json!({"namespace": "y"}),
    ] {
        assert_eq!(
            errors(&widget(spec.clone())),
            Vec::<String>::new(),
            "{spec}"
        );
    }
}

/// Said where other errors keep the server from running rules.
const SKIPPED: &str = "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

#[test]
fn errors_are_worded_as_by_the_api_server() {
    let cases = [
        (
            json!({"sise": "x"}),
            vec![r#"strict decoding error: unknown field "spec.sise"; did you mean "size"?"#],
        ),
        (
            json!({"free": {"known": {"b": 1}}}),
            vec![r#"strict decoding error: unknown field "spec.free.known.b""#],
        ),
        (
            json!({"scalars": {"c": {"d": 1}}}),
            vec![r#"strict decoding error: unknown field "spec.scalars.c.d""#],
        ),
        (
            json!({"size": "medium"}),
            vec![
                SKIPPED,
                r#"spec.size: Unsupported value: "medium": supported values: "small", "large""#,
            ],
        ),
        (
            json!({"size": null}),
            vec![SKIPPED, "spec.size: Required value"],
        ),
        (
            json!({"count": "3"}),
            vec![
                SKIPPED,
                r#"spec.count: Invalid value: "string": spec.count in body must be of type integer: "string""#,
            ],
        ),
        (
            json!({"count": 1.5}),
            vec![
                r#"<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.count"#,
                SKIPPED,
                r#"spec.count: Invalid value: "number": spec.count in body must be of type integer: "number""#,
            ],
        ),
        (
            json!({"port": true}),
            vec![
                r#"<nil>: Invalid value: "": "spec.port" must validate at least one schema (anyOf)"#,
                SKIPPED,
                r#"spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean""#,
                r#"spec.port: Invalid value: "boolean": spec.port in body must be of type integer: "boolean""#,
            ],
        ),
        (
            json!({"count": 11}),
            vec![
                "spec.count: Invalid value: 11: spec.count in body should be less than or equal to 10",
            ],
        ),
        (
            json!({"count": 0}),
            vec![
                "spec.count: Invalid value: 0: spec.count in body should be greater than or equal to 1",
            ],
        ),
        (
            json!({"ratio": 0}),
            vec!["spec.ratio: Invalid value: 0: spec.ratio in body should be greater than 0"],
        ),
        (
            json!({"ratio": 5.5}),
            vec!["spec: Invalid value: failed rule: !has(self.ratio) || self.ratio * 2.0 < 10.0"],
        ),
        (
            json!({"step": 7}),
            vec!["spec.step: Invalid value: 7: spec.step in body should be a multiple of 5"],
        ),
        (
            json!({"small": 3_000_000_000_u64}),
            vec![
                r#"<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.small"#,
            ],
        ),
        (
            json!({"huge": 1}),
            vec![
                r#"<nil>: Invalid value: "": Maximum boundary value must be of type integer (default format) in spec.huge"#,
            ],
        ),
        (
            json!({"code": "é"}),
            vec![
                r#"spec.code: Invalid value: "é": spec.code in body should be at least 2 chars long"#,
            ],
        ),
        (
            json!({"code": "abcd"}),
            vec![SKIPPED, "spec.code: Too long: may not be more than 3 bytes"],
        ),
        (
            json!({"at": "now"}),
            vec![
                SKIPPED,
                r#"spec.at: Invalid value: "now": spec.at in body must be of type date-time: "now""#,
            ],
        ),
        (
            json!({"until": "2019-01-01T00:00:00Z"}),
            vec!["spec: Invalid value: until is long past"],
        ),
        (
            json!({"data": ""}),
            vec![
                SKIPPED,
                r#"spec.data: Invalid value: "": spec.data in body must be of type byte: """#,
            ],
        ),
        (
            json!({"list": []}),
            vec!["spec.list: Invalid value: 0: spec.list in body should have at least 1 items"],
        ),
        (
            json!({"list": ["a", "b", "c", "d"]}),
            vec![SKIPPED, "spec.list: Too many: 4: must have at most 3 items"],
        ),
        (
            json!({"list": ["a", null]}),
            vec![
                SKIPPED,
                r#"spec.list[1]: Invalid value: "null": spec.list[1] in body must be of type string: "null""#,
            ],
        ),
        (
            json!({"list": ["a", "b", "a"]}),
            vec![r#"spec.list[2]: Duplicate value: "a""#],
        ),
        (
            json!({"rules": [{"name": "a", "kind": "plain"}, {"name": "a"}]}),
            vec![r#"spec.rules[1]: Duplicate value: {"kind":"plain","name":"a"}"#],
        ),
        (
            json!({"rules": [{"name": "a", "options": {"x": "1"}}]}),
            vec![
                SKIPPED,
                r#"spec.rules[0].options.x: Invalid value: "string": spec.rules[0].options.x in body must be of type integer: "string""#,
            ],
        ),
        (
            json!({"template": {"kind": "Pod"}}),
            vec![SKIPPED, "spec.template.apiVersion: Required value"],
        ),
        (
            json!({"template": {"apiVersion": "v1", "kind": "P", "metadata": {"name": "a/b", "nme": 1}}}),
            vec![
                r#"spec.template.metadata.name: Invalid value: "a/b": may not contain '/'"#,
                r#"strict decoding error: unknown field "spec.template.metadata.nme"; did you mean "name"?"#,
            ],
        ),
        (
            json!({"target": {}}),
            vec![
                r#"<nil>: Invalid value: "": "spec.target" must validate one and only one schema (oneOf). Found none valid"#,
                SKIPPED,
                "spec.target.a: Required value",
            ],
        ),
        (
            json!({"target": {"a": "x", "b": "y"}}),
            vec![
                r#"<nil>: Invalid value: "": "spec.target" must validate one and only one schema (oneOf). Found 2 valid alternatives"#,
            ],
        ),
        (
            json!({"target": {"a": "x", "c": "y"}}),
            vec![r#"<nil>: Invalid value: "": "spec.target" must not validate the schema (not)"#],
        ),
        (
            json!({"min_count": 4}),
            vec!["spec.min_count: Invalid value: min_count is above count"],
        ),
        (
            json!({"namespace": "x"}),
            vec!["spec: Forbidden: namespace x is not free"],
        ),
        (
            json!({"nested": {"mode": "manual"}}),
            vec!["spec.nested: Invalid value: a limit is needed outside mode auto"],
        ),
    ];
    for (spec, expected) in cases {
        assert_eq!(errors(&widget(spec.clone())), expected, "{spec}");
    }
}

fn named(metadata: Value) -> Value {
    let mut widget = widget(json!({}));
    widget["metadata"] = metadata;
    widget
}

#[test]
fn times_of_metadata_are_stored_to_the_second_and_in_utc() {
    for (given, stored) in [
        ("2026-01-01T00:00:00+01:00", json!("2025-12-31T23:00:00Z")),
        ("2026-01-01T00:00:00.9Z", json!("2026-01-01T00:00:00Z")),
        ("0001-01-01T00:00:00Z", Value::Null),
    ] {
        let given = named(json!({"name": "a", "creationTimestamp": given}));
        let admission = validator().admit(given).unwrap();
        assert!(admission.verdict.is_valid());
        let metadata = &admission.object["metadata"];
        assert_eq!(
            *metadata.get("creationTimestamp").unwrap_or(&Value::Null),
            stored
        );
    }
    let beyond = named(json!({"creationTimestamp": "9999-12-31T23:59:59-01:00", "name": "a"}));
    assert_eq!(
        errors(&beyond)[0],
        "metadata: Invalid value: {\"creationTimestamp\":\"10000-01-01T00:59:59Z\",\"name\":\"a\"}: \
         parsing time \"10000-01-01T00:59:59Z\" as \"2006-01-02T15:04:05Z07:00\""
    );
}

#[test]
fn metadata_is_judged_too() {
    let first = |metadata: Value| {
        errors(&named(metadata))
            .first()
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(first(json!({"name": "a.b-c"})), "");
    assert_eq!(first(json!({"generateName": "a-"})), "");
    assert_eq!(
        first(json!({"name": "a", "labels": {"x/y": "", "n": null}, "creationTimestamp": null})),
        ""
    );
    assert_eq!(first(json!({})), SKIPPED);
    assert!(
        errors(&named(json!({}))).contains(
            &"metadata.name: Required value: name or generateName is required".to_owned()
        )
    );
    let starts = [
        (
            json!({"name": "A"}),
            "metadata.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must",
        ),
        (
            json!({"name": "a", "namespace": "a.b"}),
            "metadata.namespace: Invalid value: \"a.b\": must not contain dots",
        ),
        (
            json!({"name": "a", "labels": {"a b": "c"}}),
            "metadata.labels: Invalid value: \"a b\": name part must",
        ),
        (
            json!({"name": "a", "labels": {"a": "-"}}),
            "metadata.labels: Invalid value: \"-\": a valid label must",
        ),
        (
            json!({"name": "a", "annotations": {"/x": "c"}}),
            "metadata.annotations: Invalid value: \"/x\": prefix part must be non-empty",
        ),
        (
            json!({"name": "a", "lables": {}}),
            "strict decoding error: unknown field \"metadata.lables\"; did you mean \"labels\"?",
        ),
        (
            json!({"name": "forbidden"}),
            "<nil>: Invalid value: this name is taken",
        ),
    ];
    for (metadata, expected) in starts {
        let error = first(metadata);
        assert!(error.starts_with(expected), "{error}");
    }
    assert_eq!(
        errors(&named(json!({"name": "a", "labels": {"a": 1}}))),
        ["metadata.labels.a: cannot be decoded: must be of type string, not integer"]
    );
}

#[test]
fn an_xrd_is_read_as_what_crossplane_makes_of_it() {
    let gateway = |spec: Value| {
        json!({"apiVersion": "example.org/v1alpha1", "kind": "Gateway",
               "metadata": {"name": "g", "namespace": "d"}, "spec": spec})
    };
    let crossplane = json!({"compositionRef": {"name": "c"}, "resourceRefs": []});
    assert_eq!(
        errors(&gateway(json!({"region": "r", "crossplane": crossplane}))),
        Vec::<String>::new()
    );
    assert_eq!(
        errors(&gateway(json!({"region": "r", "oops": 1}))),
        ["strict decoding error: unknown field \"spec.oops\""]
    );
    assert_eq!(errors(&gateway(json!({}))), ["spec.region: Required value"]);
}

#[test]
fn what_a_function_says_of_the_status_needs_no_spec() {
    let desired = |status: Value| json!({"apiVersion": "example.org/v1alpha1", "kind": "Gateway", "metadata": {"name": "g"}, "status": status});
    let errors = |status: Value| {
        let verdict = validator().validate_status(&desired(status)).unwrap();
        verdict
            .errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert!(validator().is_composite(&desired(json!({}))));
    assert!(!validator().is_composite(&widget(json!({}))));
    assert_eq!(errors(json!({"conditions": []})), Vec::<String>::new());
    assert_eq!(
        errors(json!({"adress": "x"})),
        ["strict decoding error: unknown field \"status.adress\""]
    );
}

#[test]
fn a_kind_or_version_that_is_not_served_is_named() {
    let refused = |api_version: &str, kind: &str| {
        validator()
            .validate(&json!({"apiVersion": api_version, "kind": kind}))
            .unwrap_err()
    };
    for (api_version, kind, expected) in [
        (
            "example.org/v1",
            "Widgte",
            "no CRD given defines the kind Widgte of example.org/v1; did you mean Widget of example.org?",
        ),
        (
            "example.com/v1",
            "Widget",
            "no CRD given defines the kind Widget of example.com/v1; did you mean Widget of example.org?",
        ),
        ("v1", "Pod", "no CRD given defines the kind Pod of v1"),
        (
            "example.org/v0",
            "Widget",
            "the CRD widgets.example.org does not serve the version v0; it serves v1",
        ),
    ] {
        assert_eq!(refused(api_version, kind).to_string(), expected);
    }
    assert_eq!(
        validator().validate(&json!({"kind": "Widget"})),
        Err(NotCovered::NoIdentity)
    );
}

#[test]
fn what_cannot_be_judged_is_said_and_is_no_error() {
    let crd = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "odds.example.org"},
        "spec": {"group": "example.org", "scope": "Cluster", "names": {"kind": "Odd", "plural": "odds"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object",
                "properties": {"a": {"type": "string", "pattern": "(?<"}},
                "x-kubernetes-validations": [{"rule": "self.a.neverHeardOf()", "message": "m"}]}}}]}
    });
    let crds = kube_schema::parse_crds("odd.json", &crd.to_string()).unwrap();
    let object =
        json!({"apiVersion": "example.org/v1", "kind": "Odd", "metadata": {"name": "o"}, "a": "x"});
    let verdict = Validator::new(crds).validate(&object).unwrap();
    assert!(verdict.is_valid(), "{:?}", verdict.errors);
    assert_eq!(verdict.unjudged.len(), 2, "{:?}", verdict.unjudged);
}

#[test]
fn a_rule_that_would_run_long_is_ended() {
    let crds = kube_schema::read_crds(&["tests/fixtures/validate/costs.yaml"]).unwrap();
    let validator = Validator::new(crds);
    let judge = |spec: Value| {
        let resource = json!({
            "apiVersion": "traps.example.org/v1", "kind": "Cost", "metadata": {"name": "c"}, "spec": spec,
        });
        let verdict = validator.validate(&resource).unwrap();
        verdict
            .errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(judge(json!({"pairs": vec![1; 300]})), [""; 0]);
    assert_eq!(
        judge(json!({"pairs": vec![1; 1000]})),
        [
            "spec.pairs: Invalid value: \"array\": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: pairs"
        ]
    );
    assert_eq!(
        judge(json!({"many": vec![vec![1; 300]; 10]})),
        [
            "spec.many[7]: Invalid value: \"array\": validation failed due to running out of cost budget, no further validation rules will be run"
        ]
    );
}
