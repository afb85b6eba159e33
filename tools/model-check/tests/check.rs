//! Models that are right, and models of another CRD than the samples, which
//! take too much or too little.
#![allow(clippy::unwrap_used)]

use pretty_assertions::assert_eq;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;
use test_report::testing::{binary, libkcl};

/// Samples of gears, and models of the gears of another file.
struct Trial {
    folder: TempDir,
}

impl Trial {
    fn new(models_of: &str) -> Self {
        let trial = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        trial.run(
            "kube-samples",
            &["--crds", "tests/fixtures/gears.yaml", "--quiet"],
            &[("--out", "samples.jsonl")],
        );
        trial.run(
            "crd-models",
            &[
                "--crds",
                &format!("tests/fixtures/{models_of}"),
                "--package",
                "gears",
            ],
            &[("--kcl", "gears"), ("--jsonschema", "schemas")],
        );
        trial
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A tool, with files of the folder as the values of some flags.
    fn run(&self, tool: &str, arguments: &[&str], files: &[(&str, &str)]) -> Output {
        let output = self.tell(tool, arguments, files);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{tool}: {said}");
        output
    }

    fn tell(&self, tool: &str, arguments: &[&str], files: &[(&str, &str)]) -> Output {
        let mut command = Command::new(binary(tool));
        command.args(arguments);
        for (flag, file) in files {
            command.arg(flag).arg(self.path(file));
        }
        command.output().unwrap()
    }

    fn judge(&self) {
        let (gears, library) = (self.path("gears"), libkcl());
        let package = format!("gears={}", gears.display());
        let library = library.display().to_string();
        self.run(
            "model-check",
            &[
                "kcl",
                "--models",
                "gears",
                "--package",
                &package,
                "--libkcl",
                &library,
            ],
            &[("--samples", "samples.jsonl"), ("--out", "kcl.jsonl")],
        );
        self.run(
            "model-check",
            &["jsonschema"],
            &[
                ("--samples", "samples.jsonl"),
                ("--models", "schemas"),
                ("--out", "jsonschema.jsonl"),
            ],
        );
    }

    /// What is reported of one language, and whether all is well.
    fn report(&self, language: &str, file: &str, more: &[&str]) -> (bool, String) {
        let verdicts = format!("{language}={}", self.path(file).display());
        let gaps = format!("{language}={}", self.path("gears/report.json").display());
        let mut arguments = vec!["report", "--verdicts", &verdicts, "--gaps", &gaps];
        arguments.extend(more);
        let output = self.tell("model-check", &arguments, &[("--samples", "samples.jsonl")]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code() == Some(0), said)
    }
}

const LEFT: [&str; 4] = [
    "--leaves",
    "JSON Schema=metadata",
    "--leaves",
    "JSON Schema=format",
];

#[test]
fn models_of_the_same_crd_are_right() {
    let trial = Trial::new("gears.yaml");
    trial.judge();
    for (language, file, more) in [
        ("KCL", "kcl.jsonl", &[][..]),
        ("JSON Schema", "jsonschema.jsonl", &LEFT),
    ] {
        let (is_right, said) = trial.report(language, file, more);
        assert!(is_right, "{said}");
        assert!(said.contains("2 passed, 0 failed"), "{said}");
    }
}

#[test]
fn a_broken_sample_that_is_taken_is_told() {
    let trial = Trial::new("laxer_gears.yaml");
    trial.judge();
    for (language, file, more) in [
        ("KCL", "kcl.jsonl", &[][..]),
        ("JSON Schema", "jsonschema.jsonl", &LEFT),
    ] {
        let (is_right, said) = trial.report(language, file, more);
        let expected = "broken (maximum at spec.teeth), yet taken";
        assert!(!is_right && said.contains(expected), "{said}");
    }
}

#[test]
fn what_a_language_leaves_to_the_server_is_none_of_its_faults() {
    let trial = Trial::new("laxer_gears.yaml");
    trial.judge();
    let (is_right, said) = trial.report(
        "KCL",
        "kcl.jsonl",
        &["--leaves", "KCL=maximum at spec.teeth"],
    );
    assert!(is_right, "{said}");
    let (is_right, said) = trial.report(
        "KCL",
        "kcl.jsonl",
        &["--leaves", "KCL=maximum at spec.other"],
    );
    assert!(!is_right, "{said}");
}

#[test]
fn a_valid_sample_that_is_refused_is_told_with_the_reason() {
    let trial = Trial::new("stricter_gears.yaml");
    trial.judge();
    let (is_right, said) = trial.report("KCL", "kcl.jsonl", &[]);
    assert!(!is_right, "{said}");
    assert!(
        said.contains("valid, yet refused: check failed: teeth: from 3 to 5"),
        "{said}"
    );
}

#[test]
fn a_sample_without_a_verdict_is_told() {
    let trial = Trial::new("gears.yaml");
    trial.judge();
    let path = trial.path("kcl.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.split_once('\n').unwrap().1).unwrap();
    let (is_right, said) = trial.report("KCL", "kcl.jsonl", &[]);
    assert!(!is_right, "{said}");
    assert!(
        said.contains("gears.example.org/v1/0-minimal: KCL has no verdict of it"),
        "{said}"
    );
}

#[test]
fn files_that_are_none_of_ours_are_named_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("samples.jsonl");
    std::fs::write(&path, "{\"id\": 1}\n").unwrap();
    let said = refused(&path);
    assert!(said.contains("samples.jsonl:1:"), "{said}");
    assert!(said.contains("not a line that belongs here"), "{said}");
    let said = refused(&folder.path().join("absent.jsonl"));
    assert!(said.contains("absent.jsonl cannot be read"), "{said}");
}

fn refused(samples: &Path) -> String {
    let output = Command::new(binary("model-check"))
        .args([
            "jsonschema",
            "--models",
            ".",
            "--out",
            "/dev/null",
            "--samples",
        ])
        .arg(samples)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    String::from_utf8_lossy(&output.stderr).into_owned()
}
