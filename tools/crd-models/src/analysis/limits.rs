use kube_schema::{ListType, Number, Schema, Type};

/// The bounds of a value; each applies to the type it is about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Limits {
    /// Lower bound.
    pub min: Option<Bound>,
    /// Upper bound.
    pub max: Option<Bound>,
    /// A factor; the API server cuts it to a whole number where the value is one.
    pub multiple_of: Option<Number>,
    /// In code points.
    pub min_length: Option<i64>,
    /// In code points.
    pub max_length: Option<i64>,
    /// RE2 expressions; all must match somewhere.
    pub patterns: Vec<String>,
    /// Fewest elements.
    pub min_items: Option<i64>,
    /// Most elements.
    pub max_items: Option<i64>,
    /// Fewest entries.
    pub min_entries: Option<i64>,
    /// Most entries.
    pub max_entries: Option<i64>,
    /// What no two elements share.
    pub unique: Unique,
    /// The format of a text or a number, without dashes; only those that the
    /// API server checks.
    pub format: Option<String>,
    /// Whether no number passes at all: a bound or the factor is itself no
    /// value of the type that the schema gives beside it, say `maximum: 5.5` of
    /// an integer (kube-openapi, `IsValueValidAgainstRange`).
    pub no_number: bool,
}

/// A bound of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The number.
    pub value: Number,
    /// Whether it is itself out.
    pub exclusive: bool,
}

/// What no two elements of a list share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Unique {
    /// Nothing is said.
    #[default]
    No,
    /// The whole element.
    Element,
    /// These fields together.
    Keys(Vec<String>),
}

/// The formats of a text that the API server checks (apiextensions-apiserver,
/// `pkg/apiserver/validation/formats.go`).
const TEXT_FORMATS: [&str; 25] = [
    "bsonobjectid",
    "byte",
    "cidr",
    "creditcard",
    "date",
    "datetime",
    "duration",
    "email",
    "hexcolor",
    "hostname",
    "ipv4",
    "ipv6",
    "isbn",
    "isbn10",
    "isbn13",
    "k8slongname",
    "k8sshortname",
    "mac",
    "rgbcolor",
    "ssn",
    "uri",
    "uuid",
    "uuid3",
    "uuid4",
    "uuid5",
];

/// What the server makes of a format depends on the type that stands beside it.
fn checked_format(schema: &Schema) -> Option<String> {
    let format = schema.format.as_deref()?;
    let known: &[&str] = match schema.value_type {
        None | Some(Type::String) => {
            let format = format.replace('-', "");
            return TEXT_FORMATS.contains(&format.as_str()).then_some(format);
        }
        Some(Type::Integer) => &["int32", "int64"],
        Some(Type::Number) => &["double", "float"],
        Some(_) => &[],
    };
    known.contains(&format).then(|| format.to_owned())
}

/// Whether a bound or the factor is no value of the schema's own type.
fn no_number(schema: &Schema) -> bool {
    let is_int32 = schema.format.as_deref() == Some("int32");
    let is_float = schema.format.as_deref() == Some("float");
    let fits = |number: &Number| {
        let value = number.as_f64();
        match schema.value_type {
            Some(Type::Integer) if is_int32 => {
                value.fract() == 0.0 && (-2_147_483_648.0..=2_147_483_647.0).contains(&value)
            }
            // The largest float below 2^63 is far below it.
            Some(Type::Integer) => value.fract() == 0.0 && (-TWO_TO_63..TWO_TO_63).contains(&value),
            Some(Type::Number) if is_float => value.abs() <= f64::from(f32::MAX),
            _ => true,
        }
    };
    let bounds = [&schema.minimum, &schema.maximum, &schema.multiple_of];
    !bounds.into_iter().flatten().all(fits)
}

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

pub(super) fn own_limits(schema: &Schema) -> Limits {
    let bound = |value: Option<Number>, exclusive| value.map(|value| Bound { value, exclusive });
    Limits {
        min: bound(schema.minimum, schema.exclusive_minimum),
        max: bound(schema.maximum, schema.exclusive_maximum),
        multiple_of: schema.multiple_of,
        min_length: schema.min_length,
        max_length: schema.max_length,
        patterns: schema
            .pattern
            .iter()
            .filter(|pattern| !pattern.is_empty())
            .cloned()
            .collect(),
        min_items: schema.min_items,
        max_items: schema.max_items,
        min_entries: schema.min_properties,
        max_entries: schema.max_properties,
        unique: match schema.list_type {
            Some(ListType::Set) => Unique::Element,
            Some(ListType::Map) => Unique::Keys(schema.list_map_keys.clone()),
            Some(ListType::Atomic) | None if schema.unique_items => Unique::Element,
            Some(ListType::Atomic) | None => Unique::No,
        },
        format: checked_format(schema),
        no_number: no_number(schema),
    }
}

/// What of a part of an allOf can be put together with the value's own bounds,
/// and what has to be looked at by itself: a second factor or format, and
/// bounds that mean something else to integers.
pub(super) fn split(own: &Limits, part: Limits) -> (Limits, Limits) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let is_plain = |bound: &Bound| {
        matches!(bound.value, Number::Int(_)) && bound.value.as_f64().abs() <= EXACT
    };
    let sort = |bound: Option<Bound>| match bound {
        Some(bound) if !is_plain(&bound) => (None, Some(bound)),
        bound => (bound, None),
    };
    let (min, odd_min) = sort(part.min);
    let (max, odd_max) = sort(part.max);
    let odd = Limits {
        min: odd_min,
        max: odd_max,
        multiple_of: part.multiple_of.filter(|_| own.multiple_of.is_some()),
        format: part.format.clone().filter(|_| own.format.is_some()),
        ..Limits::default()
    };
    let merged = Limits {
        min,
        max,
        multiple_of: part.multiple_of.filter(|_| own.multiple_of.is_none()),
        format: part.format.clone().filter(|_| own.format.is_none()),
        ..part
    };
    (merged, odd)
}

pub(super) fn stricter(a: Limits, b: Limits) -> Limits {
    fn larger<T: PartialOrd>(a: Option<T>, b: Option<T>) -> Option<T> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if b > a { b } else { a }),
            (a, b) => a.or(b),
        }
    }
    fn smaller<T: PartialOrd>(a: Option<T>, b: Option<T>) -> Option<T> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if b < a { b } else { a }),
            (a, b) => a.or(b),
        }
    }
    Limits {
        min: tighter(a.min, b.min, |new, old| new > old),
        max: tighter(a.max, b.max, |new, old| new < old),
        multiple_of: a.multiple_of.or(b.multiple_of),
        min_length: larger(a.min_length, b.min_length),
        max_length: smaller(a.max_length, b.max_length),
        patterns: a.patterns.into_iter().chain(b.patterns).collect(),
        min_items: larger(a.min_items, b.min_items),
        max_items: smaller(a.max_items, b.max_items),
        min_entries: larger(a.min_entries, b.min_entries),
        max_entries: smaller(a.max_entries, b.max_entries),
        unique: if a.unique == Unique::No {
            b.unique
        } else {
            a.unique
        },
        format: a.format.or(b.format),
        no_number: a.no_number || b.no_number,
    }
}

fn tighter(a: Option<Bound>, b: Option<Bound>, wins: impl Fn(f64, f64) -> bool) -> Option<Bound> {
    let (Some(old), Some(new)) = (a, b) else {
        return a.or(b);
    };
    let (new_value, old_value) = (new.value.as_f64(), old.value.as_f64());
    let equal = new_value == old_value;
    if wins(new_value, old_value) || (equal && new.exclusive) {
        Some(new)
    } else {
        Some(old)
    }
}
