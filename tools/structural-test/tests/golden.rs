//! Every folder in `golden` is a run: `spec.yaml`, inputs `NAME.resources.yaml`,
//! perhaps `crds.yaml` and `types.json`; `expected.txt` is what it prints and how it ends.
//! `HERMETIC_UPDATE_GOLDEN=1 cargo test` writes `expected.txt` anew.
#![allow(clippy::unwrap_used)]

use pretty_assertions::assert_eq;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use test_report::testing::binary;

fn run(folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(binary("structural-test"));
    command.arg(folder.join("spec.yaml"));
    for file in files(folder) {
        let name = file.file_name().unwrap().to_str().unwrap();
        if let Some(name) = name.strip_suffix(".resources.yaml") {
            command
                .arg("--resources")
                .arg(format!("{name}={}", file.display()));
        }
    }
    if folder.join("crds.yaml").is_file() {
        command.arg("--crds").arg(folder.join("crds.yaml"));
    }
    if folder.join("types.json").is_file() {
        command.arg("--schemas").arg(folder.join("types.json"));
    }
    command.args(more).output().unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn transcript(done: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = done.status.code().unwrap();
    format!(
        "{}{}exit code {code}\n",
        text(&done.stdout),
        text(&done.stderr)
    )
}

fn check(folder: &Path, actual: &str) {
    let expected = folder.join("expected.txt");
    if std::env::var_os("HERMETIC_UPDATE_GOLDEN").is_some() {
        std::fs::write(&expected, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&expected).unwrap();
    assert_eq!(actual, expected, "{}", folder.display());
}

#[test]
fn every_run_prints_what_is_expected() {
    let folders = files(Path::new("tests/golden"));
    assert!(!folders.is_empty());
    for folder in folders {
        check(&folder, &transcript(&run(&folder, &[])));
    }
}

#[test]
fn every_bad_spec_is_refused_with_place_and_hint() {
    let folders = files(Path::new("tests/bad-specs"));
    assert!(!folders.is_empty());
    for folder in folders {
        let done = run(&folder, &[]);
        assert_eq!(done.status.code(), Some(3), "{}", folder.display());
        check(&folder, &transcript(&done));
    }
}

#[test]
fn with_a_report_the_verdict_is_in_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let junit = folder.path().join("junit.xml");
    let args = [
        "--suite",
        "s",
        "--report",
        report.to_str().unwrap(),
        "--junit",
        junit.to_str().unwrap(),
    ];
    let done = run(Path::new("tests/golden/failing"), &args);
    assert_eq!(transcript(&done), "exit code 0\n");
    let report = test_report::Report::read(&report).unwrap();
    assert_eq!(report.suite, "s");
    assert!(report.counts().failed > 0);
    assert!(
        std::fs::read_to_string(&junit)
            .unwrap()
            .contains("<failure message=")
    );
}

/// Both judge by the same code, so an error has the same words.
#[test]
fn what_is_valid_is_what_resource_validate_says() {
    let folder = Path::new("tests/golden/like-the-server");
    let path = |name: &str| folder.join(name).display().to_string();
    let done = Command::new(binary("resource-validate"))
        .args(["--rendered", "--format", "json"])
        .args([
            "--crds",
            &path("crds.yaml"),
            "--schemas",
            &path("types.json"),
        ])
        .args([path("gadgets.resources.yaml"), path("own.resources.yaml")])
        .output()
        .unwrap();
    let said: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let resources = said["resources"].as_array().unwrap();
    let errors = resources.iter().flat_map(|one| one["errors"].as_array());
    let details: Vec<&str> = errors
        .flatten()
        .filter_map(|error| error["detail"].as_str())
        .collect();
    assert_eq!(details.len(), 12);
    let ours = transcript(&run(folder, &[]));
    for detail in details {
        assert!(ours.contains(detail), "{detail:?} is not in {ours}");
    }
}

#[test]
fn machines_get_json() {
    let failing = run(Path::new("tests/golden/failing"), &["--format", "json"]);
    let report: test_report::Report = serde_json::from_slice(&failing.stdout).unwrap();
    assert_eq!(failing.status.code(), Some(1));
    assert!(
        report
            .cases
            .iter()
            .all(|case| case.location.is_some() || case.message.is_none())
    );
    let bad = run(
        Path::new("tests/bad-specs/unknown-keys"),
        &["--format", "json"],
    );
    let diagnostics: serde_json::Value = serde_json::from_slice(&bad.stderr).unwrap();
    assert_eq!(diagnostics["schema"], "hermetic.dev/diagnostics/v1");
    assert_eq!(diagnostics["diagnostics"][0]["line"], 6);
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let code = |args: &[&str]| {
        Command::new(binary("structural-test"))
            .args(args)
            .output()
            .unwrap()
            .status
            .code()
    };
    assert_eq!(code(&[]), Some(2));
    assert_eq!(code(&["x.yaml", "--resources", "nofile"]), Some(2));
    assert_eq!(
        code(&["x.yaml", "--resources", "a=b", "--resources", "a=c"]),
        Some(2)
    );
    assert_eq!(code(&["no-such.yaml"]), Some(3));
}
