//! Programs: lists of items, each of a sort that the target knows what to do with.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{API_VERSION, KIND, World, resources::NAMES};
use crate::Draw;

const META: &str = "meta.krm.kcl.dev/v1alpha1";

/// A program for a target.
pub(super) fn program(draw: &mut Draw, world: &World, target: &str) -> String {
    if draw.chance(3) {
        return draw
            .one(&[
                "items = None\n",
                "_private = 1\n",
                "items = {a = 1}\n",
                "items = [5]\n",
                "assert False, \"no more\"\n",
                "apiVersion = \"v1\"\nkind = \"ConfigMap\"\nmetadata.name = \"whole\"\n",
            ])
            .to_string();
    }
    let mut items: Vec<String> = match target {
        "PatchDesired" | "PatchResources" => patches(draw, target),
        "XR" => vec![kcl(&composite(draw))],
        _ => composed(draw, world),
    };
    if !matches!(
        target,
        "Resources" | "PatchDesired" | "PatchResources" | "XR"
    ) {
        let count = draw.below(4);
        items.extend((0..count).map(|_| special(draw)));
    }
    if draw.chance(8) {
        items.push("None".to_owned());
    }
    shuffle(draw, &mut items);
    format!(
        "_p = option(\"params\")\nitems = [\n    {}\n]\n",
        items.join("\n    ")
    )
}

fn shuffle(draw: &mut Draw, items: &mut [String]) {
    for index in (1..items.len()).rev() {
        items.swap(index, draw.below(index + 1));
    }
}

/// Composed resources, mostly well named.
fn composed(draw: &mut Draw, world: &World) -> Vec<String> {
    let names: Vec<&str> = draw.some(&NAMES, 45).into_iter().copied().collect();
    let mut items: Vec<String> = names
        .into_iter()
        .map(|name| resource(draw, world, name))
        .collect();
    if draw.chance(3) {
        items.push(resource(draw, world, "bed"));
    }
    items
}

fn resource(draw: &mut Draw, world: &World, name: &str) -> String {
    let mut annotations = json!({"krm.kcl.dev/composition-resource-name": name});
    match draw.below(12) {
        0..4 => annotations["krm.kcl.dev/ready"] = json!("True"),
        4 | 5 => annotations["krm.kcl.dev/ready"] = json!("False"),
        6 => annotations["krm.kcl.dev/ready"] = json!("Unspecified"),
        7 => annotations["a.b/c"] = json!("x: y"),
        _ => {}
    }
    let mut metadata = json!({"annotations": annotations});
    match draw.below(17) {
        0 => metadata["name"] = json!(format!("named-{}", name.to_lowercase())),
        1 => metadata["generateName"] = json!("gen-"),
        2 => metadata["labels"] = json!({"a": "1", "b.c/d": "two"}),
        3 => metadata["namespace"] = json!("elsewhere"),
        4 => metadata["labels"] = json!({"a": 1}),
        5 => metadata["uid"] = json!("given"),
        6 if draw.chance(20) => metadata["name"] = json!("Not_Valid"),
        7 => {
            metadata["ownerReferences"] =
                json!([{"apiVersion": "v1", "kind": "ConfigMap", "name": "cm", "uid": "u-1"}])
        }
        8 => metadata["labels"] = json!({"a": null, "b": "2"}),
        9 => metadata["annotations"]["c"] = Value::Null,
        10 => metadata["annotations"]["config.kubernetes.io/index"] = json!("4"),
        _ => {}
    }
    if world.namespace().is_none() && draw.chance(40) {
        metadata["namespace"] = json!(draw.one(&["deep", "shallow"]));
    }
    let kinds = [
        ("garden.example.org/v1alpha1", "Bed"),
        ("garden.example.org/v1alpha1", "Fence"),
        ("v1", "ConfigMap"),
        ("apples.example.org/v1", "Zinnia"),
    ];
    let (api_version, kind) = *draw.one(&kinds);
    let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": values(draw, 3)});
    if draw.chance(8) {
        object["status"] = json!({"conditions": [{"type": "Ready", "status": "True", "reason": "R", "lastTransitionTime": "2026-01-01T00:00:00Z"}]});
    }
    let mut text = kcl(&object);
    if draw.chance(35) {
        let expression = draw.one(&[
            "_p.oxr.spec.rows",
            "_p.oxr.metadata.labels",
            "_p.ocds",
            "_p.dcds",
            "_p.ctx",
            "_p.requiredResources",
            "_p.extraResources",
            "_p.dxr",
            "_p.oxr?.status?.count",
            "_p?.season",
            "typeof(_p.oxr.spec.big)",
            "str(_p.oxr.spec.ph)",
        ]);
        text.truncate(text.len() - 1);
        let _ = write!(text, ", data = {{seen = {expression}}}}}");
    }
    text
}

/// Something nested.
fn values(draw: &mut Draw, depth: usize) -> Value {
    let mut object = json!({});
    let keys = [
        "rows", "on", "y", "a.b/c", "1", "list", "deep", "text", "nil", "ü",
    ];
    for key in draw.some(&keys, 35) {
        object[*key] = value(draw, depth);
    }
    object
}

fn value(draw: &mut Draw, depth: usize) -> Value {
    match draw.below(if depth == 0 { 7 } else { 10 }) {
        0 => json!(draw.below(1000)),
        1 => json!(-1.5),
        2 => json!(1e21),
        3 => Value::Null,
        4 => json!(draw.chance(50)),
        5 => json!(draw.one(&[
            "",
            "yes",
            "a: b",
            "two\nlines\n",
            " x ",
            "'",
            "1_000",
            "2024-01-01",
            "é🦀",
            "\t"
        ])),
        6 => json!("word ".repeat(1 + draw.below(40)).trim_end()),
        7 => values(draw, depth - 1),
        8 => json!([value(draw, depth - 1), value(draw, depth - 1)]),
        _ => json!([]),
    }
}

fn composite(draw: &mut Draw) -> Value {
    let mut object = json!({"apiVersion": API_VERSION, "kind": KIND});
    if draw.chance(92) {
        object["status"] = values(draw, 3);
    }
    if draw.chance(15) {
        object["status"]["conditions"] = json!([{"type": "Watered", "status": "True", "reason": "Rain", "lastTransitionTime": "2026-01-01T00:00:00Z"}]);
    }
    object
}

fn patches(draw: &mut Draw, target: &str) -> Vec<String> {
    let names: &[&str] = if target == "PatchResources" {
        &["bed", "base", "bed"]
    } else {
        &["bed", "fence"]
    };
    let mut items = Vec::new();
    for name in draw.some(names, 50) {
        let mut patch = json!({
            "metadata": {"annotations": {"krm.kcl.dev/composition-resource-name": name}},
            "spec": {"rows": draw.below(9), "list": ["x"]},
        });
        match draw.below(6) {
            0 => patch["metadata"]["annotations"]["krm.kcl.dev/ready"] = json!("True"),
            1 => patch["metadata"]["labels"] = json!({"p.q/r": "s"}),
            2 => patch["spec"]["nil"] = Value::Null,
            3 => patch["spec"]["rows"] = json!({"deep": 1}),
            4 => patch["spec"]["a.b"] = json!(1),
            _ => {}
        }
        items.push(kcl(&patch));
    }
    items
}

/// The XR's status, or a meta object.
fn special(draw: &mut Draw) -> String {
    let meta = |kind: &str, field: &str, value: Value| {
        kcl(&json!({"apiVersion": META, "kind": kind, field: value}))
    };
    match draw.below(9) {
        0..3 => kcl(&composite(draw)),
        3 => meta(
            "CompositeConnectionDetails",
            "data",
            json!({"user": "cm9vdA==", "bad": "%%%"}),
        ),
        4 => meta("Conditions", "conditions", conditions(draw)),
        5 => meta("Events", "events", events(draw)),
        6 => meta("Context", "data", values(draw, 2)),
        7 => requirements(draw),
        _ if draw.chance(8) => meta("Weather", "data", json!({})),
        _ => meta("Context", "data", json!({"example.org/key": {"v": 1.5}})),
    }
}

fn conditions(draw: &mut Draw) -> Value {
    let mut entries = Vec::new();
    for name in draw.some(&["Sunny", "Rainy", "Sunny", "Windy", "Responsive"], 50) {
        let mut condition = json!({"type": name, "status": draw.one(&["True", "False", "Unknown", "odd"]), "reason": "Because"});
        if draw.chance(50) {
            condition["message"] = json!("so it is");
        }
        let mut entry = json!({"condition": condition});
        if draw.chance(40) {
            entry["target"] = json!(draw.one(&["Composite", "CompositeAndClaim"]));
        }
        if draw.chance(30) {
            entry["force"] = json!(true);
        }
        entries.push(entry);
    }
    if draw.chance(4) {
        entries.push(json!({"condition": {"type": "Ready", "status": "True", "reason": "X"}}));
    }
    Value::Array(entries)
}

fn events(draw: &mut Draw) -> Value {
    let mut entries = Vec::new();
    for message in draw.some(&["one", "two", "three"], 60) {
        let mut event = json!({"message": message});
        match draw.below(8) {
            0 => event["type"] = json!("Warning"),
            1 => event["reason"] = json!("Told"),
            2 if draw.chance(20) => event["type"] = json!("Alarm"),
            _ => {}
        }
        let mut entry = json!({"event": event});
        if draw.chance(40) {
            entry["target"] = json!("CompositeAndClaim");
        }
        entries.push(entry);
    }
    Value::Array(entries)
}

fn requirements(draw: &mut Draw) -> String {
    let shed =
        |rest: &str| format!("{{apiVersion = \"store.example.org/v1\", kind = \"Shed\"{rest}}}");
    let (kind, name, namespace) = if draw.chance(50) {
        ("RequiredResources", "name", "namespace")
    } else {
        ("ExtraResources", "matchName", "matchNamespace")
    };
    let rest = match draw.below(7) {
        0 => format!(", {name} = \"s1\""),
        1 => format!(", {name} = \"none\""),
        2 => ", matchLabels = {color = \"red\"}".to_owned(),
        3 => String::new(),
        4 => format!(", {name} = \"in-a\", {namespace} = \"a\""),
        // What it asks for next depends on what it has, or never settles.
        5 => format!(", {name} = \"s2\" if _p.requiredResources or _p.extraResources else \"s1\""),
        _ => format!(
            ", {name} = \"s\" + str(len(str(_p.requiredResources) + str(_p.ctx)) % 7 + len(str(_p.extraResources)))"
        ),
    };
    let key = draw.one(&["a", "a", "b"]);
    format!(
        "{{apiVersion = \"{META}\", kind = \"{kind}\", requirements = {{{key} = {}}}}}",
        shed(&rest)
    )
}

/// A value as KCL writes it.
fn kcl(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        // A dollar sign would begin an interpolation.
        Value::String(_) => value.to_string(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(kcl).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(object) => {
            let entries = object
                .iter()
                .map(|(key, value)| format!("{} = {}", Value::from(key.as_str()), kcl(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}
