//! What the generated KCL refuses and what it accepts. `checked.json` has values
//! of the fields of the kind Checked, each with the verdict of the API server's
//! own code (`judges/apiserver`).

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use crd_models::{analysis, kcl};
use kcl_engine::EngineError;
use serde_json::Value;
use support::Trial;

const IMPORT: &str = "import odd.models.v1.odd_example_org_v1_checked as odd";

/// The generated package, to be tried.
struct Checked(Trial);

impl Checked {
    fn new() -> Self {
        let crds = kube_schema::read_crds(&["tests/fixtures/checked.yaml"]).unwrap();
        let options = kcl::Options {
            package: "odd",
            k8s_package: None,
        };
        let trial = Trial::new();
        let package = kcl::package(&analysis::models(&crds), &options);
        trial.add("odd", &package.files);
        Self(trial)
    }

    fn run(&self, lines: &str) -> Result<String, EngineError> {
        self.0
            .run(&format!("{IMPORT}\n{lines}\n"), &[("odd", "odd")])
    }
}

/// A field, and a value of it as KCL writes it.
fn values(verdict: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string("tests/checked.json").unwrap();
    let fields: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
    let mut found = Vec::new();
    for (field, verdicts) in &fields {
        for value in verdicts[verdict].as_array().unwrap() {
            found.push((field.clone(), kcl::literal::value(value)));
        }
    }
    found
}

fn instance(field: &str, value: &str) -> String {
    format!("odd.Checked {{metadata.name = \"c\", spec = {{\"{field}\" = {value}}}}}")
}

#[test]
fn what_the_server_accepts_is_accepted_anywhere() {
    let trial = Checked::new();
    // A program reads names otherwise inside a lambda.
    let lines = |index: usize, (field, value): &(String, String)| {
        let instance = instance(field, value);
        format!(
            "a{index} = {instance}\nf{index} = lambda x: int {{\n    {instance}\n}}\nb{index} = f{index}(1)\n"
        )
    };
    let values = values("valid");
    let all: String = values
        .iter()
        .enumerate()
        .map(|(index, value)| lines(index, value))
        .collect();
    if trial.run(&all).is_ok() {
        return;
    }
    for value in &values {
        if let Err(error) = trial.run(&lines(0, value)) {
            panic!("{value:?}: refused: {error:?}");
        }
    }
    panic!("each is accepted, yet not all of them together");
}

#[test]
fn what_the_server_refuses_is_refused_in_words() {
    let trial = Checked::new();
    for (field, value) in values("invalid") {
        let said = match trial.run(&format!("a = {}", instance(&field, &value))) {
            Ok(json) => panic!("{field} = {value}: accepted: {json}"),
            Err(error) => format!("{error:?}"),
        };
        let is_ours = [
            "heck failed",
            "its type is",
            "expect",
            "is required",
            "No attribute",
        ];
        assert!(
            is_ours.iter().any(|words| said.contains(words)),
            "{field} = {value}: {said}"
        );
    }
}
