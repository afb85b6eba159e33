//! A value beside the one that it replaces (apiserver, `pkg/cel/common/equality.go`
//! and `maplist.go`). What an update leaves as it was is not held against it;
//! which values belong together is said here.

use super::numbers::Number;
use crate::{ListType, Schema, Type};
use serde_json::Value;

/// A value, what it was, and the schema of both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Correlated<'v> {
    pub value: &'v Value,
    pub old: &'v Value,
    schema: &'v Schema,
}

impl<'v> Correlated<'v> {
    pub fn new(value: &'v Value, old: &'v Value, schema: &'v Schema) -> Self {
        Self { value, old, schema }
    }

    /// A field that both have and the schema knows.
    pub fn key(self, name: &str) -> Option<Self> {
        let (value, old) = (self.value.get(name)?, self.old.get(name)?);
        Some(Self::new(value, old, self.schema.field(name)?))
    }

    /// An element of a list with keys; those of other lists belong to none.
    pub fn index(self, index: usize) -> Option<Self> {
        let (values, olds) = (self.value.as_array()?, self.old.as_array()?);
        let value = values.get(index)?;
        let old = element_with_keys_of(self.schema, olds, value)?;
        Some(Self::new(value, old, self.schema.items.as_deref()?))
    }

    /// Whether nothing was changed. An object with a field that the schema does not
    /// know counts as changed.
    pub fn is_unchanged(self) -> bool {
        match (self.value, self.old) {
            (Value::Array(values), Value::Array(olds)) => {
                values.len() == olds.len() && self.elements_unchanged(values, olds)
            }
            (Value::Object(fields), Value::Object(old)) => {
                let is_kept = |name: &String| self.key(name).is_some_and(Self::is_unchanged);
                fields.len() == old.len() && fields.keys().all(is_kept)
            }
            (value, old) => is_same(value, old),
        }
    }

    fn elements_unchanged(self, values: &[Value], olds: &[Value]) -> bool {
        match self.schema.list_type {
            Some(ListType::Map) => {
                (0..values.len()).all(|i| self.index(i).is_some_and(Self::is_unchanged))
            }
            _ => values.iter().zip(olds).all(|(a, b)| is_same(a, b)),
        }
    }
}

/// The element that has the keys of this one, in a list that has keys.
pub(super) fn element_with_keys_of<'v>(
    schema: &Schema,
    olds: &'v [Value],
    value: &Value,
) -> Option<&'v Value> {
    let is_map = schema.value_type == Some(Type::Array) && schema.list_type == Some(ListType::Map);
    if !is_map || schema.list_map_keys.is_empty() {
        return None;
    }
    let has_keys = |element: &Value| {
        element.is_object()
            && schema.list_map_keys.iter().all(|key| {
                let (old, new) = (element.get(key), value.get(key));
                old.zip(new).is_some_and(|(a, b)| is_same_key(a, b))
            })
    };
    value.as_object()?;
    olds.iter().find(|element| has_keys(element))
}

/// Scalars alone tell elements apart.
fn is_same_key(a: &Value, b: &Value) -> bool {
    let is_scalar = matches!(a, Value::Bool(_) | Value::Number(_) | Value::String(_));
    is_scalar && is_same(a, b)
}

/// Go's `reflect.DeepEqual`: 1 and 1.0 differ.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Number::of(a) == Number::of(b),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let is_kept = |(name, a): (&String, &Value)| b.get(name).is_some_and(|b| is_same(a, b));
            a.len() == b.len() && a.iter().all(is_kept)
        }
        (a, b) => a == b,
    }
}

/// How near a value is to what it replaces, for rules of CEL: errors at what
/// belongs to no old value are judged by the nearest value above that does.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Nearest<'v> {
    current: Option<Correlated<'v>>,
    above: Option<Correlated<'v>>,
}

impl<'v> Nearest<'v> {
    pub fn root(object: Option<Correlated<'v>>) -> Self {
        Self {
            current: object,
            above: None,
        }
    }

    pub fn key(self, name: &str) -> Self {
        let Some(current) = self.current else {
            return self;
        };
        // Both versions of the object are converted to the same type.
        if self.above.is_none() && matches!(name, "apiVersion" | "kind") {
            return Self::default();
        }
        Self {
            current: current.key(name),
            above: Some(current),
        }
    }

    pub fn index(self, index: usize) -> Self {
        let Some(current) = self.current else {
            return self;
        };
        Self {
            current: current.index(index),
            above: Some(current),
        }
    }

    /// Of what stands below `allOf`.
    pub fn in_branch(self) -> Self {
        Self {
            current: None,
            ..self
        }
    }

    /// Whether nothing changed here.
    pub fn is_unchanged(self) -> bool {
        self.current
            .or(self.above)
            .is_some_and(Correlated::is_unchanged)
    }
}
