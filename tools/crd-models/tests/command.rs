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
