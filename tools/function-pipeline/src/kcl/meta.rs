//! The kinds of `meta.krm.kcl.dev/v1alpha1`: what a program tells the function
//! beside the resources that it composes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    base64,
    go::{self, Object},
    object,
    protocol::{
        Details, FunctionCondition, FunctionResult, Match, Requirements, Selector, Severity, Target,
    },
};

/// The apiVersion of the meta kinds.
pub(super) const API_VERSION: &str = "meta.krm.kcl.dev/v1alpha1";

/// What the meta objects of one step came to.
#[derive(Debug, Default)]
pub(super) struct Meta {
    pub(super) requirements: Requirements,
    pub(super) conditions: Reused<Condition>,
    pub(super) events: Reused<Event>,
    pub(super) context: Object,
    contexts: usize,
    /// Oddities that are plainly bugs.
    pub(super) warnings: Vec<String>,
}

impl Meta {
    /// Takes one meta object in.
    pub(super) fn take(&mut self, meta: &Object, details: &mut Details) -> Result<(), String> {
        match object::string(meta, &["kind"]) {
            "CompositeConnectionDetails" => take_details(meta, details),
            "ExtraResources" => self.take_extra_resources(meta)?,
            "RequiredResources" => self.take_required_resources(meta)?,
            "Conditions" => self.take_conditions(meta)?,
            "Events" => self.take_events(meta)?,
            "Context" => self.take_context(meta)?,
            other => {
                return Err(format!(
                    "invalid kind {} for apiVersion {} - must be CompositeConnectionDetails or \
                     ExtraResources",
                    go::quoted(other),
                    go::quoted(API_VERSION)
                ));
            }
        }
        Ok(())
    }

    fn take_extra_resources(&mut self, meta: &Object) -> Result<(), String> {
        let what = "cannot get extra resources requirements";
        for (key, entry) in selectors(meta, what)? {
            let names = ["matchName", "matchLabels", "matchNamespace"];
            let selector = selector(entry, names, "ExtraResourcesRequirement")
                .map_err(|error| format!("{what}: {error}"))?;
            if self.requirements.extra_resources.contains_key(key) {
                let key = go::quoted(key);
                return Err(format!("duplicate extra resource key {key}"));
            }
            self.requirements
                .extra_resources
                .insert(key.clone(), selector);
        }
        Ok(())
    }

    fn take_required_resources(&mut self, meta: &Object) -> Result<(), String> {
        let what = "cannot get required resources requirements";
        for (key, entry) in selectors(meta, what)? {
            let names = ["name", "matchLabels", "namespace"];
            let selector = selector(entry, names, "RequiredResourcesRequirement")
                .map_err(|error| format!("{what}: {error}"))?;
            if self.requirements.resources.contains_key(key) {
                let key = go::quoted(key);
                return Err(format!("duplicate required resource key {key}"));
            }
            self.requirements.resources.insert(key.clone(), selector);
        }
        Ok(())
    }

    fn take_conditions(&mut self, meta: &Object) -> Result<(), String> {
        let what = "cannot get condition resources";
        let entries = field(meta, "conditions", what)?;
        let inherited = self
            .conditions
            .read(entries, "resource.ConditionResources", what)?;
        self.warn_of_reuse("Conditions", inherited);
        Ok(())
    }

    fn take_events(&mut self, meta: &Object) -> Result<(), String> {
        let what = "cannot get event resources";
        let entries = field(meta, "events", what)?;
        let inherited = self.events.read(entries, "resource.EventResources", what)?;
        self.warn_of_reuse("Events", inherited);
        Ok(())
    }

    fn warn_of_reuse(&mut self, kind: &str, replaced: bool) {
        if replaced {
            self.warnings.push(format!(
                "a second {kind} object replaces the first, and its entries inherit fields that \
                 they leave out from the ones before (function-kcl reuses a slice); give one \
                 {kind} object with all entries"
            ));
        }
    }

    /// Several contexts join at the top level only.
    fn take_context(&mut self, meta: &Object) -> Result<(), String> {
        let what = "cannot get context resource";
        match field(meta, "data", what)? {
            Value::Null => self.context.clear(),
            Value::Object(data) => {
                let overlaps = data.keys().any(|key| self.context.contains_key(key));
                if self.contexts > 0 && overlaps {
                    self.warnings.push(
                        "a second Context object replaces top-level keys of the first instead of \
                         merging them; give one Context object"
                            .to_owned(),
                    );
                }
                self.context.extend(data.clone());
            }
            other => {
                let reason = cannot_unmarshal(other, "Go value of type map[string]interface {}");
                return Err(format!("{what}: {reason}"));
            }
        }
        self.contexts += 1;
        Ok(())
    }
}

/// Connection details that are no base64 are what decodes of them; data with
/// a value that is no string is none.
fn take_details(meta: &Object, details: &mut Details) {
    let data = meta.get("data").and_then(Value::as_object);
    let texts: Option<Vec<(&String, &str)>> = data
        .into_iter()
        .flatten()
        .map(|(key, value)| Some((key, value.as_str()?)))
        .collect();
    for (key, text) in texts.into_iter().flatten() {
        let bytes = base64::decode(text).unwrap_or_else(|before| before);
        details.insert(key.clone(), bytes);
    }
}

fn field<'m>(meta: &'m Object, name: &str, what: &str) -> Result<&'m Value, String> {
    meta.get(name)
        .ok_or_else(|| format!("{what}: {name}: no such field"))
}

fn selectors<'m>(meta: &'m Object, what: &str) -> Result<Vec<(&'m String, &'m Value)>, String> {
    match field(meta, "requirements", what)? {
        Value::Object(entries) => Ok(go::sorted(entries)),
        Value::Null => Ok(Vec::new()),
        other => {
            let reason = cannot_unmarshal(other, "Go value of type resource.Requirements");
            Err(format!("{what}: {reason}"))
        }
    }
}

/// A selector. A name counts before labels; without either all of the kind match.
fn selector(entry: &Value, names: [&str; 3], of: &str) -> Result<Selector, String> {
    let empty = Object::new();
    let entry = match entry {
        Value::Object(entry) => entry,
        Value::Null => &empty,
        other => {
            return Err(cannot_unmarshal(
                other,
                &format!("Go value of type resource.{of}"),
            ));
        }
    };
    let text = |field: &str| text(entry.get(field), of, field);
    let [name, labels, namespace] = names;
    let (name, namespace) = (text(name)?, text(namespace)?);
    let labels = string_map(entry.get(labels), of, labels)?;
    Ok(Selector {
        api_version: text("apiVersion")?,
        kind: text("kind")?,
        matching: if name.is_empty() {
            Match::Labels(labels)
        } else {
            Match::Name(name)
        },
        namespace: Some(namespace).filter(|namespace| !namespace.is_empty()),
    })
}

fn text(value: Option<&Value>, of: &str, field: &str) -> Result<String, String> {
    match value {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Err(cannot_unmarshal(
            other,
            &format!("Go struct field {of}.{field} of type string"),
        )),
    }
}

fn string_map(
    value: Option<&Value>,
    of: &str,
    field: &str,
) -> Result<BTreeMap<String, String>, String> {
    let entries = match value {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(entries)) => entries,
        Some(other) => {
            let place = format!("Go struct field {of}.{field} of type map[string]string");
            return Err(cannot_unmarshal(other, &place));
        }
    };
    let entries = entries
        .iter()
        .map(|(key, value)| Ok((key.clone(), text(Some(value), of, field)?)));
    entries.collect()
}

fn cannot_unmarshal(value: &Value, into: &str) -> String {
    let kind = go::json_kind(value);
    format!("cannot unmarshal value from JSON: json: cannot unmarshal {kind} into {into}")
}

/// A Go slice that is decoded into more than once: a later list takes the place
/// of the earlier one, and each of its entries is decoded over what stood at
/// its index before.
#[derive(Debug, Default)]
pub(super) struct Reused<T> {
    memory: Vec<T>,
    length: usize,
}

/// An entry that can be decoded over an older one.
pub(super) trait Decode: Default {
    /// Takes over what the value has; what it leaves out stays.
    fn decode(&mut self, value: &Value) -> Result<(), String>;
}

impl<T: Decode> Reused<T> {
    /// The entries of the last list.
    pub(super) fn entries(&self) -> &[T] {
        &self.memory[..self.length]
    }

    /// Decodes a list; gives whether it replaced an earlier one.
    fn read(&mut self, value: &Value, of: &str, what: &str) -> Result<bool, String> {
        let replaced = self.length > 0;
        match value {
            Value::Null => *self = Self::default(),
            Value::Array(entries) if entries.is_empty() => *self = Self::default(),
            Value::Array(entries) => {
                for (index, entry) in entries.iter().enumerate() {
                    if index == self.memory.len() {
                        self.memory.push(T::default());
                    }
                    self.memory[index]
                        .decode(entry)
                        .map_err(|error| format!("{what}: {error}"))?;
                }
                self.length = entries.len();
            }
            other => {
                let reason = cannot_unmarshal(other, &format!("Go value of type {of}"));
                return Err(format!("{what}: {reason}"));
            }
        }
        Ok(replaced)
    }
}

/// An entry of a Conditions object.
#[derive(Debug, Default)]
pub(super) struct Condition {
    target: Option<String>,
    force: Option<bool>,
    condition_type: String,
    status: String,
    reason: String,
    message: Option<String>,
}

/// An entry of an Events object.
#[derive(Debug, Default)]
pub(super) struct Event {
    target: Option<String>,
    event_type: Option<String>,
    reason: Option<String>,
    message: String,
}

/// A struct's fields in a value; null changes nothing.
struct Fields<'v> {
    entry: Option<&'v Object>,
    of: &'static str,
}

impl<'v> Fields<'v> {
    fn of(value: Option<&'v Value>, of: &'static str) -> Result<Self, String> {
        match value {
            None | Some(Value::Null) => Ok(Self { entry: None, of }),
            Some(Value::Object(entry)) => Ok(Self {
                entry: Some(entry),
                of,
            }),
            Some(other) => Err(cannot_unmarshal(
                other,
                &format!("Go value of type resource.{of}"),
            )),
        }
    }

    fn get(&self, field: &str) -> Option<&'v Value> {
        self.entry?.get(field)
    }

    fn text(&self, field: &str, into: &mut String) -> Result<(), String> {
        if self.get(field).is_some_and(|value| !value.is_null()) {
            *into = text(self.get(field), self.of, field)?;
        }
        Ok(())
    }

    /// A pointer to text of a Go type.
    fn pointer(&self, field: &str, go_type: &str, into: &mut Option<String>) -> Result<(), String> {
        match self.get(field) {
            None => {}
            Some(Value::Null) => *into = None,
            Some(Value::String(text)) => *into = Some(text.clone()),
            Some(other) => {
                let place = format!("Go struct field {}.{field} of type {go_type}", self.of);
                return Err(cannot_unmarshal(other, &place));
            }
        }
        Ok(())
    }

    fn flag(&self, field: &str, into: &mut Option<bool>) -> Result<(), String> {
        match self.get(field) {
            None => {}
            Some(Value::Null) => *into = None,
            Some(Value::Bool(flag)) => *into = Some(*flag),
            Some(other) => {
                let place = format!("Go struct field {}.{field} of type bool", self.of);
                return Err(cannot_unmarshal(other, &place));
            }
        }
        Ok(())
    }
}

impl Decode for Condition {
    fn decode(&mut self, value: &Value) -> Result<(), String> {
        let outer = Fields::of(Some(value), "ConditionResource")?;
        outer.pointer("target", "resource.BindingTarget", &mut self.target)?;
        outer.flag("force", &mut self.force)?;
        let inner = Fields::of(outer.get("condition"), "Condition.condition")?;
        inner.text("type", &mut self.condition_type)?;
        inner.text("status", &mut self.status)?;
        inner.text("reason", &mut self.reason)?;
        inner.pointer("message", "string", &mut self.message)
    }
}

impl Decode for Event {
    fn decode(&mut self, value: &Value) -> Result<(), String> {
        let outer = Fields::of(Some(value), "CreateEvent")?;
        outer.pointer("target", "resource.BindingTarget", &mut self.target)?;
        let inner = Fields::of(outer.get("event"), "Event.event")?;
        inner.pointer("type", "resource.EventType", &mut self.event_type)?;
        inner.pointer("reason", "string", &mut self.reason)?;
        inner.text("message", &mut self.message)
    }
}

fn target(name: Option<&str>) -> Target {
    match name {
        Some("CompositeAndClaim") => Target::CompositeAndClaim,
        _ => Target::Composite,
    }
}

/// Crossplane's own condition types, as far as function-kcl knows them.
const RESERVED: [&str; 3] = ["Ready", "Synced", "Healthy"];

/// The conditions to set: of one type the first, and each later one that is
/// forced. An error comes with the ones before it.
pub(super) fn conditions(entries: &[Condition]) -> (Vec<FunctionCondition>, Option<String>) {
    let mut set: Vec<FunctionCondition> = Vec::new();
    for entry in entries {
        let name = entry.condition_type.as_str();
        if RESERVED.contains(&name) {
            let error = format!(
                "cannot set ClaimCondition type: {name} is a reserved Crossplane Condition"
            );
            return (set, Some(error));
        }
        let is_set = set.iter().any(|other| other.condition_type == name);
        if is_set && entry.force != Some(true) {
            continue;
        }
        set.push(FunctionCondition {
            condition_type: name.to_owned(),
            status: match entry.status.as_str() {
                known @ ("True" | "False") => known.to_owned(),
                _ => "Unknown".to_owned(),
            },
            reason: entry.reason.clone(),
            message: entry.message.clone(),
            target: target(entry.target.as_deref()),
        });
    }
    (set, None)
}

/// The results that the events stand for. An error comes with the ones before it.
pub(super) fn events(entries: &[Event]) -> (Vec<FunctionResult>, Option<String>) {
    let mut results = Vec::new();
    for entry in entries {
        let severity = match entry.event_type.as_deref() {
            None | Some("Normal") => Severity::Normal,
            Some("Warning") => Severity::Warning,
            Some(other) => {
                let error = format!("invalid type {other}, must be one of [Normal, Warning]");
                return (results, Some(error));
            }
        };
        results.push(FunctionResult {
            severity,
            message: entry.message.clone(),
            reason: entry.reason.clone(),
            target: target(entry.target.as_deref()),
        });
    }
    (results, None)
}
