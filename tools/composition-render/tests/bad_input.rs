//! Bad input ends in an error that names what is wrong and where, never in a
//! panic or a hang. One fixture a mistake.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use resource_graph::yaml;
use serde_json::{Value, json};
use test_report::testing::{binary, libkcl};

const XR: &str =
    "apiVersion: garden.example.org/v1\nkind: Orchard\nmetadata: {name: pear}\nspec: {rows: 3}\n";

#[test]
fn every_mistake_is_told() {
    let fixtures = fixtures();
    let wrong: Vec<String> = fixtures
        .iter()
        .filter_map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy();
            Some(format!("{name}: {}", wrong(path)?))
        })
        .collect();
    println!("{} mistakes", fixtures.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(fixtures.len() > 20);
}

fn fixtures() -> Vec<PathBuf> {
    let entries = fs::read_dir("tests/bad_input").unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// What is wrong with how a mistake is told.
fn wrong(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).unwrap();
    let fixture = yaml::parse(&text).unwrap().remove(0).to_json();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("xr.yaml"), XR).unwrap();
    let composition = composition(&fixture).to_string();
    fs::write(folder.path().join("composition.yaml"), composition).unwrap();
    for (file, text) in fixture["files"].as_object().into_iter().flatten() {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.as_str().unwrap()).unwrap();
    }
    let output = run(folder.path(), &texts(&fixture["flags"]));
    let [said, printed] = [&output.stderr, &output.stdout].map(|b| String::from_utf8_lossy(b));
    let status = output.status.code().map(i64::from);
    if status != fixture["exit"].as_i64() {
        return Some(format!("ended with {status:?}:\n{said}{printed}"));
    }
    // Long lines are broken on a terminal only, so a text is found as it is.
    let missing = |wanted: &[String], text: &str| {
        let missing = wanted.iter().find(|part| !text.contains(part.as_str()));
        missing.map(|part| format!("does not say {part:?}:\n{text}"))
    };
    let panic = said
        .contains("panicked")
        .then(|| format!("panicked:\n{said}"));
    panic
        .or_else(|| missing(&texts(&fixture["says"]), &said))
        .or_else(|| missing(&texts(&fixture["prints"]), &printed))
}

fn texts(value: &Value) -> Vec<String> {
    let entries = value.as_array().into_iter().flatten();
    entries
        .map(|entry| entry.as_str().unwrap().to_owned())
        .collect()
}

/// A Composition of the fixture's steps.
fn composition(fixture: &Value) -> Value {
    let steps = fixture["steps"].as_object().into_iter().flatten();
    let step = |(name, source): (&String, &Value)| {
        let target = fixture["target"].as_str().unwrap_or("Default");
        let function = fixture["function"].as_str().unwrap_or("function-kcl");
        let dependencies = &fixture["dependencies"];
        let config = &fixture["config"];
        json!({
            "step": name,
            "functionRef": {"name": function},
            "input": {
                "apiVersion": "krm.kcl.dev/v1alpha1",
                "kind": "KCLInput",
                "spec": {
                    "target": target, "source": source, "dependencies": dependencies,
                    "config": config,
                },
            },
        })
    };
    json!({
        "apiVersion": "apiextensions.crossplane.io/v1",
        "kind": "Composition",
        "metadata": {"name": "orchard"},
        "spec": {
            "compositeTypeRef": {"apiVersion": "garden.example.org/v1", "kind": "Orchard"},
            "mode": "Pipeline",
            "pipeline": steps.map(step).collect::<Vec<_>>(),
        },
    })
}

fn run(folder: &Path, flags: &[String]) -> Output {
    Command::new(binary("composition-render"))
        .args(["xr.yaml", "composition.yaml"])
        .args(flags)
        .arg("--libkcl")
        .arg(libkcl())
        .current_dir(folder)
        .output()
        .unwrap()
}
