//! Unions. KCL's own `A | B` of schemas takes every dict for an `A`. So a union is
//! a schema with the discriminator and any other attributes, and what it consists
//! of are special cases of it, with no other attributes than their own. A hidden
//! value beside each use makes the special case that the discriminator names, and
//! so checks what was given as a dict.

use super::layout::Site;
use super::print::push_doc;
use super::{literal, names};
use crate::analysis::{Field, Shape, TypeRef, Union};
use std::fmt::Write;

/// Whether the object is one of the union's.
pub fn has(union: &Union, object: &str) -> bool {
    let mut alternatives = union.alternatives.iter();
    alternatives.any(|alternative| alternative.object.name() == object)
}

/// The type of a value: the union's schema, and those of its objects that are
/// special cases of another one's.
pub fn type_name(reference: &TypeRef, union: &Union, site: &Site<'_>) -> String {
    let own = site.reach(reference.name(), |schema| schema.to_owned());
    let others = union
        .alternatives
        .iter()
        .map(|alternative| alternative.object.name())
        .filter(|object| !site.is_parent(reference.name(), object))
        .map(|object| site.reach(object, |schema| schema.to_owned()));
    std::iter::once(own)
        .chain(others)
        .collect::<Vec<_>>()
        .join(" | ")
}

/// The check of a field that holds values of unions, as a line.
pub fn check(field: &Field, site: &Site<'_>) -> Option<String> {
    let attribute = names::attribute(&field.name)?.used?;
    let condition = holds(&field.value.shape, &attribute, site, 0)?;
    let message = format!("{}: the {} is unknown", field.name, of(&field.value.shape)?);
    Some(format!("{condition}, {}", literal::string(&message)))
}

/// The discriminator of the union of which the values are.
fn of(shape: &Shape) -> Option<&str> {
    match shape {
        Shape::List(inner) | Shape::Map(inner) => of(&inner.shape),
        shape => Some(&shape.union()?.discriminator),
    }
}

/// Whether each value of a union is what it says it is; one that is missing is.
fn holds(shape: &Shape, code: &str, site: &Site<'_>, depth: usize) -> Option<String> {
    let (variables, inner) = match shape {
        Shape::Named(reference) => {
            reference.value()?.shape.union()?;
            let is_one = site.reach(reference.name(), judge);
            return Some(format!("{is_one}({code})"));
        }
        Shape::List(element) => {
            let variable = format!("_i{depth}");
            let inner = holds(&element.shape, &variable, site, depth + 1)?;
            (variable, inner)
        }
        Shape::Map(entry) => {
            let (key, variable) = (format!("_k{depth}"), format!("_v{depth}"));
            let inner = holds(&entry.shape, &variable, site, depth + 1)?;
            (format!("{key}, {variable}"), inner)
        }
        _ => return None,
    };
    Some(format!(
        "{code} in [None, Undefined] or all {variables} in {code} {{ {inner} }}"
    ))
}

/// The check that a field is there. KCL by itself asks for it only in what is put
/// out, and not in what is made to judge a value of a union.
pub fn required(field: &Field) -> Option<String> {
    let value = &field.value;
    let is_given = matches!(value.shape, Shape::Literal(_)) || value.default.is_some();
    if !field.required || value.nullable || is_given {
        return None;
    }
    let used = names::attribute(&field.name)?.used?;
    let message = literal::string(&format!("{}: required", field.name));
    Some(format!("{used} not in [None, Undefined], {message}"))
}

/// The lambda that says whether a value is one of a union's.
fn judge(schema: &str) -> String {
    format!("_is_{schema}")
}

/// The schema of a union and the lambda that judges values of it.
pub fn text(site: &Site<'_>, union: &Union) -> String {
    let schema = &site.place.schema;
    let attribute = names::attribute(&union.discriminator);
    let Some(attribute) = attribute else {
        return format!("schema {schema}:\n    [...str]: any\n");
    };
    let values = union.alternatives.iter().flat_map(|one| &one.values);
    let values: Vec<String> = values.map(|value| literal::string(value)).collect();
    let mut body = format!("schema {schema}:\n");
    if site.has_docs() {
        push_docs(&mut body, site, union, &attribute);
    }
    let _ = write!(
        body,
        "    {name}: {values}\n\n    [...str]: any\n\n",
        name = attribute.declared,
        values = values.join(" | "),
    );
    body.push_str(&judge_text(site, union, &attribute));
    body
}

fn push_docs(out: &mut String, site: &Site<'_>, union: &Union, discriminator: &names::Attribute) {
    let doc = match site.named.value.description.as_str() {
        "" => format!(
            "One of several objects, told apart by {}.",
            union.discriminator
        ),
        description => description.to_owned(),
    };
    out.push_str("    r\"\"\"\n");
    push_doc(out, &doc, "    ");
    let _ = write!(
        out,
        "\n    Attributes\n    ----------\n    {} : str, default is Undefined, required\n        Which of them it is.\n    \"\"\"\n\n",
        discriminator.declared
    );
}

fn judge_text(site: &Site<'_>, union: &Union, discriminator: &names::Attribute) -> String {
    let read = match &discriminator.used {
        Some(_) => format!("_value?.{}", union.discriminator),
        None => format!("_value?[{}]", discriminator.declared),
    };
    let mut text = format!(
        "# Whether a value is what its {} says, unless it is null; if it is not, KCL says why.\n{} = lambda _value: any -> bool {{\n    _made = _any(_value in [None, Undefined])\n",
        union.discriminator,
        judge(&site.place.schema)
    );
    for (index, alternative) in union.alternatives.iter().enumerate() {
        let values: Vec<String> = alternative
            .values
            .iter()
            .map(|value| literal::string(value))
            .collect();
        let schema = site.reach(alternative.object.name(), |schema| schema.to_owned());
        let _ = write!(
            text,
            "    {word} {read} in [{values}]:\n        _made = _any({schema} {{**_value}})\n",
            word = if index == 0 { "if" } else { "elif" },
            values = values.join(", "),
        );
    }
    text.push_str("    _made != False\n}\n");
    text
}
