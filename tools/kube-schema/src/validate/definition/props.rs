//! Objects as Go holds them: a field that is not there, null and the zero of its
//! type are the same, but where Go keeps a pointer.

use serde_json::{Map, Value};
use std::sync::LazyLock;

static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

/// The fields of an object, none if there is no object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Props<'v>(&'v Map<String, Value>);

impl<'v> Props<'v> {
    pub fn of(value: &'v Value) -> Self {
        Self(value.as_object().unwrap_or(&NOTHING))
    }

    /// What is there and no null: a pointer.
    pub fn get(self, name: &str) -> Option<&'v Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn text(self, name: &str) -> &'v str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn flag(self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    pub fn object(self, name: &str) -> Self {
        self.child(name).unwrap_or(Self(&NOTHING))
    }

    /// A pointer to an object.
    pub fn child(self, name: &str) -> Option<Self> {
        Some(Self(self.get(name)?.as_object()?))
    }

    pub fn list(self, name: &str) -> &'v [Value] {
        self.get(name)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    pub fn objects(self, name: &str) -> impl Iterator<Item = Self> {
        self.list(name).iter().map(Self::of)
    }

    pub fn texts(self, name: &str) -> impl Iterator<Item = &'v str> {
        self.list(name)
            .iter()
            .map(|text| text.as_str().unwrap_or_default())
    }

    /// The schemas of fields by name.
    pub fn fields(self, name: &str) -> impl Iterator<Item = (&'v str, Self)> {
        let map = self.object(name).0;
        map.iter()
            .map(|(name, value)| (name.as_str(), Self::of(value)))
    }

    pub fn names(self) -> impl Iterator<Item = &'v str> {
        self.0.keys().map(String::as_str)
    }

    pub fn to_value(self) -> Value {
        Value::Object(self.0.clone())
    }
}

/// Whether Go holds nothing: neither of a pointer.
pub(super) fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Number(_) => false,
    }
}
