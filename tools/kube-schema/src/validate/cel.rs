//! CEL rules, `x-kubernetes-validations` (apiextensions-apiserver,
//! `pkg/apiserver/schema/cel`).
//!
//! A rule that cannot be run here is reported as unjudged, never as an error.

pub(super) mod constants;
pub(super) mod cost;
mod evaluate;
mod field_path;
mod functions;
mod loops;
mod operators;
mod value;
mod values;

use super::correlation::{Correlated, Nearest, element_with_keys_of};
use super::error::FieldError;
use super::path::Path;
use super::structural;
use crate::{Additional, Rule, Schema};
use cel_frontend::Expr;
use cost::Cost;
use evaluate::{Evaluator, Scope};
use functions::Functions;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use value::{Cel, Failure};

const OUT_OF_BUDGET: &str =
    "validation failed due to running out of cost budget, no further validation rules will be run";

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
    /// It ends the validation, for what it costs.
    TooCostly(String),
}

/// Where rules stand, and the schema of the values that they see: the same, but
/// for what stands below `allOf`.
#[derive(Clone, Copy)]
struct Ruled<'s> {
    rules: &'s Schema,
    schema: &'s Schema,
}

impl<'s> Ruled<'s> {
    fn whole(schema: &'s Schema) -> Self {
        Self {
            rules: schema,
            schema,
        }
    }

    fn field(self, name: &str) -> Option<Self> {
        Some(Self {
            rules: self.rules.field(name)?,
            schema: self.schema.field(name)?,
        })
    }

    fn item(self) -> Option<Self> {
        Some(Self {
            rules: self.rules.items.as_deref()?,
            schema: self.schema.items.as_deref()?,
        })
    }
}

/// A value, and what it replaces.
#[derive(Clone, Copy)]
struct Change<'v> {
    value: &'v Value,
    old: Option<&'v Value>,
    nearest: Nearest<'v>,
}

impl<'v> Change<'v> {
    fn key(self, name: &str, value: &'v Value) -> Self {
        let old = self.old.and_then(|old| old.get(name));
        Self {
            value,
            old: old.filter(|old| !old.is_null()),
            nearest: self.nearest.key(name),
        }
    }

    /// Rules below `allOf` are not forgiven for their own value alone.
    fn in_branch(self) -> Self {
        Self {
            nearest: self.nearest.in_branch(),
            ..self
        }
    }

    fn index(self, index: usize, value: &'v Value, list: &Schema) -> Self {
        let olds = self.old.and_then(Value::as_array);
        Self {
            value,
            old: olds.and_then(|olds| element_with_keys_of(list, olds, value)),
            nearest: self.nearest.index(index),
        }
    }
}

/// What rules see of them.
struct Values {
    this: Cel,
    old: Option<Cel>,
}

/// What the rules have to say.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub errors: Vec<FieldError>,
    pub unjudged: Vec<String>,
    /// What the rules have cost so far.
    spent: u64,
    /// Whether no more rules are run.
    is_ended: bool,
}

impl Rules {
    /// Runs every rule, unless an earlier error makes the server leave them out.
    pub fn check<'e>(
        &self,
        object: &Value,
        schema: &Schema,
        old: Option<&Value>,
        earlier: impl Iterator<Item = &'e FieldError> + Clone,
    ) -> Found {
        self.check_at(&Path::root(), object, schema, old, earlier)
    }

    /// The same of a value that stands at this path.
    pub fn check_at<'e>(
        &self,
        path: &Path,
        object: &Value,
        schema: &Schema,
        old: Option<&Value>,
        earlier: impl Iterator<Item = &'e FieldError> + Clone,
    ) -> Found {
        let mut found = Found::default();
        if !earlier.clone().any(|error| error.reason.stops_rules()) {
            let both = old.map(|old| Correlated::new(object, old, schema));
            let change = Change {
                value: object,
                old,
                nearest: Nearest::root(both),
            };
            if has_rules(schema) {
                let rules = Ruled::whole(schema);
                self.walk(path, change, rules, &mut found);
            }
        } else if has_rules(schema) && earlier.clone().all(FieldError::is_decoded) {
            found.errors.push(FieldError::rules_skipped());
        }
        found
    }

    fn walk(&self, path: &Path, change: Change<'_>, ruled: Ruled<'_>, found: &mut Found) {
        if change.value.is_null() || found.is_ended {
            return;
        }
        let schema = ruled.schema;
        if !ruled.rules.rules.is_empty() {
            let values = Values {
                this: values::convert(change.value, schema),
                old: change.old.map(|old| values::convert(old, schema)),
            };
            for rule in &ruled.rules.rules {
                self.judge(path, change, rule, schema, &values, found);
                if found.is_ended {
                    return;
                }
            }
        }
        for rules in &ruled.rules.all_of {
            self.walk(path, change.in_branch(), Ruled { rules, schema }, found);
        }
        match change.value {
            Value::Object(map) => {
                for (name, value) in map {
                    if let Some(below) = ruled.field(name) {
                        let path = match schema.properties.contains_key(name) {
                            true => path.child(name),
                            false => path.key(name),
                        };
                        self.walk(&path, change.key(name, value), below, found);
                    }
                }
            }
            Value::Array(items) => {
                let Some(below) = ruled.item() else { return };
                for (i, item) in items.iter().enumerate() {
                    self.walk(&path.index(i), change.index(i, item, schema), below, found);
                }
            }
            _ => {}
        }
    }

    fn judge(
        &self,
        path: &Path,
        change: Change<'_>,
        rule: &Rule,
        schema: &Schema,
        values: &Values,
        found: &mut Found,
    ) {
        match self.run(rule, values, &mut found.spent) {
            Outcome::Holds => {}
            Outcome::TooCostly(message) => {
                let kind = structural::type_name(schema);
                found
                    .errors
                    .push(FieldError::rule_failed(path, kind, &message));
                found.is_ended = true;
            }
            Outcome::Broken(_) if self.is_forgiven(rule, change) => {}
            Outcome::Broken(message) => {
                let blamed = field_path::blamed(path, rule, schema);
                let reason = rule.reason.as_deref();
                found
                    .errors
                    .push(FieldError::rule(&blamed, reason, change.value, &message));
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

    /// A rule that looks at one state is not held against what was so before.
    fn is_forgiven(&self, rule: &Rule, change: Change<'_>) -> bool {
        let is_transition = self
            .program(&rule.rule)
            .is_ok_and(|program| program.mentions("oldSelf"));
        !is_transition && change.nearest.is_unchanged()
    }

    fn run(&self, rule: &Rule, values: &Values, spent: &mut u64) -> Outcome {
        if rule.rule.trim().is_empty() {
            return Outcome::Holds;
        }
        let program = match self.program(&rule.rule) {
            Ok(program) => program,
            Err(why) => return Outcome::Unjudged(format!("it cannot be read: {why}")),
        };
        let is_optional = rule.optional_old_self.unwrap_or_default();
        let is_transition = program.mentions("oldSelf");
        if is_transition && !is_optional && values.old.is_none() {
            return Outcome::Holds; // There is no transition.
        }
        let this = Scope::new("self", Ok(values.this.clone()));
        // A message sees the old value itself, also beside an optional one.
        let with_old = values.old.clone().map(|old| this.with("oldSelf", Ok(old)));
        let message_scope = with_old.as_ref().unwrap_or(&this);
        let optional = || Cel::Optional(values.old.clone().map(Rc::new));
        let with_optional = is_optional.then(|| this.with("oldSelf", Ok(optional())));
        let scope = with_optional.as_ref().unwrap_or(message_scope);
        let cost = Cost::default();
        let result = self.evaluate(&program, scope, &cost);
        *spent = spent.saturating_add(cost.total());
        if *spent > cost::BUDGET {
            return Outcome::TooCostly(OUT_OF_BUDGET.to_owned());
        }
        if cost.is_exceeded() {
            return Outcome::TooCostly(format!(
                "'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: {}",
                error_text(rule)
            ));
        }
        match result {
            Ok(Cel::Bool(true)) => Outcome::Holds,
            Ok(Cel::Bool(false)) => Outcome::Broken(self.message(rule, message_scope)),
            Ok(_) => Outcome::Unjudged("its result is no boolean here".to_owned()),
            Err(Failure::Unknown(what)) => Outcome::Unjudged(format!("{what} is not known here")),
            Err(Failure::Limit) => Outcome::Unjudged("it takes too many steps here".to_owned()),
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
        let evaluated = program.map(|program| self.evaluate(&program, scope, &Cost::default()));
        let given = match evaluated {
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

    fn evaluate(&self, expression: &Expr, scope: &Scope<'_>, cost: &Cost) -> value::Evaluated {
        let functions = &self.functions;
        Evaluator { functions, cost }.eval(expression, scope)
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
