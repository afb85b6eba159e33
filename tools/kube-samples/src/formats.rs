//! Strings with a format and without it.

use crate::random::Random;

/// Strings that have the format; none for a format that the API server ignores.
pub fn good(format: &str) -> &'static [&'static str] {
    match format.replace('-', "").as_str() {
        "bsonobjectid" => &["507f1f77bcf86cd799439011", "ABCDEFABCDEFABCDEFABCDEF"],
        "byte" => &["YQ==", "YWI=", "YWJj", "YWJjZA==", "+/+/", "AAAA"],
        "cidr" => &[
            "10.0.0.0/8",
            "::/0",
            "192.168.1.7/32",
            "2001:db8::/32",
            "010.0.0.0/08",
        ],
        "creditcard" => &["4220855426222389", "4220-8554-2622-2389", "374953669708156"],
        "date" => &["2026-11-23", "2024-02-29", "0001-01-01", "9999-12-31"],
        "datetime" => &[
            "2026-11-23T10:00:00Z",
            "2026-01-15T08:30:00.123456789+02:00",
            "1999-12-31t23:59:59z",
            "0001-01-01T00:00:00Z",
        ],
        "duration" => &["1h30m", "3 days", "500ms", "0", "-1.5h", "90s", "2 weeks"],
        "email" => &[
            "a@b.example",
            "Ann Example <ann@example.org>",
            "\"a b\"@example.org",
            "ü@example.org",
        ],
        "hexcolor" => &["#fff", "a1b2c3", "#A1B2C3"],
        "hostname" => &[
            "example",
            "a.b-c.example",
            "a-b",
            "xn--bcher-kva.example",
            "bücher.example",
        ],
        "ipv4" => &["10.0.0.1", "255.255.255.255", "010.0.0.1"],
        "ipv6" => &[
            "::1",
            "fe80::1",
            "2001:db8::8a2e:370:7334",
            "::ffff:10.0.0.1",
        ],
        "isbn" => &["0321751043", "978-0321751041"],
        "isbn10" => &["0321751043", "3 401 01319 X"],
        "isbn13" => &["978-0321751041", "9784873113685"],
        "k8sshortname" => &["a", "my-name", "1-a"],
        "k8slongname" => &["a", "my-name.example.org"],
        "mac" => &[
            "00:1a:2b:3c:4d:5e",
            "001A.2B3C.4D5E",
            "00-1a-2b-3c-4d-5e-6f-70",
        ],
        "password" => &["", "secret", "pässwörd"],
        "rgbcolor" => &["rgb(0,31,255)", "rgb( 1, 2 , 3 )"],
        "ssn" => &["191-60-2869", "191 60 2869"],
        "uri" => &[
            "https://example.org:8080/a?b=c",
            "/path",
            "urn:isbn:0321751043",
            "mailto:a@b",
        ],
        "uuid" => &[
            "123e4567-e89b-12d3-a456-426614174000",
            "123E4567E89B12D3A456426614174000",
        ],
        "uuid3" => &["123e4567-e89b-32d3-0456-426614174000"],
        "uuid4" => &["123e4567-e89b-42d3-a456-426614174000"],
        "uuid5" => &["123e4567-e89b-52d3-b456-426614174000"],
        _ => &[],
    }
}

/// Another string that has the format, for those of which rules ask for a part.
pub fn other(format: &str, random: &mut Random) -> Option<String> {
    let (month, day) = (1 + random.below(12), 1 + random.below(28));
    let date = format!("20{:02}-{month:02}-{day:02}", random.below(60));
    Some(match format.replace('-', "").as_str() {
        "date" => date,
        "datetime" => format!("{date}T{:02}:{:02}:00Z", random.below(24), random.below(60)),
        "duration" => {
            let unit = ["ns", "ms", "s", "m", "h"][random.below(5)];
            format!("{}{unit}", random.below(100))
        }
        _ => return None,
    })
}

/// Strings that do not have it, though nearly.
pub fn bad(format: &str) -> &'static [&'static str] {
    match format.replace('-', "").as_str() {
        "bsonobjectid" => &["507f1f77bcf86cd79943901", "507f1f77bcf86cd79943901g", ""],
        "byte" => &["YQ", "a b=", "", "-_-_", "===="],
        "cidr" => &["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "::/129", ""],
        "creditcard" => &["4220855426213389", "1234", ""],
        "date" => &[
            "2026-02-29",
            "2026-13-01",
            "26-1-1",
            "2026/01/01",
            "2026-11-23T10:00:00Z",
            "",
        ],
        "datetime" => &[
            "2026-11-23",
            "2026-11-23T24:00:00Z",
            "2026-11-23T10:00:60Z",
            "2026-11-23 10:00:00Z",
            "now",
            "",
        ],
        "duration" => &["fast", "10", "1 month", ""],
        "email" => &["a", "@b", "a@", "a b@c", ".a@b", ""],
        "hexcolor" => &["#ffff", "red", "#ggg", ""],
        "hostname" => &["a.", "10.0.0.1", "-a", "a_b", "ab-c", ""],
        "ipv4" => &["10.0.0", "256.0.0.1", "::1", "1.2.3.4/8", ""],
        "ipv6" => &["10.0.0.1", ":::", "fe80::1%eth0", ""],
        "isbn" => &["0321751044", ""],
        "isbn10" => &["978-0321751041", ""],
        "isbn13" => &["0321751043", ""],
        "k8sshortname" => &["A", "a.b", "-a", ""],
        "k8slongname" => &["a..b", "A", ""],
        "mac" => &["00:1a", "zz:1a:2b:3c:4d:5e", ""],
        "rgbcolor" => &["rgb(1,349,2)", "rgb(01,3,2)", ""],
        "ssn" => &["191602869", ""],
        "uri" => &["a/b", ":x", "http://a b/", ""],
        "uuid" | "uuid3" | "uuid4" | "uuid5" => {
            &["123e4567", "123e4567-e89b-02d3-a456-42661417400g", ""]
        }
        _ => &[],
    }
}
