//! allOf, anyOf, oneOf and not: their parts only bound what the structure declares.

use super::{add_bounds, add_choices, type_name};
use kube_schema::{Additional, Schema, Type};
use serde_json::{Map, Value as Json, json};

/// The combinators of a schema of the structure.
pub(super) fn conditions(schema: &Schema) -> Map<String, Json> {
    let mut out = Map::new();
    add(&mut out, schema, schema);
    out
}

/// What `part` combines, of a value whose structure is `structure`.
fn add(out: &mut Map<String, Json>, part: &Schema, structure: &Schema) {
    for (name, parts) in [
        ("allOf", &part.all_of),
        ("anyOf", &part.any_of),
        ("oneOf", &part.one_of),
    ] {
        let is_said = parts.is_empty() || is_int_or_string(part, structure);
        if !is_said {
            let parts: Vec<Json> = parts.iter().map(|part| partial(part, structure)).collect();
            out.insert(name.to_owned(), Json::Array(parts));
        }
    }
    if let Some(not) = &part.not {
        out.insert("not".to_owned(), partial(not, structure));
    }
}

/// `anyOf: [{type: integer}, {type: string}]`, which the type says already, alone
/// or as the part of an allOf.
fn is_int_or_string(part: &Schema, structure: &Schema) -> bool {
    let types: Vec<Option<Type>> = part.any_of.iter().map(|part| part.value_type).collect();
    structure.int_or_string && types == [Some(Type::Integer), Some(Type::String)]
}

fn partial(part: &Schema, structure: &Schema) -> Json {
    let nothing = Schema::default();
    let mut out = Map::new();
    if let Some(value_type) = part.value_type {
        out.insert("type".to_owned(), json!(type_name(value_type)));
    }
    add_children(&mut out, part, structure, &nothing);
    // What the API server fills in is always there.
    let is_filled_in = |name: &&String| {
        let property = structure.properties.get(*name);
        property.is_some_and(|property| property.default.is_some())
    };
    let required: Vec<&String> = part
        .required
        .iter()
        .filter(|name| !is_filled_in(name))
        .collect();
    if !required.is_empty() {
        out.insert("required".to_owned(), json!(required));
    }
    add_choices(&mut out, part, false);
    let more = add_bounds(&mut out, part);
    add(&mut out, part, structure);
    if !more.is_empty() {
        let all = out.entry("allOf").or_insert_with(|| json!([]));
        if let Json::Array(all) = all {
            all.extend(more);
        }
    }
    Json::Object(out)
}

fn add_children(out: &mut Map<String, Json>, part: &Schema, structure: &Schema, nothing: &Schema) {
    if !part.properties.is_empty() {
        let properties: Map<String, Json> = part
            .properties
            .iter()
            .map(|(name, property)| {
                let below = structure.properties.get(name).unwrap_or(nothing);
                (name.clone(), partial(property, below))
            })
            .collect();
        out.insert("properties".to_owned(), Json::Object(properties));
    }
    if let Some(items) = &part.items {
        let below = structure.items.as_deref().unwrap_or(nothing);
        out.insert("items".to_owned(), partial(items, below));
    }
    if let Some(Additional::Schema(values)) = &part.additional_properties {
        let below = match &structure.additional_properties {
            Some(Additional::Schema(below)) => below,
            _ => nothing,
        };
        out.insert("additionalProperties".to_owned(), partial(values, below));
    }
}
