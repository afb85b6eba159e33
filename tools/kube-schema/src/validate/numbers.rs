//! Bounds and factors of numbers. The server keeps every bound as a float and
//! compares integers after cutting the bound to an integer (kube-openapi,
//! `pkg/validation/validate/values.go`).

use super::error::FieldError;
use super::path::Path;
use crate::{Number, Schema, Type};
use serde_json::Value;

pub(super) fn check(path: &Path, value: &Value, schema: &Schema, errors: &mut Vec<FieldError>) {
    let Value::Number(number) = value else { return };
    if let Some(problem) = out_of_range(schema, number) {
        let text = format!("Checked value must be of type {problem} in {path}");
        errors.push(FieldError::invalid(path, value, text));
    }
    if let Some(bound) = schema.maximum {
        let should = if schema.exclusive_maximum {
            "less than"
        } else {
            "less than or equal to"
        };
        let fits = |a: f64, b: f64| {
            if schema.exclusive_maximum {
                a < b
            } else {
                a <= b
            }
        };
        let fits_int = |a: i64, b: i64| {
            if schema.exclusive_maximum {
                a < b
            } else {
                a <= b
            }
        };
        if !holds(schema, number, bound, fits, fits_int) {
            errors.push(FieldError::in_body(
                path,
                value,
                format!("should be {should} {bound}"),
            ));
        }
    }
    if let Some(bound) = schema.minimum {
        let should = if schema.exclusive_minimum {
            "greater than"
        } else {
            "greater than or equal to"
        };
        let fits = |a: f64, b: f64| {
            if schema.exclusive_minimum {
                a > b
            } else {
                a >= b
            }
        };
        let fits_int = |a: i64, b: i64| {
            if schema.exclusive_minimum {
                a > b
            } else {
                a >= b
            }
        };
        if !holds(schema, number, bound, fits, fits_int) {
            errors.push(FieldError::in_body(
                path,
                value,
                format!("should be {should} {bound}"),
            ));
        }
    }
    if let Some(factor) = schema.multiple_of {
        check_factor(path, value, number, factor, errors);
    }
}

fn holds(
    schema: &Schema,
    number: &serde_json::Number,
    bound: Number,
    fits: impl Fn(f64, f64) -> bool,
    fits_int: impl Fn(i64, i64) -> bool,
) -> bool {
    let bound = bound.as_f64();
    // A bound that int64 cannot hold as a float makes every integer invalid.
    if schema.value_type == Some(Type::Integer) && !fits_i64(bound) {
        return false;
    }
    match number.as_i64() {
        Some(integer) => fits_int(integer, cut(bound)),
        None => fits(number.as_f64().unwrap_or(f64::NAN), bound),
    }
}

fn check_factor(
    path: &Path,
    value: &Value,
    number: &serde_json::Number,
    factor: Number,
    errors: &mut Vec<FieldError>,
) {
    let is_multiple = match number.as_i64() {
        Some(integer) => {
            let factor = cut(factor.as_f64());
            if factor <= 0 {
                let text = format!("factor MultipleOf must be positive: {factor}");
                errors.push(FieldError::in_body(path, value, text));
                return;
            }
            integer % factor == 0
        }
        None => {
            let quotient = number.as_f64().unwrap_or(f64::NAN) / factor.as_f64();
            (quotient - quotient.round()).abs() <= 1e-9 * quotient.abs().max(1.0)
        }
    };
    if !is_multiple {
        errors.push(FieldError::in_body(
            path,
            value,
            format!("should be a multiple of {factor}"),
        ));
    }
}

/// What the number should have been and is not.
fn out_of_range(schema: &Schema, number: &serde_json::Number) -> Option<String> {
    let format = schema.format.as_deref().unwrap_or_default();
    let value = number.as_f64().unwrap_or(f64::NAN);
    let (name, fits) = match schema.value_type? {
        Type::Integer => (
            "integer",
            match format {
                "int32" => {
                    number.as_i64().is_none_or(|i| i32::try_from(i).is_ok()) && fits_i64(value)
                }
                "uint32" => (0.0..=f64::from(u32::MAX)).contains(&value),
                "uint64" => (0.0..18_446_744_073_709_551_616.0).contains(&value),
                _ => number.as_i64().is_some() || (number.is_f64() && fits_i64(value)),
            },
        ),
        Type::Number => (
            "number",
            format != "float" || value.abs() <= f64::from(f32::MAX),
        ),
        _ => return None,
    };
    let kind = match format {
        "" => format!("{name} (default format)"),
        format => format!("{name} with format {format}"),
    };
    (!fits).then_some(kind)
}

/// Whether the float is within int64; 2^63 itself is not.
fn fits_i64(value: f64) -> bool {
    value.abs() < 9_223_372_036_854_775_808.0
}

/// The float without its fraction, as Go's conversion to int64.
#[allow(clippy::cast_possible_truncation)]
fn cut(value: f64) -> i64 {
    value as i64
}
