//! Values that satisfy a schema: drafted from what it asks, then judged, then
//! repaired where the draft was not enough.

mod free;
mod list;
mod number;
mod object;
mod text;

use crate::demand::{Branch, Demand};
use crate::hints::Hints;
use crate::path::{Node, Step, ValuePath, nodes};
use crate::random::Random;
use kube_schema::validate::{Validator, Verdict};
use kube_schema::{Schema, Type};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How often a part is drafted anew.
const DRAFTS: usize = 6;
/// How often a draft is changed that does not satisfy its schema.
const REPAIRS: usize = 60;

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
    /// Schemas, by address, of which no value was found.
    hopeless: BTreeSet<usize>,
}

impl<'a> Generator<'a> {
    /// For the schemas of one kind.
    pub fn new(validator: &'a Validator, random: Random) -> Self {
        Self {
            validator,
            random,
            hints: Vec::new(),
            known_hints: BTreeMap::new(),
            hopeless: BTreeSet::new(),
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

    fn satisfying(&mut self, schema: &Schema, outer: &[&Schema], plan: Plan<'_>) -> Option<Value> {
        let mut best: Option<(usize, Value)> = None;
        for _ in 0..DRAFTS {
            let Some(value) = self.draft(schema, outer, plan) else {
                continue;
            };
            let count = self.judge(&value, schema).errors.len();
            if count == 0 {
                return Some(value);
            }
            if best.as_ref().is_none_or(|(least, _)| count < *least) {
                best = Some((count, value));
            }
        }
        let repaired = best.and_then(|(_, value)| self.repair(value, schema));
        if repaired.is_none() && outer.is_empty() && plan.focus.is_empty() && plan.branch.is_none()
        {
            self.hopeless.insert(address(schema));
        }
        repaired
    }

    /// Whether no value of the schema was found before.
    pub fn is_hopeless(&self, schema: &Schema) -> bool {
        self.hopeless.contains(&address(schema))
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

    /// Changes a value until its schema is satisfied.
    fn repair(&mut self, value: Value, schema: &Schema) -> Option<Value> {
        if matches!(value, Value::Object(_) | Value::Array(_)) {
            let validator = self.validator;
            let cost = move |value: &Value| validator.validate_part(value, schema).errors.len();
            let names = match self.hints_of(schema) {
                Some(hints) => hints.names.clone(),
                None => BTreeSet::new(),
            };
            return self.climb(value, schema, &names, REPAIRS, cost);
        }
        None
    }

    /// Changes a value step by step, never to a higher cost, until the cost is
    /// none; gives up after so many steps. Fields of these names are changed
    /// rather than others.
    pub fn climb(
        &mut self,
        start: Value,
        schema: &Schema,
        names: &BTreeSet<String>,
        steps: usize,
        cost: impl Fn(&Value) -> usize,
    ) -> Option<Value> {
        let mut value = start;
        let mut least = cost(&value);
        for _ in 0..steps {
            if least == 0 {
                return Some(value);
            }
            let Some(changed) = self.changed(&value, schema, names) else {
                continue;
            };
            let now = cost(&changed);
            if now <= least {
                (value, least) = (changed, now);
            }
        }
        (least == 0).then_some(value)
    }

    /// The value with one part of it changed.
    fn changed(
        &mut self,
        value: &Value,
        schema: &Schema,
        names: &BTreeSet<String>,
    ) -> Option<Value> {
        let mut nodes = nodes(value, schema, &ValuePath::default());
        if !names.is_empty() && self.random.percent(80) {
            nodes.retain(|node| node.is_named(names));
        }
        let node = self.random.pick(&nodes)?.clone();
        match self.random.below(10) {
            0 | 1 => node.path.removed(value),
            2..5 => self.extended(value, &node, names),
            5 => {
                let copied = self.copied(value, &node)?;
                node.path.replaced(value, copied)
            }
            _ => {
                let plan = Plan {
                    odd: 40,
                    ..Plan::varied(&mut self.random)
                };
                let drafted = self.draft(node.schema, &[], plan)?;
                node.path.replaced(value, drafted)
            }
        }
    }

    /// With one more field or element at the node.
    fn extended(
        &mut self,
        value: &Value,
        node: &Node<'_>,
        names: &BTreeSet<String>,
    ) -> Option<Value> {
        let plan = Plan {
            optional: 10,
            odd: 30,
            ..Plan::minimal()
        };
        let mut inner = node.path.get(value)?.clone();
        match &mut inner {
            Value::Object(map) => {
                let mut absent: Vec<&String> = node
                    .schema
                    .properties
                    .keys()
                    .filter(|name| !map.contains_key(*name))
                    .collect();
                if absent.iter().any(|name| names.contains(*name)) {
                    absent.retain(|name| names.contains(*name));
                }
                match self.random.pick(&absent) {
                    Some(name) => {
                        let below = &node.schema.properties[*name];
                        let drafted = self.draft(below, &[], plan)?;
                        map.insert((*name).clone(), drafted);
                    }
                    None => {
                        let (name, drafted) = self.entry(node.schema, plan)?;
                        map.insert(name, drafted);
                    }
                }
            }
            Value::Array(items) => {
                let below = node.schema.items.as_deref()?;
                let at = self.random.below(items.len() + 1);
                items.insert(at, self.draft(below, &[], plan)?);
            }
            _ => return None,
        }
        node.path.replaced(value, inner)
    }

    /// A value of the same type from elsewhere in the whole.
    fn copied(&mut self, value: &Value, node: &Node<'_>) -> Option<Value> {
        let own = node.path.get(value)?;
        let mut others = Vec::new();
        collect_like(value, own, &mut others);
        self.random.pick(&others).map(|other| (*other).clone())
    }
}

fn collect_like<'v>(value: &'v Value, like: &Value, found: &mut Vec<&'v Value>) {
    if std::mem::discriminant(value) == std::mem::discriminant(like) && value != like {
        found.push(value);
    }
    match value {
        Value::Object(map) => map.values().for_each(|v| collect_like(v, like, found)),
        Value::Array(items) => items.iter().for_each(|v| collect_like(v, like, found)),
        _ => {}
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
