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
        let mut compiled = self.0.borrow_mut();
        if !compiled.contains_key(pattern) {
            compiled.insert(pattern.to_owned(), compile(pattern));
        }
        match compiled.get(pattern) {
            Some(Ok(regex)) => Ok(regex.is_match(text)),
            Some(Err(why)) => Err(why.clone()),
            None => Err("not compiled".to_owned()),
        }
    }
}

fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(&translate(pattern))
        .size_limit(64 << 20)
        .build()
        .map_err(|_| "not a regular expression that can be compiled here".to_owned())
}

/// From Go's syntax to the crate's: `\d`, `\w`, `\s` and `\b` are ASCII, a `{`
/// that begins no repetition is a character, `\Q…\E` quotes, and inside a class
/// only `-`, `^` and `[:name:]` have a meaning.
fn translate(pattern: &str) -> String {
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
        'd' | 's' | 'w' => *out += &format!("[{}]", ascii(c)),
        'D' | 'S' | 'W' => *out += &format!("[^{}]", ascii(c.to_ascii_lowercase())),
        c => {
            out.push('\\');
            out.push(c);
        }
    }
    after
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
    match c {
        'd' | 's' | 'w' => *out += ascii(c),
        'D' | 'S' | 'W' => *out += &format!("[^{}]", ascii(c.to_ascii_lowercase())),
        c => {
            out.push('\\');
            out.push(c);
        }
    }
    &text[c.len_utf8()..]
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
        assert!(Patterns::default().is_match("(", "x").is_err());
    }
}
