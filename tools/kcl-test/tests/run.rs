//! What `kcl-test` says about folders of tests.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use pretty_assertions::assert_eq;
use test_report::{
    Report, Status,
    testing::{binary, libkcl},
};

const LIB: &str = "add = lambda a: int, b: int { a + b }\n";

/// A folder of KCL files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn test(&self, arguments: &[&str]) -> Output {
        Command::new(binary("kcl-test"))
            .current_dir(self.0.path())
            .arg("--libkcl")
            .arg(libkcl())
            .args(arguments)
            .output()
            .unwrap()
    }

    fn report(&self, arguments: &[&str]) -> Report {
        let report = ["--report", "report.json", "--junit", "junit.xml"];
        let output = self.test(&[arguments, &report].concat());
        assert!(output.status.success(), "{}", words(&output));
        assert!(self.path("junit.xml").is_file());
        Report::read(&self.path("report.json")).unwrap()
    }
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn refused(output: &Output, part: &str) {
    let words = words(output);
    assert_eq!(output.status.code(), Some(3), "{words}");
    assert!(words.contains(part), "no `{part}` in:\n{words}");
}

#[test]
fn every_test_has_a_verdict_with_its_place() {
    let tests = "helper = lambda { 1 }\ntest_data = {a = 1}\n\
        test_right = lambda {\n    assert add(1, 2) == 3\n}\n\
        test_wrong = lambda {\n    x = 4\n    assert x == 3, \"x is ${x}\"\n}\n";
    let folder = Folder::new(&[("lib.k", LIB), ("lib_test.k", tests)]);
    let report = folder.report(&["lib_test.k", "--suite", "lib"]);
    assert_eq!(report.suite, "lib");
    let verdicts: Vec<_> = report
        .cases
        .iter()
        .map(|case| {
            (
                case.name.as_str(),
                case.status,
                case.location.as_deref().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        verdicts,
        [
            ("lib_test.k::test_right", Status::Passed, "lib_test.k:3"),
            ("lib_test.k::test_wrong", Status::Failed, "lib_test.k:8"),
        ]
    );
    assert!(
        report.cases[1]
            .message
            .as_deref()
            .unwrap()
            .contains("x is 4")
    );
}

#[test]
fn without_a_report_the_exit_code_is_the_verdict() {
    let folder = Folder::new(&[
        ("good/a_test.k", "test_a = lambda {\n    assert True\n}\n"),
        ("bad/b_test.k", "test_b = lambda {\n    assert False\n}\n"),
    ]);
    assert_eq!(folder.test(&["good"]).status.code(), Some(0));
    let both = folder.test(&["."]);
    assert_eq!(both.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&both.stdout).ends_with("1 passed, 1 failed, 0 skipped\n"));
}

#[test]
fn one_endless_test_takes_no_other_down() {
    let tests = "test_endless = lambda {\n    f = lambda n { f(n + 1) }\n    f(0)\n}\n\
        test_fine = lambda {\n    assert True\n}\n";
    let folder = Folder::new(&[("a_test.k", tests)]);
    let report = folder.report(&["a_test.k", "--timeout", "1"]);
    let failed = report.cases[0].message.as_deref().unwrap();
    assert!(
        failed.starts_with("the test test_endless was stopped after 1 s"),
        "{failed}"
    );
    assert_eq!(report.cases[1].status, Status::Passed);
}

#[test]
fn declared_packages_can_be_imported_and_sources_are_only_read() {
    let folder = Folder::new(&[
        ("sums/lib.k", LIB),
        (
            "app/a_test.k",
            "import sums\ntest_a = lambda {\n    assert sums.add(1, 1) == 2\n}\n",
        ),
    ]);
    let before = fs::read_dir(folder.path("app")).unwrap().count();
    let report = folder.report(&["app/a_test.k", "--root", "app", "--package", "sums=sums"]);
    assert_eq!(report.cases[0].status, Status::Passed, "{:?}", report.cases);
    assert_eq!(fs::read_dir(folder.path("app")).unwrap().count(), before);
    let undeclared = folder.report(&["app", "--root", "app"]);
    let message = undeclared.cases[0].message.as_deref().unwrap();
    assert!(message.contains("--package sums=FOLDER"), "{message}");
    let absolute = folder.0.path().display().to_string();
    assert!(!message.contains(&absolute), "{message}");
}

#[test]
fn a_folder_or_file_without_tests_is_an_error() {
    let folder = Folder::new(&[
        ("lib/lib.k", LIB),
        ("empty/a_test.k", "test_data = {a = 1}\n"),
    ]);
    refused(&folder.test(&["lib"]), "no tests in lib");
    refused(&folder.test(&["empty"]), "it defines no lambda test_*");
    refused(&folder.test(&["lib/lib.k"]), "lib/lib.k is no test file");
    refused(&folder.test(&["nowhere"]), "nowhere cannot be read");
}

#[test]
fn a_syntax_error_is_bad_input_even_with_a_report() {
    let folder = Folder::new(&[("a_test.k", "test_a = lambda {\n    assert (\n}\n")]);
    refused(
        &folder.test(&["a_test.k", "--report", "report.json"]),
        "a_test.k:2:",
    );
    assert!(!folder.path("report.json").exists());
}

#[test]
fn two_tests_of_one_name_in_a_package_are_refused() {
    let test = "test_a = lambda {\n    assert True\n}\n";
    let folder = Folder::new(&[("a_test.k", test), ("b_test.k", test)]);
    refused(&folder.test(&["."]), "test_a is defined twice");
}

#[test]
fn the_same_tests_give_the_same_report() {
    let folder = Folder::new(&[(
        "a_test.k",
        "test_b = lambda {\n    assert 1 == 2\n}\ntest_a = lambda {\n    1\n}\n",
    )]);
    let bytes = || {
        folder.report(&["."]);
        (
            fs::read(folder.path("report.json")).unwrap(),
            fs::read(folder.path("junit.xml")).unwrap(),
        )
    };
    assert_eq!(bytes(), bytes());
}
