//! Places in schemas and in values.

use kube_schema::{Additional, Schema};
use serde_json::Value;
use std::fmt;

/// A step from a schema to one of its parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A property.
    Field(String),
    /// `items`.
    Item,
    /// `additionalProperties`.
    Value,
}

/// A place in a schema, from its root.
pub type SchemaPath = Vec<Step>;

/// The schema at a place.
pub fn schema_at<'s>(root: &'s Schema, place: &[Step]) -> Option<&'s Schema> {
    place
        .iter()
        .try_fold(root, |schema, step| schema_below(schema, step))
}

/// One step further.
pub fn schema_below<'s>(schema: &'s Schema, step: &Step) -> Option<&'s Schema> {
    match (step, &schema.additional_properties) {
        (Step::Field(name), _) => schema.property(name),
        (Step::Item, _) => schema.items.as_deref(),
        (Step::Value, Some(Additional::Schema(below))) => Some(below),
        (Step::Value, _) => None,
    }
}

/// The schema at a place, to change.
pub fn schema_at_mut<'s>(root: &'s mut Schema, place: &[Step]) -> Option<&'s mut Schema> {
    place.iter().try_fold(root, |schema, step| match step {
        Step::Field(name) => schema.properties.get_mut(name).map(Box::as_mut),
        Step::Item => schema.items.as_deref_mut(),
        Step::Value => match &mut schema.additional_properties {
            Some(Additional::Schema(below)) => Some(below.as_mut()),
            _ => None,
        },
    })
}

/// Every place of a schema, each before those below it.
pub fn places(root: &Schema) -> Vec<SchemaPath> {
    let mut found = Vec::new();
    collect(root, &mut Vec::new(), &mut found);
    found
}

fn collect(schema: &Schema, at: &mut SchemaPath, found: &mut Vec<SchemaPath>) {
    found.push(at.clone());
    let fields = schema.properties.keys().cloned().map(Step::Field);
    for step in fields.chain([Step::Item, Step::Value]) {
        if let Some(below) = schema_below(schema, &step) {
            at.push(step);
            collect(below, at, found);
            at.pop();
        }
    }
}

/// A step from a value to one in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A field, or a key of a map.
    Field(String),
    /// An element of a list.
    Index(usize),
}

/// A place in a value, from its root; displayed as the API server does:
/// `spec.rules[0].host`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValuePath(pub Vec<Segment>);

impl ValuePath {
    /// One field further.
    pub fn field(&self, name: &str) -> Self {
        self.then(Segment::Field(name.to_owned()))
    }

    /// One element further.
    pub fn index(&self, index: usize) -> Self {
        self.then(Segment::Index(index))
    }

    fn then(&self, segment: Segment) -> Self {
        let mut path = self.clone();
        path.0.push(segment);
        path
    }

    /// The value there.
    pub fn get<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        self.0
            .iter()
            .try_fold(root, |value, segment| match segment {
                Segment::Field(name) => value.get(name),
                Segment::Index(index) => value.get(index),
            })
    }

    /// Another value there; none if there is no such place.
    pub fn replaced(&self, root: &Value, with: Value) -> Option<Value> {
        let mut root = root.clone();
        let place = self
            .0
            .iter()
            .try_fold(&mut root, |value, segment| match segment {
                Segment::Field(name) => value.get_mut(name),
                Segment::Index(index) => value.get_mut(index),
            });
        *place? = with;
        Some(root)
    }

    /// The value with one more field there.
    pub fn extended(&self, root: &Value, name: &str, with: Value) -> Option<Value> {
        let mut map = self.get(root)?.as_object()?.clone();
        map.insert(name.to_owned(), with);
        self.replaced(root, Value::Object(map))
    }

    /// The value without what is there; none if that is no field or element.
    pub fn removed(&self, root: &Value) -> Option<Value> {
        let (last, before) = self.0.split_last()?;
        let parent = Self(before.to_vec());
        let mut value = parent.get(root)?.clone();
        match (last, &mut value) {
            (Segment::Field(name), Value::Object(map)) => drop(map.shift_remove(name)?),
            (Segment::Index(index), Value::Array(items)) if *index < items.len() => {
                items.remove(*index);
            }
            _ => return None,
        }
        parent.replaced(root, value)
    }
}

impl fmt::Display for ValuePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(name) if i == 0 => f.write_str(name)?,
                Segment::Field(name) => write!(f, ".{name}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// The first value at a schema's place.
pub fn find(root: &Value, schema: &Schema, place: &[Step]) -> Option<ValuePath> {
    find_all(root, schema, place).into_iter().next()
}

/// Every value at a schema's place.
pub fn find_all(root: &Value, schema: &Schema, place: &[Step]) -> Vec<ValuePath> {
    let mut found = Vec::new();
    each_at(root, schema, place, &ValuePath::default(), &mut |path| {
        found.push(path.clone());
    });
    found
}

fn each_at(
    value: &Value,
    schema: &Schema,
    place: &[Step],
    at: &ValuePath,
    visit: &mut impl FnMut(&ValuePath),
) {
    let Some((step, rest)) = place.split_first() else {
        return visit(at);
    };
    for (path, below, taken) in below(value, schema, at) {
        if taken == *step
            && let Some(next) = schema_below(schema, step)
        {
            each_at(below, next, rest, &path, visit);
        }
    }
}

/// What lies in a value, each with the step that its schema takes.
fn below<'v>(
    value: &'v Value,
    schema: &Schema,
    at: &ValuePath,
) -> Vec<(ValuePath, &'v Value, Step)> {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| {
                let step = if schema.properties.contains_key(name) {
                    Step::Field(name.clone())
                } else {
                    Step::Value
                };
                (at.field(name), value, step)
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(i, item)| (at.index(i), item, Step::Item))
            .collect(),
        _ => Vec::new(),
    }
}

/// A part of a value, and the schema that it has.
#[derive(Debug, Clone)]
pub struct Node<'s> {
    /// Where it is.
    pub path: ValuePath,
    /// Its schema.
    pub schema: &'s Schema,
}

/// Every part of a value that has a schema, and the value itself.
pub fn nodes<'s>(value: &Value, schema: &'s Schema, at: &ValuePath) -> Vec<Node<'s>> {
    let mut found = vec![Node {
        path: at.clone(),
        schema,
    }];
    for (path, value, step) in below(value, schema, at) {
        if let Some(next) = schema_below(schema, &step) {
            found.extend(nodes(value, next, &path));
        }
    }
    found
}

impl Node<'_> {
    /// Whether a name of these is on the way to it.
    pub fn is_named(&self, names: &std::collections::BTreeSet<String>) -> bool {
        self.path.0.iter().any(|segment| match segment {
            Segment::Field(name) => names.contains(name),
            Segment::Index(_) => false,
        })
    }
}
