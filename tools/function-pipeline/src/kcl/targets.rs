//! What each target does with the objects of a program (function-kcl's
//! `ProcessResources`).

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    input::{Base, Target},
    meta::{self, Meta},
};
use crate::{
    field_path::{FieldPath, PathError},
    go::{self, Object},
    merge::merge,
    object,
    protocol::{Details, Ready},
};

const NAME: &str = "krm.kcl.dev/composition-resource-name";
const READY: &str = "krm.kcl.dev/ready";

/// A desired composed resource.
#[derive(Debug, Clone, Default)]
pub(super) struct Desired {
    pub(super) object: Object,
    pub(super) ready: Ready,
}

/// What a step works on, and what it leaves.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// The desired XR.
    pub(super) composite: Object,
    pub(super) details: Details,
    pub(super) desired: BTreeMap<String, Desired>,
    pub(super) meta: Meta,
    pub(super) warnings: Vec<String>,
}

impl Work {
    /// Applies the objects of a program. `observed` is the observed XR.
    pub(super) fn apply(
        &mut self,
        target: Target,
        objects: Vec<Object>,
        bases: &[Base],
        observed: &Object,
    ) -> Result<(), String> {
        for object in &objects {
            self.warn_of_lost_strings(object);
        }
        match target {
            Target::Default => objects
                .into_iter()
                .try_fold(Seen::default(), |seen, object| {
                    self.take(object, observed, seen)
                })
                .map(|_| ()),
            Target::Resources => {
                self.add(objects)?;
                self.read_ready()
            }
            Target::PatchDesired => {
                self.patch(objects)?;
                self.read_ready()
            }
            Target::PatchResources => {
                self.set_bases(bases);
                self.patch(objects)?;
                self.read_ready()
            }
            Target::Xr => objects
                .into_iter()
                .try_for_each(|object| self.patch_composite(object)),
        }
    }

    /// Default: the XR's status, a meta object, or a resource that replaces the
    /// desired one of its name.
    fn take(&mut self, object: Object, observed: &Object, seen: Seen) -> Result<Seen, String> {
        let of = |object: &Object| {
            let text = |key| object::string(object, &[key]).to_owned();
            (text("apiVersion"), text("kind"))
        };
        let identity = of(&object);
        if identity == of(observed) {
            self.merge_status(&object)?;
            return Ok(seen);
        }
        if identity.0 == meta::API_VERSION {
            self.meta.take(&object, &mut self.details)?;
            return Ok(seen);
        }
        let mut desired = Desired {
            object,
            ready: Ready::Unspecified,
        };
        read_ready(&mut desired)?;
        let name = take_name(&mut desired.object);
        let seen = seen.add(&name, &desired.object)?;
        self.desired.insert(name, desired);
        Ok(seen)
    }

    fn merge_status(&mut self, object: &Object) -> Result<(), String> {
        let mut status = status(&self.composite, "cannot get desired composite status")?;
        let added = self::status(object, "cannot get templated composite status")?;
        let status = match (status.take(), added) {
            (None, None) => Value::Null,
            (status, added) => {
                let mut status = status.unwrap_or_default();
                merge(&mut status, added.unwrap_or_default());
                Value::Object(status)
            }
        };
        self.composite.insert("status".to_owned(), status);
        Ok(())
    }

    /// Resources: a shallow merge over an earlier desired resource.
    fn add(&mut self, objects: Vec<Object>) -> Result<(), String> {
        let mut seen = Seen::default();
        for mut object in objects {
            let name = take_name(&mut object);
            seen = seen.add(&name, &object)?;
            let mut merged = self
                .desired
                .remove(&name)
                .map(|desired| desired.object)
                .unwrap_or_default();
            merged.extend(object);
            let desired = Desired {
                object: merged,
                ready: Ready::Unspecified,
            };
            self.desired.insert(name, desired);
        }
        Ok(())
    }

    fn set_bases(&mut self, bases: &[Base]) {
        for base in bases {
            let object = match &base.base {
                Some(Value::Object(object)) => object.clone(),
                _ => Object::new(),
            };
            let desired = Desired {
                object,
                ready: Ready::Unspecified,
            };
            self.desired.insert(base.name.clone(), desired);
        }
    }

    /// PatchDesired: every object must match a desired resource.
    fn patch(&mut self, objects: Vec<Object>) -> Result<(), String> {
        let total = objects.len();
        let mut patches = Vec::new();
        for mut object in objects {
            let name = take_name(&mut object);
            if self.desired.contains_key(&name) {
                patches.push((name, object));
            }
        }
        if patches.len() != total {
            let found = patches.len();
            return Err(format!(
                "failed to match all resources, found {found} / {total} patches"
            ));
        }
        for (name, patch) in patches {
            let warnings = dotted_keys(&patch);
            self.warnings.extend(warnings);
            if let Some(desired) = self.desired.get_mut(&name) {
                set_leaves(
                    &mut desired.object,
                    &patch,
                    &["apiVersion", "kind", "metadata.name"],
                )
                .map_err(|error| {
                    format!("cannot set data existing desired composed object: {error}")
                })?;
            }
        }
        Ok(())
    }

    fn patch_composite(&mut self, object: Object) -> Result<(), String> {
        self.warnings.extend(dotted_keys(&object));
        set_leaves(&mut self.composite, &object, &[])
            .map_err(|error| format!("cannot set data on xr: {error}"))
    }

    /// The readiness that the desired resources are annotated with.
    fn read_ready(&mut self) -> Result<(), String> {
        self.desired.values_mut().try_for_each(read_ready)
    }

    fn warn_of_lost_strings(&mut self, object: &Object) {
        for field in ["annotations", "labels"] {
            let entries = object::nested(object, &["metadata", field]).and_then(Value::as_object);
            let wrong = entries
                .into_iter()
                .flatten()
                .find(|(_, value)| !value.is_string() && !value.is_null());
            if let Some((key, value)) = wrong {
                let (kind, name) = (object::string(object, &["kind"]), object::name(object));
                self.warnings.push(format!(
                    "{kind} {name:?}: metadata.{field}[{key:?}] is {}, not a string, so all its \
                     {field} are lost; write {:?}",
                    go::to_json(value),
                    go::to_json(value)
                ));
            }
        }
    }
}

/// The status of an object: none if it is null, empty if it has none.
fn status(object: &Object, what: &str) -> Result<Option<Object>, String> {
    match object.get("status") {
        None => Ok(Some(Object::new())),
        Some(Value::Null) => Ok(None),
        Some(Value::Object(status)) => Ok(Some(status.clone())),
        Some(other) => Err(format!(
            "{what}: cannot unmarshal value from JSON: json: cannot unmarshal {} into Go value of \
             type map[string]interface {{}}",
            go::json_kind(other)
        )),
    }
}

/// The name of a composed resource; the annotation that says it is taken off.
fn take_name(object: &mut Object) -> String {
    let name = object::annotation(object, NAME);
    let name = name.unwrap_or_else(|| object::name(object).to_owned());
    object::remove_annotation(object, NAME);
    name
}

fn read_ready(desired: &mut Desired) -> Result<(), String> {
    let Some(word) = object::annotation(&desired.object, READY) else {
        return Ok(());
    };
    desired.ready = match word.as_str() {
        "True" => Ready::True,
        "False" => Ready::False,
        "Unspecified" => Ready::Unspecified,
        _ => {
            return Err(format!(
                "invalid function input: invalid {} annotation value {}: must be True, False, or \
                 Unspecified",
                go::quoted(READY),
                go::quoted(&word)
            ));
        }
    };
    object::remove_annotation(&mut desired.object, READY);
    Ok(())
}

/// The names of one step, each with the kind and name of its resource.
#[derive(Debug, Default)]
struct Seen(BTreeMap<String, String>);

impl Seen {
    fn add(mut self, name: &str, object: &Object) -> Result<Self, String> {
        let kind = object::string(object, &["kind"]);
        let shown = format!("{kind}/{}", object::name(object));
        if let Some(other) = self.0.get(name) {
            let name = go::quoted(name);
            return Err(format!(
                "multiple composed resources with name {name} returned: {other} and {shown}. Set \
                 different metadata.name or metadata.annotations.\"{NAME}\" to distinguish them."
            ));
        }
        self.0.insert(name.to_owned(), shown);
        Ok(self)
    }
}

/// Sets every leaf of the data at its path, but for the `kept` paths. Empty
/// maps and lists have no leaves.
fn set_leaves(into: &mut Object, data: &Object, kept: &[&str]) -> Result<(), String> {
    let mut leaves = Vec::new();
    collect_fields(data, "", &mut leaves);
    for (path, value) in leaves {
        let path = path.strip_prefix('.').unwrap_or(&path);
        if !kept.contains(&path) {
            set_leaf(into, path, value)?;
        }
    }
    Ok(())
}

fn set_leaf(into: &mut Object, path: &str, value: &Value) -> Result<(), String> {
    let shown = || format!("{path}:{}", go::formatted(value));
    let parsed = FieldPath::parse(path);
    let parsed = parsed.map_err(|error| format!("getting {} in xr failed: {error}", shown()))?;
    if let Err(PathError::Wrong(error)) = parsed.get(into) {
        return Err(format!("getting {} in xr failed: {error}", shown()));
    }
    parsed
        .set(into, value.clone())
        .map_err(|error| format!("setting {} in dxr failed: {error}", shown()))
}

fn collect_fields<'v>(object: &'v Object, path: &str, leaves: &mut Vec<(String, &'v Value)>) {
    // Keys of labels and annotations hold dots and slashes.
    let is_wrapped = path.ends_with(".metadata.annotations") || path.ends_with(".metadata.labels");
    for (key, value) in go::sorted(object) {
        let path = if is_wrapped {
            format!("{path}[{key}]")
        } else {
            format!("{path}.{key}")
        };
        collect(value, path, leaves);
    }
}

fn collect<'v>(value: &'v Value, path: String, leaves: &mut Vec<(String, &'v Value)>) {
    match value {
        Value::Object(object) => collect_fields(object, &path, leaves),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{path}[{index}]"), leaves);
            }
        }
        leaf => leaves.push((path, leaf)),
    }
}

/// A warning for each key that a patch reads as a path.
fn dotted_keys(patch: &Object) -> Vec<String> {
    let mut found = Vec::new();
    find_dotted(patch, "", &mut found);
    let warning = |key: String| {
        format!(
            "the key {key:?} of a patch is read as a path, so its value lands elsewhere; dots and \
             brackets are safe in metadata.labels and metadata.annotations only"
        )
    };
    found.into_iter().map(warning).collect()
}

fn find_dotted(object: &Object, path: &str, found: &mut Vec<String>) {
    let is_wrapped = path.ends_with(".metadata.annotations") || path.ends_with(".metadata.labels");
    for (key, value) in object {
        if !is_wrapped && key.contains(['.', '[', ']']) {
            found.push(key.clone());
        }
        find_dotted_below(value, &format!("{path}.{key}"), found);
    }
}

fn find_dotted_below(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => find_dotted(object, path, found),
        Value::Array(items) => items
            .iter()
            .for_each(|item| find_dotted_below(item, path, found)),
        _ => {}
    }
}
