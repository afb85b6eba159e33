use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

/// A bound or a factor as a schema writes it. Whole numbers stay whole, also
/// those that a float cannot hold (`9223372036854775807` is a common bound).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number, also if it was written `5.0` or `1e3`.
    Int(i128),
    /// Any other number; finite.
    Float(f64),
}

impl Number {
    /// The nearest float, as the API server sees every bound.
    pub fn as_f64(self) -> f64 {
        match self {
            Number::Int(value) => value as f64,
            Number::Float(value) => value,
        }
    }

    /// The whole number, if it is one that a 64-bit integer can hold.
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Number::Int(value) => i64::try_from(value).ok(),
            Number::Float(_) => None,
        }
    }
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        // Beyond 2^53 a float with no fraction need not be the number that was meant.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= EXACT {
            Number::Int(value as i128)
        } else {
            Number::Float(value)
        }
    }
}

/// As JSON and KCL write it: `5`, `0.5`, `1e-7`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(value) => write!(f, "{value}"),
            Number::Float(value) => write!(f, "{value:?}"),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Number, E> {
        Ok(Number::Int(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Number, E> {
        Ok(Number::Int(value.into()))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Number, E> {
        Ok(Number::Int(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Number, E> {
        if value.is_finite() {
            Ok(value.into())
        } else {
            Err(E::custom("a bound must be finite"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn whole_numbers_stay_whole() {
        assert_eq!(Number::from(1000.0), Number::Int(1000));
        assert_eq!(
            Number::Int(i128::from(i64::MAX)).to_string(),
            "9223372036854775807"
        );
    }

    #[test]
    fn fractions_print_as_they_are() {
        assert_eq!(Number::Float(0.1).to_string(), "0.1");
        assert_eq!(Number::Float(1e-7).to_string(), "1e-7");
    }
}
