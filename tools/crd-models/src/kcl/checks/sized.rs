//! How many fields an object has once the API server has dropped nulls that
//! mean nothing and filled in defaults.

use crate::analysis::{Object, Shape, Value};
use crate::cel::{Code, Level};
use crate::kcl::{literal, names, reading};

/// The number as an expression.
pub fn count(value: &Value, this: &Code) -> Code {
    if let Some(object) = value.shape.object() {
        return of_fields(object, this);
    }
    match &value.shape {
        Shape::Map(entry) if !entry.nullable && entry.default.is_none() => {
            let this = this.at(Level::Or);
            Code::atom(format!(
                "_len([_k for _k, _v in {this} if _v not in [None, Undefined]])"
            ))
        }
        Shape::Map(_) => Code::atom(format!("_len({this})")),
        _ => Code::atom(format!(
            "_len([_k for _k, _v in {} if _v is not Undefined])",
            this.at(Level::Or)
        )),
    }
}

fn of_fields(object: &Object, this: &Code) -> Code {
    let (mut always, mut present, mut given) = (0, Vec::new(), Vec::new());
    for field in &object.fields {
        let read = reading::field(this, field);
        if read.exists == Code::bool(true) {
            always += 1;
        } else if field.value.nullable {
            given.push(read.code.to_string());
        } else {
            present.push(read.code.to_string());
        }
    }
    let mut parts = Vec::new();
    let counted = |list: &[String], condition: &str| {
        Code::atom(format!(
            "_len([_v for _v in [{}] if _v {condition}])",
            list.join(", ")
        ))
    };
    if !present.is_empty() {
        parts.push(counted(&present, "not in [None, Undefined]"));
    }
    if !given.is_empty() {
        parts.push(counted(&given, "is not Undefined"));
    }
    if object.open || has_unnamed(object) {
        parts.push(others(object, this));
    }
    if always > 0 || parts.is_empty() {
        parts.push(Code::atom(always.to_string()));
    }
    let texts: Vec<String> = parts.iter().map(|part| part.at(Level::Product)).collect();
    let level = if texts.len() > 1 {
        Level::Sum
    } else {
        Level::Atom
    };
    Code::new(level, texts.join(" + "))
}

/// Fields that are not declared, all of which the server keeps.
fn others(object: &Object, this: &Code) -> Code {
    let declared: Vec<String> = object
        .fields
        .iter()
        .map(|field| literal::string(&field.name))
        .collect();
    Code::atom(format!(
        "_len([_k for _k, _v in _any({this}) if _k not in [{}] and _v is not Undefined])",
        declared.join(", ")
    ))
}

fn has_unnamed(object: &Object) -> bool {
    let mut fields = object.fields.iter();
    fields.any(|field| names::attribute(&field.name).is_none())
}
