//! The binary's contract: what it prints and how it ends.
#![allow(clippy::unwrap_used)]

use pretty_assertions::assert_eq;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use test_report::{Case, Report, testing};

fn tool(args: &[&str]) -> Output {
    Command::new(testing::binary("test-report"))
        .args(args)
        .output()
        .unwrap()
}

fn write(folder: &Path, name: &str, cases: Vec<Case>) -> PathBuf {
    let mut report = Report::new("suite");
    report.cases = cases;
    let path = folder.join(name);
    report.write(Some(&path), None).unwrap();
    path
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn show_prints_failures_then_counts_and_exits_with_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let failing = vec![
        Case::passed("one"),
        Case::failed("two", "is 3\n\nwant 4").at("x.rs:7"),
        Case::skipped("three", "later"),
    ];
    let done = tool(&[
        "show",
        write(folder.path(), "a.json", failing).to_str().unwrap(),
    ]);
    assert_eq!(
        text(&done.stdout),
        "FAILED suite: two (x.rs:7)\n    is 3\n\n    want 4\n1 passed, 1 failed, 1 skipped\n"
    );
    assert_eq!(done.status.code(), Some(1));
    let passing = write(folder.path(), "b.json", vec![Case::passed("one")]);
    let done = tool(&["show", passing.to_str().unwrap()]);
    assert_eq!(text(&done.stdout), "1 passed, 0 failed, 0 skipped\n");
    assert_eq!(done.status.code(), Some(0));
}

#[test]
fn a_report_without_cases_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let done = tool(&[
        "show",
        write(folder.path(), "a.json", vec![]).to_str().unwrap(),
    ]);
    assert_eq!(
        text(&done.stdout),
        "suite: no test cases ran\n0 passed, 0 failed, 0 skipped\n"
    );
    assert_eq!(done.status.code(), Some(1));
}

#[test]
fn sum_adds_reports_up_and_does_not_judge() {
    let folder = tempfile::tempdir().unwrap();
    let a = write(
        folder.path(),
        "a.json",
        vec![Case::passed("one"), Case::failed("two", "no")],
    );
    let b = write(
        folder.path(),
        "b.json",
        vec![Case::passed("one"), Case::skipped("x", "y")],
    );
    let done = tool(&["sum", a.to_str().unwrap(), b.to_str().unwrap()]);
    assert_eq!(text(&done.stdout), "2 passed, 1 failed, 1 skipped\n");
    assert_eq!(done.status.code(), Some(0));
}

#[test]
fn bad_input_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    for (content, expected) in [
        ("{", ":1:1: not a test report: "),
        (
            "{\"schema\":\"v9\",\"suite\":\"s\",\"cases\":[]}",
            ": the report's schema is \"v9\"",
        ),
        (
            "{\"schema\":\"v9\",\"suite\":\"s\",\"cases\":[],\"x\":1}",
            "unknown field `x`",
        ),
    ] {
        std::fs::write(&path, content).unwrap();
        let done = tool(&["show", path.to_str().unwrap()]);
        assert!(
            text(&done.stderr).contains(expected),
            "{}",
            text(&done.stderr)
        );
        assert_eq!(done.status.code(), Some(3));
    }
}

#[test]
fn libtest_runs_a_binary_and_ends_well_though_tests_fail() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("deep/report.json");
    let junit = folder.path().join("deep/junit.xml");
    let done = Command::new(testing::binary("test-report"))
        .args([
            "libtest",
            "--binary",
            "/bin/false",
            "--cwd",
            ".",
            "--suite",
            "s",
            "--report",
        ])
        .args([report.as_os_str(), "--junit".as_ref(), junit.as_os_str()])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(0));
    assert_eq!(Report::read(&report).unwrap().counts().failed, 1);
    assert!(
        std::fs::read_to_string(&junit)
            .unwrap()
            .contains("<failure message=")
    );
    assert_eq!(
        std::fs::read_dir(folder.path().join("deep"))
            .unwrap()
            .count(),
        2
    );
}

#[test]
fn wrong_usage_is_exit_code_2() {
    assert_eq!(tool(&["show"]).status.code(), Some(2));
    assert_eq!(
        tool(&["libtest", "--env", "novalue"]).status.code(),
        Some(2)
    );
}
