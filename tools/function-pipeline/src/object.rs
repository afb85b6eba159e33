//! What a Kubernetes object says of itself, read and set as apimachinery's
//! `unstructured` does: a value of the wrong type counts as not there, and one
//! annotation or label that is no string makes all of them count so.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::go::Object;

/// Annotations or labels.
pub type Strings = BTreeMap<String, String>;

/// Group, version and kind of an object, as `schema.GroupVersionKind`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupVersionKind {
    /// API group; empty for the core group.
    pub group: String,
    /// Version.
    pub version: String,
    /// Kind.
    pub kind: String,
}

impl GroupVersionKind {
    /// Splits an apiVersion. More than one slash make it empty, the kind too.
    pub fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = match api_version.matches('/').count() {
            0 => ("", api_version),
            1 => api_version.split_once('/').unwrap_or_default(),
            _ => return Self::default(),
        };
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
        }
    }

    /// Of an object.
    pub fn of(object: &Object) -> Self {
        Self::new(string(object, &["apiVersion"]), string(object, &["kind"]))
    }

    /// `group/version`, or the version alone.
    pub fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }
}

/// As Go prints it: `group/version, Kind=K`.
impl std::fmt::Display for GroupVersionKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}, Kind={}", self.group, self.version, self.kind)
    }
}

/// The value at a path of keys; none past anything that is no object.
pub fn nested<'o>(object: &'o Object, path: &[&str]) -> Option<&'o Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(object.get(*first)?, |value, key| {
        value.as_object()?.get(*key)
    })
}

/// The string at a path, else the empty one.
pub fn string<'o>(object: &'o Object, path: &[&str]) -> &'o str {
    nested(object, path)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// metadata.name.
pub fn name(object: &Object) -> &str {
    string(object, &["metadata", "name"])
}

/// metadata.namespace.
pub fn namespace(object: &Object) -> &str {
    string(object, &["metadata", "namespace"])
}

/// metadata.uid.
pub fn uid(object: &Object) -> &str {
    string(object, &["metadata", "uid"])
}

/// metadata.generation.
pub fn generation(object: &Object) -> i64 {
    nested(object, &["metadata", "generation"])
        .and_then(Value::as_i64)
        .unwrap_or_default()
}

/// Annotations or labels; none if there are none or one of them is no string. A
/// null is the empty one (`NestedNullCoercingStringMap`).
fn strings(object: &Object, field: &str) -> Option<Strings> {
    let entries = nested(object, &["metadata", field])?.as_object()?;
    let text = |value: &Value| match value {
        Value::Null => Some(String::new()),
        value => value.as_str().map(str::to_owned),
    };
    entries
        .iter()
        .map(|(key, value)| Some((key.clone(), text(value)?)))
        .collect()
}

/// metadata.annotations.
pub fn annotations(object: &Object) -> Option<Strings> {
    strings(object, "annotations")
}

/// metadata.labels.
pub fn labels(object: &Object) -> Option<Strings> {
    strings(object, "labels")
}

/// One annotation.
pub fn annotation(object: &Object, key: &str) -> Option<String> {
    annotations(object)?.remove(key)
}

/// One label.
pub fn label(object: &Object, key: &str) -> Option<String> {
    labels(object)?.remove(key)
}

/// Adds annotations to those that count.
pub fn add_annotations<const N: usize>(object: &mut Object, added: [(&str, &str); N]) {
    add(object, "annotations", added);
}

/// Adds labels to those that count.
pub fn add_labels<const N: usize>(object: &mut Object, added: [(&str, &str); N]) {
    add(object, "labels", added);
}

fn add<const N: usize>(object: &mut Object, field: &str, added: [(&str, &str); N]) {
    let mut all = strings(object, field).unwrap_or_default();
    all.extend(
        added
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    set_metadata(object, field, json!(all));
}

/// Takes annotations off, if any count.
pub fn remove_annotation(object: &mut Object, key: &str) {
    if let Some(mut all) = annotations(object) {
        all.remove(key);
        set_metadata(object, "annotations", json!(all));
    }
}

/// Takes labels off, if any count.
pub fn remove_labels(object: &mut Object, keys: &[&str]) {
    if let Some(mut all) = labels(object) {
        all.retain(|key, _| !keys.contains(&key.as_str()));
        set_metadata(object, "labels", json!(all));
    }
}

/// Sets metadata.name; the empty one takes it away.
pub fn set_name(object: &mut Object, name: &str) {
    set_text(object, "name", name);
}

/// Sets metadata.generateName; the empty one takes it away.
pub fn set_generate_name(object: &mut Object, prefix: &str) {
    set_text(object, "generateName", prefix);
}

/// Sets metadata.namespace; the empty one takes it away.
pub fn set_namespace(object: &mut Object, namespace: &str) {
    set_text(object, "namespace", namespace);
}

/// Sets metadata.uid; the empty one takes it away.
pub fn set_uid(object: &mut Object, uid: &str) {
    set_text(object, "uid", uid);
}

/// Sets metadata.resourceVersion.
pub fn set_resource_version(object: &mut Object, version: &str) {
    set_text(object, "resourceVersion", version);
}

fn set_text(object: &mut Object, field: &str, text: &str) {
    if !text.is_empty() {
        set_metadata(object, field, Value::from(text));
    } else if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        metadata.shift_remove(field);
    }
}

/// Sets a field of the metadata; metadata that is no object stays as it is.
fn set_metadata(object: &mut Object, field: &str, value: Value) {
    let metadata = object
        .entry("metadata")
        .or_insert_with(|| Value::Object(Object::new()));
    if let Value::Object(metadata) = metadata {
        metadata.insert(field.to_owned(), value);
    }
}

/// Sets apiVersion and kind.
pub fn set_group_version_kind(object: &mut Object, of: &GroupVersionKind) {
    object.insert("apiVersion".to_owned(), Value::from(of.api_version()));
    object.insert("kind".to_owned(), Value::from(of.kind.as_str()));
}

/// An entry of metadata.ownerReferences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnerReference {
    /// The owner's apiVersion.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: String,
    /// Whether it controls the object, if it says.
    pub controller: Option<bool>,
    /// Whether it blocks the owner's deletion, if it says.
    pub block_owner_deletion: Option<bool>,
}

impl OwnerReference {
    fn read(value: &Value) -> Option<Self> {
        let entry = value.as_object()?;
        let text = |key: &str| string(entry, &[key]).to_owned();
        let flag = |key: &str| entry.get(key).and_then(Value::as_bool);
        Some(Self {
            api_version: text("apiVersion"),
            kind: text("kind"),
            name: text("name"),
            uid: text("uid"),
            controller: flag("controller"),
            block_owner_deletion: flag("blockOwnerDeletion"),
        })
    }

    fn write(&self) -> Value {
        let mut entry = json!({
            "apiVersion": self.api_version, "kind": self.kind, "name": self.name, "uid": self.uid,
        });
        if let Some(controller) = self.controller {
            entry["controller"] = Value::from(controller);
        }
        if let Some(block) = self.block_owner_deletion {
            entry["blockOwnerDeletion"] = Value::from(block);
        }
        entry
    }
}

/// metadata.ownerReferences; none if one of them is no object.
pub fn owner_references(object: &Object) -> Vec<OwnerReference> {
    nested(object, &["metadata", "ownerReferences"])
        .and_then(Value::as_array)
        .and_then(|entries| entries.iter().map(OwnerReference::read).collect())
        .unwrap_or_default()
}

/// The owner that controls the object.
pub fn controller(object: &Object) -> Option<OwnerReference> {
    owner_references(object)
        .into_iter()
        .find(|owner| owner.controller == Some(true))
}

/// Makes `owner` the controller of the object, in place of an entry with its uid.
///
/// # Errors
/// If another object controls it already.
pub fn add_controller(object: &mut Object, owner: &OwnerReference) -> Result<(), String> {
    if let Some(other) = controller(object).filter(|other| other.uid != owner.uid) {
        return Err(format!(
            "{} is already controlled by {} {} (UID {})",
            name(object),
            other.kind,
            other.name,
            other.uid
        ));
    }
    let mut owners = owner_references(object);
    match owners.iter_mut().find(|other| other.uid == owner.uid) {
        Some(same) => *same = owner.clone(),
        None => owners.push(owner.clone()),
    }
    let entries: Vec<Value> = owners.iter().map(OwnerReference::write).collect();
    set_metadata(object, "ownerReferences", Value::Array(entries));
    Ok(())
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn object(value: Value) -> Object {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn one_value_that_is_no_string_loses_all_annotations() {
        let mut bed = object(json!({"metadata": {"annotations": {"a": "1", "b": 2}}}));
        assert_eq!(annotations(&bed), None);
        remove_annotation(&mut bed, "a");
        assert_eq!(bed["metadata"]["annotations"], json!({"a": "1", "b": 2}));
        add_annotations(&mut bed, [("c", "3")]);
        assert_eq!(bed["metadata"]["annotations"], json!({"c": "3"}));
    }

    #[test]
    fn a_name_that_is_no_string_is_none() {
        assert_eq!(name(&object(json!({"metadata": {"name": 5}}))), "");
        assert_eq!(name(&object(json!({"metadata": "x"}))), "");
    }

    #[test]
    fn metadata_that_is_no_object_takes_nothing() {
        let mut bed = object(json!({"metadata": null}));
        set_name(&mut bed, "a");
        assert_eq!(bed["metadata"], Value::Null);
    }

    #[test]
    fn an_api_version_is_read_as_apimachinery_does() {
        let read = |text: &str| GroupVersionKind::new(text, "K").to_string();
        assert_eq!(read("v1"), "/v1, Kind=K");
        assert_eq!(read("a.b/v1"), "a.b/v1, Kind=K");
        assert_eq!(read("a/b/c"), "/, Kind=");
        assert_eq!(GroupVersionKind::new("/v1", "K").api_version(), "v1");
    }

    #[test]
    fn an_object_has_one_controller() {
        let owner = |uid: &str| OwnerReference {
            kind: "Orchard".into(),
            name: "pear".into(),
            uid: uid.into(),
            controller: Some(true),
            ..OwnerReference::default()
        };
        let mut bed = object(json!({"metadata": {"name": "bed"}}));
        assert_eq!(add_controller(&mut bed, &owner("1")), Ok(()));
        assert_eq!(add_controller(&mut bed, &owner("1")), Ok(()));
        assert_eq!(owner_references(&bed).len(), 1);
        let error = add_controller(&mut bed, &owner("2"));
        assert_eq!(
            error,
            Err("bed is already controlled by Orchard pear (UID 1)".to_owned())
        );
    }
}
