//! Values that break one kind of constraint.

use super::UNKNOWN;
use crate::feature::{grown, lengths, resized};
use crate::formats;
use crate::generate::{Generator, Plan};
use kube_schema::{Number, Schema, Type};
use serde_json::{Value, json};

pub(super) fn other_types(schema: &Schema) -> Vec<Value> {
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
pub(super) fn missing(current: &Value, name: &str) -> Vec<Value> {
    let Value::Object(map) = current else {
        return Vec::new();
    };
    let mut without = map.clone();
    without.shift_remove(name);
    let mut null = without.clone();
    null.insert(name.to_owned(), Value::Null);
    vec![Value::Object(without), Value::Object(null)]
}

pub(super) fn unknown(current: &Value) -> Vec<Value> {
    let with = |value: Value| {
        let mut map = current.as_object()?.clone();
        map.insert(UNKNOWN.to_owned(), value);
        Some(Value::Object(map))
    };
    let values = [json!("text"), json!({"a": [1]}), json!(null), json!([])];
    values.into_iter().filter_map(with).collect()
}

/// Near to those listed: other case, a space more, a step further.
pub(super) fn not_listed(schema: &Schema) -> Vec<Value> {
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
pub(super) fn beyond(bound: Option<Number>, step: f64) -> Vec<Value> {
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

pub(super) fn not_multiples(schema: &Schema, current: &Value) -> Vec<Value> {
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

pub(super) fn shorter(schema: &Schema, generator: &mut Generator<'_>) -> Vec<Value> {
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
pub(super) fn mismatches(current: &Value, generator: &mut Generator<'_>) -> Vec<Value> {
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

pub(super) fn without_format(schema: &Schema) -> Vec<Value> {
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

pub(super) fn fewer(current: &Value, count: i64) -> Vec<Value> {
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

pub(super) fn more(
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
pub(super) fn repeated(current: &Value) -> Vec<Value> {
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
pub(super) fn repeated_keys(
    schema: &Schema,
    current: &Value,
    generator: &mut Generator<'_>,
) -> Vec<Value> {
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
