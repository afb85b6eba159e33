//! allOf, anyOf, oneOf and not: their parts only bound what the structure declares.

use super::definitions::reference;
use super::{add_all, add_bounds, add_choices, unless_null};
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
    if let Some(names) = &part.property_names {
        let names = partial(names, &Schema::default());
        out.insert("propertyNames".to_owned(), names);
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

/// A schema that bounds a value of the structure.
pub(super) fn partial(part: &Schema, structure: &Schema) -> Json {
    let mut out = Map::new();
    if let Some(name) = &part.reference {
        out.insert("$ref".to_owned(), json!(reference(name)));
    }
    if let Some(value_type) = part.value_type {
        out.insert("type".to_owned(), json!(value_type.as_str()));
    }
    let required = required(part, structure);
    add_children(&mut out, part, structure, &required);
    if !required.is_empty() {
        out.insert("required".to_owned(), json!(required));
    }
    add_choices(&mut out, part, false);
    let more = add_bounds(&mut out, part);
    add(&mut out, part, structure);
    add_all(&mut out, more);
    Json::Object(out)
}

/// What the API server fills in is always there.
fn required<'a>(part: &'a Schema, structure: &Schema) -> Vec<&'a String> {
    let is_filled_in = |name: &&String| {
        let property = structure.properties.get(*name);
        property.is_some_and(|property| property.default.is_some())
    };
    let names = part.required.iter();
    names.filter(|name| !is_filled_in(name)).collect()
}

fn add_children(
    out: &mut Map<String, Json>,
    part: &Schema,
    structure: &Schema,
    required: &[&String],
) {
    let nothing = Schema::default();
    let mut properties: Map<String, Json> = part
        .properties
        .iter()
        .map(|(name, property)| {
            let below = structure.property(name).unwrap_or(&nothing);
            let said = partial(property, below);
            // Of a null that counts as absent nothing is asked.
            let said = if below.nullable {
                said
            } else {
                unless_null(said)
            };
            (name.clone(), said)
        })
        .collect();
    for name in required {
        let below = structure.properties.get(*name);
        if below.is_none_or(|below| below.nullable) {
            continue;
        }
        let there = json!({"not": {"type": "null"}});
        let said = match properties.remove(*name) {
            Some(said) => json!({"allOf": [there, said]}),
            None => there,
        };
        properties.insert((*name).clone(), said);
    }
    if !properties.is_empty() {
        properties.sort_keys();
        out.insert("properties".to_owned(), Json::Object(properties));
    }
    if let Some(items) = &part.items {
        let below = structure.items.as_deref().unwrap_or(&nothing);
        out.insert("items".to_owned(), partial(items, below));
    }
    if let Some(Additional::Schema(values)) = &part.additional_properties {
        let below = match &structure.additional_properties {
            Some(Additional::Schema(below)) => below,
            _ => &nothing,
        };
        let said = unless_null(partial(values, below));
        out.insert("additionalProperties".to_owned(), said);
    }
}
