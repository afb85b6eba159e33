//! Patterns of a schema are RE2 expressions, read by Go. KCL and pydantic read
//! them with Rust's `regex`, where some of them mean something else.

/// The expression in Rust's syntax, or none if it cannot be said there; then
/// it is better not to check than to refuse what the API server accepts.
pub fn to_rust(re2: &str) -> Option<String> {
    translated(re2, false)
}

/// The same for pydantic, which knows the boundaries of words in ASCII.
pub fn to_pydantic(re2: &str) -> Option<String> {
    translated(re2, true)
}

/// Whether only Python's own engine can say it: what is between two letters of
/// ASCII that are no boundary, `\B`.
pub fn is_for_python(re2: &str) -> bool {
    to_pydantic(re2).is_none()
        && re2.contains("\\B")
        && !re2.contains("\\p")
        && !re2.contains("\\P")
        && to_pydantic(&re2.replace("\\B", "\\b")).is_some()
}

fn translated(re2: &str, knows_boundaries: bool) -> Option<String> {
    let mut out = String::with_capacity(re2.len());
    let mut chars = re2.chars().peekable();
    let mut in_class = false;
    let mut class_start = false;
    while let Some(c) = chars.next() {
        let at_start = std::mem::take(&mut class_start);
        match c {
            '\\' if !in_class && chars.next_if_eq(&'Q').is_some() => {
                push_quoted(&mut out, &mut chars);
            }
            '\\' if !in_class && knows_boundaries && chars.next_if_eq(&'b').is_some() => {
                out.push_str("(?-u:\\b)");
            }
            '\\' => match chars.next()? {
                digit @ '0'..='7' => push_octal(&mut out, digit, &mut chars)?,
                named @ ('p' | 'P' | 'x') => push_named(&mut out, named, &mut chars),
                escaped => push_escape(&mut out, escaped, in_class)?,
            },
            '{' if !in_class && !is_repetition(chars.clone()) => out.push_str("\\{"),
            '[' if in_class => match chars.peek() {
                Some(':') => push_posix(&mut out, &mut chars)?,
                _ => out.push_str("\\["),
            },
            '[' => {
                in_class = true;
                class_start = true;
                out.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
            }
            ']' if in_class && at_start => out.push_str("\\]"),
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // Set operations of Rust's classes.
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            '-' if in_class && chars.next_if_eq(&'-').is_some() => {
                push_dashes(&mut out, chars.peek())?;
            }
            _ => out.push(c),
        }
    }
    regex::Regex::new(&out).is_ok().then_some(out)
}

type Rest<'p> = std::iter::Peekable<std::str::Chars<'p>>;

/// What follows `\Q`, up to `\E` or the end.
fn push_quoted(out: &mut String, chars: &mut Rest<'_>) {
    let mut quoted = String::new();
    while let Some(c) = chars.next() {
        if c == '\\' && chars.next_if_eq(&'E').is_some() {
            break;
        }
        quoted.push(c);
    }
    out.push_str(&regex::escape(&quoted));
}

/// `\p{Greek}`, `\x{41}`, `\pL`.
fn push_named(out: &mut String, escaped: char, chars: &mut Rest<'_>) {
    out.push('\\');
    out.push(escaped);
    if chars.next_if_eq(&'{').is_some() {
        out.push('{');
        for c in chars.by_ref() {
            out.push(c);
            if c == '}' {
                break;
            }
        }
    }
}

/// `\101`; one digit alone would be a reference to a group, which RE2 has not.
fn push_octal(out: &mut String, digit: char, chars: &mut Rest<'_>) -> Option<()> {
    let mut code = digit.to_digit(8)?;
    let mut digits = 1;
    while let Some(next) = chars
        .peek()
        .and_then(|c| c.to_digit(8))
        .filter(|_| digits < 3)
    {
        code = code * 8 + next;
        digits += 1;
        chars.next();
    }
    if digits == 1 && digit != '0' {
        return None;
    }
    out.push_str(&format!("\\x{{{code:x}}}"));
    Some(())
}

/// Whether `n}`, `n,}` or `n,m}` follows. Any other `{` is a sign to RE2.
fn is_repetition(rest: Rest<'_>) -> bool {
    let inside: String = rest.clone().take_while(|c| *c != '}').collect();
    if rest.count() == inside.chars().count() {
        return false;
    }
    let (least, most) = inside.split_once(',').unwrap_or((&inside, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

/// Two dashes, which are a difference in Rust: here only the end of a range at
/// the end of a class, `[+--]`.
fn push_dashes(out: &mut String, next: Option<&char>) -> Option<()> {
    let mut before = out.chars().rev();
    let is_low = before.next().is_some_and(|c| !matches!(c, '[' | '^' | '-'));
    if next != Some(&']') || !is_low || before.next() == Some('-') {
        return None;
    }
    out.push_str("-\\-");
    Some(())
}

/// Perl classes are ASCII in RE2 and Unicode in Rust.
fn push_escape(out: &mut String, escaped: char, in_class: bool) -> Option<()> {
    let text = match (escaped, in_class) {
        ('d', false) => "[0-9]",
        ('d', true) => "0-9",
        ('D', _) => "[^0-9]",
        ('w', false) => "[0-9A-Za-z_]",
        ('w', true) => "0-9A-Za-z_",
        ('W', _) => "[^0-9A-Za-z_]",
        ('s', false) => "[\\t\\n\\f\\r ]",
        ('s', true) => "\\t\\n\\f\\r ",
        ('S', _) => "[^\\t\\n\\f\\r ]",
        ('b' | 'B' | 'C' | 'Q' | 'E' | 'G' | 'K' | 'Z' | '8' | '9', _) => return None,
        ('/' | '"' | '\'' | '@' | '%' | ',' | ';' | '=' | '!' | ':' | '<' | '>' | '`', _) => {
            out.push(escaped);
            return Some(());
        }
        _ => {
            out.push('\\');
            out.push(escaped);
            return Some(());
        }
    };
    out.push_str(text);
    Some(())
}

fn push_posix(out: &mut String, chars: &mut Rest<'_>) -> Option<()> {
    out.push('[');
    for c in chars.by_ref() {
        out.push(c);
        if c == ']' {
            return Some(());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{is_for_python, to_pydantic, to_rust};

    #[test]
    fn perl_classes_stay_ascii() {
        assert_eq!(to_rust(r"^\d+\w$").as_deref(), Some("^[0-9]+[0-9A-Za-z_]$"));
        assert_eq!(to_rust(r"[\w.-]").as_deref(), Some("[0-9A-Za-z_.-]"));
        assert_eq!(to_rust(r"[^\S]").as_deref(), Some(r"[^[^\t\n\f\r ]]"));
    }

    #[test]
    fn signs_of_rust_classes_stay_signs() {
        assert_eq!(to_rust("[a[b]").as_deref(), Some(r"[a\[b]"));
        assert_eq!(to_rust("[a&&b]").as_deref(), Some(r"[a\&\&b]"));
        assert_eq!(to_rust("[]a]").as_deref(), Some(r"[\]a]"));
        assert_eq!(to_rust("[+--]").as_deref(), Some(r"[+-\-]"));
        assert_eq!(to_rust("[[:alpha:]_]").as_deref(), Some("[[:alpha:]_]"));
    }

    #[test]
    fn what_only_re2_writes_so_is_written_otherwise() {
        assert_eq!(to_rust("^{{.+}}$").as_deref(), Some(r"^\{\{.+}}$"));
        assert_eq!(to_rust("a{2}b{,3}").as_deref(), Some(r"a{2}b\{,3}"));
        assert_eq!(to_rust("a{2").as_deref(), Some(r"a\{2"));
        assert_eq!(to_rust(r"^\Qa.b\Ec").as_deref(), Some(r"^a\.bc"));
        assert_eq!(
            to_rust(r"\p{Lu}\x{41}\pL{2}").as_deref(),
            Some(r"\p{Lu}\x{41}\pL{2}")
        );
        assert_eq!(to_rust(r"\101\01").as_deref(), Some(r"\x{41}\x{1}"));
    }

    #[test]
    fn what_cannot_be_said_is_not_checked() {
        assert_eq!(to_rust(r"\bfoo\b"), None);
        assert_eq!(to_pydantic(r"\bfoo").as_deref(), Some(r"(?-u:\b)foo"));
        assert!(is_for_python(r"a\Bb") && !is_for_python(r"a\bb") && !is_for_python(r"(\B"));
        assert_eq!(to_rust("(?!x)"), None);
        assert_eq!(to_rust("[--a]"), None);
        assert_eq!(to_rust("[a-c--]"), None);
        assert_eq!(to_rust("("), None);
        assert_eq!(to_rust(r"(a)\1"), None);
    }
}
