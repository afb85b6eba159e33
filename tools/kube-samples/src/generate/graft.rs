//! A place put into a value that lacks it.

use super::{Generator, Plan};
use crate::path::{Step, schema_below};
use kube_schema::Schema;
use serde_json::{Map, Value};

impl Generator<'_> {
    /// The value with something at the plan's place, the rest as it is. What was
    /// there stays, unless a branch is to be taken.
    pub fn grafted(&mut self, value: &Value, schema: &Schema, plan: Plan<'_>) -> Option<Value> {
        let Some(step) = plan.focus.first() else {
            return match plan.branch {
                Some(_) => self.value(schema, &[], plan),
                None => Some(value.clone()),
            };
        };
        let below = schema_below(schema, step)?;
        match (step, value) {
            (Step::Field(name), Value::Object(map)) => {
                self.grafted_field(map, name, below, plan.below(step))
            }
            (Step::Value, Value::Object(map)) => {
                let is_entry = |name: &&String| !schema.properties.contains_key(*name);
                match map.keys().find(is_entry).cloned() {
                    Some(name) => self.grafted_field(map, &name, below, plan.below(step)),
                    None => {
                        let (name, value) = self.entry(schema, plan.below(step))?;
                        let mut map = map.clone();
                        map.insert(name, value);
                        Some(Value::Object(map))
                    }
                }
            }
            (Step::Item, Value::Array(items)) => {
                let mut items = items.clone();
                let item = match items.first() {
                    Some(item) => self.grafted(item, below, plan.below(step))?,
                    None => self.value(below, &[], plan.below(step))?,
                };
                items.splice(..items.len().min(1), [item]);
                Some(Value::Array(items))
            }
            _ => None,
        }
    }

    fn grafted_field(
        &mut self,
        map: &Map<String, Value>,
        name: &str,
        schema: &Schema,
        plan: Plan<'_>,
    ) -> Option<Value> {
        let value = match map.get(name) {
            Some(value) if !value.is_null() => self.grafted(value, schema, plan)?,
            _ => self.value(schema, &[], plan)?,
        };
        let mut map = map.clone();
        map.insert(name.to_owned(), value);
        Some(Value::Object(map))
    }
}
