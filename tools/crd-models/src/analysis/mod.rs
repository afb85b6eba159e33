//! From schemas to types: what every target language has to know of a kind,
//! and nothing of its syntax or names.

mod library;
mod limits;
mod partial;
mod rules;

pub use library::{Alternative, Library, NamedType, TypeRef, Union, library, only_kind};
pub use limits::{Bound, Limits, Unique};
pub use partial::{Condition, Partial};
pub use rules::Rule;

use kube_schema::{Additional, Crd, CrdVersion, Number, Scale, Schema, Scope, Type};
use serde_json::Value as Json;

/// One version of a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// `helm.toolkit.fluxcd.io`.
    pub group: String,
    /// `v2`.
    pub version: String,
    /// `HelmRelease`.
    pub kind: String,
    /// Where its resources live.
    pub scope: Scope,
    /// Whether the version is deprecated.
    pub deprecated: bool,
    /// The fields of the whole resource.
    pub root: Object,
    /// What the schema asks of the resource's name.
    pub name_limits: Limits,
    /// All that the schema asks of the metadata: of name and generateName.
    pub metadata: Partial,
    /// The fields that have to be numbers for `kubectl scale`.
    pub scale: Option<Scale>,
    /// The bounds of the resource as a whole.
    pub limits: Limits,
    /// What else holds for it.
    pub also: Also,
}

impl Model {
    /// `GROUP/VERSION`, or `VERSION` in the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            return self.version.clone();
        }
        format!("{}/{}", self.group, self.version)
    }
}

/// A value with fixed fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Text for people; may be empty.
    pub description: String,
    /// Sorted by name.
    pub fields: Vec<Field>,
    /// Whether other fields are kept.
    pub open: bool,
    /// Whether it is a resource inside another one, with rules for its metadata.
    pub embedded: bool,
    /// Required fields that are not declared and so never there: the API server
    /// refuses every such object.
    pub never_there: Vec<String>,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// As the API writes it.
    pub name: String,
    /// Whether it must be there once defaults are filled in.
    pub required: bool,
    /// What it holds.
    pub value: Value,
}

/// What a place in a resource may hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Text for people; may be empty.
    pub description: String,
    /// Its type.
    pub shape: Shape,
    /// Whether null is a value of its own.
    pub nullable: bool,
    /// What the API server fills in.
    pub default: Option<Json>,
    /// The permitted values; never holds null, which satisfies no enum.
    pub choices: Option<Vec<Json>>,
    /// Its bounds.
    pub limits: Limits,
    /// What else holds for it.
    pub also: Also,
    /// Of a [`Shape::FreeObject`]: what of it is kept.
    pub keeps: Keeps,
    /// Of a [`Shape::FreeObject`] or a [`Shape::Map`]: fields that must be there.
    pub required: Vec<String>,
    /// Whether it is a resource inside another one.
    pub embedded: bool,
    /// Whether values of other types pass as well: an object without `type`.
    pub untyped: bool,
}

impl Value {
    /// A value about which nothing is said.
    pub fn any() -> Self {
        plain(Shape::Any, "")
    }
}

/// What the API server keeps of an object without declared fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keeps {
    /// Everything below it.
    #[default]
    All,
    /// Its fields, but none of the objects in them (`additionalProperties: true`).
    Fields,
    /// No field, but those that every resource has if it is one.
    Nothing,
}

/// What holds for a value beyond its type and its bounds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Also {
    /// allOf, anyOf, oneOf and not; all of them hold.
    pub conditions: Vec<Condition>,
    /// CEL rules; all of them hold.
    pub rules: Vec<Rule>,
}

/// The type of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Anything.
    Any,
    /// True or false.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// A number.
    Number,
    /// A text.
    Str,
    /// A whole number or a text.
    IntOrStr,
    /// A number or a text: a quantity.
    NumberOrStr,
    /// A list of one type.
    List(Box<Value>),
    /// Any names, values of one type.
    Map(Box<Value>),
    /// Fixed fields.
    Object(Object),
    /// An object about whose fields nothing is said.
    FreeObject,
    /// Exactly this text, which is also the default: apiVersion and kind.
    Literal(String),
    /// The metadata that every resource has.
    ObjectMeta,
    /// A type of a [`Library`]: an object or a union.
    Named(TypeRef),
    /// One of several objects.
    Union(Union),
}

/// Every version of every kind, in the order of `crds`.
pub fn models(crds: &[Crd]) -> Vec<Model> {
    crds.iter()
        .flat_map(|crd| crd.versions.iter().map(move |version| model(crd, version)))
        .collect()
}

fn model(crd: &Crd, version: &CrdVersion) -> Model {
    let schema = &version.schema;
    let api_version = format!("{}/{}", crd.group, version.name);
    let mut root = object(schema, &crd.names.kind);
    let is_meta = |name: &str| matches!(name, "apiVersion" | "kind" | "metadata");
    root.fields.retain(|field| !is_meta(&field.name));
    root.never_there.retain(|name| !is_meta(name));
    root.fields.extend([
        literal_field("apiVersion", &api_version),
        literal_field("kind", &crd.names.kind),
        metadata_field(schema.required.iter().any(|name| name == "metadata")),
    ]);
    root.fields.sort_by(|a, b| a.name.cmp(&b.name));
    Model {
        group: crd.group.clone(),
        version: version.name.clone(),
        kind: crd.names.kind.clone(),
        scope: crd.scope,
        deprecated: version.deprecated,
        root,
        name_limits: name_limits(schema),
        scale: version.subresources.scale.clone(),
        metadata: schema
            .property("metadata")
            .map(partial::partial)
            .unwrap_or_default(),
        limits: limits::own_limits(schema),
        also: also(schema, true, &crd.names.kind),
    }
}

fn literal_field(name: &str, text: &str) -> Field {
    let description = match name {
        "kind" => "Kind of the resource.",
        _ => "API group and version of the resource.",
    };
    Field {
        name: name.to_owned(),
        required: true,
        value: plain(Shape::Literal(text.to_owned()), description),
    }
}

fn metadata_field(required: bool) -> Field {
    Field {
        name: "metadata".to_owned(),
        required,
        value: plain(
            Shape::ObjectMeta,
            "Name, namespace, labels and whatever else every resource has.",
        ),
    }
}

fn plain(shape: Shape, description: &str) -> Value {
    Value {
        description: description.to_owned(),
        shape,
        nullable: false,
        default: None,
        choices: None,
        limits: Limits::default(),
        also: Also::default(),
        keeps: Keeps::default(),
        required: Vec::new(),
        embedded: false,
        untyped: false,
    }
}

/// Of metadata a CRD can only limit name and generateName.
fn name_limits(schema: &Schema) -> Limits {
    let metadata = schema.property("metadata");
    let name = metadata.and_then(|metadata| metadata.property("name"));
    name.map(limits::own_limits).unwrap_or_default()
}

fn object(schema: &Schema, path: &str) -> Object {
    let mut fields: Vec<Field> = schema
        .properties
        .iter()
        .map(|(name, property)| Field {
            name: name.clone(),
            required: schema.required.contains(name),
            value: value(property, &format!("{path}.{name}")),
        })
        .collect();
    if schema.embedded_resource {
        add_resource_fields(&mut fields);
    }
    let never_there = if schema.preserve_unknown {
        add_undeclared(&mut fields, &schema.required);
        Vec::new()
    } else {
        undeclared(&fields, &schema.required)
    };
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    Object {
        description: schema.description.trim().to_owned(),
        fields,
        open: schema.preserve_unknown,
        embedded: schema.embedded_resource,
        never_there,
    }
}

/// An embedded resource has these whether its schema names them or not.
fn add_resource_fields(fields: &mut Vec<Field>) {
    for name in ["apiVersion", "kind"] {
        match fields.iter_mut().find(|field| field.name == name) {
            Some(field) => field.required = true,
            None => fields.push(Field {
                name: name.to_owned(),
                required: true,
                value: plain(Shape::Str, ""),
            }),
        }
    }
    match fields.iter_mut().find(|field| field.name == "metadata") {
        // Its metadata is read as every resource's, and kept.
        Some(field) => match &mut field.value.shape {
            Shape::Object(metadata) => metadata.open = true,
            _ => field.value.keeps = Keeps::All,
        },
        None => fields.push(Field {
            name: "metadata".to_owned(),
            required: false,
            value: plain(Shape::FreeObject, ""),
        }),
    }
}

/// Where unknown fields are kept a required one need not be declared.
fn add_undeclared(fields: &mut Vec<Field>, required: &[String]) {
    let missing = undeclared(fields, required).into_iter();
    fields.extend(missing.map(|name| Field {
        name,
        required: true,
        value: plain(Shape::Any, ""),
    }));
}

fn undeclared(fields: &[Field], required: &[String]) -> Vec<String> {
    let is_declared = |name: &String| fields.iter().any(|field| &field.name == name);
    let missing = required.iter().filter(|name| !is_declared(name));
    missing.cloned().collect()
}

/// `path` tells the value apart from all others of its kind.
fn value(schema: &Schema, path: &str) -> Value {
    let shape = shape(schema, path);
    let default = schema.default.as_ref().filter(|default| !default.is_null());
    let mut limits = limits::own_limits(schema);
    for part in &schema.all_of {
        let (merged, _) = limits::split(&limits, limits::own_limits(part));
        limits = limits::stricter(limits, merged);
    }
    Value {
        description: schema.description.trim().to_owned(),
        nullable: schema.nullable,
        default: default.map(|default| whole(default, &shape)),
        choices: choices(schema, &shape),
        limits,
        also: also(schema, schema.embedded_resource, path),
        keeps: keeps(schema),
        required: schema.required.clone(),
        embedded: schema.embedded_resource,
        untyped: schema.value_type.is_none() && matches!(shape, Shape::Object(_)),
        shape,
    }
}

fn keeps(schema: &Schema) -> Keeps {
    match schema.additional_properties {
        _ if schema.preserve_unknown => Keeps::All,
        Some(Additional::Allowed(true)) => Keeps::Fields,
        _ => Keeps::Nothing,
    }
}

fn also(schema: &Schema, is_resource: bool, path: &str) -> Also {
    Also {
        conditions: partial::conditions(schema),
        rules: rules::rules(schema, is_resource, path),
    }
}

/// A whole number where a whole number is asked for: to the API server `3.0` is one.
fn whole(json: &Json, shape: &Shape) -> Json {
    match (json, shape) {
        (Json::Number(number), Shape::Int | Shape::IntOrStr) => {
            match number.as_f64().map(Number::from) {
                Some(Number::Int(value)) if number.is_f64() => {
                    i64::try_from(value).map_or_else(|_| json.clone(), Json::from)
                }
                _ => json.clone(),
            }
        }
        (Json::Array(items), Shape::List(element)) => Json::Array(
            items
                .iter()
                .map(|item| whole(item, &element.shape))
                .collect(),
        ),
        (Json::Object(fields), Shape::Map(entry)) => Json::Object(
            fields
                .iter()
                .map(|(name, field)| (name.clone(), whole(field, &entry.shape)))
                .collect(),
        ),
        (Json::Object(fields), Shape::Object(object)) => {
            let shape_of = |name: &str| object.fields.iter().find(|field| field.name == name);
            let fields = fields.iter().map(|(name, field)| {
                let shape = shape_of(name).map_or(&Shape::Any, |declared| &declared.value.shape);
                (name.clone(), whole(field, shape))
            });
            Json::Object(fields.collect())
        }
        _ => json.clone(),
    }
}

fn choices(schema: &Schema, shape: &Shape) -> Option<Vec<Json>> {
    let choices = schema
        .enumeration
        .as_ref()
        .filter(|choices| !choices.is_empty())?;
    let choices = choices.iter().filter(|choice| !choice.is_null());
    Some(choices.map(|choice| whole(choice, shape)).collect())
}

fn shape(schema: &Schema, path: &str) -> Shape {
    if let Some(name) = &schema.reference {
        return Shape::Named(TypeRef::new(name));
    }
    if schema.int_or_string {
        return Shape::IntOrStr;
    }
    match schema.value_type {
        Some(Type::Boolean) => Shape::Bool,
        Some(Type::Integer) => Shape::Int,
        Some(Type::Number) => Shape::Number,
        Some(Type::String) => Shape::Str,
        Some(Type::Array) => {
            let element = schema.items.as_deref();
            let element = element.map(|items| value(items, &format!("{path}[]")));
            Shape::List(Box::new(element.unwrap_or_else(|| plain(Shape::Any, ""))))
        }
        Some(Type::Object) => object_shape(schema, path),
        None if partial::is_number_or_string(schema) => Shape::NumberOrStr,
        None if schema.properties.is_empty() => Shape::Any,
        None => object_shape(schema, path),
    }
}

fn object_shape(schema: &Schema, path: &str) -> Shape {
    if !schema.properties.is_empty() {
        return Shape::Object(object(schema, path));
    }
    match &schema.additional_properties {
        Some(Additional::Schema(values)) => {
            Shape::Map(Box::new(value(values, &format!("{path}{{}}"))))
        }
        _ => Shape::FreeObject,
    }
}
