//! Numbers as Go writes them.

use serde_json::Number;

/// A number as `encoding/json` writes it: `1`, `1.5`, `1e+21`, `1e-7`.
pub fn json_number(number: &Number) -> String {
    match number.as_i64() {
        Some(integer) => integer.to_string(),
        None if number.is_u64() => number.to_string(),
        None => json_float(number.as_f64().unwrap_or_default()),
    }
}

fn json_float(float: f64) -> String {
    let size = float.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return format!("{float}");
    }
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

/// A number as it comes out of YAML after its JSON text was read again.
pub(super) fn yaml_number(number: &Number) -> String {
    let json = json_number(number);
    if json == "-0" {
        return "0".to_owned();
    }
    if json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok() {
        return json;
    }
    shortest(json.parse().unwrap_or_default())
}

/// `strconv.FormatFloat(float, 'g', -1, 64)`.
fn shortest(float: f64) -> String {
    let text = format!("{float:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{float}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
