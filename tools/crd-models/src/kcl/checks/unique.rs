//! Lists whose elements differ: `x-kubernetes-list-type: set` and `map`
//! (apiextensions-apiserver, `pkg/apiserver/schema/listtype`).

use super::Check;
use crate::analysis::{Shape, Unique, Value};
use crate::cel::{Code, Level};
use crate::kcl::reading;

/// The check, or what of it cannot be said.
pub fn check(element: &Value, unique: &Unique, this: &Code) -> Result<Option<Check>, String> {
    let list = this.at(Level::Or);
    let condition = match unique {
        Unique::No => return Ok(None),
        Unique::Element => match comparable(element, &Code::atom("_e")) {
            Some(code) if code.to_string() == "_e" => format!("_isunique({this})"),
            Some(code) => format!("_isunique([{code} for _e in {list}])"),
            None => format!("_isunique([_encode(_e, sort_keys=True) for _e in {list}])"),
        },
        Unique::Keys(keys) => {
            let keys: Option<Vec<String>> = keys.iter().map(|name| key(element, name)).collect();
            let keys = keys
                .filter(|keys| !keys.is_empty() && !element.nullable)
                .ok_or("keys of a list")?;
            match keys.as_slice() {
                [only] => format!("_isunique([{only} for _e in {list}])"),
                several => format!("_isunique([[{}] for _e in {list}])", several.join(", ")),
            }
        }
    };
    let message = match unique {
        Unique::Keys(keys) => format!("no two elements with the same {}", keys.join(", ")),
        _ => "no element twice".to_owned(),
    };
    Ok(Some(Check::new(Code::atom(condition), message)))
}

/// What two equal scalars share. To the server 1 and 1.0 differ, to KCL not.
fn comparable(value: &Value, code: &Code) -> Option<Code> {
    match value.shape {
        Shape::Bool | Shape::Int | Shape::Str | Shape::IntOrStr | Shape::Literal(_) => {
            Some(code.clone())
        }
        Shape::Number => Some(Code::atom(format!("[_typeof({code}), {code}]"))),
        _ => None,
    }
}

/// A key of an element: what it is, or how it is missing.
fn key(element: &Value, name: &str) -> Option<String> {
    let object = element.shape.object()?;
    let field = object.fields.iter().find(|field| field.name == name)?;
    let read = reading::field(&Code::atom("_e"), field);
    let code = comparable(&field.value, &read.code)?;
    // Of a nullable key null and nothing differ.
    if field.required || field.value.nullable {
        return Some(code.at(Level::Choice));
    }
    let none = Code::atom("None");
    Some(Code::choice(&read.present, &code, &none).at(Level::Choice))
}
