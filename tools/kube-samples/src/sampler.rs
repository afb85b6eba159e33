//! Samples of one kind: for each place of its schema the values that it allows,
//! and for each constraint one that breaks it.

mod breaking;
mod ground;
mod target;

use crate::feature::Feature;
use crate::generate::{Generator, Plan};
use crate::kind::Kind;
use crate::path::{Step, schema_at};
use crate::random::Random;
use crate::sample::{Breaks, Missing, Sample, Why};
use breaking::Breaking;
use ground::Ground;
use kube_schema::validate::{Validator, Verdict};
use serde_json::Value;
use std::ops::Range;
use target::{Aim, Target};

/// How many resources are tried as the ground of one sample.
const GROUNDS: usize = 5;
/// How many more resources are tried if none was valid.
const WHOLE: usize = 12;

/// What trying to show something came to.
#[derive(Debug, Clone, Copy)]
enum Shown {
    Done,
    /// There were valid resources with the place.
    Reached,
    Unreached,
}

/// Whether something is shown for the first time, as simply as it can be, or once
/// more, in another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    First,
    Again,
}

impl Turn {
    fn grounds(self) -> Range<usize> {
        match self {
            Self::First => 0..GROUNDS,
            Self::Again => ground::VARIED..GROUNDS,
        }
    }
}

/// How many samples to make, and from which numbers.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The fewest of a kind at a version.
    pub count: usize,
    /// The most.
    pub max: usize,
    /// The fewest that break a constraint, of all kinds together; beyond `max`.
    pub each: usize,
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

/// Makes the samples of one kind.
pub struct Sampler<'a> {
    validator: &'a Validator,
    kind: &'a Kind<'a>,
    generator: Generator<'a>,
    options: Options,
    /// Valid resources, to put a place into.
    bases: Vec<Value>,
    /// Constraints that a sample broke, to be broken again.
    broken: Vec<Target>,
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
            broken: Vec::new(),
            batch: Batch::default(),
        }
    }

    /// All samples of the kind.
    pub fn run(&mut self) {
        let targets = target::all(self.kind, &mut self.generator.random);
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
    }

    /// What was made.
    pub fn into_batch(self) -> Batch {
        self.batch
    }

    /// The constraints that its samples break, one a sample.
    pub fn constraints(&self) -> impl Iterator<Item = &'static str> {
        let broken = self.batch.samples.iter();
        broken.filter_map(|sample| Some(sample.breaks.as_ref()?.constraint))
    }

    /// Breaks this constraint once more wherever it was broken, up to so many
    /// times, by resources that are no samples yet; tells how many it found.
    pub fn break_again(&mut self, constraint: &str, most: usize) -> usize {
        let is_meant = |target: &&Target| target.aim.name() == constraint;
        let targets: Vec<Target> = self.broken.iter().filter(is_meant).cloned().collect();
        let before = self.batch.samples.len();
        for target in targets {
            if self.batch.samples.len() - before == most {
                break;
            }
            self.show_again(&target);
        }
        self.batch.samples.len() - before
    }

    fn show_again(&mut self, target: &Target) {
        let count = self.batch.samples.len();
        self.attempt(target, Turn::Again);
        let Some((new, others)) = self.batch.samples.split_last() else {
            return;
        };
        let is_new = others.iter().all(|other| other.object != new.object);
        if others.len() >= count && !is_new {
            self.batch.samples.pop();
        }
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

    fn show(&mut self, target: &Target) {
        match self.attempt(target, Turn::First) {
            Some(Shown::Done) if target.aim.is_fault() => self.broken.push(target.clone()),
            Some(Shown::Done) | None => {}
            Some(Shown::Reached) => self.explain(target, true),
            Some(Shown::Unreached) => self.explain(target, false),
        }
    }

    /// Tries to show the target on some grounds; none if the schema has no such place.
    fn attempt(&mut self, target: &Target, turn: Turn) -> Option<Shown> {
        let at = schema_at(&self.kind.schema, &target.place)?;
        let mut shown = Shown::Unreached;
        for attempt in turn.grounds() {
            let Some(ground) = self.ground(target, at, attempt) else {
                continue;
            };
            shown = Shown::Reached;
            let done = match &target.aim {
                Aim::Feature(feature) => self.show_feature(*feature, &ground),
                Aim::Fault(fault) => {
                    let breaking = Breaking::new(fault, target, ground, self.kind);
                    self.show_fault(&breaking, turn)
                }
            };
            if done {
                return Some(Shown::Done);
            }
        }
        Some(shown)
    }

    fn show_feature(&mut self, feature: Feature, ground: &Ground<'_>) -> bool {
        for value in feature.values(ground.at, &ground.current, &mut self.generator) {
            let is_same_as_integer =
                feature != Feature::WholeFloat || self.takes_integer(&value, ground);
            if let Some(object) = ground.with(value)
                && let Some(verdict) = self.judge(&object).filter(Verdict::is_valid)
                && is_same_as_integer
            {
                self.push(feature.name(), object, None, verdict);
                return true;
            }
        }
        false
    }

    /// Whether the same number is valid as an integer. Some rules fail on a float
    /// in a way that the API server does not see.
    fn takes_integer(&self, float: &Value, ground: &Ground<'_>) -> bool {
        let number = float.as_f64().map(|float| format!("{float:.0}"));
        let integer = number.and_then(|number| number.parse::<i64>().ok());
        let object = integer.and_then(|integer| ground.with(integer.into()));
        let verdict = object.and_then(|object| self.judge(&object));
        verdict.is_some_and(|verdict| verdict.is_valid())
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
            place: target::described(place),
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
}
