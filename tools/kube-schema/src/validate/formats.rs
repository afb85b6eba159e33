//! String formats, as the API server's format registry sees them. Unknown
//! formats accept everything; so do those here that nobody uses in a CRD.

use regex::Regex;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

/// Whether the text has the format. Dashes in a format's name do not count.
pub(super) fn accepts(format: &str, text: &str) -> bool {
    match format.replace('-', "").as_str() {
        "byte" => is_base64(text),
        "cidr" => is_cidr(text),
        "date" => is_date(text),
        "datetime" => is_date_time(text),
        "duration" => is_duration(text),
        "email" => is_email(text),
        "hexcolor" => is_hex_color(text),
        "hostname" => is_hostname(text),
        "ipv4" => is_ipv4(text),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "mac" => is_mac(text),
        "uri" => is_uri(text),
        "uuid" => is_uuid(text, None),
        "uuid3" => is_uuid(text, Some('3')),
        "uuid4" => is_uuid(text, Some('4')),
        "uuid5" => is_uuid(text, Some('5')),
        _ => true,
    }
}

/// Standard base64 with padding; the empty string is refused.
fn is_base64(text: &str) -> bool {
    let data = text.trim_end_matches('=');
    let padding = text.len() - data.len();
    let in_alphabet = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    !text.is_empty()
        && text.len().is_multiple_of(4)
        && padding <= 2
        && data.bytes().all(in_alphabet)
}

/// Leading zeros are accepted.
fn is_ipv4(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_digit())
            && part.trim_start_matches('0').len() <= 3
            && part.parse::<u32>().is_ok_and(|value| value <= 255)
    };
    text.split('.').count() == 4 && text.split('.').all(part)
}

fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let most = if address.parse::<Ipv4Addr>().is_ok() || is_ipv4(address) {
        32
    } else if address.parse::<Ipv6Addr>().is_ok() {
        128
    } else {
        return false;
    };
    length.bytes().all(|b| b.is_ascii_digit()) && length.parse::<u32>().is_ok_and(|n| n <= most)
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| match i {
            4 | 7 => *b == b'-',
            _ => b.is_ascii_digit(),
        });
    if !shaped {
        return false;
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
    (1..=days).contains(&day)
}

/// RFC 3339, also with a small `t` and `z`; a second 60 is refused.
fn is_date_time(text: &str) -> bool {
    static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})$").ok()
    });
    let lower = text.to_lowercase();
    let Some((date, time)) = lower.split_once('t') else {
        return false;
    };
    let Some(parts) = TIME.as_ref().and_then(|regex| regex.captures(time)) else {
        return false;
    };
    is_date(date) && &parts[1] <= "23" && &parts[2] <= "59" && &parts[3] <= "59"
}

/// Go's durations (`1h30m`), and words (`3 days`), somewhere in the text.
fn is_duration(text: &str) -> bool {
    static PART: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"([0-9]+)\s*([A-Za-zµ]+)").ok());
    const UNITS: [&str; 24] = [
        "ns",
        "nano",
        "nanosecond",
        "us",
        "µs",
        "micro",
        "microsecond",
        "ms",
        "milli",
        "millisecond",
        "s",
        "sec",
        "second",
        "m",
        "min",
        "minute",
        "h",
        "hr",
        "hour",
        "d",
        "day",
        "w",
        "wk",
        "week",
    ];
    let known = |unit: &str| {
        let unit = unit.to_lowercase();
        UNITS.contains(&unit.as_str())
            || unit
                .strip_suffix('s')
                .is_some_and(|one| UNITS.contains(&one))
    };
    let parts = PART
        .as_ref()
        .into_iter()
        .flat_map(|regex| regex.captures_iter(text));
    text == "0" || parts.into_iter().any(|part| known(&part[2]))
}

fn is_email(text: &str) -> bool {
    let address = match (text.rfind('<'), text.strip_suffix('>')) {
        (Some(at), Some(open)) => &open[at + 1..],
        _ => text,
    };
    address.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains(char::is_whitespace)
    })
}

fn is_hex_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or(text);
    matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Neither a trailing dot nor an IP address.
fn is_hostname(text: &str) -> bool {
    let label = |label: &str| {
        let good =
            |c: char| c.is_alphanumeric() || c == '-' || (!c.is_ascii() && !c.is_whitespace());
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(good)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last_is_number = text
        .rsplit('.')
        .next()
        .is_some_and(|l| l.bytes().all(|b| b.is_ascii_digit()));
    let is_address = text.contains('.') && last_is_number;
    text.len() <= 255 && text.split('.').all(label) && !is_address
}

/// Six, eight or twenty octets in one of Go's three notations.
fn is_mac(text: &str) -> bool {
    let groups = |separator: char, digits: usize, counts: &[usize]| {
        let parts: Vec<&str> = text.split(separator).collect();
        counts.contains(&parts.len())
            && parts
                .iter()
                .all(|p| p.len() == digits && p.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    groups(':', 2, &[6, 8, 20]) || groups('-', 2, &[6, 8, 20]) || groups('.', 4, &[3, 4, 10])
}

/// What Go's `url.ParseRequestURI` takes: a scheme, or a path from the root.
fn is_uri(text: &str) -> bool {
    let scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    };
    let has_scheme = text
        .split_once(':')
        .is_some_and(|(name, rest)| scheme(name) && !rest.is_empty());
    !text.bytes().any(|b| b < 0x20 || b == 0x7f) && (text.starts_with('/') || has_scheme)
}

/// With or without dashes; the version digit where one is asked for.
fn is_uuid(text: &str, version: Option<char>) -> bool {
    let hex: String = text.chars().filter(|c| *c != '-').collect();
    let dashes: Vec<usize> = text.match_indices('-').map(|(at, _)| at).collect();
    let spaced = dashes.is_empty() || dashes == [8, 13, 18, 23];
    let version_fits = version.is_none_or(|digit| hex.chars().nth(12) == Some(digit));
    spaced && hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()) && version_fits
}

#[cfg(test)]
mod tests {
    use super::accepts;

    #[test]
    fn formats_accept_what_the_api_server_accepts() {
        let cases: [(&str, &[&str], &[&str]); 14] = [
            (
                "byte",
                &["YQ==", "YWI=", "YWJj"],
                &["", "YQ", "a b=", "===="],
            ),
            (
                "cidr",
                &["10.0.0.0/8", "::/0"],
                &["10.0.0.0", "10.0.0.0/33", "x/8", "10.0.0.0/+8"],
            ),
            (
                "date",
                &["2026-11-23", "2024-02-29"],
                &["2026-02-29", "2026-13-01", "26-1-1"],
            ),
            (
                "date-time",
                &[
                    "2026-11-23T10:00:00Z",
                    "2026-11-23t10:00:00.123z",
                    "2026-11-23T10:00:00+01:00",
                ],
                &[
                    "2026-11-23",
                    "2026-11-23T24:00:00Z",
                    "2026-11-23T10:00:60Z",
                    "now",
                ],
            ),
            (
                "duration",
                &["1h30m", "3 days", "PT1H", "500ms", "0"],
                &["", "fast", "10"],
            ),
            ("email", &["a@b.c", "A <a@b.c>"], &["a", "@b", "a@"]),
            (
                "hostname",
                &["a", "a.b-c.example"],
                &["a.", "10.0.0.1", "-a", "a_b", ""],
            ),
            (
                "ipv4",
                &["10.0.0.1", "010.0.0.1"],
                &["10.0.0", "256.0.0.1", "::1", "1.2.3.x"],
            ),
            (
                "ipv6",
                &["::1", "fe80::1"],
                &["10.0.0.1", ":::", "fe80::1%eth0"],
            ),
            (
                "mac",
                &["00:1a:2b:3c:4d:5e", "001a.2b3c.4d5e"],
                &["00:1a", "zz:1a:2b:3c:4d:5e"],
            ),
            (
                "uri",
                &["https://a/b", "/path", "urn:x"],
                &["", "a/b", "http:", ":x"],
            ),
            (
                "uuid",
                &[
                    "123e4567-e89b-12d3-a456-426614174000",
                    "123E4567E89B12D3A456426614174000",
                ],
                &["123e4567", "123e4567-e89b-12d3-a456-42661417400g"],
            ),
            ("hexcolor", &["#fff", "a1b2c3"], &["#ffff", "red"]),
            ("quantity", &["anything"], &[]),
        ];
        for (format, good, bad) in cases {
            for text in good {
                assert!(accepts(format, text), "{format} accepts {text:?}");
            }
            for text in bad {
                assert!(!accepts(format, text), "{format} refuses {text:?}");
            }
        }
        assert!(
            !accepts("d-a-t-e", "x"),
            "dashes in a format's name do not count"
        );
    }
}
