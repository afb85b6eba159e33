//! What exists: observed composed resources, and others that functions may require.

use serde_json::{Value, json};

use super::{API_VERSION, KIND, NAMESPACE, Scope, World, without_nulls};
use crate::Draw;

/// Names of composed resources, within the composition.
pub(super) const NAMES: [&str; 6] = ["bed", "fence", "pump-10", "pump-2", "Tree", "base"];

/// Observed resources: some of the XR's own, some that are nobody's.
pub(super) fn observed(draw: &mut Draw, world: &World) -> Vec<Value> {
    if draw.chance(40) {
        return Vec::new();
    }
    let names: Vec<&str> = draw
        .some(&["bed", "fence", "pump-2", "gone", "lost"], 50)
        .into_iter()
        .copied()
        .collect();
    names
        .into_iter()
        .map(|name| one(draw, world, name))
        .collect()
}

fn one(draw: &mut Draw, world: &World, name: &str) -> Value {
    let uid = if draw.chance(96) {
        world.uid
    } else {
        "stranger"
    };
    let owner = json!([{
        "apiVersion": API_VERSION, "kind": KIND, "name": world.name, "uid": uid,
        "controller": true, "blockOwnerDeletion": true,
    }]);
    let is_owned = !world.uid.is_empty() && draw.chance(80);
    let namespace = match world.scope {
        Scope::Namespaced if draw.chance(97) => json!(NAMESPACE),
        Scope::Namespaced => json!("elsewhere"),
        _ if draw.chance(50) => json!("deep"),
        _ => Value::Null,
    };
    let status = match draw.below(4) {
        0 => {
            json!({"conditions": [{"type": "Ready", "status": "True", "reason": "Available", "lastTransitionTime": "2026-01-01T00:00:00Z"}]})
        }
        1 => json!({"id": 5, "price": 1.25}),
        _ => Value::Null,
    };
    let kinds = [
        ("garden.example.org/v1alpha1", "Bed"),
        ("garden.example.org/v1alpha1", "Fence"),
        ("v1", "ConfigMap"),
    ];
    let (api_version, kind) = *draw.one(&kinds);
    let secret = json!({"writeConnectionSecretToRef": {"name": "conn", "namespace": "deep"}});
    without_nulls(json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": format!("seen-{}", name.to_lowercase()),
            "namespace": namespace,
            "generateName": if draw.chance(40) { json!("pear-") } else { Value::Null },
            "annotations": {"crossplane.io/composition-resource-name": name, "own": "x"},
            "labels": if draw.chance(60) { json!({"crossplane.io/composite": "pear", "kept": "1"}) } else { Value::Null },
            "ownerReferences": if is_owned { owner } else { Value::Null },
            "uid": if draw.chance(30) { json!(format!("uid-{name}")) } else { Value::Null },
        },
        "spec": if draw.chance(20) { secret } else { json!({"seen": true}) },
        "status": status,
    }))
}

/// Resources that functions may require, and the secrets and claim of others.
pub(super) fn required(draw: &mut Draw, world: &World) -> Vec<Value> {
    let shed = |name: &str, namespace: Value, color: &str| {
        without_nulls(json!({
            "apiVersion": "store.example.org/v1", "kind": "Shed",
            "metadata": {"name": name, "namespace": namespace, "labels": {"color": color}},
            "spec": {"size": 1.5},
        }))
    };
    let mut all = vec![
        shed("s2", Value::Null, "red"),
        shed("s1", Value::Null, "red"),
        shed("s3", Value::Null, "blue"),
        shed("in-a", json!("a"), "red"),
    ];
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "conn", "namespace": world.namespace().unwrap_or("deep")},
        "data": {"password": "cEBzcw==", "empty": ""},
    });
    all.push(secret);
    if world.scope == Scope::Legacy && draw.chance(60) {
        all.push(json!({
            "apiVersion": API_VERSION, "kind": "Grove",
            "metadata": {"name": "g", "namespace": "ns"},
        }));
    }
    all
}
