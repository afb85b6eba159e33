//! The command as people call it: exit codes, messages, whole folders.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use pretty_assertions::assert_eq;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use test_report::testing::binary;

fn run(arguments: &[&str]) -> Output {
    Command::new(binary("crd-models"))
        .args(arguments)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn tree(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn the_same_input_gives_the_same_bytes_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let fixtures = [
        "tests/fixtures/widget.yaml",
        "tests/fixtures/oddity.yaml",
        "tests/fixtures/clusters.yaml",
        "tests/fixtures/xrd.yaml",
    ];
    let mut backwards = fixtures;
    backwards.reverse();
    for (name, order) in [("forth", fixtures), ("back", backwards)] {
        let outputs = ["kcl", "python", "jsonschema"]
            .map(|kind| (format!("--{kind}"), at(&format!("{name}/{kind}"))));
        let mut arguments = vec!["--package", "all", "--crds"];
        arguments.extend(order);
        arguments.extend(
            outputs
                .iter()
                .flat_map(|(flag, folder)| [flag.as_str(), folder.as_str()]),
        );
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
    let forth = tree(&folder.path().join("forth"));
    assert_eq!(forth, tree(&folder.path().join("back")));
    assert!(forth.contains_key("kcl/models/v1/odd_example_org_v1_oddity.k"));
    assert!(forth.contains_key("python/all/org/example/odd/v1.py"));
    assert!(forth.contains_key("jsonschema/odd.example.org/oddity_v1.json"));
}

#[test]
fn a_bad_input_exits_3_and_leaves_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let kcl = folder.path().join("kcl");
    let bad = folder.path().join("pod.yaml");
    std::fs::write(&bad, "apiVersion: v1\nkind: Pod\n").unwrap();
    let output = run(&[
        "--crds",
        bad.to_str().unwrap(),
        "--package",
        "p",
        "--kcl",
        kcl.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        said(&output).contains("error: not a CRD: found kind Pod of v1"),
        "{}",
        said(&output)
    );
    assert!(said(&output).contains("pod.yaml:1:1"), "{}", said(&output));
    assert!(!kcl.exists());
}

#[test]
fn wrong_usage_exits_2() {
    for arguments in [
        &["--package", "p"][..],
        &["--crds", "tests/fixtures/widget.yaml", "--package", "p"],
        &["--crds", "x", "--package", "a-b", "--kcl", "k"],
    ] {
        assert_eq!(run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let kcl = folder.path().join("kcl");
    let kcl_text = kcl.display().to_string();
    let arguments = [
        "--crds",
        "tests/fixtures/widget.yaml",
        "--package",
        "p",
        "--kcl",
        &kcl_text,
    ];
    assert_eq!(run(&arguments).status.code(), Some(0));
    assert_eq!(
        run(&arguments).status.code(),
        Some(0),
        "an earlier output is replaced"
    );
    std::fs::write(kcl.join("notes.txt"), "mine").unwrap();
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(3));
    assert!(said(&output).contains("notes.txt"), "{}", said(&output));
    assert_eq!(
        std::fs::read_to_string(kcl.join("notes.txt")).unwrap(),
        "mine"
    );
}

#[test]
fn what_is_checked_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let crd = folder.path().join("crd.yaml");
    std::fs::write(
        &crd,
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  group: g.example.org\n  names: {kind: Ruled}\n  \
         versions:\n  - name: v1\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          size:\n            \
         type: integer\n            x-kubernetes-validations: [{rule: self > 1}, {rule: self >= oldSelf}]\n          \
         word: {type: string, pattern: '\\bx', x-kubernetes-validations: [{rule: \"self == '%s'.format(['a'])\"}]}\n",
    )
    .unwrap();
    let kcl = folder.path().join("kcl").display().to_string();
    let output = run(&[
        "--crds",
        crd.to_str().unwrap(),
        "--package",
        "p",
        "--kcl",
        &kcl,
    ]);
    assert_eq!(
        said(&output),
        "CEL rules in KCL: 1 of 3 checked, 1 transition\n"
    );
    let files = tree(Path::new(&kcl));
    let report: serde_json::Value = serde_json::from_str(&files["report.json"]).unwrap();
    let spot = |path: &str| serde_json::json!({"apiVersion": "g.example.org/v1", "kind": "Ruled", "path": path});
    let with = |path: &str, more: serde_json::Value| {
        let mut object = spot(path);
        let fields = object.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        object
    };
    assert_eq!(
        report,
        serde_json::json!({
            "rules": [
                with("size", serde_json::json!({"rule": "self > 1", "checked": true})),
                with("size", serde_json::json!({
                    "rule": "self >= oldSelf", "checked": false,
                    "reason": "it compares with an earlier state"
                })),
                with("word", serde_json::json!({
                    "rule": "self == '%s'.format(['a'])", "checked": false,
                    "reason": "the function format"
                })),
            ],
            "notChecked": [with("metadata.name", serde_json::json!({"constraint": "required, or generateName"})), with("word", serde_json::json!({"constraint": "pattern \\bx"}))],
        })
    );
    let model = &files["models/v1/g_example_org_v1_ruled.k"];
    assert!(
        model.contains(
            "Not checked here: self == '%s'.format(['a']) (the function format); word: pattern \\bx"
        ),
        "{model}"
    );
}

#[test]
fn the_k8s_package_needs_no_crds() {
    let folder = tempfile::tempdir().unwrap();
    let k8s = folder.path().join("k8s").display().to_string();
    let output = run(&["--kcl-k8s", &k8s]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let files = tree(Path::new(&k8s));
    assert!(files["kcl.mod"].contains("name = \"k8s\""));
    assert!(files.contains_key("apimachinery/pkg/apis/meta/v1/object_meta.k"));
}
