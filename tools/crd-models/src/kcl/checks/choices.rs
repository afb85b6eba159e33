//! The permitted values.

use super::{Check, formats};
use crate::analysis::{Shape, Value};
use crate::cel::{Code, Level};
use crate::kcl::literal;
use serde_json::Value as Json;

/// Choices that the type cannot list; `this` is not null.
pub fn checks(value: &Value, this: &Code) -> Vec<Check> {
    let Some(choices) = &value.choices else {
        return Vec::new();
    };
    if literal_union(value).is_some() {
        return Vec::new();
    }
    let shown: Vec<String> = choices.iter().map(ToString::to_string).collect();
    let message = match shown.as_slice() {
        [] => "there is no permitted value".to_owned(),
        shown => format!("one of {}", shown.join(", ")),
    };
    vec![Check::new(is_one_of(value, choices, this), message)]
}

/// Whether the value is one of these.
pub fn is_one_of(value: &Value, choices: &[Json], this: &Code) -> Code {
    if choices.is_empty() {
        return Code::bool(false);
    }
    match value.shape {
        Shape::Bool | Shape::Int | Shape::Str | Shape::Literal(_) => is_in(this, choices),
        Shape::IntOrStr => is_in(this, &with_code_points(choices)),
        Shape::Number => number_is_in(this, choices),
        // Instances of schemas equal no dict.
        _ => is_in(
            &formats::helper("plain", &[this]),
            &with_code_points(choices),
        ),
    }
}

fn is_in(this: &Code, choices: &[Json]) -> Code {
    let listed: Vec<String> = choices.iter().map(literal::value).collect();
    let (this, listed) = (this.at(Level::Sum), listed.join(", "));
    Code::with_opposite(
        Level::Comparison,
        format!("{this} in [{listed}]"),
        format!("{this} not in [{listed}]"),
    )
}

/// The server also compares after a conversion by Go's rules (values.go,
/// `Enum`): a float is cut to the whole number that it is compared with.
fn number_is_in(this: &Code, choices: &[Json]) -> Code {
    let whole: Vec<Json> = choices
        .iter()
        .filter(|choice| choice.is_i64())
        .cloned()
        .collect();
    if whole.is_empty() {
        return is_in(this, choices);
    }
    let cut = Code::atom(format!("_int({this})"));
    Code::any([is_in(this, choices), is_in(&cut, &whole)])
}

/// By the same rules a number is the text of the character with that code.
fn with_code_points(choices: &[Json]) -> Vec<Json> {
    let code = |choice: &Json| {
        let mut chars = choice.as_str()?.chars();
        let only = chars.next().filter(|_| chars.next().is_none())?;
        Some(Json::from(u32::from(only)))
    };
    let codes: Vec<Json> = choices.iter().filter_map(code).collect();
    choices.iter().cloned().chain(codes).collect()
}

/// The type as a union of its choices, if each is a literal type. Of a single
/// one KCL would make the default of a field that has to be given.
pub fn literal_union(value: &Value) -> Option<String> {
    let choices = value.choices.as_ref()?;
    let choices: Vec<Json> = match value.shape {
        Shape::Int => choices.iter().filter(|c| c.is_number()).cloned().collect(),
        Shape::Str => choices.iter().filter(|c| c.is_string()).cloned().collect(),
        Shape::IntOrStr => with_code_points(choices),
        _ => return None,
    };
    let mut members: Vec<String> = Vec::new();
    for choice in &choices {
        let member = literal::literal_type(choice)?;
        if !members.contains(&member) {
            members.push(member);
        }
    }
    (members.len() > 1).then(|| members.join(" | "))
}
