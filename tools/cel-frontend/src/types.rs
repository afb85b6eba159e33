use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Type {
    /// Anything; looked at when the expression runs.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    List(Arc<Type>),
    Map(Arc<Type>, Arc<Type>),
    Optional(Arc<Type>),
    /// A type as a value.
    Type,
    /// A value with declared fields.
    Object(Arc<ObjectType>),
    /// `net.IP`, `net.CIDR`, `kubernetes.URL`, `kubernetes.Quantity`,
    /// `kubernetes.Semver`, `kubernetes.NamedFormat`, and what
    /// `kubernetes.authorization` declares, which no value of a CRD's rules is.
    Opaque(&'static str),
    /// Not known yet; no type of a checked tree is one.
    #[doc(hidden)]
    Param(u32),
}

/// A value with declared fields.
#[derive(Debug, Clone)]
pub struct ObjectType {
    /// Tells it apart from every other one: where its schema stands.
    pub name: String,
    /// By the name that rules write, see [`crate::escape`].
    pub fields: BTreeMap<String, Field>,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// As the API writes it.
    pub name: String,
    /// What it holds.
    pub ty: Type,
}

impl PartialEq for ObjectType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl ObjectType {
    /// The field that a rule calls `name`. One that CEL reserves, like
    /// `namespace`, may be written as it is where nothing else is meant.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields
            .get(name)
            .or_else(|| self.fields.get(&format!("__{name}__")))
    }
}

impl Type {
    /// `list(element)`.
    pub fn list(element: Type) -> Self {
        Type::List(Arc::new(element))
    }

    /// `map(key, value)`.
    pub fn map(key: Type, value: Type) -> Self {
        Type::Map(Arc::new(key), Arc::new(value))
    }

    /// `optional(value)`.
    pub fn optional(value: Type) -> Self {
        Type::Optional(Arc::new(value))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Dyn | Type::Param(_) => f.write_str("dyn"),
            Type::Null => f.write_str("null"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Uint => f.write_str("uint"),
            Type::Double => f.write_str("double"),
            Type::String => f.write_str("string"),
            Type::Bytes => f.write_str("bytes"),
            Type::Timestamp => f.write_str("timestamp"),
            Type::Duration => f.write_str("duration"),
            Type::List(element) => write!(f, "list({element})"),
            Type::Map(key, value) => write!(f, "map({key}, {value})"),
            Type::Optional(value) => write!(f, "optional({value})"),
            Type::Type => f.write_str("type"),
            Type::Object(_) => f.write_str("object"),
            Type::Opaque(name) => f.write_str(name),
        }
    }
}
