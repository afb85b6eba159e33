//! The command as people call it.
#![allow(clippy::unwrap_used)]

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Output, Stdio};
use test_report::testing::binary;

const CRDS: &str = "--crds=tests/fixtures/gadgets.yaml";
const MIXED: &str = "tests/fixtures/mixed.yaml";

fn run(arguments: &[&str]) -> Output {
    run_with(arguments, "")
}

fn run_with(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(binary("resource-validate"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who reads no input closes it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn errors_have_the_servers_words_and_the_fields_place() {
    let output = run(&[CRDS, MIXED]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = printed(&output);
    for expected in [
        "Gadget shop/bad (example.org/v1): strict decoding error: unknown field \"spec.colour\"; did you mean \"color\"?\n  \
         --> tests/fixtures/mixed.yaml:12:3",
        "spec.ports[1]: Duplicate value: {\"name\":\"web\"}\n  --> tests/fixtures/mixed.yaml:15:5",
        "spec.size: Invalid value: 500: spec.size in body should be less than or equal to 100\n  \
         --> tests/fixtures/mixed.yaml:11:3",
        "Gadget shop/unlucky (example.org/v1): spec: Invalid value: thirteen brings bad luck\n  \
         --> tests/fixtures/mixed.yaml:20:1",
        "no CRD given defines the kind ConfigMap of v1",
        "give its schema with --schemas, or leave such kinds out with --skip-builtin",
        "no CRD given defines the kind Gadgt of example.org/v1; did you mean Gadget of example.org?",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in {text}");
    }
    assert!(!text.contains("shop/good"), "{text}");
}

#[test]
fn what_has_no_schema_can_be_skipped_and_is_counted() {
    for (flags, summary) in [
        (
            &["--skip-builtin"][..],
            "1 valid, 3 invalid, 1 skipped, 0 unreadable\n",
        ),
        (
            &["-ignore-missing-schemas"],
            "1 valid, 2 invalid, 2 skipped, 0 unreadable\n",
        ),
        (
            &["-skip", "ConfigMap,example.org/v1/Gadget"],
            "0 valid, 1 invalid, 4 skipped, 0 unreadable\n",
        ),
    ] {
        let output = run(&[&[CRDS, "-summary", MIXED], flags].concat());
        assert!(printed(&output).ends_with(summary), "{}", printed(&output));
    }
}

#[test]
fn json_has_types_fields_details_and_the_object_with_its_defaults() {
    let output = run(&[CRDS, "--format", "json", MIXED]);
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let resources = all["resources"].as_array().unwrap();
    assert_eq!(resources[0]["status"], "valid");
    assert_eq!(
        resources[0]["object"]["spec"],
        json!({"size": 5, "color": "red"})
    );
    let errors: Vec<(&Value, &Value)> = resources[1]["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (&error["type"], &error["field"]))
        .collect();
    for expected in [
        (&json!("UnknownField"), &json!("spec.colour")),
        (&json!("FieldValueDuplicate"), &json!("spec.ports[1]")),
        (
            &json!("FieldValueTypeInvalid"),
            &json!("spec.ports[1].port"),
        ),
        (&json!("FieldValueInvalid"), &json!("spec.size")),
    ] {
        assert!(
            errors.contains(&expected),
            "{expected:?} is not in {errors:?}"
        );
    }
    assert_eq!(
        all["summary"],
        json!({"valid": 1, "invalid": 4, "skipped": 0, "unreadable": 0})
    );
}

#[test]
fn standard_input_is_read_and_defaults_are_printed() {
    let input = "apiVersion: example.org/v1\nkind: Gadget\nmetadata: {name: a}\nspec: {size: 1, other: 2}\n";
    let strict = run_with(&[CRDS, "-"], input);
    assert_eq!(strict.status.code(), Some(1));
    assert!(
        printed(&strict).contains("--> standard input:4:17"),
        "{}",
        printed(&strict)
    );
    let lenient = run_with(&[CRDS, "--lenient", "--output", "defaulted", "-"], input);
    assert_eq!(lenient.status.code(), Some(0), "{}", said(&lenient));
    let expected = "apiVersion: example.org/v1\nkind: Gadget\nmetadata:\n  name: a\nspec:\n  size: 1\n  color: red\n";
    assert_eq!(printed(&lenient).trim_start_matches("---\n"), expected);
}

#[test]
fn a_report_has_a_case_a_resource_and_leaves_the_verdict_to_its_reader() {
    let folder = tempfile::tempdir().unwrap();
    let (report, junit) = (
        folder.path().join("report.json"),
        folder.path().join("junit.xml"),
    );
    let arguments = [
        CRDS,
        MIXED,
        "--report",
        report.to_str().unwrap(),
        "--junit",
        junit.to_str().unwrap(),
    ];
    assert_eq!(run(&arguments).status.code(), Some(0));
    let text = std::fs::read_to_string(report).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    let statuses: Vec<&Value> = report["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| &case["status"])
        .collect();
    assert_eq!(statuses, ["passed", "failed", "failed", "failed", "failed"]);
    assert!(
        std::fs::read_to_string(junit)
            .unwrap()
            .contains("thirteen brings bad luck")
    );
}

#[test]
fn the_order_does_not_depend_on_the_number_of_workers() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..40 {
        let text = format!(
            "apiVersion: example.org/v1\nkind: Gadget\nmetadata: {{name: g{number}}}\nspec: {{size: {number}}}\n"
        );
        std::fs::write(folder.path().join(format!("{number:02}.yaml")), text).unwrap();
    }
    let path = folder.path().to_str().unwrap();
    let one = printed(&run(&[CRDS, "-n", "1", "--verbose", path]));
    assert_eq!(one, printed(&run(&[CRDS, "-n", "7", "--verbose", path])));
    assert_eq!(one.matches("valid: Gadget g").count(), 38);
}

#[test]
fn what_cannot_be_read_is_told_beside_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("a.yaml", &b"a: [1"[..]),
        ("b.yaml", b"- not\n- a resource\n"),
        ("c.yaml", b"apiVersion: example.org/v1\nkind: Gadget\nmetadata: {name: c}\nspec: {size: 1}\nspec: {size: 2}\n"),
        ("d.yaml", b"\xff\xfe"),
        ("e.yaml", b"apiVersion: example.org/v1\nkind: Gadget\nmetadata: {name: e}\nspec: {size: 1}\n"),
    ] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let output = run(&[CRDS, "--summary", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3));
    let text = printed(&output);
    for expected in [
        "a.yaml:1:",
        "this document is no resource: it is a list, not a map",
        "c.yaml:5:1",
        "d.yaml",
        "it is no UTF-8 from byte 0 on",
        "1 valid, 0 invalid, 0 skipped, 4 unreadable",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in {text}");
    }
}

#[test]
fn wrong_usage_and_wrong_crds_are_refused() {
    assert_eq!(run(&[MIXED]).status.code(), Some(2));
    let output = run(&["--crds", MIXED, MIXED]);
    assert_eq!(output.status.code(), Some(3));
    assert!(said(&output).contains("mixed.yaml"), "{}", said(&output));
}

const UPDATES: [&str; 4] = [
    "--crds=tests/fixtures/updates/crds.yaml",
    "--old",
    "tests/fixtures/updates/old.yaml",
    "tests/fixtures/updates/new.yaml",
];

#[test]
fn an_update_is_judged_by_what_changed() {
    let output = run(&[&UPDATES[..], &["--summary"]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = printed(&output);
    for expected in [
        "Plan p (example.org/v1): spec.class: Invalid value: \"silver\": class is immutable\n  \
         --> tests/fixtures/updates/new.yaml:6:3",
        "Plan q (example.org/v1): spec.size: Invalid value: 11",
        "0 valid, 2 invalid",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in {text}");
    }
    assert!(
        !text.contains("Plan p (example.org/v1): spec.size"),
        "{text}"
    );
}

#[test]
fn a_status_is_judged_alone() {
    let output = run(&[
        &UPDATES[..],
        &["--subresource", "status", "--format", "json"],
    ]
    .concat());
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let statuses: Vec<&Value> = all["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["status"])
        .collect();
    assert_eq!(statuses, ["invalid", "valid"]);
    assert_eq!(all["resources"][0]["errors"][1]["field"], "status.phase");
}

#[test]
fn the_stored_object_of_an_update_has_no_made_up_version() {
    let input =
        "apiVersion: example.org/v1\nkind: Plan\nmetadata: {name: p}\nspec: {class: gold}\n";
    let output = run_with(
        &[
            UPDATES[0],
            UPDATES[1],
            UPDATES[2],
            "--output",
            "defaulted",
            "-",
        ],
        input,
    );
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let expected = "apiVersion: example.org/v1\nkind: Plan\nmetadata:\n  name: p\n  namespace: default\n  generation: 1\nspec:\n  class: gold\n";
    assert_eq!(printed(&output).trim_start_matches("---\n"), expected);
}

#[test]
fn crds_are_judged_themselves() {
    let output = run(&[
        "--check-crds",
        "--summary",
        "tests/fixtures/broken-crd.yaml",
        "tests/fixtures/gadgets.yaml",
        MIXED,
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = printed(&output);
    for expected in [
        "CustomResourceDefinition pots.example.org (apiextensions.k8s.io/v1): \
         spec.validation.openAPIV3Schema.properties[spec].properties[tags].items: Required value: must be specified\n  \
         --> tests/fixtures/broken-crd.yaml:20:15",
        "1 valid, 1 invalid, 5 skipped, 0 unreadable",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in {text}");
    }
}

#[test]
fn it_is_told_what_the_rules_of_a_crd_may_cost() {
    let crd = "tests/fixtures/costly-crd.yaml";
    let field = "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule";
    let output = run(&["--check-crds", "--rule-costs", crd]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = printed(&output);
    let refused =
        format!("{field}: Forbidden: estimated rule cost exceeds budget by factor of 1.258300x (");
    assert!(text.contains(&refused), "{text}");
    assert!(
        text.ends_with(&format!("\n    12583003  {field}\n")),
        "{text}"
    );
    let output = run(&["--check-crds", "--rule-costs", "--format=json", crd]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let costs = json!([{"field": field, "cost": 12_583_003}]);
    assert_eq!(found["resources"][0]["ruleCosts"], costs);
    let output = run(&["--rule-costs", CRDS, crd]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}

#[test]
fn kinds_of_kubernetes_are_judged_by_their_schemas() {
    let input = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 'system:a', creationTimestamp: null}\ndata: {a: b}\n---\n\
                 apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {a: 5}\nimutable: true\n---\n\
                 apiVersion: v1\nkind: ConfigMapp\nmetadata: {name: c}\n---\n\
                 apiVersion: example.org/v1\nkind: Gadget\nmetadata: {name: d}\nspec: {size: 1}\n";
    let schemas = "--schemas=tests/fixtures/types.json";
    let output = run_with(&[CRDS, schemas, "--summary", "-"], input);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = printed(&output);
    for expected in [
        "ConfigMap b (v1): data.a: Invalid value: \"integer\": data.a in body must be of type string: \"integer\"\n  --> standard input:9:8",
        "ConfigMap b (v1): strict decoding error: unknown field \"imutable\"; did you mean \"immutable\"?",
        "no CRD given defines the kind ConfigMapp of v1; did you mean ConfigMap?",
        "2 valid, 2 invalid, 0 skipped",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in {text}");
    }
}

/// What nobody should send ends soon, and with words.
#[test]
fn hostile_files_are_refused_in_little_time_and_memory() {
    let folder = tempfile::tempdir().unwrap();
    let gadget = "apiVersion: example.org/v1\nkind: Gadget\nmetadata: {name: a}\nspec: ";
    let bomb: String = (1..12)
        .map(|i| {
            format!(
                "a{i}: &a{i} [{}]\n",
                vec![format!("*a{}", i - 1); 10].join(", ")
            )
        })
        .collect();
    for (name, text, words) in [
        (
            "deep.yaml",
            format!("{gadget}{}", "[".repeat(10_000)),
            "recursion limit exceeded",
        ),
        (
            "deep.json",
            format!("{{\"apiVersion\": {}", "[".repeat(10_000)),
            "recursion limit exceeded",
        ),
        (
            "block.yaml",
            (0..10_000)
                .map(|i| format!("{}a:\n", " ".repeat(i)))
                .collect(),
            "nest deeper than 200",
        ),
        (
            "bomb.yaml",
            format!("a0: &a0 x\n{bomb}"),
            "aliases copy more than",
        ),
        ("binary.yaml", "\u{0}\u{1}\u{2}".to_owned(), "binary.yaml"),
        (
            "text.yaml",
            "hello".to_owned(),
            "this document is no resource",
        ),
        (
            "keys.yaml",
            format!("{gadget}{{{}}}", "a: 1, a: 2"),
            "the key \"a\" is already given",
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let start = std::time::Instant::now();
        let output = run(&[CRDS, path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(3), "{name}: {}", said(&output));
        assert!(
            printed(&output).contains(words),
            "{name}: {}",
            printed(&output).chars().take(400).collect::<String>()
        );
        assert!(start.elapsed().as_secs() < 20, "{name}");
    }
}

#[test]
fn a_large_file_is_read_in_parts_with_the_places_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.yaml");
    let mut text = String::new();
    for number in 0..20_000 {
        let size = if number == 19_999 { 101 } else { 7 };
        text += &format!(
            "---\napiVersion: example.org/v1\nkind: Gadget\nmetadata: {{name: g{number}}}\nspec:\n  size: {size}\n"
        );
    }
    std::fs::write(&path, text).unwrap();
    let output = run(&[CRDS, "--summary", path.to_str().unwrap()]);
    let text = printed(&output);
    assert!(text.contains("many.yaml:120000:3\n"), "{text}");
    assert!(
        text.contains("   size: 101")
            && text.ends_with("19999 valid, 1 invalid, 0 skipped, 0 unreadable\n"),
        "{text}"
    );
}

#[test]
fn standard_input_is_read_in_parts_too_and_in_order() {
    let mut text = String::new();
    for number in 0..20_000 {
        let size = if number % 5000 == 4999 { 101 } else { 7 };
        text += &format!(
            "---\napiVersion: example.org/v1\nkind: Gadget\nmetadata: {{name: g{number}}}\nspec: {{size: {size}}}\n"
        );
    }
    text += "---\nx:\n- y\n---\nx: [\n";
    let output = run_with(&[CRDS, "--summary", "-"], &text);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let printed = printed(&output);
    let places: Vec<&str> = printed
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--> standard input:"))
        .collect();
    assert_eq!(
        places,
        ["25000:8", "50000:8", "75000:8", "100005:4"],
        "{printed}"
    );
}

/// Files, a large file and standard input, each with a valid and an invalid resource.
#[test]
fn json_is_one_document_in_the_order_of_the_inputs_however_many_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let gadget = |name: &str, size: usize| {
        format!(
            "{{\"apiVersion\": \"example.org/v1\", \"kind\": \"Gadget\", \"metadata\": {{\"name\": \"{name}\"}}, \"spec\": {{\"size\": {size}}}}}\n"
        )
    };
    let mut expected = Vec::new();
    for number in 0..300 {
        let name = format!("a{number:03}");
        std::fs::write(
            folder.path().join(format!("{name}.json")),
            gadget(&name, number),
        )
        .unwrap();
        expected.push(name);
    }
    let large: String = (0..20_000)
        .map(|number| format!("---\n{}", gadget(&format!("b{number}"), 7)))
        .collect();
    std::fs::write(folder.path().join("b.yaml"), large).unwrap();
    expected.extend((0..20_000).map(|number| format!("b{number}")));
    expected.push("c".to_owned());
    let folder = folder.path().to_str().unwrap();
    let output = run_with(&[CRDS, "--format", "json", folder, "-"], &gadget("c", 1));
    let printed = printed(&output);
    let all: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(printed, format!("{all:#}\n"));
    let resources = all["resources"].as_array().unwrap();
    let names: Vec<&str> = resources
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(names, expected);
    assert_eq!(
        all["summary"],
        json!({"valid": 20_100, "invalid": 201, "skipped": 0, "unreadable": 0})
    );
    let nothing = run_with(&[CRDS, "--format", "json", "-"], "");
    let all: Value = serde_json::from_slice(&nothing.stdout).unwrap();
    assert_eq!(
        String::from_utf8(nothing.stdout).unwrap(),
        format!("{all:#}\n")
    );
    assert_eq!(all["resources"], json!([]));
}
