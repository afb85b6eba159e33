use super::{Limits, Shape, choices, limits};
use kube_schema::{Additional, Schema, Type};
use serde_json::Value as Json;

/// A combinator.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Every part holds.
    All(Vec<Partial>),
    /// At least one part holds.
    Any(Vec<Partial>),
    /// Exactly one part holds.
    One(Vec<Partial>),
    /// The part does not hold.
    Not(Box<Partial>),
    /// The part holds for the name of every field.
    Names(Box<Partial>),
}

/// A schema that bounds a value whose type is known: a part of a combinator.
/// What it says of another type than the value's says nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Partial {
    /// Text for people: what it asks.
    pub description: String,
    /// The JSON type to have.
    pub value_type: Option<Type>,
    /// Whether null passes `value_type`.
    pub nullable: bool,
    /// The permitted values; never holds null.
    pub choices: Option<Vec<Json>>,
    /// Bounds.
    pub limits: Limits,
    /// The fields that have to be there.
    pub required: Vec<String>,
    /// What is asked of a field if it is there; sorted by name.
    pub fields: Vec<(String, Partial)>,
    /// What is asked of every other field.
    pub entries: Option<Box<Partial>>,
    /// What is asked of each element.
    pub element: Option<Box<Partial>>,
    /// Combinators inside.
    pub conditions: Vec<Condition>,
}

impl Partial {
    /// Whether it holds for everything.
    pub fn is_empty(&self) -> bool {
        *self == Partial::default()
    }
}

/// The combinators of a schema, without those that say nothing: the anyOf of
/// integer and string that every int-or-string has, and parts of an allOf
/// that the value's own bounds already hold.
pub(super) fn conditions(schema: &Schema) -> Vec<Condition> {
    let mut found = Vec::new();
    let all: Vec<Partial> = remaining(schema)
        .into_iter()
        .filter(|part| !part.is_empty() && !is_int_or_string(schema, part))
        .collect();
    if !all.is_empty() {
        found.push(Condition::All(all));
    }
    found.extend(choosing(schema));
    found
}

/// The parts of an allOf without what the value's own bounds already hold.
fn remaining(schema: &Schema) -> Vec<Partial> {
    let mut known = limits::own_limits(schema);
    let mut parts = Vec::new();
    for part in &schema.all_of {
        let (merged, odd) = limits::split(&known, limits::own_limits(part));
        known = limits::stricter(known, merged);
        parts.push(Partial {
            limits: odd,
            ..partial(part)
        });
    }
    parts
}

fn choosing(schema: &Schema) -> Vec<Condition> {
    let parts = |parts: &[Schema]| -> Vec<Partial> { parts.iter().map(partial).collect() };
    let mut found = Vec::new();
    let is_shape = is_int_or_string_union(schema) || is_number_or_string(schema);
    if !schema.any_of.is_empty() && !is_shape {
        found.push(Condition::Any(parts(&schema.any_of)));
    }
    if !schema.one_of.is_empty() {
        found.push(Condition::One(parts(&schema.one_of)));
    }
    if let Some(not) = &schema.not {
        found.push(Condition::Not(Box::new(partial(not))));
    }
    if let Some(names) = &schema.property_names {
        found.push(Condition::Names(Box::new(partial(names))));
    }
    found
}

pub(super) fn partial(schema: &Schema) -> Partial {
    let mut conditions: Vec<Condition> = Vec::new();
    if !schema.all_of.is_empty() {
        conditions.push(Condition::All(schema.all_of.iter().map(partial).collect()));
    }
    conditions.extend(choosing(schema));
    let entries = match &schema.additional_properties {
        Some(Additional::Schema(values)) => Some(Box::new(partial(values))),
        _ => None,
    };
    let kind = match schema.value_type {
        Some(Type::Integer) => Shape::Int,
        _ => Shape::Any,
    };
    Partial {
        description: schema.description.trim().to_owned(),
        value_type: schema.value_type,
        nullable: schema.nullable,
        choices: choices(schema, &kind),
        limits: limits::own_limits(schema),
        required: schema.required.clone(),
        fields: schema
            .properties
            .iter()
            .map(|(name, property)| (name.clone(), partial(property)))
            .collect(),
        entries,
        element: schema
            .items
            .as_deref()
            .map(|items| Box::new(partial(items))),
        conditions,
    }
}

fn is_type(part: &Schema, value_type: Type) -> bool {
    *part
        == Schema {
            value_type: Some(value_type),
            ..Schema::default()
        }
}

/// `anyOf: [{type: integer}, {type: string}]`.
fn is_int_or_string_union(schema: &Schema) -> bool {
    match schema.any_of.as_slice() {
        [a, b] if schema.int_or_string => is_type(a, Type::Integer) && is_type(b, Type::String),
        _ => false,
    }
}

/// `anyOf: [{type: number}, {type: string}]` and no type beside it.
pub(super) fn is_number_or_string(schema: &Schema) -> bool {
    let is_bare = schema.value_type.is_none() && !schema.preserve_unknown;
    match schema.any_of.as_slice() {
        [a, b] if is_bare => is_type(a, Type::Number) && is_type(b, Type::String),
        _ => false,
    }
}

/// The other spelling: an allOf whose first part is that anyOf.
fn is_int_or_string(schema: &Schema, part: &Partial) -> bool {
    let union = Partial {
        conditions: vec![Condition::Any(
            [Type::Integer, Type::String]
                .map(|value_type| Partial {
                    value_type: Some(value_type),
                    ..Partial::default()
                })
                .to_vec(),
        )],
        ..Partial::default()
    };
    schema.int_or_string && *part == union
}
