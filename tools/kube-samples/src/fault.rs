//! What a broken sample may break: at each place of a schema, every constraint
//! that it states.

use crate::feature::{grown, lengths, resized};
use crate::formats;
use crate::generate::{Generator, Plan};
use crate::path::ValuePath;
use kube_schema::validate::{FieldError, Reason};
use kube_schema::{Additional, ListType, Number, Schema, Type};
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
            Self::Type => other_types(schema),
            Self::Null => vec![Value::Null],
            Self::Required(name) => missing(current, name),
            Self::Unknown => unknown(current),
            Self::NoAdditional => vec![json!({"a": 1}), json!({"a": "x"})],
            Self::Enum => not_listed(schema),
            Self::Minimum => beyond(schema.minimum, -1.0),
            Self::Maximum => beyond(schema.maximum, 1.0),
            Self::ExclusiveMinimum => beyond(schema.minimum, 0.0),
            Self::ExclusiveMaximum => beyond(schema.maximum, 0.0),
            Self::MultipleOf => not_multiples(schema, current),
            Self::MinLength => shorter(schema, generator),
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
            Self::Pattern => mismatches(current, generator),
            Self::Format => without_format(schema),
            Self::MinItems => resized(current, schema.min_items.unwrap_or(1) - 1),
            Self::MinProperties => fewer(current, schema.min_properties.unwrap_or(1) - 1),
            Self::MaxItems => {
                let count = schema.max_items.map(|n| n.max(0) + 1);
                more(schema, current, count, generator)
            }
            Self::MaxProperties => {
                let count = schema.max_properties.map(|n| n.max(0) + 1);
                more(schema, current, count, generator)
            }
            Self::Set => repeated(current),
            Self::MapKeys => repeated_keys(schema, current, generator),
            Self::Embedded(i) => embedded(*i, current),
            Self::OneOf | Self::AnyOf | Self::AllOf(_) | Self::Not | Self::Rule(_) => {
                let plan = Plan::varied(&mut generator.random);
                (0..20)
                    .filter_map(|_| generator.draft(schema, &[], plan))
                    .collect()
            }
            Self::Metadata(i) => metadata(*i, current),
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

fn other_types(schema: &Schema) -> Vec<Value> {
    let all = [
        json!("text"),
        json!(1),
        json!(1.5),
        json!(true),
        json!([]),
        json!({}),
        json!(1e20),
    ];
    let fits = |value: &Value| match schema.value_type {
        _ if schema.int_or_string => value.is_string() || value.is_i64(),
        Some(Type::Array) => value.is_array(),
        Some(Type::Boolean) => value.is_boolean(),
        Some(Type::Integer) => value.is_i64(),
        Some(Type::Number) => value.is_number(),
        Some(Type::Object) => value.is_object(),
        Some(Type::String) => value.is_string(),
        None => true,
    };
    all.into_iter().filter(|value| !fits(value)).collect()
}

/// Without the field, and with a null in its place.
fn missing(current: &Value, name: &str) -> Vec<Value> {
    let Value::Object(map) = current else {
        return Vec::new();
    };
    let mut without = map.clone();
    without.shift_remove(name);
    let mut null = without.clone();
    null.insert(name.to_owned(), Value::Null);
    vec![Value::Object(without), Value::Object(null)]
}

fn unknown(current: &Value) -> Vec<Value> {
    let with = |value: Value| {
        let mut map = current.as_object()?.clone();
        map.insert(UNKNOWN.to_owned(), value);
        Some(Value::Object(map))
    };
    let values = [json!("text"), json!({"a": [1]}), json!(null), json!([])];
    values.into_iter().filter_map(with).collect()
}

/// Near to those listed: other case, a space more, a step further.
fn not_listed(schema: &Schema) -> Vec<Value> {
    let mut found = vec![json!("not-listed"), json!(""), json!(12_345), json!(0.25)];
    for value in schema.enumeration.iter().flatten() {
        match value {
            Value::String(text) => {
                let variants = [text.to_uppercase(), text.to_lowercase(), format!("{text} ")];
                found.extend(variants.map(Value::from));
            }
            Value::Number(number) => {
                found.extend(number.as_i64().map(|n| Value::from(n.wrapping_add(1))));
                found.extend(number.as_f64().map(|n| Value::from(n + 0.5)));
            }
            Value::Bool(value) => found.push(Value::Bool(!value)),
            Value::Array(items) => {
                let mut items = items.clone();
                items.push("more".into());
                found.push(Value::Array(items));
            }
            Value::Object(map) => {
                let mut map = map.clone();
                map.insert("more".to_owned(), true.into());
                found.push(Value::Object(map));
            }
            Value::Null => found.push(Value::Null),
        }
    }
    found.retain(|value| !schema.enumeration.iter().flatten().any(|one| one == value));
    // Not even if it is listed.
    if schema.nullable {
        found.insert(0, Value::Null);
    }
    found
}

/// The bound, a step further, and far away.
#[allow(clippy::cast_possible_truncation)]
fn beyond(bound: Option<Number>, step: f64) -> Vec<Value> {
    let Some(bound) = bound else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if let Some(integer) = bound.as_i64() {
        found.push(Value::from(integer.saturating_add(step as i64)));
    }
    let float = bound.as_f64() + step;
    found.extend([Value::from(float), Value::from(float + step / 2.0)]);
    if step != 0.0 {
        found.push(Value::from((step as i64) * (1 << 40)));
        found.push(Value::from(bound.as_f64() + step * 1e-6));
    }
    found
}

fn not_multiples(schema: &Schema, current: &Value) -> Vec<Value> {
    let factor = schema.multiple_of.map_or(1.0, Number::as_f64);
    let mut found = Vec::new();
    if let Some(integer) = current.as_i64() {
        found.extend(
            (1..6)
                .flat_map(|n| [integer + n, integer - n])
                .map(Value::from),
        );
    }
    if schema.value_type == Some(Type::Number) {
        let float = current.as_f64().unwrap_or(0.0);
        found.extend([float + factor / 2.0, float - factor / 3.0].map(Value::from));
    }
    found
}

fn shorter(schema: &Schema, generator: &mut Generator<'_>) -> Vec<Value> {
    let least = schema.min_length.unwrap_or(1);
    let mut found = lengths(schema, least - 1, generator);
    found.extend(lengths(schema, 0, generator));
    if let Ok(length) = usize::try_from(least - 1) {
        // Fewer code points, though more bytes.
        found.push("🙂".repeat(length).into());
    }
    found
}

/// The string with something changed, and others.
fn mismatches(current: &Value, generator: &mut Generator<'_>) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    if let Some(text) = current.as_str() {
        let chars: Vec<char> = text.chars().collect();
        for c in ['!', ' ', 'é', 'Z', '0', '\n'] {
            let at = generator.random.below(chars.len().max(1));
            let mut other = chars.clone();
            match other.get_mut(at) {
                Some(place) => *place = c,
                None => other.push(c),
            }
            found.push(other.into_iter().collect::<String>().into());
            found.push(format!("{text}{c}").into());
            found.push(format!("{c}{text}").into());
        }
    }
    found.extend(["", "!", "ÄÖ", "a b", "__", "١٢"].map(Value::from));
    generator.random.shuffle(&mut found);
    found
}

fn without_format(schema: &Schema) -> Vec<Value> {
    let format = schema.format.as_deref().unwrap_or_default();
    match format {
        "int32" => [json!(2_147_483_648_i64), json!(-2_147_483_649_i64)].to_vec(),
        "float" => [json!(1e300), json!(-1e39)].to_vec(),
        _ => formats::bad(format)
            .iter()
            .map(|text| (*text).into())
            .collect(),
    }
}

fn fewer(current: &Value, count: i64) -> Vec<Value> {
    let mut found = resized(current, count);
    if let Value::Object(map) = current {
        // The other end.
        let count = usize::try_from(count).unwrap_or(0);
        let kept = map.iter().rev().take(count);
        found.push(Value::Object(
            kept.map(|(k, v)| (k.clone(), v.clone())).collect(),
        ));
    }
    found
}

fn more(
    schema: &Schema,
    current: &Value,
    count: Option<i64>,
    generator: &mut Generator<'_>,
) -> Vec<Value> {
    (0..3)
        .flat_map(|_| grown(schema, current, count, generator))
        .collect()
}

/// With its first and with its last element twice, in another place.
fn repeated(current: &Value) -> Vec<Value> {
    let Some(items) = current.as_array() else {
        return Vec::new();
    };
    let twice = |item: &Value| {
        let mut items = items.clone();
        items.push(item.clone());
        Value::Array(items)
    };
    items
        .first()
        .into_iter()
        .chain(items.last())
        .map(twice)
        .collect()
}

/// With another entry of the same keys: the same, one that differs elsewhere,
/// and one that leaves a key to its default.
fn repeated_keys(schema: &Schema, current: &Value, generator: &mut Generator<'_>) -> Vec<Value> {
    let mut found = repeated(current);
    let (Some(items), Some(below)) = (current.as_array(), schema.items.as_deref()) else {
        return found;
    };
    let Some(first) = items.first() else {
        return found;
    };
    let plan = Plan::varied(&mut generator.random);
    if let Some(Value::Object(mut other)) = generator.value(below, &[], plan) {
        for key in &schema.list_map_keys {
            match first.get(key) {
                Some(value) => drop(other.insert(key.clone(), value.clone())),
                None => drop(other.shift_remove(key)),
            }
        }
        let mut items = items.clone();
        items.push(Value::Object(other));
        found.insert(0, Value::Array(items));
    }
    found
}

fn embedded(which: usize, current: &Value) -> Vec<Value> {
    let Some(map) = current.as_object() else {
        return Vec::new();
    };
    let mut map = map.clone();
    let metadata = match which {
        0 => {
            map.shift_remove("apiVersion");
            return vec![Value::Object(map)];
        }
        1 => {
            map.shift_remove("kind");
            return vec![Value::Object(map)];
        }
        2..7 => {
            let (field, value) = [
                ("apiVersion", json!("")),
                ("apiVersion", json!("a/b/c")),
                ("kind", json!("")),
                ("kind", json!("No Kind")),
                ("kind", json!(5)),
            ][which - 2]
                .clone();
            map.insert(field.to_owned(), value);
            return vec![Value::Object(map)];
        }
        7 => json!({"name": "a/b"}),
        8 => json!({"name": "a", "namespace": "Not A Label"}),
        9 => json!({"labels": {"a b": "c"}}),
        10 => json!({"labels": {"a": "not valid"}}),
        11 => json!({"name": "a", "notDeclared": 1}),
        12 => json!({"name": 5}),
        _ => json!({"annotations": {"/a": "b"}}),
    };
    map.insert("metadata".to_owned(), metadata);
    vec![Value::Object(map)]
}

fn metadata(which: usize, current: &Value) -> Vec<Value> {
    let owner = json!({"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"});
    let (field, value) = match which {
        0 => ("name", json!("UPPER")),
        1 => ("name", json!("a_b")),
        2 => ("name", json!("a".repeat(254))),
        3 => ("name", json!("-a")),
        4 => ("name", json!(7)),
        5 => ("generateName", json!("Not valid-")),
        6 => ("labels", json!({"-a": "b"})),
        7 => ("labels", json!({"a": "b c"})),
        8 => ("labels", json!({"a": "b".repeat(64)})),
        9 => ("labels", json!({"Example.org/a": "b"})),
        10 => ("labels", json!({"a": true})),
        11 => ("labels", json!(["a"])),
        12 => ("annotations", json!({"a/b/c": "d"})),
        13 => ("annotations", json!({"a": 1})),
        14 => (
            "ownerReferences",
            json!([{"apiVersion": "v1", "kind": "Pod", "name": "p"}]),
        ),
        15 => (
            "ownerReferences",
            json!([{"apiVersion": "a/b/c", "kind": "P", "name": "p", "uid": "u"}]),
        ),
        16 => (
            "ownerReferences",
            json!([with(&owner, "notDeclared", 1.into())]),
        ),
        17 => ("finalizers", json!(["not valid"])),
        18 => ("notDeclared", json!("x")),
        19 => ("creationTimestamp", json!("yesterday")),
        20 => ("generation", json!("1")),
        _ => {
            let mut map = current.as_object().cloned().unwrap_or_default();
            map.shift_remove("name");
            return vec![Value::Object(map)];
        }
    };
    vec![with(current, field, value)]
}

fn with(object: &Value, field: &str, value: Value) -> Value {
    let mut map = object.as_object().cloned().unwrap_or_default();
    map.insert(field.to_owned(), value);
    Value::Object(map)
}
