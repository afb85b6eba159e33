//! Patterns that every reader of JSON Schemas takes: what RE2 and ECMA-262 write
//! alike stays as it is, anything else is written anew in what they share.

use crate::pattern::to_rust;
use regex_syntax::Parser;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};
use std::fmt::Write;

/// The pattern, or none if ECMA-262 cannot say it.
pub(super) fn portable(re2: &str) -> Option<String> {
    if is_shared(re2) {
        return Some(re2.to_owned());
    }
    let hir = Parser::new().parse(&to_rust(re2)?).ok()?;
    let mut out = String::new();
    print(&hir, &mut out)?;
    Some(out)
}

/// Whether nothing in it is only RE2's: flags, named groups, `\A`, `\pL`, POSIX
/// classes, `\s` (which is narrower there), a brace or bracket that stands for itself.
fn is_shared(re2: &str) -> bool {
    let mut chars = re2.chars().peekable();
    let mut in_class = false;
    let mut may_repeat = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let shared = "\\/.*+?()[]{}|^$-dDwWtnrfv";
                if !chars.next().is_some_and(|escaped| shared.contains(escaped)) {
                    return false;
                }
            }
            '[' if in_class => return false,
            '[' => {
                in_class = true;
                chars.next_if_eq(&'^');
                if chars.peek() == Some(&']') {
                    return false;
                }
            }
            ']' if in_class => in_class = false,
            '(' if !in_class && chars.peek() == Some(&'?') => {
                chars.next();
                if chars.next() != Some(':') {
                    return false;
                }
            }
            '{' if !in_class => {
                let count: String = chars.by_ref().take_while(|c| *c != '}').collect();
                let is_count = count
                    .split(',')
                    .all(|n| n.bytes().all(|b| b.is_ascii_digit()));
                if !may_repeat || !is_count || count.starts_with(',') || count.is_empty() {
                    return false;
                }
            }
            '}' | ']' if !in_class => return false,
            _ => {}
        }
        may_repeat = !matches!(c, '(' | '|' | '^') || in_class;
    }
    !in_class
}

fn print(hir: &Hir, out: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty => out.push_str("(?:)"),
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0)
                .ok()?
                .chars()
                .for_each(|c| push(c, out));
        }
        HirKind::Class(Class::Unicode(class)) => {
            out.push('[');
            for range in class.ranges() {
                push_in_class(range.start(), out);
                if range.start() != range.end() {
                    out.push('-');
                    push_in_class(range.end(), out);
                }
            }
            out.push(']');
        }
        HirKind::Class(Class::Bytes(_)) => return None,
        HirKind::Look(look) => out.push_str(match look {
            Look::Start => "^",
            Look::End => "$",
            _ => return None,
        }),
        HirKind::Repetition(repetition) => print_repetition(repetition, out)?,
        HirKind::Capture(capture) => {
            out.push('(');
            print(&capture.sub, out)?;
            out.push(')');
        }
        HirKind::Concat(parts) => {
            for part in parts {
                print_apart(part, out)?;
            }
        }
        HirKind::Alternation(parts) => {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push('|');
                }
                print(part, out)?;
            }
        }
    }
    Some(())
}

/// A part of a sequence; an alternative needs brackets there.
fn print_apart(hir: &Hir, out: &mut String) -> Option<()> {
    if !matches!(hir.kind(), HirKind::Alternation(_)) {
        return print(hir, out);
    }
    out.push_str("(?:");
    print(hir, out)?;
    out.push(')');
    Some(())
}

fn print_repetition(repetition: &Repetition, out: &mut String) -> Option<()> {
    let is_single = match repetition.sub.kind() {
        HirKind::Class(_) | HirKind::Capture(_) => true,
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok()?.chars().count() == 1,
        _ => false,
    };
    if is_single {
        print(&repetition.sub, out)?;
    } else {
        out.push_str("(?:");
        print(&repetition.sub, out)?;
        out.push(')');
    }
    match (repetition.min, repetition.max) {
        (0, None) => out.push('*'),
        (1, None) => out.push('+'),
        (0, Some(1)) => out.push('?'),
        (min, None) => {
            let _ = write!(out, "{{{min},}}");
        }
        (min, Some(max)) if min == max => {
            let _ = write!(out, "{{{min}}}");
        }
        (min, Some(max)) => {
            let _ = write!(out, "{{{min},{max}}}");
        }
    }
    Some(())
}

fn push(c: char, out: &mut String) {
    if "\\/.*+?()[]{}|^$".contains(c) {
        out.push('\\');
    }
    push_visible(c, out);
}

fn push_in_class(c: char, out: &mut String) {
    if "\\[]^-".contains(c) {
        out.push('\\');
    }
    push_visible(c, out);
}

/// Control characters by their escapes, and those that have none as they are.
fn push_visible(c: char, out: &mut String) {
    match c {
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\u{b}' => out.push_str("\\v"),
        '\u{c}' => out.push_str("\\f"),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::portable;

    #[test]
    fn what_is_shared_stays() {
        for pattern in [
            r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
            r"^(?:\d{1,3}\.){3}\d+$",
            r"^[^\\.\\/]+(\/[^\/:@]+)+$",
            "a{2}|b{1,}",
        ] {
            assert_eq!(portable(pattern).as_deref(), Some(pattern));
        }
    }

    #[test]
    fn what_only_re2_knows_is_written_anew() {
        for (re2, shared) in [
            ("^{{a+}}$", r"^\{\{a+\}\}$"),
            ("(?i)ab", "[Aa][Bb]"),
            (r"\Aa\z", "^a$"),
            ("[[:digit:]]x", "[0-9]x"),
            ("(?P<n>aa|b)c", "(aa|b)c"),
            ("[]a]", r"[\]a]"),
        ] {
            let found = portable(re2).unwrap();
            assert_eq!(found, shared);
            assert!(regex::Regex::new(&found).is_ok(), "{found}");
        }
        assert_eq!(portable("(?m)^a"), None);
    }
}
