//! CEL rules of a definition: what stands beside them, and whether they compile.

use super::field_path;
use super::names::invalid;
use super::place::Place;
use super::props::Props;
use super::structural;
use crate::validate::error::FieldError;
use crate::{Additional, Rule, Schema, cel_rule, cel_type};
use cel_frontend::{Declarations, Type as Cel, check as check_types, parse};
use serde_json::{Map, Value};

const REASONS: [&str; 4] = [
    "FieldValueDuplicate",
    "FieldValueForbidden",
    "FieldValueInvalid",
    "FieldValueRequired",
];

/// A schema whose values rules can see.
#[derive(Clone, Copy)]
pub(super) struct Typed<'s> {
    schema: &'s Schema,
    is_resource: bool,
}

impl<'s> Typed<'s> {
    pub fn root(schema: &'s Schema) -> Self {
        Self {
            schema,
            is_resource: true,
        }
    }

    fn part(schema: &'s Schema) -> Self {
        Self {
            schema,
            is_resource: schema.embedded_resource,
        }
    }

    pub fn property(self, name: &str) -> Option<Self> {
        self.schema.property(name).map(Self::part)
    }

    pub fn items(self) -> Option<Self> {
        self.schema.items.as_deref().map(Self::part)
    }

    pub fn values(self) -> Option<Self> {
        match &self.schema.additional_properties {
            Some(Additional::Schema(values)) => Some(Self::part(values)),
            _ => None,
        }
    }
}

/// What can be said of rules without compiling them.
pub(super) fn check_form(schema: Props<'_>, at: &Place) -> Vec<FieldError> {
    let at = at.child("x-kubernetes-validations");
    schema
        .objects("x-kubernetes-validations")
        .enumerate()
        .flat_map(|(i, rule)| check_rule_form(schema, rule, &at.index(i)))
        .collect()
}

fn check_rule_form(schema: Props<'_>, rule: Props<'_>, at: &Place) -> Vec<FieldError> {
    let mut errors: Vec<FieldError> = check_message(rule, at).into_iter().collect();
    let is_blank = |field: &str| !rule.text(field).is_empty() && rule.text(field).trim().is_empty();
    if is_blank("messageExpression") {
        let text = "messageExpression must be non-empty if specified";
        errors.push(FieldError::required(&at.child("messageExpression"), text));
    }
    if let Some(reason) = rule.get("reason").and_then(Value::as_str)
        && !REASONS.contains(&reason)
    {
        let supported = REASONS.map(Value::from);
        let at = at.child("reason");
        errors.push(FieldError::not_supported(&at, &reason.into(), &supported));
    }
    let path = rule.text("fieldPath");
    let at = at.child("fieldPath");
    if is_blank("fieldPath") {
        errors.push(invalid(&at, path, "must be non-empty if specified"));
    }
    if has_newlines(path) {
        errors.push(invalid(&at, path, "must not contain line breaks"));
    }
    let is_stray = structural::unsupported(schema).is_none()
        && field_path::resolve(path, schema, true).is_err();
    if !path.is_empty() && is_stray {
        errors.push(invalid(&at, path, "must be a valid path"));
    }
    errors
}

fn check_message(rule: Props<'_>, at: &Place) -> Option<FieldError> {
    let expression = rule.text("rule").trim();
    let message = rule.text("message");
    let at_message = at.child("message");
    if expression.is_empty() {
        return Some(FieldError::required(
            &at.child("rule"),
            "rule is not specified",
        ));
    }
    if !message.is_empty() && message.trim().is_empty() {
        return Some(invalid(
            &at_message,
            message,
            "must be non-empty if specified",
        ));
    }
    if has_newlines(message.trim()) {
        return Some(invalid(
            &at_message,
            message,
            "must not contain line breaks",
        ));
    }
    let text = "message must be specified if rule contains line breaks";
    let is_missing = has_newlines(expression) && message.trim().is_empty();
    is_missing.then(|| FieldError::required(&at_message, text))
}

fn has_newlines(text: &str) -> bool {
    text.contains(['\n', '\r'])
}

/// What compiling the rules of a schema says.
pub(super) fn check(typed: Typed<'_>, at: &Place, uncorrelated: Option<&Place>) -> Vec<FieldError> {
    let rules = &typed.schema.rules;
    if rules.is_empty() {
        return Vec::new();
    }
    let at = at.child("x-kubernetes-validations");
    let Some(this) = cel_type(typed.schema, typed.is_resource, "self") else {
        let text =
            "internal error: failed to retrieve type information for x-kubernetes-validations";
        return vec![FieldError::internal(&at, text)];
    };
    rules
        .iter()
        .enumerate()
        .flat_map(|(i, rule)| check_rule(rule, &this, &at.index(i), uncorrelated))
        .collect()
}

fn check_rule(
    rule: &Rule,
    this: &Cel,
    at: &Place,
    uncorrelated: Option<&Place>,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let shown = Value::Object(Map::new());
    let at_rule = at.child("rule");
    let compiled = match cel_rule(rule, this) {
        Ok(compiled) => Some(compiled),
        Err(error) => {
            let why = explained(&error, &rule.rule);
            errors.push(FieldError::invalid(&at_rule, &shown, why));
            None
        }
    };
    if let (Some(_), Err(why)) = (&compiled, check_message_expression(rule, this)) {
        errors.push(FieldError::invalid(
            &at.child("messageExpression"),
            &shown,
            why,
        ));
    }
    if compiled.is_some_and(|compiled| compiled.mentions("oldSelf")) {
        if let Some(place) = uncorrelated {
            let text = format!(
                "oldSelf cannot be used on the uncorrelatable portion of the schema within {place}"
            );
            errors.push(invalid(&at_rule, &rule.rule, &text));
        }
    } else if let Some(optional) = rule.optional_old_self {
        let at = at.child("optionalOldSelf");
        let text = "may not be set if oldSelf is not used in rule";
        errors.push(FieldError::invalid(&at, &Value::Bool(optional), text));
    }
    errors
}

/// With its line and column.
fn explained(error: &cel_frontend::Error, text: &str) -> String {
    if error.message == "must evaluate to a bool" {
        return format!("cel expression {}", error.message);
    }
    let (line, column) = error.position(text);
    format!(
        "compilation failed: ERROR: <input>:{line}:{column}: {}",
        error.message
    )
}

fn check_message_expression(rule: &Rule, this: &Cel) -> Result<(), String> {
    let text = &rule.message_expression;
    if text.trim().is_empty() {
        return Ok(());
    }
    let old = match rule.optional_old_self.unwrap_or_default() {
        true => Cel::optional(this.clone()),
        false => this.clone(),
    };
    let declared = Declarations::default()
        .with("self", this.clone())
        .with("oldSelf", old);
    let failed = |error: cel_frontend::Error| {
        let why = explained(&error, text);
        format!("messageExpression {why}")
    };
    let typed = check_types(&parse(text).map_err(failed)?, &declared).map_err(failed)?;
    match typed.ty {
        Cel::String => Ok(()),
        _ => Err("messageExpression must evaluate to a string".to_owned()),
    }
}
