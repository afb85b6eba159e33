//! Whole documents: where their types are, and which of them are kinds.

use super::convert::{Context, Dialect, schema};
use super::{Definition, Definitions, GroupVersionKind};
use crate::read::{files, read};
use crate::{Error, Schema, Spot};
use serde_json::{Map, Value as Json};
use std::path::Path;

/// Reads an OpenAPI document: `definitions` of version 2, `components.schemas` of 3.
///
/// # Errors
/// If it is none, or a schema in it cannot be read.
pub fn read_openapi(path: &Path) -> Result<Definitions, Error> {
    let file = path.to_string_lossy().into_owned();
    let document = parse(&file, &read(path)?)?;
    let (prefix, types) = types_of(&document).ok_or_else(|| Error::NotOpenApi {
        spot: Spot {
            file: file.clone(),
            ..Spot::default()
        },
    })?;
    let names = |target: &str| {
        let name = unescape(target.strip_prefix(&prefix)?);
        types.contains_key(&name).then_some(name)
    };
    let context = Context {
        file: &file,
        dialect: Dialect::OpenApi,
        names: &names,
    };
    let mut found = Definitions::default();
    for (name, json) in types {
        let pointer = format!("{}{}", &prefix[1..], name);
        let definition = definition(json, &pointer, &context)?;
        found.types.insert(name.clone(), definition);
    }
    Ok(found)
}

/// Reads OpenAPI documents and JSON Schemas: files, or folders that are searched
/// for them.
///
/// # Errors
/// If one cannot be read, or a type stands in two.
pub fn read_definitions<P: AsRef<Path>>(paths: &[P]) -> Result<Definitions, Error> {
    let mut found = Definitions::default();
    for path in files(paths)? {
        let definitions = match read_openapi(&path) {
            Err(Error::NotOpenApi { .. }) => read_json_schemas(&[&path])?,
            read => read?,
        };
        for (name, definition) in definitions.types {
            if found.types.insert(name.clone(), definition).is_some() {
                let spot = Spot {
                    file: path.to_string_lossy().into_owned(),
                    ..Spot::default()
                };
                return Err(Error::TypeTwice { spot, name });
            }
        }
    }
    Ok(found)
}

/// Reads JSON Schemas: files, or folders that are searched for them. The type of
/// a file is named by its `title`, else by the file; those in its `$defs` or
/// `definitions` by their names there.
///
/// # Errors
/// If one cannot be read.
pub fn read_json_schemas<P: AsRef<Path>>(paths: &[P]) -> Result<Definitions, Error> {
    let mut found = Definitions::default();
    for path in files(paths)? {
        let file = path.to_string_lossy().into_owned();
        let document = parse(&file, &read(&path)?)?;
        for (name, definition) in json_schema(&file, &document)? {
            if found.types.insert(name.clone(), definition).is_some() {
                let spot = Spot {
                    file: file.clone(),
                    ..Spot::default()
                };
                return Err(Error::TypeTwice { spot, name });
            }
        }
    }
    Ok(found)
}

fn json_schema(file: &str, document: &Json) -> Result<Vec<(String, Definition)>, Error> {
    let root = document.get("title").and_then(Json::as_str).map(identifier);
    let stem = Path::new(file).file_stem().unwrap_or_default();
    let root = root.unwrap_or_else(|| identifier(&stem.to_string_lossy()));
    let groups: Vec<(&str, &Map<String, Json>)> = ["$defs", "definitions"]
        .into_iter()
        .filter_map(|group| Some((group, document.get(group)?.as_object()?)))
        .collect();
    let names = |target: &str| {
        if target == "#" {
            return Some(root.clone());
        }
        groups.iter().find_map(|(group, types)| {
            let name = unescape(target.strip_prefix(&format!("#/{group}/"))?);
            types.contains_key(&name).then_some(name)
        })
    };
    let context = Context {
        file,
        dialect: Dialect::JsonSchema,
        names: &names,
    };
    let mut found = Vec::new();
    for (group, types) in &groups {
        for (name, json) in *types {
            let pointer = format!("/{group}/{name}");
            found.push((name.clone(), definition(json, &pointer, &context)?));
        }
    }
    let whole = definition(document, "", &context)?;
    let is_empty = whole.schema
        == Schema {
            title: whole.schema.title.clone(),
            description: whole.schema.description.clone(),
            ..Schema::default()
        };
    if !is_empty {
        found.push((root.clone(), whole));
    }
    Ok(found)
}

fn parse(file: &str, text: &str) -> Result<Json, Error> {
    let json = if Path::new(file).extension().is_some_and(|e| e == "json") {
        serde_json::from_str(text)
            .map_err(|error| (error.line(), error.column(), error.to_string()))
    } else {
        serde_saphyr::from_str(text).map_err(|error| (0, 0, error.to_string()))
    };
    json.map_err(|(line, column, message)| Error::Malformed {
        spot: Spot {
            file: file.to_owned(),
            line,
            column,
        },
        message: format!("neither JSON nor YAML: {message}"),
    })
}

/// The types of an OpenAPI document, and how references to them begin.
fn types_of(document: &Json) -> Option<(String, &Map<String, Json>)> {
    let at = |keys: &[&str]| {
        let mut value = document;
        for key in keys {
            value = value.get(key)?;
        }
        value.as_object()
    };
    let version_2 = || document.get("swagger").and_then(|_| at(&["definitions"]));
    let version_3 = || {
        document
            .get("openapi")
            .and_then(|_| at(&["components", "schemas"]))
    };
    if let Some(types) = version_2() {
        return Some(("#/definitions/".to_owned(), types));
    }
    version_3().map(|types| ("#/components/schemas/".to_owned(), types))
}

fn definition(json: &Json, pointer: &str, context: &Context<'_>) -> Result<Definition, Error> {
    let schema = schema(json, pointer, context)?;
    let mut kinds = published_kinds(json);
    if kinds.is_empty() {
        kinds.extend(constant_kind(&schema));
    }
    kinds.sort();
    Ok(Definition { schema, kinds })
}

/// `x-kubernetes-group-version-kind`.
fn published_kinds(json: &Json) -> Vec<GroupVersionKind> {
    let listed = json
        .get("x-kubernetes-group-version-kind")
        .and_then(Json::as_array);
    let kinds = listed.into_iter().flatten().filter_map(|kind| {
        let text = |name: &str| kind.get(name)?.as_str().map(str::to_owned);
        Some(GroupVersionKind {
            group: text("group").unwrap_or_default(),
            version: text("version")?,
            kind: text("kind")?,
        })
    });
    kinds.collect()
}

/// An object whose apiVersion and kind can only be one.
fn constant_kind(schema: &Schema) -> Option<GroupVersionKind> {
    let only = |name: &str| match schema.properties.get(name)?.enumeration.as_deref()? {
        [Json::String(text)] => Some(text.clone()),
        _ => None,
    };
    let (api_version, kind) = (only("apiVersion")?, only("kind")?);
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", &api_version));
    Some(GroupVersionKind {
        group: group.to_owned(),
        version: version.to_owned(),
        kind,
    })
}

fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// A name without signs: `Client config` → `ClientConfig`.
fn identifier(title: &str) -> String {
    let mut out = String::new();
    let mut upper = false;
    for c in title.chars() {
        if !(c.is_alphanumeric() || c == '.' || c == '_') {
            upper = true;
        } else if std::mem::take(&mut upper) {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
    }
    out
}
