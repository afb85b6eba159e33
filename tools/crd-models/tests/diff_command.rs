//! `crd-models diff` as people call it: what it prints, how it ends.
//! `UPDATE_GOLDEN=1 cargo test -p crd-models --test diff_command` writes the
//! expected files anew.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use pretty_assertions::assert_eq;
use std::process::{Command, Output};
use test_report::testing::binary;

const OLD: &str = "tests/fixtures/diff/old";
const NEW: &str = "tests/fixtures/diff/new";

fn run(arguments: &[&str]) -> Output {
    Command::new(binary("crd-models"))
        .arg("diff")
        .args(arguments)
        .output()
        .unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn matches_golden(name: &str, text: &str) {
    let path = format!("tests/golden/diff/{name}");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all("tests/golden/diff").unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{path}: {error}; run with UPDATE_GOLDEN=1"));
    assert_eq!(text, expected, "{path}");
}

const ALLOW: &[&str] = &[
    "--allow",
    "gadgets.shop.example.org",
    "--allow",
    "widgets.shop.example.org v1 .spec.size maximum",
];

#[test]
fn text_is_as_agreed() {
    let mut arguments = vec![OLD, NEW];
    arguments.extend(ALLOW);
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    matches_golden("changes.txt", &printed(&output));
}

#[test]
fn json_is_as_agreed() {
    let mut arguments = vec![OLD, NEW, "--format", "json"];
    arguments.extend(ALLOW);
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    matches_golden("changes.json", &printed(&output));
}

#[test]
fn a_report_has_a_case_a_definition_and_names_files_from_the_new_folder() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (report, junit) = (at("report.json"), at("junit.xml"));
    let mut arguments = vec![OLD, NEW, "--suite", "shop:compat", "--report", &report];
    arguments.extend(["--junit", &junit, "--allow", "widgets.shop.example.org v2"]);
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(printed(&output), "");
    let text = std::fs::read_to_string(report).unwrap();
    matches_golden("report.json", &text);
    assert!(
        std::fs::read_to_string(junit)
            .unwrap()
            .contains("tests=\"4\"")
    );
}

#[test]
fn the_threshold_decides_how_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let docs = folder.path().join("docs.yaml");
    let gone = std::fs::read_to_string(format!("{OLD}/gone.yaml")).unwrap();
    std::fs::write(
        &docs,
        gone.replace("type: object", "type: object, title: Gadget"),
    )
    .unwrap();
    let docs = docs.display().to_string();
    let old = &format!("{OLD}/gone.yaml");
    let xrd = [&format!("{OLD}/xrd.yaml"), &format!("{NEW}/xrd.yaml")];
    for (old, new, threshold, code) in [
        (OLD, OLD, "breaking", 0),
        (OLD, OLD, "compatible", 0),
        (OLD, NEW, "breaking", 1),
        (OLD, NEW, "never", 0),
        (xrd[0], xrd[1], "breaking", 0),
        (xrd[0], xrd[1], "compatible", 1),
        (old, docs.as_str(), "compatible", 0),
    ] {
        let output = run(&[old, new, "--fail-on", threshold]);
        assert_eq!(output.status.code(), Some(code), "{old} {new} {threshold}");
    }
    assert_eq!(
        printed(&run(&[OLD, OLD])),
        "0 breaking, 0 compatible, 0 docs\n"
    );
}

#[test]
fn an_entry_that_accepts_nothing_is_a_warning() {
    let output = run(&[OLD, OLD, "--allow", "widgets.shop.example.org v3"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        said(&output),
        "warning: --allow \"widgets.shop.example.org v3\" accepts nothing\n"
    );
}

#[test]
fn wrong_usage_exits_2() {
    for arguments in [
        &[][..],
        &[OLD],
        &[OLD, NEW, NEW],
        &[OLD, NEW, "--fail-on", "docs"],
        &[OLD, NEW, "--format", "yaml"],
        &[OLD, NEW, "--junit", "j.xml"],
        &[OLD, NEW, "--suite", "s"],
        &[OLD, NEW, "--report", "r.json", "--format", "json"],
        &[OLD, NEW, "--report", "r.json", "--fail-on", "never"],
    ] {
        assert_eq!(run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_bad_input_exits_3_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let pod = put("pod.yaml", "apiVersion: v1\nkind: Pod\n");
    let yaml = put("bad.yaml", "a: [\n");
    put("empty/README.md", "nothing");
    let empty = folder.path().join("empty").display().to_string();
    let twice = put("twice.yaml", &{
        let gone = std::fs::read_to_string(format!("{OLD}/gone.yaml")).unwrap();
        format!("{gone}---\n{}", gone.replace("name: v1", "name: v2"))
    });
    for (old, new, words) in [
        ("nowhere", NEW, "nowhere: cannot be read"),
        (OLD, &pod, "not a CRD: found kind Pod of v1"),
        (&yaml, NEW, "not YAML"),
        (OLD, &empty, "no CRD in"),
        (
            OLD,
            &twice,
            "gadgets.shop.example.org is defined twice: here and at",
        ),
    ] {
        let output = run(&[old, new]);
        assert_eq!(output.status.code(), Some(3), "{old} {new}");
        assert!(said(&output).contains(words), "{}", said(&output));
        assert_eq!(printed(&output), "");
    }
    let twice = said(&run(&[OLD, &twice]));
    assert!(twice.contains("twice.yaml:14:1\n"), "{twice}");
    assert!(twice.contains("hint: pass only one of the two"), "{twice}");
}
