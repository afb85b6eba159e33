//! What CEL rules mention: values that they may ask for, and the fields that
//! they look at. Rules are only skimmed, so that a guess costs nothing.

use crate::pattern::Pattern;
use crate::random::Random;
use kube_schema::Schema;
use std::collections::BTreeSet;

/// What the rules of a schema mention.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// Literals, and what the functions named take.
    pub strings: BTreeSet<String>,
    /// Literals.
    pub integers: BTreeSet<i64>,
    /// Names of fields, functions and variables.
    pub names: BTreeSet<String>,
}

impl Hints {
    /// Of the schema's own rules.
    pub fn of(schema: &Schema) -> Self {
        let mut hints = Self::default();
        for rule in &schema.rules {
            hints.skim(&rule.rule);
        }
        hints
    }

    /// Of one rule.
    pub fn of_rule(rule: &str) -> Self {
        let mut hints = Self::default();
        hints.skim(rule);
        hints
    }

    fn skim(&mut self, rule: &str) {
        let mut rest = rule;
        while let Some(c) = rest.chars().next() {
            rest = match c {
                '\'' | '"' => self.string(rest, c),
                c if c.is_ascii_digit() => self.number(rest),
                c if c.is_ascii_alphabetic() || c == '_' => self.name(rest),
                c => &rest[c.len_utf8()..],
            };
        }
    }

    fn string<'t>(&mut self, text: &'t str, quote: char) -> &'t str {
        let mut literal = String::new();
        let mut chars = text[1..].char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.strings.insert(literal);
                    return &text[i + 2..];
                }
                '\\' => literal.extend(chars.next().map(|(_, c)| match c {
                    'n' => '\n',
                    't' => '\t',
                    other => other,
                })),
                c => literal.push(c),
            }
        }
        ""
    }

    fn number<'t>(&mut self, text: &'t str) -> &'t str {
        let end = text
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        let number = match digits.strip_prefix("0x") {
            Some(hex) => i64::from_str_radix(hex, 16),
            None => digits.trim_end_matches('u').parse(),
        };
        self.integers.extend(number);
        rest
    }

    fn name<'t>(&mut self, text: &'t str) -> &'t str {
        let end = text
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let known = well_known(name).iter().map(|text| (*text).to_owned());
        self.strings.extend(known);
        self.names.insert(unescaped(name));
        rest
    }

    /// A string that a rule may ask for: a literal, several of them with
    /// something between, a match of one, or a number's text.
    pub fn string_for(&self, random: &mut Random) -> Option<String> {
        let strings: Vec<&String> = self.strings.iter().collect();
        let integers: Vec<i64> = self.integers.iter().copied().collect();
        match random.below(8) {
            0..3 => random.pick(&strings).map(|text| (*text).clone()),
            3 => {
                let mut text = filler(random);
                for _ in 0..=random.below(2) {
                    text += random.pick(&strings)?;
                    text += &filler(random);
                }
                Some(text)
            }
            4 => {
                let literal = random.pick(&strings)?;
                let length = random.below(12);
                Some(Pattern::new(literal)?.string(length, random))
            }
            5 => {
                let number = *random.pick(&integers)?;
                Some(match random.below(4) {
                    0 => format!("{number:x}"),
                    1 => format!("{number:b}"),
                    _ => (number + [-1, 0, 1][random.below(3)]).to_string(),
                })
            }
            6 => {
                let length = usize::try_from(*random.pick(&integers)?).ok()?;
                let length = (length + random.below(3)).saturating_sub(1).min(300);
                Some("abcdefghij".chars().cycle().take(length).collect())
            }
            _ => {
                let text: Vec<char> = random.pick(&strings)?.chars().collect();
                let end = random.below(text.len() + 1);
                Some(text[..end].iter().collect())
            }
        }
    }

    /// An integer that a rule may ask for.
    pub fn integer_for(&self, random: &mut Random) -> Option<i64> {
        let integers: Vec<i64> = self.integers.iter().copied().collect();
        let number = *random.pick(&integers)?;
        Some(match random.below(8) {
            0 => number.wrapping_neg(),
            1 => number.wrapping_add(1),
            2 => number.wrapping_sub(1),
            3 => number.wrapping_mul(2),
            _ => number,
        })
    }
}

/// A few characters, or none.
fn filler(random: &mut Random) -> String {
    let length = random.below(4);
    (0..length)
        .filter_map(|_| random.pick(&['a', 'b', 'x', '1', '-']))
        .collect()
}

/// A field's name without CEL's escapes (apiserver, `pkg/cel/escaping.go`).
fn unescaped(name: &str) -> String {
    let inner = name.strip_prefix("__").and_then(|n| n.strip_suffix("__"));
    if let Some(word) = inner.filter(|word| !word.contains("__")) {
        return word.to_owned();
    }
    name.replace("__underscores__", "__")
        .replace("__dot__", ".")
        .replace("__dash__", "-")
        .replace("__slash__", "/")
}

/// What a function or a format of that name takes.
fn well_known(name: &str) -> &'static [&'static str] {
    match name {
        "url" | "isURL" => &[
            "https://example.org:8080/a%20b?k=v&k=w",
            "http://example.org/",
            "https://example.org:80",
            "/path",
            "https://[::1]:80/",
        ],
        "ip" | "isIP" => &[
            "10.0.0.1",
            "127.0.0.1",
            "::1",
            "fe80::1",
            "0.0.0.0",
            "2001:db8::1",
            "::ffff:1.2.3.4",
            "224.0.0.1",
        ],
        "cidr" | "isCIDR" => &[
            "10.0.0.0/8",
            "10.0.0.7/16",
            "10.0.0.0/24",
            "::/0",
            "2001:db8::/32",
            "192.168.0.0/30",
        ],
        "quantity" | "isQuantity" => &[
            "1", "500m", "1Gi", "1k", "1000", "2.5", "0", "-1", "1Ki", "100M", "12E", "0.5",
        ],
        "semver" | "isSemver" => &[
            "1.2.3",
            "1.0.0",
            "2.0.0",
            "1.2.4-rc.1",
            "2.0.0-alpha",
            "0.0.1",
            "v1.2",
            "1.0.0+build",
        ],
        "duration" | "getSeconds" => &["1h", "90s", "1m30s", "0s", "2h"],
        "timestamp" => &[
            "2026-01-01T08:00:00Z",
            "2019-01-01T00:00:00Z",
            "2026-06-01T13:00:00Z",
        ],
        "dns1123Label" | "dns1123LabelPrefix" | "dns1035Label" | "named" => {
            &["abc", "a-b", "1a", "a.b", "A", "a-"]
        }
        "dns1123Subdomain" | "qualifiedName" | "labelValue" => {
            &["a.b", "example.org/name", "A_b", "a..b", "-a"]
        }
        "uuid" => &["123e4567-e89b-12d3-a456-426614174000", "123"],
        "uri" => &["https://example.org/a", "a b"],
        "byte" => &["YWI=", "YWJjZA==", "YQ"],
        "date" | "datetime" => &["2026-01-01", "2026-01-01T00:00:00Z", "2026-02-30"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::Hints;

    #[test]
    fn literals_and_names_are_found() {
        let hints = Hints::of_rule(
            r#"!has(self.x__dash__y) || self.kind in ['a', "it's"] && size(self) > 0x10"#,
        );
        assert!(hints.strings.contains("a") && hints.strings.contains("it's"));
        assert!(hints.integers.contains(&16));
        assert!(hints.names.contains("x-y") && hints.names.contains("kind"));
    }
}
