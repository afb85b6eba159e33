//! Samples that break one constraint in one place.

use super::ground::Ground;
use super::target::Target;
use super::{Sampler, Turn};
use crate::fault::{Fault, Proof};
use crate::generate::Plan;
use crate::hints::Hints;
use crate::kind::Kind;
use crate::path::{SchemaPath, find_all, schema_at_mut};
use crate::sample::Breaks;
use kube_schema::Schema;
use kube_schema::validate::{FieldError, Validator};
use serde_json::Value;
use std::collections::BTreeSet;
use std::rc::Rc;

/// How many values are tried on one ground.
const VALUES: usize = 60;
/// How many values are tried that keep all but one constraint.
const INVERSES: usize = 6;
/// How many steps a search takes on one ground.
const STEPS: usize = 150;

/// A constraint that is to be broken on a ground.
pub(super) struct Breaking<'t> {
    fault: &'t Fault,
    place: &'t SchemaPath,
    ground: Ground<'t>,
    /// The kind's schema without the constraint.
    rest: Schema,
}

impl<'t> Breaking<'t> {
    pub fn new(fault: &'t Fault, target: &'t Target, ground: Ground<'t>, kind: &Kind<'_>) -> Self {
        let mut rest = kind.version.schema.clone();
        if let Some(at) = schema_at_mut(&mut rest, &target.place) {
            fault.relax(at);
        }
        Self {
            fault,
            place: &target.place,
            ground,
            rest,
        }
    }

    /// What the rules mention that are of interest.
    fn hints(&self) -> Hints {
        let at = self.ground.at;
        match self.fault {
            Fault::Rule(i) => at
                .rules
                .get(*i)
                .map_or_else(Hints::default, |rule| Hints::of_rule(&rule.rule)),
            _ => Hints::of(at),
        }
    }

    /// How far a resource is from breaking the constraint and nothing else: 0 if
    /// it does.
    fn cost(&self, object: &Value, validator: &Validator) -> usize {
        let count = |verdict: Option<usize>| verdict.unwrap_or(100);
        let by_rest = validator.validate_by(object, &self.rest);
        let others = count(by_rest.ok().map(|verdict| verdict.errors.len()));
        let verdict = validator.validate(object);
        let all = count(verdict.ok().map(|verdict| verdict.errors.len()));
        let is_lost = self.ground.path.get(object).is_none();
        others * 2 + usize::from(others > 0 || all == 0) + usize::from(is_lost) * 9
    }

    /// What the sample says of itself.
    fn breaks(&self, errors: &[&FieldError]) -> Breaks {
        let path = match (self.fault.proof(), errors) {
            (Proof::AnyError, [error]) => error.field.trim_start_matches('.').to_owned(),
            _ => self.fault.place(&self.ground.path).to_string(),
        };
        let rule = match self.fault {
            Fault::Rule(i) => self.ground.at.rules.get(*i),
            _ => None,
        };
        Breaks {
            constraint: self.fault.name(),
            path,
            rule: rule.map(|rule| rule.rule.clone()),
        }
    }
}

impl Sampler<'_> {
    pub(super) fn show_fault(&mut self, breaking: &Breaking<'_>, turn: Turn) -> bool {
        let (fault, ground) = (breaking.fault, &breaking.ground);
        let mut values = fault.values(ground.at, &ground.current, &mut self.generator);
        if turn == Turn::Again {
            self.generator.random.shuffle(&mut values);
        }
        values.truncate(VALUES);
        if self.accept_one(breaking, values) {
            return true;
        }
        if fault.proof() != Proof::Relaxed {
            return false;
        }
        let values = self.inverses(fault, ground.at);
        if self.accept_one(breaking, values) {
            return true;
        }
        let found = self.search(breaking);
        found.is_some_and(|object| self.accept(breaking, object))
    }

    /// Values that keep all but the constraint.
    fn inverses(&mut self, fault: &Fault, at: &Schema) -> Vec<Value> {
        let Some(inverse) = fault.inverse(at) else {
            return Vec::new();
        };
        let mut values = Vec::new();
        for _ in 0..INVERSES {
            let plan = Plan::varied(&mut self.generator.random);
            values.extend(self.generator.value_of(&inverse, plan));
        }
        values
    }

    /// Takes the first value that proves the fault.
    fn accept_one(&mut self, breaking: &Breaking<'_>, values: Vec<Value>) -> bool {
        values.into_iter().any(|value| {
            let object = breaking.ground.with(value);
            object.is_some_and(|object| self.accept(breaking, object))
        })
    }

    /// Takes the sample if it breaks the constraint and nothing else.
    fn accept(&mut self, breaking: &Breaking<'_>, object: Value) -> bool {
        let Some(verdict) = self.judge(&object) else {
            return false;
        };
        let own: Vec<&FieldError> = verdict
            .errors
            .iter()
            .filter(|error| !error.is_rules_skipped())
            .collect();
        let fault = breaking.fault;
        let is_proven = match (fault.proof(), &own[..]) {
            (_, []) => false,
            (Proof::Relaxed, _) => self.is_relaxed(breaking, &object),
            (_, [error]) => fault.explains(error, &breaking.ground.path),
            _ => false,
        };
        if is_proven {
            let breaks = breaking.breaks(&own);
            self.push(fault.name(), object, Some(breaks), verdict);
        }
        is_proven
    }

    /// Whether the resource is valid without the constraint, and broken by it in no
    /// second place.
    fn is_relaxed(&self, breaking: &Breaking<'_>, object: &Value) -> bool {
        let verdict = self.validator.validate_by(object, &breaking.rest);
        if !verdict.is_ok_and(|verdict| verdict.is_valid()) {
            return false;
        }
        let paths = find_all(object, &self.kind.schema, breaking.place);
        let is_broken = |value: &&Value| {
            let verdict = self.validator.validate_part(value, breaking.ground.at);
            !verdict.is_valid()
        };
        let values = paths.iter().filter_map(|path| path.get(object));
        paths.len() < 2 || values.filter(is_broken).count() < 2
    }

    /// Changes the ground step by step until only this constraint is broken.
    fn search(&mut self, breaking: &Breaking<'_>) -> Option<Value> {
        let hints = breaking.hints();
        let names: BTreeSet<String> = if hints.names.is_empty() {
            breaking.ground.at.properties.keys().cloned().collect()
        } else {
            hints.names.clone()
        };
        let (validator, schema) = (self.validator, &self.kind.schema);
        let cost = |object: &Value| breaking.cost(object, validator);
        let start = breaking.ground.object.clone();
        self.generator.hinted(Rc::new(hints), |generator| {
            generator.climb(start, schema, &names, STEPS, cost)
        })
    }
}
