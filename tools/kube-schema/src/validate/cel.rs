//! CEL rules, `x-kubernetes-validations` (apiextensions-apiserver,
//! `pkg/apiserver/schema/cel`).
//!
//! A rule that cannot be run here is reported as unjudged, never as an error.
//! The server's limits on the cost of rules are not known here.

mod evaluate;
mod field_path;
mod functions;
mod loops;
mod operators;
mod value;
mod values;

use super::error::FieldError;
use super::path::Path;
use super::structural;
use crate::{Additional, Rule, Schema};
use cel_frontend::Expr;
use evaluate::{Evaluator, Scope};
use functions::Functions;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use value::{Cel, Failure};

/// The longest message that an expression may give, in bytes.
const LONGEST_MESSAGE: usize = 5 * 1024;

/// Parsed expressions, kept, and the functions that they call.
#[derive(Default)]
pub(super) struct Rules {
    functions: Functions,
    programs: RefCell<HashMap<String, Result<Rc<Expr>, String>>>,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules").finish_non_exhaustive()
    }
}

/// How a rule ended.
enum Outcome {
    Holds,
    Broken(String),
    /// It could not be evaluated, as it could not on the server.
    Failed(String),
    Unjudged(String),
}

/// What the rules have to say.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub errors: Vec<FieldError>,
    pub unjudged: Vec<String>,
}

impl Rules {
    /// Runs every rule, unless an earlier error makes the server leave them out.
    pub fn check(&self, object: &Value, schema: &Schema, earlier: &[FieldError]) -> Found {
        let mut found = Found::default();
        if !earlier.iter().any(|error| error.reason.stops_rules()) {
            self.walk(&Path::root(), object, schema, &mut found);
        } else if has_rules(schema) && earlier.iter().all(FieldError::is_decoded) {
            found.errors.push(FieldError::rules_skipped());
        }
        found
    }

    fn walk(&self, path: &Path, value: &Value, schema: &Schema, found: &mut Found) {
        if value.is_null() {
            return;
        }
        if !schema.rules.is_empty() {
            let this = values::convert(value, schema);
            for rule in &schema.rules {
                self.judge(path, value, rule, schema, &this, found);
            }
        }
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    match (schema.properties.get(name), &schema.additional_properties) {
                        (Some(property), _) => {
                            self.walk(&path.child(name), value, property, found);
                        }
                        (None, Some(Additional::Schema(below))) => {
                            self.walk(&path.key(name), value, below, found);
                        }
                        _ => {}
                    }
                }
            }
            Value::Array(items) => {
                let Some(below) = &schema.items else { return };
                for (i, item) in items.iter().enumerate() {
                    self.walk(&path.index(i), item, below, found);
                }
            }
            _ => {}
        }
    }

    fn judge(
        &self,
        path: &Path,
        value: &Value,
        rule: &Rule,
        schema: &Schema,
        this: &Cel,
        found: &mut Found,
    ) {
        match self.run(rule, this) {
            Outcome::Holds => {}
            Outcome::Broken(message) => {
                let blamed = field_path::blamed(path, rule, schema);
                let reason = rule.reason.as_deref();
                found
                    .errors
                    .push(FieldError::rule(&blamed, reason, value, &message));
            }
            Outcome::Failed(message) => {
                let kind = structural::type_name(schema);
                found
                    .errors
                    .push(FieldError::rule_failed(path, kind, &message));
            }
            Outcome::Unjudged(why) => {
                let at = if path.is_root() {
                    "the object".to_owned()
                } else {
                    path.to_string()
                };
                let text = format!("{at}: rule `{}`: {why}", rule.rule.trim());
                found.unjudged.push(text);
            }
        }
    }

    fn run(&self, rule: &Rule, this: &Cel) -> Outcome {
        if rule.rule.trim().is_empty() {
            return Outcome::Holds;
        }
        let program = match self.program(&rule.rule) {
            Ok(program) => program,
            Err(why) => return Outcome::Unjudged(format!("it cannot be read: {why}")),
        };
        let is_transition = program.mentions("oldSelf");
        if is_transition && !rule.optional_old_self.unwrap_or_default() {
            return Outcome::Holds; // On create there is no transition.
        }
        let scope = Scope::new("self", Ok(this.clone()));
        let scope = scope.with("oldSelf", Ok(Cel::Optional(None)));
        match self.evaluate(&program, &scope) {
            Ok(Cel::Bool(true)) => Outcome::Holds,
            Ok(Cel::Bool(false)) => Outcome::Broken(self.message(rule, &scope)),
            Ok(_) => Outcome::Unjudged("its result is no boolean here".to_owned()),
            Err(Failure::Unknown(what)) => Outcome::Unjudged(format!("{what} is not known here")),
            Err(Failure::Error(what)) => {
                let said = error_text(rule);
                Outcome::Failed(match what.as_str() {
                    "no such overload" => format!(
                        "'{what}': call arguments did not match a supported operator, function or macro signature for rule: {said}"
                    ),
                    _ => format!("{what} evaluating rule: {said}"),
                })
            }
        }
    }

    fn message(&self, rule: &Rule, scope: &Scope<'_>) -> String {
        let program = match rule.message_expression.as_str() {
            "" => None,
            expression => self.program(expression).ok(),
        };
        let given = match program.map(|program| self.evaluate(&program, scope)) {
            Some(Ok(Cel::Text(text))) => text.trim().to_owned(),
            _ => return default_message(rule),
        };
        let is_good = !given.is_empty() && !given.contains('\n') && given.len() <= LONGEST_MESSAGE;
        if is_good {
            given
        } else {
            default_message(rule)
        }
    }

    fn evaluate(&self, expression: &Expr, scope: &Scope<'_>) -> value::Evaluated {
        let functions = &self.functions;
        Evaluator { functions }.eval(expression, scope)
    }

    fn program(&self, expression: &str) -> Result<Rc<Expr>, String> {
        let mut programs = self.programs.borrow_mut();
        let parse = || match cel_frontend::parse(expression) {
            Ok(tree) => Ok(Rc::new(tree)),
            Err(error) => Err(error.to_string()),
        };
        programs
            .entry(expression.to_owned())
            .or_insert_with(parse)
            .clone()
    }
}

fn default_message(rule: &Rule) -> String {
    if rule.message.trim().is_empty() {
        return format!("failed rule: {}", error_text(rule));
    }
    error_text(rule).to_owned()
}

/// What the rule is called where it could not be evaluated.
fn error_text(rule: &Rule) -> &str {
    match rule.message.trim() {
        "" => rule.rule.trim(),
        message => message,
    }
}

fn has_rules(schema: &Schema) -> bool {
    let additional = match &schema.additional_properties {
        Some(Additional::Schema(below)) => has_rules(below),
        _ => false,
    };
    !schema.rules.is_empty()
        || additional
        || schema.properties.values().any(|field| has_rules(field))
        || schema.items.as_deref().is_some_and(has_rules)
}
