//! Types as Python writes them.

use super::literal;
use super::markers;
use super::plan::{Hint, Slot};
use super::words::Words;
use crate::analysis::{Shape, Value};

/// The type of a value, null left aside; `element` says that of what is in a
/// list or a map.
pub fn plain(slot: &Slot<'_>, words: &Words, element: impl FnOnce(&Slot<'_>) -> String) -> String {
    let value = slot.value;
    if let Some(choices) = &value.choices
        && markers::are_literals(value, choices)
    {
        let listed: Vec<String> = choices.iter().map(literal::value).collect();
        return format!("_t.Literal[{}]", listed.join(", "));
    }
    let word = |word| words.word(word);
    match (&slot.hint, &value.shape) {
        (Hint::Anything, _) => "_t.Any".to_owned(),
        (Hint::OneOf(names), _) => names.join(" | "),
        (Hint::Class(name), _) if value.untyped => format!("{name} | _t.Any"),
        (Hint::Class(name), _) => name.clone(),
        (Hint::Of(inner), Shape::Map(_)) => {
            format!("{}[{}, {}]", word("dict"), word("str"), element(inner))
        }
        (Hint::Of(inner), _) => format!("{}[{}]", word("list"), element(inner)),
        (Hint::Plain, shape) => match shape {
            Shape::Bool => word("bool").to_owned(),
            Shape::Int => word("int").to_owned(),
            // Both, so that 300 does not become 300.0.
            Shape::Number => format!("{} | {}", word("int"), word("float")),
            Shape::Str => word("str").to_owned(),
            Shape::NumberOrStr => format!("{} | {} | {}", word("int"), word("float"), word("str")),
            Shape::IntOrStr => format!("{} | {}", word("int"), word("str")),
            Shape::FreeObject
            | Shape::Object(_)
            | Shape::Map(_)
            | Shape::Named(_)
            | Shape::Union(_) => {
                format!("{}[{}, _t.Any]", word("dict"), word("str"))
            }
            Shape::Literal(text) => format!("_t.Literal[{}]", literal::string(text)),
            Shape::List(_) => format!("{}[_t.Any]", word("list")),
            Shape::Any | Shape::ObjectMeta => "_t.Any".to_owned(),
        },
    }
}

/// Whether null is a value that passes.
pub fn takes_null(value: &Value) -> bool {
    value.nullable && value.choices.is_none()
}

/// `T | None`, unless the type says so already.
pub fn optional(hint: String) -> String {
    if hint == "_t.Any" || hint.ends_with("| _t.Any") {
        hint
    } else {
        format!("{hint} | None")
    }
}
