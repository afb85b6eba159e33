//! Quantities (apimachinery, `pkg/api/resource`; apiserver,
//! `pkg/cel/library/quantity.go`).

use super::semver::ordered;
use super::unknown;
use crate::validate::cel::value::{Cel, Evaluated, Failure, Library};
use std::cmp::Ordering;

/// `mantissa · 10^scale`.
#[derive(Debug, Clone, Copy)]
pub(in crate::validate::cel) struct Quantity {
    mantissa: i128,
    scale: i32,
    /// Whether Go keeps it as an integer of 64 bits with a scale. Otherwise it is
    /// never an integer to it.
    is_small: bool,
}

/// Smaller parts are rounded up.
const NANO: i32 = -9;
/// As many digits as an integer of 64 bits surely holds.
const DIGITS: usize = 18;

/// A suffix: what one of it is worth.
#[derive(Clone, Copy)]
enum Suffix {
    /// 10 to this power.
    Decimal(i32),
    /// 2 to this power.
    Binary(u32),
}

const NO_QUANTITY: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// Why a text gives no quantity.
enum Misfit {
    Wrong,
    /// More digits than are known here.
    Large,
}

fn parse(text: &str) -> Result<Quantity, Misfit> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if text.is_empty() {
        return Err(Misfit::Wrong);
    }
    // No digits at all are a zero, if a zero, a point or nothing is there.
    let digits = unsigned.trim_start_matches('0');
    if digits.is_empty() {
        return Ok(Quantity::small(0, 0));
    }
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            rest.split_at(end)
        }
        None => ("", rest),
    };
    let is_bare = whole.is_empty() && fraction.is_empty() && unsigned == digits;
    let has_point = rest.starts_with('.');
    let suffix = interpret(suffix).ok_or(Misfit::Wrong)?;
    let parsed = Parsed {
        is_negative,
        whole,
        fraction,
        suffix,
    };
    match parsed.small() {
        Some(quantity) => Ok(quantity),
        // Where Go reads the text as a decimal there must be a digit.
        None if is_bare && has_point => Err(Misfit::Wrong),
        None => parsed.large().ok_or(Misfit::Large),
    }
}

fn interpret(suffix: &str) -> Option<Suffix> {
    let power = match suffix {
        "n" => -9,
        "u" => -6,
        "m" => -3,
        "" => 0,
        "k" => 3,
        "M" => 6,
        "G" => 9,
        "T" => 12,
        "P" => 15,
        "E" => 18,
        "Ki" => return Some(Suffix::Binary(10)),
        "Mi" => return Some(Suffix::Binary(20)),
        "Gi" => return Some(Suffix::Binary(30)),
        "Ti" => return Some(Suffix::Binary(40)),
        "Pi" => return Some(Suffix::Binary(50)),
        "Ei" => return Some(Suffix::Binary(60)),
        _ => {
            let digits = suffix.strip_prefix(['e', 'E'])?;
            let power: i64 = digits.parse().ok()?;
            // Cut as Go cuts it.
            #[allow(clippy::cast_possible_truncation)]
            let power = power as i32;
            power
        }
    };
    Some(Suffix::Decimal(power))
}

struct Parsed<'t> {
    is_negative: bool,
    whole: &'t str,
    fraction: &'t str,
    suffix: Suffix,
}

impl Parsed<'_> {
    /// As an integer with a scale, if it is short enough.
    fn small(&self) -> Option<Quantity> {
        let whole = if self.whole.is_empty() {
            "0"
        } else {
            self.whole
        };
        let count = whole.len() + self.fraction.len();
        let (factor, scale, most) = match self.suffix {
            Suffix::Decimal(power) => (1, power, DIGITS),
            Suffix::Binary(power) if self.fraction.is_empty() => {
                let digits = usize::try_from(power * 3 / 10).ok()?;
                (1_i64 << power, 0, 14_usize.checked_sub(digits)?)
            }
            Suffix::Binary(_) => return None,
        };
        let scale = scale.checked_sub(i32::try_from(self.fraction.len()).ok()?)?;
        if count > most || scale < NANO {
            return None;
        }
        let value: i64 = format!("{whole}{}", self.fraction).parse().ok()?;
        let value = value.checked_mul(factor)?;
        Some(Quantity::small(
            if self.is_negative { -value } else { value },
            scale,
        ))
    }

    /// As a decimal of any length; none beyond what is known here.
    fn large(&self) -> Option<Quantity> {
        let digits = format!("{}{}", self.whole, self.fraction);
        let mut mantissa: i128 = if digits.is_empty() {
            0
        } else {
            digits.parse().ok()?
        };
        let mut scale = -i32::try_from(self.fraction.len()).ok()?;
        match self.suffix {
            Suffix::Decimal(power) => scale = scale.checked_add(power)?,
            Suffix::Binary(power) => mantissa = mantissa.checked_mul(1 << power)?,
        }
        (mantissa, scale) = rounded_up(mantissa, scale);
        let most = Quantity::small(i64::MAX, 0);
        let mut quantity = Quantity {
            mantissa,
            scale,
            is_small: false,
        };
        let is_binary = matches!(self.suffix, Suffix::Binary(_));
        if is_binary && quantity.compare(most) == Ordering::Greater {
            (quantity.mantissa, quantity.scale) = (most.mantissa, most.scale);
        }
        if self.is_negative {
            quantity.mantissa = -quantity.mantissa;
        }
        Some(quantity)
    }
}

/// To nano at most, away from zero.
fn rounded_up(mantissa: i128, scale: i32) -> (i128, i32) {
    if scale >= NANO || mantissa == 0 {
        return (mantissa, scale);
    }
    match u32::try_from(NANO - scale)
        .ok()
        .and_then(|n| 10_i128.checked_pow(n))
    {
        Some(unit) => {
            let more = i128::from(mantissa % unit != 0);
            (mantissa / unit + more, NANO)
        }
        None => (1, NANO),
    }
}

impl Quantity {
    fn small(value: i64, scale: i32) -> Self {
        Self {
            mantissa: value.into(),
            scale,
            is_small: true,
        }
    }

    pub fn compare(self, other: Self) -> Ordering {
        let sign = self.mantissa.signum().cmp(&other.mantissa.signum());
        if sign != Ordering::Equal || self.mantissa == 0 {
            return sign;
        }
        let order = magnitude(self).cmp(&magnitude(other));
        if self.mantissa < 0 {
            order.reverse()
        } else {
            order
        }
    }

    fn as_integer(self) -> Option<i64> {
        let scale = u32::try_from(self.scale).ok().filter(|_| self.is_small)?;
        let value = self.mantissa.checked_mul(10_i128.checked_pow(scale)?)?;
        i64::try_from(value).ok()
    }

    #[allow(clippy::cast_precision_loss)]
    fn as_float(self) -> f64 {
        self.mantissa as f64 * 10_f64.powi(self.scale)
    }

    fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.min(other.scale);
        let aligned = |quantity: Self| {
            let shift = u32::try_from(quantity.scale - scale).ok()?;
            quantity.mantissa.checked_mul(10_i128.checked_pow(shift)?)
        };
        let mantissa = aligned(self)?.checked_add(aligned(other)?)?;
        let is_small = self.is_small && other.is_small && i64::try_from(mantissa).is_ok();
        Some(Self {
            mantissa,
            scale,
            is_small,
        })
    }

    fn negated(self) -> Self {
        Self {
            mantissa: -self.mantissa,
            ..self
        }
    }
}

/// The place of the first digit, then the digits without zeros at the end.
fn magnitude(quantity: Quantity) -> (i64, String) {
    let digits = quantity.mantissa.unsigned_abs().to_string();
    let place = i64::from(quantity.scale) + i64::try_from(digits.len()).unwrap_or(0);
    (place, digits.trim_end_matches('0').to_owned())
}

/// `quantity(…)`, `isQuantity(…)` and `sign(…)`; none if it is no such function.
pub(super) fn call(name: &str, arguments: &[Cel]) -> Option<Evaluated> {
    let done = match (name, arguments) {
        ("quantity", [Cel::Text(text)]) => match parse(text) {
            Ok(quantity) => Ok(Cel::Library(Library::Quantity(quantity))),
            Err(Misfit::Wrong) => Err(Failure::error(NO_QUANTITY)),
            Err(Misfit::Large) => Err(too_large()),
        },
        ("isQuantity", [Cel::Text(text)]) => {
            Ok(Cel::Bool(!matches!(parse(text), Err(Misfit::Wrong))))
        }
        ("sign", [Cel::Library(Library::Quantity(quantity))]) => Ok(Cel::Int(
            i64::try_from(quantity.mantissa.signum()).unwrap_or(0),
        )),
        _ => return None,
    };
    Some(done)
}

fn too_large() -> Failure {
    Failure::Unknown("so long a quantity".to_owned())
}

pub(super) fn method(name: &str, quantity: Quantity, arguments: &[Cel]) -> Evaluated {
    let other = match arguments {
        [Cel::Library(Library::Quantity(other))] => Some(*other),
        [Cel::Int(integer)] => Some(Quantity::small(*integer, 0)),
        _ => None,
    };
    let sum = |other: Quantity| {
        let sum = quantity.plus(other).ok_or_else(too_large);
        sum.map(|sum| Cel::Library(Library::Quantity(sum)))
    };
    match (name, other) {
        ("isInteger", None) => Ok(Cel::Bool(quantity.as_integer().is_some())),
        ("asInteger", None) => match quantity.as_integer() {
            Some(integer) => Ok(Cel::Int(integer)),
            None => Err(Failure::error("cannot convert value to integer")),
        },
        ("asApproximateFloat", None) => Ok(Cel::Double(quantity.as_float())),
        ("add", Some(other)) => sum(other),
        ("sub", Some(other)) => sum(other.negated()),
        (name, Some(other)) => ordered(name, quantity.compare(other)),
        _ => Err(unknown(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Misfit, Quantity, parse};
    use std::cmp::Ordering;

    fn read(text: &str) -> Quantity {
        let parsed = parse(text);
        assert!(parsed.is_ok(), "{text}");
        parsed.unwrap_or(Quantity::small(0, 0))
    }

    #[test]
    fn quantities_compare_by_value() {
        for (a, b) in [
            ("1Ki", "1024"),
            ("1000m", "1"),
            ("1e3", "1k"),
            ("0.0001n", "1n"),
            ("1.5Gi", "1536Mi"),
            (".5", "500m"),
            ("00.50", "5e-1"),
        ] {
            assert_eq!(read(a).compare(read(b)), Ordering::Equal, "{a} {b}");
        }
        assert_eq!(read("1e1000").compare(read("1Ei")), Ordering::Greater);
        assert_eq!(read("-2").compare(read("-1")), Ordering::Less);
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for text in [
            "", "a", " 1", "1 ", "1kk", "1mi", "--1", "1e", "1_000", "0x10",
        ] {
            assert!(matches!(parse(text), Err(Misfit::Wrong)), "{text}");
        }
    }

    #[test]
    fn only_short_ones_are_integers() {
        assert_eq!(read("5").as_integer(), Some(5));
        assert_eq!(read("1k").as_integer(), Some(1000));
        assert_eq!(read("1.0").as_integer(), None);
        assert_eq!(read("9223372036854775808").as_integer(), None);
    }
}
