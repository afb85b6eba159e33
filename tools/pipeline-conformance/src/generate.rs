//! Pipelines drawn from a seed: every target and meta kind, readiness, names,
//! namespaces, observed state, deletions, requirements, context.

mod kcl;
mod resources;

use serde_json::{Value, json};

use crate::Draw;
use kcl::program;
use resources::{observed, required};

/// The files of a render, and the flags beside those that name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Name and text of each file. `xr.yaml` and `composition.yaml` are always there.
    pub files: Vec<(&'static str, String)>,
    /// Further flags.
    pub flags: Vec<String>,
}

impl Case {
    /// The command line of a render in the folder of the files.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["xr.yaml".to_owned(), "composition.yaml".to_owned()];
        for (flag, file) in [
            ("-o", "observed.yaml"),
            ("-e", "required.yaml"),
            ("--xrd", "xrd.yaml"),
            ("--function-credentials", "credentials.yaml"),
        ] {
            if self.files.iter().any(|(name, _)| *name == file) {
                arguments.extend([flag.to_owned(), file.to_owned()]);
            }
        }
        arguments.extend_from_slice(&self.flags);
        arguments
    }
}

/// What an XR of a case is like; every part of the case must fit it.
#[derive(Debug, Clone)]
struct World {
    scope: Scope,
    uid: &'static str,
    name: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Namespaced,
    Cluster,
    Legacy,
}

const UID: &str = "7d3f1c80-0a52-4c1e-9a55-1f6a2f0f9b01";
const NAMESPACE: &str = "field";
const API_VERSION: &str = "garden.example.org/v1";
const KIND: &str = "Orchard";

impl World {
    fn draw(draw: &mut Draw) -> Self {
        Self {
            scope: *draw.one(&[
                Scope::Namespaced,
                Scope::Namespaced,
                Scope::Namespaced,
                Scope::Cluster,
                Scope::Legacy,
            ]),
            uid: if draw.chance(50) { UID } else { "" },
            name: draw.one::<&str>(&[
                "pear",
                "pear",
                "quince.old",
                "a-very-long-name-that-leaves-little-room-for-anything-else",
            ]),
        }
    }

    fn namespace(&self) -> Option<&'static str> {
        (self.scope == Scope::Namespaced).then_some(NAMESPACE)
    }
}

/// The case of a seed.
pub fn generate(seed: u64) -> Case {
    let mut draw = Draw::new(seed);
    let world = World::draw(&mut draw);
    let mut files = vec![
        ("xr.yaml", yaml(&[composite(&mut draw, &world)])),
        ("composition.yaml", composition(&mut draw, &world)),
    ];
    let mut add = |name, documents: Vec<Value>| {
        if !documents.is_empty() {
            files.push((name, yaml(&documents)));
        }
    };
    add("observed.yaml", observed(&mut draw, &world));
    add("required.yaml", required(&mut draw, &world));
    if world.scope != Scope::Namespaced || draw.chance(40) {
        add("xrd.yaml", vec![definition(&mut draw, &world)]);
    }
    add("credentials.yaml", vec![credentials()]);
    let mut flags: Vec<String> = draw
        .some(&["-x", "-c"], 60)
        .into_iter()
        .map(|flag| (*flag).to_owned())
        .collect();
    if draw.chance(20) {
        flags.extend([
            "--context-values".to_owned(),
            "example.org/seed={a: 1, b: [1.5]}".to_owned(),
        ]);
    }
    Case { files, flags }
}

/// JSON is YAML; one document a line.
fn yaml(documents: &[Value]) -> String {
    let documents = documents
        .iter()
        .map(|document| format!("---\n{document}\n"));
    documents.collect()
}

/// Takes the nulls out of an object's top level and its metadata.
fn without_nulls(mut object: Value) -> Value {
    for pointer in ["", "/metadata", "/spec"] {
        if let Some(Value::Object(map)) = object.pointer_mut(pointer) {
            map.retain(|_, value| !value.is_null());
        }
    }
    object
}

fn text(value: &str) -> Value {
    if value.is_empty() {
        Value::Null
    } else {
        Value::from(value)
    }
}

fn composite(draw: &mut Draw, world: &World) -> Value {
    let machinery = json!({"compositionRef": {"name": draw.one(&["orchard", "other"])}});
    let machinery = if draw.chance(30) {
        machinery
    } else {
        Value::Null
    };
    let mut spec = json!({"rows": 3, "soil": draw.one(&["loam", "yes", "1e3"]), "ph": 6.5, "big": 9_007_199_254_740_993_i64});
    match world.scope {
        Scope::Legacy => {
            spec["compositionRef"] = machinery["compositionRef"].clone();
            if draw.chance(50) {
                spec["claimRef"] = json!({"apiVersion": API_VERSION, "kind": "Grove", "namespace": "ns", "name": "g"});
            }
        }
        _ => spec["crossplane"] = machinery,
    }
    let labels = match draw.below(5) {
        0 => json!({"crossplane.io/composite": "root"}),
        1 => {
            json!({"crossplane.io/claim-name": "g", "crossplane.io/claim-namespace": "ns", "x": "y"})
        }
        _ => Value::Null,
    };
    let annotations = match draw.below(12) {
        0 => json!({"crossplane.io/paused": "true"}),
        1 => json!({"crossplane.io/reconcile-requested-at": "now"}),
        _ => Value::Null,
    };
    without_nulls(json!({
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": world.name,
            "namespace": world.namespace(),
            "uid": text(world.uid),
            "generation": if draw.chance(30) { json!(2) } else { Value::Null },
            "labels": labels,
            "annotations": annotations,
            "deletionTimestamp": if draw.chance(4) { json!("2026-05-01T00:00:00Z") } else { Value::Null },
        },
        "spec": spec,
        "status": if draw.chance(30) { status(draw) } else { Value::Null },
    }))
}

fn status(draw: &mut Draw) -> Value {
    let condition = |name: &str, status: &str, reason: &str| json!({"type": name, "status": status, "reason": reason, "lastTransitionTime": "2026-01-01T00:00:00Z"});
    let known = [
        condition("Responsive", "True", "WatchCircuitClosed"),
        condition("Synced", "True", "ReconcileSuccess"),
        condition("Ready", "False", "Creating"),
        condition("Sunny", "False", "Rain"),
    ];
    let conditions: Vec<Value> = draw.some(&known, 60).into_iter().cloned().collect();
    json!({"count": 1, "deep": {"old": true}, "conditions": conditions})
}

fn definition(draw: &mut Draw, world: &World) -> Value {
    let (version, scope) = match world.scope {
        Scope::Namespaced => ("v2", json!("Namespaced")),
        Scope::Cluster => ("v2", json!("Cluster")),
        Scope::Legacy if draw.chance(50) => ("v1", Value::Null),
        Scope::Legacy => ("v1", json!("LegacyCluster")),
    };
    without_nulls(json!({
        "apiVersion": format!("apiextensions.crossplane.io/{version}"),
        "kind": "CompositeResourceDefinition",
        "metadata": {"name": "orchards.garden.example.org"},
        "spec": {
            "group": "garden.example.org",
            "scope": scope,
            "names": {"kind": KIND, "plural": "orchards"},
            "claimNames": if world.scope == Scope::Legacy { json!({"kind": "Grove", "plural": "groves"}) } else { Value::Null },
            "versions": [{"name": "v1", "served": true, "referenceable": true, "schema": {"openAPIV3Schema": {
                "type": "object",
                "properties": {"spec": {"type": "object", "properties": {
                    "rows": {"type": "integer", "default": 4},
                    "water": {"type": "object", "default": {}, "properties": {"litres": {"type": "number", "default": 1.5}}},
                    "soil": {"type": "string"},
                    "ph": {"type": "number"},
                    "big": {"type": "integer"},
                }}, "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
            }}}],
        },
    }))
}

fn credentials() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "reg", "namespace": "system"},
        "data": {"password": "cEBzcw==", "username": "bWU="},
    })
}

fn composition(draw: &mut Draw, world: &World) -> String {
    let count = 1 + draw.below(4);
    let mut pipeline = Vec::new();
    for index in 0..count {
        let name = format!("step-{index}");
        let is_last = index + 1 == count;
        pipeline.push(if is_last && draw.chance(25) {
            json!({"step": name, "functionRef": {"name": "function-auto-ready"}})
        } else {
            step(draw, world, &name)
        });
    }
    let composition = json!({
        "apiVersion": "apiextensions.crossplane.io/v1",
        "kind": "Composition",
        "metadata": {"name": "orchard"},
        "spec": {
            "compositeTypeRef": {"apiVersion": API_VERSION, "kind": KIND},
            "mode": "Pipeline",
            "pipeline": pipeline,
            "writeConnectionSecretsToNamespace": if draw.chance(15) { json!("secrets") } else { Value::Null },
        },
    });
    yaml(&[without_nulls(composition)])
}

/// How a program is evaluated.
fn config(draw: &mut Draw) -> Value {
    let flags = draw.some(&["sortKeys", "disableNone", "showHidden", "vendor"], 40);
    let flags = flags
        .into_iter()
        .map(|flag| ((*flag).to_owned(), json!(true)));
    let mut config = Value::Object(flags.collect());
    if draw.chance(20) {
        config["arguments"] = json!(["season=late"]);
    }
    config
}

fn step(draw: &mut Draw, world: &World, name: &str) -> Value {
    let target = *draw.one(&[
        "Default",
        "Default",
        "Default",
        "Default",
        "",
        "Resources",
        "Resources",
        "PatchDesired",
        "PatchResources",
        "XR",
        "Rubbish",
    ]);
    let bases = json!([
        {"name": "bed", "base": {"apiVersion": "garden.example.org/v1alpha1", "kind": "Bed", "spec": {"rows": 1, "list": [1, 2]}}},
        {"name": "base", "base": {"apiVersion": "garden.example.org/v1alpha1", "kind": "Base", "metadata": {"labels": {"a": "b"}}}},
    ]);
    let spec = json!({
        "target": text(target),
        "source": program(draw, world, target),
        "config": if draw.chance(20) { config(draw) } else { Value::Null },
        "params": if draw.chance(30) { json!({"season": "spring", "nil": null, "n": 1.0}) } else { Value::Null },
        "resources": if target == "PatchResources" { bases } else { Value::Null },
    });
    let requirements = json!({"requiredResources": [
        {"requirementName": "boot", "apiVersion": "store.example.org/v1", "kind": "Shed", "matchLabels": {"color": "red"}},
        {"requirementName": "named", "apiVersion": "store.example.org/v1", "kind": "Shed", "name": draw.one(&["s1", "none"])},
    ]});
    let credentials = json!([{"name": "kcl-registry", "source": "Secret",
        "secretRef": {"namespace": "system", "name": draw.one(&["reg", "reg", "reg", "gone"])}}]);
    without_nulls(json!({
        "step": name,
        "functionRef": {"name": "function-kcl"},
        "input": without_nulls(json!({"apiVersion": "krm.kcl.dev/v1alpha1", "kind": "KCLInput", "spec": spec})),
        "requirements": if draw.chance(15) { requirements } else { Value::Null },
        "credentials": if draw.chance(10) { credentials } else { Value::Null },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_case() {
        assert_eq!(generate(7), generate(7));
        assert_ne!(generate(7), generate(8));
    }
}
