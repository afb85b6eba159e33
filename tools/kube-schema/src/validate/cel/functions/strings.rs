//! The string library (cel-go, `ext/strings.go`, version 2). It counts code
//! points.

use super::{format, int, unknown};
use crate::validate::cel::value::{Cel, Evaluated, Failure};

pub(super) fn method(name: &str, text: &str, arguments: &[Cel]) -> Evaluated {
    match (name, arguments) {
        ("contains", [Cel::Text(part)]) => Ok(Cel::Bool(text.contains(&**part))),
        ("startsWith", [Cel::Text(part)]) => Ok(Cel::Bool(text.starts_with(&**part))),
        ("endsWith", [Cel::Text(part)]) => Ok(Cel::Bool(text.ends_with(&**part))),
        ("charAt", [Cel::Int(at)]) => char_at(text, *at),
        ("indexOf", [Cel::Text(part)]) => index_of(text, part, 0),
        ("indexOf", [Cel::Text(part), Cel::Int(from)]) => index_of(text, part, *from),
        ("lastIndexOf", [Cel::Text(part)]) => last_index_of(text, part),
        ("lastIndexOf", [Cel::Text(part), Cel::Int(from)]) => last_index_before(text, part, *from),
        ("lowerAscii", []) => Ok(text.to_ascii_lowercase().into()),
        ("upperAscii", []) => Ok(text.to_ascii_uppercase().into()),
        ("replace", [Cel::Text(old), Cel::Text(new)]) => Ok(text.replace(&**old, new).into()),
        ("replace", [Cel::Text(old), Cel::Text(new), Cel::Int(limit)]) => {
            Ok(match usize::try_from(*limit) {
                Ok(limit) => text.replacen(&**old, new, limit).into(),
                Err(_) => text.replace(&**old, new).into(),
            })
        }
        ("split", [Cel::Text(separator)]) => Ok(split(text, separator, -1)),
        ("split", [Cel::Text(separator), Cel::Int(limit)]) => Ok(split(text, separator, *limit)),
        ("substring", [Cel::Int(from)]) => {
            substring(text, *from, i64::try_from(text.chars().count()).ok())
        }
        ("substring", [Cel::Int(from), Cel::Int(to)]) => substring(text, *from, Some(*to)),
        ("trim", []) => Ok(text.trim_matches(is_space).into()),
        ("format", [Cel::List(values)]) => format::format(text, &values.items),
        _ => Err(unknown(name)),
    }
}

/// Go's `unicode.IsSpace`.
fn is_space(c: char) -> bool {
    c.is_whitespace()
}

fn out_of_range(at: i64) -> Failure {
    Failure::Error(format!("index out of range: {at}"))
}

fn char_at(text: &str, at: i64) -> Evaluated {
    let index = usize::try_from(at).map_err(|_| out_of_range(at))?;
    match text.chars().nth(index) {
        Some(c) => Ok(c.to_string().into()),
        None if index == text.chars().count() => Ok("".into()),
        None => Err(out_of_range(at)),
    }
}

fn index_of(text: &str, part: &str, from: i64) -> Evaluated {
    let from = usize::try_from(from).map_err(|_| out_of_range(from))?;
    let (text, part): (Vec<char>, Vec<char>) = (text.chars().collect(), part.chars().collect());
    if part.is_empty() {
        return Ok(int(from.min(text.len())));
    }
    let mut places = from..(text.len() + 1).saturating_sub(part.len());
    let found = places.find(|i| text[*i..].starts_with(&part));
    Ok(found.map_or(Cel::Int(-1), int))
}

fn last_index_of(text: &str, part: &str) -> Evaluated {
    let length = text.chars().count();
    if part.is_empty() {
        return Ok(int(length));
    }
    if text.len() < part.len() {
        return Ok(Cel::Int(-1));
    }
    last_index_before(text, part, i64::try_from(length).unwrap_or(i64::MAX) - 1)
}

fn last_index_before(text: &str, part: &str, from: i64) -> Evaluated {
    let from = usize::try_from(from).map_err(|_| out_of_range(from))?;
    let (text, part): (Vec<char>, Vec<char>) = (text.chars().collect(), part.chars().collect());
    if part.is_empty() {
        return Ok(int(from.min(text.len())));
    }
    if from >= text.len() || part.len() > text.len() {
        return Ok(Cel::Int(-1));
    }
    let last = from.min(text.len() - part.len());
    let found = (0..=last).rev().find(|i| text[*i..].starts_with(&part));
    Ok(found.map_or(Cel::Int(-1), int))
}

/// At most so many parts; all of them if the limit is negative.
fn split(text: &str, separator: &str, limit: i64) -> Cel {
    let parts: Vec<Cel> = match (usize::try_from(limit), separator) {
        (Ok(0), _) => Vec::new(),
        (Ok(limit), "") => letters(text, limit),
        (Err(_), "") => letters(text, usize::MAX),
        (Ok(limit), separator) => text.splitn(limit, separator).map(Cel::from).collect(),
        (Err(_), separator) => text.split(separator).map(Cel::from).collect(),
    };
    parts.into()
}

/// Each character, the last part with all that is left.
fn letters(text: &str, limit: usize) -> Vec<Cel> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if parts.len() + 1 == limit {
            parts.push(rest.into());
            break;
        }
        let (first, after) = rest.split_at(c.len_utf8());
        parts.push(first.into());
        rest = after;
    }
    parts
}

fn substring(text: &str, from: i64, to: Option<i64>) -> Evaluated {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let to = to.unwrap_or(length);
    if from < 0 || from > length {
        return Err(out_of_range(from));
    }
    if from > to {
        let text = format!("invalid substring range. start: {from}, end: {to}");
        return Err(Failure::Error(text));
    }
    if to > length {
        return Err(out_of_range(to));
    }
    let count = |n: i64| usize::try_from(n).unwrap_or(0);
    let part = text.chars().skip(count(from)).take(count(to - from));
    Ok(part.collect::<String>().into())
}

/// In double quotes, with CEL's escapes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '\u{7}' => out += "\\a",
            '\u{8}' => out += "\\b",
            '\u{c}' => out += "\\f",
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            '\u{b}' => out += "\\v",
            '\\' => out += "\\\\",
            '"' => out += "\\\"",
            c => out.push(c),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::method;
    use crate::validate::cel::value::Cel;

    fn text_of(name: &str, text: &str, arguments: &[Cel]) -> String {
        format!("{:?}", method(name, text, arguments))
    }

    #[test]
    fn places_count_code_points() {
        let dot = [Cel::from("é")];
        assert_eq!(text_of("indexOf", "日é", &dot), "Ok(Int(1))");
        assert_eq!(text_of("charAt", "日", &[Cel::Int(1)]), "Ok(Text(\"\"))");
        assert!(text_of("charAt", "日", &[Cel::Int(2)]).contains("out of range"));
        let whole = [Cel::Int(1), Cel::Int(3)];
        assert_eq!(text_of("substring", "日é🙂x", &whole), "Ok(Text(\"é🙂\"))");
    }

    #[test]
    fn the_last_place_is_looked_for_from_the_end() {
        let part = [Cel::from("ab")];
        assert_eq!(text_of("lastIndexOf", "abab", &part), "Ok(Int(2))");
        let part = [Cel::from("ab"), Cel::Int(1)];
        assert_eq!(text_of("lastIndexOf", "abab", &part), "Ok(Int(0))");
        let empty = [Cel::from("")];
        assert_eq!(text_of("lastIndexOf", "abc", &empty), "Ok(Int(3))");
    }
}
