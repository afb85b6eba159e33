//! Values that satisfy a schema: drafted from what it asks, then judged, then
//! repaired where the draft was not enough.

mod climb;
mod free;
mod graft;
mod list;
mod number;
mod object;
mod text;

use crate::demand::{Branch, Demand};
use crate::hints::Hints;
use crate::path::Step;
use crate::random::Random;
use kube_schema::validate::{Validator, Verdict};
use kube_schema::{Schema, Type};
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How often a part is drafted anew.
const DRAFTS: usize = 6;
/// After how many failures a schema is given up.
const HOPELESS: usize = 12;

/// What a value should be like, where the schema leaves it open.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'p> {
    /// How likely an optional field is there, in percent.
    pub optional: u32,
    /// How many entries more than needed a list or a map may have.
    pub entries: usize,
    /// How likely a value is an odd one that is still allowed, in percent.
    pub odd: u32,
    /// The place that must be there.
    pub focus: &'p [Step],
    /// The branch to take.
    pub branch: Option<Branch<'p>>,
}

impl<'p> Plan<'p> {
    /// Only what is required.
    pub fn minimal() -> Self {
        Self {
            optional: 0,
            entries: 0,
            odd: 0,
            focus: &[],
            branch: None,
        }
    }

    /// Every field.
    pub fn full() -> Self {
        Self {
            optional: 100,
            entries: 2,
            odd: 10,
            ..Self::minimal()
        }
    }

    /// Some fields, and some odd values.
    pub fn varied(random: &mut Random) -> Self {
        Self {
            optional: [10, 30, 50, 80][random.below(4)],
            entries: random.below(4),
            odd: 25,
            ..Self::minimal()
        }
    }

    /// With this place in it.
    pub fn with(self, focus: &'p [Step], branch: Option<Branch<'p>>) -> Self {
        Self {
            focus,
            branch,
            ..self
        }
    }

    /// For what lies a step further in.
    fn below(self, step: &Step) -> Self {
        let focus = match self.focus.split_first() {
            Some((first, rest)) if first == step => rest,
            _ => &[],
        };
        Self { focus, ..self }
    }

    fn asks_for(self, step: &Step) -> bool {
        self.focus.first() == Some(step)
    }
}

/// Makes values.
#[derive(Debug)]
pub struct Generator<'a> {
    validator: &'a Validator,
    /// Every choice is drawn from here.
    pub random: Random,
    /// What the rules of the schema that is drafted mention, the innermost last.
    hints: Vec<Rc<Hints>>,
    /// The same by the schema's address.
    known_hints: BTreeMap<usize, Rc<Hints>>,
    /// How often no value of a schema was found, by address; 0 once one was.
    failures: BTreeMap<usize, usize>,
}

impl<'a> Generator<'a> {
    /// For the schemas of one kind.
    pub fn new(validator: &'a Validator, random: Random) -> Self {
        Self {
            validator,
            random,
            hints: Vec::new(),
            known_hints: BTreeMap::new(),
            failures: BTreeMap::new(),
        }
    }

    /// Does something with what these rules mention in mind.
    pub fn hinted<T>(&mut self, hints: Rc<Hints>, work: impl FnOnce(&mut Self) -> T) -> T {
        self.hints.push(hints);
        let done = work(self);
        self.hints.pop();
        done
    }

    fn hint(&self) -> Option<Rc<Hints>> {
        self.hints.last().cloned()
    }

    /// What the schema's own rules mention, if it has any.
    fn hints_of(&mut self, schema: &Schema) -> Option<Rc<Hints>> {
        if schema.rules.is_empty() {
            return None;
        }
        let hints = self
            .known_hints
            .entry(address(schema))
            .or_insert_with(|| Rc::new(Hints::of(schema)));
        Some(Rc::clone(hints))
    }

    /// A value of a schema, of which `outer` asks more. None if none was found.
    pub fn value(&mut self, schema: &Schema, outer: &[&Schema], plan: Plan<'_>) -> Option<Value> {
        if self.is_hopeless(schema) {
            return None;
        }
        match self.hints_of(schema) {
            Some(hints) => self.hinted(hints, |this| this.satisfying(schema, outer, plan)),
            None => self.satisfying(schema, outer, plan),
        }
    }

    /// A whole resource, however often none was found.
    pub fn resource(&mut self, schema: &Schema, plan: Plan<'_>) -> Option<Value> {
        match self.hints_of(schema) {
            Some(hints) => self.hinted(hints, |this| this.satisfying(schema, &[], plan)),
            None => self.satisfying(schema, &[], plan),
        }
    }

    /// A value of a schema that is not part of the kind's own.
    pub fn value_of(&mut self, schema: &Schema, plan: Plan<'_>) -> Option<Value> {
        // What is known of schemas is known by their addresses, and this one's
        // will be another's soon.
        let known_hints = std::mem::take(&mut self.known_hints);
        let failures = std::mem::take(&mut self.failures);
        let value = self.value(schema, &[], plan);
        (self.known_hints, self.failures) = (known_hints, failures);
        value
    }

    fn satisfying(&mut self, schema: &Schema, outer: &[&Schema], plan: Plan<'_>) -> Option<Value> {
        let mut best: Option<(usize, Value)> = None;
        for _ in 0..DRAFTS {
            let Some(value) = self.draft(schema, outer, plan) else {
                continue;
            };
            let count = self.judge(&value, schema).errors.len();
            if count == 0 {
                self.failures.insert(address(schema), 0);
                return Some(value);
            }
            if best.as_ref().is_none_or(|(least, _)| count < *least) {
                best = Some((count, value));
            }
        }
        let repaired = best.and_then(|(_, value)| self.repair(value, schema));
        if repaired.is_some() {
            self.failures.insert(address(schema), 0);
        } else if outer.is_empty() && plan.focus.is_empty() && plan.branch.is_none() {
            self.fail(schema);
        }
        repaired
    }

    fn fail(&mut self, schema: &Schema) {
        let failures = self.failures.entry(address(schema)).or_insert(1);
        if *failures > 0 {
            *failures += 1;
        }
    }

    /// Whether no value of the schema was found, often enough.
    fn is_hopeless(&self, schema: &Schema) -> bool {
        let failures = self.failures.get(&address(schema));
        failures.is_some_and(|failures| *failures > HOPELESS)
    }

    /// A value that the demand makes likely, not judged as a whole.
    pub fn draft(&mut self, schema: &Schema, outer: &[&Schema], plan: Plan<'_>) -> Option<Value> {
        match self.hints_of(schema) {
            Some(hints) => self.hinted(hints, |this| this.drafted(schema, outer, plan)),
            None => self.drafted(schema, outer, plan),
        }
    }

    fn drafted(&mut self, schema: &Schema, outer: &[&Schema], plan: Plan<'_>) -> Option<Value> {
        let demand = Demand::new(schema, outer, plan.branch, &mut self.random);
        let odd = self.random.percent(plan.odd);
        if odd && schema.nullable && plan.focus.is_empty() && self.random.percent(30) {
            return Some(Value::Null);
        }
        if let Some(value) = self.listed(&demand) {
            return Some(value);
        }
        match value_type(&demand) {
            Some(Type::Array) => self.list(&demand, plan),
            Some(Type::Object) => self.object(&demand, plan),
            Some(Type::Boolean) => Some(Value::Bool(self.random.percent(50))),
            Some(Type::Integer) if schema.int_or_string => self.int_or_string(&demand, odd),
            Some(Type::Integer) => self.integer(&demand, odd),
            Some(Type::Number) => self.number(&demand, odd),
            Some(Type::String) => self.text(&demand, odd),
            None => Some(self.anything(&demand)),
        }
    }

    /// One of the values that every enum lists, if one does.
    fn listed(&mut self, demand: &Demand<'_>) -> Option<Value> {
        let mut enums = demand
            .parts
            .iter()
            .filter_map(|part| part.enumeration.as_ref())
            .filter(|listed| !listed.is_empty());
        let first = enums.next()?;
        let rest: Vec<_> = enums.collect();
        let common: Vec<&Value> = first
            .iter()
            .filter(|value| !value.is_null() && rest.iter().all(|listed| listed.contains(value)))
            .collect();
        self.random.pick(&common).map(|value| (*value).clone())
    }

    fn int_or_string(&mut self, demand: &Demand<'_>, odd: bool) -> Option<Value> {
        let integer_first = self.random.percent(50);
        for is_integer in [integer_first, !integer_first] {
            let value = if is_integer {
                self.integer(demand, odd)
            } else {
                self.text(demand, odd)
            };
            if value.is_some() {
                return value;
            }
        }
        None
    }

    /// What the schema alone says of a value.
    pub fn judge(&self, value: &Value, schema: &Schema) -> Verdict {
        self.validator.validate_part(value, schema)
    }

    /// Whether a scalar satisfies every part of its demand.
    fn fits(&self, value: &Value, demand: &Demand<'_>) -> bool {
        demand
            .parts
            .iter()
            .all(|part| self.judge(value, part).is_valid())
    }
}

/// The type to draft: the schema's own, or one that a branch names.
fn value_type(demand: &Demand<'_>) -> Option<Type> {
    if demand.spine.int_or_string {
        return Some(Type::Integer);
    }
    demand.spine.value_type
}

/// What tells a schema apart from its equals.
fn address(schema: &Schema) -> usize {
    std::ptr::from_ref(schema).addr()
}
