//! From schemas to types: what every target language has to know of a kind,
//! and nothing of its syntax or names.

use kube_schema::{Additional, Crd, CrdVersion, ListType, Number, Schema, Scope, Type};
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
}

impl Model {
    /// `GROUP/VERSION`.
    pub fn api_version(&self) -> String {
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
}

/// The bounds of a value; each applies to the type it is about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Limits {
    /// Lower bound.
    pub min: Option<Bound>,
    /// Upper bound.
    pub max: Option<Bound>,
    /// A factor above zero.
    pub multiple_of: Option<i64>,
    /// In code points.
    pub min_length: Option<i64>,
    /// In code points.
    pub max_length: Option<i64>,
    /// RE2 expressions; all must match somewhere.
    pub patterns: Vec<String>,
    /// Fewest elements.
    pub min_items: Option<i64>,
    /// Most elements.
    pub max_items: Option<i64>,
    /// Fewest entries.
    pub min_entries: Option<i64>,
    /// Most entries.
    pub max_entries: Option<i64>,
    /// What no two elements share.
    pub unique: Unique,
}

/// A bound of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The number.
    pub value: Number,
    /// Whether it is itself out.
    pub exclusive: bool,
}

/// What no two elements of a list share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Unique {
    /// Nothing is said.
    #[default]
    No,
    /// The whole element.
    Element,
    /// These fields together.
    Keys(Vec<String>),
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
    let mut root = object(schema);
    root.fields
        .retain(|field| !matches!(field.name.as_str(), "apiVersion" | "kind" | "metadata"));
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
    }
}

/// Of metadata a CRD can only limit name and generateName.
fn name_limits(schema: &Schema) -> Limits {
    let metadata = schema.properties.get("metadata");
    let name = metadata.and_then(|metadata| metadata.properties.get("name"));
    name.map(limits).unwrap_or_default()
}

fn object(schema: &Schema) -> Object {
    let mut fields: Vec<Field> = schema
        .properties
        .iter()
        .map(|(name, property)| Field {
            name: name.clone(),
            required: schema.required.contains(name),
            value: value(property),
        })
        .collect();
    if schema.embedded_resource {
        add_resource_fields(&mut fields);
    }
    if schema.preserve_unknown {
        add_undeclared(&mut fields, &schema.required);
    }
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    Object {
        description: schema.description.trim().to_owned(),
        fields,
        open: schema.preserve_unknown,
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
    if !fields.iter().any(|field| field.name == "metadata") {
        fields.push(Field {
            name: "metadata".to_owned(),
            required: false,
            value: plain(Shape::FreeObject, ""),
        });
    }
}

/// Where unknown fields are kept a required one need not be declared.
fn add_undeclared(fields: &mut Vec<Field>, required: &[String]) {
    for name in required {
        if !fields.iter().any(|field| &field.name == name) {
            fields.push(Field {
                name: name.clone(),
                required: true,
                value: plain(Shape::Any, ""),
            });
        }
    }
}

fn value(schema: &Schema) -> Value {
    let shape = shape(schema);
    let default = schema.default.as_ref().filter(|default| !default.is_null());
    Value {
        description: schema.description.trim().to_owned(),
        nullable: schema.nullable,
        default: default.map(|default| whole(default, &shape)),
        choices: choices(schema, &shape),
        limits: limits(schema),
        shape,
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

fn shape(schema: &Schema) -> Shape {
    if schema.int_or_string {
        return Shape::IntOrStr;
    }
    match schema.value_type {
        Some(Type::Boolean) => Shape::Bool,
        Some(Type::Integer) => Shape::Int,
        Some(Type::Number) => Shape::Number,
        Some(Type::String) => Shape::Str,
        Some(Type::Array) => Shape::List(Box::new(element(schema.items.as_deref()))),
        Some(Type::Object) => object_shape(schema),
        None if schema.properties.is_empty() => Shape::Any,
        None => object_shape(schema),
    }
}

fn element(schema: Option<&Schema>) -> Value {
    schema.map_or_else(|| plain(Shape::Any, ""), value)
}

fn object_shape(schema: &Schema) -> Shape {
    if !schema.properties.is_empty() {
        return Shape::Object(object(schema));
    }
    match &schema.additional_properties {
        Some(Additional::Schema(values)) => Shape::Map(Box::new(value(values))),
        _ => Shape::FreeObject,
    }
}

/// The schema's own bounds and those of its allOf, which hold as well.
fn limits(schema: &Schema) -> Limits {
    let mut limits = own_limits(schema);
    for part in &schema.all_of {
        limits = stricter(limits, own_limits(part));
    }
    limits
}

fn own_limits(schema: &Schema) -> Limits {
    let bound = |value: Option<Number>, exclusive| value.map(|value| Bound { value, exclusive });
    Limits {
        min: bound(schema.minimum, schema.exclusive_minimum),
        max: bound(schema.maximum, schema.exclusive_maximum),
        multiple_of: schema.multiple_of.and_then(factor),
        min_length: schema.min_length,
        max_length: schema.max_length,
        patterns: schema
            .pattern
            .iter()
            .filter(|pattern| !pattern.is_empty())
            .cloned()
            .collect(),
        min_items: schema.min_items,
        max_items: schema.max_items,
        min_entries: schema.min_properties,
        max_entries: schema.max_properties,
        unique: match schema.list_type {
            Some(ListType::Set) => Unique::Element,
            Some(ListType::Map) => Unique::Keys(schema.list_map_keys.clone()),
            Some(ListType::Atomic) | None => Unique::No,
        },
    }
}

/// Only a whole factor can be told exactly; the API server cuts others.
fn factor(value: Number) -> Option<i64> {
    value.as_i64().filter(|factor| *factor > 0)
}

fn stricter(a: Limits, b: Limits) -> Limits {
    fn larger<T: PartialOrd>(a: Option<T>, b: Option<T>) -> Option<T> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if b > a { b } else { a }),
            (a, b) => a.or(b),
        }
    }
    fn smaller<T: PartialOrd>(a: Option<T>, b: Option<T>) -> Option<T> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if b < a { b } else { a }),
            (a, b) => a.or(b),
        }
    }
    Limits {
        min: tighter(a.min, b.min, |new, old| new > old),
        max: tighter(a.max, b.max, |new, old| new < old),
        multiple_of: a.multiple_of.or(b.multiple_of),
        min_length: larger(a.min_length, b.min_length),
        max_length: smaller(a.max_length, b.max_length),
        patterns: a.patterns.into_iter().chain(b.patterns).collect(),
        min_items: larger(a.min_items, b.min_items),
        max_items: smaller(a.max_items, b.max_items),
        min_entries: larger(a.min_entries, b.min_entries),
        max_entries: smaller(a.max_entries, b.max_entries),
        unique: if a.unique == Unique::No {
            b.unique
        } else {
            a.unique
        },
    }
}

fn tighter(a: Option<Bound>, b: Option<Bound>, wins: impl Fn(f64, f64) -> bool) -> Option<Bound> {
    let (Some(old), Some(new)) = (a, b) else {
        return a.or(b);
    };
    let (new_value, old_value) = (new.value.as_f64(), old.value.as_f64());
    let equal = new_value == old_value;
    if wins(new_value, old_value) || (equal && new.exclusive) {
        Some(new)
    } else {
        Some(old)
    }
}
