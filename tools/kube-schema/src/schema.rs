use crate::Number;
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer};
use serde_json::Value;
use serde_saphyr::{Location, Spanned};
use std::collections::BTreeMap;
use std::fmt;

/// A structural schema, as `apiextensions.k8s.io/v1` has it. Fields are as
/// written: nothing is defaulted, merged or resolved.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Schema {
    /// Where it stands.
    #[serde(skip)]
    pub mark: Mark,
    /// The full name of the type that this stands for, see [`crate::Definitions`].
    /// In a CRD, which may hold none, it is what `$ref` says.
    #[serde(rename = "$ref")]
    pub reference: Option<String>,
    /// `type`; none beside `x-kubernetes-int-or-string` or preserve-unknown.
    #[serde(rename = "type")]
    pub value_type: Option<Type>,
    /// Text for people.
    #[serde(deserialize_with = "null_is_default")]
    pub description: String,
    /// `title`: text for people.
    #[serde(deserialize_with = "null_is_default")]
    pub title: String,
    /// `externalDocs`: where people find more.
    pub external_docs: Option<ExternalDocs>,
    /// `example`: any value, for people.
    pub example: Option<Value>,
    /// `format`, also those that the API server ignores.
    pub format: Option<String>,
    /// Whether null is a value of its own.
    #[serde(deserialize_with = "null_is_default")]
    pub nullable: bool,
    /// The default, if there is one.
    pub default: Option<Value>,
    /// The permitted values, if they are listed.
    #[serde(rename = "enum")]
    pub enumeration: Option<Vec<Value>>,

    /// Lower bound.
    pub minimum: Option<Number>,
    /// Upper bound.
    pub maximum: Option<Number>,
    /// Whether the lower bound itself is out.
    #[serde(deserialize_with = "null_is_default")]
    pub exclusive_minimum: bool,
    /// Whether the upper bound itself is out.
    #[serde(deserialize_with = "null_is_default")]
    pub exclusive_maximum: bool,
    /// The factor.
    pub multiple_of: Option<Number>,

    /// In code points.
    pub min_length: Option<i64>,
    /// In code points.
    pub max_length: Option<i64>,
    /// An RE2 expression that must match somewhere.
    pub pattern: Option<String>,

    /// Schema of each element.
    #[serde(deserialize_with = "boxed")]
    pub items: Option<Box<Schema>>,
    /// Fewest elements.
    pub min_items: Option<i64>,
    /// Most elements.
    pub max_items: Option<i64>,
    /// `uniqueItems`; a CRD's schema may not set it, as the check costs too much.
    #[serde(deserialize_with = "null_is_default")]
    pub unique_items: bool,
    /// `x-kubernetes-list-type`.
    #[serde(rename = "x-kubernetes-list-type")]
    pub list_type: Option<ListType>,
    /// `x-kubernetes-list-map-keys`.
    #[serde(
        rename = "x-kubernetes-list-map-keys",
        deserialize_with = "null_is_default"
    )]
    pub list_map_keys: Vec<String>,

    /// Fields by name, sorted. Boxed, as the map has room for eleven wherever it has one.
    #[serde(deserialize_with = "properties")]
    pub properties: BTreeMap<String, Box<Schema>>,
    /// Names of the required fields.
    #[serde(deserialize_with = "null_is_default")]
    pub required: Vec<String>,
    /// What else an object may hold.
    #[serde(deserialize_with = "additional")]
    pub additional_properties: Option<Additional>,
    /// `propertyNames`: what every field's name must be. A CRD's schema has none.
    #[serde(skip)]
    pub property_names: Option<Box<Schema>>,
    /// Fewest fields.
    pub min_properties: Option<i64>,
    /// Most fields.
    pub max_properties: Option<i64>,
    /// `x-kubernetes-map-type`.
    #[serde(rename = "x-kubernetes-map-type")]
    pub map_type: Option<MapType>,

    /// `x-kubernetes-preserve-unknown-fields`.
    #[serde(
        rename = "x-kubernetes-preserve-unknown-fields",
        deserialize_with = "null_is_default"
    )]
    pub preserve_unknown: bool,
    /// `x-kubernetes-embedded-resource`.
    #[serde(
        rename = "x-kubernetes-embedded-resource",
        deserialize_with = "null_is_default"
    )]
    pub embedded_resource: bool,
    /// `x-kubernetes-int-or-string`.
    #[serde(
        rename = "x-kubernetes-int-or-string",
        deserialize_with = "null_is_default"
    )]
    pub int_or_string: bool,

    /// All of these hold too.
    #[serde(deserialize_with = "list")]
    pub all_of: Vec<Schema>,
    /// At least one of these holds.
    #[serde(deserialize_with = "list")]
    pub any_of: Vec<Schema>,
    /// Exactly one of these holds.
    #[serde(deserialize_with = "list")]
    pub one_of: Vec<Schema>,
    /// This does not hold.
    #[serde(deserialize_with = "boxed")]
    pub not: Option<Box<Schema>>,
    /// `x-kubernetes-validations`.
    #[serde(
        rename = "x-kubernetes-validations",
        deserialize_with = "null_is_default"
    )]
    pub rules: Vec<Rule>,
}

impl Schema {
    /// The field's schema, if it is declared.
    pub fn property(&self, name: &str) -> Option<&Schema> {
        self.properties.get(name).map(Box::as_ref)
    }

    /// The field's schema: its own, or that of all fields that are not declared.
    pub fn field(&self, name: &str) -> Option<&Schema> {
        let other = || match &self.additional_properties {
            Some(Additional::Schema(other)) => Some(other.as_ref()),
            _ => None,
        };
        self.property(name).or_else(other)
    }

    /// The schemas directly inside it.
    pub fn children(&self) -> impl Iterator<Item = &Schema> {
        let values = match &self.additional_properties {
            Some(Additional::Schema(values)) => Some(&**values),
            _ => None,
        };
        let single = self.items.as_deref().into_iter().chain(values);
        let combined = self.all_of.iter().chain(&self.any_of).chain(&self.one_of);
        let properties = self.properties.values().map(Box::as_ref);
        properties
            .chain(single)
            .chain(combined)
            .chain(self.not.as_deref())
            .chain(self.property_names.as_deref())
    }

    /// The same, to be changed.
    pub fn children_mut(&mut self) -> impl Iterator<Item = &mut Schema> {
        let values = match &mut self.additional_properties {
            Some(Additional::Schema(values)) => Some(&mut **values),
            _ => None,
        };
        let single = self.items.as_deref_mut().into_iter().chain(values);
        let properties = self.properties.values_mut().map(Box::as_mut);
        properties
            .chain(single)
            .chain(&mut self.all_of)
            .chain(&mut self.any_of)
            .chain(&mut self.one_of)
            .chain(self.not.as_deref_mut())
            .chain(self.property_names.as_deref_mut())
    }

    /// The first schema in it that is only a reference, with its place.
    pub(crate) fn find_reference(&self) -> Option<(Mark, &str)> {
        if let Some(target) = &self.reference {
            return Some((self.mark, target));
        }
        self.children().find_map(Schema::find_reference)
    }
}

/// Where a schema stands in its file: at the name of its field, else where it
/// begins. It is no part of what the schema says, so any two marks are equal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mark {
    /// Line, from 1; 0 if unknown, as in what Crossplane adds.
    pub line: usize,
    /// Column, from 1; 0 if unknown.
    pub column: usize,
}

impl PartialEq for Mark {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Mark {}

impl From<Location> for Mark {
    fn from(location: Location) -> Self {
        Mark {
            line: location.line() as usize,
            column: location.column() as usize,
        }
    }
}

/// `externalDocs`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ExternalDocs {
    /// Text for people.
    #[serde(deserialize_with = "null_is_default")]
    pub description: String,
    /// Where.
    #[serde(deserialize_with = "null_is_default")]
    pub url: String,
}

/// The JSON type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Type {
    Array,
    Boolean,
    Integer,
    Number,
    Object,
    String,
}

impl Type {
    /// As a schema spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Object => "object",
            Self::String => "string",
        }
    }
}

/// `x-kubernetes-list-type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListType {
    /// Replaced as a whole.
    Atomic,
    /// No element twice.
    Set,
    /// Elements are objects, told apart by their keys.
    Map,
}

/// `x-kubernetes-map-type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MapType {
    /// Each field has an owner of its own.
    Granular,
    /// Replaced as a whole.
    Atomic,
}

/// `additionalProperties`.
#[derive(Debug, Clone, PartialEq)]
pub enum Additional {
    /// `true` or `false`.
    Allowed(bool),
    /// Every other field has this schema.
    Schema(Box<Schema>),
}

/// One CEL rule of `x-kubernetes-validations`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rule {
    /// The expression.
    pub rule: String,
    /// What to say if it does not hold.
    #[serde(deserialize_with = "null_is_default")]
    pub message: String,
    /// An expression that says it.
    #[serde(deserialize_with = "null_is_default")]
    pub message_expression: String,
    /// `FieldValueInvalid` (the default), `FieldValueForbidden`, ….
    pub reason: Option<String>,
    /// The field to blame, relative to the rule's place: `.spec.size`.
    pub field_path: Option<String>,
    /// Whether the rule also runs where there is no old value.
    pub optional_old_self: Option<bool>,
}

/// Go reads a null as the zero value, and so do we.
pub(crate) fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Whether there is anything, also `{}`.
pub(crate) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Present::deserialize(deserializer)?.is_some())
}

/// A schema that knows where it begins.
#[derive(Debug)]
pub(crate) struct MarkedSchema(pub Schema);

impl<'de> Deserialize<'de> for MarkedSchema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Schema>::deserialize(deserializer)?;
        Ok(MarkedSchema(Schema {
            mark: spanned.referenced.into(),
            ..spanned.value
        }))
    }
}

/// One schema: a structural schema has no list of them, not even for `items`.
fn boxed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<Schema>>, D::Error> {
    let schema = Option::<MarkedSchema>::deserialize(deserializer)?;
    Ok(schema.map(|schema| Box::new(schema.0)))
}

fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Schema>, D::Error> {
    let schemas = null_is_default::<D, Vec<MarkedSchema>>(deserializer)?;
    Ok(schemas.into_iter().map(|schema| schema.0).collect())
}

fn additional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Additional>, D::Error> {
    let Some(spanned) = Option::<Spanned<Additional>>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let mut value = spanned.value;
    if let Additional::Schema(schema) = &mut value {
        schema.mark = spanned.referenced.into();
    }
    Ok(Some(value))
}

fn properties<'de, D>(deserializer: D) -> Result<BTreeMap<String, Box<Schema>>, D::Error>
where
    D: Deserializer<'de>,
{
    let properties = Option::<Properties>::deserialize(deserializer)?;
    Ok(properties.unwrap_or_default().0)
}

/// Fields whose schemas are marked at the field's name.
#[derive(Default)]
struct Properties(BTreeMap<String, Box<Schema>>);

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PropertiesVisitor)
    }
}

struct PropertiesVisitor;

impl<'de> Visitor<'de> for PropertiesVisitor {
    type Value = Properties;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from names to schemas")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
        let mut properties = BTreeMap::new();
        while let Some(name) = map.next_key::<Spanned<String>>()? {
            let schema = Schema {
                mark: name.referenced.into(),
                ..map.next_value()?
            };
            properties.insert(name.value, Box::new(schema));
        }
        Ok(Properties(properties))
    }
}

impl<'de> Deserialize<'de> for Additional {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AdditionalVisitor)
    }
}

struct AdditionalVisitor;

impl<'de> Visitor<'de> for AdditionalVisitor {
    type Value = Additional;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a schema, true or false")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Additional, E> {
        Ok(Additional::Allowed(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Additional, A::Error> {
        let schema = Schema::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Additional::Schema(Box::new(schema)))
    }
}

/// A field that is only looked at for being there.
pub(crate) type Present = Option<IgnoredAny>;
