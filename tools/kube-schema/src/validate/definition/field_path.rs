//! Paths of fields, `.spec.size` (apiextensions-apiserver,
//! `pkg/apiserver/schema/cel`, `ValidFieldPath`).

use super::props::Props;

/// What a path leads to.
pub(super) struct Found<'v> {
    pub names: Vec<String>,
    pub schema: Props<'v>,
}

/// Follows a path; `brackets`: whether `['name']` may stand in it.
pub(super) fn resolve<'v>(
    path: &str,
    schema: Props<'v>,
    brackets: bool,
) -> Result<Found<'v>, String> {
    let mut found = Found {
        names: Vec::new(),
        schema,
    };
    let mut tokens = tokens(path).into_iter();
    while let Some(token) = tokens.next() {
        let name = match token.as_str() {
            "." => tokens.next().ok_or("unexpected end of JSON path")?,
            "[" if !brackets => return Err("array notation is not allowed".to_owned()),
            "[" => {
                let name = tokens.next().ok_or("unexpected end of JSON path")?;
                let close = tokens.next().ok_or("unexpected end of JSON path")?;
                if close != "]" {
                    return Err(format!("expected ] but got {close}"));
                }
                unquoted(&name)?
            }
            other => return Err(format!("expected [ or . but got: {other}")),
        };
        found.schema = below(found.schema, &name).ok_or("does not refer to a valid field")?;
        found.names.push(name);
    }
    Ok(found)
}

/// Delimiters, quoted names and what stands between.
fn tokens(path: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = path;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '.' | '[' | ']' => 1,
            '\'' => {
                let mut before = '\'';
                let close = rest.char_indices().skip(1).find(|(_, c)| {
                    let is_end = *c == '\'' && before != '\\';
                    before = *c;
                    is_end
                });
                close.map_or(rest.len(), |(at, _)| at + 1)
            }
            _ => rest.find(['.', '[', ']']).unwrap_or(rest.len()),
        };
        tokens.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    tokens
}

fn unquoted(token: &str) -> Result<String, String> {
    let inner = token
        .strip_prefix('\'')
        .and_then(|inner| inner.strip_suffix('\''))
        .ok_or_else(|| format!("expected single quoted string but got {token}"))?;
    let mut name = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some(escaped @ ('\'' | '\\' | 'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v')) => {
                    name.push(escaped);
                }
                _ => return Err("invalid string literal".to_owned()),
            },
            (c, _) => name.push(c),
        }
    }
    Ok(name)
}

fn below<'v>(schema: Props<'v>, name: &str) -> Option<Props<'v>> {
    if schema.fields("properties").next().is_some() {
        return schema.object("properties").child(name);
    }
    let values = schema.get("additionalProperties")?;
    Some(Props::of(values))
}
