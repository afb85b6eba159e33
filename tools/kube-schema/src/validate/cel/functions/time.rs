//! What moments and durations tell of themselves (cel-go, `common/types`).

use super::unknown;
use crate::validate::cel::value::{Cel, Evaluated, Failure, Timestamp};
use crate::validate::formats::days_since_1970;

/// A moment by the calendar, in UTC.
pub(super) struct Civil {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    /// From 0.
    pub day_of_year: i64,
    /// Sunday is 0.
    pub day_of_week: i64,
}

impl Civil {
    /// Of seconds since 1970 (Howard Hinnant, `civil_from_days`).
    pub fn of(seconds: i64) -> Self {
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = (shifted_month + 2) % 12 + 1;
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        Self {
            year,
            month,
            day,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
            day_of_year: days - days_since_1970(year, 1, 1),
            day_of_week: (days + 4).rem_euclid(7),
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::Civil;

    #[test]
    fn seconds_become_dates() {
        let civil = Civil::of(1_795_606_200);
        assert_eq!((civil.year, civil.month, civil.day), (2026, 11, 25));
        assert_eq!((civil.hour, civil.minute, civil.second), (11, 30, 0));
        assert_eq!((civil.day_of_week, civil.day_of_year), (3, 328));
        let civil = Civil::of(-1);
        assert_eq!((civil.year, civil.day_of_year), (1969, 364));
    }
}
