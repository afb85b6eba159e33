use super::*;
use crate::source::Source;
use pretty_assertions::assert_eq;
use std::sync::Arc;

fn comments(lines: &[&str]) -> Comments {
    let source = Arc::new(Source {
        name: "a.go".into(),
        text: String::new(),
    });
    let line = |(index, text): (usize, &&str)| CommentLine {
        site: Site::new(&source, index + 1, 1),
        text: (*text).to_owned(),
    };
    Comments {
        doc: lines.iter().enumerate().map(line).collect(),
        above: Vec::new(),
    }
}

fn said(lines: &[&str]) -> Said {
    read(&comments(lines)).unwrap()
}

#[test]
fn kubebuilder_markers_become_keywords() {
    let said = said(&[
        "A field.",
        "+kubebuilder:validation:MaxLength=10",
        "+kubebuilder:validation:Pattern=`^[a-z]+$`",
        "+kubebuilder:validation:Enum=a;\"b c\";3",
        "+kubebuilder:validation:items:MinLength=1",
        "+kubebuilder:validation:Minimum:=-5",
        "+kubebuilder:validation:XValidation:rule=\"self.size() < 5, true\",message=`too, long`",
        "+kubebuilder:validation:ExactlyOneOf=a;b",
        "+kubebuilder:title=\"T\"",
    ]);
    assert_eq!(
        Json::Object(said.keywords),
        json!({
            "maxLength": 10,
            "pattern": "^[a-z]+$",
            "enum": ["a", "b c", 3],
            "minimum": -5,
            "x-kubernetes-validations": [
                {"rule": "self.size() < 5, true", "message": "too, long"},
                {
                    "rule": "[has(self.a),has(self.b)].filter(x,x==true).size() == 1",
                    "message": "exactly one of the fields in [a b] must be set"
                }
            ],
            "title": "T"
        })
    );
    assert_eq!(Json::Object(said.items), json!({"minLength": 1}));
}

#[test]
fn kubernetes_markers_become_keywords() {
    let said = said(&[
        "+listType=map",
        "+listMapKey=type",
        "+k8s:listMapKey=type",
        "+k8s:alpha(since: \"1.36\")=+k8s:maxItems=5",
        "+k8s:eachVal=+k8s:format=k8s-uuid",
        "+k8s:ifEnabled(Gate)=+k8s:maxLength=3",
        "+k8s:beta(since: \"1.36\")=+k8s:required",
        "+optional",
    ]);
    assert_eq!(
        Json::Object(said.keywords),
        json!({
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
            "maxItems": 5
        })
    );
    assert_eq!(Json::Object(said.items), json!({"format": "k8s-uuid"}));
    assert_eq!(
        (said.required, said.required_by_validation),
        (Some(false), Some(true))
    );
}

#[test]
fn a_list_is_merged_as_the_plain_markers_say() {
    let keywords = |lines: &[&str]| Json::Object(said(lines).keywords);
    assert_eq!(
        keywords(&[
            "+listType=atomic",
            "+k8s:unique=map",
            "+k8s:listMapKey=name"
        ]),
        json!({"x-kubernetes-list-type": "atomic"})
    );
    assert_eq!(
        keywords(&["+k8s:listType=map", "+k8s:listMapKey=name"]),
        json!({"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]})
    );
}

#[test]
fn defaults_are_values_or_constants() {
    let value = |line: &str| match said(&[line]).default {
        Some(DefaultValue::Value(value)) => value,
        Some(DefaultValue::Constant(_, name)) => json!({"ref": name}),
        None => Json::Null,
    };
    assert_eq!(value("+default=\"a\""), json!("a"));
    assert_eq!(value("+default={\"a\": 1}"), json!({"a": 1}));
    assert_eq!(
        value("+default=ref(k8s.io/api/core/v1.X)"),
        json!({"ref": "k8s.io/api/core/v1.X"})
    );
    assert_eq!(
        value("+kubebuilder:default={a: {b: \"c\"}, d: {1, 2}}"),
        json!({"a": {"b": "c"}, "d": [1, 2]})
    );
    assert_eq!(
        value("+kubebuilder:default=plain text"),
        json!("plain text")
    );
    assert_eq!(value("+kubebuilder:default:=false"), json!(false));
    assert_eq!(value("+kubebuilder:default={}"), json!({}));
}

#[test]
fn a_marker_that_makes_no_sense_is_named() {
    let fault = |lines: &[&str]| {
        let error = read(&comments(lines)).unwrap_err();
        (error.site.clone().unwrap().line, error.to_string())
    };
    assert_eq!(
        fault(&["+kubebuilder:validation:MaxLength=ten"]),
        (1, "the marker +kubebuilder:validation:MaxLength cannot be understood: expected ident at line 1 column 2".to_owned())
    );
    assert_eq!(
        fault(&["+optional", "+required"]),
        (
            2,
            "the marker +required cannot be understood: another marker says the opposite"
                .to_owned()
        )
    );
    assert_eq!(
        fault(&["+listType"]),
        (
            1,
            "the marker +listType cannot be understood: it has no value".to_owned()
        )
    );
}
