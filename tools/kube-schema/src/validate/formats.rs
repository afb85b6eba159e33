//! String formats, as the API server's format registry sees them
//! (kube-openapi, `pkg/validation/strfmt`; apiextensions-apiserver,
//! `pkg/apiserver/validation/formats.go`). Other formats accept everything.

mod checksum;
mod email;
mod network;
mod time;
mod uri;

pub(super) use time::{
    Civil, DateTime, days_since_1970, go_duration, parse_date, parse_date_time, parse_duration,
    parse_rfc3339,
};
pub(super) use uri::Url;

use crate::{Schema, Type};
use regex::Regex;
use std::sync::LazyLock;

/// The format that the server checks a value of this schema against; those that
/// it does not know for the type are ignored.
pub(super) fn of(schema: &Schema) -> Option<&str> {
    let format = schema.format.as_deref()?;
    let value_type = schema.value_type.filter(|_| !schema.int_or_string);
    let is_known = match value_type {
        None | Some(Type::String) => check(format).is_some(),
        Some(Type::Integer) => matches!(format, "int32" | "int64"),
        Some(Type::Number) => matches!(format, "float" | "double"),
        Some(Type::Array | Type::Boolean | Type::Object) => false,
    };
    is_known.then_some(format)
}

/// Whether the text has the format.
pub(super) fn accepts(format: &str, text: &str) -> bool {
    check(format).is_none_or(|check| check(text))
}

/// Dashes in a format's name do not count.
fn check(format: &str) -> Option<fn(&str) -> bool> {
    let check: fn(&str) -> bool = match format.replace('-', "").as_str() {
        "bsonobjectid" => is_object_id,
        "byte" => is_base64,
        "cidr" => network::is_cidr,
        "creditcard" => checksum::is_credit_card,
        "date" => |text| parse_date(text).is_some(),
        "datetime" => time::is_date_time,
        "duration" => |text| parse_duration(text).is_some(),
        "email" => email::is_email,
        "hexcolor" => is_hex_color,
        "hostname" => is_hostname,
        "ipv4" => network::is_ipv4,
        "ipv6" => network::is_ipv6,
        "isbn" => |text| checksum::is_isbn10(text) || checksum::is_isbn13(text),
        "isbn10" => checksum::is_isbn10,
        "isbn13" => checksum::is_isbn13,
        "k8sshortname" => |text| text.len() <= 63 && is_dns_label(text),
        "k8slongname" => |text| text.len() <= 253 && text.split('.').all(is_dns_label),
        "mac" => network::is_mac,
        "password" => |_| true,
        "rgbcolor" => is_rgb_color,
        "ssn" => is_social_security_number,
        "uri" => uri::is_request_uri,
        "uuid" => |text| is_uuid(text, Uuid::Any),
        "uuid3" => |text| is_uuid(text, Uuid::Version('3')),
        "uuid4" => |text| is_uuid(text, Uuid::Variant('4')),
        "uuid5" => |text| is_uuid(text, Uuid::Variant('5')),
        _ => return None,
    };
    Some(check)
}

/// A regular expression that is written here and so compiles.
type Compiled = LazyLock<Option<Regex>>;

fn matches(regex: &Compiled, text: &str) -> bool {
    regex.as_ref().is_some_and(|regex| regex.is_match(text))
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

fn is_object_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_hex_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or(text);
    matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The upstream expression, whose `1\d\d?` and `[1-9]\d?` leave no gap.
fn is_rgb_color(text: &str) -> bool {
    const PART: &str = "(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])";
    const S: &str = r"[\t\n\x0C\r ]*";
    static COLOR: Compiled = LazyLock::new(|| {
        Regex::new(&format!(r"^rgb\({S}{PART}{S},{S}{PART}{S},{S}{PART}{S}\)$")).ok()
    });
    matches(&COLOR, text)
}

/// Eleven characters, so both separators must be there.
fn is_social_security_number(text: &str) -> bool {
    static NUMBER: Compiled =
        LazyLock::new(|| Regex::new(r"^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$").ok());
    text.len() == 11 && matches(&NUMBER, text)
}

/// Letters and symbols of every script. In a name of one label a dash may stand
/// second only; the last of several labels has two letters or more.
fn is_hostname(text: &str) -> bool {
    static SHAPE: Compiled = LazyLock::new(|| {
        let c = r"a-zA-Z0-9\p{S}\p{L}";
        Regex::new(&format!(
            r"^([{c}](-?[{c}]*)?|([{c}]([{c}-]*[{c}])?\.)+[a-zA-Z\p{{L}}]{{2,}})$"
        ))
        .ok()
    });
    text.len() <= 255 && text.split('.').all(|label| label.len() <= 63) && matches(&SHAPE, text)
}

fn is_dns_label(text: &str) -> bool {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = |b: Option<u8>| b.is_some_and(good);
    ends(text.bytes().next())
        && ends(text.bytes().next_back())
        && text.bytes().all(|b| good(b) || b == b'-')
}

#[derive(Clone, Copy)]
enum Uuid {
    Any,
    /// The version digit is this one.
    Version(char),
    /// And the variant is RFC 4122's.
    Variant(char),
}

/// Each dash may be left out.
fn is_uuid(text: &str, kind: Uuid) -> bool {
    static SHAPE: Compiled = LazyLock::new(|| {
        Regex::new(r"(?i-u)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$").ok()
    });
    let mut digits = text.chars().filter(|c| *c != '-').skip(12);
    let (version, variant) = (digits.next(), digits.nth(3));
    let is_variant = variant.is_some_and(|c| "89abAB".contains(c));
    matches(&SHAPE, text)
        && match kind {
            Uuid::Any => true,
            Uuid::Version(digit) => version == Some(digit),
            Uuid::Variant(digit) => version == Some(digit) && is_variant,
        }
}

#[cfg(test)]
mod tests {
    use super::accepts;

    /// Verdicts of the server's own code.
    const CASES: [(&str, &[&str], &[&str]); 26] = [
        (
            "bsonobjectid",
            &["507f1f77bcf86cd799439011"],
            &["", "507f1f77bcf86cd79943901g"],
        ),
        (
            "byte",
            &["YQ==", "YWI=", "YWJj", "+/+/"],
            &["", "YQ", "a b=", "====", "-_-_"],
        ),
        (
            "cidr",
            &["10.0.0.0/8", "::/0", "010.0.0.1/08"],
            &[
                "10.0.0.0",
                "10.0.0.0/33",
                "x/8",
                "10.0.0.0/+8",
                "::/129",
                "10.0.0.0/",
            ],
        ),
        (
            "creditcard",
            &["4220855426222389", "4220-8554 2622x2389"],
            &["", "4220855426213389", "1"],
        ),
        (
            "date",
            &["2026-11-23", "2024-02-29", "0000-01-01"],
            &["2026-02-29", "2026-13-01", "26-1-1", "2026-11-23 "],
        ),
        (
            "date-time",
            &[
                "2026-11-23T10:00:00Z",
                "2026-11-23t10:00:00.123z",
                "2026-11-23T10:00:00+99:99",
                "2026-11-23T10:00:00Zt",
            ],
            &[
                "2026-11-23",
                "2026-11-23T24:00:00Z",
                "2026-11-23T10:00:60Z",
                "now",
                "2026-11-23T10:00:00",
            ],
        ),
        (
            "duration",
            &[
                "1h30m",
                "-1.5h",
                "3 days",
                "PT1H",
                "500ms",
                "0",
                "1hourglass",
                "+.5s",
                "5 µs",
            ],
            &["", "fast", "10", "1 month", "99999999999999999999 days"],
        ),
        (
            "email",
            &[
                "a@b",
                "A <a@b.c>",
                "\"x y\"@b",
                "a@[::1]",
                "ü@b",
                "a@b (d)",
                " a@b",
                "g: a@b;",
            ],
            &["a", "@b", "a@", "a b@c", "a@b,c@d", ".a@b", "g:;"],
        ),
        ("hexcolor", &["#fff", "a1b2c3"], &["#ffff", "red"]),
        (
            "hostname",
            &[
                "a",
                "a-b",
                "a.b-c.example",
                "ünï.example",
                "a.b--c.example",
                "10",
            ],
            &["a.", "10.0.0.1", "-a", "a_b", "", "ab-c", "a.b"],
        ),
        (
            "ipv4",
            &["10.0.0.1", "010.0.0.1", "::ffff:1.2.3.4"],
            &["10.0.0", "256.0.0.1", "::1", "1.2.3.x", "1.2.3.4 "],
        ),
        (
            "ipv6",
            &["::1", "fe80::1", "::ffff:1.2.3.4"],
            &["10.0.0.1", ":::", "fe80::1%eth0", "::ffff:01.2.3.4"],
        ),
        (
            "isbn",
            &["0321751043", "978-0321751041"],
            &["0321751044", ""],
        ),
        (
            "isbn10",
            &["0321751043", "3 401 01319 X"],
            &["978-0321751041"],
        ),
        ("isbn13", &["978-0321751041"], &["0321751043"]),
        ("k8s-short-name", &["a", "a-b"], &["", "A", "a.b", "-a"]),
        ("k8s-long-name", &["a.b-c"], &["", "a..b", "A"]),
        (
            "mac",
            &["00:1a:2b:3c:4d:5e", "001a.2b3c.4d5e"],
            &["00:1a", "zz:1a:2b:3c:4d:5e", "00:1a-2b:3c:4d:5e"],
        ),
        (
            "rgbcolor",
            &["rgb(0, 31,255)"],
            &["rgb(1,349,2)", "rgb(01,3,2)", "rgb( 1,2 )"],
        ),
        ("ssn", &["191-60-2869", "191 60-2869"], &["191602869", ""]),
        (
            "uri",
            &[
                "https://a/b",
                "/path",
                "urn:x",
                "http:",
                "*",
                "x:y%zz",
                "http://[::1]:80/",
            ],
            &[
                "",
                "a/b",
                ":x",
                "http://a b/",
                "/%zz",
                "http://a:b/",
                "/\u{7f}",
            ],
        ),
        (
            "uuid",
            &[
                "123e4567-e89b-12d3-a456-426614174000",
                "123E4567E89B12D3A456-426614174000",
            ],
            &[
                "123e4567",
                "123e4567-e89b-12d3-a456-42661417400g",
                "123e-4567e89b12d3a456426614174000",
            ],
        ),
        (
            "uuid3",
            &["123e4567-e89b-32d3-0456-426614174000"],
            &["123e4567-e89b-42d3-a456-426614174000"],
        ),
        (
            "uuid4",
            &["123e4567-e89b-42d3-a456-426614174000"],
            &["123e4567-e89b-42d3-0456-426614174000"],
        ),
        (
            "uuid5",
            &["123e4567-e89b-52d3-B456-426614174000"],
            &["123e4567-e89b-42d3-a456-426614174000"],
        ),
        ("quantity", &["anything"], &[]),
    ];

    #[test]
    fn formats_accept_what_the_api_server_accepts() {
        for (format, good, bad) in CASES {
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
