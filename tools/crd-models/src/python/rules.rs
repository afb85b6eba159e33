//! The CEL rules of a kind as functions, and what becomes of each.

use super::literal;
use super::target::{self, Python};
use crate::analysis::{Also, Rule};
use crate::cel::{self, Code, Place};
use crate::report::{Gap, Outcome, Report, RuleOutcome, Spot};
use cel_frontend::{Expr, Type};
use std::collections::HashMap;

/// The functions of one module, and what they do not check.
pub struct Rules<'p> {
    python: &'p Python<'p>,
    /// Who asks, for the report.
    api_version: String,
    kind: String,
    /// The functions that are not printed yet.
    pending: Vec<Function>,
    /// Functions by what they return.
    known: HashMap<String, String>,
    report: Report,
}

/// A function of a module.
#[derive(Debug, Clone)]
pub struct Function {
    /// `_rule_1`.
    pub name: String,
    /// What it stands for.
    pub doc: String,
    /// What it returns.
    pub body: String,
    /// `bool`, or `str | None`.
    pub returns: &'static str,
}

impl<'p> Rules<'p> {
    /// The rules of a kind.
    pub fn new(python: &'p Python<'p>, api_version: String, kind: &str) -> Self {
        Self {
            python,
            api_version,
            kind: kind.to_owned(),
            pending: Vec::new(),
            known: HashMap::new(),
            report: Report::default(),
        }
    }

    /// The checks of a value at `path`, and what a docstring says of rules
    /// that are none.
    pub fn checks<'m>(&mut self, also: &'m Also, place: Place<'m>, path: &str) -> Checks {
        let mut found = Checks::default();
        for rule in &also.rules {
            let outcome = match self.check(rule, place, path) {
                Ok(Some(check)) => {
                    found.checks.push(check);
                    Outcome::Checked
                }
                Ok(None) => {
                    found.notes.push(note(path, "a rule about changes", rule));
                    Outcome::Transition
                }
                Err(reason) => {
                    found
                        .notes
                        .push(note(path, &format!("a rule ({reason})"), rule));
                    Outcome::NotChecked(reason)
                }
            };
            self.report.rules.push(RuleOutcome {
                spot: self.spot(path),
                rule: rule.source.rule.trim().to_owned(),
                outcome,
            });
        }
        found
    }

    /// A pattern that cannot be said in Python; gives what a docstring says of it.
    pub fn unknown_pattern(&mut self, pattern: &str, path: &str) -> String {
        self.leave_out(path, format!("pattern {pattern}"));
        format!("Not checked: {} matches {pattern}", place_name(path))
    }

    /// The functions since the last time.
    pub fn take_functions(&mut self) -> Vec<Function> {
        std::mem::take(&mut self.pending)
    }

    /// What became of every rule.
    pub fn report(self) -> Report {
        self.report
    }

    fn spot(&self, path: &str) -> Spot {
        Spot {
            api_version: self.api_version.clone(),
            kind: self.kind.clone(),
            path: path.to_owned(),
        }
    }

    fn leave_out(&mut self, path: &str, constraint: String) {
        let spot = self.spot(path);
        self.report.not_checked.push(Gap { spot, constraint });
    }

    fn check<'m>(
        &mut self,
        rule: &'m Rule,
        place: Place<'m>,
        path: &str,
    ) -> Result<Option<String>, String> {
        if rule.is_transition() {
            return Ok(None);
        }
        let tree = rule
            .tree
            .as_ref()
            .map_err(|error| format!("it does not compile: {}", error.message))?;
        let holds = self.holds(tree, &rule.this, place)?;
        let function = self.function("rule", &rule.source.rule, holds.to_string(), "bool");
        let mut arguments = vec![function, literal::string(&fallback(rule))];
        if let Some(message) = self.message(rule, place, path) {
            arguments.push(format!("message={message}"));
        }
        let steps = field_path(rule.source.field_path.as_deref().unwrap_or_default());
        if !steps.is_empty() {
            let steps: Vec<serde_json::Value> = steps.into_iter().map(Into::into).collect();
            arguments.push(format!("place={}", literal::tuple(&steps)));
        }
        Ok(Some(format!("_r.Rule({})", arguments.join(", "))))
    }

    fn holds<'m>(
        &self,
        tree: &'m Expr<Type>,
        this: &Type,
        place: Place<'m>,
    ) -> Result<Code, String> {
        let this = target::this(self.python, this.clone(), place);
        let readable = this.defined.clone();
        let mentions = tree.mentions("self");
        let holds = cel::holds(tree, this, self.python)?;
        let known = if mentions { readable } else { Vec::new() };
        Ok(Code::all(known.into_iter().chain([holds])))
    }

    /// The function that makes the message; an expression that cannot be said
    /// leaves the rule its other message.
    fn message<'m>(&mut self, rule: &'m Rule, place: Place<'m>, path: &str) -> Option<String> {
        let source = rule.source.message_expression.trim();
        if source.is_empty() {
            return None;
        }
        let made = match rule.message.as_ref()? {
            Ok(tree) => self.message_code(tree, &rule.this, place),
            Err(error) => Err(format!("it does not compile: {}", error.message)),
        };
        match made {
            Ok(code) => Some(self.function("message", source, code.to_string(), "str | None")),
            Err(reason) => {
                self.leave_out(path, format!("messageExpression {source}: {reason}"));
                None
            }
        }
    }

    fn message_code<'m>(
        &self,
        tree: &'m Expr<Type>,
        this: &Type,
        place: Place<'m>,
    ) -> Result<Code, String> {
        let this = target::this(self.python, this.clone(), place);
        let term = cel::value(tree, this, self.python)?;
        let none = Code::atom("None");
        Ok(Code::choice(&Code::all(term.defined), &term.code, &none))
    }

    /// The name of a function that returns this.
    fn function(
        &mut self,
        what: &str,
        source: &str,
        body: String,
        returns: &'static str,
    ) -> String {
        if let Some(name) = self.known.get(&body) {
            return name.clone();
        }
        let name = format!("_{what}_{}", self.known.len() + 1);
        self.known.insert(body.clone(), name.clone());
        self.pending.push(Function {
            name: name.clone(),
            doc: source.trim().to_owned(),
            body,
            returns,
        });
        name
    }
}

/// The checks of a value, and what is not checked of it.
#[derive(Debug, Default)]
pub struct Checks {
    /// As the runtime's checks.
    pub checks: Vec<String>,
    /// Lines for a docstring.
    pub notes: Vec<String>,
}

fn place_name(path: &str) -> &str {
    if path.is_empty() {
        "the resource"
    } else {
        path
    }
}

fn note(path: &str, what: &str, rule: &Rule) -> String {
    let text: Vec<&str> = rule.source.rule.split_whitespace().collect();
    format!(
        "Not checked: at {}, {what}: {}",
        place_name(path),
        text.join(" ")
    )
}

/// What the server says if there is no message, or none can be made.
fn fallback(rule: &Rule) -> String {
    match rule.source.message.trim() {
        "" => format!("failed rule: {}", rule.source.rule.trim()),
        message => message.to_owned(),
    }
}

/// The steps of `.spec['a.b'].size`.
fn field_path(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("['") {
            let (step, after) = quoted.split_once("']").unwrap_or((quoted, ""));
            steps.push(step.to_owned());
            rest = after;
        } else {
            let plain = rest.strip_prefix('.').unwrap_or(rest);
            let end = plain.find(['.', '[']).unwrap_or(plain.len());
            steps.push(plain[..end].to_owned());
            rest = &plain[end..];
            if end == 0 && !rest.starts_with("['") {
                break;
            }
        }
    }
    steps.retain(|step| !step.is_empty());
    steps
}

#[cfg(test)]
mod tests {
    use super::field_path;

    #[test]
    fn field_paths_are_cut_into_steps() {
        assert_eq!(field_path(".spec.size"), ["spec", "size"]);
        assert_eq!(field_path(".spec['a.b'].c"), ["spec", "a.b", "c"]);
        assert!(field_path("").is_empty());
    }
}
