//! Values changed step by step until they satisfy what they should.

use super::{Generator, Plan};
use crate::path::{Node, Step, ValuePath, nodes, schema_below};
use kube_schema::Schema;
use serde_json::Value;
use std::collections::BTreeSet;

/// How often a draft is changed that does not satisfy its schema.
const REPAIRS: usize = 80;

impl Generator<'_> {
    /// Changes a value until its schema is satisfied.
    pub(super) fn repair(&mut self, value: Value, schema: &Schema) -> Option<Value> {
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
        if self.random.percent(40)
            && let Some(steered) = self.steered(value, &nodes)
        {
            return Some(steered);
        }
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

    /// With a field that some rule mentions there, gone, or another one.
    fn steered(&mut self, value: &Value, nodes: &[Node<'_>]) -> Option<Value> {
        let ruled: Vec<&Node<'_>> = nodes
            .iter()
            .filter(|node| !node.schema.rules.is_empty())
            .collect();
        let node = *self.random.pick(&ruled)?;
        let hints = self.hints_of(node.schema)?;
        let paths: Vec<&Vec<String>> = hints.paths.iter().collect();
        let fields = *self.random.pick(&paths)?;
        let mut place = node.path.clone();
        let mut schema = node.schema;
        let mut value = value.clone();
        for (i, name) in fields.iter().enumerate() {
            schema = schema_below(schema, &Step::Field(name.clone()))?;
            let is_last = i + 1 == fields.len();
            let parent = place.get(&value)?;
            let is_absent = parent.get(name).is_none();
            let below = place.field(name);
            if is_absent {
                let plan = Plan {
                    odd: 30,
                    ..Plan::minimal()
                };
                let drafted = self.draft(schema, &[], plan)?;
                value = place.extended(&value, name, drafted)?;
            } else if is_last && self.random.percent(40) {
                return below.removed(&value);
            } else if is_last {
                let plan = Plan {
                    odd: 40,
                    ..Plan::varied(&mut self.random)
                };
                let drafted = self.draft(schema, &[], plan)?;
                value = below.replaced(&value, drafted)?;
            }
            place = below;
        }
        Some(value)
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
