//! What CEL rules see of values with a schema, and how large these may be
//! (apiserver, `pkg/cel/common/schemas.go`, `SchemaDeclType`, and
//! `pkg/cel/types.go`, `DeclType`).

use crate::{Additional, Schema, Type};
use cel_frontend::{Field, ObjectType, Type as Cel};
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// The most bytes of a request (`pkg/apis/cel/config.go`).
pub(crate) const REQUEST_BYTES: i64 = 3 * 1024 * 1024;

/// The longest name of a resource, and what the server appends to one that it makes up.
const NAME_LENGTH: i64 = 253;
const GENERATED_SUFFIX: i64 = 1;

/// A value as rules see it.
#[derive(Debug)]
pub(crate) struct Declared {
    /// Its type.
    pub ty: Cel,
    /// The most elements of a list, entries of a map or bytes of a text that fit
    /// into a request; 0 of any other value.
    pub most_elements: i64,
    /// The fewest bytes that it takes in a request.
    pub least_bytes: i64,
    parts: Parts,
}

#[derive(Debug)]
enum Parts {
    None,
    /// By the name that rules write.
    Fields(BTreeMap<String, Rc<Declared>>),
    Items(Rc<Declared>),
    Values(Rc<Declared>),
}

impl Declared {
    /// None if no rule can see the value. `is_resource`: whether it is a whole or
    /// an embedded resource, whose apiVersion, kind and name rules always see.
    /// `name` tells its object types apart from those of other schemas.
    pub fn of(schema: &Schema, is_resource: bool, name: &str) -> Option<Self> {
        if schema.int_or_string {
            return Some(int_or_string(schema));
        }
        match schema.value_type? {
            Type::Array => list(schema, name),
            Type::Object => match &schema.additional_properties {
                Some(Additional::Schema(values)) => map(schema, values, name),
                _ => Some(object(schema, is_resource, name)),
            },
            Type::String => Some(text(schema)),
            Type::Boolean => Some(Self::simple(Cel::Bool, 0, 4)),
            Type::Number => Some(Self::simple(Cel::Double, 0, 1)),
            Type::Integer => Some(Self::simple(Cel::Int, 0, 1)),
        }
    }

    fn below(schema: &Schema, name: String) -> Option<Rc<Self>> {
        Self::of(schema, schema.embedded_resource, &name).map(Rc::new)
    }

    fn simple(ty: Cel, most_elements: i64, least_bytes: i64) -> Self {
        Self {
            ty,
            most_elements,
            least_bytes,
            parts: Parts::None,
        }
    }

    /// A field of an object, by the name that rules write.
    pub fn field(&self, name: &str) -> Option<&Rc<Self>> {
        match &self.parts {
            Parts::Fields(fields) => fields.get(name),
            _ => None,
        }
    }

    /// What a list or a map holds.
    pub fn element(&self) -> Option<&Rc<Self>> {
        match &self.parts {
            Parts::Items(element) | Parts::Values(element) => Some(element),
            _ => None,
        }
    }

    /// Whether it is a map, whose keys are texts.
    pub fn has_keys(&self) -> bool {
        matches!(self.parts, Parts::Values(_))
    }
}

fn int_or_string(schema: &Schema) -> Declared {
    let longest = schema.max_length.map(bytes_of);
    Declared::simple(Cel::Dyn, longest.unwrap_or(REQUEST_BYTES - 2), 1)
}

fn list(schema: &Schema, name: &str) -> Option<Declared> {
    let items = Declared::below(schema.items.as_deref()?, format!("{name}[]"))?;
    let fit = (REQUEST_BYTES - 2) / (items.least_bytes + 1);
    Some(Declared {
        ty: Cel::list(items.ty.clone()),
        most_elements: schema.max_items.map_or(fit, |most| most.max(0)),
        least_bytes: 2,
        parts: Parts::Items(items),
    })
}

fn map(schema: &Schema, values: &Schema, name: &str) -> Option<Declared> {
    let values = Declared::below(values, format!("{name}{{}}"))?;
    let fit = (REQUEST_BYTES - 2) / (values.least_bytes + 6);
    Some(Declared {
        ty: Cel::map(Cel::String, values.ty.clone()),
        most_elements: schema.max_properties.map_or(fit, |most| most.max(0)),
        least_bytes: 2,
        parts: Parts::Values(values),
    })
}

fn text(schema: &Schema) -> Declared {
    let longest = schema.max_length;
    match schema.format.as_deref() {
        Some("byte") => {
            let most = longest.map_or(REQUEST_BYTES - 2, |most| most.max(0));
            Declared::simple(Cel::Bytes, most, 2)
        }
        Some("duration") => Declared::simple(Cel::Duration, 32, 3),
        Some("date") => Declared::simple(Cel::Timestamp, 12, 12),
        Some("date-time") => Declared::simple(Cel::Timestamp, 32, 21),
        _ => {
            let most = longest.map(bytes_of).or_else(|| longest_word(schema));
            Declared::simple(Cel::String, most.unwrap_or(REQUEST_BYTES - 2), 2)
        }
    }
}

/// Lengths count code points, of which each takes four bytes at most. Go's
/// product of what is too large wraps around.
fn bytes_of(length: i64) -> i64 {
    length.max(0).wrapping_mul(4)
}

/// In bytes, of those that are listed.
fn longest_word(schema: &Schema) -> Option<i64> {
    let words = schema.enumeration.as_ref().filter(|all| !all.is_empty())?;
    let lengths = words.iter().filter_map(Value::as_str).map(str::len);
    i64::try_from(lengths.max().unwrap_or_default()).ok()
}

fn object(schema: &Schema, is_resource: bool, name: &str) -> Declared {
    let own = (is_resource && !says_who_it_is(schema)).then(|| who_it_is(schema));
    let mut properties: BTreeMap<&str, &Schema> = schema
        .properties
        .iter()
        .map(|(property, schema)| (property.as_str(), schema.as_ref()))
        .collect();
    properties.extend(own.iter().flatten().map(|(name, schema)| (*name, schema)));
    let mut least_bytes = 2;
    let mut fields = BTreeMap::new();
    for (property, below) in properties {
        let Some(field) = Declared::below(below, format!("{name}.{property}")) else {
            continue;
        };
        if is_always_sent(schema, property, below) {
            least_bytes += property.len() as i64 + field.least_bytes + 4;
        }
        if let Some(escaped) = cel_frontend::escape(property) {
            fields.insert(escaped, (property, field));
        }
    }
    Declared {
        ty: object_type(name, &fields),
        most_elements: 0,
        least_bytes,
        parts: Parts::Fields(fields.into_iter().map(|(key, (_, f))| (key, f)).collect()),
    }
}

fn object_type(name: &str, fields: &BTreeMap<String, (&str, Rc<Declared>)>) -> Cel {
    let field = |(escaped, (property, field)): (&String, &(&str, Rc<Declared>))| {
        let name = (*property).to_owned();
        let ty = field.ty.clone();
        (escaped.clone(), Field { name, ty })
    };
    Cel::Object(Arc::new(ObjectType {
        name: name.to_owned(),
        fields: fields.iter().map(field).collect(),
    }))
}

/// What has a default need not be sent.
fn is_always_sent(schema: &Schema, property: &str, below: &Schema) -> bool {
    let has_default = below.default.as_ref().is_some_and(|value| !value.is_null());
    !has_default && schema.required.iter().any(|name| name == property)
}

/// Whether a resource's schema declares its kind, version and names itself
/// (apiextensions-apiserver, `pkg/apiserver/schema/cel/model/schemas.go`,
/// `WithTypeAndObjectMeta`).
fn says_who_it_is(schema: &Schema) -> bool {
    let is = |schema: &Schema, name: &str, wanted: Type| {
        let property = schema.property(name);
        property.is_some_and(|property| property.value_type == Some(wanted))
    };
    let metadata = schema.property("metadata");
    let names_are_texts = metadata.is_some_and(|metadata| {
        let names = ["name", "generateName"];
        names.iter().all(|name| is(metadata, name, Type::String))
    });
    is(schema, "kind", Type::String)
        && is(schema, "apiVersion", Type::String)
        && is(schema, "metadata", Type::Object)
        && names_are_texts
}

/// What rules see of a resource whose schema does not say it.
fn who_it_is(schema: &Schema) -> [(&'static str, Schema); 3] {
    let text = |max_length: Option<i64>| Schema {
        value_type: Some(Type::String),
        max_length,
        ..Schema::default()
    };
    let given = schema.property("metadata");
    let name = |name: &str, most: i64| {
        let shorter = given.and_then(|metadata| metadata.property(name)?.max_length);
        let schema = text(Some(shorter.map_or(most, |given| given.min(most))));
        (name.to_owned(), Box::new(schema))
    };
    let metadata = Schema {
        value_type: Some(Type::Object),
        properties: BTreeMap::from([
            name("name", NAME_LENGTH),
            name("generateName", NAME_LENGTH - GENERATED_SUFFIX),
        ]),
        ..Schema::default()
    };
    [
        ("apiVersion", text(None)),
        ("kind", text(None)),
        ("metadata", metadata),
    ]
}
