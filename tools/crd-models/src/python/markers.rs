//! What a schema says of a value beyond its type, as the runtime's checks.

use super::literal;
use crate::analysis::{
    Bound, Condition, Keeps, Limits, Model, Object, Partial, Shape, Unique, Value,
};
use crate::pattern;
use kube_schema::{Scale, Type};
use serde_json::Value as Json;

/// The checks of a value, in the order in which they run, without its rules.
/// `not_checked` gets the patterns that cannot be said in Python.
pub fn checks(value: &Value, not_checked: &mut Vec<String>) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(choices) = &value.choices
        && !are_literals(value, choices)
    {
        found.push(call("Choices", choices.iter().map(literal::value)));
    }
    let limits = &value.limits;
    match &value.shape {
        Shape::Int | Shape::Number => found.extend(number(limits)),
        Shape::Str => found.extend(text(limits, not_checked)),
        Shape::IntOrStr | Shape::NumberOrStr => {
            found.extend(number(limits));
            found.extend(text(limits, not_checked));
        }
        Shape::List(_) => found.extend(items(limits)),
        Shape::Map(_)
        | Shape::FreeObject
        | Shape::Object(_)
        | Shape::Named(_)
        | Shape::Union(_) => found.extend(entries(limits)),
        Shape::Any if *limits != Limits::default() => {
            let part = Partial {
                limits: limits.clone(),
                ..Partial::default()
            };
            found.push(call("AllOf", [self::part(&part, not_checked)]));
        }
        Shape::Any | Shape::Bool | Shape::Literal(_) | Shape::ObjectMeta => {}
    }
    found.extend(kept(value));
    if let Shape::Object(object) = &value.shape {
        found.extend(never_there(object));
    } else if !value.required.is_empty() {
        let required = Partial {
            required: value.required.clone(),
            ..Partial::default()
        };
        found.push(call("AllOf", [part(&required, not_checked)]));
    }
    found.extend(
        value
            .also
            .conditions
            .iter()
            .map(|condition| self::condition(condition, not_checked)),
    );
    found
}

/// The checks of a resource as a whole.
pub fn of_resource(model: &Model, not_checked: &mut Vec<String>) -> Vec<String> {
    let conditions = model.also.conditions.iter();
    let conditions = conditions.map(|condition| self::condition(condition, not_checked));
    let entries = entries(&model.limits).into_iter();
    let never = never_there(&model.root).into_iter();
    let scale = model.scale.iter().map(scale);
    entries
        .chain(never)
        .chain(scale)
        .chain(conditions)
        .collect()
}

/// The fields of the scale subresource, without the dot in front.
fn scale(scale: &Scale) -> String {
    let path = |path: &str| literal::string(path.trim_start_matches('.'));
    let numbers = [&scale.spec_replicas_path, &scale.status_replicas_path];
    let mut arguments: Vec<String> = numbers.map(|number| path(number)).to_vec();
    let selector = scale.label_selector_path.as_deref();
    arguments.extend(selector.map(|selector| format!("selector={}", path(selector))));
    call("Scale", arguments)
}

/// Whether the choices can be said as the type itself.
pub fn are_literals(value: &Value, choices: &[Json]) -> bool {
    let fits = |choice: &Json| match value.shape {
        Shape::Str => choice.is_string(),
        Shape::Int => choice.is_i64(),
        Shape::Bool => choice.is_boolean(),
        _ => false,
    };
    !choices.is_empty() && choices.iter().all(fits)
}

/// `_r.NAME(arguments)`.
pub fn call(name: &str, arguments: impl IntoIterator<Item = String>) -> String {
    let arguments: Vec<String> = arguments.into_iter().collect();
    format!("_r.{name}({})", arguments.join(", "))
}

/// What is asked of a field that is required and never there.
pub fn never_there(object: &Object) -> Option<String> {
    let name = object.never_there.first()?;
    let why = format!("the field {name} is required and not declared, so no object passes");
    Some(call("Never", [literal::string(&why)]))
}

fn kept(value: &Value) -> Option<String> {
    match (&value.shape, value.keeps) {
        (Shape::FreeObject | Shape::Object(_), _) if value.embedded => {
            Some(call("Embedded", Vec::new()))
        }
        (Shape::FreeObject, Keeps::Nothing) => Some(call("Unknown", ["scalars=False".to_owned()])),
        (Shape::FreeObject, Keeps::Fields) => Some(call("Unknown", ["scalars=True".to_owned()])),
        _ => None,
    }
}

/// A number as Python writes it; one that a float cannot tell from others is a float.
fn python_number(value: f64) -> String {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        format!("{value:.0}")
    } else {
        format!("{value:?}")
    }
}

fn number(limits: &Limits) -> Option<String> {
    if limits.no_number {
        let why = "a bound is itself no value of this type, so no number passes";
        return Some(call("Never", [literal::string(why)]));
    }
    let format = limits.format.as_deref();
    let format = format.filter(|format| ["int32", "float"].contains(format));
    let factor = limits.multiple_of.map(|value| Bound {
        value,
        exclusive: false,
    });
    let bounds = [
        ("ge", "gt", limits.min),
        ("le", "lt", limits.max),
        ("multiple_of", "", factor),
    ];
    let mut arguments = Vec::new();
    for (inclusive, exclusive, bound) in bounds {
        let Some(bound) = bound else { continue };
        let name = if bound.exclusive {
            exclusive
        } else {
            inclusive
        };
        let number = python_number(bound.value.as_f64());
        arguments.push(format!("{name}={number}"));
    }
    arguments.extend(format.map(|format| format!("format={}", literal::string(format))));
    (!arguments.is_empty()).then(|| call("Number", arguments))
}

/// The format of a text, with the dashes that the server leaves out of names.
fn text_format(limits: &Limits) -> Option<&str> {
    let is_of_numbers = |format: &&str| ["int32", "int64", "float", "double"].contains(format);
    let format = limits.format.as_deref().filter(|f| !is_of_numbers(f))?;
    Some(match format {
        "datetime" => "date-time",
        "k8slongname" => "k8s-long-name",
        "k8sshortname" => "k8s-short-name",
        other => other,
    })
}

fn text_arguments(limits: &Limits, not_checked: &mut Vec<String>) -> Vec<String> {
    let mut arguments = Vec::new();
    for re2 in &limits.patterns {
        match pattern::to_pydantic(re2) {
            Some(regex) => arguments.push(literal::pattern(&regex)),
            None if pattern::is_for_python(re2) => {}
            None => not_checked.push(re2.clone()),
        }
    }
    let least = limits.min_length.filter(|least| *least > 0);
    arguments.extend(least.map(|least| format!("min_length={least}")));
    // A negative limit refuses every text.
    let most = limits.max_length.map(|most| most.max(-1));
    arguments.extend(most.map(|most| format!("max_length={most}")));
    arguments
}

fn text(limits: &Limits, not_checked: &mut Vec<String>) -> Vec<String> {
    let mut arguments = text_arguments(limits, not_checked);
    let format = text_format(limits);
    arguments.extend(format.map(|format| format!("format={}", literal::string(format))));
    let mut found = searches(limits);
    if !arguments.is_empty() {
        found.insert(0, call("Text", arguments));
    }
    found
}

/// Patterns for Python's own engine, which takes longer.
fn searches(limits: &Limits) -> Vec<String> {
    let patterns = limits.patterns.iter();
    let slow = patterns.filter(|re2| pattern::is_for_python(re2));
    slow.map(|re2| call("Search", [literal::pattern(re2)]))
        .collect()
}

fn sizes(least: Option<i64>, most: Option<i64>) -> Vec<String> {
    let least = least.filter(|least| *least > 0);
    let least = least.map(|least| format!("min_length={least}"));
    let most = most.map(|most| format!("max_length={}", most.max(-1)));
    least.into_iter().chain(most).collect()
}

fn items(limits: &Limits) -> Option<String> {
    let mut arguments = sizes(limits.min_items, limits.max_items);
    match &limits.unique {
        Unique::No => {}
        Unique::Element => arguments.push("unique=True".to_owned()),
        Unique::Keys(keys) => {
            let keys: Vec<Json> = keys.iter().cloned().map(Json::from).collect();
            arguments.push(format!("keys={}", literal::tuple(&keys)));
        }
    }
    (!arguments.is_empty()).then(|| call("Items", arguments))
}

fn entries(limits: &Limits) -> Option<String> {
    let arguments = sizes(limits.min_entries, limits.max_entries);
    (!arguments.is_empty()).then(|| call("Entries", arguments))
}

/// A combinator.
pub fn condition(condition: &Condition, not_checked: &mut Vec<String>) -> String {
    let (name, parts) = match condition {
        Condition::All(parts) => ("AllOf", parts.as_slice()),
        Condition::Any(parts) => ("AnyOf", parts.as_slice()),
        Condition::One(parts) => ("OneOf", parts.as_slice()),
        Condition::Not(part) => ("Not", std::slice::from_ref(&**part)),
        Condition::Names(part) => ("FieldNames", std::slice::from_ref(&**part)),
    };
    let parts: Vec<String> = parts
        .iter()
        .map(|part| self::part(part, not_checked))
        .collect();
    call(name, parts)
}

/// A part of a combinator.
pub fn part(part: &Partial, not_checked: &mut Vec<String>) -> String {
    let limits = &part.limits;
    let mut arguments: Vec<String> = Vec::new();
    arguments.extend(number(limits));
    let texts = text_arguments(limits, not_checked);
    if !texts.is_empty() {
        arguments.push(call("Text", texts));
    }
    arguments.extend(searches(limits));
    arguments.extend(items(&Limits {
        unique: Unique::No,
        ..limits.clone()
    }));
    arguments.extend(entries(limits));
    arguments.extend(
        part.conditions
            .iter()
            .map(|condition| self::condition(condition, not_checked)),
    );
    arguments.extend(
        part.value_type
            .map(|ty| format!("type={}", literal::string(ty.as_str()))),
    );
    if part.nullable {
        arguments.push("nullable=True".to_owned());
    }
    arguments.extend(
        part.choices
            .as_ref()
            .map(|choices| format!("choices={}", literal::tuple(choices))),
    );
    let is_text = matches!(part.value_type, None | Some(Type::String));
    let format = text_format(limits).filter(|_| is_text);
    arguments.extend(format.map(|format| format!("format={}", literal::string(format))));
    arguments.extend(below(part, not_checked));
    call("Part", arguments)
}

fn below(part: &Partial, not_checked: &mut Vec<String>) -> Vec<String> {
    let mut arguments = Vec::new();
    if !part.required.is_empty() {
        let required: Vec<Json> = part.required.iter().cloned().map(Json::from).collect();
        arguments.push(format!("required={}", literal::tuple(&required)));
    }
    let fields: Vec<String> = part
        .fields
        .iter()
        .map(|(name, field)| {
            format!(
                "{}: {}",
                literal::string(name),
                self::part(field, not_checked)
            )
        })
        .collect();
    if !fields.is_empty() {
        arguments.push(format!("fields={{{}}}", fields.join(", ")));
    }
    for (name, below) in [("entries", &part.entries), ("items", &part.element)] {
        if let Some(below) = below {
            arguments.push(format!("{name}={}", self::part(below, not_checked)));
        }
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::{number, python_number};
    use crate::analysis::Limits;

    #[test]
    fn a_bound_that_is_no_integer_lets_no_integer_pass() {
        let limits = Limits {
            no_number: true,
            ..Limits::default()
        };
        let check = number(&limits).unwrap_or_default();
        assert!(check.starts_with("_r.Never("), "{check}");
    }

    #[test]
    fn numbers_are_written_as_the_server_sees_them() {
        assert_eq!(python_number(100.0), "100");
        assert_eq!(python_number(0.5), "0.5");
        assert_eq!(
            python_number(9_223_372_036_854_775_807.0),
            "9.223372036854776e18"
        );
    }
}
