//! The command as people call it.
#![allow(clippy::unwrap_used)]

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::process::{Command, Output};
use test_report::testing::binary;

const WIDGETS: &str = "tests/fixtures/widgets.yaml";

fn run(arguments: &[&str]) -> Output {
    Command::new(binary("kube-samples"))
        .args(arguments)
        .output()
        .unwrap()
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn samples_are_json_lines_with_their_claims() {
    let output = run(&["--crds", WIDGETS, "--count", "5"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let samples = lines(&output.stdout);
    let valid = &samples[0];
    assert_eq!(valid["id"], "widgets.example.org/v1/0-minimal");
    assert_eq!(valid["apiVersion"], "example.org/v1");
    assert_eq!(valid["kind"], "Widget");
    assert_eq!(
        (&valid["valid"], &valid["breaks"]),
        (&json!(true), &Value::Null)
    );
    let broken = samples
        .iter()
        .find(|s| s["breaks"]["constraint"] == "maxLength");
    assert_eq!(broken.unwrap()["valid"], false);
    assert_eq!(broken.unwrap()["breaks"]["path"], "spec.code");
    assert!(said(&output).contains(" samples: "), "{}", said(&output));
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_a_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("samples.jsonl");
    let printed = run(&["--crds", WIDGETS, "--seed", "7"]);
    let written = run(&[
        "--crds",
        WIDGETS,
        "--seed",
        "7",
        "--out",
        file.to_str().unwrap(),
    ]);
    assert_eq!(written.status.code(), Some(0), "{}", said(&written));
    assert_eq!(std::fs::read(&file).unwrap(), printed.stdout);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn verdicts_stand_beside_the_samples() {
    let output = run(&["--crds", WIDGETS, "--verdicts"]);
    for sample in lines(&output.stdout) {
        assert_eq!(sample["verdict"]["valid"], sample["valid"]);
        let errors = sample["verdict"]["errors"].as_array().unwrap();
        assert_eq!(errors.is_empty(), sample["valid"] == true);
    }
}

#[test]
fn resources_of_ones_own_are_judged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.jsonl");
    let own = [
        json!({"id": "good", "object": {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"size": "small"}}}),
        json!({"id": "bad", "object": {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"size": "small", "most": 1001}}}),
        json!({"id": "other", "object": {"apiVersion": "v1", "kind": "Pod"}}),
    ];
    std::fs::write(&file, own.map(|line| line.to_string()).join("\n")).unwrap();
    let output = run(&["--crds", WIDGETS, "--judge", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let answers = lines(&output.stdout);
    let stored = json!({"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"size": "small"}});
    assert_eq!(
        answers[0]["verdict"],
        json!({"valid": true, "errors": [], "unjudged": [], "stored": stored})
    );
    let error = &answers[1]["verdict"]["errors"][0];
    assert_eq!(
        (&error["type"], &error["field"]),
        (&json!("FieldValueInvalid"), &json!("spec.most"))
    );
    let why = "no CRD given defines the kind Pod of v1";
    assert_eq!(answers[2]["verdict"]["unjudged"], json!([why]));
}

#[test]
fn bad_input_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.jsonl");
    std::fs::write(&file, "{\"id\": \"a\", \"object\": {}}\n{\"id\": 1}\n").unwrap();
    let path = file.to_str().unwrap();
    for (arguments, expected) in [
        (
            vec!["--crds", "no/such/folder"],
            "no/such/folder".to_owned(),
        ),
        (
            vec!["--crds", WIDGETS, "--judge", path],
            format!("{path}: line 2: "),
        ),
        (
            vec!["--crds", WIDGETS, "--out", "no/such/folder/x"],
            "no/such/folder/x".to_owned(),
        ),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        assert!(said(&output).contains(&expected), "{}", said(&output));
    }
    assert_eq!(run(&[]).status.code(), Some(2));
}
