use super::{Generator, Plan};
use crate::demand::Demand;
use crate::path::Step;
use kube_schema::{Additional, Schema};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const KEYS: [&str; 10] = [
    "key",
    "k",
    "must",
    "x",
    "another-key",
    "a.b/c",
    "UPPER",
    "with space",
    "ключ",
    "0",
];

impl Generator<'_> {
    pub(super) fn object(&mut self, demand: &Demand<'_>, plan: Plan<'_>) -> Option<Value> {
        let mut map = Map::new();
        if demand.spine.embedded_resource {
            self.resource_fields(&mut map, plan);
        }
        let required = demand.required();
        for name in self.names(demand, &required, plan) {
            let is_needed =
                required.contains(name.as_str()) || plan.asks_for(&Step::Field(name.clone()));
            match self.field(demand, &name, plan) {
                Some(value) => {
                    map.insert(name, value);
                }
                None if is_needed && !map.contains_key(&name) => return None,
                None => {}
            }
        }
        self.fill(demand, plan, &mut map)?;
        self.empty(demand, plan, &mut map);
        Some(Value::Object(map))
    }

    /// The fields to set: those required, those asked for, and some of the rest.
    fn names(
        &mut self,
        demand: &Demand<'_>,
        required: &BTreeSet<&str>,
        plan: Plan<'_>,
    ) -> BTreeSet<String> {
        let shunned = demand.shunned(&mut self.random);
        let mut names = BTreeSet::new();
        for (name, property) in &demand.spine.properties {
            let chance = if required.contains(name.as_str()) {
                // Its default would do.
                if property.default.is_some() && demand.parts.len() == 1 {
                    plan.optional.max(50)
                } else {
                    100
                }
            } else if shunned.contains(name.as_str()) {
                0
            } else {
                plan.optional
            };
            let is_asked = plan.asks_for(&Step::Field(name.clone()));
            if is_asked || self.random.percent(chance) {
                names.insert(name.clone());
            }
        }
        names.extend(
            required
                .iter()
                .filter(|n| !demand.spine.properties.contains_key(**n))
                .map(|n| (*n).to_owned()),
        );
        names
    }

    fn field(&mut self, demand: &Demand<'_>, name: &str, plan: Plan<'_>) -> Option<Value> {
        let spine = demand.spine;
        let step = Step::Field(name.to_owned());
        match (spine.properties.get(name), &spine.additional_properties) {
            (Some(_), _) if spine.embedded_resource && is_meta(name) => None,
            (Some(property), _) => {
                let outer = demand.below(|part| part.property(name));
                self.value(property, &outer, plan.below(&step))
            }
            (None, Some(Additional::Schema(below))) => {
                let outer = demand.below(|part| part.property(name));
                self.value(below, &outer, plan.below(&step))
            }
            (None, Some(Additional::Allowed(true))) => Some(Value::from("text")),
            (None, _) if spine.preserve_unknown => Some(self.free(1)),
            (None, _) => None,
        }
    }

    /// Entries of a map, and fields until there are enough.
    fn fill(
        &mut self,
        demand: &Demand<'_>,
        plan: Plan<'_>,
        map: &mut Map<String, Value>,
    ) -> Option<()> {
        let spine = demand.spine;
        let least = demand.most(|part| part.min_properties).unwrap_or(0);
        let least = usize::try_from(least).unwrap_or(0);
        let most = demand.least(|part| part.max_properties).unwrap_or(i64::MAX);
        let most = usize::try_from(most).unwrap_or(0);
        if plan.asks_for(&Step::Value) && map.is_empty() {
            let (name, value) = self.entry(spine, plan.below(&Step::Value))?;
            map.insert(name, value);
        }
        let plan = plan.with(&[], plan.branch);
        let is_open = spine.additional_properties.is_some() || spine.preserve_unknown;
        let more = if is_open && self.random.percent(plan.optional.max(30)) {
            self.random.below(plan.entries + 1)
        } else {
            0
        };
        let wanted = least.max(map.len() + more).min(most);
        for _ in 0..wanted * 4 {
            if count(map, spine) >= wanted {
                break;
            }
            if let Some((name, value)) = self.any_field(demand, plan, map) {
                map.entry(name).or_insert(value);
            }
        }
        Some(())
    }

    /// A field that is not there yet, or another entry.
    fn any_field(
        &mut self,
        demand: &Demand<'_>,
        plan: Plan<'_>,
        map: &Map<String, Value>,
    ) -> Option<(String, Value)> {
        let absent: Vec<String> = demand
            .spine
            .properties
            .keys()
            .filter(|name| !map.contains_key(*name))
            .cloned()
            .collect();
        match self.random.pick(&absent) {
            Some(name) => Some((name.clone(), self.field(demand, name, plan)?)),
            None => self.entry(demand.spine, plan),
        }
    }

    /// An entry of a map, or a field that nobody declares where that is allowed.
    pub(super) fn entry(&mut self, schema: &Schema, plan: Plan<'_>) -> Option<(String, Value)> {
        let key = self.key();
        if schema.properties.contains_key(&key) {
            return None;
        }
        let value = match &schema.additional_properties {
            Some(Additional::Schema(below)) => self.value(below, &[], plan)?,
            Some(Additional::Allowed(true)) => Value::from(3),
            Some(Additional::Allowed(false)) => return None,
            None if schema.preserve_unknown => self.free(2),
            None => return None,
        };
        Some((key, value))
    }

    /// A field that is not there yet, or another entry.
    pub fn another_field(
        &mut self,
        schema: &Schema,
        map: &Map<String, Value>,
        plan: Plan<'_>,
    ) -> Option<(String, Value)> {
        let demand = Demand::new(schema, &[], None, &mut self.random);
        self.any_field(&demand, plan, map)
            .filter(|(name, _)| !map.contains_key(name))
    }

    fn key(&mut self) -> String {
        if let Some(hints) = self.hint().filter(|_| self.random.percent(50))
            && let Some(text) = hints.string_for(&mut self.random)
            && text.len() < 20
        {
            return text;
        }
        let key = KEYS[self.random.below(KEYS.len())];
        if self.random.percent(30) {
            return format!("{key}{}", self.random.below(10));
        }
        key.to_owned()
    }

    /// Takes fields away that need not be there until there are few enough.
    fn empty(&mut self, demand: &Demand<'_>, plan: Plan<'_>, map: &mut Map<String, Value>) {
        let Some(most) = demand.least(|part| part.max_properties) else {
            return;
        };
        let most = usize::try_from(most).unwrap_or(0);
        let required = demand.required();
        while count(map, demand.spine) > most {
            let spare: Vec<String> = map
                .keys()
                .filter(|name| !required.contains(name.as_str()))
                .filter(|name| !plan.asks_for(&Step::Field((*name).clone())))
                .cloned()
                .collect();
            match self.random.pick(&spare) {
                Some(name) => drop(map.shift_remove(name)),
                None => return,
            }
        }
    }

    /// What every resource inside a resource has.
    fn resource_fields(&mut self, map: &mut Map<String, Value>, plan: Plan<'_>) {
        map.insert("apiVersion".to_owned(), "v1".into());
        let kind = ["ConfigMap", "Secret", "Pod"][self.random.below(3)];
        map.insert("kind".to_owned(), kind.into());
        if self.random.percent(plan.optional.max(50)) {
            let name = ["x-inner", "Inner Name", "a"][self.random.below(3)];
            let metadata = match self.random.below(3) {
                0 => json!({"name": name}),
                1 => json!({"name": name, "namespace": "inner", "labels": {"a": "b"}}),
                _ => json!({"generateName": "x", "annotations": {"a/b": "c d"}}),
            };
            map.insert("metadata".to_owned(), metadata);
        }
    }
}

/// The fields that a resource has without declaring them.
fn is_meta(name: &str) -> bool {
    matches!(name, "apiVersion" | "kind" | "metadata")
}

/// How many fields there are once defaults are in.
fn count(map: &Map<String, Value>, schema: &Schema) -> usize {
    let defaults = schema.properties.iter().filter(|(name, property)| {
        property
            .default
            .as_ref()
            .is_some_and(|given| !given.is_null())
            && !map.contains_key(*name)
    });
    map.len() + defaults.count()
}
