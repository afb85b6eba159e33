//! What a broken sample may break: at each place of a schema, every constraint
//! that it states.

mod metadata;
mod values;

use crate::feature::{lengths, resized};
use crate::formats;
use crate::generate::{Generator, Plan};
use crate::path::ValuePath;
use kube_schema::validate::{FieldError, Reason};
use kube_schema::{Additional, ListType, Schema, Type};
use serde_json::{Value, json};

/// A constraint that a place states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// `type`, also of int-or-string.
    Type,
    /// A null where it is no value: in a list.
    Null,
    /// A field that must be there.
    Required(String),
    /// A field that nobody declares.
    Unknown,
    /// `additionalProperties: false`.
    NoAdditional,
    /// `enum`.
    Enum,
    /// `minimum`.
    Minimum,
    /// The bound itself, under `exclusiveMinimum`.
    ExclusiveMinimum,
    /// `maximum`.
    Maximum,
    /// The bound itself, under `exclusiveMaximum`.
    ExclusiveMaximum,
    /// `multipleOf`.
    MultipleOf,
    /// `minLength`.
    MinLength,
    /// `maxLength`.
    MaxLength,
    /// `pattern`.
    Pattern,
    /// `format`, of strings and of numbers.
    Format,
    /// `minItems`.
    MinItems,
    /// `maxItems`.
    MaxItems,
    /// `minProperties`.
    MinProperties,
    /// `maxProperties`.
    MaxProperties,
    /// `x-kubernetes-list-type: set`.
    Set,
    /// `x-kubernetes-list-type: map`.
    MapKeys,
    /// `oneOf`.
    OneOf,
    /// `anyOf`.
    AnyOf,
    /// A branch of `allOf`.
    AllOf(usize),
    /// `not`.
    Not,
    /// A rule.
    Rule(usize),
    /// Something about a resource inside the resource.
    Embedded(usize),
    /// Something about the resource's own metadata.
    Metadata(usize),
    /// The scale subresource's count.
    Scale,
}

/// How it is known that a sample breaks one constraint and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It satisfies the schema without the constraint.
    Relaxed,
    /// There is one error, of this reason, at the place of the fault.
    OnlyError(Reason),
    /// There is one error, at the place of the fault or below it.
    AnyError,
}

impl Fault {
    /// As the schema spells it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Null => "nullable",
            Self::Required(_) => "required",
            Self::Unknown => "unknown field",
            Self::NoAdditional => "additionalProperties",
            Self::Enum => "enum",
            Self::Minimum => "minimum",
            Self::ExclusiveMinimum => "exclusiveMinimum",
            Self::Maximum => "maximum",
            Self::ExclusiveMaximum => "exclusiveMaximum",
            Self::MultipleOf => "multipleOf",
            Self::MinLength => "minLength",
            Self::MaxLength => "maxLength",
            Self::Pattern => "pattern",
            Self::Format => "format",
            Self::MinItems => "minItems",
            Self::MaxItems => "maxItems",
            Self::MinProperties => "minProperties",
            Self::MaxProperties => "maxProperties",
            Self::Set | Self::MapKeys => "x-kubernetes-list-type",
            Self::OneOf => "oneOf",
            Self::AnyOf => "anyOf",
            Self::AllOf(_) => "allOf",
            Self::Not => "not",
            Self::Rule(_) => "x-kubernetes-validations",
            Self::Embedded(_) => "x-kubernetes-embedded-resource",
            Self::Metadata(metadata::NO_NAME) => "required",
            Self::Metadata(_) => "metadata",
            Self::Scale => "scale",
        }
    }

    /// The constraints that a place states. `is_item` says whether it is that of
    /// elements.
    pub fn of(schema: &Schema, is_item: bool) -> Vec<Self> {
        let mut found = Vec::new();
        let mut add = |is_stated: bool, fault: Self| {
            if is_stated {
                found.push(fault);
            }
        };
        let is_typed = schema.int_or_string || schema.value_type.is_some();
        let is_listed = schema.enumeration.as_ref().is_some_and(|e| !e.is_empty());
        // A value of another type is none of those listed either.
        add(is_typed && !is_listed, Self::Type);
        let has_default = schema.default.as_ref().is_some_and(|d| !d.is_null());
        add(
            is_item && is_typed && !is_listed && !schema.nullable && !has_default,
            Self::Null,
        );
        for name in &schema.required {
            add(true, Self::Required(name.clone()));
        }
        let is_object = schema.value_type == Some(Type::Object);
        let is_closed = schema.additional_properties.is_none() && !schema.preserve_unknown;
        add(is_object && is_closed, Self::Unknown);
        let is_shut = matches!(
            schema.additional_properties,
            Some(Additional::Allowed(false))
        );
        add(is_object && is_shut, Self::NoAdditional);
        add(is_listed, Self::Enum);
        add(schema.minimum.is_some(), Self::Minimum);
        add(
            schema.minimum.is_some() && schema.exclusive_minimum,
            Self::ExclusiveMinimum,
        );
        add(schema.maximum.is_some(), Self::Maximum);
        add(
            schema.maximum.is_some() && schema.exclusive_maximum,
            Self::ExclusiveMaximum,
        );
        add(schema.multiple_of.is_some(), Self::MultipleOf);
        add(schema.min_length.is_some_and(|n| n > 0), Self::MinLength);
        add(schema.max_length.is_some(), Self::MaxLength);
        add(
            schema.pattern.as_ref().is_some_and(|p| !p.is_empty()),
            Self::Pattern,
        );
        add(is_checked_format(schema), Self::Format);
        add(schema.min_items.is_some_and(|n| n > 0), Self::MinItems);
        add(schema.max_items.is_some(), Self::MaxItems);
        add(
            schema.min_properties.is_some_and(|n| n > 0),
            Self::MinProperties,
        );
        add(schema.max_properties.is_some(), Self::MaxProperties);
        add(schema.list_type == Some(ListType::Set), Self::Set);
        add(schema.list_type == Some(ListType::Map), Self::MapKeys);
        add(!schema.one_of.is_empty(), Self::OneOf);
        add(
            !schema.any_of.is_empty() && !is_type_choice(schema),
            Self::AnyOf,
        );
        for i in 0..schema.all_of.len() {
            add(!is_type_choice(&schema.all_of[i]), Self::AllOf(i));
        }
        add(schema.not.is_some(), Self::Not);
        for i in 0..schema.rules.len() {
            add(true, Self::Rule(i));
        }
        for i in 0..EMBEDDED {
            add(schema.embedded_resource, Self::Embedded(i));
        }
        found
    }

    /// How a sample proves it.
    pub fn proof(&self) -> Proof {
        match self {
            Self::Type | Self::Format | Self::Null => Proof::OnlyError(Reason::Type),
            Self::Unknown => Proof::OnlyError(Reason::Unknown),
            Self::NoAdditional => Proof::OnlyError(Reason::Invalid),
            Self::Embedded(_) | Self::Metadata(_) | Self::Scale => Proof::AnyError,
            _ => Proof::Relaxed,
        }
    }

    /// Takes the constraint out of the schema of its place.
    pub fn relax(&self, schema: &mut Schema) {
        match self {
            Self::Required(name) => schema.required.retain(|required| required != name),
            Self::Enum => schema.enumeration = None,
            Self::Minimum => (schema.minimum, schema.exclusive_minimum) = (None, false),
            Self::ExclusiveMinimum => schema.exclusive_minimum = false,
            Self::Maximum => (schema.maximum, schema.exclusive_maximum) = (None, false),
            Self::ExclusiveMaximum => schema.exclusive_maximum = false,
            Self::MultipleOf => schema.multiple_of = None,
            Self::MinLength => schema.min_length = None,
            Self::MaxLength => schema.max_length = None,
            Self::Pattern => schema.pattern = None,
            Self::MinItems => schema.min_items = None,
            Self::MaxItems => schema.max_items = None,
            Self::MinProperties => schema.min_properties = None,
            Self::MaxProperties => schema.max_properties = None,
            Self::Set | Self::MapKeys => schema.list_type = None,
            Self::OneOf => schema.one_of.clear(),
            Self::AnyOf => schema.any_of.clear(),
            Self::AllOf(i) => drop(schema.all_of.remove(*i)),
            Self::Not => schema.not = None,
            Self::Rule(i) => drop(schema.rules.remove(*i)),
            Self::Type
            | Self::Null
            | Self::Unknown
            | Self::NoAdditional
            | Self::Format
            | Self::Embedded(_)
            | Self::Metadata(_)
            | Self::Scale => {}
        }
    }

    /// Where the fault lies, for a value at `path`.
    pub fn place(&self, path: &ValuePath) -> ValuePath {
        match self {
            Self::Required(name) => path.field(name),
            Self::Unknown => path.field(UNKNOWN),
            _ => path.clone(),
        }
    }

    /// Whether this is the error, and the only one, that the fault makes.
    pub fn explains(&self, error: &FieldError, path: &ValuePath) -> bool {
        let place = self.place(path).to_string();
        match self.proof() {
            Proof::Relaxed => false,
            Proof::OnlyError(reason) => {
                let is_nowhere = *self == Self::Format && error.field.is_empty();
                error.reason == reason && error.field == place || is_nowhere
            }
            Proof::AnyError => error.field.trim_start_matches('.').starts_with(&place),
        }
    }

    /// Values that break it, if nothing else is broken by them; `current` is the
    /// one that is there.
    pub fn values(
        &self,
        schema: &Schema,
        current: &Value,
        generator: &mut Generator<'_>,
    ) -> Vec<Value> {
        match self {
            Self::Type => values::other_types(schema),
            Self::Null => vec![Value::Null],
            Self::Required(name) => values::missing(current, name),
            Self::Unknown => values::unknown(current),
            Self::NoAdditional => vec![json!({"a": 1}), json!({"a": "x"})],
            Self::Enum => values::not_listed(schema),
            Self::Minimum => values::beyond(schema.minimum, -1.0),
            Self::Maximum => values::beyond(schema.maximum, 1.0),
            Self::ExclusiveMinimum => values::beyond(schema.minimum, 0.0),
            Self::ExclusiveMaximum => values::beyond(schema.maximum, 0.0),
            Self::MultipleOf => values::not_multiples(schema, current),
            Self::MinLength => values::shorter(schema, generator),
            Self::MaxLength => {
                let length = schema.max_length.unwrap_or(0).saturating_add(1).max(0);
                let mut found = lengths(schema, length, generator);
                found.push(
                    generator
                        .odd_text(usize::try_from(length).unwrap_or(0))
                        .into(),
                );
                found
            }
            Self::Pattern => values::mismatches(current, generator),
            Self::Format => values::without_format(schema),
            Self::MinItems => resized(current, schema.min_items.unwrap_or(1) - 1),
            Self::MinProperties => values::fewer(current, schema.min_properties.unwrap_or(1) - 1),
            Self::MaxItems => {
                let count = schema.max_items.map(|n| n.max(0) + 1);
                values::more(schema, current, count, generator)
            }
            Self::MaxProperties => {
                let count = schema.max_properties.map(|n| n.max(0) + 1);
                values::more(schema, current, count, generator)
            }
            Self::Set => values::repeated(current),
            Self::MapKeys => values::repeated_keys(schema, current, generator),
            Self::Embedded(i) => metadata::embedded(*i, current),
            Self::OneOf | Self::AnyOf | Self::AllOf(_) | Self::Not | Self::Rule(_) => {
                let plan = Plan::varied(&mut generator.random);
                (0..20)
                    .filter_map(|_| generator.draft(schema, &[], plan))
                    .collect()
            }
            Self::Metadata(i) => metadata::own(*i, current),
            Self::Scale => [json!(-1), json!(2_147_483_648_i64)].to_vec(),
        }
    }
}

/// What an unknown field is called.
const UNKNOWN: &str = "notDeclared";
/// How many faults of resources inside resources there are.
pub const EMBEDDED: usize = 14;
/// How many faults of metadata there are.
pub const METADATA: usize = 22;

/// Formats that the server checks for the type.
fn is_checked_format(schema: &Schema) -> bool {
    let Some(format) = schema.format.as_deref() else {
        return false;
    };
    match schema.value_type {
        Some(Type::String) => !formats::bad(format).is_empty(),
        Some(Type::Integer) => format == "int32",
        Some(Type::Number) => format == "float",
        None if schema.int_or_string => !formats::bad(format).is_empty(),
        _ => false,
    }
}

/// `anyOf: [{type: integer}, {type: string}]`, which int-or-string says anyway.
fn is_type_choice(schema: &Schema) -> bool {
    !schema.any_of.is_empty()
        && schema
            .any_of
            .iter()
            .all(|branch| branch.value_type.is_some())
}
