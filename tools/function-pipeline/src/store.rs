//! The client in memory that a reconcile runs against (`internal/render`
//! InMemoryClient): what there is, and what was written.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    go::Object,
    object::{self, GroupVersionKind},
    protocol::{Match, Selector},
};

/// Where an object is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) kind: GroupVersionKind,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Key {
    pub(crate) fn of(object: &Object) -> Self {
        Self {
            kind: GroupVersionKind::of(object),
            namespace: object::namespace(object).to_owned(),
            name: object::name(object).to_owned(),
        }
    }

    /// The key of a core/v1 Secret.
    pub(crate) fn secret(namespace: &str, name: &str) -> Self {
        Self {
            kind: GroupVersionKind::new("v1", "Secret"),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }
}

/// The objects, and the writes in their order.
#[derive(Debug, Default)]
pub(crate) struct Store {
    objects: BTreeMap<Key, Object>,
    pub(crate) applied: Vec<Object>,
    pub(crate) updated: Vec<Object>,
    pub(crate) deleted: Vec<Object>,
}

impl Store {
    /// A store of these objects; of two with one key the last counts.
    pub(crate) fn new(objects: impl IntoIterator<Item = Object>) -> Self {
        Self {
            objects: objects
                .into_iter()
                .map(|object| (Key::of(&object), object))
                .collect(),
            ..Self::default()
        }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Object> {
        self.objects.get(key)
    }

    /// Stores an object as an update.
    pub(crate) fn update(&mut self, object: &Object) {
        self.objects.insert(Key::of(object), object.clone());
        self.updated.push(object.clone());
    }

    /// Stores an object as server-side apply would send it: not merged.
    pub(crate) fn apply(&mut self, object: Object) {
        self.objects.insert(Key::of(&object), object.clone());
        self.applied.push(object);
    }

    pub(crate) fn delete(&mut self, object: &Object) {
        if let Some(stored) = self.objects.remove(&Key::of(object)) {
            self.deleted.push(stored);
        }
    }

    /// Puts an object's status into the stored one and gives that.
    pub(crate) fn apply_status(&mut self, object: &Object) -> Object {
        let merged = self.merge_status(object);
        self.applied.push(merged.clone());
        merged
    }

    /// The same as an update.
    pub(crate) fn update_status(&mut self, object: &Object) -> Object {
        let merged = self.merge_status(object);
        self.updated.push(merged.clone());
        merged
    }

    fn merge_status(&mut self, incoming: &Object) -> Object {
        let key = Key::of(incoming);
        let mut merged = match self.objects.get(&key) {
            Some(stored) => stored.clone(),
            None => incoming.clone(),
        };
        for field in ["status", "conditions"] {
            if let Some(value) = incoming.get(field) {
                merged.insert(field.to_owned(), value.clone());
            }
        }
        self.objects.insert(key, merged.clone());
        merged
    }

    /// What a selector matches: none if the one it names is not there
    /// (`ExistingRequiredResourcesFetcher`).
    pub(crate) fn select(&self, selector: &Selector) -> Option<Vec<Object>> {
        let namespace = selector.namespace.clone().unwrap_or_default();
        let labels = match &selector.matching {
            Match::Name(name) => {
                let key = Key {
                    kind: GroupVersionKind::new(&selector.api_version, &selector.kind),
                    namespace,
                    name: name.clone(),
                };
                return self.get(&key).map(|object| vec![object.clone()]);
            }
            Match::Labels(labels) => Some(labels),
            Match::All => None,
        };
        let mut found = self.list(selector, &namespace);
        found.retain(|object| {
            labels.is_none_or(|wanted| {
                let has = object::labels(object).unwrap_or_default();
                wanted
                    .iter()
                    .all(|(key, value)| has.get(key) == Some(value))
            })
        });
        found.sort_by_key(|object| {
            format!("{}/{}", object::namespace(object), object::name(object))
        });
        Some(found)
    }

    /// All of a kind. A kind that ends in List is taken for a list's.
    fn list(&self, selector: &Selector, namespace: &str) -> Vec<Object> {
        let wanted = GroupVersionKind::new(&selector.api_version, &selector.kind);
        let kind = match wanted.kind.strip_suffix("List") {
            Some(item) if !item.is_empty() => item,
            _ => &wanted.kind,
        };
        let same_version = |version: &str| {
            version == wanted.version || version.is_empty() || wanted.version.is_empty()
        };
        self.objects
            .iter()
            .filter(|(key, _)| {
                key.kind.group == wanted.group
                    && key.kind.kind == kind
                    && same_version(&key.kind.version)
                    && (namespace.is_empty() || key.namespace == namespace)
            })
            .map(|(_, object)| object.clone())
            .collect()
    }

    /// The `data` of a Secret, decoded; none if there is no such Secret.
    ///
    /// # Errors
    /// If one of its values is no base64.
    pub(crate) fn secret(&self, key: &Key) -> Result<Option<crate::protocol::Details>, String> {
        let Some(secret) = self.get(key) else {
            return Ok(None);
        };
        let data = secret.get("data").and_then(Value::as_object);
        let entries = data.into_iter().flatten().map(|(name, value)| {
            let bytes = match value {
                Value::Null => Some(Vec::new()),
                Value::String(text) => crate::base64::decode(text).ok(),
                _ => None,
            };
            let wrong = || format!("the value {name:?} of Secret {:?} is no base64", key.name);
            Ok((name.clone(), bytes.ok_or_else(wrong)?))
        });
        entries.collect::<Result<_, _>>().map(Some)
    }
}
