//! The field that a rule blames, its `fieldPath` (`ValidFieldPath`).

use crate::validate::path::Path;
use crate::{Rule, Schema};

/// The rule's own field, or the one that it names. A name in quotes is a field
/// where the schema has properties, and a key where it has not.
pub(super) fn blamed(path: &Path, rule: &Rule, schema: &Schema) -> String {
    let relative = rule.field_path.as_deref().unwrap_or_default();
    if relative.is_empty() {
        return path.to_string();
    }
    path.child(&normal(relative, schema)).to_string()
}

fn normal(relative: &str, schema: &Schema) -> String {
    let mut normal = String::new();
    let mut schema = Some(schema);
    for name in names(relative) {
        let has_fields = schema.is_none_or(|schema| !schema.properties.is_empty());
        normal = match (has_fields, normal.as_str()) {
            (true, "") => name.clone(),
            (true, path) => format!("{path}.{name}"),
            (false, path) => format!("{path}[{name}]"),
        };
        schema = schema.and_then(|schema| schema.field(&name));
    }
    normal
}

/// The names of `.a.b['c.d']`, without quotes and escapes.
fn names(path: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut chars = path.chars().peekable();
    while let Some(c) = chars.next() {
        let mut name = String::new();
        match c {
            '.' => {
                while let Some(c) = chars.next_if(|c| !matches!(c, '.' | '[')) {
                    name.push(c);
                }
            }
            '[' => {
                chars.next_if_eq(&'\'');
                while let Some(c) = chars.next_if(|c| *c != '\'') {
                    match (c, chars.peek()) {
                        ('\\', Some(_)) => name.extend(chars.next().map(unescaped)),
                        _ => name.push(c),
                    }
                }
                chars.next();
                chars.next();
            }
            _ => continue,
        }
        names.push(name);
    }
    names
}

fn unescaped(c: char) -> char {
    match c {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_are_split_at_dots_and_brackets() {
        assert_eq!(names(".a.b"), ["a", "b"]);
        assert_eq!(names(".a['b.c'].d"), ["a", "b.c", "d"]);
        assert_eq!(names(r".a['it\'s']"), ["a", "it's"]);
    }
}
