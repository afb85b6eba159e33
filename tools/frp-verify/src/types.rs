//! FRP's types as a JSON Schema document, to judge configurations by.

use jsonschema::Validator;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The types of a document.
#[derive(Debug)]
pub struct Types {
    document: Json,
}

/// Why there are no types.
#[derive(Debug, thiserror::Error)]
pub enum TypesError {
    /// The document cannot be read.
    #[error("{} cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It lacks a type.
    #[error("the document has no type {0}")]
    NoType(String),
    /// It is no schema.
    #[error("the document is no JSON Schema: {0}")]
    NoSchema(String),
}

/// One alternative of a union: the union's name and the value of its discriminator.
pub type Alternative = (String, String);

impl Types {
    /// Reads a document.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(path: &Path) -> Result<Self, TypesError> {
        let unreadable = |reason: String| TypesError::Unreadable {
            path: path.to_owned(),
            reason,
        };
        let text = std::fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
        let document = serde_json::from_str(&text).map_err(|e| unreadable(e.to_string()))?;
        Ok(Self { document })
    }

    /// What judges values of a type.
    ///
    /// # Errors
    /// If there is no such type.
    pub fn validator(&self, name: &str) -> Result<Validator, TypesError> {
        self.definition(name)
            .ok_or_else(|| TypesError::NoType(name.to_owned()))?;
        let mut schema = self.document.clone();
        schema["$ref"] = json!(reference(name));
        jsonschema::validator_for(&schema).map_err(|e| TypesError::NoSchema(e.to_string()))
    }

    fn definition(&self, name: &str) -> Option<&Json> {
        self.document.get("$defs")?.get(name)
    }

    /// Every alternative of every union that a type can hold.
    pub fn alternatives(&self, name: &str) -> BTreeSet<Alternative> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut pending = vec![name.to_owned()];
        while let Some(name) = pending.pop() {
            let Some(definition) = self.definition(&name).filter(|_| seen.insert(name.clone()))
            else {
                continue;
            };
            if let Some(property) = discriminator(definition) {
                for branch in branches(definition) {
                    let constants = self.constants(branch, property);
                    found.extend(constants.into_iter().map(|value| (short(&name), value)));
                }
            }
            targets(definition, &mut pending);
        }
        found
    }

    /// The alternatives that a value of a type takes.
    pub fn taken(&self, name: &str, value: &Json) -> BTreeSet<Alternative> {
        let mut taken = BTreeSet::new();
        if let Some(definition) = self.definition(name) {
            self.walk(&short(name), definition, value, &mut taken);
        }
        taken
    }

    fn walk(&self, name: &str, schema: &Json, value: &Json, taken: &mut BTreeSet<Alternative>) {
        if let Some(target) = schema.get("$ref").and_then(Json::as_str).and_then(target) {
            if let Some(definition) = self.definition(target) {
                self.walk(&short(target), definition, value, taken);
            }
            return;
        }
        if let Some(property) = discriminator(schema) {
            let chosen = value
                .get(property)
                .and_then(Json::as_str)
                .unwrap_or_default();
            let mut branches = branches(schema);
            let branch = branches.find(|branch| {
                let constants = self.constants(branch, property);
                constants.iter().any(|value| value == chosen)
            });
            if let Some(branch) = branch {
                taken.insert((name.to_owned(), chosen.to_owned()));
                self.walk(name, branch, value, taken);
            }
            return;
        }
        match value {
            Json::Array(items) => {
                for item in items {
                    self.walk(name, &schema["items"], item, taken);
                }
            }
            Json::Object(fields) => {
                for (field, value) in fields {
                    self.walk(name, &schema["properties"][field], value, taken);
                }
            }
            _ => {}
        }
    }

    /// The values that a property has in a branch.
    fn constants(&self, branch: &Json, property: &str) -> Vec<String> {
        let name = branch.get("$ref").and_then(Json::as_str).and_then(target);
        let definition = name.and_then(|name| self.definition(name));
        let fixed = definition.map(|definition| &definition["properties"][property]);
        let Some(fixed) = fixed else {
            return Vec::new();
        };
        let one = fixed.get("const").into_iter();
        let several = fixed
            .get("enum")
            .and_then(Json::as_array)
            .into_iter()
            .flatten();
        let values = one.chain(several).filter_map(Json::as_str);
        values.map(str::to_owned).collect()
    }
}

fn reference(name: &str) -> String {
    format!("#/$defs/{name}")
}

fn target(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/$defs/")
}

/// A type's name without its package.
fn short(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).to_owned()
}

fn discriminator(schema: &Json) -> Option<&str> {
    schema.get("discriminator")?.get("propertyName")?.as_str()
}

fn branches(schema: &Json) -> impl Iterator<Item = &Json> {
    let branches = schema.get("oneOf").and_then(Json::as_array);
    branches.into_iter().flatten()
}

/// The types that a schema refers to.
fn targets(schema: &Json, found: &mut Vec<String>) {
    match schema {
        Json::Object(fields) => {
            let reference = Map::get(fields, "$ref").and_then(Json::as_str);
            found.extend(reference.and_then(target).map(str::to_owned));
            fields.values().for_each(|value| targets(value, found));
        }
        Json::Array(items) => items.iter().for_each(|item| targets(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn types() -> Types {
        let branch = |kind: &str| {
            json!({
                "type": "object",
                "properties": {"type": {"const": kind}, "inner": {"$ref": "#/$defs/p.Inner"}},
                "required": ["type"],
                "additionalProperties": false
            })
        };
        Types {
            document: json!({"$defs": {
                "p.Root": {"type": "object", "properties": {
                    "parts": {"type": "array", "items": {"$ref": "#/$defs/p.Part"}}
                }},
                "p.Part": {
                    "oneOf": [{"$ref": "#/$defs/p.A"}, {"$ref": "#/$defs/p.B"}],
                    "discriminator": {"propertyName": "type"}
                },
                "p.A": branch("a"),
                "p.B": branch("b"),
                "p.Inner": {
                    "oneOf": [{"$ref": "#/$defs/p.C"}],
                    "discriminator": {"propertyName": "type"}
                },
                "p.C": branch("c")
            }}),
        }
    }

    fn alternatives(pairs: &[(&str, &str)]) -> BTreeSet<Alternative> {
        let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn the_alternatives_of_every_union_are_found() {
        assert_eq!(
            types().alternatives("p.Root"),
            alternatives(&[("Inner", "c"), ("Part", "a"), ("Part", "b")])
        );
    }

    #[test]
    fn a_value_takes_the_alternatives_that_its_discriminators_name() {
        let value = json!({"parts": [{"type": "b", "inner": {"type": "c"}}, {"type": "x"}]});
        assert_eq!(
            types().taken("p.Root", &value),
            alternatives(&[("Inner", "c"), ("Part", "b")])
        );
    }

    #[test]
    fn values_are_judged_by_their_type() {
        let validator = types().validator("p.Root").unwrap();
        assert!(validator.is_valid(&json!({"parts": [{"type": "a"}]})));
        assert!(!validator.is_valid(&json!({"parts": [{"type": "c"}]})));
        assert!(types().validator("p.Rot").is_err());
    }
}
