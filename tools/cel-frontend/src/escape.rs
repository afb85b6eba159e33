use crate::lexer::RESERVED;

/// A field's name as a rule writes it; none if no rule can reach the field
/// (apiserver, `pkg/cel/escaping.go`).
///
/// ```
/// assert_eq!(cel_frontend::escape("namespace").as_deref(), Some("__namespace__"));
/// assert_eq!(cel_frontend::escape("x-y.z").as_deref(), Some("x__dash__y__dot__z"));
/// assert_eq!(cel_frontend::escape("1st"), None);
/// ```
pub fn escape(name: &str) -> Option<String> {
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if RESERVED.contains(&name) {
        return Some(format!("__{name}__"));
    }
    let is_known = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    if !name.chars().all(is_known) {
        return None;
    }
    let escaped = name
        .replace("__", "__underscores__")
        .replace('.', "__dot__")
        .replace('-', "__dash__")
        .replace('/', "__slash__");
    Some(escaped)
}
