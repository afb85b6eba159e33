//! Literals of an expression in the one form that the crate `cel` reads rightly: it takes
//! an escaped quote, three quotes and a quote in a raw string for something else.
//!
//! The forms are those of cel-go, `parser/gen/CEL.g4` and `parser/unescape.go`.

use std::fmt::Write;

/// The expression with every string between double quotes, without `r`, and with every
/// hexadecimal number decimal. None if a literal is none of CEL.
pub(super) fn plain(expression: &str) -> Option<String> {
    let mut out = String::with_capacity(expression.len() + 8);
    let mut rest = expression;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '"' | '\'' => quoted("", rest, &mut out)?,
            '`' => copy(rest, rest[1..].find('`')? + 2, &mut out),
            '/' if rest.starts_with("//") => copy(rest, line_length(rest), &mut out),
            c if c.is_ascii_alphanumeric() || c == '_' => word(rest, &mut out)?,
            c => copy(rest, c.len_utf8(), &mut out),
        };
    }
    Some(out)
}

fn copy<'t>(text: &'t str, length: usize, out: &mut String) -> &'t str {
    *out += &text[..length];
    &text[length..]
}

fn line_length(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// A name, a number, or the prefix of a literal and the literal.
fn word<'t>(text: &'t str, out: &mut String) -> Option<&'t str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let length = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let (word, rest) = text.split_at(length);
    let is_prefix = matches!(word, "r" | "R" | "b" | "B" | "br" | "bR" | "Br" | "BR");
    if is_prefix && rest.starts_with(['"', '\'']) {
        return quoted(word, rest, out);
    }
    match hexadecimal(word) {
        Some(number) => *out += &number,
        None => *out += word,
    }
    Some(rest)
}

fn hexadecimal(word: &str) -> Option<String> {
    let digits = word.strip_prefix("0x")?;
    let (digits, unsigned) = match digits.strip_suffix(['u', 'U']) {
        Some(digits) => (digits, "u"),
        None => (digits, ""),
    };
    let number = u64::from_str_radix(digits, 16).ok()?;
    Some(format!("{number}{unsigned}"))
}

/// A literal from its first quote on.
fn quoted<'t>(prefix: &str, text: &'t str, out: &mut String) -> Option<&'t str> {
    let is_raw = prefix.contains(['r', 'R']);
    let is_bytes = prefix.contains(['b', 'B']);
    let quote = ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|quote| text.starts_with(quote))?;
    let text = &text[quote.len()..];
    let end = end(text, quote, is_raw)?;
    let inner = text[..end].replace("\r\n", "\n").replace('\r', "\n");
    let bytes = if is_raw {
        inner.into_bytes()
    } else {
        unescaped(&inner, is_bytes)?
    };
    if is_bytes {
        write_bytes(&bytes, out);
    } else {
        write_text(&String::from_utf8(bytes).ok()?, out);
    }
    Some(&text[end + quote.len()..])
}

/// Where the closing quote begins; a backslash takes the next character with it.
fn end(text: &str, quote: &str, is_raw: bool) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        if rest.starts_with(quote) {
            return Some(at);
        }
        let mut chars = rest.chars();
        at += match chars.next()? {
            '\n' | '\r' if quote.len() == 1 => return None,
            '\\' if !is_raw => 1 + chars.next()?.len_utf8(),
            c => c.len_utf8(),
        };
    }
}

fn unescaped(text: &str, is_bytes: bool) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '\\' {
            rest = escape(rest, is_bytes, &mut bytes)?;
        } else {
            push(c, &mut bytes);
        }
    }
    Some(bytes)
}

/// What follows a backslash. A code is a byte in bytes, a character in a string.
fn escape<'t>(text: &'t str, is_bytes: bool, bytes: &mut Vec<u8>) -> Option<&'t str> {
    let sign = text.chars().next()?;
    let after = &text[sign.len_utf8()..];
    let (digits, rest, radix) = match sign {
        'x' | 'X' => (after.get(..2)?, after.get(2..)?, 16),
        'u' if !is_bytes => (after.get(..4)?, after.get(4..)?, 16),
        'U' if !is_bytes => (after.get(..8)?, after.get(8..)?, 16),
        '0'..='3' => (text.get(..3)?, text.get(3..)?, 8),
        _ => {
            push(named(sign)?, bytes);
            return Some(after);
        }
    };
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).ok()?;
    if is_bytes {
        bytes.push(u8::try_from(code).ok()?);
    } else {
        push(char::from_u32(code)?, bytes);
    }
    Some(rest)
}

fn named(sign: char) -> Option<char> {
    Some(match sign {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' | '\'' | '"' | '`' | '?' => sign,
        _ => return None,
    })
}

fn push(c: char, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => *out += "\\n",
            '\r' => *out += "\\r",
            c => out.push(c),
        }
    }
    out.push('"');
}

fn write_bytes(bytes: &[u8], out: &mut String) {
    *out += "b\"";
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\x{byte:02x}");
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn every_form_of_a_literal_becomes_one() {
        let cases = [
            ("a == 'b'", r#"a == "b""#),
            (r#"'it\'s "x"'"#, r#""it's \"x\"""#),
            (r#""it's \"x\"""#, r#""it's \"x\"""#),
            (r"r'\d\'", r#""\\d\\""#),
            ("'''a'b'''", r#""a'b""#),
            ("\"\"\"a\n\"b\"\"\"", r#""a\n\"b""#),
            (r"'\u65e5\U0001F642\x41\101'", "\"日🙂AA\""),
            (r"b'é\xff'", r#"b"\xc3\xa9\xff""#),
            ("bar'x'", "bar\"x\""),
            ("0x1F + 0xau", "31 + 10u"),
            ("self.x // it's\n", "self.x // it's\n"),
            ("self.`a'b`", "self.`a'b`"),
            ("''", "\"\""),
        ];
        for (expression, expected) in cases {
            assert_eq!(plain(expression).as_deref(), Some(expected), "{expression}");
        }
    }

    #[test]
    fn no_literal_of_cel_has_no_form() {
        for expression in ["'a", "'\n'", r"'\q'", r"'\ud800'", "b'\\u0041'", "`a"] {
            assert_eq!(plain(expression), None, "{expression}");
        }
    }
}
