//! How a text is written: plain, in quotes, as a block.

/// The forms of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// What a text looks like to the emitter (`yaml_emitter_analyze_scalar`).
#[derive(Debug, Default)]
pub(super) struct Analysis {
    pub(super) is_multiline: bool,
    plain_allowed: bool,
    single_allowed: bool,
    block_allowed: bool,
}

impl Analysis {
    pub(super) fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self {
                plain_allowed: true,
                single_allowed: true,
                ..Self::default()
            };
        }
        let is_multiline = text.contains(is_break);
        let is_special = !text.chars().all(is_printable);
        let (mut break_space, mut space_break) = (false, false);
        for (a, b) in text.chars().zip(text.chars().skip(1)) {
            break_space |= is_break(a) && b == ' ';
            space_break |= a == ' ' && is_break(b);
        }
        let at_ends = |found: &dyn Fn(char) -> bool| {
            text.chars().next().is_some_and(found) || text.chars().last().is_some_and(found)
        };
        let edges = at_ends(&|c| c == ' ' || is_break(c));
        let single_allowed = !break_space && !space_break && !is_special;
        Self {
            is_multiline,
            plain_allowed: single_allowed && !is_multiline && !edges && !has_indicators(text),
            single_allowed,
            block_allowed: !text.ends_with(' ') && !space_break && !is_special,
        }
    }
}

/// The style of a text; `is_key`: where a key stands, which has no blocks.
pub(super) fn style(text: &str, analysis: &Analysis, is_key: bool) -> Style {
    if text.contains('\n') {
        return if analysis.block_allowed && !is_key {
            Style::Literal
        } else {
            Style::Double
        };
    }
    if !is_string(text) {
        return Style::Double;
    }
    if analysis.plain_allowed && !(text.is_empty() && is_key) {
        Style::Plain
    } else if analysis.single_allowed && !(is_key && analysis.is_multiline) {
        Style::Single
    } else {
        Style::Double
    }
}

/// Whether characters stand where they would mean something in a plain scalar.
fn has_indicators(text: &str) -> bool {
    if text.starts_with("---") || text.starts_with("...") {
        return true;
    }
    let is_blank = |c: Option<char>| c.is_none_or(|c| matches!(c, ' ' | '\t') || is_break(c));
    let mut chars = text.chars().peekable();
    let first = chars.next();
    let followed_by_blank = is_blank(chars.peek().copied());
    let at_start = match first {
        Some(c) if "#,[]{}&*!|>'\"%@`".contains(c) => true,
        Some('?' | ':' | '-') => followed_by_blank,
        _ => false,
    };
    let mut before = first;
    let mut inside = false;
    while let Some(c) = chars.next() {
        inside |= c == ':' && is_blank(chars.peek().copied());
        inside |= c == '#' && is_blank(before);
        before = Some(c);
    }
    at_start || inside
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Printable to libyaml's port, which takes no tab and nothing past the first plane.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && c != '\u{feff}'
}

/// A text in double quotes.
pub(super) fn double_quoted(text: &str) -> String {
    let inner: String = text.chars().map(escaped).collect();
    format!("\"{inner}\"")
}

/// A character between double quotes.
pub(super) fn escaped(c: char) -> String {
    let short = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c if is_printable(c) => return c.to_string(),
        c => {
            let code = u32::from(c);
            return match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}

/// Whether a plain scalar would be read as a string (`resolve`), and not as a
/// sexagesimal number by others.
fn is_string(text: &str) -> bool {
    let words = [
        "", "~", "null", "Null", "NULL", "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE",
        "on", "On", "ON", "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off",
        "OFF", ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
        "-.Inf", "-.INF", "<<",
    ];
    if words.contains(&text) {
        return false;
    }
    match text.chars().next() {
        Some('.') => !is_go_float(text),
        Some('0'..='9' | '+' | '-') => {
            let plain = text.replace('_', "");
            !(is_timestamp(text)
                || is_integer(&plain)
                || is_yaml_float(&plain)
                || is_sexagesimal(text))
        }
        _ => true,
    }
}

/// What `strconv.ParseFloat` reads of a text that begins with a dot.
fn is_go_float(text: &str) -> bool {
    text.len() > 1 && text.parse::<f64>().is_ok()
}

/// What `strconv.ParseInt` and `ParseUint` read with base 0.
fn is_integer(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_signed = unsigned.len() < text.len();
    let lower = unsigned.to_ascii_lowercase();
    let radix = |prefix: &str, radix| {
        let digits = lower.strip_prefix(prefix)?;
        Some(u64::from_str_radix(digits, radix))
    };
    let prefixed = radix("0x", 16)
        .or_else(|| radix("0b", 2))
        .or_else(|| radix("0o", 8))
        .or_else(|| radix("0", 8).filter(|_| lower.len() > 1));
    let parsed = prefixed.unwrap_or_else(|| lower.parse());
    let limit = if is_signed {
        i64::MAX.unsigned_abs() + 1
    } else {
        u64::MAX
    };
    unsigned.starts_with(|c: char| c.is_ascii_digit()) && parsed.is_ok_and(|number| number <= limit)
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_yaml_float(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let exponent = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    let is_mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    is_mantissa && exponent.is_none_or(digits)
}

/// `^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$`
fn is_sexagesimal(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (text, fraction) = match text.rsplit_once('.') {
        Some((text, fraction)) => (text, fraction),
        None => (text, ""),
    };
    let digit = |b: u8| b.is_ascii_digit() || b == b'_';
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let sixtieth = |part: &&str| {
        part.bytes().all(|b| b.is_ascii_digit())
            && matches!(part.len(), 1 | 2)
            && (part.len() == 1 || part.as_bytes()[0] <= b'5')
    };
    first.starts_with(|c: char| c.is_ascii_digit())
        && first.bytes().all(digit)
        && !rest.is_empty()
        && rest.iter().all(sixtieth)
        && fraction.bytes().all(digit)
}

/// The formats that Go's reader takes for a time.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    };
    is_date(date) && time.is_none_or(is_time)
}

fn is_date(date: &str) -> bool {
    let mut parts = date.split('-').skip(1);
    let month = parts.next().and_then(|part| number(part, 12));
    let day = parts.next().and_then(|part| number(part, 31));
    month.is_some_and(|month| month > 0) && day.is_some_and(|day| day > 0) && parts.next().is_none()
}

fn number(text: &str, most: u32) -> Option<u32> {
    let is_short = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|n| is_short && *n <= most)
}

/// `T15:4:5.9Z`, `T15:4:5+07:00`, ` 15:4:5.9`.
fn is_time(time: &str) -> bool {
    let (has_zone, time) = match time.split_at(1) {
        (" ", time) => (false, time),
        (_, time) => (true, time),
    };
    let end = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(end);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    let is_clock = matches!(parts.as_slice(), [h, m, s]
        if number(h, 23).is_some() && number(m, 59).is_some() && number(s, 59).is_some());
    let is_zone = match zone {
        "Z" => has_zone,
        "" => !has_zone,
        zone => {
            let parts = zone[1..].split_once(':');
            has_zone && parts.is_some_and(|(h, m)| h.len() == 2 && m.len() == 2)
        }
    };
    is_clock && is_zone && !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn written(text: &str) -> String {
        match style(text, &Analysis::of(text), false) {
            Style::Plain => text.to_owned(),
            Style::Single => format!("'{text}'"),
            Style::Double => double_quoted(text),
            Style::Literal => format!("|{text}"),
        }
    }

    #[test]
    fn what_would_be_read_as_something_else_is_quoted() {
        let quoted = [
            "yes",
            "",
            "~",
            "1",
            "-1",
            "+1",
            "1.5",
            "1e3",
            ".5",
            "0x1F",
            "0b1",
            "017",
            "1_000",
            "12:30:45",
            "190:20:30.15",
            "2024-01-01",
            "2024-1-1 1:2:3",
            "2024-01-01T00:00:00Z",
            "1.",
            ".inf",
            "<<",
            "18446744073709551615",
            "08",
        ];
        for text in quoted {
            assert_eq!(written(text), format!("\"{text}\""));
        }
        for text in [
            "a",
            "a:b",
            "1.2.3",
            "10.0.0.0/8",
            "a#b",
            "-a",
            "?a",
            "é",
            "v1",
            "1h",
            "0x",
            "2024-13-01",
            "12:61",
            "=",
            "a b",
            "None",
            ".",
            "1e",
            "a\"b",
            "=a",
            "0o8",
        ] {
            assert_eq!(written(text), text);
        }
    }

    #[test]
    fn what_means_something_in_yaml_is_in_single_quotes() {
        for text in [
            "a: b", "a #b", "#a", "- a", "-", "*a", "@a", "[a", " a", "a ", "a:", "---",
        ] {
            assert_eq!(written(text), format!("'{text}'"));
        }
    }

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        assert_eq!(written("a\tb"), "\"a\\tb\"");
        assert_eq!(written("🦀"), "\"\\U0001F980\"");
        assert_eq!(written("\u{7f}"), "\"\\x7F\"");
    }
}
