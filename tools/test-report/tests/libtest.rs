//! Runs a real libtest binary: this one, told by a variable to play a part.
#![allow(clippy::unwrap_used)]

use pretty_assertions::assert_eq;
use std::path::Path;
use test_report::{Case, Report, Status, libtest};

/// The variable that turns the `part_*` tests of this file from passing
/// nothing-doers into what their name says.
const PART: &str = "TEST_REPORT_PART";

fn plays(part: &str) -> bool {
    std::env::var(PART).is_ok_and(|value| value == part)
}

#[test]
fn part_fails() {
    println!("said before");
    assert!(!plays("fail"), "the <message>");
}

#[test]
fn part_aborts() {
    if plays("abort") {
        std::process::abort();
    }
}

#[test]
#[should_panic(expected = "as promised")]
fn part_panics() {
    assert!(plays("quiet"), "as promised");
}

fn run_part(part: &str) -> Result<Report, libtest::RunError> {
    let me = std::env::current_exe().unwrap();
    let mut run = libtest::Run::new(&me, Path::new("."), "parts");
    run.env = vec![
        (PART.to_owned(), part.to_owned()),
        ("RUST_TEST_THREADS".into(), "1".into()),
    ];
    libtest::run(&run)
}

/// The cases named `part_*`, so that adding a test here changes nothing. The
/// others run nothing below themselves (see `guard`).
fn parts(report: &Report) -> Vec<Case> {
    report
        .cases
        .iter()
        .filter(|case| case.name.starts_with("part_"))
        .cloned()
        .collect()
}

/// Whether this process was started by a test of this file.
fn guard() -> bool {
    std::env::var_os(PART).is_some()
}

#[test]
fn verdicts_messages_and_places_are_reported() {
    if guard() {
        return;
    }
    let cases = parts(&run_part("fail").unwrap());
    let [aborts, fails, panics] = cases.as_slice() else {
        panic!("{cases:?}")
    };
    assert_eq!(*aborts, Case::passed("part_aborts"));
    assert_eq!(*panics, Case::passed("part_panics"));
    assert_eq!(fails.status, Status::Failed);
    let message = fails.message.as_deref().unwrap();
    assert!(message.starts_with("said before\n"), "{message}");
    assert!(message.ends_with("the <message>"), "{message}");
    let location = fails.location.as_deref().unwrap();
    assert!(location.contains("tests/libtest.rs:"), "{location}");
}

#[test]
fn a_test_that_should_panic_and_does_not_is_a_failure() {
    if guard() {
        return;
    }
    let cases = parts(&run_part("quiet").unwrap());
    let case = cases
        .iter()
        .find(|case| case.name == "part_panics")
        .unwrap();
    assert_eq!(case.status, Status::Failed);
}

#[test]
fn a_binary_that_dies_fails_the_tests_without_a_result() {
    if guard() {
        return;
    }
    let report = run_part("abort").unwrap();
    let case = report
        .cases
        .iter()
        .find(|case| case.name == "part_aborts")
        .unwrap();
    assert_eq!(
        case.message.as_deref(),
        Some("no result: the test binary ended with signal 6 (SIGABRT) before this test did")
    );
    assert!(!report.is_success());
}

#[test]
fn the_same_verdicts_give_the_same_bytes() {
    if guard() {
        return;
    }
    assert_eq!(
        run_part("fail").unwrap().to_json(),
        run_part("fail").unwrap().to_json()
    );
}

#[test]
fn what_is_no_test_binary_is_an_error() {
    let run =
        |binary: &str| libtest::run(&libtest::Run::new(Path::new(binary), Path::new("."), "s"));
    let missing = run("no/such/binary").unwrap_err().to_string();
    assert!(
        missing.starts_with("cannot run the test binary no/such/binary: "),
        "{missing}"
    );
    let silent = run("/bin/true").unwrap_err().to_string();
    assert!(
        silent.contains("ended with exit code 0, yet printed no `test result:` line"),
        "{silent}"
    );
}

#[test]
fn a_binary_that_fails_before_any_test_is_one_failed_case() {
    let run = libtest::Run::new(Path::new("/bin/false"), Path::new("."), "s");
    let report = libtest::run(&run).unwrap();
    assert_eq!(
        report.cases,
        [Case::failed(
            "(start)",
            "the test binary ended with exit code 1"
        )]
    );
}
