//! CEL rules, `x-kubernetes-validations`, with the crate `kube-cel`.
//!
//! Values are handed over as the schema types them: a `number` is a double
//! even if it is whole, a date-time is a timestamp, a null field is not there.
//! A rule that the crate cannot run is reported as unjudged, never as an error.

use super::error::{FieldError, type_name};
use super::path::Path;
use crate::{Additional, Rule, Schema, Type};
use kube_cel::KubeCelExt;
use kube_cel::cel::objects::{Key, Map};
use kube_cel::cel::{Context, ExecutionError, Program, Value as Cel};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

const SKIPPED: &str = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

/// Compiled expressions, kept.
pub(super) struct Rules {
    context: Context<'static>,
    programs: RefCell<HashMap<String, Option<Rc<Program>>>>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            context: Context::default().with_all(),
            programs: RefCell::default(),
        }
    }
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
    Unjudged(String),
}

impl Rules {
    /// Runs every rule, unless an earlier error makes the server leave them out.
    pub fn check(
        &self,
        object: &Value,
        schema: &Schema,
        errors: &mut Vec<FieldError>,
        unjudged: &mut Vec<String>,
    ) {
        if errors.iter().any(|error| error.reason.stops_rules()) {
            if has_rules(schema) {
                errors.push(FieldError::rule(&Path::root(), None, "null", SKIPPED));
            }
            return;
        }
        self.walk(&Path::root(), object, schema, errors, unjudged);
    }

    fn walk(
        &self,
        path: &Path,
        value: &Value,
        schema: &Schema,
        errors: &mut Vec<FieldError>,
        unjudged: &mut Vec<String>,
    ) {
        if value.is_null() {
            return;
        }
        if !schema.rules.is_empty() {
            let this = self.convert(value, schema);
            for rule in &schema.rules {
                match self.run(rule, &this) {
                    Outcome::Holds => {}
                    Outcome::Broken(message) => errors.push(broken(path, value, rule, &message)),
                    Outcome::Unjudged(why) => {
                        let at = if path.is_root() {
                            "the object".to_owned()
                        } else {
                            path.to_string()
                        };
                        unjudged.push(format!("{at}: rule `{}`: {why}", rule.rule.trim()));
                    }
                }
            }
        }
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    match (schema.properties.get(name), &schema.additional_properties) {
                        (Some(property), _) => {
                            self.walk(&path.child(name), value, property, errors, unjudged);
                        }
                        (None, Some(Additional::Schema(below))) => {
                            self.walk(&path.key(name), value, below, errors, unjudged);
                        }
                        _ => {}
                    }
                }
            }
            Value::Array(items) => {
                let Some(below) = &schema.items else { return };
                for (i, item) in items.iter().enumerate() {
                    self.walk(&path.index(i), item, below, errors, unjudged);
                }
            }
            _ => {}
        }
    }

    fn run(&self, rule: &Rule, this: &Cel) -> Outcome {
        let Some(program) = self.program(&rule.rule) else {
            return Outcome::Unjudged("it cannot be compiled here".to_owned());
        };
        let mut context = self.context.new_inner_scope();
        context.add_variable_from_value("self", this.clone());
        if program.references().has_variable("oldSelf") {
            if !rule.optional_old_self.unwrap_or_default() {
                return Outcome::Holds; // A transition rule; on create there is no transition.
            }
            match self.evaluate("optional.none()", &context) {
                Some(none) => context.add_variable_from_value("oldSelf", none),
                None => return Outcome::Unjudged("optional values are not known here".to_owned()),
            }
        }
        match program.execute(&context) {
            Ok(Cel::Bool(true)) => Outcome::Holds,
            Ok(Cel::Bool(false)) => Outcome::Broken(self.message(rule, &context)),
            Ok(_) => Outcome::Unjudged("its result is no boolean here".to_owned()),
            Err(error) if is_genuine(&error) => {
                let said = self.message(rule, &context);
                Outcome::Broken(format!("{} evaluating rule: {said}", in_go_words(&error)))
            }
            Err(error) => Outcome::Unjudged(error.to_string()),
        }
    }

    fn message(&self, rule: &Rule, context: &Context<'_>) -> String {
        let fallback = match rule.message.trim() {
            "" => format!("failed rule: {}", rule.rule.trim()),
            message => message.to_owned(),
        };
        if rule.message_expression.is_empty() {
            return fallback;
        }
        match self.evaluate(&rule.message_expression, context) {
            Some(Cel::String(text)) if !text.trim().is_empty() && !text.contains('\n') => {
                text.trim().to_owned()
            }
            _ => fallback,
        }
    }

    fn evaluate(&self, expression: &str, context: &Context<'_>) -> Option<Cel> {
        self.program(expression)?.execute(context).ok()
    }

    fn program(&self, expression: &str) -> Option<Rc<Program>> {
        let mut programs = self.programs.borrow_mut();
        let compile = || Program::compile(expression).ok().map(Rc::new);
        programs
            .entry(expression.to_owned())
            .or_insert_with(compile)
            .clone()
    }

    /// The value as CEL sees it under its schema.
    fn convert(&self, value: &Value, schema: &Schema) -> Cel {
        match value {
            Value::Null => Cel::Null,
            Value::Bool(value) => Cel::Bool(*value),
            Value::Number(number) => {
                let whole = number
                    .as_i64()
                    .filter(|_| schema.value_type != Some(Type::Number));
                whole.map_or_else(|| Cel::Float(number.as_f64().unwrap_or(f64::NAN)), Cel::Int)
            }
            Value::String(text) => self.convert_string(text, schema),
            Value::Array(items) => {
                let untyped = Schema::default();
                let below = schema.items.as_deref().unwrap_or(&untyped);
                Cel::List(Arc::new(
                    items.iter().map(|item| self.convert(item, below)).collect(),
                ))
            }
            Value::Object(map) => {
                let entries = map.iter().filter(|(_, value)| !value.is_null());
                let map = entries.map(|(name, value)| self.convert_entry(name, value, schema));
                Cel::Map(Map {
                    map: Arc::new(map.collect()),
                })
            }
        }
    }

    fn convert_entry(&self, name: &str, value: &Value, schema: &Schema) -> (Key, Cel) {
        let untyped = Schema::default();
        let is_map = schema.additional_properties.is_some();
        let below = match (schema.properties.get(name), &schema.additional_properties) {
            (Some(property), _) => property,
            (None, Some(Additional::Schema(below))) => below,
            _ => &untyped,
        };
        let name = if is_map {
            name.to_owned()
        } else {
            escape(name)
        };
        (Key::String(Arc::new(name)), self.convert(value, below))
    }

    fn convert_string(&self, text: &str, schema: &Schema) -> Cel {
        let plain = Cel::String(Arc::new(text.to_owned()));
        let function = match schema.format.as_deref() {
            Some("date-time" | "datetime") => "timestamp(it)",
            Some("date") => "timestamp(it + 'T00:00:00Z')",
            Some("duration") => "duration(it)",
            Some("byte") => "base64.decode(it)",
            _ => return plain,
        };
        if schema.int_or_string {
            return plain;
        }
        let mut context = self.context.new_inner_scope();
        context.add_variable_from_value("it", plain.clone());
        self.evaluate(function, &context).unwrap_or(plain)
    }
}

fn broken(path: &Path, value: &Value, rule: &Rule, message: &str) -> FieldError {
    let path = match rule.field_path.as_deref() {
        Some(relative) if !relative.is_empty() => path.join(relative),
        _ => path.clone(),
    };
    FieldError::rule(&path, rule.reason.as_deref(), type_name(value), message)
}

/// Errors that the server would report too; others are gaps of the crate.
fn is_genuine(error: &ExecutionError) -> bool {
    matches!(
        error,
        ExecutionError::NoSuchKey(_)
            | ExecutionError::DivisionByZero(_)
            | ExecutionError::RemainderByZero(_)
            | ExecutionError::Overflow(..)
            | ExecutionError::IndexOutOfBounds(_)
    )
}

fn in_go_words(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => format!("rule evaluation error: no such key: {key}"),
        ExecutionError::DivisionByZero(_) => "rule evaluation error: division by zero".to_owned(),
        ExecutionError::RemainderByZero(_) => "rule evaluation error: modulus by zero".to_owned(),
        ExecutionError::Overflow(..) => "rule evaluation error: integer overflow".to_owned(),
        other => format!("rule evaluation error: {other}"),
    }
}

fn has_rules(schema: &Schema) -> bool {
    let additional = match &schema.additional_properties {
        Some(Additional::Schema(below)) => has_rules(below),
        _ => false,
    };
    !schema.rules.is_empty()
        || additional
        || schema.properties.values().any(has_rules)
        || schema.items.as_deref().is_some_and(has_rules)
}

/// A field's name as CEL writes it (apiserver, `pkg/cel/escaping.go`).
fn escape(name: &str) -> String {
    const RESERVED: [&str; 21] = [
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ];
    if RESERVED.contains(&name) {
        return format!("__{name}__");
    }
    name.replace("__", "__underscores__")
        .replace('.', "__dot__")
        .replace('-', "__dash__")
        .replace('/', "__slash__")
}
