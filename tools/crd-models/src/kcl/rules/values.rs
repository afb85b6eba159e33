//! Constants, equality and order.

use super::{calls, is_unordered, no_nulls};
use crate::analysis::{Object, Shape, Unique, Value};
use crate::cel::{Code, Level, Made, Place, Reason, Term};
use crate::kcl::checks::formats::helper;
use crate::kcl::checks::is_kind;
use crate::kcl::literal;
use crate::kcl::reading::is_present;
use cel_frontend::{Literal, Type};

pub(super) fn literal(literal: &Literal) -> Result<Code, Reason> {
    let number = |text: String| match text.starts_with('-') {
        true => Code::new(Level::Minus, text),
        false => Code::atom(text),
    };
    Ok(match literal {
        Literal::Null => Code::atom("None"),
        Literal::Bool(value) => Code::bool(*value),
        Literal::Int(value) if *value == i64::MIN => {
            return Err("the least integer, which KCL cannot write".to_owned());
        }
        Literal::Int(value) => number(value.to_string()),
        Literal::Uint(value) => match i64::try_from(*value) {
            Ok(value) => number(value.to_string()),
            Err(_) => return Err("an integer of more than 63 bits".to_owned()),
        },
        Literal::Double(value) if value.is_finite() => number(format!("{value:?}")),
        Literal::Double(_) => return Err("a number that is not finite".to_owned()),
        Literal::String(text) => Code::atom(literal::string(text)),
        Literal::Bytes(bytes) => Code::atom(format!("{bytes:?}")),
    })
}

/// The value as KCL calculates with it: texts of the resource that are
/// timestamps, durations or bytes to CEL are read.
pub(super) fn operand(term: &Term<'_>) -> Code {
    let is_raw = match term.place {
        Some(Place::Value(value)) => value.shape == Shape::Str,
        _ => false,
    };
    match (&term.ty, is_raw) {
        (Type::Timestamp, true) => helper("timestamp", &[&term.code]),
        (Type::Duration, true) => helper("loose_duration", &[&term.code]),
        (Type::Bytes, true) => helper("bytes", &[&term.code]),
        _ => term.code.clone(),
    }
}

/// Whether the elements are values that KCL has too.
fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Timestamp | Type::Duration | Type::Bytes | Type::Opaque(_) | Type::Optional(_) => {
            false
        }
        Type::List(element) => is_plain(element),
        Type::Map(_, value) => is_plain(value),
        Type::Object(object) => object.fields.values().all(|field| is_plain(&field.ty)),
        _ => true,
    }
}

fn is_collection(ty: &Type) -> bool {
    matches!(ty, Type::List(_) | Type::Map(..) | Type::Object(_))
}

pub(super) fn equal(a: &Term<'_>, b: &Term<'_>) -> Result<Code, Reason> {
    if let (Type::Opaque(name), _) | (_, Type::Opaque(name)) = (&a.ty, &b.ty) {
        return equal_opaque(name, a, b);
    }
    if matches!((&a.ty, &b.ty), (Type::Type, _) | (_, Type::Type)) {
        return Err("types as values".to_owned());
    }
    if is_collection(&a.ty) || is_collection(&b.ty) {
        return equal_collections(a, b);
    }
    Ok(same(&operand(a), &operand(b)))
}

fn same(a: &Code, b: &Code) -> Code {
    let (left, right) = (a.at(Level::Sum), b.at(Level::Sum));
    Code::with_opposite(
        Level::Comparison,
        format!("{left} == {right}"),
        format!("{left} != {right}"),
    )
}

fn equal_opaque(name: &str, a: &Term<'_>, b: &Term<'_>) -> Result<Code, Reason> {
    let zero = Code::atom("0");
    match name {
        "net.IP" | "net.CIDR" => Ok(same(&a.code, &b.code)),
        // The server fails where such a one is on the right.
        "kubernetes.Quantity" if calls::is_sum(&b.code) => {
            Err("equality with a sum of quantities".to_owned())
        }
        "kubernetes.Quantity" => Ok(same(&helper("quantity_order", &[&a.code, &b.code]), &zero)),
        "kubernetes.Semver" => Ok(same(&a.code, &b.code)),
        other => Err(format!("equality of values of type {other}")),
    }
}

fn equal_collections(a: &Term<'_>, b: &Term<'_>) -> Result<Code, Reason> {
    if !is_plain(&a.ty) || !is_plain(&b.ty) {
        return Err(format!("equality of values of type {}", a.ty));
    }
    for term in [a, b] {
        if let Some(Place::Value(value)) = term.place {
            comparable(value)?;
        }
    }
    // The left side decides what equality is.
    if is_unordered(a) {
        return equal_sets(a, b);
    }
    let [a, b] = [a, b].map(|term| match term.place {
        Some(_) if !has_only_scalars(term) => helper("plain", &[&term.code]),
        _ => term.code.clone(),
    });
    Ok(same(&a, &b))
}

fn equal_sets(a: &Term<'_>, b: &Term<'_>) -> Result<Code, Reason> {
    if !has_only_scalars(a) {
        return Err("equality of lists in any order".to_owned());
    }
    Ok(helper("same_elements", &[&a.code, &b.code]))
}

fn has_only_scalars(term: &Term<'_>) -> bool {
    match &term.ty {
        Type::List(element) => !is_collection(element),
        _ => false,
    }
}

/// Whether KCL sees the same parts of a value as the server does.
fn comparable(value: &Value) -> Result<(), Reason> {
    let unordered = |value: &Value| value.limits.unique != Unique::No;
    match &value.shape {
        Shape::List(element) => {
            no_nulls(element)?;
            if unordered(element) {
                return Err("equality of lists in any order inside".to_owned());
            }
            comparable(element)
        }
        Shape::Map(entry) if entry.nullable || entry.default.is_some() => {
            Err("a map whose values may be null".to_owned())
        }
        Shape::Map(entry) if unordered(entry) => {
            Err("equality of lists in any order inside".to_owned())
        }
        Shape::Map(entry) => comparable(entry),
        Shape::Object(object) => comparable_fields(object),
        _ => Ok(()),
    }
}

fn comparable_fields(object: &Object) -> Result<(), Reason> {
    for field in &object.fields {
        let value = &field.value;
        if value.default.is_some() {
            return Err("equality of objects with defaults".to_owned());
        }
        if value.limits.unique != Unique::No {
            return Err("equality of lists in any order inside".to_owned());
        }
        comparable(value)?;
    }
    Ok(())
}

/// KCL's type checker refuses `<` between texts, so it is not told that they are.
pub(super) fn compare(sign: &str, a: &Term<'_>, b: &Term<'_>) -> Result<Code, Reason> {
    let numeric = |ty: &Type| matches!(ty, Type::Int | Type::Uint | Type::Double | Type::Duration);
    let (left, right) = (operand(a), operand(b));
    let left = if numeric(&a.ty) && numeric(&b.ty) {
        left
    } else if a.ty == b.ty && a.ty != Type::Dyn {
        Code::atom(format!("_any({left})"))
    } else {
        return Err(format!("order of values of types {} and {}", a.ty, b.ty));
    };
    let opposite = match sign {
        "<" => ">=",
        "<=" => ">",
        ">" => "<=",
        _ => "<",
    };
    let compared = |sign: &str| Code::binary(Level::Comparison, &left, sign, &right).to_string();
    Ok(if a.ty == Type::Double || b.ty == Type::Double {
        // No comparison holds for what is no number.
        Code::new(Level::Comparison, compared(sign))
    } else {
        Code::with_opposite(Level::Comparison, compared(sign), compared(opposite))
    })
}

/// The same where one side is only known to be a number or a text.
pub(super) fn compare_unknown(sign: &str, a: &Term<'_>, b: &Term<'_>) -> Result<Made, Reason> {
    let (open, known) = match (&a.ty, &b.ty) {
        (Type::Dyn, known) if *known != Type::Dyn => (a, known),
        (known, Type::Dyn) if *known != Type::Dyn => (b, known),
        _ => return Err("order of values of unknown types".to_owned()),
    };
    let kinds: &[&str] = match known {
        Type::Int | Type::Uint | Type::Double => &["int", "float"],
        Type::String => &["str"],
        ty => return Err(format!("order of values of types dyn and {ty}")),
    };
    let side = |term: &Term<'_>| match term.ty {
        Type::Dyn | Type::String => Code::atom(format!("_any({})", term.code)),
        _ => term.code.clone(),
    };
    Ok(Made {
        code: Code::binary(Level::Comparison, &side(a), sign, &side(b)),
        defined: vec![is_kind(&open.code, kinds)],
    })
}

pub(super) fn contains(whole: &Term<'_>, part: &Term<'_>) -> Result<Code, Reason> {
    match &whole.ty {
        Type::List(element) => {
            if !is_plain(element) || !is_plain(&part.ty) {
                return Err(format!("a list of values of type {element}"));
            }
            let list = &whole.code;
            if is_collection(element) || is_collection(&part.ty) {
                let (list, part) = (helper("plain", &[list]), helper("plain", &[&part.code]));
                return Ok(is_in(&part, &list));
            }
            Ok(is_in(&part.code, list))
        }
        Type::Map(keys, _) => match (&**keys, &part.ty, whole.place) {
            (Type::Int, Type::Int, None) => {
                let key = Code::atom(format!("_str({})", part.code));
                Ok(is_in(&key, &whole.code))
            }
            (Type::String | Type::Dyn, Type::String, None) => Ok(is_in(&part.code, &whole.code)),
            (Type::String, Type::String, Some(Place::Value(value))) => match &value.shape {
                Shape::Map(entry) if entry.nullable => Ok(is_in(&part.code, &whole.code)),
                _ => Ok(is_present(&crate::kcl::reading::entry(
                    &whole.code,
                    &part.code,
                ))),
            },
            _ => Err("a map whose keys are no texts".to_owned()),
        },
        ty => Err(format!("an element of a value of type {ty}")),
    }
}

fn is_in(part: &Code, whole: &Code) -> Code {
    let (part, whole) = (part.at(Level::Sum), whole.at(Level::Sum));
    Code::with_opposite(
        Level::Comparison,
        format!("{part} in {whole}"),
        format!("{part} not in {whole}"),
    )
}
