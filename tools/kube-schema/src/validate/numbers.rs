//! Bounds and factors of numbers (kube-openapi, `pkg/validation/validate`).
//! The server keeps every bound as a float64. Where the bound is a value of the
//! schema's type it cuts it to an int64 and compares integers; where it is not,
//! it says so, and so refuses every value.

use super::error::FieldError;
use super::path::Path;
use crate::{Schema, Type};
use serde_json::Value;

/// A number as Go holds it once JSON is decoded: what an int64 cannot hold is a
/// float64.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    pub fn of(number: &serde_json::Number) -> Self {
        match number.as_i64() {
            Some(integer) => Self::Int(integer),
            None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
        }
    }

    #[allow(clippy::cast_precision_loss)]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }
}

/// Whether a float counts as a whole number (go-openapi/swag,
/// `IsFloat64AJSONInteger`): one within ±(2^53 - 1), give or take 1e-9 of it.
pub(super) fn is_json_integer(float: f64) -> bool {
    const MOST: f64 = 9_007_199_254_740_991.0;
    if !(-MOST..=MOST).contains(&float) {
        return false;
    }
    let rounded = float.round();
    float == rounded || (rounded != 0.0 && (float - rounded).abs() < 1e-9 * rounded.abs())
}

/// Go's conversion to int64, as amd64 does it: what does not fit becomes the
/// least integer.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn cut(float: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&float) {
        float as i64
    } else {
        i64::MIN
    }
}

/// The type and format that a number is checked against; other formats, and
/// types that are not exactly one of the two, count as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    Int32,
    Int64,
    Integer,
    Float,
    Double,
    Number,
    Any,
}

impl Range {
    fn of(schema: &Schema) -> Self {
        let value_type = schema.value_type.filter(|_| !schema.int_or_string);
        match (value_type, schema.format.as_deref()) {
            (Some(Type::Integer), Some("int32")) => Self::Int32,
            (Some(Type::Integer), Some("int64")) => Self::Int64,
            (Some(Type::Integer), _) => Self::Integer,
            (Some(Type::Number), Some("float")) => Self::Float,
            (Some(Type::Number), Some("double")) => Self::Double,
            (Some(Type::Number), _) => Self::Number,
            _ => Self::Any,
        }
    }

    fn holds(self, number: Number) -> bool {
        match (self, number) {
            (Self::Double | Self::Number | Self::Any, _) => true,
            (Self::Float, number) => is_float32(number.as_f64()),
            (Self::Int32, Number::Int(integer)) => i32::try_from(integer).is_ok(),
            (_, Number::Int(_)) => true,
            (Self::Int32, Number::Float(float)) => float.to_string().parse::<i32>().is_ok(),
            // Go reads the float's shortest decimal digits as an integer.
            (_, Number::Float(float)) => float.to_string().parse::<i64>().is_ok(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Int32 => "integer with format int32",
            Self::Int64 => "integer with format int64",
            Self::Integer => "integer (default format)",
            Self::Float => "number with format float",
            Self::Double => "number with format double",
            Self::Number | Self::Any => "number (default format)",
        }
    }

    /// An error without a field if the number is not of this type.
    fn check(self, what: &str, number: Number, path: &Path) -> Option<FieldError> {
        let name = self.name();
        let text = || format!("{what} value must be of type {name} in {path}");
        (!self.holds(number)).then(|| FieldError::nowhere(text()))
    }
}

/// Whether a float32 can hold it, though less exactly.
#[allow(clippy::cast_possible_truncation)]
fn is_float32(float: f64) -> bool {
    (float as f32).is_finite()
}

pub(super) fn check(path: &Path, number: &serde_json::Number, schema: &Schema) -> Vec<FieldError> {
    let range = Range::of(schema);
    let checked = Checked {
        path,
        range,
        value: Number::of(number),
    };
    let mut errors: Vec<FieldError> = range
        .check("Checked", checked.value, path)
        .into_iter()
        .collect();
    if let Some(factor) = schema.multiple_of {
        errors.extend(checked.factor(factor.as_f64()));
    }
    let bounds = [
        (schema.maximum, Side::Most, schema.exclusive_maximum),
        (schema.minimum, Side::Least, schema.exclusive_minimum),
    ];
    for (bound, side, exclusive) in bounds {
        if let Some(bound) = bound {
            errors.extend(checked.bound(bound.as_f64(), side, exclusive));
        }
    }
    errors
}

/// A number while it is checked.
struct Checked<'p> {
    path: &'p Path<'p>,
    range: Range,
    value: Number,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Least,
    Most,
}

impl Side {
    fn holds<T: PartialOrd>(self, value: T, bound: T, exclusive: bool) -> bool {
        match (self, exclusive) {
            (Self::Least, false) => value >= bound,
            (Self::Least, true) => value > bound,
            (Self::Most, false) => value <= bound,
            (Self::Most, true) => value < bound,
        }
    }

    fn should(self, exclusive: bool) -> &'static str {
        match (self, exclusive) {
            (Self::Least, false) => "greater than or equal to",
            (Self::Least, true) => "greater than",
            (Self::Most, false) => "less than or equal to",
            (Self::Most, true) => "less than",
        }
    }

    fn boundary(self) -> &'static str {
        match self {
            Self::Least => "Minimum boundary",
            Self::Most => "Maximum boundary",
        }
    }
}

impl Checked<'_> {
    fn bound(&self, bound: f64, side: Side, exclusive: bool) -> Vec<FieldError> {
        let misfit = self
            .range
            .check(side.boundary(), Number::Float(bound), self.path);
        let (holds, shown) = match (self.value, &misfit) {
            (Number::Int(value), None) => {
                let bound = cut(bound);
                (side.holds(value, bound, exclusive), bound.to_string())
            }
            (value, _) => (
                side.holds(value.as_f64(), bound, exclusive),
                go_float(bound),
            ),
        };
        let should = || format!("should be {} {shown}", side.should(exclusive));
        let broken = (!holds).then(|| FieldError::in_body(self.path, &self.json(), should()));
        misfit.into_iter().chain(broken).collect()
    }

    fn factor(&self, factor: f64) -> Vec<FieldError> {
        let misfit = self
            .range
            .check("MultipleOf", Number::Float(factor), self.path);
        let broken = match (self.value, &misfit) {
            (Number::Int(value), None) => match cut(factor) {
                factor if factor <= 0 => Some(self.not_positive(&factor.to_string())),
                factor => (value % factor != 0).then(|| self.not_multiple(&factor.to_string())),
            },
            (value, _) if factor > 0.0 => {
                let value = value.as_f64();
                let quotient = if factor < 1.0 {
                    1.0 / factor * value
                } else {
                    value / factor
                };
                (!is_json_integer(quotient)).then(|| self.not_multiple(&go_float(factor)))
            }
            _ => Some(self.not_positive(&go_float(factor))),
        };
        misfit.into_iter().chain(broken).collect()
    }

    fn not_positive(&self, factor: &str) -> FieldError {
        let path = self.path;
        let text = format!("factor MultipleOf declared for {path} must be positive: {factor}");
        FieldError::invalid_as(self.path, &factor, text)
    }

    fn not_multiple(&self, factor: &str) -> FieldError {
        let should = format!("should be a multiple of {factor}");
        FieldError::in_body(self.path, &self.json(), should)
    }

    fn json(&self) -> Value {
        match self.value {
            Number::Int(integer) => integer.into(),
            Number::Float(float) => float.into(),
        }
    }
}

/// A float as Go's `%v` prints it: with an exponent from 1e6 on and below 1e-4.
pub(super) fn go_float(float: f64) -> String {
    let size = float.abs();
    if size != 0.0 && !(1e-4..1e6).contains(&size) {
        let text = format!("{float:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(exponent) => ('-', exponent),
            None => ('+', exponent),
        };
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    float.to_string()
}

#[cfg(test)]
mod tests {
    use super::{cut, go_float, is_json_integer};

    #[test]
    fn floats_print_as_in_go() {
        for (float, text) in [
            (0.1, "0.1"),
            (5.0, "5"),
            (1e-7, "1e-07"),
            (999_999.0, "999999"),
            (9_223_372_036_854_775_808.0, "9.223372036854776e+18"),
            (-1e21, "-1e+21"),
        ] {
            assert_eq!(go_float(float), text);
        }
    }

    #[test]
    fn a_float_is_whole_within_2_to_the_53_and_nearly_so() {
        assert!(is_json_integer(3.0) && is_json_integer(3.000_000_000_1));
        assert!(!is_json_integer(3.5) && !is_json_integer(1e-12) && !is_json_integer(1e16));
    }

    #[test]
    fn what_no_int64_can_hold_is_cut_to_the_least_one() {
        assert_eq!((cut(2.9), cut(-2.9)), (2, -2));
        assert_eq!((cut(1e30), cut(f64::NAN)), (i64::MIN, i64::MIN));
    }
}
