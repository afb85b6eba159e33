//! Samples of one kind: for each place of its schema the values that it allows,
//! and for each constraint one that breaks it.

use crate::fault::{Fault, METADATA, Proof};
use crate::feature::Feature;
use crate::generate::{Generator, Plan};
use crate::hints::Hints;
use crate::kind::Kind;
use crate::path::{SchemaPath, Step, ValuePath, find, places, schema_at, schema_at_mut};
use crate::random::Random;
use crate::sample::{Breaks, Missing, Sample, Why};
use kube_schema::Schema;
use kube_schema::validate::{FieldError, Validator, Verdict};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How many resources are tried as the ground of one sample.
const GROUNDS: usize = 5;
/// How many values are tried on one ground.
const VALUES: usize = 60;
/// How many more resources are tried if none was valid.
const WHOLE: usize = 12;
/// How many values are tried that keep all but one constraint.
const INVERSES: usize = 6;
/// How many steps a search takes on one ground.
const STEPS: usize = 150;

/// How many samples to make, and from which numbers.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The fewest of a kind at a version.
    pub count: usize,
    /// The most.
    pub max: usize,
    /// Samples of one seed are always the same.
    pub seed: u64,
}

/// Samples, and what could not be shown.
#[derive(Debug, Default)]
pub struct Batch {
    /// The samples, kind by kind.
    pub samples: Vec<Sample>,
    /// What none of them shows, sorted.
    pub missing: Vec<Missing>,
    /// How many constraints and values were left out, as `max` was reached.
    pub left_out: usize,
}

/// What a sample is to show, and where.
#[derive(Debug, Clone)]
struct Target {
    place: SchemaPath,
    aim: Aim,
}

#[derive(Debug, Clone)]
enum Aim {
    Feature(Feature),
    Fault(Fault),
}

impl Aim {
    fn name(&self) -> &'static str {
        match self {
            Self::Feature(feature) => feature.name(),
            Self::Fault(fault) => fault.name(),
        }
    }

    fn is_fault(&self) -> bool {
        matches!(self, Self::Fault(_))
    }
}

/// Makes the samples of one kind.
pub struct Sampler<'a> {
    validator: &'a Validator,
    kind: &'a Kind<'a>,
    generator: Generator<'a>,
    options: Options,
    /// Valid resources, to put a place into.
    bases: Vec<Value>,
    batch: Batch,
}

impl<'a> Sampler<'a> {
    /// For a kind that the validator knows.
    pub fn new(validator: &'a Validator, kind: &'a Kind<'a>, options: Options) -> Self {
        let random = Random::new(options.seed, &kind.id());
        Self {
            validator,
            kind,
            generator: Generator::new(validator, random),
            options,
            bases: Vec::new(),
            batch: Batch::default(),
        }
    }

    /// All samples of the kind.
    pub fn run(mut self) -> Batch {
        let targets = self.targets();
        let least = self.options.count.min(self.options.max);
        let wanted = (targets.len() + 8).clamp(least, self.options.max);
        self.whole();
        let mut targets = targets.into_iter();
        while self.batch.samples.len() < wanted
            && let Some(target) = targets.next()
        {
            self.show(&target);
        }
        self.batch.left_out = targets.len();
        for _ in 0..least * 4 {
            if self.batch.samples.len() >= least {
                break;
            }
            let plan = Plan::varied(&mut self.generator.random);
            self.valid("more", plan);
        }
        self.batch.missing.sort();
        self.batch.missing.dedup();
        self.batch
    }

    /// Resources without a special aim.
    fn whole(&mut self) {
        self.valid("minimal", Plan::minimal());
        self.valid("full", Plan::full());
        for _ in 0..self.options.count.min(20) / 4 {
            let plan = Plan::varied(&mut self.generator.random);
            self.valid("varied", plan);
        }
        for _ in 0..WHOLE {
            if !self.bases.is_empty() {
                return;
            }
            let plan = Plan::varied(&mut self.generator.random);
            self.valid("varied", plan);
        }
        if self.bases.is_empty() {
            self.miss(&[], "a valid resource", Why::Unreachable);
        }
    }

    fn valid(&mut self, what: &str, plan: Plan<'_>) {
        let schema = &self.kind.schema;
        if let Some(object) = self.generator.resource(schema, plan)
            && let Some(verdict) = self.judge(&object).filter(Verdict::is_valid)
        {
            self.bases.push(object.clone());
            self.push(what, object, None, verdict);
        }
    }

    /// Everything that the schema states, in an order where every constraint's
    /// kind comes early, whatever the place.
    fn targets(&mut self) -> Vec<Target> {
        let mut found = Vec::new();
        let schema = &self.kind.schema;
        for place in places(schema) {
            if let Some(at) = schema_at(schema, &place)
                && !is_meta(&place)
            {
                let is_item = place.last() == Some(&Step::Item);
                let features = Feature::of(at).into_iter().map(Aim::Feature);
                let faults = Fault::of(at, is_item).into_iter().map(Aim::Fault);
                let aims = features.chain(faults);
                let aims = aims.filter(|aim| !is_given(&place, aim));
                found.extend(aims.map(|aim| Target {
                    place: place.clone(),
                    aim,
                }));
            }
        }
        found.extend((0..METADATA).map(|i| Target {
            place: vec![Step::Field("metadata".to_owned())],
            aim: Aim::Fault(Fault::Metadata(i)),
        }));
        found.extend(self.scale());
        self.generator.random.shuffle(&mut found);
        interleaved(found)
    }

    fn scale(&self) -> Option<Target> {
        let paths = self.kind.version.subresources.scale.as_ref()?;
        let steps = paths.spec_replicas_path.trim_start_matches('.').split('.');
        Some(Target {
            place: steps.map(|name| Step::Field(name.to_owned())).collect(),
            aim: Aim::Fault(Fault::Scale),
        })
    }

    fn show(&mut self, target: &Target) {
        let schema = &self.kind.schema;
        let Some(at) = schema_at(schema, &target.place) else {
            return;
        };
        let mut was_reached = false;
        for ground in 0..GROUNDS {
            let Some((object, path)) = self.ground(target, at, ground) else {
                continue;
            };
            was_reached = true;
            let done = match &target.aim {
                Aim::Feature(feature) => self.show_feature(*feature, at, &object, &path),
                Aim::Fault(fault) => self.break_it(fault, target, at, &object, &path),
            };
            if done {
                return;
            }
        }
        self.explain(target, was_reached);
    }

    /// A valid resource that has the place: made for it, or another one with the
    /// place put into it.
    fn ground(
        &mut self,
        target: &Target,
        at: &Schema,
        attempt: usize,
    ) -> Option<(Value, ValuePath)> {
        let branch = match &target.aim {
            Aim::Feature(feature) => feature.branch(at),
            Aim::Fault(_) => None,
        };
        let plan = match attempt {
            0..3 => Plan::minimal(),
            _ => Plan::varied(&mut self.generator.random),
        };
        let plan = plan.with(&target.place, branch);
        let object = match attempt {
            0 => self.bases.first().cloned(),
            1 | 3 => None,
            _ => self.generator.random.pick(&self.bases).cloned(),
        };
        let schema = &self.kind.schema;
        let object = match object {
            Some(base) => {
                let grafted = self.generator.grafted(&base, schema, plan)?;
                self.repaired(grafted, target, branch.is_some())?
            }
            None => self.generator.resource(schema, plan)?,
        };
        self.judge(&object).filter(Verdict::is_valid)?;
        let path = find(&object, schema, &target.place)?;
        Some((object, path))
    }

    /// The resource changed until it is valid, with the place still in it. One
    /// with a chosen branch stays, as the choice might be lost.
    fn repaired(&mut self, object: Value, target: &Target, has_branch: bool) -> Option<Value> {
        if has_branch {
            return Some(object);
        }
        let (validator, schema) = (self.validator, &self.kind.schema);
        let cost = move |object: &Value| {
            let is_lost = find(object, schema, &target.place).is_none();
            let errors = validator
                .validate(object)
                .map(|verdict| verdict.errors.len());
            errors.unwrap_or(100) + usize::from(is_lost) * 9
        };
        let names = Hints::of_all(schema, &target.place).names;
        self.generator.climb(object, schema, &names, STEPS, cost)
    }

    fn show_feature(
        &mut self,
        feature: Feature,
        at: &Schema,
        ground: &Value,
        path: &ValuePath,
    ) -> bool {
        let Some(current) = path.get(ground) else {
            return false;
        };
        for value in feature.values(at, current, &mut self.generator) {
            let Some(object) = path.replaced(ground, value) else {
                continue;
            };
            if let Some(verdict) = self.judge(&object).filter(Verdict::is_valid) {
                self.push(feature.name(), object, None, verdict);
                return true;
            }
        }
        false
    }

    fn break_it(
        &mut self,
        fault: &Fault,
        target: &Target,
        at: &Schema,
        ground: &Value,
        path: &ValuePath,
    ) -> bool {
        let Some(current) = path.get(ground) else {
            return false;
        };
        let rest = self.relaxed(fault, &target.place);
        let mut values = fault.values(at, current, &mut self.generator);
        values.truncate(VALUES);
        if self.accept_one(fault, at, values, ground, path, &rest) {
            return true;
        }
        if fault.proof() != Proof::Relaxed {
            return false;
        }
        let values = self.inverses(fault, at);
        if self.accept_one(fault, at, values, ground, path, &rest) {
            return true;
        }
        let found = self.search(fault, at, ground, path, &rest);
        found.is_some_and(|object| self.accept(fault, at, object, path, &rest))
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
    fn accept_one(
        &mut self,
        fault: &Fault,
        at: &Schema,
        values: Vec<Value>,
        ground: &Value,
        path: &ValuePath,
        rest: &Schema,
    ) -> bool {
        values.into_iter().any(|value| {
            let object = path.replaced(ground, value);
            object.is_some_and(|object| self.accept(fault, at, object, path, rest))
        })
    }

    /// The kind's schema without the constraint.
    fn relaxed(&self, fault: &Fault, place: &[Step]) -> Schema {
        let mut schema = self.kind.version.schema.clone();
        if let Some(at) = schema_at_mut(&mut schema, place) {
            fault.relax(at);
        }
        schema
    }

    /// Takes the sample if it breaks the constraint and nothing else.
    fn accept(
        &mut self,
        fault: &Fault,
        at: &Schema,
        object: Value,
        path: &ValuePath,
        rest: &Schema,
    ) -> bool {
        let Some(verdict) = self.judge(&object) else {
            return false;
        };
        let own: Vec<&FieldError> = verdict
            .errors
            .iter()
            .filter(|error| !error.is_rules_skipped())
            .collect();
        let is_proven = match (fault.proof(), &own[..]) {
            (_, []) => false,
            (Proof::Relaxed, _) => self.is_valid_by(&object, rest),
            (_, [error]) => fault.explains(error, path),
            _ => false,
        };
        if !is_proven {
            return false;
        }
        let place = match (fault.proof(), &own[..]) {
            (Proof::AnyError, [error]) => error.field.trim_start_matches('.').to_owned(),
            _ => fault.place(path).to_string(),
        };
        let breaks = Breaks {
            constraint: fault.name(),
            path: place,
            rule: match fault {
                Fault::Rule(i) => at.rules.get(*i).map(|rule| rule.rule.clone()),
                _ => None,
            },
        };
        self.push(fault.name(), object, Some(breaks), verdict);
        true
    }

    /// Changes the ground step by step until only this constraint is broken.
    fn search(
        &mut self,
        fault: &Fault,
        at: &Schema,
        ground: &Value,
        path: &ValuePath,
        rest: &Schema,
    ) -> Option<Value> {
        let hints = match fault {
            Fault::Rule(i) => Hints::of_rule(&at.rules.get(*i)?.rule),
            _ => Hints::of(at),
        };
        let mut names: BTreeSet<String> = hints.names.clone();
        names.extend(
            at.properties
                .keys()
                .filter(|_| hints.names.is_empty())
                .cloned(),
        );
        let validator = self.validator;
        let cost = move |object: &Value| {
            let errors = |by: Option<&Schema>| {
                let verdict = match by {
                    Some(schema) => validator.validate_by(object, schema),
                    None => validator.validate(object),
                };
                verdict.map_or(100, |verdict| verdict.errors.len())
            };
            let is_whole = path.get(object).is_some();
            let others = errors(Some(rest));
            others * 2 + usize::from(others > 0 || errors(None) == 0) + usize::from(!is_whole) * 9
        };
        let schema = &self.kind.schema;
        self.generator.hinted(Rc::new(hints), |generator| {
            generator.climb(ground.clone(), schema, &names, STEPS, cost)
        })
    }

    fn explain(&mut self, target: &Target, was_reached: bool) {
        let name = target.aim.name();
        match &target.aim {
            Aim::Feature(feature) if was_reached && !feature.is_promised() => {}
            Aim::Feature(Feature::Present) => self.miss(&target.place, "a value", Why::Unreachable),
            Aim::Feature(_) if was_reached => self.miss(&target.place, name, Why::Unshown),
            Aim::Fault(_) if was_reached => self.miss(&target.place, name, Why::Unbroken),
            // Said once, by `Present`.
            Aim::Feature(_) => {}
            Aim::Fault(_) => self.miss(&target.place, name, Why::Unreachable),
        }
    }

    fn miss(&mut self, place: &[Step], what: &str, why: Why) {
        self.batch.missing.push(Missing {
            kind: self.kind.id(),
            place: described(place),
            what: what.to_owned(),
            why,
        });
    }

    fn push(&mut self, what: &str, object: Value, breaks: Option<Breaks>, verdict: Verdict) {
        let number = self.batch.samples.len();
        let sign = if breaks.is_some() { "!" } else { "" };
        self.batch.samples.push(Sample {
            id: format!(
                "{}/{number}-{sign}{}",
                self.kind.id(),
                what.replace(' ', "-")
            ),
            api_version: self.kind.api_version(),
            kind: self.kind.crd.names.kind.clone(),
            valid: breaks.is_none(),
            breaks,
            object,
            unjudged: verdict.unjudged,
        });
    }

    /// None if it is no resource of a kind that is known.
    fn judge(&self, object: &Value) -> Option<Verdict> {
        self.validator.validate(object).ok()
    }

    fn is_valid_by(&self, object: &Value, schema: &Schema) -> bool {
        let verdict = self.validator.validate_by(object, schema);
        verdict.is_ok_and(|verdict| verdict.is_valid())
    }
}

/// What lies in the fields that every resource has.
fn is_meta(place: &[Step]) -> bool {
    matches!(place.first(), Some(Step::Field(name)) if matches!(name.as_str(), "apiVersion" | "kind" | "metadata"))
}

/// What would make the resource itself none: it must be an object with a kind.
fn is_given(place: &[Step], aim: &Aim) -> bool {
    place.is_empty()
        && match aim {
            Aim::Fault(Fault::Type) => true,
            Aim::Fault(Fault::Required(name)) => is_meta(&[Step::Field(name.clone())]),
            Aim::Feature(feature) => !feature.is_whole(),
            Aim::Fault(_) => false,
        }
}

/// `spec.items[].name`.
fn described(place: &[Step]) -> String {
    let mut text = String::new();
    for step in place {
        match step {
            Step::Field(name) if text.is_empty() => text += name,
            Step::Field(name) => text += &format!(".{name}"),
            Step::Item => text += "[]",
            Step::Value => text += ".*",
        }
    }
    if text.is_empty() {
        text += "the resource";
    }
    text
}

/// One of each kind in turn, until none is left.
fn interleaved(targets: Vec<Target>) -> Vec<Target> {
    let mut groups: BTreeMap<(bool, &'static str), Vec<Target>> = BTreeMap::new();
    for target in targets {
        let key = (!target.aim.is_fault(), target.aim.name());
        groups.entry(key).or_default().push(target);
    }
    let mut found = Vec::new();
    while !groups.is_empty() {
        for group in groups.values_mut() {
            found.extend(group.pop());
        }
        groups.retain(|_, group| !group.is_empty());
    }
    found
}
