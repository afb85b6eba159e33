//! Types that refer to one another: all of them in `definitions.json`, and for
//! each kind among them a file that points there, where a kind's file is looked
//! for: `<group>/<kind>_<version>.json`, `core` for the group without a name.

use super::combinators::partial;
use super::{Null, printable, structural};
use crate::analysis::only_kind;
use crate::output::Files;
use kube_schema::{Definitions, GroupVersionKind, Schema};
use serde_json::{Map, Value as Json, json};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The files, by path below the folder.
pub fn definitions(definitions: &Definitions) -> Files {
    let mut files = Files::new();
    let mut types = Map::new();
    for (name, definition) in &definitions.types {
        let schema = structural(&definition.schema, Null::Refused);
        types.insert(name.clone(), Json::Object(schema));
        if let Some(kind) = only_kind(name, &definition.kinds) {
            files.insert(path(&kind), text(&pointer(name, &kind)));
        }
    }
    let document = json!({"$schema": DRAFT, "$defs": types});
    files.insert("definitions.json".to_owned(), text(&document));
    files
}

fn path(kind: &GroupVersionKind) -> String {
    let group = match kind.group.as_str() {
        "" => "core",
        group => group,
    };
    let name = kind.kind.to_lowercase();
    format!("{group}/{name}_{}.json", kind.version)
}

fn pointer(name: &str, kind: &GroupVersionKind) -> Json {
    json!({
        "$schema": DRAFT,
        "title": kind.kind,
        "$ref": format!("../definitions.json{}", reference(name)),
        "required": ["apiVersion", "kind"],
        "properties": {
            "apiVersion": {"const": kind.api_version()},
            "kind": {"const": kind.kind},
        },
    })
}

fn text(document: &Json) -> String {
    // Serializing a value that holds no map with other keys than texts cannot fail.
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    format!("{text}\n")
}

/// How a type is referred to.
pub(super) fn reference(name: &str) -> String {
    format!("#/$defs/{name}")
}

/// A schema that stands for a type, with what is said beside it.
pub(super) fn referring(schema: &Schema, null: Null) -> Map<String, Json> {
    let bounds = partial(schema, &Schema::default());
    let takes_null = null == Null::Dropped || schema.nullable;
    let mut out = match bounds {
        bounds if takes_null => {
            Map::from_iter([("anyOf".to_owned(), json!([bounds, {"type": "null"}]))])
        }
        Json::Object(bounds) => bounds,
        _ => Map::new(),
    };
    let description = printable(&schema.description);
    if !description.is_empty() {
        out.insert("description".to_owned(), json!(description));
    }
    if let Some(default) = &schema.default {
        out.insert("default".to_owned(), default.clone());
    }
    out
}
