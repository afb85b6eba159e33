//! Many XRs in one go take little memory.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    process::{Command, Stdio},
};

use nix::sys::resource::{UsageWho, getrusage};
use serde_json::{Value, json};
use test_report::testing::binary;

/// Mebibytes that no process may exceed.
const MOST: i64 = 200;

fn composition() -> Value {
    let kind = json!({"apiVersion": "garden.example.org/v1", "kind": "Orchard"});
    json!({
        "apiVersion": "apiextensions.crossplane.io/v1",
        "kind": "Composition",
        "metadata": {"name": "orchard"},
        "spec": {
            "compositeTypeRef": kind,
            "mode": "Pipeline",
            "pipeline": [
                {"step": "ready", "functionRef": {"name": "function-auto-ready"}},
            ],
        },
    })
}

/// An XR with some 60 kB of what it observes.
fn state(number: usize) -> Value {
    let bed = |index: usize| {
        let name = format!("bed-{index}");
        let annotation = json!({"crossplane.io/composition-resource-name": name});
        let rows: Vec<Value> = (0..40)
            .map(|row| json!({"name": format!("row {row}"), "length": row, "plants": ["pear"]}))
            .collect();
        let resource = json!({
            "apiVersion": "garden.example.org/v1alpha1",
            "kind": "Bed",
            "metadata": {"name": format!("pear-{number}-{index}"), "annotations": annotation},
            "spec": {"rows": rows},
        });
        (name, json!({"Resource": resource}))
    };
    json!({
        "oxr": {
            "apiVersion": "garden.example.org/v1",
            "kind": "Orchard",
            "metadata": {"name": format!("pear-{number}")},
        },
        "ocds": (0..30).map(bed).collect::<serde_json::Map<_, _>>(),
    })
}

#[test]
fn the_memory_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    let states: String = (0..150).map(|n| format!("---\n{}\n", state(n))).collect();
    let size = states.len() >> 20;
    assert!(size >= 9, "{size} MiB");
    write("xrs.yaml", states);
    write("composition.yaml", composition().to_string());
    let status = Command::new(binary("composition-render"))
        .args(["xrs.yaml", "composition.yaml"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let most = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss() / 1024;
    println!("{size} MiB of states, {most} MiB at most");
    assert!(most < MOST, "{most} MiB");
}
