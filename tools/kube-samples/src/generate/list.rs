use super::{Generator, Plan};
use crate::demand::Demand;
use crate::path::Step;
use kube_schema::{ListType, Schema};
use serde_json::Value;

/// How often an entry is drafted that must differ from the others.
const TRIES: usize = 20;

impl Generator<'_> {
    pub(super) fn list(&mut self, demand: &Demand<'_>, plan: Plan<'_>) -> Option<Value> {
        let spine = demand.spine;
        let Some(below) = spine.items.as_deref() else {
            return Some(Value::Array(Vec::new()));
        };
        if plan.focus.is_empty()
            && let Some(value) = self.hinted_list(demand)
        {
            return Some(value);
        }
        let count = self.count(demand, plan)?;
        let outer = demand.below(|part| part.items.as_deref());
        let mut items: Vec<Value> = Vec::new();
        for i in 0..count {
            let mut plan = plan.below(&Step::Item);
            if i > 0 {
                plan = plan.with(&[], plan.branch);
            }
            match self.item(below, &outer, plan, spine, &items) {
                Some(item) => items.push(item),
                None if i == 0 && !plan.focus.is_empty() => return None,
                None => break,
            }
        }
        Some(Value::Array(items))
    }

    /// Now and then a list that a rule mentions.
    fn hinted_list(&mut self, demand: &Demand<'_>) -> Option<Value> {
        let hints = self.hint().filter(|hints| !hints.lists.is_empty())?;
        if !self.random.percent(20) {
            return None;
        }
        let value = hints.list_for(&mut self.random)?;
        self.fits(&value, demand).then_some(value)
    }

    /// How many entries; none if there cannot be any such number.
    fn count(&mut self, demand: &Demand<'_>, plan: Plan<'_>) -> Option<usize> {
        let least = demand.most(|part| part.min_items).unwrap_or(0).max(0);
        let most = demand.least(|part| part.max_items).unwrap_or(i64::MAX);
        let wanted = i64::from(plan.asks_for(&Step::Item)).max(least);
        if wanted > most {
            return None;
        }
        let room = usize::try_from(most - wanted).unwrap_or(usize::MAX);
        let more = self.random.below(plan.entries.min(room) + 1);
        Some(usize::try_from(wanted).ok()?.min(1000) + more)
    }

    fn item(
        &mut self,
        schema: &Schema,
        outer: &[&Schema],
        plan: Plan<'_>,
        list: &Schema,
        others: &[Value],
    ) -> Option<Value> {
        for i in 0..TRIES {
            let plan = if i > 2 {
                Plan { odd: 60, ..plan }
            } else {
                plan
            };
            let item = self.value(schema, outer, plan)?;
            if !is_repeated(&item, list, others) {
                return Some(item);
            }
        }
        None
    }
}

/// Whether the list has such an entry, by the keys that it tells entries apart by.
fn is_repeated(item: &Value, list: &Schema, others: &[Value]) -> bool {
    match list.list_type {
        Some(ListType::Set) => others.contains(item),
        Some(ListType::Map) => others.iter().any(|other| {
            list.list_map_keys
                .iter()
                .all(|key| field(item, key, list) == field(other, key, list))
        }),
        Some(ListType::Atomic) | None => false,
    }
}

/// A key's value, or its default.
fn field<'v>(item: &'v Value, key: &str, list: &'v Schema) -> Option<&'v Value> {
    let default = || {
        let items = list.items.as_deref()?;
        items.properties.get(key)?.default.as_ref()
    };
    item.get(key).or_else(default)
}
