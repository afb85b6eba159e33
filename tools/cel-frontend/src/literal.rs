//! Numbers and quoted texts.

use crate::{Error, Literal};

/// How a quoted text begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StringStart {
    bytes: bool,
    raw: bool,
    quote: &'static str,
    /// Prefix and quote, in bytes.
    length: usize,
}

/// Whether a quoted text begins here: `"`, `'`, three of them, after `r`, `b` or both.
pub(crate) fn string_start(text: &str) -> Option<StringStart> {
    let quotes = text.trim_start_matches(['r', 'R', 'b', 'B']);
    let prefix = &text[..text.len() - quotes.len()];
    let raw = prefix.matches(['r', 'R']).count();
    let bytes = prefix.matches(['b', 'B']).count();
    if raw > 1 || bytes > 1 {
        return None;
    }
    let quote = ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|quote| quotes.starts_with(quote))?;
    Some(StringStart {
        bytes: bytes == 1,
        raw: raw == 1,
        quote,
        length: prefix.len() + quote.len(),
    })
}

/// The quoted text, and where it ends.
pub(crate) fn string(text: &str, start: StringStart) -> Result<(Literal, usize), Error> {
    let mut found: Vec<u8> = Vec::new();
    let mut at = start.length;
    loop {
        let rest = &text[at..];
        let Some(c) = rest.chars().next() else {
            return Err(Error::new(0, "the text is not closed"));
        };
        if rest.starts_with(start.quote) {
            at += start.quote.len();
            break;
        }
        if matches!(c, '\n' | '\r') && start.quote.len() == 1 {
            return Err(Error::new(0, "the text is not closed on its line"));
        }
        if c == '\\' && !start.raw {
            at += escape(rest, start.bytes, &mut found).map_err(|e| Error::new(at, e.message))?;
        } else {
            found.extend(c.encode_utf8(&mut [0; 4]).bytes());
            at += c.len_utf8();
        }
    }
    if start.bytes {
        return Ok((Literal::Bytes(found), at));
    }
    let value = String::from_utf8(found).map_err(|_| Error::new(0, "the text is no Unicode"))?;
    Ok((Literal::String(value), at))
}

/// One escape; gives its length.
fn escape(text: &str, in_bytes: bool, out: &mut Vec<u8>) -> Result<usize, Error> {
    let unknown = || Error::new(0, "the escape is unknown");
    let c = text[1..].chars().next().ok_or_else(unknown)?;
    let simple = match c {
        'a' => Some(7),
        'b' => Some(8),
        'f' => Some(12),
        'n' => Some(b'\n'),
        'r' => Some(b'\r'),
        't' => Some(b'\t'),
        'v' => Some(11),
        '\\' | '\'' | '"' | '`' | '?' => Some(c as u8),
        _ => None,
    };
    if let Some(byte) = simple {
        out.push(byte);
        return Ok(2);
    }
    let (digits, radix, skip) = match c {
        'x' | 'X' => (2, 16, 2),
        'u' if !in_bytes => (4, 16, 2),
        'U' if !in_bytes => (8, 16, 2),
        '0'..='3' => (3, 8, 1),
        _ => return Err(unknown()),
    };
    let end = skip + digits;
    let code = text.get(skip..end).ok_or_else(unknown)?;
    let code = u32::from_str_radix(code, radix).map_err(|_| unknown())?;
    match u8::try_from(code) {
        Ok(byte) if in_bytes => out.push(byte),
        _ => {
            let c = char::from_u32(code).ok_or_else(unknown)?;
            out.extend(c.encode_utf8(&mut [0; 4]).bytes());
        }
    }
    Ok(end)
}

/// How long the number at the beginning of `text` is, which has no sign.
pub(crate) fn number_length(text: &str) -> usize {
    let after = |start: usize, is_part: fn(char) -> bool| {
        text[start..]
            .find(|c| !is_part(c))
            .map_or(text.len(), |length| start + length)
    };
    let is_digit = |c: char| c.is_ascii_digit();
    let unsigned = |end: usize| end + usize::from(text[end..].starts_with(['u', 'U']));
    if text.starts_with("0x") {
        return unsigned(after(2, |c| c.is_ascii_hexdigit()));
    }
    let whole = after(0, is_digit);
    let mut end = whole;
    if text[end..].starts_with('.') && text[end + 1..].starts_with(is_digit) {
        end = after(end + 1, is_digit);
    }
    let exponent = text[end..].strip_prefix(['e', 'E']);
    let exponent = exponent.map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
    if let Some(digits) = exponent.filter(|digits| digits.starts_with(is_digit)) {
        end = after(text.len() - digits.len(), is_digit);
    }
    if end == whole { unsigned(end) } else { end }
}

/// The value of a number, with `-` in front if it is negative.
pub(crate) fn number(text: &str) -> Option<Literal> {
    if let Some(digits) = text.strip_suffix(['u', 'U']) {
        return match digits.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        }
        .map(Literal::Uint);
    }
    if let Some(hex) = text.strip_prefix("-0x") {
        return i64::from_str_radix(&format!("-{hex}"), 16)
            .ok()
            .map(Literal::Int);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok().map(Literal::Int);
    }
    if text.contains(['.', 'e', 'E']) {
        return text.parse().ok().map(Literal::Double);
    }
    text.parse().ok().map(Literal::Int)
}
