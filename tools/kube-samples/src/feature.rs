//! What a valid sample may show: at each place of a schema, every kind of value
//! that it allows.

use crate::demand::{Branch, Combinator};
use crate::formats;
use crate::generate::{Generator, Plan};
use crate::pattern::Pattern;
use kube_schema::{Additional, Number, Schema, Type};
use serde_json::{Value, json};

/// How many entries a list or a map is filled with at most.
const FULL: usize = 40;
/// How many values of an enum, and how many examples of a format, are shown.
const EXAMPLES: usize = 12;

/// A kind of value that a place allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// Any value.
    Present,
    /// A null: a value of its own, or dropped.
    Null,
    /// A value of the enum.
    Enum(usize),
    /// A branch of a combinator.
    Branch(Combinator, usize),
    /// An example of the format.
    Format(usize),
    /// The least of what is allowed: the lower bound, the shortest, the fewest.
    Least,
    /// The most.
    Most,
    /// Letters beyond ASCII.
    Unicode,
    /// An integer where a string would do.
    Integer,
    /// A string where an integer would do.
    Text,
    /// An integer written as a float.
    WholeFloat,
    /// A number at the edge of what an integer can hold.
    Edge,
    /// A field that nobody declares, kept.
    Extra,
    /// A list or object without anything in it.
    Empty,
}

impl Feature {
    /// As samples name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Null => "null",
            Self::Enum(_) => "enum",
            Self::Branch(Combinator::OneOf, _) => "oneOf",
            Self::Branch(Combinator::AnyOf, _) => "anyOf",
            Self::Format(_) => "format",
            Self::Least => "least",
            Self::Most => "most",
            Self::Unicode => "unicode",
            Self::Integer => "integer",
            Self::Text => "string",
            Self::WholeFloat => "whole-float",
            Self::Edge => "edge",
            Self::Extra => "extra",
            Self::Empty => "empty",
        }
    }

    /// Whether it is a choice that the schema lists, so that failing to show it
    /// says something. The rest are good tries.
    pub fn is_promised(self) -> bool {
        matches!(
            self,
            Self::Present | Self::Enum(_) | Self::Branch(..) | Self::Format(_)
        )
    }

    /// Whether it leaves what else is there as it is.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Present | Self::Branch(..) | Self::Extra)
    }

    /// The features of a place.
    pub fn of(schema: &Schema) -> Vec<Self> {
        let mut found = vec![Self::Present, Self::Null];
        let listed = schema.enumeration.iter().flatten().take(EXAMPLES);
        let values = listed.enumerate().filter(|(_, value)| !value.is_null());
        found.extend(values.map(|(i, _)| Self::Enum(i)));
        let format = schema.format.as_deref().filter(|_| is_text(schema));
        let examples = format.map_or(0, |format| formats::good(format).len());
        found.extend((0..examples).map(Self::Format));
        let branches = |combinator, branches: &[Schema]| {
            (0..branches.len()).map(move |i| Self::Branch(combinator, i))
        };
        found.extend(branches(Combinator::OneOf, &schema.one_of));
        found.extend(branches(Combinator::AnyOf, &schema.any_of));
        if schema.enumeration.is_none() {
            found.extend(Self::of_type(schema));
        }
        found
    }

    fn of_type(schema: &Schema) -> Vec<Self> {
        let mut found = match schema.value_type {
            _ if schema.int_or_string => vec![Self::Integer, Self::Text, Self::Edge],
            Some(Type::Integer) => vec![Self::Least, Self::Most, Self::WholeFloat, Self::Edge],
            Some(Type::Number) => vec![Self::Least, Self::Most, Self::Integer, Self::Edge],
            Some(Type::String) => vec![Self::Least, Self::Most, Self::Unicode],
            Some(Type::Array | Type::Object) => vec![Self::Least, Self::Most, Self::Empty],
            Some(Type::Boolean) | None => Vec::new(),
        };
        let is_open = matches!(
            schema.additional_properties,
            Some(Additional::Allowed(true))
        );
        if schema.preserve_unknown || is_open {
            found.push(Self::Extra);
        }
        found
    }

    /// The branch to take on the way.
    pub fn branch<'s>(self, schema: &'s Schema) -> Option<Branch<'s>> {
        match self {
            Self::Branch(combinator, index) => Some(Branch {
                of: schema,
                combinator,
                index,
            }),
            _ => None,
        }
    }

    /// Values that show it; `current` is the one that is there.
    pub fn values(
        self,
        schema: &Schema,
        current: &Value,
        generator: &mut Generator<'_>,
    ) -> Vec<Value> {
        match self {
            Self::Present | Self::Branch(..) => vec![current.clone()],
            Self::Null => vec![Value::Null],
            Self::Enum(i) => schema
                .enumeration
                .iter()
                .filter_map(|listed| listed.get(i).cloned())
                .collect(),
            Self::Format(i) => {
                let format = schema.format.as_deref().unwrap_or_default();
                formats::good(format)
                    .get(i)
                    .map(|text| Value::from(*text))
                    .into_iter()
                    .collect()
            }
            Self::Least => least(schema, current, generator),
            Self::Most => most(schema, current, generator),
            Self::Unicode => unicode(schema, generator),
            Self::Integer => [7, 0, 80, 100, 2, 6].map(Value::from).to_vec(),
            Self::Text => strings(schema, generator),
            Self::WholeFloat => [2.0, 1e3, -1.0, 0.0, 100.0].map(Value::from).to_vec(),
            Self::Edge => edges(schema),
            Self::Extra => extra(current),
            Self::Empty => match current {
                Value::Array(_) => vec![json!([])],
                _ => vec![json!({})],
            },
        }
    }
}

fn is_text(schema: &Schema) -> bool {
    schema.int_or_string || schema.value_type == Some(Type::String)
}

/// A number as JSON; whole ones as integers.
fn number(bound: Number) -> Value {
    match bound.as_i64() {
        Some(integer) => integer.into(),
        None => bound.as_f64().into(),
    }
}

fn least(schema: &Schema, current: &Value, generator: &mut Generator<'_>) -> Vec<Value> {
    match schema.value_type {
        Some(Type::Integer) => match schema.minimum {
            Some(bound) => vec![number(bound), next(bound, 1)],
            None => vec![i64::MIN.into(), i64::from(i32::MIN).into()],
        },
        Some(Type::Number) => match schema.minimum {
            Some(bound) => vec![number(bound), (bound.as_f64() + 1e-6).into()],
            None => vec![(-1.797e308).into(), 5e-324.into()],
        },
        Some(Type::String) => lengths(schema, schema.min_length.unwrap_or(0), generator),
        Some(Type::Array) => resized(current, schema.min_items.unwrap_or(0)),
        _ => resized(current, schema.min_properties.unwrap_or(0)),
    }
}

fn most(schema: &Schema, current: &Value, generator: &mut Generator<'_>) -> Vec<Value> {
    match schema.value_type {
        Some(Type::Integer) => match schema.maximum {
            Some(bound) => vec![number(bound), next(bound, -1)],
            None => vec![i64::MAX.into(), i64::from(i32::MAX).into()],
        },
        Some(Type::Number) => match schema.maximum {
            Some(bound) => vec![number(bound), (bound.as_f64() - 1e-6).into()],
            None => vec![1.797e308.into(), 3.4e38.into()],
        },
        Some(Type::String) => match schema.max_length {
            Some(length) => lengths(schema, length, generator),
            None => lengths(schema, 400, generator),
        },
        Some(Type::Array) => grown(schema, current, schema.max_items, generator),
        _ => grown(schema, current, schema.max_properties, generator),
    }
}

fn next(bound: Number, step: i64) -> Value {
    number(bound)
        .as_i64()
        .map_or(Value::Null, |bound| bound.saturating_add(step).into())
}

/// Strings of so many code points.
pub fn lengths(schema: &Schema, length: i64, generator: &mut Generator<'_>) -> Vec<Value> {
    let Ok(length) = usize::try_from(length.min(2000)) else {
        return Vec::new();
    };
    let pattern = schema
        .pattern
        .as_deref()
        .filter(|pattern| !pattern.is_empty());
    let Some(pattern) = pattern.and_then(Pattern::new) else {
        let plain = "abcdefghij"
            .chars()
            .cycle()
            .take(length)
            .collect::<String>();
        return vec![generator.odd_text(length).into(), plain.into()];
    };
    let mut found = Vec::new();
    for _ in 0..60 {
        let text = pattern.string(length, &mut generator.random);
        if text.chars().count() == length {
            found.push(Value::from(text));
        }
    }
    found
}

fn unicode(schema: &Schema, generator: &mut Generator<'_>) -> Vec<Value> {
    let least = usize::try_from(schema.min_length.unwrap_or(1).max(1)).unwrap_or(1);
    let most = schema
        .max_length
        .and_then(|length| usize::try_from(length).ok());
    let length = most.unwrap_or(least + 3).max(least).min(200);
    let mut found: Vec<Value> = vec![generator.odd_text(length).into()];
    if let Some(pattern) = schema.pattern.as_deref().and_then(Pattern::new) {
        let random = &mut generator.random;
        found.extend((0..10).map(|i| Value::from(pattern.string(least + i, random))));
    }
    found
}

fn strings(schema: &Schema, generator: &mut Generator<'_>) -> Vec<Value> {
    let plan = Plan::varied(&mut generator.random);
    (0..40)
        .filter_map(|_| generator.draft(schema, &[], plan))
        .filter(Value::is_string)
        .collect()
}

fn edges(schema: &Schema) -> Vec<Value> {
    let exact: i64 = 1 << 53;
    let integers = [exact, exact - 1, exact + 1, -exact, i64::from(i32::MAX) + 1];
    let mut found: Vec<Value> = integers.map(Value::from).to_vec();
    if schema.value_type == Some(Type::Number) {
        found.extend([0.1, 1e21, -0.5, 1e-7].map(Value::from));
    }
    found
}

/// With a field more that nobody knows.
fn extra(current: &Value) -> Vec<Value> {
    let with = |value: Value| {
        let mut map = current.as_object()?.clone();
        map.insert("notDeclared".to_owned(), value);
        Some(Value::Object(map))
    };
    [
        json!({"a": [1, null, {"b": "c"}]}),
        json!("text"),
        json!(null),
    ]
    .into_iter()
    .filter_map(with)
    .collect()
}

/// The first so many entries.
pub fn resized(current: &Value, count: i64) -> Vec<Value> {
    let count = usize::try_from(count).unwrap_or(0);
    match current {
        Value::Array(items) if items.len() >= count => vec![items[..count].into()],
        Value::Object(map) if map.len() >= count => {
            let kept = map.iter().take(count);
            vec![Value::Object(
                kept.map(|(k, v)| (k.clone(), v.clone())).collect(),
            )]
        }
        _ => Vec::new(),
    }
}

/// With more entries, up to the limit.
pub fn grown(
    schema: &Schema,
    current: &Value,
    limit: Option<i64>,
    generator: &mut Generator<'_>,
) -> Vec<Value> {
    let limit = limit.map_or(5, |limit| usize::try_from(limit).unwrap_or(0));
    let mut value = current.clone();
    let plan = Plan {
        odd: 50,
        ..Plan::minimal()
    };
    for _ in 0..limit.min(FULL) * 10 {
        match &mut value {
            Value::Array(items) if items.len() < limit.min(FULL) => {
                let item = schema
                    .items
                    .as_deref()
                    .and_then(|s| generator.value(s, &[], plan));
                if let Some(item) = item.filter(|item| !items.contains(item)) {
                    items.push(item);
                }
            }
            Value::Object(map) if map.len() < limit.min(FULL) => {
                if let Some((name, value)) = generator.another_field(schema, map, plan) {
                    map.insert(name, value);
                }
            }
            _ => break,
        }
    }
    vec![value]
}
