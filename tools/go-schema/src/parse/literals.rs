//! Strings, runes and numbers as Go writes them (go.dev/ref/spec#String_literals).

/// What a quoted string stands for; nothing if it is no such string.
pub(crate) fn unquote(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('`') {
        return Some(raw.strip_suffix('`')?.replace('\r', ""));
    }
    let quote = literal.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut bytes = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            escape(&mut chars, &mut bytes)?;
        } else {
            push(c, &mut bytes);
        }
    }
    String::from_utf8(bytes).ok()
}

fn push(c: char, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn escape(chars: &mut std::str::Chars<'_>, bytes: &mut Vec<u8>) -> Option<()> {
    let kind = chars.next()?;
    let mut number = |digits: usize, base: u32| -> Option<u32> {
        let text: String = chars.by_ref().take(digits).collect();
        (text.len() == digits)
            .then(|| u32::from_str_radix(&text, base).ok())
            .flatten()
    };
    match kind {
        'n' => bytes.push(b'\n'),
        't' => bytes.push(b'\t'),
        'r' => bytes.push(b'\r'),
        'a' => bytes.push(7),
        'b' => bytes.push(8),
        'f' => bytes.push(12),
        'v' => bytes.push(11),
        '\\' | '\'' | '"' => push(kind, bytes),
        'x' => bytes.push(u8::try_from(number(2, 16)?).ok()?),
        'u' => push(char::from_u32(number(4, 16)?)?, bytes),
        'U' => push(char::from_u32(number(8, 16)?)?, bytes),
        '0'..='7' => {
            let low = number(2, 8)?;
            bytes.push(u8::try_from(kind.to_digit(8)? * 64 + low).ok()?);
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::unquote;

    #[test]
    fn strings_are_unquoted_as_go_reads_them() {
        for (literal, text) in [
            ("\"a\\tb\\\"\"", Some("a\tb\"")),
            ("`a\\n\"b`", Some("a\\n\"b")),
            ("\"\\u00e9\\x41\\101\\U0001F600\"", Some("éAA😀")),
            ("'\\''", Some("'")),
            ("\"\\q\"", None),
            ("plain", None),
        ] {
            assert_eq!(unquote(literal).as_deref(), text, "{literal}");
        }
    }
}
