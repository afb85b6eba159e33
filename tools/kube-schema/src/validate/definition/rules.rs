//! CEL rules of a definition: what stands beside them, whether they compile, and
//! what they may cost.

use super::cost::budget::{Cardinality, Estimate};
use super::names::invalid;
use super::place::Place;
use super::props::Props;
use super::{cost, field_path, structural};
use crate::declared::Declared;
use crate::validate::cel::constants::{self, Refused};
use crate::validate::error::FieldError;
use crate::{Additional, Rule, Schema, cel_rule};
use cel_frontend::{Declarations, Expr, Type as Cel, check as check_types, parse};
use serde_json::{Map, Value};
use std::rc::Rc;

const REASONS: [&str; 4] = [
    "FieldValueDuplicate",
    "FieldValueForbidden",
    "FieldValueInvalid",
    "FieldValueRequired",
];

/// A schema whose rules are compiled (apiextensions-apiserver,
/// `cel_validation.go`, `CELSchemaContext`).
#[derive(Clone)]
pub(super) struct Typed<'s> {
    schema: &'s Schema,
    declared: Known,
    cardinality: Cardinality,
}

/// What is known of the values that rules see.
#[derive(Clone)]
enum Known {
    /// Neither here nor above stands a rule.
    NotAsked,
    /// No rule can see such values: here, or above.
    Hidden,
    As(Rc<Declared>),
    /// The schema above says nothing of it.
    Missing,
}

impl Known {
    fn of(schema: &Schema, is_resource: bool) -> Self {
        let declared = Declared::of(schema, is_resource, "self");
        declared.map_or(Self::Hidden, |declared| Self::As(Rc::new(declared)))
    }

    /// What the schema above tells, else what the schema itself does.
    fn below(&self, schema: &Schema, step: Step<'_>) -> Self {
        let own = || match schema.rules.is_empty() && matches!(self, Self::NotAsked) {
            true => Self::NotAsked,
            false => Self::of(schema, schema.embedded_resource),
        };
        match self {
            Self::NotAsked => own(),
            Self::Hidden | Self::Missing => self.clone(),
            Self::As(above) => match step {
                Step::Property(name) => {
                    let name = cel_frontend::escape(name);
                    let field = name.and_then(|name| above.field(&name).cloned());
                    field.map_or_else(own, Self::As)
                }
                Step::Element => above.element().cloned().map_or(Self::Missing, Self::As),
            },
        }
    }
}

enum Step<'a> {
    Property(&'a str),
    Element,
}

impl<'s> Typed<'s> {
    pub fn root(schema: &'s Schema) -> Self {
        Self {
            schema,
            declared: match schema.rules.is_empty() {
                true => Known::NotAsked,
                false => Known::of(schema, true),
            },
            cardinality: Cardinality::ROOT,
        }
    }

    fn below(&self, schema: &'s Schema, step: Step<'_>) -> Self {
        Self {
            schema,
            declared: self.declared.below(schema, step),
            cardinality: self.cardinality.below(self.schema),
        }
    }

    pub fn property(&self, name: &str) -> Option<Self> {
        let schema = self.schema.property(name)?;
        Some(self.below(schema, Step::Property(name)))
    }

    pub fn items(&self) -> Option<Self> {
        let schema = self.schema.items.as_deref()?;
        Some(self.below(schema, Step::Element))
    }

    pub fn values(&self) -> Option<Self> {
        match &self.schema.additional_properties {
            Some(Additional::Schema(values)) => Some(self.below(values, Step::Element)),
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

/// What is wrong with a schema, and what its rules may cost.
#[derive(Default)]
pub(super) struct Checked {
    pub errors: Vec<FieldError>,
    pub estimates: Vec<Estimate>,
}

impl Checked {
    pub fn add(&mut self, other: Self) {
        self.errors.extend(other.errors);
        self.estimates.extend(other.estimates);
    }

    /// `what` is the server's word for the sort of expression.
    fn estimate(&mut self, at: &Place, what: &str, cost: u64) {
        let estimate = Estimate::new(at, cost);
        self.errors.extend(estimate.exceeded(what));
        self.estimates.push(estimate);
    }
}

/// Compiles the rules of a schema.
pub(super) fn check(typed: &Typed<'_>, at: &Place, uncorrelated: Option<&Place>) -> Checked {
    let mut compiled = Checked::default();
    let at = at.child("x-kubernetes-validations");
    let why = match &typed.declared {
        _ if typed.schema.rules.is_empty() => return compiled,
        Known::As(this) => {
            let rules = typed.schema.rules.iter().enumerate();
            for (i, rule) in rules {
                let rule = Ruled {
                    rule,
                    this,
                    cardinality: typed.cardinality,
                };
                rule.check(&at.index(i), uncorrelated, &mut compiled);
            }
            return compiled;
        }
        Known::Hidden | Known::NotAsked => {
            "internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations"
        }
        Known::Missing => "failed to convert to declType for CEL validation rules",
    };
    compiled.errors.push(FieldError::internal(&at, why));
    compiled
}

/// A rule, and the values that it sees.
struct Ruled<'a> {
    rule: &'a Rule,
    this: &'a Declared,
    cardinality: Cardinality,
}

impl Ruled<'_> {
    fn check(&self, at: &Place, uncorrelated: Option<&Place>, found: &mut Checked) {
        let rule = self.rule;
        let shown = Value::Object(Map::new());
        let at_rule = at.child("rule");
        let compiled = match compile(rule, &self.this.ty) {
            Ok(compiled) => {
                let once = cost::of(&compiled, self.this);
                let all = self.cardinality.cost(once, self.this.least_bytes);
                found.estimate(&at_rule, "estimated rule cost", all);
                self.check_message(&at.child("messageExpression"), found);
                Some(compiled)
            }
            Err(why) => {
                found
                    .errors
                    .push(FieldError::invalid(&at_rule, &shown, why));
                None
            }
        };
        if compiled.is_some_and(|compiled| compiled.mentions("oldSelf")) {
            if let Some(place) = uncorrelated {
                let text = format!(
                    "oldSelf cannot be used on the uncorrelatable portion of the schema within {place}"
                );
                found.errors.push(invalid(&at_rule, &rule.rule, &text));
            }
        } else if let Some(optional) = rule.optional_old_self {
            let at = at.child("optionalOldSelf");
            let text = "may not be set if oldSelf is not used in rule";
            let error = FieldError::invalid(&at, &Value::Bool(optional), text);
            found.errors.push(error);
        }
    }

    /// A message is made once for a resource.
    fn check_message(&self, at: &Place, found: &mut Checked) {
        match message(self.rule, &self.this.ty) {
            None => {}
            Some(Ok(message)) => {
                let once = cost::of(&message, self.this);
                found.estimate(at, "estimated messageExpression cost", once);
            }
            Some(Err(why)) => {
                let shown = Value::Object(Map::new());
                found.errors.push(FieldError::invalid(at, &shown, why));
            }
        }
    }
}

fn compile(rule: &Rule, this: &Cel) -> Result<Expr<Cel>, String> {
    let compiled = cel_rule(rule, this).map_err(|error| explained(&error, &rule.rule))?;
    match constants::check(&compiled) {
        Ok(()) => Ok(compiled),
        Err(Refused::Compiled { at, why }) => Err(compilation_failed(at, &why, &rule.rule)),
        Err(Refused::Planned(why)) => Err(format!("program instantiation failed: {why}")),
    }
}

/// With its line and column.
fn explained(error: &cel_frontend::Error, text: &str) -> String {
    if error.message == "must evaluate to a bool" {
        return format!("cel expression {}", error.message);
    }
    compilation_failed(error.at, &error.message, text)
}

fn compilation_failed(at: usize, why: &str, text: &str) -> String {
    let message = why.to_owned();
    let (line, column) = cel_frontend::Error { at, message }.position(text);
    format!("compilation failed: ERROR: <input>:{line}:{column}: {why}")
}

/// The expression of the message, if there is one.
fn message(rule: &Rule, this: &Cel) -> Option<Result<Expr<Cel>, String>> {
    let text = &rule.message_expression;
    if text.trim().is_empty() {
        return None;
    }
    let old = match rule.optional_old_self.unwrap_or_default() {
        true => Cel::optional(this.clone()),
        false => this.clone(),
    };
    let declared = Declarations::default()
        .with("self", this.clone())
        .with("oldSelf", old);
    let typed = parse(text).and_then(|parsed| check_types(&parsed, &declared));
    let typed = match typed {
        Ok(typed) if typed.ty == Cel::String => typed,
        Ok(_) => return Some(Err("messageExpression must evaluate to a string".to_owned())),
        Err(error) => {
            return Some(Err(format!(
                "messageExpression {}",
                explained(&error, text)
            )));
        }
    };
    Some(match constants::check(&typed) {
        Ok(()) => Ok(typed),
        Err(Refused::Compiled { at, why }) => {
            let why = compilation_failed(at, &why, text);
            Err(format!("messageExpression {why}"))
        }
        Err(Refused::Planned(why)) => Err(format!("messageExpression instantiation failed: {why}")),
    })
}
