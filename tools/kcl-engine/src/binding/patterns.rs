//! `regex.match` with patterns that are compiled once.
//!
//! libkcl compiles a pattern whenever it is matched, with fancy-regex 0.7,
//! which hands one without look-around, back-references and the like to the
//! crate `regex` as it is. The same crate does here what is surely such a
//! pattern, and libkcl the others.
//! Source: `crates/runtime/src/regex/mod.rs` of KCL, `fancy_regex::parse`.
#![forbid(unsafe_code)]

use std::{cell::RefCell, collections::HashMap};

use regex::Regex;

/// So many patterns are kept; a program could make up new ones without end.
const KEPT: usize = 256;

thread_local! {
    static PATTERNS: RefCell<Patterns> = RefCell::default();
}

/// The patterns of a process, by their texts; none for those that libkcl does.
#[derive(Default)]
struct Patterns {
    compiled: HashMap<String, Option<Regex>>,
    /// Those that were compiled since the process was copied.
    new: Vec<String>,
}

impl Patterns {
    fn get(&mut self, pattern: &str) -> Option<&Regex> {
        if !self.compiled.contains_key(pattern) {
            if self.compiled.len() == KEPT {
                return None;
            }
            let regex = is_plain(pattern).then(|| Regex::new(pattern).ok()).flatten();
            self.compiled.insert(pattern.to_owned(), regex);
            self.new.push(pattern.to_owned());
        }
        self.compiled.get(pattern)?.as_ref()
    }
}

/// Whether the pattern matches the text; nothing if libkcl must tell.
pub(super) fn is_match(pattern: &[u8], text: &[u8]) -> Option<bool> {
    let (pattern, text) = (str::from_utf8(pattern).ok()?, str::from_utf8(text).ok()?);
    PATTERNS.with_borrow_mut(|patterns| Some(patterns.get(pattern)?.is_match(text)))
}

/// The patterns that this process compiled and its original has not.
pub(crate) fn compiled_here() -> Vec<String> {
    PATTERNS.with_borrow_mut(|patterns| std::mem::take(&mut patterns.new))
}

/// Compiles patterns for the copies that follow.
pub(crate) fn compile_ahead(texts: &[String]) {
    PATTERNS.with_borrow_mut(|patterns| {
        for text in texts {
            if let Some(regex) = patterns.get(text) {
                // A first match makes room for the automaton's states.
                regex.is_match("");
            }
        }
        patterns.new.clear();
    });
}

/// Whether fancy-regex and regex surely read the pattern alike.
fn is_plain(pattern: &str) -> bool {
    let mut rest = pattern.as_bytes();
    let mut after_repeat = false;
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        let is_repeat = matches!(first, b'*' | b'+' | b'?' | b'}');
        let is_plain = match first {
            b'\\' => take_escape(&mut rest),
            b'[' => take_class(&mut rest),
            b'(' => !rest.starts_with(b"?") || rest.starts_with(b"?:"),
            // A repetition of a repetition is possessive for one of them.
            b'+' | b'*' | b'{' => !after_repeat,
            other => other.is_ascii(),
        };
        if !is_plain {
            return false;
        }
        after_repeat = is_repeat;
    }
    true
}

fn take_escape(rest: &mut &[u8]) -> bool {
    let Some((escaped, others)) = rest.split_first() else {
        return false;
    };
    *rest = others;
    match escaped {
        b'd' | b'D' | b's' | b'S' | b'w' | b'W' | b'n' | b'r' | b't' => true,
        b'<' | b'>' => false,
        other => other.is_ascii_punctuation(),
    }
}

/// A class in brackets without one inside and without set operations.
fn take_class(rest: &mut &[u8]) -> bool {
    *rest = rest.strip_prefix(b"^").unwrap_or(rest);
    if rest.starts_with(b"]") {
        return false;
    }
    while let Some((first, others)) = rest.split_first() {
        *rest = others;
        let is_plain = match first {
            b']' => return true,
            b'\\' => take_escape(rest),
            b'[' | b'&' | b'~' => false,
            b'-' => !rest.starts_with(b"-"),
            other => other.is_ascii(),
        };
        if !is_plain {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_both_crates_read_alike_is_plain() {
        let plain = [
            "",
            r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
            r"^([A-Za-z0-9+/]{4})*(?:x|\.\d+?)$",
            r"[^\]\\a-]",
        ];
        let other = [
            "(?i)a", "(?=a)", "(?P<n>a)", "a++", "a?+", "a{2}+", r"\1", r"\b", r"\h", r"\", "[",
            "[]a]", "[[:alpha:]]", "[a&&b]", "[a--b]", "ä", r"\<", "[ä]",
        ];
        for pattern in plain {
            assert!(is_plain(pattern), "{pattern}");
        }
        for pattern in other {
            assert!(!is_plain(pattern), "{pattern}");
        }
    }

    #[test]
    fn patterns_are_kept_up_to_a_number() {
        assert_eq!(is_match(b"^a", b"ab"), Some(true));
        assert_eq!(compiled_here(), ["^a"]);
        for number in 0..KEPT {
            let pattern = format!("x{number}");
            let expected = (number < KEPT - 1).then_some(false);
            assert_eq!(is_match(pattern.as_bytes(), b"y"), expected);
        }
        assert_eq!(is_match(b"^a", b"ba"), Some(false));
    }
}
