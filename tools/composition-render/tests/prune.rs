//! `--prune` finds every step that fails for want of something.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    process::{Command, Output},
};

use serde_json::json;
use test_report::testing::{binary, libkcl};

const XRD: &str = r"
apiVersion: apiextensions.crossplane.io/v2
kind: CompositeResourceDefinition
metadata: {name: orchards.garden.example.org}
spec:
  group: garden.example.org
  names: {kind: Orchard, plural: orchards}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    referenceable: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [rows]
            properties:
              rows: {type: integer}
              soil: {type: string, default: loam}
              trees:
                type: object
                properties:
                  kind: {type: string}
";
const STATE: &str = r#"
oxr:
  apiVersion: garden.example.org/v1
  kind: Orchard
  metadata: {name: pear, namespace: field}
  spec: {rows: 3, soil: clay, trees: {kind: pear}}
ocds:
  bed:
    Resource:
      apiVersion: garden.example.org/v1alpha1
      kind: Bed
      metadata:
        name: pear-bed
        namespace: field
        annotations: {crossplane.io/composition-resource-name: bed}
      status: {plots: [{id: 7}]}
"#;

fn prune(source: &str, flags: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let composition = json!({
        "apiVersion": "apiextensions.crossplane.io/v1",
        "kind": "Composition",
        "metadata": {"name": "orchard"},
        "spec": {
            "compositeTypeRef": {"apiVersion": "garden.example.org/v1", "kind": "Orchard"},
            "mode": "Pipeline",
            "pipeline": [{
                "step": "bed",
                "functionRef": {"name": "function-kcl"},
                "input": {
                    "apiVersion": "krm.kcl.dev/v1alpha1",
                    "kind": "KCLInput",
                    "spec": {"target": "Resources", "source": source},
                },
            }],
        },
    });
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("xrd.yaml", XRD);
    write("state.yaml", STATE);
    write("composition.yaml", &composition.to_string());
    Command::new(binary("composition-render"))
        .args([
            "state.yaml",
            "composition.yaml",
            "--xrd",
            "xrd.yaml",
            "--prune",
        ])
        .arg("--libkcl")
        .arg(libkcl())
        .args(flags)
        .current_dir(folder.path())
        .output()
        .unwrap()
}

/// What failed, one case a line.
fn failed(source: &str) -> Vec<String> {
    let output = prune(source, &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let cases = report["cases"].as_array().unwrap().iter();
    cases
        .filter(|case| case["status"] == "failed")
        .map(|case| case["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_step_that_lets_all_be_missing_passes() {
    // Defaulted, so never missing; required, so never missing.
    let source = "_p = option(\"params\")\n_soil = _p.oxr.spec.soil.upper()\n\
                  _rows = _p.oxr.spec.rows + 1\n_kind = _p.oxr.spec?.trees?.kind or \"none\"\n\
                  items = []\n";
    let output = prune(source, &[]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert_eq!(told, "pruned 8 times\n1 passed, 0 failed, 0 skipped\n");
}

#[test]
fn each_want_is_named() {
    let source = "_p = option(\"params\")\n_kind = _p.oxr.spec.trees.kind.upper()\nitems = []\n";
    assert_eq!(
        failed(source),
        [
            "pear in state.yaml without the XR's spec.trees",
            "pear in state.yaml without the XR's spec.trees.kind",
        ]
    );
    let source = "_bed = option(\"params\").ocds.bed.Resource\n\
                  _id = _bed.status.plots[0].id + 1\nitems = []\n";
    assert_eq!(
        failed(source),
        [
            "pear in state.yaml without the observed Bed pear-bed",
            "pear in state.yaml without status of the observed Bed pear-bed",
            "pear in state.yaml without status.plots of the observed Bed pear-bed",
            "pear in state.yaml without status.plots[0] of the observed Bed pear-bed",
            "pear in state.yaml without status.plots[0].id of the observed Bed pear-bed",
        ]
    );
}

#[test]
fn a_failure_has_its_place() {
    let source = "items = [option(\"params\").ocds.bed.Resource.status.plots[0]]\n";
    let output = prune(source, &[]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("prog.k:1"), "{told}");
    assert!(told.contains("--> composition.yaml:1:"), "{told}");
}
