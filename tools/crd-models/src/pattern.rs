//! Patterns of a schema are RE2 expressions, read by Go. KCL and pydantic read
//! them with Rust's `regex`, where some of them mean something else.

/// The expression in Rust's syntax, or none if it cannot be said there; then
/// it is better not to check than to refuse what the API server accepts.
pub fn to_rust(re2: &str) -> Option<String> {
    let mut out = String::with_capacity(re2.len());
    let mut chars = re2.chars().peekable();
    let mut in_class = false;
    let mut class_start = false;
    while let Some(c) = chars.next() {
        let at_start = std::mem::take(&mut class_start);
        match c {
            '\\' => push_escape(&mut out, chars.next()?, in_class)?,
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
            '-' if in_class && chars.peek() == Some(&'-') => out.push_str("\\-"),
            _ => out.push(c),
        }
    }
    regex::Regex::new(&out).is_ok().then_some(out)
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
        ('b' | 'B' | 'C' | 'Q' | 'E' | 'G' | 'K' | 'Z' | '1'..='9', _) => return None,
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

fn push_posix(
    out: &mut String,
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
) -> Option<()> {
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
    use super::to_rust;

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
        assert_eq!(to_rust("[[:alpha:]_]").as_deref(), Some("[[:alpha:]_]"));
    }

    #[test]
    fn what_cannot_be_said_is_not_checked() {
        assert_eq!(to_rust(r"\bfoo\b"), None);
        assert_eq!(to_rust("(?!x)"), None);
        assert_eq!(to_rust("("), None);
    }
}
