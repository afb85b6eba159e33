//! Valid resources that have a place to change.

use super::Sampler;
use super::target::{Aim, Target};
use crate::generate::Plan;
use crate::hints::Hints;
use crate::path::{ValuePath, find};
use kube_schema::Schema;
use kube_schema::validate::Verdict;
use serde_json::Value;

/// How many steps the repair of a resource takes.
const STEPS: usize = 150;
/// From which attempt on resources hold more than they must.
pub(super) const VARIED: usize = 3;

/// A valid resource, and a place in it.
pub(super) struct Ground<'s> {
    pub object: Value,
    pub path: ValuePath,
    /// The place's schema.
    pub at: &'s Schema,
    /// What is there.
    pub current: Value,
}

impl Ground<'_> {
    /// The resource with another value there.
    pub fn with(&self, value: Value) -> Option<Value> {
        self.path.replaced(&self.object, value)
    }
}

impl Sampler<'_> {
    /// A resource made for the target, or another one with the place put into it.
    pub(super) fn ground<'s>(
        &mut self,
        target: &Target,
        at: &'s Schema,
        attempt: usize,
    ) -> Option<Ground<'s>> {
        let branch = match &target.aim {
            Aim::Feature(feature) => feature.branch(at),
            Aim::Fault(_) => None,
        };
        let plan = match attempt {
            0..VARIED => Plan::minimal(),
            _ => Plan::varied(&mut self.generator.random),
        };
        let plan = plan.with(&target.place, branch);
        let base = match attempt {
            0 => self.bases.first().cloned(),
            1 | 3 => None,
            _ => self.generator.random.pick(&self.bases).cloned(),
        };
        let schema = &self.kind.schema;
        let object = match base {
            Some(base) => {
                let grafted = self.generator.grafted(&base, schema, plan)?;
                self.repaired(grafted, target, branch.is_some())?
            }
            None => self.generator.resource(schema, plan)?,
        };
        self.judge(&object).filter(Verdict::is_valid)?;
        let path = find(&object, schema, &target.place)?;
        let current = path.get(&object)?.clone();
        Some(Ground {
            object,
            path,
            at,
            current,
        })
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
}
