//! Kinds that no CRD defines, Kubernetes' own, by the schemas of their types.
//!
//! A type refers to others; what it stands for is put together when a resource of
//! the kind is judged the first time. A type inside itself is taken as it comes.

use crate::crd::{Conversion, Subresources};
use crate::{
    Additional, Crd, CrdVersion, Definitions, GroupVersionKind, Names, Origin, Schema, Scope, Spot,
};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The kinds of definitions.
#[derive(Debug, Default)]
pub(super) struct Builtins {
    definitions: Definitions,
    kinds: BTreeMap<(String, String), Kind>,
}

/// A kind: its versions with their types, and what they were put together to.
#[derive(Debug, Default)]
struct Kind {
    versions: Vec<(GroupVersionKind, String)>,
    put_together: OnceLock<Crd>,
}

impl Builtins {
    pub fn new(definitions: Definitions) -> Self {
        let mut kinds: BTreeMap<(String, String), Kind> = BTreeMap::new();
        for (name, definition) in &definitions.types {
            for kind in &definition.kinds {
                let key = (kind.group.clone(), kind.kind.clone());
                let versions = &mut kinds.entry(key).or_default().versions;
                versions.push((kind.clone(), name.clone()));
            }
        }
        Self { definitions, kinds }
    }

    pub fn contains(&self, key: &(String, String)) -> bool {
        self.kinds.contains_key(key)
    }

    pub fn keys(&self) -> impl Iterator<Item = &(String, String)> {
        self.kinds.keys()
    }

    /// The kind in the form that CRDs have.
    pub fn get(&self, key: &(String, String)) -> Option<&Crd> {
        let kind = self.kinds.get(key)?;
        let put_together = || self.put_together(key, &kind.versions);
        Some(kind.put_together.get_or_init(put_together))
    }

    fn put_together(
        &self,
        (group, kind): &(String, String),
        versions: &[(GroupVersionKind, String)],
    ) -> Crd {
        let lower = kind.to_lowercase();
        Crd {
            group: group.clone(),
            names: Names {
                kind: kind.clone(),
                plural: format!("{lower}s"),
                singular: lower,
                list_kind: format!("{kind}List"),
                short_names: Vec::new(),
                categories: Vec::new(),
            },
            // Its schema does not say where a kind lives; a namespace is taken.
            scope: Scope::Namespaced,
            versions: versions
                .iter()
                .map(|(kind, name)| self.version(kind, name))
                .collect(),
            conversion: Conversion::None,
            preserve_unknown_fields: false,
            stored_versions: Vec::new(),
            origin: Origin::Crd,
            spot: Spot::default(),
        }
    }

    fn version(&self, kind: &GroupVersionKind, name: &str) -> CrdVersion {
        let mut schema = self.resolved(name, &mut Vec::new());
        // The server decodes it as it does that of every resource.
        schema.properties.remove("metadata");
        schema.required.retain(|name| name != "metadata");
        CrdVersion {
            name: kind.version.clone(),
            served: true,
            storage: false,
            deprecated: false,
            deprecation_warning: None,
            subresources: Subresources::default(),
            printer_columns: Vec::new(),
            selectable_fields: Vec::new(),
            schema,
            spot: Spot::default(),
        }
    }

    /// The type with everything in it; `above` are those that it stands in.
    fn resolved<'d>(&'d self, name: &str, above: &mut Vec<&'d str>) -> Schema {
        let found = self.definitions.types.get_key_value(name);
        let Some((name, definition)) = found.filter(|(name, _)| !above.contains(&name.as_str()))
        else {
            return anything();
        };
        let mut schema = definition.schema.clone();
        above.push(name);
        self.inline(&mut schema, above);
        above.pop();
        schema
    }

    fn inline<'d>(&'d self, schema: &mut Schema, above: &mut Vec<&'d str>) {
        if let Some(reference) = &schema.reference {
            let target = self.resolved(reference, above);
            *schema = Schema {
                default: schema.default.take().or(target.default),
                ..target
            };
            return;
        }
        // To a reader of JSON Schema an object may hold more, to Kubernetes it may not.
        schema.preserve_unknown &= schema.properties.is_empty();
        // What a type does not declare is an unknown field, and is reported as such.
        if schema.additional_properties == Some(Additional::Allowed(false)) {
            schema.additional_properties = None;
        }
        for below in schema.children_mut() {
            self.inline(below, above);
        }
    }
}

/// What takes every value.
fn anything() -> Schema {
    Schema {
        preserve_unknown: true,
        nullable: true,
        ..Schema::default()
    }
}
