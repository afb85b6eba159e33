//! How CEL rules end, by the API server (`judges/apiserver` gave each outcome of
//! `fixtures/validate/outcomes.jsonl`).
#![allow(clippy::unwrap_used)]

use kube_schema::validate::{Validator, Verdict};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// A line of the file.
struct Case(Value);

impl Case {
    fn crd(&self) -> Value {
        let mut schema = self.0["schema"].clone();
        schema["x-kubernetes-validations"] = json!([{"rule": self.0["rule"], "message": "broken"}]);
        json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "cels.example.org"},
            "spec": {"group": "example.org", "scope": "Cluster", "names": {"kind": "Cel", "plural": "cels"},
                "versions": [{"name": "v1", "served": true, "storage": true,
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"value": schema}}}}]}
        })
    }

    fn judge(&self) -> Verdict {
        let crds = kube_schema::parse_crds("cel.json", &self.crd().to_string()).unwrap();
        let resource = json!({"apiVersion": "example.org/v1", "kind": "Cel",
            "metadata": {"name": "a"}, "value": self.0["value"]});
        Validator::new(crds).validate(&resource).unwrap()
    }
}

fn outcome(verdict: &Verdict) -> &'static str {
    match &verdict.errors[..] {
        [] => "holds",
        [error] if error.detail().ends_with(": broken") && !error.detail().contains("rule: ") => {
            "broken"
        }
        [_] => "fails",
        _ => "is not judged",
    }
}

#[test]
fn rules_end_as_they_do_on_the_server() {
    let text = std::fs::read_to_string("tests/fixtures/validate/outcomes.jsonl").unwrap();
    let mut count = 0;
    for line in text.lines() {
        let case = Case(serde_json::from_str(line).unwrap());
        let verdict = case.judge();
        assert_eq!(verdict.unjudged, Vec::<String>::new(), "{line}");
        assert_eq!(
            outcome(&verdict),
            case.0["outcome"],
            "{line}: {:?}",
            verdict.errors
        );
        count += 1;
    }
    assert!(count > 100);
}
