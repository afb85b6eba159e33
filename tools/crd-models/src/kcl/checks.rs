//! The bounds of a value as KCL expressions for a `check:` block. None of them
//! may refuse what the API server accepts; what KCL cannot say exactly is left out.

use super::{literal, names};
use crate::analysis::{Bound, Field, Limits, Object, Shape, Unique, Value};
use crate::pattern;
use kube_schema::Number;

/// A line of a `check:` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What must be true.
    pub condition: String,
    /// What to say if it is not.
    pub message: String,
}

impl Check {
    fn new(condition: String, message: impl Into<String>) -> Self {
        Self {
            condition,
            message: message.into(),
        }
    }
}

/// The builtins that checks call, by their aliases: an attribute may be called
/// `len`, and would hide the builtin.
pub const ALIASES: [(&str, &str); 6] = [
    ("_int", "int"),
    ("_isunique", "isunique"),
    ("_len", "len"),
    ("_regex_match", "regex.match"),
    ("_str", "str"),
    ("_typeof", "typeof"),
];

/// All checks of the value that `expression` stands for, itself not null.
pub fn checks(value: &Value, expression: &str) -> Vec<Check> {
    checks_at(value, expression, 0)
}

fn checks_at(value: &Value, expression: &str, depth: usize) -> Vec<Check> {
    let mut checks = choice_checks(value, expression);
    checks.extend(limit_checks(&value.shape, &value.limits, expression));
    match &value.shape {
        Shape::List(element) => {
            let variable = format!("_i{depth}");
            let inner = checks_at(element, &variable, depth + 1);
            checks.extend(inner.into_iter().map(|check| {
                let condition = unless_null(element.nullable, &variable, check.condition);
                let condition = format!("all {variable} in {expression} {{ {condition} }}");
                Check::new(condition, format!("each element: {}", check.message))
            }));
        }
        Shape::Map(entry) => {
            let (key, variable) = (format!("_k{depth}"), format!("_v{depth}"));
            let inner = checks_at(entry, &variable, depth + 1);
            checks.extend(inner.into_iter().map(|check| {
                // The API server drops a null that is not nullable.
                let condition = unless_null(true, &variable, check.condition);
                let condition = format!("all {key}, {variable} in {expression} {{ {condition} }}");
                Check::new(condition, format!("each value: {}", check.message))
            }));
        }
        _ => {}
    }
    checks
}

fn unless_null(nullable: bool, expression: &str, condition: String) -> String {
    if nullable {
        format!("{expression} in [None, Undefined] or ({condition})")
    } else {
        condition
    }
}

/// Choices that the type cannot list.
fn choice_checks(value: &Value, expression: &str) -> Vec<Check> {
    let Some(choices) = &value.choices else {
        return Vec::new();
    };
    if literal_union(value).is_some() {
        return Vec::new();
    }
    let listed: Vec<String> = choices.iter().map(literal::value).collect();
    let shown: Vec<String> = choices.iter().map(ToString::to_string).collect();
    vec![Check::new(
        format!("{expression} in [{}]", listed.join(", ")),
        format!("one of {}", shown.join(", ")),
    )]
}

/// The type as a union of its choices, if each is a literal type.
pub fn literal_union(value: &Value) -> Option<String> {
    let choices = value.choices.as_ref()?;
    if !matches!(value.shape, Shape::Int | Shape::Str | Shape::IntOrStr) {
        return None;
    }
    let mut members: Vec<String> = Vec::new();
    for choice in choices {
        let member = literal::literal_type(choice)?;
        if !members.contains(&member) {
            members.push(member);
        }
    }
    (!members.is_empty()).then(|| members.join(" | "))
}

fn limit_checks(shape: &Shape, limits: &Limits, expression: &str) -> Vec<Check> {
    match shape {
        Shape::Int | Shape::Number => number_checks(limits, expression),
        Shape::Str => text_checks(limits, expression),
        Shape::IntOrStr => either_checks(limits, expression),
        Shape::List(element) => list_checks(element, limits, expression),
        Shape::Map(_) => size_checks(limits.min_entries, limits.max_entries, "field", expression),
        Shape::Any
        | Shape::Bool
        | Shape::FreeObject
        | Shape::Object(_)
        | Shape::Literal(_)
        | Shape::ObjectMeta => Vec::new(),
    }
}

fn number_checks(limits: &Limits, expression: &str) -> Vec<Check> {
    let mut checks = Vec::new();
    checks.extend(
        limits
            .min
            .and_then(|bound| bound_check(bound, [">", ">="], expression)),
    );
    checks.extend(
        limits
            .max
            .and_then(|bound| bound_check(bound, ["<", "<="], expression)),
    );
    // Only a whole factor can be told exactly; the API server cuts others.
    if let Some(factor) = limits.multiple_of.and_then(Number::as_i64) {
        let condition = format!("{expression} % {factor} == 0");
        checks.push(Check::new(condition, format!("a multiple of {factor}")));
    }
    checks
}

/// A bound that KCL's integers cannot hold is left out: no value can break it.
fn bound_check(bound: Bound, signs: [&str; 2], expression: &str) -> Option<Check> {
    let sign = if bound.exclusive { signs[0] } else { signs[1] };
    let number = match bound.value {
        Number::Int(_) => bound
            .value
            .as_i64()
            .filter(|value| *value != i64::MIN)?
            .to_string(),
        Number::Float(value) => format!("{value:?}"),
    };
    Some(Check::new(
        format!("{expression} {sign} {number}"),
        format!("{sign} {number}"),
    ))
}

/// KCL's `len` counts bytes, the API server code points. No text has fewer
/// bytes than code points, so the cheap count often suffices.
fn text_checks(limits: &Limits, expression: &str) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(least) = limits.min_length.filter(|least| *least > 0) {
        let counted = if least == 1 {
            expression.to_owned()
        } else {
            format!("{expression}.chars()")
        };
        checks.push(Check::new(
            format!("_len({counted}) >= {least}"),
            format!("at least {}", count(least, "character")),
        ));
    }
    if let Some(most) = limits.max_length {
        let condition =
            format!("_len({expression}) <= {most} or _len({expression}.chars()) <= {most}");
        checks.push(Check::new(
            condition,
            format!("at most {}", count(most, "character")),
        ));
    }
    for re2 in &limits.patterns {
        if let Some(regex) = pattern::to_rust(re2) {
            let condition = format!("_regex_match({expression}, {})", literal::pattern(&regex));
            checks.push(Check::new(condition, format!("must match {re2}")));
        }
    }
    checks
}

/// What is said of texts holds for texts, what is said of numbers for numbers.
fn either_checks(limits: &Limits, expression: &str) -> Vec<Check> {
    let only = |kind: &str, checks: Vec<Check>| -> Vec<Check> {
        let other = format!("_typeof({expression}) != \"{kind}\"");
        checks
            .into_iter()
            .map(|check| Check::new(format!("{other} or ({})", check.condition), check.message))
            .collect()
    };
    // The conversions only tell KCL's type checker what `typeof` found out.
    let mut checks = only("str", text_checks(limits, &format!("_str({expression})")));
    checks.extend(only(
        "int",
        number_checks(limits, &format!("_int({expression})")),
    ));
    checks
}

fn list_checks(element: &Value, limits: &Limits, expression: &str) -> Vec<Check> {
    let mut checks = size_checks(limits.min_items, limits.max_items, "element", expression);
    match &limits.unique {
        Unique::Element if is_comparable(element) => {
            checks.push(Check::new(
                format!("_isunique({expression})"),
                "no element twice",
            ));
        }
        Unique::Keys(keys) => checks.extend(unique_keys(element, keys, expression)),
        Unique::Element | Unique::No => {}
    }
    checks
}

fn size_checks(least: Option<i64>, most: Option<i64>, what: &str, expression: &str) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(least) = least.filter(|least| *least > 0) {
        checks.push(Check::new(
            format!("_len({expression}) >= {least}"),
            format!("at least {}", count(least, what)),
        ));
    }
    if let Some(most) = most {
        checks.push(Check::new(
            format!("_len({expression}) <= {most}"),
            format!("at most {}", count(most, what)),
        ));
    }
    checks
}

fn count(number: i64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// Two elements with equal keys. Only where every key is surely there, since
/// KCL and the API server differ on what an absent one equals.
fn unique_keys(element: &Value, keys: &[String], expression: &str) -> Option<Check> {
    let Shape::Object(object) = &element.shape else {
        return None;
    };
    let parts: Option<Vec<String>> = keys.iter().map(|key| key_expression(object, key)).collect();
    let parts = parts.filter(|parts| !parts.is_empty())?;
    let condition = format!("_isunique([[{}] for _e in {expression}])", parts.join(", "));
    Some(Check::new(
        condition,
        format!("no two elements with the same {}", keys.join(", ")),
    ))
}

fn key_expression(object: &Object, key: &str) -> Option<String> {
    let field = object.fields.iter().find(|field| field.name == key)?;
    let is_there = field.required || field.value.default.is_some();
    let name = names::attribute(key)?.used?;
    (is_there && is_comparable(&field.value)).then(|| format!("_e.{name}"))
}

fn is_comparable(value: &Value) -> bool {
    !value.nullable && matches!(value.shape, Shape::Str | Shape::Int | Shape::Bool)
}

/// Whether the field may be left out, or be null, in a source.
pub fn is_optional(field: &Field) -> bool {
    !field.required || field.value.nullable || field.value.default.is_some()
}
