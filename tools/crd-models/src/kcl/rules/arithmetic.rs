//! Numbers. CEL's integers fail where they overflow; KCL's would stop the
//! program, so they are never added where they may.

use super::values::operand;
use crate::cel::{Code, Level, Made, Reason, Term};
use crate::kcl::checks::formats::helper;
use cel_frontend::Type;

/// `+`, `-`, `*`, `/` or `%` of two numbers of one type.
pub(super) fn binary(sign: &str, a: &Term<'_>, b: &Term<'_>) -> Result<Made, Reason> {
    match &a.ty {
        Type::Double => doubles(sign, a, b),
        Type::Int | Type::Duration => integers(sign, &operand(a), &operand(b)),
        ty => Err(format!("{sign} of values of type {ty}")),
    }
}

fn doubles(sign: &str, a: &Term<'_>, b: &Term<'_>) -> Result<Made, Reason> {
    let level = match sign {
        "+" | "-" => Level::Sum,
        "*" | "/" => Level::Product,
        _ => return Err(format!("{sign} of doubles")),
    };
    let code = Code::binary(level, &double(&a.code), sign, &double(&b.code));
    Ok(Made::always(code))
}

/// A `number` may be a whole one in KCL.
fn double(code: &Code) -> Code {
    let text = code.to_string();
    let is_double = text.contains('.') && text.parse::<f64>().is_ok();
    if is_double || text.starts_with("_float(") {
        return code.clone();
    }
    Code::atom(format!("_float({code})"))
}

/// What is known of an integer.
enum Known {
    Constant(i64),
    /// A length or the like: nowhere near the limits.
    Small,
    Nothing,
}

fn known(code: &Code) -> Known {
    let text = code.to_string();
    match text.parse() {
        Ok(value) => Known::Constant(value),
        Err(_) if text.starts_with("_len(") => Known::Small,
        Err(_) => Known::Nothing,
    }
}

fn integers(sign: &str, a: &Code, b: &Code) -> Result<Made, Reason> {
    let level = match sign {
        "*" | "/" | "%" => Level::Product,
        _ => Level::Sum,
    };
    let plain = Code::binary(level, a, sign, b);
    let helped = |name: &str| {
        let code = helper(name, &[a, b]);
        let defined = vec![is_not_none(&code)];
        Ok(Made { code, defined })
    };
    let small = |value: i64| value.unsigned_abs() < 1 << 31;
    match (sign, known(a), known(b)) {
        ("/" | "%", _, Known::Constant(0)) => Ok(Made {
            code: Code::atom("0"),
            defined: vec![Code::bool(false)],
        }),
        ("/", known, Known::Constant(by)) => Ok(divided("quotient", "//", known, a, by)),
        ("%", known, Known::Constant(by)) => Ok(divided("remainder", "%", known, a, by)),
        ("/" | "%", ..) => Ok(divided_by(sign, a, b)),
        (_, Known::Small, Known::Small) => Ok(Made::always(plain)),
        (_, Known::Small, Known::Constant(value)) if small(value) => Ok(Made::always(plain)),
        (_, Known::Constant(value), Known::Small) if small(value) => Ok(Made::always(plain)),
        ("+", _, Known::Constant(value)) => Ok(within(plain, a, added(value.into()))),
        ("+", Known::Constant(value), _) => Ok(within(plain, b, added(value.into()))),
        ("-", _, Known::Constant(value)) => Ok(within(plain, a, added(-i128::from(value)))),
        ("*", _, Known::Constant(value)) => Ok(within(plain, a, multiplied(value.into()))),
        ("*", Known::Constant(value), _) => Ok(within(plain, b, multiplied(value.into()))),
        ("+", ..) => helped("total"),
        ("-", ..) => helped("difference"),
        ("*", ..) => helped("product"),
        _ => Err(format!("{sign} of integers")),
    }
}

const LEAST: i128 = i64::MIN as i128;
const MOST: i128 = i64::MAX as i128;

/// What may be added to.
fn added(value: i128) -> [i128; 2] {
    [LEAST - value, MOST - value]
}

/// What may be multiplied.
fn multiplied(value: i128) -> [i128; 2] {
    match value {
        0 => [LEAST, MOST],
        1.. => [-((-LEAST) / value), MOST / value],
        _ => [-(MOST / -value), (-LEAST) / -value],
    }
}

/// The expression, where the operand is within these limits.
fn within(code: Code, operand: &Code, [least, most]: [i128; 2]) -> Made {
    let operand = operand.at(Level::Sum);
    let mut defined = Vec::new();
    let compared = |text: String| Code::new(Level::Comparison, text);
    if least > LEAST {
        defined.push(compared(format!("{operand} >= {least}")));
    }
    if most < MOST {
        defined.push(compared(format!("{operand} <= {most}")));
    }
    Made { code, defined }
}

fn divided(name: &str, sign: &str, known: Known, a: &Code, by: i64) -> Made {
    let by_code = Code::atom(by.to_string());
    if by > 0 && matches!(known, Known::Small) {
        return Made::always(Code::binary(Level::Product, a, sign, &by_code));
    }
    let made = helper(name, &[a, &by_code]);
    match by {
        // The least integer has no opposite.
        -1 => within(made, a, [LEAST + 1, MOST]),
        _ => Made::always(made),
    }
}

fn divided_by(sign: &str, a: &Code, b: &Code) -> Made {
    let name = if sign == "/" { "quotient" } else { "remainder" };
    let operand = b.at(Level::Sum);
    let mut defined = vec![Code::new(Level::Comparison, format!("{operand} != 0"))];
    if !matches!(known(a), Known::Constant(_) | Known::Small) {
        let least = format!("{} >= {}", a.at(Level::Sum), LEAST + 1);
        defined.push(Code::any([
            Code::new(Level::Comparison, format!("{operand} != -1")),
            Code::new(Level::Comparison, least),
        ]));
    }
    Made {
        code: helper(name, &[a, b]),
        defined,
    }
}

/// `-a`.
pub(super) fn negated(a: &Term<'_>) -> Result<Made, Reason> {
    let code = operand(a);
    match a.ty {
        Type::Double => {
            let code = double(&code);
            Ok(Made::always(Code::new(
                Level::Minus,
                format!("-{}", code.at(Level::Minus)),
            )))
        }
        Type::Int => {
            let minus = Code::new(Level::Minus, format!("-{}", code.at(Level::Atom)));
            Ok(within(minus, &code, [LEAST + 1, MOST]))
        }
        _ => Err("- of a value that is no number".to_owned()),
    }
}

/// Whether a helper gave a value.
pub(super) fn is_not_none(code: &Code) -> Code {
    let code = code.at(Level::Sum);
    Code::with_opposite(
        Level::Comparison,
        format!("{code} != None"),
        format!("{code} == None"),
    )
}
