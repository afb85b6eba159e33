use serde_json::Value;
use std::fmt;

/// A step of a field path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A map's key.
    Key(String),
    /// A list's item, from 0.
    Index(usize),
    /// Every item of a list, every value of a map: `[*]`.
    Every,
}

/// Where a field stands in an object: `spec.rules[0].host`,
/// `metadata.labels['app.kubernetes.io/name']`, `spec.containers[*].image`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FieldPath(Vec<Segment>);

/// Why a text is no field path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no field path: {why} (write `spec.rules[0].host` or `metadata.labels['app.kubernetes.io/name']`)"
)]
pub struct PathError {
    text: String,
    why: &'static str,
}

impl FieldPath {
    /// The object itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// Its steps from the root.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The path to a key below this one.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.with(Segment::Key(key.into()))
    }

    /// The path to an item below this one.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    fn with(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// The values at this path, each with its path in full; none if it is absent.
    pub fn values<'v>(&self, root: &'v Value) -> Vec<(FieldPath, &'v Value)> {
        let mut found = vec![(FieldPath::root(), root)];
        for segment in &self.0 {
            found = found
                .iter()
                .flat_map(|(path, value)| step(path, value, segment))
                .collect();
        }
        found
    }

    /// The longest part of this path that is there, and what stands there.
    pub fn nearest<'v>(&self, root: &'v Value) -> (FieldPath, &'v Value) {
        let mut nearest = (FieldPath::root(), root);
        for segment in &self.0 {
            match step(&nearest.0, nearest.1, segment).into_iter().next() {
                Some(deeper) => nearest = deeper,
                None => break,
            }
        }
        nearest
    }
}

fn step<'v>(path: &FieldPath, value: &'v Value, segment: &Segment) -> Vec<(FieldPath, &'v Value)> {
    match (segment, value) {
        (Segment::Key(key), Value::Object(map)) => map
            .get(key)
            .map(|value| (path.key(key), value))
            .into_iter()
            .collect(),
        (Segment::Index(index), Value::Array(items)) => items
            .get(*index)
            .map(|value| (path.index(*index), value))
            .into_iter()
            .collect(),
        (Segment::Every, Value::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(i, value)| (path.index(i), value))
            .collect(),
        (Segment::Every, Value::Object(map)) => map
            .iter()
            .map(|(key, value)| (path.key(key), value))
            .collect(),
        _ => Vec::new(),
    }
}

/// As it can be read back; the root is `(root)`.
impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("(root)");
        }
        for (i, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if is_plain(key) && i == 0 => f.write_str(key)?,
                Segment::Key(key) if is_plain(key) => write!(f, ".{key}")?,
                Segment::Key(key) => {
                    write!(f, "['{}']", key.replace('\\', "\\\\").replace('\'', "\\'"))?;
                }
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Every => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && !key.contains(['.', '[', ']', '\'', '"', ' ', '\n', '\\'])
}

impl std::str::FromStr for FieldPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let fail = |why| PathError {
            text: text.to_owned(),
            why,
        };
        let mut segments = Vec::new();
        let mut rest = text;
        if rest.is_empty() {
            return Err(fail("it is empty"));
        }
        while !rest.is_empty() {
            let (segment, after) = match rest.strip_prefix('[') {
                Some(inner) => bracket(inner).map_err(fail)?,
                None => {
                    let named = if segments.is_empty() {
                        Some(rest)
                    } else {
                        rest.strip_prefix('.')
                    };
                    key(named.ok_or_else(|| fail("a `.` or `[` must follow `]`"))?).map_err(fail)?
                }
            };
            segments.push(segment);
            rest = after;
        }
        Ok(Self(segments))
    }
}

/// A plain key, and what follows it.
fn key(text: &str) -> Result<(Segment, &str), &'static str> {
    let end = text.find(['.', '[', ']']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    match name {
        "" => Err("a key is empty"),
        name => Ok((Segment::Key(name.to_owned()), rest)),
    }
}

/// What stands after a `[`: `0]`, `*]`, `'key']` or `"key"]`, and what follows.
fn bracket(text: &str) -> Result<(Segment, &str), &'static str> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let (name, rest) = quoted(&text[1..], quote)?;
        let rest = rest
            .strip_prefix(']')
            .ok_or("a quoted key needs a `]` behind it")?;
        return Ok((Segment::Key(name), rest));
    }
    let (inner, rest) = text.split_once(']').ok_or("a `]` is missing")?;
    if inner == "*" {
        return Ok((Segment::Every, rest));
    }
    let index = inner
        .parse()
        .map_err(|_| "between `[` and `]` stands a number, `*`, or a quoted key")?;
    Ok((Segment::Index(index), rest))
}

fn quoted(text: &str, quote: char) -> Result<(String, &str), &'static str> {
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => name.extend(chars.next().map(|(_, c)| c)),
            c if c == quote => return Ok((name, &text[at + c.len_utf8()..])),
            c => name.push(c),
        }
    }
    Err("a quote is not closed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str) -> FieldPath {
        text.parse().unwrap()
    }

    #[test]
    fn a_path_reads_back_as_it_was_written() {
        for text in [
            "spec.a",
            "a[0].b[*]",
            "m['a.b/c'].d",
            "['x y']",
            "a['it\\'s']",
            "[0][1]",
        ] {
            assert_eq!(path(text).to_string(), text);
        }
        assert_eq!(path("a[\"b\"]").to_string(), "a.b");
    }

    #[test]
    fn bad_paths_say_why() {
        for (text, why) in [
            ("", "it is empty"),
            ("a..b", "a key is empty"),
            (".a", "a key is empty"),
            ("a.", "a key is empty"),
            ("a[1", "a `]` is missing"),
            (
                "a[x]",
                "between `[` and `]` stands a number, `*`, or a quoted key",
            ),
            ("a['x]", "a quote is not closed"),
            ("a['x'", "a quoted key needs a `]` behind it"),
            ("a[0]b", "a `.` or `[` must follow `]`"),
        ] {
            assert_eq!(text.parse::<FieldPath>().unwrap_err().why, why, "{text}");
        }
    }

    #[test]
    fn every_value_is_found_with_its_own_path() {
        let value = json!({"c": [{"i": 1}, {"j": 2}, {"i": 3}], "m": {"x": 4}});
        let found = |text: &str| -> Vec<String> {
            path(text)
                .values(&value)
                .iter()
                .map(|(p, v)| format!("{p}={v}"))
                .collect()
        };
        assert_eq!(found("c[*].i"), ["c[0].i=1", "c[2].i=3"]);
        assert_eq!(found("m[*]"), ["m.x=4"]);
        assert_eq!(found("c[9].i"), Vec::<String>::new());
        assert_eq!(path("m.x.y").nearest(&value).0.to_string(), "m.x");
    }
}
