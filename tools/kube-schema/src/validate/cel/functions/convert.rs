//! From one type to another (cel-go, `common/types`, `ConvertToType`).

use crate::validate::cel::value::{Cel, Evaluated, Failure, Timestamp};
use crate::validate::formats::{Civil, go_duration, parse_rfc3339};

/// The names of types that convert.
pub(super) const NAMES: [&str; 8] = [
    "bool",
    "bytes",
    "double",
    "duration",
    "int",
    "string",
    "timestamp",
    "uint",
];

pub(super) fn convert(name: &str, value: &Cel) -> Evaluated {
    match name {
        "bool" => to_bool(value),
        "bytes" => to_bytes(value),
        "double" => to_double(value),
        "duration" => to_duration(value),
        "int" => to_int(value),
        "string" => to_text(value),
        "timestamp" => to_timestamp(value),
        _ => to_uint(value),
    }
}

fn failed(value: &Cel, target: &str) -> Failure {
    match value {
        Cel::Text(text) => Failure::Error(format!(
            "type conversion error from 'string' to '{target}': {text}"
        )),
        _ => Failure::no_overload(),
    }
}

fn to_bool(value: &Cel) -> Evaluated {
    match value {
        Cel::Bool(_) => Ok(value.clone()),
        Cel::Text(text) => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Cel::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Cel::Bool(false)),
            _ => Err(failed(value, "bool")),
        },
        _ => Err(Failure::no_overload()),
    }
}

fn to_bytes(value: &Cel) -> Evaluated {
    match value {
        Cel::Bytes(_) => Ok(value.clone()),
        Cel::Text(text) => Ok(Cel::Bytes(text.as_bytes().into())),
        _ => Err(Failure::no_overload()),
    }
}

#[allow(clippy::cast_precision_loss)]
fn to_double(value: &Cel) -> Evaluated {
    match value {
        Cel::Double(_) => Ok(value.clone()),
        Cel::Int(integer) => Ok(Cel::Double(*integer as f64)),
        Cel::Uint(integer) => Ok(Cel::Double(*integer as f64)),
        Cel::Text(text) => {
            let parsed = text.parse().map(Cel::Double);
            parsed.map_err(|_| failed(value, "double"))
        }
        _ => Err(Failure::no_overload()),
    }
}

fn to_duration(value: &Cel) -> Evaluated {
    match value {
        Cel::Duration(_) => Ok(value.clone()),
        Cel::Int(nanoseconds) => Ok(Cel::Duration(*nanoseconds)),
        Cel::Text(text) => go_duration(text)
            .map(Cel::Duration)
            .ok_or_else(|| failed(value, "duration")),
        _ => Err(Failure::no_overload()),
    }
}

#[allow(clippy::cast_possible_truncation)]
fn to_int(value: &Cel) -> Evaluated {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    match value {
        Cel::Int(_) => Ok(value.clone()),
        Cel::Uint(integer) => i64::try_from(*integer)
            .map(Cel::Int)
            .map_err(|_| Failure::error("integer overflow")),
        Cel::Double(double) if double.abs() < LIMIT => Ok(Cel::Int(*double as i64)),
        Cel::Double(_) => Err(Failure::error("integer overflow")),
        Cel::Timestamp(at) => Ok(Cel::Int(at.seconds)),
        Cel::Duration(nanoseconds) => Ok(Cel::Int(*nanoseconds)),
        Cel::Text(text) => {
            let parsed = text.parse().map(Cel::Int);
            parsed.map_err(|_| failed(value, "int"))
        }
        _ => Err(Failure::no_overload()),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn to_uint(value: &Cel) -> Evaluated {
    const LIMIT: f64 = 18_446_744_073_709_551_616.0;
    match value {
        Cel::Uint(_) => Ok(value.clone()),
        Cel::Int(integer) => u64::try_from(*integer)
            .map(Cel::Uint)
            .map_err(|_| Failure::error("unsigned integer overflow")),
        Cel::Double(double) if (0.0..LIMIT).contains(double) => Ok(Cel::Uint(*double as u64)),
        Cel::Double(_) => Err(Failure::error("unsigned integer overflow")),
        Cel::Text(text) if !text.starts_with('+') => {
            let parsed = text.parse().map(Cel::Uint);
            parsed.map_err(|_| failed(value, "uint"))
        }
        _ => Err(failed(value, "uint")),
    }
}

fn to_timestamp(value: &Cel) -> Evaluated {
    let at = match value {
        Cel::Timestamp(at) => Some(*at),
        Cel::Int(seconds) => Timestamp::of_total(i128::from(*seconds) * 1_000_000_000),
        // Unlike a field's format, it must have a zone.
        Cel::Text(text) => parse_rfc3339(text).map(Timestamp::from),
        _ => return Err(Failure::no_overload()),
    };
    at.and_then(|at| at.moved(0))
        .map(Cel::Timestamp)
        .ok_or_else(|| failed(value, "timestamp"))
}

fn to_text(value: &Cel) -> Evaluated {
    Ok(match value {
        Cel::Text(_) => value.clone(),
        Cel::Bool(value) => value.to_string().into(),
        Cel::Int(value) => value.to_string().into(),
        Cel::Uint(value) => value.to_string().into(),
        Cel::Double(value) => double_text(*value).into(),
        Cel::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => {
                return Err(Failure::error(
                    "invalid UTF-8 in bytes, cannot convert to string",
                ));
            }
        },
        Cel::Duration(nanoseconds) => duration_text(*nanoseconds).into(),
        Cel::Timestamp(at) => timestamp_text(*at).into(),
        Cel::Type(name) => (*name).into(),
        _ => return Err(Failure::no_overload()),
    })
}

/// Go's `%g`.
pub(super) fn double_text(double: f64) -> String {
    if double.is_nan() {
        return "NaN".to_owned();
    }
    if double.is_infinite() {
        return if double > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    crate::validate::numbers::go_float(double)
}

/// Seconds: `90s`, `0.5s`.
pub(super) fn duration_text(nanoseconds: i64) -> String {
    #[allow(clippy::cast_precision_loss)]
    let rest = (nanoseconds % 1_000_000_000) as f64 / 1e9;
    #[allow(clippy::cast_precision_loss)]
    let seconds = (nanoseconds / 1_000_000_000) as f64;
    format!("{}s", seconds + rest)
}

/// RFC 3339 in the zone that it was written in, with as much of a fraction as there is.
pub(super) fn timestamp_text(at: Timestamp) -> String {
    let fraction = format!("{:09}", at.nanoseconds);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    let zone = match at.offset / 60 {
        0 => "Z".to_owned(),
        minutes => {
            let sign = if minutes < 0 { '-' } else { '+' };
            let minutes = minutes.abs();
            format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    };
    format!(
        "{}{point}{fraction}{zone}",
        Civil::of(at.seconds + at.offset)
    )
}

#[cfg(test)]
mod tests {
    use super::{Cel, to_text, to_timestamp};

    #[test]
    fn a_time_keeps_the_zone_that_it_was_written_in() {
        for (text, kept) in [
            ("2026-01-01T08:00:00.50Z", "2026-01-01T08:00:00.5Z"),
            ("2026-01-01T8:00:00+00:00", "2026-01-01T08:00:00Z"),
            ("2026-12-31T23:00:00-02:30", "2026-12-31T23:00:00-02:30"),
            ("2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+24:00"),
        ] {
            let time = to_timestamp(&text.into());
            let written = time.and_then(|time| to_text(&time));
            assert!(
                matches!(written, Ok(Cel::Text(text)) if &*text == kept),
                "{text}"
            );
        }
    }
}
