//! Struct tags, as reflect.StructTag and encoding/json read them.

use crate::parse::unquote;

/// What a field's `json` tag says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct JsonTag {
    /// Whether there is one.
    pub is_there: bool,
    /// `json:"-"`: no part of the JSON.
    pub is_ignored: bool,
    /// The name, unless encoding/json would not take it.
    pub name: Option<String>,
    /// `omitempty`.
    pub omit_empty: bool,
    /// `omitzero`.
    pub omit_zero: bool,
    /// `string`: numbers and booleans are quoted.
    pub is_quoted: bool,
}

impl JsonTag {
    pub(crate) fn of(tag: &str) -> Self {
        let Some(value) = lookup(tag, "json") else {
            return Self::default();
        };
        let mut parts = value.split(',');
        let name = parts.next().unwrap_or_default();
        let mut found = Self {
            is_there: true,
            is_ignored: value == "-",
            name: is_valid(name).then(|| name.to_owned()),
            ..Self::default()
        };
        for option in parts {
            match option {
                "omitempty" => found.omit_empty = true,
                "omitzero" => found.omit_zero = true,
                "string" => found.is_quoted = true,
                _ => {}
            }
        }
        found
    }
}

/// The value of a key in a tag: `key:"value" other:"value"` (reflect.StructTag.Lookup).
pub(crate) fn lookup(tag: &str, key: &str) -> Option<String> {
    let mut rest = tag.trim_start_matches(' ');
    while !rest.is_empty() {
        let (name, after) = rest.split_once(':')?;
        let quoted = quoted(after)?;
        if name == key {
            return unquote(quoted);
        }
        rest = after[quoted.len()..].trim_start_matches(' ');
    }
    None
}

/// The quoted string that a text begins with, with its quotes.
fn quoted(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return text.get(..at + 2),
            _ => {}
        }
    }
    None
}

/// encoding/json's isValidTag.
fn is_valid(name: &str) -> bool {
    let ok = |c: char| c.is_alphanumeric() || "!#$%&()*+-./:;<=>?@[]^_{|}~ ".contains(c);
    !name.is_empty() && name.chars().all(ok)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn tags_are_read_as_encoding_json_does() {
        let name = |tag: &str| JsonTag::of(tag).name;
        assert_eq!(name("json:\"a,omitempty\"").as_deref(), Some("a"));
        assert_eq!(name("protobuf:\"x\" json:\"b\"").as_deref(), Some("b"));
        assert_eq!(name("json:\",inline\""), None);
        assert_eq!(
            name("json:\"a\\\"b\""),
            None,
            "a quote is no part of a name"
        );
        assert_eq!(name("json:\"-,\"").as_deref(), Some("-"));
        assert_eq!(name("json: \"a\""), None, "no space may stand there");
        assert!(JsonTag::of("json:\"-\"").is_ignored);
        assert!(!JsonTag::of("json:\"-,\"").is_ignored);
        let tag = JsonTag::of("json:\"n,string,omitzero\"");
        assert!(tag.is_quoted && tag.omit_zero && !tag.omit_empty);
    }
}
