//! Go's regular expressions (RE2 syntax) with the `regex` crate.

use regex::{Regex, RegexBuilder};
use std::cell::RefCell;
use std::collections::HashMap;

/// Compiled patterns, kept.
#[derive(Debug, Default)]
pub(super) struct Patterns(RefCell<HashMap<String, Result<Regex, String>>>);

impl Patterns {
    /// Whether the pattern matches somewhere; an error if it cannot be compiled here.
    pub fn is_match(&self, pattern: &str, text: &str) -> Result<bool, String> {
        self.with(pattern, |regex| regex.is_match(text))
    }

    /// The first so many matches, which do not overlap.
    pub fn find_all(&self, pattern: &str, text: &str, limit: usize) -> Result<Vec<String>, String> {
        self.with(pattern, |regex| {
            let found = regex.find_iter(text).take(limit);
            found.map(|found| found.as_str().to_owned()).collect()
        })
    }

    fn with<T>(&self, pattern: &str, work: impl FnOnce(&Regex) -> T) -> Result<T, String> {
        let mut compiled = self.0.borrow_mut();
        if !compiled.contains_key(pattern) {
            compiled.insert(pattern.to_owned(), compile(pattern));
        }
        match compiled.get(pattern) {
            Some(Ok(regex)) => Ok(work(regex)),
            Some(Err(why)) => Err(why.clone()),
            None => Err("not compiled".to_owned()),
        }
    }
}

fn compile(pattern: &str) -> Result<Regex, String> {
    if repeats_too_much(pattern) {
        return Err("invalid nested repetition operator, or repeat count".to_owned());
    }
    RegexBuilder::new(&to_rust(pattern))
        .size_limit(64 << 20)
        .build()
        .map_err(|_| "not a regular expression that can be compiled here".to_owned())
}

/// From Go's syntax to the crate `regex`'s: `\d`, `\w`, `\s` and `\b` are ASCII, `\pL`
/// knows the characters of Unicode 15 (Go's package `unicode`), a `{` that begins no
/// repetition is a character, `\Q…\E` quotes, and inside a class only `-`, `^` and
/// `[:name:]` have a meaning.
pub fn to_rust(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '\\' => escape(after, &mut out),
            '[' => class(after, &mut out),
            '{' if !is_repetition(after) => {
                out += "\\{";
                after
            }
            c => {
                out.push(c);
                after
            }
        };
    }
    out
}

/// Whether a repetition is repeated (`a**`, `a{2}{3}`) or asks for more than 1000
/// times, which Go refuses and the crate takes (`regexp/syntax/parse.go`).
fn repeats_too_much(pattern: &str) -> bool {
    let mut passed = String::new();
    let mut was_repetition = false;
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let repeated = match c {
            '*' | '+' | '?' => Some(after),
            '{' if is_repetition(after) => after.split_once('}').map(|(_, after)| after),
            _ => None,
        };
        if repeated.is_some() && (was_repetition || (c == '{' && is_many(after))) {
            return true;
        }
        was_repetition = repeated.is_some();
        rest = match (repeated, c) {
            (Some(after), _) => after.strip_prefix('?').unwrap_or(after),
            (None, '\\') => escape(after, &mut passed),
            (None, '[') => class(after, &mut passed),
            // Flags or a name.
            (None, '(') => after.strip_prefix('?').unwrap_or(after),
            (None, _) => after,
        };
    }
    false
}

/// Whether one of the numbers before the brace is more than 1000.
fn is_many(after: &str) -> bool {
    let (inner, _) = after.split_once('}').unwrap_or_default();
    let is_many = |number: &str| {
        let digits = number.trim_start_matches('0');
        digits.len() > 4 || digits.parse::<u32>().is_ok_and(|number| number > 1000)
    };
    inner.split(',').any(is_many)
}

/// What follows a backslash outside a class.
fn escape<'t>(text: &'t str, out: &mut String) -> &'t str {
    let Some(c) = text.chars().next() else {
        out.push('\\');
        return text;
    };
    let after = &text[c.len_utf8()..];
    match c {
        'Q' => {
            let (quoted, rest) = after.split_once("\\E").unwrap_or((after, ""));
            *out += &regex::escape(quoted);
            return rest;
        }
        'b' | 'B' => *out += &format!("(?-u:\\{c})"),
        'p' | 'P' => return unicode(c, after, out),
        'x' if after.starts_with('{') => {
            let (code, rest) = braced(after);
            *out += &format!("\\x{code}");
            return rest;
        }
        '0'..='7' => return octal(text, out),
        'd' | 's' | 'w' => *out += &format!("[{}]", ascii(c)),
        'D' | 'S' | 'W' => *out += &format!("[^{}]", ascii(c.to_ascii_lowercase())),
        c => {
            out.push('\\');
            out.push(c);
        }
    }
    after
}

/// What follows `\p` or `\P`: the name of a class, of one letter or in braces.
fn unicode<'t>(sign: char, text: &'t str, out: &mut String) -> &'t str {
    let (name, rest) = if text.starts_with('{') {
        braced(text)
    } else {
        text.split_at(text.chars().next().map_or(0, char::len_utf8))
    };
    let (inner, is_negated) = match name.strip_prefix("{^") {
        Some(inner) => (format!("{{{inner}"), sign == 'p'),
        None => (name.to_owned(), sign == 'P'),
    };
    let not = if is_negated { "^" } else { "" };
    *out += &format!("[{not}\\p{inner}&&\\p{{Age:15.0}}]");
    rest
}

/// A text in braces and what follows it.
fn braced(text: &str) -> (&str, &str) {
    text.split_at(text.find('}').map_or(text.len(), |end| end + 1))
}

/// A character by one to three octal digits.
fn octal<'t>(text: &'t str, out: &mut String) -> &'t str {
    let is_octal = |b: &u8| (b'0'..=b'7').contains(b);
    let length = text.bytes().take(3).take_while(is_octal).count();
    let (digits, rest) = text.split_at(length);
    let code = u32::from_str_radix(digits, 8).unwrap_or(0);
    *out += &format!("\\x{{{code:x}}}");
    rest
}

fn ascii(class: char) -> &'static str {
    match class {
        'd' => "0-9",
        's' => "\\t\\n\\x0C\\r ",
        _ => "0-9A-Za-z_",
    }
}

/// What follows the `[` of a class, up to its `]`.
fn class<'t>(text: &'t str, out: &mut String) -> &'t str {
    out.push('[');
    let mut rest = text;
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        rest = after;
    }
    if let Some(after) = rest.strip_prefix(']') {
        *out += "\\]";
        rest = after;
    }
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            ']' => {
                out.push(']');
                return after;
            }
            '\\' => class_escape(after, out),
            '[' => match after.find(":]").filter(|_| after.starts_with(':')) {
                Some(end) => {
                    *out += &rest[..end + 3];
                    &rest[end + 3..]
                }
                None => {
                    *out += "\\[";
                    after
                }
            },
            '&' | '~' => {
                out.push('\\');
                out.push(c);
                after
            }
            // `--` would be a difference of sets.
            '-' if after.starts_with('-') => {
                *out += "-\\-";
                &after[1..]
            }
            c => {
                out.push(c);
                after
            }
        };
    }
    rest
}

fn class_escape<'t>(text: &'t str, out: &mut String) -> &'t str {
    let Some(c) = text.chars().next() else {
        return text;
    };
    let after = &text[c.len_utf8()..];
    match c {
        'p' | 'P' => return unicode(c, after, out),
        '0'..='7' => return octal(text, out),
        'd' | 's' | 'w' => *out += ascii(c),
        'D' | 'S' | 'W' => *out += &format!("[^{}]", ascii(c.to_ascii_lowercase())),
        c => {
            out.push('\\');
            out.push(c);
        }
    }
    after
}

/// `n}`, `n,}` or `n,m}`.
fn is_repetition(after: &str) -> bool {
    let Some((inner, _)) = after.split_once('}') else {
        return false;
    };
    let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

#[cfg(test)]
mod tests {
    use super::Patterns;

    #[test]
    fn patterns_mean_what_they_mean_to_go() {
        let cases = [
            (r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-1", true),
            (r"^\d+$", "12", true),
            (r"^\d+$", "١٢", false),
            (r"^\w+$", "é", false),
            (r"^\S$", "é", true),
            (r"^[\w.-]+$", "a.b-c", true),
            (r"^[\D]$", "x", true),
            (r"^{{.+}}$", "{{x}}", true),
            (r"^a{2}$", "aa", true),
            (r"^[[:alpha:]]+$", "ab", true),
            (r"^[a[]+$", "a[", true),
            (r"^[]a]+$", "]a", true),
            (r"^[&&~~]+$", "&~", true),
            (r"^[+--]+$", "+,-", true),
            (r"^\Qa.b\E$", "a.b", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"^a$", "a\n", false),
            (r"b", "abc", true),
            (r"^https?:\/\/.*$", "https://x", true),
            (r"^(?i)ABC$", "abc", true),
            (r"^\x{41}$", "A", true),
            (r"\bfoo\b", "a foo b", true),
            (r"^\p{Greek}+$", "Ωα", true),
            (r"^\pL\x{1F600}$", "A😀", true),
            (r"^[\pN\P{L}x]+$", "1x-", true),
            (r"^[^\p{^L}]+$", "a1", false),
            // Of Unicode 16.
            (r"^\pL$", "\u{113b7}", false),
            (r"^\PL$", "\u{113b7}", true),
            (r"^\101\01$", "A\u{1}", true),
        ];
        let patterns = Patterns::default();
        for (pattern, text, expected) in cases {
            assert_eq!(
                patterns.is_match(pattern, text),
                Ok(expected),
                "{pattern} on {text:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_compiled_is_an_error_and_no_mismatch() {
        let patterns = Patterns::default();
        for refused in [
            "(",
            "a**",
            "a*+",
            "a??*",
            "(a+)+?+",
            "a{2}{3}",
            "a{1001}",
            "a{1,2000}",
        ] {
            assert!(patterns.is_match(refused, "x").is_err(), "{refused}");
        }
        for taken in [
            "a*?",
            "(a*)*",
            "(?:a)?",
            "(?i)a+",
            "[*+]+",
            r"\*\+*",
            "a{,2}*",
            "a{1000}",
            "(?P<n>a?)?",
        ] {
            assert!(patterns.is_match(taken, "x").is_ok(), "{taken}");
        }
    }
}
