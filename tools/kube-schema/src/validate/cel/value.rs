//! Values of CEL, and how they compare (cel-go, `common/types`; apiserver,
//! `pkg/cel/common`).

use super::functions::{Cidr, Format, Quantity, Version};
use crate::validate::formats::{DateTime, Url};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;

/// Why an expression gives no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// It gives an error on the server too.
    Error(String),
    /// It uses something that is not known here.
    Unknown(String),
    /// It takes too many steps.
    Limit,
}

impl Failure {
    pub fn error(text: impl Into<String>) -> Self {
        Self::Error(text.into())
    }

    /// Of a function or operator that does not take such values.
    pub fn no_overload() -> Self {
        Self::error("no such overload")
    }

    /// Of two, the first, unless only the second is not known here.
    pub fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Error(_), Self::Unknown(_)) => other,
            _ => self,
        }
    }
}

/// A value, or why there is none.
pub(super) type Evaluated = Result<Cel, Failure>;

/// A value of CEL.
#[derive(Debug, Clone)]
pub(super) enum Cel {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Rc<str>),
    Bytes(Rc<[u8]>),
    List(List),
    Map(Rc<BTreeMap<Key, Cel>>),
    /// Nanoseconds.
    Duration(i64),
    Timestamp(Timestamp),
    /// A type, by its name.
    Type(&'static str),
    Optional(Option<Rc<Cel>>),
    /// A value of one of Kubernetes' libraries.
    Library(Library),
    /// Data that is no value of its type; looking at it is an error.
    Invalid(Rc<str>),
}

/// A value of one of Kubernetes' libraries.
#[derive(Debug, Clone)]
pub(super) enum Library {
    Url(Rc<Url>),
    Ip(IpAddr),
    Cidr(Cidr),
    Quantity(Quantity),
    Version(Rc<Version>),
    Format(Format),
}

impl Library {
    fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Url(a), Self::Url(b)) => a == b,
            (Self::Ip(a), Self::Ip(b)) => a == b,
            (Self::Cidr(a), Self::Cidr(b)) => a == b,
            (Self::Quantity(a), Self::Quantity(b)) => a.compare(*b) == Ordering::Equal,
            (Self::Version(a), Self::Version(b)) => a == b,
            (Self::Format(a), Self::Format(b)) => a == b,
            _ => false,
        }
    }
}

/// A moment: seconds since 1970, and nanoseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timestamp {
    pub seconds: i64,
    pub nanoseconds: u32,
    /// Seconds east of UTC, as it was written; only its text tells.
    pub offset: i64,
}

impl From<DateTime> for Timestamp {
    fn from(at: DateTime) -> Self {
        Self {
            seconds: at.seconds,
            nanoseconds: at.nanoseconds,
            offset: at.offset,
        }
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.total() == other.total()
    }
}

impl Eq for Timestamp {}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.total().cmp(&other.total())
    }
}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Timestamp {
    /// Nanoseconds since 1970.
    pub fn total(self) -> i128 {
        i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanoseconds)
    }

    /// From nanoseconds since 1970; none beyond the years 1 to 9999.
    pub fn of_total(total: i128) -> Option<Self> {
        const LEAST: i64 = -62_135_596_800;
        const MOST: i64 = 253_402_300_799;
        let seconds = i64::try_from(total.div_euclid(1_000_000_000)).ok()?;
        let nanoseconds = u32::try_from(total.rem_euclid(1_000_000_000)).ok()?;
        (LEAST..=MOST).contains(&seconds).then_some(Self {
            seconds,
            nanoseconds,
            offset: 0,
        })
    }

    /// Later by so many nanoseconds, in the same zone.
    pub fn moved(self, by: i128) -> Option<Self> {
        let moved = Self::of_total(self.total() + by)?;
        Some(Self {
            offset: self.offset,
            ..moved
        })
    }
}

/// A list, with what its schema says of its elements.
#[derive(Debug, Clone)]
pub(super) struct List {
    pub items: Rc<[Cel]>,
    pub topology: Topology,
}

/// How a list's elements belong together.
#[derive(Debug, Clone)]
pub(super) enum Topology {
    /// In order, made by the expression itself.
    Made,
    /// In order, of the data.
    Plain,
    /// Without order, each once.
    Set,
    /// Without order, told apart by these keys.
    Map(Rc<[String]>),
}

impl From<Vec<Cel>> for Cel {
    fn from(items: Vec<Cel>) -> Self {
        Self::List(List {
            items: items.into(),
            topology: Topology::Made,
        })
    }
}

impl From<&str> for Cel {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cel {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

/// A key of a map.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Bool(bool),
    /// Every integer, signed or not.
    Int(i128),
    Text(Rc<str>),
}

impl Key {
    /// Whole doubles are keys too, when a map is looked into.
    pub fn of(value: &Cel) -> Result<Self, Failure> {
        Ok(match value {
            Cel::Bool(value) => Self::Bool(*value),
            Cel::Int(value) => Self::Int((*value).into()),
            Cel::Uint(value) => Self::Int((*value).into()),
            Cel::Double(value) if value.fract() == 0.0 && value.abs() < 1e18 => {
                Self::Int(whole(*value).into())
            }
            Cel::Text(text) => Self::Text(Rc::clone(text)),
            Cel::Invalid(why) => return Err(Failure::error(&**why)),
            _ => return Err(Failure::error("unsupported key type")),
        })
    }

    pub fn value(&self) -> Cel {
        match self {
            Self::Bool(value) => Cel::Bool(*value),
            Self::Int(value) => match i64::try_from(*value) {
                Ok(value) => Cel::Int(value),
                Err(_) => Cel::Uint(u64::try_from(*value).unwrap_or(u64::MAX)),
            },
            Self::Text(text) => Cel::Text(Rc::clone(text)),
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

#[allow(clippy::cast_possible_truncation)]
fn whole(double: f64) -> i64 {
    double as i64
}

impl Cel {
    /// The value, or why it is none.
    pub fn checked(self) -> Evaluated {
        match self {
            Self::Invalid(why) => Err(Failure::error(&*why)),
            value => Ok(value),
        }
    }

    pub fn type_name(&self) -> Result<&'static str, Failure> {
        Ok(match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Double(_) => "double",
            Self::Text(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Timestamp(_) => "google.protobuf.Timestamp",
            Self::Type(_) => "type",
            Self::Optional(_) => "optional_type",
            Self::Library(_) => {
                return Err(Failure::Unknown("the type of such a value".to_owned()));
            }
            Self::Invalid(why) => return Err(Failure::error(&**why)),
        })
    }

    /// Whether it is the zero of its type.
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(value) => !value,
            Self::Int(value) => *value == 0,
            Self::Uint(value) => *value == 0,
            Self::Double(value) => *value == 0.0,
            Self::Text(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::List(list) => list.items.is_empty(),
            Self::Map(map) => map.is_empty(),
            Self::Duration(value) => *value == 0,
            Self::Optional(value) => value.is_none(),
            Self::Timestamp(_) | Self::Type(_) | Self::Library(_) | Self::Invalid(_) => false,
        }
    }

    /// `==`. A list or map and something else do not even compare.
    pub fn equals(&self, other: &Self) -> Result<bool, Failure> {
        Ok(match (self, other) {
            (Self::Invalid(why), _) | (_, Self::Invalid(why)) => {
                return Err(Failure::error(&**why));
            }
            (Self::Null, Self::Null) => true,
            (Self::Null, _) | (_, Self::Null) => false,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Duration(a), Self::Duration(b)) => a == b,
            (Self::Timestamp(a), Self::Timestamp(b)) => a == b,
            (Self::Type(a), Self::Type(b)) => a == b,
            (Self::Library(a), Self::Library(b)) => a.equals(b),
            (Self::Optional(a), Self::Optional(b)) => match (a, b) {
                (Some(a), Some(b)) => a.equals(b)?,
                (a, b) => a.is_none() && b.is_none(),
            },
            (Self::List(a), Self::List(b)) => lists_equal(a, b)?,
            (Self::Map(a), Self::Map(b)) => maps_equal(a, b)?,
            (Self::List(_) | Self::Map(_), _) => return Err(Failure::no_overload()),
            _ => compare_numbers(self, other) == Some(Ordering::Equal),
        })
    }

    /// The order of two values of types that have one.
    pub fn compare(&self, other: &Self) -> Result<Ordering, Failure> {
        let order = match (self, other) {
            (Self::Invalid(why), _) | (_, Self::Invalid(why)) => {
                return Err(Failure::error(&**why));
            }
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Bytes(a), Self::Bytes(b)) => Some(a.cmp(b)),
            (Self::Duration(a), Self::Duration(b)) => Some(a.cmp(b)),
            (Self::Timestamp(a), Self::Timestamp(b)) => Some(a.cmp(b)),
            _ => compare_numbers(self, other),
        };
        order.ok_or_else(Failure::no_overload)
    }
}

/// The order of two numbers, whatever their types; none of other values or NaN.
fn compare_numbers(a: &Cel, b: &Cel) -> Option<Ordering> {
    match (a, b) {
        (Cel::Int(a), Cel::Int(b)) => Some(a.cmp(b)),
        (Cel::Uint(a), Cel::Uint(b)) => Some(a.cmp(b)),
        (Cel::Double(a), Cel::Double(b)) => a.partial_cmp(b),
        (Cel::Int(a), Cel::Uint(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Cel::Uint(a), Cel::Int(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Cel::Int(a), Cel::Double(b)) => compare_to_double((*a).into(), *b),
        (Cel::Uint(a), Cel::Double(b)) => compare_to_double((*a).into(), *b),
        (Cel::Double(_), Cel::Int(_) | Cel::Uint(_)) => {
            compare_numbers(b, a).map(Ordering::reverse)
        }
        _ => None,
    }
}

#[allow(clippy::cast_precision_loss)]
fn compare_to_double(integer: i128, double: f64) -> Option<Ordering> {
    (integer as f64).partial_cmp(&double)
}

/// A set or a list with keys has no order; the left one decides.
fn lists_equal(a: &List, b: &List) -> Result<bool, Failure> {
    if a.items.len() != b.items.len() {
        return Ok(false);
    }
    let pairs = a.items.iter().zip(b.items.iter());
    match &a.topology {
        // Elements that do not compare are taken for equal.
        Topology::Made => Ok(pairs.into_iter().all(|(a, b)| a.equals(b) != Ok(false))),
        Topology::Plain => {
            for (a, b) in pairs {
                if !a.equals(b)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Topology::Set | Topology::Map(_) => {
            for item in b.items.iter() {
                match contains(&a.items, item) {
                    Ok(true) => {}
                    // Data of the wrong type is compared as it stands there.
                    Ok(false) | Err(Failure::Error(_)) => return Ok(false),
                    Err(unknown) => return Err(unknown),
                }
            }
            Ok(true)
        }
    }
}

fn maps_equal(a: &BTreeMap<Key, Cel>, b: &BTreeMap<Key, Cel>) -> Result<bool, Failure> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for (key, value) in a {
        match b.get(key) {
            Some(other) if value.equals(other)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// Whether one of them equals the value; an error of one counts only if none does.
pub(super) fn contains(items: &[Cel], value: &Cel) -> Result<bool, Failure> {
    let mut failure = None;
    for item in items {
        match item.equals(value) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(false), Err)
}
