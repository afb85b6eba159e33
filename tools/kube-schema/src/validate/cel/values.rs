//! Resources as CEL sees them under their schema (apiserver, `pkg/cel/common`,
//! `UnstructuredToVal`): a `number` is a double even if it is whole, a date-time
//! is a timestamp, a null field is not there.

use super::value::{Cel, Key, List, Timestamp, Topology};
use crate::validate::formats::{days_since_1970, parse_date, parse_date_time, parse_duration};
use crate::validate::numbers::Number;
use crate::{ListType, Schema, Type};
use cel_frontend::escape;
use serde_json::Value;
use std::rc::Rc;

pub(super) fn convert(value: &Value, schema: &Schema) -> Cel {
    if let Some(expected) = mismatch(value, schema) {
        return invalid(&format!("invalid data, expected {expected}"));
    }
    match value {
        Value::Null if schema.nullable => Cel::Null,
        Value::Null => invalid("invalid data, got null for schema with nullable=false"),
        Value::Bool(value) => Cel::Bool(*value),
        Value::Number(number) => convert_number(Number::of(number), schema),
        Value::String(text) => convert_text(text, schema),
        Value::Array(items) => {
            let untyped = free();
            let below = schema.items.as_deref().unwrap_or(&untyped);
            Cel::List(List {
                items: items.iter().map(|item| convert(item, below)).collect(),
                topology: topology(schema),
            })
        }
        Value::Object(map) => {
            // A null field is not there; a null in a map is.
            let is_map = schema.properties.is_empty();
            let entries = map.iter().filter(|(_, value)| is_map || !value.is_null());
            let map = entries.map(|(name, value)| entry(name, value, schema));
            Cel::Map(Rc::new(map.collect()))
        }
    }
}

/// What was expected of a value of another type: one that an update left as it
/// was, or that passed for its format.
fn mismatch(value: &Value, schema: &Schema) -> Option<String> {
    let got = go_type(value)?;
    if schema.int_or_string {
        let fits = matches!(got, "int64" | "string");
        let expected = "XIntOrString value to be either a string or integer";
        return (!fits).then(|| expected.to_owned());
    }
    let (fits, expected) = match schema.value_type? {
        Type::Object if value.is_object() => return None,
        Type::Array if value.is_array() => return None,
        Type::Object => return Some("a map for the provided schema with type=object".to_owned()),
        Type::Array => return Some("an array for the provided schema with type=array".to_owned()),
        Type::String => (value.is_string(), "string"),
        Type::Boolean => (value.is_boolean(), "bool"),
        // Also 2.0 is no integer, which the schema takes for one.
        Type::Integer => (got == "int64", "int"),
        Type::Number => (value.is_number(), "float"),
    };
    (!fits).then(|| format!("{expected}, got {got}"))
}

/// The type as Go prints it; none of a null.
fn go_type(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(_) => "bool",
        Value::Number(number) => match Number::of(number) {
            Number::Int(_) => "int64",
            Number::Float(_) => "float64",
        },
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    })
}

fn invalid(text: &str) -> Cel {
    Cel::Invalid(text.into())
}

/// The schema of what has none.
fn free() -> Schema {
    Schema {
        nullable: true,
        ..Schema::default()
    }
}

fn topology(schema: &Schema) -> Topology {
    match schema.list_type {
        Some(ListType::Set) => Topology::Set,
        Some(ListType::Map) => Topology::Map(schema.list_map_keys.clone().into()),
        Some(ListType::Atomic) | None => Topology::Plain,
    }
}

fn entry(name: &str, value: &Value, schema: &Schema) -> (Key, Cel) {
    let untyped = free();
    let below = schema.field(name).unwrap_or(&untyped);
    let name = if schema.properties.is_empty() {
        name.to_owned()
    } else {
        escape(name).unwrap_or_else(|| name.to_owned())
    };
    (Key::Text(name.into()), convert(value, below))
}

fn convert_number(number: Number, schema: &Schema) -> Cel {
    match number {
        Number::Int(integer) if schema.value_type != Some(Type::Number) => Cel::Int(integer),
        number => Cel::Double(number.as_f64()),
    }
}

fn convert_text(text: &str, schema: &Schema) -> Cel {
    let is_text = !schema.int_or_string && schema.value_type == Some(Type::String);
    let format = schema.format.as_deref().filter(|_| is_text);
    let converted = match format {
        Some("byte") => url_safe_base64(text).map(|bytes| Cel::Bytes(bytes.into())),
        Some("date") => parse_date(text).map(|(year, month, day)| {
            Cel::Timestamp(Timestamp {
                seconds: days_since_1970(year, month, day) * 86_400,
                nanoseconds: 0,
                offset: 0,
            })
        }),
        Some("date-time") => parse_date_time(text).map(|at| Cel::Timestamp(at.into())),
        Some("duration") => parse_duration(text).map(Cel::Duration),
        _ => Some(text.into()),
    };
    let format = format.unwrap_or_default();
    converted.unwrap_or_else(|| invalid(&format!("Invalid {format} formatted string {text}")))
}

/// Though the format is standard base64, the server decodes the alphabet of URLs.
fn url_safe_base64(text: &str) -> Option<Vec<u8>> {
    let data = text.trim_end_matches('=');
    let is_whole = text.len().is_multiple_of(4) && text.len() - data.len() <= 2;
    let mut bytes = Vec::with_capacity(data.len());
    let (mut bits, mut count) = (0_u32, 0);
    for b in data.bytes() {
        bits = bits << 6 | sextet(b)?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    is_whole.then_some(bytes)
}

fn sextet(b: u8) -> Option<u32> {
    let value = match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    };
    Some(value.into())
}

#[cfg(test)]
mod tests {
    use super::url_safe_base64;

    #[test]
    fn bytes_are_decoded_by_the_alphabet_of_urls() {
        assert_eq!(url_safe_base64("YWI="), Some(b"ab".to_vec()));
        assert_eq!(url_safe_base64("-_-_"), Some(vec![0xfb, 0xff, 0xbf]));
        assert_eq!(url_safe_base64("+/+/"), None);
    }
}
