//! What a user says about types that their source does not: `map`, their whole schema,
//! and `also`, what holds beside what the source says.

use crate::error::{Error, Kind};
use diagnostics::suggest;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Schemas by `import/path.Name`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tables {
    /// The schema of a type, in place of what its source says.
    pub map: BTreeMap<String, Json>,
    /// What is merged into a type's schema. For a struct, what it says about a property
    /// holds also where the struct is embedded.
    pub also: BTreeMap<String, Json>,
    #[serde(skip)]
    used: RefCell<BTreeSet<(&'static str, String)>>,
}

impl Tables {
    /// Reads both from a JSON file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let unreadable = |reason: &dyn std::fmt::Display| {
            let kind = Kind::Unreadable {
                path: path.display().to_string(),
                reason: reason.to_string(),
            };
            kind.into_error()
        };
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(&error))?;
        serde_json::from_str(&text).map_err(|error| unreadable(&error))
    }

    /// The schema that `map` has for a type.
    pub(crate) fn mapped(&self, name: &str) -> Option<Json> {
        let schema = self.map.get(name)?;
        self.used.borrow_mut().insert(("map", name.to_owned()));
        Some(schema.clone())
    }

    /// What `also` has for a type.
    ///
    /// # Errors
    /// If it is no object.
    pub(crate) fn also(&self, name: &str) -> Result<Option<&Map<String, Json>>, Error> {
        let Some(overlay) = self.also.get(name) else {
            return Ok(None);
        };
        self.used.borrow_mut().insert(("also", name.to_owned()));
        match overlay {
            Json::Object(overlay) => Ok(Some(overlay)),
            _ => Err(fault("also", name, "it is no object".to_owned())),
        }
    }

    /// Refuses entries for types that nothing needs.
    ///
    /// # Errors
    /// If there is one.
    pub(crate) fn refuse_unused(&self) -> Result<(), Error> {
        let used = self.used.borrow();
        for (table, entries) in [("map", &self.map), ("also", &self.also)] {
            let unused = entries
                .keys()
                .find(|name| !used.contains(&(table, (*name).clone())));
            if let Some(name) = unused {
                let reason = "nothing that is asked for needs such a type".to_owned();
                return Err(fault(table, name, reason));
            }
        }
        Ok(())
    }
}

fn fault(table: &'static str, name: &str, reason: String) -> Error {
    let kind = Kind::Table {
        table,
        name: name.to_owned(),
        reason,
    };
    kind.into_error()
}

/// Merges what `also` says about a struct into the schema of that struct, or of one that
/// embeds it. `own` are the properties that come from it.
///
/// # Errors
/// If it names a property that the struct does not have.
pub(crate) fn merge_struct(
    schema: &mut Map<String, Json>,
    name: &str,
    overlay: &Map<String, Json>,
    own: &[&str],
) -> Result<(), Error> {
    let properties = overlay.get("properties").and_then(Json::as_object);
    let required = overlay.get("required").and_then(Json::as_array);
    let required = required.into_iter().flatten().filter_map(Json::as_str);
    let named = properties
        .into_iter()
        .flat_map(Map::keys)
        .map(String::as_str);
    if let Some(unknown) = named
        .chain(required)
        .find(|property| !own.contains(property))
    {
        let nearest = suggest::nearest(unknown, own.iter().copied());
        let nearest = nearest.map(|name| format!(" (did you mean {name}?)"));
        let reason = format!(
            "it has no property {unknown}{}",
            nearest.unwrap_or_default()
        );
        return Err(fault("also", name, reason));
    }
    merge(schema, overlay);
    Ok(())
}

/// Merges schemas: objects key by key, names that are required and parts of `allOf` come
/// in addition, all else is replaced.
pub(crate) fn merge(schema: &mut Map<String, Json>, overlay: &Map<String, Json>) {
    for (keyword, value) in overlay {
        match (schema.get_mut(keyword), value) {
            (Some(Json::Object(old)), Json::Object(new)) => merge(old, new),
            (Some(Json::Array(old)), Json::Array(new))
                if matches!(keyword.as_str(), "required" | "allOf") =>
            {
                let missing: Vec<Json> = new.iter().filter(|v| !old.contains(v)).cloned().collect();
                old.extend(missing);
                if keyword == "required" {
                    old.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                }
            }
            _ => {
                schema.insert(keyword.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    fn object(json: Json) -> Map<String, Json> {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn overlays_add_to_what_is_there() {
        let mut schema = object(json!({
            "properties": {"port": {"type": "integer"}, "name": {"type": "string"}},
            "required": ["port"]
        }));
        let overlay = object(json!({
            "properties": {"port": {"maximum": 65535}},
            "required": ["name", "port"],
            "allOf": [{"not": {}}]
        }));
        merge_struct(&mut schema, "p.T", &overlay, &["port", "name"]).unwrap();
        assert_eq!(
            Json::Object(schema),
            json!({
                "properties": {
                    "port": {"type": "integer", "maximum": 65535},
                    "name": {"type": "string"}
                },
                "required": ["name", "port"],
                "allOf": [{"not": {}}]
            })
        );
    }

    #[test]
    fn an_overlay_for_a_property_that_is_not_there_is_refused() {
        let overlay = object(json!({"properties": {"prot": {}}}));
        let error = merge_struct(&mut Map::new(), "p.T", &overlay, &["port"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "also of p.T: it has no property prot (did you mean port?)"
        );
    }
}
