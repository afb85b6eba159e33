//! What moments and durations tell of themselves (cel-go, `common/types`).

use super::unknown;
use crate::validate::cel::value::{Cel, Evaluated, Failure, Timestamp};
use crate::validate::formats::Civil;

pub(super) fn of_timestamp(name: &str, at: Timestamp, arguments: &[Cel]) -> Evaluated {
    let offset = match arguments {
        [] => 0,
        [Cel::Text(zone)] => offset(zone)?,
        _ => return Err(unknown(name)),
    };
    let civil = Civil::of(at.seconds + offset);
    Ok(Cel::Int(match name {
        "getFullYear" => civil.year,
        "getMonth" => civil.month - 1,
        "getDate" => civil.day,
        "getDayOfMonth" => civil.day - 1,
        "getDayOfWeek" => civil.day_of_week,
        "getDayOfYear" => civil.day_of_year,
        "getHours" => civil.hour,
        "getMinutes" => civil.minute,
        "getSeconds" => civil.second,
        "getMilliseconds" => i64::from(at.nanoseconds / 1_000_000),
        _ => return Err(unknown(name)),
    }))
}

/// Seconds east of UTC. The names of zones are not known here, but for UTC.
fn offset(zone: &str) -> Result<i64, Failure> {
    let Some((hours, minutes)) = zone.split_once(':') else {
        return match zone {
            "" | "UTC" => Ok(0),
            _ => Err(Failure::Unknown(format!("the time zone {zone}"))),
        };
    };
    let number = |text: &str| {
        let parsed = text.parse::<i64>();
        parsed.map_err(|_| Failure::Error(format!("invalid time zone {zone}")))
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if !(0..60).contains(&minutes) {
        let text = format!("timezone offset minutes out of range [0, 59]: {zone}");
        return Err(Failure::Error(text));
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    Ok(hours * 3600 + sign * minutes * 60)
}

pub(super) fn of_duration(name: &str, nanoseconds: i64) -> Evaluated {
    let unit = match name {
        "getHours" => 3_600_000_000_000,
        "getMinutes" => 60_000_000_000,
        "getSeconds" => 1_000_000_000,
        "getMilliseconds" => 1_000_000,
        _ => return Err(unknown(name)),
    };
    Ok(Cel::Int(nanoseconds / unit))
}
