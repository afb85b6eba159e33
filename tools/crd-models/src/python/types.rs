//! The annotation of a value.

use super::literal;
use crate::analysis::{Bound, Limits, Shape, Unique, Value};
use crate::pattern;
use kube_schema::Number;
use serde_json::Value as Json;

/// The annotation of `value`, given that of its shape, null left aside.
/// `unique_fields` are the Python names of the keys of a list map.
pub fn annotated(value: &Value, shape: String, unique_fields: Option<&[String]>) -> String {
    if let Some(choices) = &value.choices {
        return chosen(choices, shape);
    }
    match &value.shape {
        Shape::Int | Shape::Number => with(shape, &number_arguments(&value.limits), &[]),
        Shape::Str => text(shape, &value.limits),
        Shape::IntOrStr => {
            let number = with("_Int".to_owned(), &number_arguments(&value.limits), &[]);
            format!("{number} | {}", text("_Str".to_owned(), &value.limits))
        }
        Shape::List(element) => {
            let sizes = size_arguments(value.limits.min_items, value.limits.max_items);
            with(
                shape,
                &sizes,
                &uniqueness(&value.limits.unique, element, unique_fields),
            )
        }
        Shape::Map(_) => with(
            shape,
            &size_arguments(value.limits.min_entries, value.limits.max_entries),
            &[],
        ),
        _ => shape,
    }
}

fn chosen(choices: &[Json], shape: String) -> String {
    let listed: Vec<String> = choices.iter().map(literal::value).collect();
    let listed = listed.join(", ");
    let are_literals = choices.iter().all(|choice| match choice {
        Json::String(_) | Json::Bool(_) => true,
        Json::Number(number) => !number.is_f64(),
        _ => false,
    });
    if are_literals && !choices.is_empty() {
        return format!("_t.Literal[{listed}]");
    }
    format!("_t.Annotated[{shape}, _base.one_of({listed})]")
}

/// `_t.Annotated[TYPE, _p.Field(…), …]`, or just the type.
fn with(shape: String, arguments: &[String], validators: &[String]) -> String {
    let mut parts = vec![shape];
    if !arguments.is_empty() {
        parts.push(format!("_p.Field({})", arguments.join(", ")));
    }
    parts.extend(validators.iter().cloned());
    match parts.as_slice() {
        [shape] => shape.clone(),
        parts => format!("_t.Annotated[{}]", parts.join(", ")),
    }
}

fn text(shape: String, limits: &Limits) -> String {
    let mut arguments = Vec::new();
    arguments.extend(
        limits
            .min_length
            .filter(|least| *least > 0)
            .map(|least| format!("min_length={least}")),
    );
    arguments.extend(
        limits
            .max_length
            .filter(|most| *most >= 0)
            .map(|most| format!("max_length={most}")),
    );
    let mut patterns = limits
        .patterns
        .iter()
        .filter_map(|re2| pattern::to_rust(re2));
    arguments.extend(
        patterns
            .next()
            .map(|regex| format!("pattern={}", literal::pattern(&regex))),
    );
    let more: Vec<String> = patterns
        .map(|regex| format!("_base.match({})", literal::pattern(&regex)))
        .collect();
    with(shape, &arguments, &more)
}

fn number_arguments(limits: &Limits) -> Vec<String> {
    let argument = |bound: Option<Bound>, names: [&str; 2]| {
        let bound = bound?;
        let number = match bound.value {
            Number::Int(_) => bound.value.as_i64()?.to_string(),
            Number::Float(value) => format!("{value:?}"),
        };
        Some(format!(
            "{}={number}",
            if bound.exclusive { names[0] } else { names[1] }
        ))
    };
    let mut arguments = Vec::new();
    arguments.extend(argument(limits.min, ["gt", "ge"]));
    arguments.extend(argument(limits.max, ["lt", "le"]));
    arguments.extend(
        limits
            .multiple_of
            .map(|factor| format!("multiple_of={factor}")),
    );
    arguments
}

fn size_arguments(least: Option<i64>, most: Option<i64>) -> Vec<String> {
    let least = least
        .filter(|least| *least > 0)
        .map(|least| format!("min_length={least}"));
    let most = most
        .filter(|most| *most >= 0)
        .map(|most| format!("max_length={most}"));
    least.into_iter().chain(most).collect()
}

fn uniqueness(unique: &Unique, element: &Value, fields: Option<&[String]>) -> Vec<String> {
    let is_plain =
        !element.nullable && matches!(element.shape, Shape::Str | Shape::Int | Shape::Bool);
    match (unique, fields) {
        (Unique::Element, _) if is_plain => vec!["_base.unique()".to_owned()],
        (Unique::Keys(_), Some(fields)) if !fields.is_empty() => {
            let fields: Vec<String> = fields.iter().map(|field| literal::string(field)).collect();
            vec![format!("_base.unique_by({})", fields.join(", "))]
        }
        _ => Vec::new(),
    }
}
