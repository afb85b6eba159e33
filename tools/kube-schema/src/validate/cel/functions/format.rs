//! `'%s'.format([…])` (cel-go, `ext/formatting.go`), as it is in the locale en-US.

use super::convert::{convert, duration_text, timestamp_text};
use super::strings::quoted;
use crate::validate::cel::value::{Cel, Evaluated, Failure, Key};
use std::collections::BTreeMap;

/// How many digits follow the point where none are asked for.
const PRECISION: usize = 6;

pub(super) fn format(pattern: &str, values: &[Cel]) -> Evaluated {
    let mut out = String::new();
    let mut values = values.iter();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('%') {
        out += before;
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let (precision, after) = precision(after)?;
        let mut chars = after.chars();
        let Some(verb) = chars.next() else {
            return Err(Failure::error("unexpected end of string"));
        };
        let Some(value) = values.next() else {
            return Err(Failure::error("index out of range"));
        };
        out += &formatted(verb, precision, value)?;
        rest = chars.as_str();
    }
    out += rest;
    Ok(out.into())
}

/// `.2`, and what follows.
fn precision(text: &str) -> Result<(Option<usize>, &str), Failure> {
    let Some(text) = text.strip_prefix('.') else {
        return Ok((None, text));
    };
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let parsed = digits.parse().map(|precision| (Some(precision), rest));
    parsed.map_err(|_| Failure::error("error while parsing precision"))
}

fn formatted(verb: char, precision: Option<usize>, value: &Cel) -> Result<String, Failure> {
    match (verb, value) {
        ('s', value) => text(value),
        ('d', Cel::Int(_) | Cel::Uint(_)) => text(value),
        ('f', Cel::Double(double)) if double.is_finite() => Ok(grouped(&format!(
            "{double:.*}",
            precision.unwrap_or(PRECISION)
        ))),
        ('b', Cel::Bool(value)) => Ok(u8::from(*value).to_string()),
        ('b' | 'o' | 'x' | 'X', Cel::Int(integer)) => {
            let sign = if *integer < 0 { "-" } else { "" };
            Ok(format!("{sign}{}", in_base(verb, integer.unsigned_abs())))
        }
        ('b' | 'o' | 'x' | 'X', Cel::Uint(integer)) => Ok(in_base(verb, *integer)),
        ('x' | 'X', Cel::Text(text)) => Ok(hex(verb, text.as_bytes())),
        ('x' | 'X', Cel::Bytes(bytes)) => Ok(hex(verb, bytes)),
        ('e' | 'f', Cel::Double(_) | Cel::Text(_)) => {
            Err(Failure::Unknown(format!("%{verb} of such a value")))
        }
        _ => Err(Failure::Error(format!("error during formatting: %{verb}"))),
    }
}

fn in_base(verb: char, integer: u64) -> String {
    match verb {
        'b' => format!("{integer:b}"),
        'o' => format!("{integer:o}"),
        'x' => format!("{integer:x}"),
        _ => format!("{integer:X}"),
    }
}

fn hex(verb: char, bytes: &[u8]) -> String {
    let digits = |b: &u8| in_base(verb, (*b).into());
    bytes.iter().map(|b| format!("{:0>2}", digits(b))).collect()
}

/// With a comma before every three digits.
fn grouped(number: &str) -> String {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut out = String::from(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out += fraction;
    }
    out
}

fn text(value: &Cel) -> Result<String, Failure> {
    match value {
        Cel::Null => Ok("null".to_owned()),
        Cel::List(list) => {
            let items: Result<Vec<String>, Failure> = list.items.iter().map(literal).collect();
            Ok(format!("[{}]", items?.join(", ")))
        }
        Cel::Map(map) => map_text(map),
        value => match convert("string", value)? {
            Cel::Text(text) => Ok(text.to_string()),
            _ => Err(Failure::no_overload()),
        },
    }
}

fn map_text(map: &BTreeMap<Key, Cel>) -> Result<String, Failure> {
    let entry = |(key, value): (&Key, &Cel)| {
        let key = literal(&key.value())?;
        Ok(format!("{key}:{}", literal(value)?))
    };
    let mut entries = map.iter().map(entry).collect::<Result<Vec<_>, Failure>>()?;
    entries.sort();
    Ok(format!("{{{}}}", entries.join(", ")))
}

/// As it would be written in an expression.
fn literal(value: &Cel) -> Result<String, Failure> {
    match value {
        Cel::Text(text) => Ok(quoted(text)),
        Cel::Bytes(_) => Err(Failure::Unknown("bytes in a list".to_owned())),
        Cel::Double(double) => Ok(format!("{double:.PRECISION$}")),
        Cel::Timestamp(at) => Ok(format!("timestamp(\"{}\")", timestamp_text(*at))),
        Cel::Duration(length) => Ok(format!("duration(\"{}\")", duration_text(*length))),
        value => text(value),
    }
}

#[cfg(test)]
mod tests {
    use super::format;
    use crate::validate::cel::value::Cel;

    #[test]
    fn values_are_formatted_as_by_the_server() {
        let list = || Cel::from(vec![Cel::from("a"), Cel::Int(1), Cel::Double(0.5)]);
        for (pattern, values, expected) in [
            ("%s-%d", vec![Cel::from("n"), Cel::Int(7)], "n-7"),
            ("%.1f%%", vec![Cel::Double(1234.25)], "1,234.2%"),
            (
                "%x %X %b",
                vec![Cel::Int(255), Cel::from("k"), Cel::Int(-5)],
                "ff 6B -101",
            ),
            ("%s", vec![list()], "[\"a\", 1, 0.500000]"),
        ] {
            let found = format!("{:?}", format(pattern, &values));
            assert_eq!(found, format!("Ok(Text({expected:?}))"));
        }
        assert!(format("%d", &[Cel::from("x")]).is_err());
        assert!(format("%s", &[]).is_err());
    }
}
