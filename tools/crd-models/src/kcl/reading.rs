//! How a check reads the parts of a resource.
//!
//! In the schema of an object its fields are read by their names alone. A field
//! whose name is no identifier cannot be read there, nor the object as a whole;
//! what needs them stands in the schema around it.

use super::{literal, names};
use crate::analysis::{Field, Object, Shape, Value};
use crate::cel::{Code, Level};
use serde_json::{Map, Value as Json};

/// The object itself in its own schema, where KCL has no name for it. A
/// condition that still has it in its text cannot be said there.
const THIS: &str = "__this__";

/// Why a condition cannot stand in the object's own schema.
pub const NOT_HERE: &str = "KCL cannot read a field with such a name in its own schema";

/// The object in whose schema the condition is to stand.
pub fn this() -> Code {
    Code::atom(THIS)
}

/// Whether the condition can stand in the schema of [`this`].
pub fn can_stand(condition: &Code) -> bool {
    !condition.to_string().contains(THIS)
}

/// A part that may be missing.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Its value, where it is present.
    pub code: Code,
    /// Whether it is there and not null.
    pub present: Code,
    /// Whether it is there, if only as null.
    pub exists: Code,
}

impl Reading {
    /// A part without a default.
    fn plain(raw: Code) -> Self {
        Self {
            present: is_present(&raw),
            exists: is_present(&raw),
            code: raw,
        }
    }
}

/// `x not in [None, Undefined]`.
pub fn is_present(code: &Code) -> Code {
    let code = code.at(Level::Sum);
    Code::with_opposite(
        Level::Comparison,
        format!("{code} not in [None, Undefined]"),
        format!("{code} in [None, Undefined]"),
    )
}

/// Whether it is there, if only as null.
pub fn is_given(code: &Code) -> Code {
    let code = code.at(Level::Sum);
    Code::with_opposite(
        Level::Comparison,
        format!("{code} is not Undefined"),
        format!("{code} is Undefined"),
    )
}

/// `a.b`, or `b` in the schema of [`this`]; a name that is no identifier is
/// read by a subscript.
pub fn raw(of: &Code, name: &str) -> Code {
    let of = of.at(Level::Atom);
    match names::attribute(name).and_then(|attribute| attribute.used) {
        Some(used) if of == THIS => Code::atom(used),
        Some(_) => Code::atom(format!("{of}.{name}")),
        None => entry(&Code::atom(of), &Code::atom(literal::string(name))),
    }
}

/// `a[key]`.
pub fn entry(of: &Code, key: &Code) -> Code {
    Code::atom(format!("{}[{}]", of.at(Level::Atom), key.at(Level::Choice)))
}

/// A field as the API server sees it, with its default.
pub fn field(of: &Code, field: &Field) -> Reading {
    let raw = raw(of, &field.name);
    let value = &field.value;
    if matches!(value.shape, Shape::Literal(_)) {
        return Reading {
            code: raw,
            present: Code::bool(true),
            exists: Code::bool(true),
        };
    }
    match &value.default {
        Some(default) if value.nullable => Reading {
            present: is_not_none(&raw),
            exists: Code::bool(true),
            code: or_default(&raw, is_given(&raw), value, default),
        },
        Some(default) => Reading {
            present: Code::bool(true),
            exists: Code::bool(true),
            code: or_default(&raw, is_present(&raw), value, default),
        },
        None if value.nullable => Reading {
            present: is_present(&raw),
            exists: is_given(&raw),
            code: raw,
        },
        None => Reading::plain(raw),
    }
}

/// An entry of a map, as a field of it.
pub fn entry_of_map(of: &Code, field: &Field) -> Reading {
    let raw = entry(of, &Code::atom(literal::string(&field.name)));
    Reading {
        present: is_present(&raw),
        exists: match field.value.nullable {
            true => is_given(&raw),
            false => is_present(&raw),
        },
        code: raw,
    }
}

/// A field that is not declared, of an object that keeps such fields.
pub fn undeclared(of: &Code, name: &str) -> Reading {
    let raw = entry(of, &Code::atom(literal::string(name)));
    Reading {
        present: is_present(&raw),
        exists: is_given(&raw),
        code: raw,
    }
}

fn is_not_none(code: &Code) -> Code {
    let code = code.at(Level::Sum);
    Code::with_opposite(
        Level::Comparison,
        format!("{code} is not None"),
        format!("{code} is None"),
    )
}

/// The value, or else what the API server fills in. KCL's type checker does not
/// look into an object that may be of two types.
fn or_default(raw: &Code, given: Code, value: &Value, default: &Json) -> Code {
    let default = Code::atom(literal::value(&filled(value, default)));
    let chosen = Code::choice(&given, raw, &default);
    if is_scalar(&value.shape) {
        return chosen;
    }
    Code::atom(format!("_any({chosen})"))
}

/// Whether a value has no parts.
pub fn is_scalar(shape: &Shape) -> bool {
    matches!(
        shape,
        Shape::Bool
            | Shape::Int
            | Shape::Number
            | Shape::Str
            | Shape::IntOrStr
            | Shape::NumberOrStr
    )
}

/// A default with the defaults of its own fields, as the API server completes it.
pub fn filled(value: &Value, default: &Json) -> Json {
    match (&value.shape, default) {
        (Shape::Object(object), Json::Object(fields)) => filled_object(object, fields),
        (Shape::List(element), Json::Array(items)) => {
            Json::Array(items.iter().map(|item| filled(element, item)).collect())
        }
        (Shape::Map(entry), Json::Object(fields)) => {
            let fields = fields.iter();
            Json::Object(
                fields
                    .map(|(name, field)| (name.clone(), filled(entry, field)))
                    .collect(),
            )
        }
        _ => default.clone(),
    }
}

fn filled_object(object: &Object, given: &Map<String, Json>) -> Json {
    let mut fields = given.clone();
    for field in &object.fields {
        let value = fields.get(&field.name).or(field.value.default.as_ref());
        if let Some(value) = value.cloned() {
            fields.insert(field.name.clone(), filled(&field.value, &value));
        }
    }
    Json::Object(fields)
}
