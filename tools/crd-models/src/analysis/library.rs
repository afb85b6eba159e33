//! Types that refer to one another by name: what OpenAPI documents, JSON
//! Schemas and Go packages hold.
//!
//! Objects and unions keep their names. What is called by any other name, say a
//! text with few values, stands wherever its name did.

use super::{Object, Shape, Value, literal_field, plain, value};
use kube_schema::{Additional, Definitions, GroupVersionKind, Schema, Type};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Types by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Library {
    /// Sorted by name; each an object or a union.
    pub types: Vec<NamedType>,
}

/// A type that others refer to.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedType {
    /// `io.k8s.api.core.v1.PodSpec`.
    pub name: String,
    /// The kind that is stored so, if it is one.
    pub kind: Option<GroupVersionKind>,
    /// What it holds: a [`Shape::Object`] or a [`Shape::Union`].
    pub value: Value,
}

impl NamedType {
    /// `io.k8s.api.core.v1`; empty if the name has no dot.
    pub fn package(&self) -> &str {
        self.name
            .rsplit_once('.')
            .map_or("", |(package, _)| package)
    }

    /// `PodSpec`.
    pub fn short_name(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or(&self.name)
    }
}

/// A reference to a [`NamedType`].
#[derive(Clone)]
pub struct TypeRef {
    name: String,
    target: Arc<OnceLock<Value>>,
}

impl TypeRef {
    /// A reference to a type that is not known yet.
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            target: Arc::default(),
        }
    }

    /// The full name of the type.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type, none unless the reference comes from a [`Library`].
    pub fn value(&self) -> Option<&Value> {
        self.target.get()
    }
}

/// Types may be recursive: the name says it all.
impl PartialEq for TypeRef {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for TypeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypeRef").field(&self.name).finish()
    }
}

/// One of several objects, told apart by a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Union {
    /// The field, which all of them require.
    pub discriminator: String,
    /// In the order of the source; no value comes twice.
    pub alternatives: Vec<Alternative>,
}

/// An object of a union.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// What the field says of it.
    pub values: Vec<String>,
    /// The object.
    pub object: TypeRef,
}

impl Shape {
    /// The fields of an object, also of one with a name.
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::Named(reference) => match &reference.value()?.shape {
                Self::Object(object) => Some(object),
                _ => None,
            },
            _ => None,
        }
    }

    /// The alternatives of a union, also of one with a name.
    pub fn union(&self) -> Option<&Union> {
        match self {
            Self::Union(union) => Some(union),
            Self::Named(reference) => reference.value()?.shape.union(),
            _ => None,
        }
    }
}

/// The types of `definitions` that have names of their own.
pub fn library(definitions: &Definitions) -> Library {
    let resolver = Resolver { definitions };
    let names = definitions.types.keys();
    let mut types: Vec<NamedType> = names
        .filter(|name| resolver.is_named(name))
        .map(|name| resolver.named_type(name))
        .collect();
    fix_discriminators(&mut types);
    link(&mut types);
    Library { types }
}

/// Puts what a name stands for in its place.
struct Resolver<'d> {
    definitions: &'d Definitions,
}

impl Resolver<'_> {
    fn schema(&self, name: &str) -> Option<&Schema> {
        Some(&self.definitions.types.get(name)?.schema)
    }

    fn is_named(&self, name: &str) -> bool {
        let Some(schema) = self.schema(name) else {
            return false;
        };
        is_object(schema) || self.union(schema).is_some()
    }

    fn named_type(&self, name: &str) -> NamedType {
        let definition = &self.definitions.types[name];
        let mut value = match self.union(&definition.schema) {
            Some(union) => plain(Shape::Union(union), definition.schema.description.trim()),
            None => {
                let mut schema = definition.schema.clone();
                self.resolve(&mut schema, &mut Vec::new());
                value(&schema, name)
            }
        };
        let kind = only_kind(name, &definition.kinds);
        if let (Some(kind), Shape::Object(object)) = (&kind, &mut value.shape) {
            name_kind(object, kind);
        }
        NamedType {
            name: name.to_owned(),
            kind,
            value,
        }
    }

    /// A schema that is one of several objects, told apart by a field.
    fn union(&self, schema: &Schema) -> Option<Union> {
        let parts = match (schema.one_of.as_slice(), schema.any_of.as_slice()) {
            (parts, []) | ([], parts) if !parts.is_empty() && !is_object(schema) => parts,
            _ => return None,
        };
        let names: Vec<&str> = parts
            .iter()
            .map(|part| part.reference.as_deref())
            .collect::<Option<_>>()?;
        let objects: Vec<&Schema> = names
            .iter()
            .map(|name| self.schema(name).filter(|schema| is_object(schema)))
            .collect::<Option<_>>()?;
        let discriminator = objects[0]
            .properties
            .keys()
            .find(|field| tells_apart(field, &objects))?;
        let alternatives = names
            .iter()
            .zip(&objects)
            .map(|(name, object)| Alternative {
                values: constants(object, discriminator).unwrap_or_default(),
                object: TypeRef::new(name),
            });
        Some(Union {
            discriminator: discriminator.clone(),
            alternatives: alternatives.collect(),
        })
    }

    /// Leaves only references to objects and unions. `open` are the names that
    /// are being resolved.
    fn resolve(&self, schema: &mut Schema, open: &mut Vec<String>) {
        // To the server these say how lists merge. It takes an element twice, as
        // it does in env and ports of a container.
        schema.list_type = None;
        schema.list_map_keys.clear();
        match schema.reference.clone() {
            None => self.resolve_below(schema, open),
            Some(name) => {
                let rest = set_apart(schema);
                if !self.is_named(&name) {
                    self.replace(schema, &name, open);
                }
                if let Some(mut rest) = rest {
                    self.resolve_below(&mut rest, open);
                    schema.all_of.push(rest);
                }
            }
        }
    }

    fn resolve_below(&self, schema: &mut Schema, open: &mut Vec<String>) {
        for property in schema.properties.values_mut() {
            self.resolve(property, open);
        }
        if let Some(items) = &mut schema.items {
            self.resolve(items, open);
        }
        if let Some(Additional::Schema(values)) = &mut schema.additional_properties {
            self.resolve(values, open);
        }
        for parts in [&mut schema.all_of, &mut schema.any_of, &mut schema.one_of] {
            if !parts.iter_mut().all(|part| self.expand(part, open)) {
                parts.clear();
            }
        }
        for part in [&mut schema.not, &mut schema.property_names] {
            if part.as_mut().is_some_and(|part| !self.expand(part, open)) {
                *part = None;
            }
        }
    }

    /// The type in place of its name.
    fn replace(&self, schema: &mut Schema, name: &str, open: &mut Vec<String>) {
        let mut target = match self.schema(name) {
            Some(target) if !open.iter().any(|known| known == name) => target.clone(),
            _ => Schema::default(),
        };
        open.push(name.to_owned());
        self.resolve(&mut target, open);
        open.pop();
        let site = std::mem::replace(schema, target);
        if !site.description.is_empty() {
            schema.description = site.description;
        }
        schema.default = site.default.or(schema.default.take());
        schema.nullable |= site.nullable;
    }

    /// A part of a combinator without any reference; false if it has no end.
    fn expand(&self, schema: &mut Schema, open: &mut Vec<String>) -> bool {
        schema.list_type = None;
        if let Some(name) = schema.reference.take() {
            if open.contains(&name) {
                return false;
            }
            let mut target = self.schema(&name).cloned().unwrap_or_default();
            open.push(name);
            let ends = self.expand(&mut target, open);
            open.pop();
            schema.all_of.push(target);
            return ends;
        }
        let mut children = schema.children_mut();
        children.all(|child| self.expand(child, open))
    }
}

/// Takes from a reference what bounds the value beside it.
fn set_apart(schema: &mut Schema) -> Option<Schema> {
    let site = std::mem::take(schema);
    *schema = Schema {
        mark: site.mark,
        reference: site.reference.clone(),
        description: site.description.clone(),
        default: site.default.clone(),
        nullable: site.nullable,
        ..Schema::default()
    };
    let rest = Schema {
        reference: None,
        description: String::new(),
        default: None,
        nullable: false,
        ..site
    };
    (rest != Schema::default()).then_some(rest)
}

fn is_object(schema: &Schema) -> bool {
    let fits = matches!(schema.value_type, None | Some(Type::Object));
    fits && schema.reference.is_none() && !schema.properties.is_empty()
}

/// Whether each object requires the field, and each with other texts.
fn tells_apart(field: &str, objects: &[&Schema]) -> bool {
    let mut seen = BTreeSet::new();
    objects.iter().all(|object| {
        let is_required = object.required.iter().any(|name| name == field);
        let values = constants(object, field).unwrap_or_default();
        is_required && !values.is_empty() && values.into_iter().all(|value| seen.insert(value))
    })
}

fn constants(object: &Schema, field: &str) -> Option<Vec<String>> {
    let choices = object.properties.get(field)?.enumeration.as_ref()?;
    let texts = choices.iter().map(|choice| match choice {
        Json::String(text) => Some(text.clone()),
        _ => None,
    });
    texts.collect()
}

/// The kind, if the type is that of one only, and called like it. DeleteOptions
/// are published as a kind of every group.
pub fn only_kind(name: &str, kinds: &[GroupVersionKind]) -> Option<GroupVersionKind> {
    match kinds {
        [kind] if name.rsplit('.').next() == Some(&kind.kind) => Some(kind.clone()),
        _ => None,
    }
}

fn name_kind(object: &mut Object, kind: &GroupVersionKind) {
    for field in &mut object.fields {
        match field.name.as_str() {
            "apiVersion" => *field = literal_field("apiVersion", &kind.api_version()),
            "kind" => *field = literal_field("kind", &kind.kind),
            _ => {}
        }
    }
}

/// A field that tells an object apart and can say one thing only says it by itself.
fn fix_discriminators(types: &mut [NamedType]) {
    let mut fixed: Vec<(String, String, String)> = Vec::new();
    for union in types.iter().filter_map(|named| named.value.shape.union()) {
        for alternative in &union.alternatives {
            if let [only] = alternative.values.as_slice() {
                let name = alternative.object.name().to_owned();
                fixed.push((name, union.discriminator.clone(), only.clone()));
            }
        }
    }
    for (name, field, text) in fixed {
        let object = types.iter_mut().find(|named| named.name == name);
        let Some(Shape::Object(object)) = object.map(|named| &mut named.value.shape) else {
            continue;
        };
        for declared in object.fields.iter_mut().filter(|f| f.name == field) {
            declared.value.shape = Shape::Literal(text.clone());
            declared.value.choices = None;
        }
    }
}

type Targets = BTreeMap<String, Arc<OnceLock<Value>>>;

/// Lets every reference know its type.
fn link(types: &mut [NamedType]) {
    let names = types.iter().map(|named| named.name.clone());
    let targets: Targets = names.map(|name| (name, Arc::default())).collect();
    for named in &mut *types {
        link_value(&mut named.value, &targets);
    }
    for named in types {
        // Each is set once: a name comes once.
        let _ = targets[&named.name].set(named.value.clone());
    }
}

fn link_value(value: &mut Value, targets: &Targets) {
    match &mut value.shape {
        Shape::Named(reference) => link_reference(reference, targets),
        Shape::Union(union) => {
            for alternative in &mut union.alternatives {
                link_reference(&mut alternative.object, targets);
            }
        }
        Shape::List(inner) | Shape::Map(inner) => link_value(inner, targets),
        Shape::Object(object) => {
            for field in &mut object.fields {
                link_value(&mut field.value, targets);
            }
        }
        _ => {}
    }
}

fn link_reference(reference: &mut TypeRef, targets: &Targets) {
    if let Some(target) = targets.get(&reference.name) {
        reference.target = Arc::clone(target);
    }
}
