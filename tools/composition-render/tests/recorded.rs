//! 97 renders that the real tools printed (crossplane CLI 2.5.0 with core 2.4.0
//! and function-kcl at e3ea47d, August 2026), each with what it shows. Every
//! byte of stdout, the exit status, the message and the deletions must be theirs.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use pipeline_conformance::compare;
use regex::Regex;
use resource_graph::yaml;
use serde_json::Value;
use test_report::testing::{binary, libkcl};

/// How many renders were recorded.
const RECORDED: usize = 97;

/// One recorded render.
struct Render {
    name: String,
    folder: tempfile::TempDir,
    arguments: Vec<String>,
    normalise: Vec<Regex>,
    exit: i32,
    stdout: String,
    stderr: String,
    says: Vec<String>,
    deleted: Option<Vec<String>>,
}

#[test]
fn every_recorded_render_comes_out_byte_for_byte() {
    let renders: Vec<Render> = cases().iter().flat_map(|path| read(path)).collect();
    let differences: Vec<String> = renders
        .iter()
        .filter_map(|render| Some(format!("{}: {}", render.name, difference(render)?)))
        .collect();
    println!(
        "{} recorded renders, {} differences",
        renders.len(),
        differences.len()
    );
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(renders.len(), RECORDED);
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir("tests/recorded").unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> Vec<Render> {
    let text = fs::read_to_string(path).unwrap();
    let case = yaml::parse(&text).unwrap().remove(0).to_json();
    let name = path.file_stem().unwrap().to_string_lossy();
    let renders = case["renders"].as_array().unwrap().iter().enumerate();
    renders
        .map(|(index, render)| one(&format!("{name}/{index}"), &case, render))
        .collect()
}

fn texts(value: &Value) -> Vec<String> {
    let entries = value.as_array().into_iter().flatten();
    entries
        .map(|entry| entry.as_str().unwrap().to_owned())
        .collect()
}

fn one(name: &str, case: &Value, render: &Value) -> Render {
    let folder = tempfile::tempdir().unwrap();
    let files = [&case["files"], &render["files"]];
    for (file, text) in files.into_iter().filter_map(Value::as_object).flatten() {
        fs::write(folder.path().join(file), text.as_str().unwrap()).unwrap();
    }
    let text = |key: &str| render[key].as_str().unwrap_or_default().to_owned();
    let normalise = texts(&case["normalise"]);
    Render {
        name: name.to_owned(),
        arguments: arguments(folder.path(), &texts(&case["flags"])),
        folder,
        normalise: normalise
            .iter()
            .map(|text| Regex::new(text).unwrap())
            .collect(),
        exit: i32::try_from(render["exit"].as_i64().unwrap()).unwrap(),
        stdout: text("stdout"),
        stderr: text("stderr"),
        says: texts(&render["says"]),
        deleted: render["deleted"]
            .is_array()
            .then(|| texts(&render["deleted"])),
    }
}

/// The command line of the recording.
fn arguments(folder: &Path, flags: &[String]) -> Vec<String> {
    let mut arguments: Vec<String> = ["xr.yaml", "composition.yaml", "-x", "-r"]
        .map(str::to_owned)
        .to_vec();
    for (flag, file) in [
        ("-o", "observed.yaml"),
        ("-e", "required.yaml"),
        ("--xrd", "xrd.yaml"),
    ] {
        if folder.join(file).exists() {
            arguments.extend([flag.to_owned(), file.to_owned()]);
        }
    }
    arguments.extend_from_slice(flags);
    arguments
}

fn run(render: &Render, more: &[&str]) -> Output {
    Command::new(binary("composition-render"))
        .args(&render.arguments)
        .args(more)
        .arg("--libkcl")
        .arg(libkcl())
        .current_dir(render.folder.path())
        .output()
        .unwrap()
}

/// The first difference between a render and its recording.
fn difference(render: &Render) -> Option<String> {
    let output = run(render, &[]);
    let stdout = normalised(render, &String::from_utf8(output.stdout).unwrap());
    let stderr = String::from_utf8(output.stderr).unwrap();
    if output.status.code() != Some(render.exit) {
        let (want, got) = (render.exit, output.status);
        return Some(format!("exit status: want {want}, got {got}: {stderr}"));
    }
    if render.exit != 0 {
        return failure(render, &stdout, &stderr);
    }
    compare(&render.stdout, &stdout)
        .or_else(|| (render.stdout != stdout).then(|| format!("the layout differs:\n{stdout}")))
        .or_else(|| deletions(render))
}

fn normalised(render: &Render, text: &str) -> String {
    let patterns = render.normalise.iter();
    patterns.fold(text.to_owned(), |text, pattern| {
        pattern.replace_all(&text, "NORMALISED").into_owned()
    })
}

/// A failure prints nothing but the recorded message.
fn failure(render: &Render, stdout: &str, stderr: &str) -> Option<String> {
    if !stdout.is_empty() {
        return Some(format!("stdout: want nothing, got {stdout}"));
    }
    let (want, got) = (own_words(&render.stderr), squeezed(stderr));
    let unsaid = render
        .says
        .iter()
        .find(|text| !got.contains(&squeezed(text)));
    if let Some(unsaid) = unsaid {
        return Some(format!("stderr: want {unsaid:?} in it, got {got:?}"));
    }
    let got = got.strip_prefix("error: ").unwrap_or_default();
    (!got.starts_with(&want)).then(|| format!("stderr: want {want:?}, got {got:?}"))
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Upstream's message without what its two programs put around it.
fn own_words(stderr: &str) -> String {
    let around = Regex::new(
        "^crossplane: error: (cannot render composite resource: crossplane internal render\
         (: pipeline returned fatal| returned error with output): crossplane: error: )?",
    );
    let text = squeezed(stderr);
    let text = around.unwrap().replace(&text, "");
    text.strip_suffix(" : exit status 1")
        .unwrap_or(&text)
        .to_owned()
}

/// What the core deleted, `apiVersion kind namespace name` a line.
fn deletions(render: &Render) -> Option<String> {
    let want = render.deleted.as_ref()?;
    let output = run(render, &["--show-deleted", "--format", "json"]);
    let output: Value = serde_json::from_slice(&output.stdout).unwrap();
    let documents = output["items"].as_array().unwrap();
    let deleted = documents
        .iter()
        .find(|document| document["kind"] == "Deleted")
        .unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let line = |entry: &Value| {
        ["apiVersion", "kind", "namespace", "name"]
            .map(|key| text(&entry[key]))
            .join(" ")
    };
    let mut got: Vec<String> = deleted["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(line)
        .collect();
    got.sort();
    let mut want = want.clone();
    want.sort();
    (want != got).then(|| format!("deleted: want {want:?}, got {got:?}"))
}
