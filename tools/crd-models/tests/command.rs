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
fn a_bad_file_behind_good_ones_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let crds = folder.path().join("crds");
    std::fs::create_dir(&crds).unwrap();
    std::fs::copy("tests/fixtures/widget.yaml", crds.join("a.yaml")).unwrap();
    std::fs::write(crds.join("b.yaml"), "kind: [").unwrap();
    let out = |name: &str| folder.path().join("out").join(name).display().to_string();
    let output = run(&[
        "--crds",
        crds.to_str().unwrap(),
        "--package",
        "p",
        "--kcl",
        &out("kcl"),
        "--python",
        &out("deep/python"),
        "--jsonschema",
        &out("jsonschema"),
    ]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let left = std::fs::read_dir(folder.path()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["crds"]);
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
            "notChecked": [
                with("metadata.name", serde_json::json!({"constraint": "required, or generateName"})),
                with("word", serde_json::json!({"constraint": "pattern \\bx"})),
            ],
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
fn types_have_one_source() {
    let output = run(&["--package", "p", "--kcl", "out"]);
    assert_eq!(output.status.code(), Some(2));
    let both = ["--crds", "a", "--openapi", "b", "--package", "p"];
    let output = run(&both);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("cannot be used with"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_root_that_no_type_has_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let kcl = folder.path().join("kcl").display().to_string();
    let types = "tests/fixtures/types/garden.json";
    let output = run(&[
        "--jsonschema-in",
        types,
        "--package",
        "garden",
        "--root",
        "org.exmaple",
        "--kcl",
        &kcl,
    ]);
    assert_eq!(output.status.code(), Some(3));
    let said = said(&output);
    assert!(
        said.contains("no type's name begins with org.exmaple"),
        "{said}"
    );
    assert!(said.contains("org.example.garden.v1.Branch"), "{said}");
}

#[test]
fn types_without_an_object_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("types.json");
    std::fs::write(&file, r#"{"$defs": {"a.Text": {"type": "string"}}}"#).unwrap();
    let (file, kcl) = (file.display().to_string(), folder.path().join("kcl"));
    let kcl = kcl.display().to_string();
    let output = run(&["--jsonschema-in", &file, "--package", "a", "--kcl", &kcl]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        said(&output).contains("no type is an object"),
        "{}",
        said(&output)
    );
}

#[test]
fn kubernetes_own_metadata_is_checked_in_a_package_of_types() {
    let folder = tempfile::tempdir().unwrap();
    let k8s = folder.path().join("k8s").display().to_string();
    let types = "tests/fixtures/types/k8s.json";
    let output = run(&[
        "--jsonschema-in",
        types,
        "--package",
        "k8s",
        "--root",
        "io.k8s",
        "--kcl",
        &k8s,
        "--kcl-lean",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let files = tree(Path::new(&k8s));
    assert!(files["kcl.mod"].contains("name = \"k8s\""));
    let meta = &files["apimachinery/pkg/apis/meta/v1/object_meta.k"];
    assert!(
        meta.contains("labels: keys must be qualified names"),
        "{meta}"
    );
    let apps = &files["api/apps/v1/v1.k"];
    assert!(apps.contains("metadata?: _meta_v1.ObjectMeta"), "{apps}");
    assert!(
        apps.contains("kind: \"Deployment\" = \"Deployment\""),
        "{apps}"
    );
}

/// A CRD with these properties, in YAML.
fn crd(group: &str, kind: &str, fields: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
         metadata: {{name: {plural}.{group}}}\nspec:\n  group: {group}\n  scope: Namespaced\n  \
         names: {{kind: {kind}, plural: {plural}}}\n  versions:\n  - name: v1\n    served: true\n    \
         storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        \
         properties:\n{fields}",
        plural = format!("{}s", kind.to_lowercase()),
    )
}

fn object(name: &str, indent: usize, inside: &str) -> String {
    let margin = " ".repeat(indent);
    format!("{margin}{name}:\n{margin}  type: object\n{margin}  properties:\n{inside}")
}

fn text(name: &str, indent: usize) -> String {
    format!("{:indent$}{name}: {{type: string}}\n", "")
}

#[test]
fn classes_of_several_kinds_have_names_of_their_own_whatever_file_they_are_in() {
    let folder = tempfile::tempdir().unwrap();
    let spec = |inside: &str| object("spec", 10, inside);
    let crds = [
        (
            "a",
            crd("clash.example.org", "Part", &spec(&text("size", 14))),
        ),
        (
            "b",
            crd("clash.example.org", "PartSpec", &spec(&text("of", 14))),
        ),
        (
            "c",
            crd("calm.example.org", "Part", &spec(&text("size", 14))),
        ),
    ];
    let generate = |names: [&str; 3], out: &str| {
        let crds_folder = folder.path().join(format!("{out}-crds"));
        std::fs::create_dir(&crds_folder).unwrap();
        for ((_, text), name) in crds.iter().zip(names) {
            std::fs::write(crds_folder.join(format!("{name}.yaml")), text).unwrap();
        }
        let out = folder.path().join(out);
        let output = run(&[
            "--package",
            "p",
            "--crds",
            crds_folder.to_str().unwrap(),
            "--python",
            out.to_str().unwrap(),
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        tree(&out)
    };
    let forth = generate(["1", "2", "3"], "forth");
    assert_eq!(forth, generate(["3", "2", "1"], "back"));
    let clash = &forth["p/org/example/clash/v1.py"];
    assert!(clash.contains("\"part\": \"PartSpec2 Part\""), "{clash}");
    assert!(
        clash.contains("\"part_spec\": \"PartSpecSpec PartSpec\""),
        "{clash}"
    );
    let part = &forth["p/org/example/clash/_v1/part.py"];
    assert!(part.contains("class PartSpec2(_r.Closed)"), "{part}");
    let calm = &forth["p/org/example/calm/_v1/part.py"];
    assert!(calm.contains("class PartSpec(_r.Closed)"), "{calm}");
}

#[test]
fn many_crds_take_little_more_memory_than_few() {
    let folder = tempfile::tempdir().unwrap();
    let leaves: String = (0..100).map(|leaf| text(&format!("l{leaf}"), 18)).collect();
    let parts: String = (0..3)
        .map(|part| object(&format!("p{part}"), 14, &leaves))
        .collect();
    let crds = folder.path().join("crds");
    std::fs::create_dir(&crds).unwrap();
    for number in 0..60 {
        let text = crd(
            &format!("g{number}.example.org"),
            "Large",
            &object("spec", 10, &parts),
        );
        std::fs::write(crds.join(format!("{number}.yaml")), text).unwrap();
    }
    let out = |name: &str| folder.path().join(name).display().to_string();
    let mut running = Command::new(binary("crd-models"))
        .args(["--package", "p", "--crds"])
        .arg(&crds)
        .args(["--kcl", &out("kcl"), "--python", &out("python")])
        .args(["--jsonschema", &out("jsonschema")])
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", running.id());
    let mut peak = 0;
    let exit = loop {
        if let Some(exit) = running.try_wait().unwrap() {
            break exit;
        }
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        peak = peak.max(kibibytes(&text).unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(1));
    };
    assert_eq!(exit.code(), Some(0));
    assert_eq!(tree(&folder.path().join("jsonschema")).len(), 60);
    // Kept until all are read, they take 50 MiB.
    assert!((1..30 * 1024).contains(&peak), "{peak} KiB");
}

/// The most memory that a process has taken, of what the system says of it.
fn kibibytes(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
