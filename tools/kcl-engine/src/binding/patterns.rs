//! `regex.match` and `regex.replace` with patterns that are compiled once.
//!
//! libkcl compiles a pattern whenever it is used. The crate and its version are
//! libkcl's own, so that every pattern means the same; what fails is left to it.
//! Source: `crates/runtime/src/regex/mod.rs` of KCL.
#![forbid(unsafe_code)]

use std::{cell::RefCell, collections::HashMap};

use fancy_regex::Regex;

/// So many patterns are kept; a program could make up new ones without end.
const KEPT: usize = 256;

thread_local! {
    static PATTERNS: RefCell<Patterns> = RefCell::default();
}

/// A pattern and a text.
pub(crate) type Use = (String, String);

/// The patterns of a process, by their texts; none for those that are wrong.
#[derive(Default)]
struct Patterns {
    compiled: HashMap<String, Option<Regex>>,
    /// Those that were compiled since the process was copied, each with the text
    /// that it was used on.
    new: Vec<Use>,
}

impl Patterns {
    fn get(&mut self, pattern: &str, text: &str) -> Option<&Regex> {
        if !self.compiled.contains_key(pattern) {
            if self.compiled.len() == KEPT {
                return None;
            }
            let regex = Regex::new(pattern).ok();
            self.compiled.insert(pattern.to_owned(), regex);
            self.new.push((pattern.to_owned(), text.to_owned()));
        }
        self.compiled.get(pattern)?.as_ref()
    }
}

/// Works with a pattern and a text; nothing if libkcl must.
fn with<R>(pattern: &[u8], text: &[u8], work: impl FnOnce(&Regex, &str) -> R) -> Option<R> {
    let (pattern, text) = (str::from_utf8(pattern).ok()?, str::from_utf8(text).ok()?);
    PATTERNS.with_borrow_mut(|patterns| Some(work(patterns.get(pattern, text)?, text)))
}

/// Whether the pattern matches the text; nothing if libkcl must tell.
pub(super) fn is_match(pattern: &[u8], text: &[u8]) -> Option<bool> {
    with(pattern, text, |pattern, text| pattern.is_match(text).ok())?
}

/// The text with each match of the pattern replaced; nothing if libkcl must tell.
pub(super) fn replaced(pattern: &[u8], text: &[u8], by: &[u8]) -> Option<String> {
    let by = str::from_utf8(by).ok()?;
    with(pattern, text, |pattern, text| {
        // Later a match that fails ends in a panic.
        pattern.is_match(text).ok()?;
        Some(pattern.replace_all(text, by).into_owned())
    })?
}

/// The patterns that this process compiled and its original has not.
pub(crate) fn compiled_here() -> Vec<Use> {
    PATTERNS.with_borrow_mut(|patterns| std::mem::take(&mut patterns.new))
}

/// Compiles patterns for the copies that follow. A match builds the states of a
/// pattern's automaton that a similar text needs.
pub(crate) fn compile_ahead(uses: &[Use]) {
    for (pattern, text) in uses {
        is_match(pattern.as_bytes(), text.as_bytes());
    }
    compiled_here();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_pattern_is_left_to_libkcl() {
        assert_eq!(is_match(b"(", b""), None);
        assert_eq!(is_match(b"a", b"\xff"), None);
        assert_eq!(replaced(b"[", b"", b""), None);
    }

    #[test]
    fn a_text_is_replaced_as_libkcl_does() {
        assert_eq!(
            replaced(b"(a)(?!b)", b"aab", b"<$1>").as_deref(),
            Some("<a>ab")
        );
    }

    #[test]
    fn patterns_are_kept_up_to_a_number() {
        assert_eq!(is_match(b"^a", b"ab"), Some(true));
        assert_eq!(compiled_here(), [("^a".to_owned(), "ab".to_owned())]);
        for number in 0..KEPT {
            let pattern = format!("x{number}");
            let expected = (number < KEPT - 1).then_some(false);
            assert_eq!(is_match(pattern.as_bytes(), b"y"), expected);
        }
        assert_eq!(is_match(b"^a", b"ba"), Some(false));
    }
}
