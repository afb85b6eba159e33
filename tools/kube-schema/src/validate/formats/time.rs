//! Dates, times and durations (`strfmt/{date,time,duration}.go`; Go's `time`).

use super::Compiled;
use regex::Regex;
use std::fmt;
use std::sync::LazyLock;

/// A date that the calendar has: year, month, day.
pub(in crate::validate) fn parse_date(text: &str) -> Option<(i64, u32, u32)> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| match i {
            4 | 7 => *b == b'-',
            _ => b.is_ascii_digit(),
        });
    if !shaped {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<u32>().unwrap_or(0);
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days)
        .contains(&day)
        .then_some((year.into(), month, day))
}

static TIME: Compiled = LazyLock::new(|| {
    Regex::new(r"^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})$").ok()
});

/// RFC 3339, also with a small `t` and `z`; a second 60 is refused. What stands
/// behind a second `t` is not looked at.
pub(super) fn is_date_time(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut parts = lower.split('t');
    let (Some(date), Some(time)) = (parts.next(), parts.next()) else {
        return false;
    };
    let time = TIME.as_ref().and_then(|regex| regex.captures(time));
    parse_date(date).is_some()
        && time.is_some_and(|t| &t[1] <= "23" && &t[2] <= "59" && &t[3] <= "59")
}

/// A moment: seconds since 1970, and nanoseconds; and how it was written: how many
/// seconds east of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::validate) struct DateTime {
    pub seconds: i64,
    pub nanoseconds: u32,
    pub offset: i64,
}

/// The moment as a CEL rule sees it (`strfmt.ParseDateTime`). It is stricter than
/// the format: small letters and offsets beyond a day are refused. As with all of
/// Go's, an hour may have one digit. The empty string is the beginning of 1970.
pub(in crate::validate) fn parse_date_time(text: &str) -> Option<DateTime> {
    static MOMENT: Compiled = LazyLock::new(|| {
        Regex::new(r"^(.{10})T([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})?$")
            .ok()
    });
    if text.is_empty() {
        return Some(DateTime {
            seconds: 0,
            nanoseconds: 0,
            offset: 0,
        });
    }
    let parts = MOMENT.as_ref()?.captures(text)?;
    let (year, month, day) = parse_date(&parts[1])?;
    let number = |text: &str, most: i64| text.parse().ok().filter(|n: &i64| *n <= most);
    let (hour, minute) = (number(&parts[2], 23)?, number(&parts[3], 59)?);
    let second = number(&parts[4], 59)?;
    let offset = match parts.get(6).map(|zone| zone.as_str()) {
        None | Some("Z") => 0,
        Some(zone) => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            sign * (number(&zone[1..3], 24)? * 3600 + number(&zone[4..6], 60)? * 60)
        }
    };
    let of_day = hour * 3600 + minute * 60 + second;
    Some(DateTime {
        seconds: days_since_1970(year, month, day) * 86_400 + of_day - offset,
        nanoseconds: nanoseconds(parts.get(5).map_or("", |digits| digits.as_str())),
        offset,
    })
}

/// The same, which must have a zone (`time.Parse` of RFC 3339).
pub(in crate::validate) fn parse_rfc3339(text: &str) -> Option<DateTime> {
    let time = text.get("2026-01-01T".len()..)?;
    let has_zone = time.ends_with('Z') || time.contains(['+', '-']);
    parse_date_time(text).filter(|_| has_zone)
}

/// The first nine digits behind the point.
fn nanoseconds(digits: &str) -> u32 {
    let digits = &digits[..digits.len().min(9)];
    format!("{digits:0<9}").parse().unwrap_or(0)
}

/// Days of the proleptic Gregorian calendar (Howard Hinnant, `days_from_civil`).
pub(in crate::validate) fn days_since_1970(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = i64::from((month + 9) % 12);
    let day_of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// A moment by the calendar, in UTC.
pub(in crate::validate) struct Civil {
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

/// `2026-11-25T11:30:00`.
impl fmt::Display for Civil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = (self.year, self.month, self.day);
        let (hour, minute, second) = (self.hour, self.minute, self.second);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )
    }
}

/// Nanoseconds of a duration in Go's form (`1h30m`), or of the words in the text
/// (`3 days`), wherever they are.
pub(in crate::validate) fn parse_duration(text: &str) -> Option<i64> {
    go_duration(text).or_else(|| duration_in_words(text))
}

/// `time.ParseDuration`: a sign, then numbers with a unit each, or only `0`.
pub(in crate::validate) fn go_duration(text: &str) -> Option<i64> {
    static PART: Compiled =
        LazyLock::new(|| Regex::new(r"^([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)").ok());
    let (is_negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let parts = PART.as_ref()?.captures(rest)?;
        let fraction = parts.get(2).map_or("", |digits| digits.as_str());
        if parts[1].is_empty() && fraction.is_empty() {
            return None;
        }
        total += scaled(&parts[1], fraction, unit(&parts[3])?)?;
        rest = &rest[parts[0].len()..];
    }
    let most = i128::from(i64::MAX) + i128::from(is_negative);
    let signed = if is_negative { -total } else { total };
    (total <= most).then(|| i64::try_from(signed).ok())?
}

/// `whole.fraction` times the unit, as far as int64 goes.
fn scaled(whole: &str, fraction: &str, unit: i64) -> Option<i128> {
    let whole: i128 = match whole {
        "" => 0,
        digits => digits.parse().ok().filter(|n| *n <= 1_i128 << 63)?,
    };
    let digits = &fraction[..fraction.len().min(18)];
    let scale = 10_i128.pow(u32::try_from(digits.len()).ok()?);
    let part = digits.parse::<i128>().unwrap_or(0) * i128::from(unit) / scale;
    let total = whole.checked_mul(unit.into())? + part;
    (total <= 1_i128 << 63).then_some(total)
}

fn unit(name: &str) -> Option<i64> {
    let nanoseconds = match name {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    Some(nanoseconds)
}

/// Each unit's short names, then the word that a longer one may begin with.
const WORDS: [(&[&str], &str, i64); 8] = [
    (&["ns"], "nano", 1),
    (&["us", "µs"], "micro", 1_000),
    (&["ms"], "milli", 1_000_000),
    (&["s"], "sec", 1_000_000_000),
    (&["m"], "min", 60_000_000_000),
    (&["h", "hr"], "hour", 3_600_000_000_000),
    (&["d"], "day", 86_400_000_000_000),
    (&["w", "wk"], "week", 604_800_000_000_000),
];

fn duration_in_words(text: &str) -> Option<i64> {
    static PART: Compiled =
        LazyLock::new(|| Regex::new(r"([0-9]+)[\t\n\x0C\r ]*([A-Za-zµ]+)").ok());
    let mut total = None;
    for part in PART.as_ref()?.captures_iter(text) {
        let factor: i64 = part[1].parse().ok()?;
        let word = part[2].to_lowercase();
        for (names, stem, nanoseconds) in WORDS {
            if names.contains(&word.as_str()) || word.starts_with(stem) {
                let part = factor.wrapping_mul(nanoseconds);
                total = Some(total.unwrap_or(0_i64).wrapping_add(part));
            }
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::{Civil, DateTime, go_duration, parse_date_time, parse_duration, parse_rfc3339};

    #[test]
    fn moments_are_counted_from_1970() {
        let at = |text: &str| parse_date_time(text).map(|at| at.seconds);
        assert_eq!(at("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(at("2026-11-25T12:30:00+01:00"), Some(1_795_606_200));
        assert_eq!(at("0001-01-01T00:00:00Z"), Some(-62_135_596_800));
        assert_eq!(at("2026-11-25t12:30:00Z"), None);
        assert_eq!(at("1970-01-01T1:00:00+00:00"), Some(3600));
        assert_eq!(parse_rfc3339("1970-01-01T1:00:00"), None);
        assert_eq!(
            parse_rfc3339("1970-01-01T1:00:00+01:00").map(|at| at.seconds),
            Some(0)
        );
        assert_eq!(
            parse_date_time("1970-01-01T00:00:01.5Z"),
            Some(DateTime {
                seconds: 1,
                nanoseconds: 500_000_000,
                offset: 0,
            })
        );
    }

    #[test]
    fn durations_are_added_up() {
        assert_eq!(go_duration("1h0.5m"), Some(3_630_000_000_000));
        assert_eq!(go_duration("-1.5s"), Some(-1_500_000_000));
        assert_eq!(go_duration("2562048h"), None);
        assert_eq!(
            parse_duration("1 day and 2 seconds"),
            Some(86_402_000_000_000)
        );
    }

    #[test]
    fn seconds_become_dates() {
        let civil = Civil::of(1_795_606_200);
        assert_eq!((civil.year, civil.month, civil.day), (2026, 11, 25));
        assert_eq!((civil.hour, civil.minute, civil.second), (11, 30, 0));
        assert_eq!((civil.day_of_week, civil.day_of_year), (3, 328));
        assert_eq!(civil.to_string(), "2026-11-25T11:30:00");
        let civil = Civil::of(-1);
        assert_eq!((civil.year, civil.day_of_year), (1969, 364));
    }
}
