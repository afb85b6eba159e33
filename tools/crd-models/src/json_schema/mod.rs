//! JSON Schemas (draft 2020-12), `<group>/<kind>_<version>.json`, kind in small
//! letters: what yaml-language-server, kubeconform and flux-schema read. Strict,
//! so that a misspelt field is an error in an editor.
//!
//! They accept whatever the API server accepts on create. Where a keyword means
//! something else to the server it is said in other words:
//!
//! - a null where it is not nullable counts as absent, so an optional field may be null
//! - a field with a default need not be there, also inside a combinator
//! - whole numbers are held against bounds and factors without their fractions ([`numbers`])
//! - a pattern is said in what RE2 and ECMA-262 share ([`pattern`])
//! - a format whose JSON Schema namesake is stricter becomes a pattern ([`formats`])
//!
//! The result stays a structural schema with Kubernetes' own extensions: tools
//! that know these (flux-schema) also run the CEL rules and check list topology.
//! Hence exclusive bounds are a bound and a `not`, and no number stands where
//! Kubernetes has a boolean.

mod combinators;
mod definitions;
mod formats;
mod metadata;
mod numbers;
mod pattern;

pub use definitions::definitions;

use crate::output::{Files, Memory, Store};
use kube_schema::{Additional, Crd, CrdVersion, ListType, Rule, Schema, Type};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The files, by path below the folder.
pub fn files(crds: &[Crd]) -> Files {
    let mut drafts = Drafts::default();
    for crd in crds {
        let Ok(()) = drafts.add(crd, &mut Memory);
    }
    drafts.finish()
}

/// The files while they are made, of one CRD at a time.
#[derive(Debug)]
pub struct Drafts<T>(Vec<Draft<T>>);

#[derive(Debug)]
struct Draft<T> {
    group: String,
    kind: String,
    path: String,
    text: T,
}

impl<T> Default for Drafts<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Drafts<T> {
    /// Makes the files of a CRD.
    ///
    /// # Errors
    /// If a text cannot be kept.
    pub fn add<S: Store<Text = T>>(&mut self, crd: &Crd, store: &mut S) -> Result<(), S::Error> {
        for version in &crd.versions {
            // Serializing a value that holds no map with other keys than texts cannot fail.
            let text = serde_json::to_string_pretty(&resource(crd, version)).unwrap_or_default();
            let kind = crd.names.kind.to_lowercase();
            self.0.push(Draft {
                path: format!("{}/{kind}_{}.json", crd.group, version.name),
                group: crd.group.clone(),
                kind: crd.names.kind.clone(),
                text: store.keep(format!("{text}\n"))?,
            });
        }
        Ok(())
    }

    /// The files by path below the folder. Of kinds that differ only in the case of
    /// their letters the last one has its file.
    pub fn finish(mut self) -> BTreeMap<String, T> {
        self.0
            .sort_by(|a, b| (&a.group, &a.kind).cmp(&(&b.group, &b.kind)));
        let drafts = self.0.into_iter();
        drafts.map(|draft| (draft.path, draft.text)).collect()
    }
}

fn resource(crd: &Crd, version: &CrdVersion) -> Json {
    let schema = &version.schema;
    let mut out = Map::new();
    out.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    out.insert("title".to_owned(), json!(crd.names.kind));
    out.extend(structural(schema, Null::Refused));
    out.insert("type".to_owned(), json!("object"));
    let mut properties = match out.remove("properties") {
        Some(Json::Object(properties)) => properties,
        _ => Map::new(),
    };
    let api_version = format!("{}/{}", crd.group, version.name);
    properties.insert("apiVersion".to_owned(), only(&api_version));
    properties.insert("kind".to_owned(), only(&crd.names.kind));
    properties.insert("metadata".to_owned(), metadata::root(crd, schema));
    properties.sort_keys();
    out.insert("properties".to_owned(), Json::Object(properties));
    let mut required = required(schema);
    required.extend([
        "apiVersion".to_owned(),
        "kind".to_owned(),
        "metadata".to_owned(),
    ]);
    required.sort();
    required.dedup();
    out.insert("required".to_owned(), json!(required));
    if !schema.preserve_unknown {
        out.insert("additionalProperties".to_owned(), json!(false));
    }
    Json::Object(out)
}

fn only(text: &str) -> Json {
    json!({"type": "string", "enum": [text]})
}

/// What becomes of a null in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Null {
    /// It is an error, unless the schema is nullable.
    Refused,
    /// It counts as absent, which is no error.
    Dropped,
}

/// A schema of the structure, where unknown fields have a say.
fn structural(schema: &Schema, null: Null) -> Map<String, Json> {
    if schema.reference.is_some() {
        return definitions::referring(schema, null);
    }
    let mut out = Map::new();
    add_type(&mut out, schema, null);
    let description = printable(&schema.description);
    if !description.is_empty() {
        out.insert("description".to_owned(), Json::String(description));
    }
    add_children(&mut out, schema);
    add_required(&mut out, schema);
    if let Some(default) = &schema.default {
        out.insert("default".to_owned(), default.clone());
    }
    let dropped = null == Null::Dropped && !schema.nullable;
    add_choices(&mut out, schema, dropped);
    let mut more = add_bounds(&mut out, schema);
    let conditions = combinators::conditions(schema);
    if dropped && !conditions.is_empty() {
        // What a combinator says is not said of a null that counts as absent.
        more.push(unless_null(Json::Object(conditions)));
    } else if out.contains_key("anyOf") {
        more.push(Json::Object(conditions));
    } else {
        out.extend(conditions);
    }
    add_all(&mut out, more);
    add_extensions(&mut out, schema);
    out
}

fn unless_null(schema: Json) -> Json {
    json!({"anyOf": [{"type": "null"}, schema]})
}

/// Schemas that have to hold as well.
fn add_all(out: &mut Map<String, Json>, schemas: Vec<Json>) {
    let schemas: Vec<Json> = schemas
        .into_iter()
        .filter(|schema| *schema != json!({}))
        .collect();
    if schemas.is_empty() {
        return;
    }
    let all = out.entry("allOf").or_insert_with(|| json!([]));
    if let Json::Array(all) = all {
        all.extend(schemas);
    }
}

fn add_type(out: &mut Map<String, Json>, schema: &Schema, null: Null) {
    let takes_null = schema.nullable || null == Null::Dropped;
    if schema.int_or_string {
        let mut types = vec![json!({"type": "integer"}), json!({"type": "string"})];
        types.extend(takes_null.then(|| json!({"type": "null"})));
        out.insert("anyOf".to_owned(), Json::Array(types));
        return;
    }
    let Some(value_type) = schema.value_type else {
        return;
    };
    let name = value_type.as_str();
    let value = if takes_null {
        json!([name, "null"])
    } else {
        json!(name)
    };
    out.insert("type".to_owned(), value);
}

fn add_children(out: &mut Map<String, Json>, schema: &Schema) {
    let mut properties: Map<String, Json> = schema
        .properties
        .iter()
        .map(|(name, field)| {
            let must_be = schema.required.contains(name) && field.default.is_none();
            let null = if must_be {
                Null::Refused
            } else {
                Null::Dropped
            };
            (name.clone(), Json::Object(structural(field, null)))
        })
        .collect();
    if schema.embedded_resource {
        metadata::add_embedded(&mut properties);
    }
    if !properties.is_empty() {
        out.insert("properties".to_owned(), Json::Object(properties));
    }
    if let Some(items) = &schema.items {
        // A null element becomes the default, if there is one.
        let null = if items.default.is_some() {
            Null::Dropped
        } else {
            Null::Refused
        };
        out.insert("items".to_owned(), Json::Object(structural(items, null)));
    }
    match &schema.additional_properties {
        Some(Additional::Schema(values)) => {
            let values = structural(values, Null::Dropped);
            out.insert("additionalProperties".to_owned(), Json::Object(values));
        }
        Some(Additional::Allowed(true)) => {}
        Some(Additional::Allowed(false)) | None => {
            let is_closed =
                schema.value_type == Some(Type::Object) || !schema.properties.is_empty();
            if is_closed && !schema.preserve_unknown {
                out.insert("additionalProperties".to_owned(), json!(false));
            }
        }
    }
}

/// Without control characters, which tools that read the file as YAML refuse.
fn printable(text: &str) -> String {
    let is_no_text = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    text.trim().replace(is_no_text, "")
}

/// What the API server fills in need not be given.
fn required(schema: &Schema) -> Vec<String> {
    let is_filled_in = |name: &String| {
        let property = schema.properties.get(name);
        property.is_some_and(|property| property.default.is_some())
    };
    let mut names: Vec<String> = schema.required.clone();
    names.retain(|name| !is_filled_in(name));
    if schema.embedded_resource {
        names.extend(["apiVersion".to_owned(), "kind".to_owned()]);
    }
    names.sort();
    names.dedup();
    names
}

fn add_required(out: &mut Map<String, Json>, schema: &Schema) {
    let required = required(schema);
    if !required.is_empty() {
        out.insert("required".to_owned(), json!(required));
    }
}

/// A null satisfies no enum, not even one that lists it; where a null counts as
/// absent, the enum is not asked.
fn add_choices(out: &mut Map<String, Json>, schema: &Schema, null_is_dropped: bool) {
    let Some(choices) = schema.enumeration.as_ref().filter(|c| !c.is_empty()) else {
        return;
    };
    let mut choices: Vec<&Json> = choices.iter().filter(|choice| !choice.is_null()).collect();
    if null_is_dropped {
        choices.push(&Json::Null);
    }
    out.insert("enum".to_owned(), json!(choices));
}

/// Bounds; gives those that need a schema of their own.
fn add_bounds(out: &mut Map<String, Json>, schema: &Schema) -> Vec<Json> {
    let mut more = Vec::new();
    let pattern = schema.pattern.as_deref().filter(|text| !text.is_empty());
    if let Some(pattern) = pattern.and_then(pattern::portable) {
        out.insert("pattern".to_owned(), json!(pattern));
    }
    if let Some(format) = schema.format.as_deref() {
        let said = formats::said(format);
        let name = said
            .format
            .map(|format| ("format".to_owned(), json!(format)));
        out.extend(name);
        match (said.pattern, out.contains_key("pattern")) {
            (Some(pattern), false) => {
                out.insert("pattern".to_owned(), json!(pattern));
            }
            (Some(pattern), true) => more.push(json!({"pattern": pattern})),
            (None, _) => {}
        }
    }
    more.extend(numbers::bounds(out, schema));
    if schema.value_type == Some(Type::Integer) && schema.format.as_deref() == Some("int32") {
        // What reads JSON Schemas seldom asks for the format of a number.
        out.entry("minimum").or_insert(json!(i32::MIN));
        out.entry("maximum").or_insert(json!(i32::MAX));
    }
    for (name, count) in [
        ("minLength", schema.min_length),
        ("maxLength", schema.max_length),
        ("minItems", schema.min_items),
        ("maxItems", schema.max_items),
        ("minProperties", least_given(schema)),
        ("maxProperties", schema.max_properties),
    ] {
        let count = count.filter(|count| *count >= 0);
        out.extend(count.map(|count| (name.to_owned(), json!(count))));
    }
    if is_set(schema) {
        out.insert("uniqueItems".to_owned(), json!(true));
    }
    more
}

/// The API server counts fields once defaults are filled in.
fn least_given(schema: &Schema) -> Option<i64> {
    let filled_in = schema
        .properties
        .values()
        .filter(|field| field.default.is_some());
    let least = schema.min_properties? - i64::try_from(filled_in.count()).ok()?;
    (least > 0).then_some(least)
}

fn is_set(schema: &Schema) -> bool {
    if schema.unique_items {
        return true;
    }
    let items = schema.items.as_ref().and_then(|items| items.value_type);
    let are_plain = matches!(items, Some(Type::String | Type::Integer | Type::Boolean));
    schema.list_type == Some(ListType::Set) && are_plain
}

/// Kubernetes' own keywords, for tools that know them.
fn add_extensions(out: &mut Map<String, Json>, schema: &Schema) {
    let mut add = |name: &str, value: Json| {
        out.insert(format!("x-kubernetes-{name}"), value);
    };
    if schema.preserve_unknown {
        add("preserve-unknown-fields", json!(true));
    }
    if schema.embedded_resource {
        add("embedded-resource", json!(true));
    }
    if schema.int_or_string {
        add("int-or-string", json!(true));
    }
    match schema.list_type {
        Some(ListType::Map) => {
            add("list-type", json!("map"));
            add("list-map-keys", json!(schema.list_map_keys));
        }
        Some(ListType::Set) => add("list-type", json!("set")),
        Some(ListType::Atomic) | None => {}
    }
    if !schema.rules.is_empty() {
        let rules: Vec<Json> = schema.rules.iter().map(rule).collect();
        add("validations", Json::Array(rules));
    }
}

fn rule(rule: &Rule) -> Json {
    let mut out = Map::new();
    out.insert("rule".to_owned(), json!(rule.rule));
    let text = |text: &str| (!text.is_empty()).then(|| json!(text));
    for (name, value) in [
        ("message", text(&rule.message)),
        ("messageExpression", text(&rule.message_expression)),
        ("reason", rule.reason.as_deref().and_then(text)),
        ("fieldPath", rule.field_path.as_deref().and_then(text)),
        (
            "optionalOldSelf",
            rule.optional_old_self.map(|value| json!(value)),
        ),
    ] {
        out.extend(value.map(|value| (name.to_owned(), value)));
    }
    Json::Object(out)
}
