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
    fn resolved<'d>(&'d self, name: &'d str, above: &mut Vec<&'d str>) -> Schema {
        let definition = self.definitions.types.get(name);
        let Some(definition) = definition.filter(|_| !above.contains(&name)) else {
            return anything();
        };
        above.push(name);
        let schema = self.inlined(&definition.schema, above);
        above.pop();
        schema
    }

    fn inlined<'d>(&'d self, schema: &'d Schema, above: &mut Vec<&'d str>) -> Schema {
        if let Some(reference) = &schema.reference {
            let target = self.resolved(reference, above);
            return Schema {
                default: schema.default.clone().or(target.default),
                ..target
            };
        }
        let mut copy = schema.clone();
        // To a reader of JSON Schema an object may hold more, to Kubernetes it may not.
        copy.preserve_unknown &= schema.properties.is_empty();
        // What a type does not declare is an unknown field, and is reported as such.
        if copy.additional_properties == Some(Additional::Allowed(false)) {
            copy.additional_properties = None;
        }
        copy.properties = schema
            .properties
            .iter()
            .map(|(name, property)| (name.clone(), Box::new(self.inlined(property, above))))
            .collect();
        let mut boxed = |below: &'d Schema| Box::new(self.inlined(below, above));
        copy.items = schema.items.as_deref().map(&mut boxed);
        if let Some(Additional::Schema(values)) = &schema.additional_properties {
            copy.additional_properties = Some(Additional::Schema(boxed(values)));
        }
        for (branches, from) in [
            (&mut copy.all_of, &schema.all_of),
            (&mut copy.any_of, &schema.any_of),
            (&mut copy.one_of, &schema.one_of),
        ] {
            *branches = from
                .iter()
                .map(|branch| self.inlined(branch, above))
                .collect();
        }
        copy
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
