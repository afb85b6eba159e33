//! Semantic versions (apiserver, `pkg/cel/library/semverlib.go`; blang/semver v4).

use super::unknown;
use crate::validate::cel::value::{Cel, Evaluated, Failure, Library};
use std::cmp::Ordering;
use std::rc::Rc;

/// A version; what follows `+` does not count in comparisons.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::validate::cel) struct Version {
    numbers: [u64; 3],
    /// A version without comes after all with.
    pre_release: PreRelease,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum PreRelease {
    Of(Vec<Identifier>),
    None,
}

/// Numbers come before words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Word(String),
}

fn parse(text: &str) -> Option<Version> {
    let mut parts = text.splitn(3, '.');
    let (major, minor, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (rest, build) = match rest.split_once('+') {
        Some((rest, build)) => (rest, Some(build)),
        None => (rest, None),
    };
    let (patch, pre_release) = match rest.split_once('-') {
        Some((patch, pre_release)) => (patch, Some(pre_release)),
        None => (rest, None),
    };
    if build.is_some_and(|build| !build.split('.').all(is_word)) {
        return None;
    }
    let pre_release = match pre_release {
        Some(text) => {
            let identifiers: Option<Vec<_>> = text.split('.').map(identifier).collect();
            PreRelease::Of(identifiers?)
        }
        None => PreRelease::None,
    };
    Some(Version {
        numbers: [number(major)?, number(minor)?, number(patch)?],
        pre_release,
    })
}

/// Digits without a zero in front.
fn number(text: &str) -> Option<u64> {
    let is_plain = text.len() == 1 || !text.starts_with('0');
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain && is_number)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn identifier(text: &str) -> Option<Identifier> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return number(text).map(Identifier::Number);
    }
    is_word(text).then(|| Identifier::Word(text.to_owned()))
}

/// Without a `v`, with the parts that are missing, without zeros in front.
fn normal(text: &str) -> Option<String> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut parts: Vec<String> = text.splitn(3, '.').map(without_zeros).collect();
    if parts.len() < 3 && parts.last()?.contains(['+', '-']) {
        return None;
    }
    while parts.len() < 3 {
        parts.push("0".to_owned());
    }
    Some(parts.join("."))
}

fn without_zeros(part: &str) -> String {
    if part.len() < 2 {
        return part.to_owned();
    }
    let digits = part.trim_start_matches('0');
    if digits.starts_with(|c: char| c.is_ascii_digit()) {
        digits.to_owned()
    } else {
        format!("0{digits}")
    }
}

/// `semver(…)` and `isSemver(…)`; none if it is no such function.
pub(super) fn call(name: &str, arguments: &[Cel]) -> Option<Evaluated> {
    let version = match arguments {
        [Cel::Text(text)] | [Cel::Text(text), Cel::Bool(false)] => parse(text),
        [Cel::Text(text), Cel::Bool(true)] => normal(text).and_then(|text| parse(&text)),
        _ => return None,
    };
    match name {
        "isSemver" => Some(Ok(Cel::Bool(version.is_some()))),
        "semver" => Some(match version {
            Some(version) => Ok(Cel::Library(Library::Version(Rc::new(version)))),
            None => Err(Failure::error("no semantic version")),
        }),
        _ => None,
    }
}

pub(super) fn method(name: &str, version: &Version, arguments: &[Cel]) -> Evaluated {
    let part = |i: usize| i64::try_from(version.numbers[i]).unwrap_or(-1);
    Ok(match (name, arguments) {
        ("major", []) => Cel::Int(part(0)),
        ("minor", []) => Cel::Int(part(1)),
        ("patch", []) => Cel::Int(part(2)),
        (name, [Cel::Library(Library::Version(other))]) => ordered(name, version.cmp(other))?,
        _ => return Err(unknown(name)),
    })
}

/// `isGreaterThan`, `isLessThan` and `compareTo`.
pub(super) fn ordered(name: &str, order: Ordering) -> Evaluated {
    match name {
        "isGreaterThan" => Ok(Cel::Bool(order == Ordering::Greater)),
        "isLessThan" => Ok(Cel::Bool(order == Ordering::Less)),
        "compareTo" => Ok(Cel::Int(order as i64)),
        _ => Err(unknown(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::{normal, parse};

    #[test]
    fn versions_are_ordered_as_they_should_be() {
        let order = [
            "1.0.0-1",
            "1.0.0-rc.2",
            "1.0.0-rc.10",
            "1.0.0-rc.a",
            "1.0.0",
            "1.0.1-a",
        ];
        for pair in order.windows(2) {
            assert!(parse(pair[0]) < parse(pair[1]), "{pair:?}");
        }
        assert_eq!(parse("1.0.0+a"), parse("1.0.0+b"));
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in [
            "", "1.2", "01.2.3", "1.2.3-01", "1.2.3-", "1.2.3+", "v1.2.3", "1.2.3-é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(normal("v01.2").as_deref(), Some("1.2.0"));
        assert_eq!(normal("1.2-a"), None);
    }
}
