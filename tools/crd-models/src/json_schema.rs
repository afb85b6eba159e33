//! JSON Schemas (draft 2020-12), `<group>/<kind>_<version>.json`, kind in small
//! letters: strict, so that a misspelt field is an error in an editor.

use crate::output::Files;
use kube_schema::{Additional, Crd, CrdVersion, ListType, Number, Schema, Type};
use serde_json::{Map, Value as Json, json};

/// The files, by path below the folder.
pub fn files(crds: &[Crd]) -> Files {
    let mut files = Files::new();
    for crd in crds {
        for version in &crd.versions {
            let kind = crd.names.kind.to_lowercase();
            let path = format!("{}/{kind}_{}.json", crd.group, version.name);
            // Serializing a value that holds no map with other keys than texts cannot fail.
            let text = serde_json::to_string_pretty(&resource(crd, version)).unwrap_or_default();
            files.insert(path, format!("{text}\n"));
        }
    }
    files
}

fn resource(crd: &Crd, version: &CrdVersion) -> Json {
    let schema = &version.schema;
    let mut out = Map::new();
    out.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    out.insert("title".to_owned(), json!(crd.names.kind));
    out.extend(structural(schema));
    out.insert("type".to_owned(), json!("object"));
    let mut properties = match out.remove("properties") {
        Some(Json::Object(properties)) => properties,
        _ => Map::new(),
    };
    let api_version = format!("{}/{}", crd.group, version.name);
    properties.insert(
        "apiVersion".to_owned(),
        json!({"type": "string", "const": api_version}),
    );
    properties.insert(
        "kind".to_owned(),
        json!({"type": "string", "const": crd.names.kind}),
    );
    properties.insert("metadata".to_owned(), metadata(schema));
    properties.sort_keys();
    out.insert("properties".to_owned(), Json::Object(properties));
    out.insert(
        "required".to_owned(),
        json!(required(schema, &["apiVersion", "kind"])),
    );
    if !schema.preserve_unknown {
        out.insert("additionalProperties".to_owned(), json!(false));
    }
    Json::Object(out)
}

/// Metadata has fields that no CRD lists; of those that it may limit there are two.
fn metadata(schema: &Schema) -> Json {
    let limited = schema
        .properties
        .get("metadata")
        .map(|metadata| &metadata.properties);
    let limits = limited
        .into_iter()
        .flatten()
        .filter(|(name, _)| matches!(name.as_str(), "name" | "generateName"));
    let properties: Map<String, Json> = limits
        .map(|(name, limit)| (name.clone(), Json::Object(structural(limit))))
        .collect();
    if properties.is_empty() {
        return json!({"type": "object"});
    }
    json!({"type": "object", "properties": properties})
}

/// A schema of the structure, where unknown fields have a say.
fn structural(schema: &Schema) -> Map<String, Json> {
    let mut out = Map::new();
    add_type(&mut out, schema);
    add_description(&mut out, schema);
    if !schema.properties.is_empty() {
        let properties: Map<String, Json> = schema
            .properties
            .iter()
            .map(|(name, field)| (name.clone(), Json::Object(structural(field))))
            .collect();
        out.insert("properties".to_owned(), Json::Object(properties));
    }
    if let Some(items) = &schema.items {
        out.insert("items".to_owned(), Json::Object(structural(items)));
    }
    match &schema.additional_properties {
        Some(Additional::Schema(values)) => {
            out.insert(
                "additionalProperties".to_owned(),
                Json::Object(structural(values)),
            );
        }
        Some(Additional::Allowed(true)) => {}
        Some(Additional::Allowed(false)) | None => {
            let is_closed = !schema.properties.is_empty() && !schema.preserve_unknown;
            if is_closed && !schema.embedded_resource {
                out.insert("additionalProperties".to_owned(), json!(false));
            }
        }
    }
    let implied: &[&str] = if schema.embedded_resource {
        &["apiVersion", "kind"]
    } else {
        &[]
    };
    let required = required(schema, implied);
    if !required.is_empty() {
        out.insert("required".to_owned(), json!(required));
    }
    if let Some(default) = &schema.default {
        out.insert("default".to_owned(), default.clone());
    }
    add_bounds(&mut out, schema);
    add_combinators(&mut out, schema);
    out
}

/// A part of a combinator: it only bounds what the structure has declared.
fn partial(schema: &Schema) -> Json {
    let mut out = Map::new();
    add_type(&mut out, schema);
    if !schema.properties.is_empty() {
        let properties: Map<String, Json> = schema
            .properties
            .iter()
            .map(|(name, field)| (name.clone(), partial(field)))
            .collect();
        out.insert("properties".to_owned(), Json::Object(properties));
    }
    if let Some(items) = &schema.items {
        out.insert("items".to_owned(), partial(items));
    }
    if let Some(Additional::Schema(values)) = &schema.additional_properties {
        out.insert("additionalProperties".to_owned(), partial(values));
    }
    if !schema.required.is_empty() {
        out.insert("required".to_owned(), json!(schema.required));
    }
    add_bounds(&mut out, schema);
    add_combinators(&mut out, schema);
    Json::Object(out)
}

/// What the API server fills in need not be given.
fn required(schema: &Schema, implied: &[&str]) -> Vec<String> {
    let has_default = |name: &String| {
        schema
            .properties
            .get(name)
            .is_some_and(|property| property.default.is_some())
    };
    let mut names: Vec<String> = schema
        .required
        .iter()
        .filter(|name| !has_default(name))
        .cloned()
        .collect();
    names.extend(implied.iter().map(|name| (*name).to_owned()));
    names.sort();
    names.dedup();
    names
}

fn add_type(out: &mut Map<String, Json>, schema: &Schema) {
    let mut types: Vec<&str> = match (schema.int_or_string, schema.value_type) {
        (true, _) => vec!["integer", "string"],
        (false, Some(value_type)) => vec![type_name(value_type)],
        (false, None) => Vec::new(),
    };
    if schema.nullable && !types.is_empty() {
        types.push("null");
    }
    match types.as_slice() {
        [] => {}
        [one] => {
            out.insert("type".to_owned(), json!(one));
        }
        several => {
            out.insert("type".to_owned(), json!(several));
        }
    }
}

fn type_name(value_type: Type) -> &'static str {
    match value_type {
        Type::Array => "array",
        Type::Boolean => "boolean",
        Type::Integer => "integer",
        Type::Number => "number",
        Type::Object => "object",
        Type::String => "string",
    }
}

fn add_description(out: &mut Map<String, Json>, schema: &Schema) {
    let description = schema.description.trim();
    if !description.is_empty() {
        out.insert("description".to_owned(), json!(description));
    }
}

fn add_bounds(out: &mut Map<String, Json>, schema: &Schema) {
    if let Some(choices) = schema
        .enumeration
        .as_ref()
        .filter(|choices| !choices.is_empty())
    {
        // A null satisfies no enum, not even one that lists it.
        let choices: Vec<&Json> = choices.iter().filter(|choice| !choice.is_null()).collect();
        out.insert("enum".to_owned(), json!(choices));
    }
    if let Some(format) = &schema.format {
        out.insert("format".to_owned(), json!(format));
    }
    let pattern = schema
        .pattern
        .as_ref()
        .filter(|pattern| !pattern.is_empty());
    out.extend(pattern.map(|pattern| ("pattern".to_owned(), json!(pattern))));
    add_number(
        out,
        ["minimum", "exclusiveMinimum"],
        schema.minimum,
        schema.exclusive_minimum,
    );
    add_number(
        out,
        ["maximum", "exclusiveMaximum"],
        schema.maximum,
        schema.exclusive_maximum,
    );
    let factor = schema.multiple_of.filter(|factor| factor.as_f64() > 0.0);
    add_number(out, ["multipleOf", "multipleOf"], factor, false);
    for (name, count) in [
        ("minLength", schema.min_length),
        ("maxLength", schema.max_length),
        ("minItems", schema.min_items),
        ("maxItems", schema.max_items),
        ("minProperties", schema.min_properties),
        ("maxProperties", schema.max_properties),
    ] {
        out.extend(
            count
                .filter(|count| *count >= 0)
                .map(|count| (name.to_owned(), json!(count))),
        );
    }
    let elements = schema.items.as_ref().and_then(|items| items.value_type);
    let are_plain = matches!(elements, Some(Type::String | Type::Integer | Type::Boolean));
    if schema.list_type == Some(ListType::Set) && are_plain {
        out.insert("uniqueItems".to_owned(), json!(true));
    }
}

fn add_number(
    out: &mut Map<String, Json>,
    names: [&str; 2],
    number: Option<Number>,
    exclusive: bool,
) {
    let number = match number {
        Some(Number::Int(value)) => {
            i64::try_from(value).map_or_else(|_| json!(value as f64), |value| json!(value))
        }
        Some(Number::Float(value)) => json!(value),
        None => return,
    };
    let name = if exclusive { names[1] } else { names[0] };
    out.insert(name.to_owned(), number);
}

fn add_combinators(out: &mut Map<String, Json>, schema: &Schema) {
    for (name, parts) in [
        ("allOf", &schema.all_of),
        ("anyOf", &schema.any_of),
        ("oneOf", &schema.one_of),
    ] {
        if !parts.is_empty() {
            let parts: Vec<Json> = parts.iter().map(partial).collect();
            out.insert(name.to_owned(), Json::Array(parts));
        }
    }
    if let Some(not) = &schema.not {
        out.insert("not".to_owned(), partial(not));
    }
}
