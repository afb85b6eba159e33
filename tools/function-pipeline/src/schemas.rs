//! OpenAPI documents that functions may ask schemas of (`internal/xfn`
//! OpenAPISchemasFetcher).

use serde_json::Value;

use crate::{
    go::Object,
    object::{GroupVersionKind, string},
};

const KIND_MARK: &str = "x-kubernetes-group-version-kind";
const REFERENCE: &str = "#/components/schemas/";
/// How deep references are followed; a schema that holds itself has no end.
const DEEPEST: usize = 64;

/// The OpenAPI v3 documents of API groups.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schemas(Vec<Object>);

impl Schemas {
    /// From whole documents.
    pub fn new(documents: Vec<Object>) -> Self {
        Self(documents)
    }

    /// The whole documents.
    pub fn documents(&self) -> &[Object] {
        &self.0
    }

    /// The schema of a kind with its references filled in; none if no document
    /// has it.
    pub(crate) fn find(&self, api_version: &str, kind: &str) -> Option<Object> {
        let wanted = GroupVersionKind::new(api_version, kind);
        self.0.iter().find_map(|document| {
            let schemas = document.get("components")?.get("schemas")?.as_object()?;
            let (_, schema) = schemas
                .iter()
                .find(|(_, schema)| sole_kind(schema).as_ref() == Some(&wanted))?;
            let mut schema = schema.clone();
            fill_in(&mut schema, schemas, DEEPEST);
            schema.as_object().cloned()
        })
    }
}

/// The kind that a schema describes, if it is one alone.
fn sole_kind(schema: &Value) -> Option<GroupVersionKind> {
    let [only] = schema.get(KIND_MARK)?.as_array()?.as_slice() else {
        return None;
    };
    let only = only.as_object()?;
    let text = |key: &str| string(only, &[key]).to_owned();
    Some(GroupVersionKind {
        group: text("group"),
        version: text("version"),
        kind: text("kind"),
    })
}

fn fill_in(schema: &mut Value, schemas: &Object, depth: usize) {
    if depth == 0 {
        return;
    }
    let referenced = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| schemas.get(reference.strip_prefix(REFERENCE)?));
    if let Some(referenced) = referenced {
        *schema = referenced.clone();
    }
    match schema {
        Value::Object(object) => {
            for value in object.values_mut() {
                fill_in(value, schemas, depth - 1);
            }
        }
        Value::Array(items) => {
            for item in items {
                fill_in(item, schemas, depth - 1);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_comes_with_its_references_filled_in() {
        let document = json!({"components": {"schemas": {
            "bed": {
                "properties": {"soil": {"$ref": "#/components/schemas/soil"}},
                KIND_MARK: [{"group": "a.b", "version": "v1", "kind": "Bed"}],
            },
            "soil": {"type": "string"},
        }}});
        let schemas = Schemas::new(vec![document.as_object().cloned().unwrap_or_default()]);
        let bed = schemas.find("a.b/v1", "Bed").unwrap_or_default();
        assert_eq!(bed["properties"], json!({"soil": {"type": "string"}}));
        assert_eq!(schemas.find("a.b/v1", "Fence"), None);
    }
}
