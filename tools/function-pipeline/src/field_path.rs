//! Crossplane's field paths (`crossplane-runtime/pkg/fieldpath`), with its
//! messages: `spec.rows[0].name`, `metadata.labels[a.b/c]`.

use serde_json::Value;

use crate::go::Object;

/// The largest index that may be set.
const LARGEST_INDEX: usize = 1024;

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Field(String),
    Index(usize),
}

/// Why a value cannot be read or set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    /// It is not there.
    #[error("{0}")]
    NotFound(String),
    /// Something else.
    #[error("{0}")]
    Wrong(String),
}

/// A parsed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldPath(Vec<Segment>);

impl FieldPath {
    /// Parses a path. The empty one has no segments.
    pub(crate) fn parse(text: &str) -> Result<Self, PathError> {
        let wrong = |message| PathError::Wrong(format!("cannot parse path {text:?}: {message}"));
        let mut segments = Vec::new();
        let mut rest = text;
        let mut at = 0;
        loop {
            let end = rest.find(['.', '[', ']']).unwrap_or(rest.len());
            if end > 0 {
                segments.push(field(&rest[..end]));
            }
            let after = &rest[end..];
            at += end;
            let (segment, next) = match after.chars().next() {
                None => return Ok(Self(segments)),
                Some(']') => return Err(wrong(unexpected(']', at))),
                Some('[') => bracket(&after[1..], at + 1).map_err(wrong)?,
                Some(_) => (None, period(after, at, text.len()).map_err(wrong)?),
            };
            segments.extend(segment);
            at += after.len() - next.len();
            rest = next;
        }
    }

    /// The value at the path.
    pub(crate) fn get<'o>(&self, object: &'o Object) -> Result<&'o Value, PathError> {
        let (first, rest) = match self.0.split_first() {
            Some((Segment::Field(first), rest)) => (first, rest),
            Some((Segment::Index(_), _)) => return Err(self.not("an array", 0)),
            None => return Err(PathError::NotFound(": no such field".to_owned())),
        };
        let mut here = object
            .get(first)
            .ok_or_else(|| self.missing("no such field", 1))?;
        for (depth, segment) in (1..).zip(rest) {
            here = self.step(here, segment, depth)?;
        }
        Ok(here)
    }

    fn step<'o>(
        &self,
        value: &'o Value,
        segment: &Segment,
        depth: usize,
    ) -> Result<&'o Value, PathError> {
        match (segment, value) {
            (Segment::Field(key), Value::Object(object)) => object
                .get(key)
                .ok_or_else(|| self.missing("no such field", depth + 1)),
            (Segment::Field(_), Value::Null) => Err(self.missing("expected map, got nil", depth)),
            (Segment::Field(_), _) => Err(self.not("an object", depth)),
            (Segment::Index(index), Value::Array(items)) => items
                .get(*index)
                .ok_or_else(|| self.missing("no such element", depth + 1)),
            (Segment::Index(_), _) => Err(self.not("an array", depth)),
        }
    }

    fn missing(&self, what: &str, depth: usize) -> PathError {
        PathError::NotFound(format!("{}: {what}", self.shown(depth)))
    }

    fn not(&self, what: &str, depth: usize) -> PathError {
        PathError::Wrong(format!("{}: not {what}", self.shown(depth)))
    }

    /// Sets the value at the path and makes what is missing on the way: maps,
    /// and lists filled up with nulls.
    pub(crate) fn set(&self, object: &mut Object, value: Value) -> Result<(), PathError> {
        self.check_indices()?;
        let Some((Segment::Field(first), rest)) = self.0.split_first() else {
            return Err(PathError::Wrong(" is not an array".to_owned()));
        };
        let Some(next) = rest.first() else {
            object.insert(first.clone(), value);
            return Ok(());
        };
        let mut here = object
            .entry(first.clone())
            .and_modify(|there| lengthen(there, next))
            .or_insert_with(|| empty_for(next));
        for (depth, segment) in (1..).zip(rest) {
            let place = self.place(here, segment, depth)?;
            match self.0.get(depth + 1) {
                None => {
                    *place = value;
                    return Ok(());
                }
                Some(next) => prepare(place, next, segment),
            }
            here = place;
        }
        Ok(())
    }

    /// The place that a segment names, made if it is a missing field.
    fn place<'o>(
        &self,
        value: &'o mut Value,
        segment: &Segment,
        depth: usize,
    ) -> Result<&'o mut Value, PathError> {
        let is_not = |what: &str| PathError::Wrong(format!("{} is not {what}", self.shown(depth)));
        match (segment, value) {
            (Segment::Field(key), Value::Object(object)) => {
                let next = self.0.get(depth + 1);
                Ok(object
                    .entry(key.clone())
                    .or_insert_with(|| next.map_or(Value::Null, empty_for)))
            }
            (Segment::Field(_), _) => Err(is_not("an object")),
            (Segment::Index(index), Value::Array(items)) => {
                items.get_mut(*index).ok_or_else(|| is_not("an array"))
            }
            (Segment::Index(_), _) => Err(is_not("an array")),
        }
    }

    fn check_indices(&self) -> Result<(), PathError> {
        let too_large = self.0.iter().find_map(|segment| match segment {
            Segment::Index(index) if *index > LARGEST_INDEX => Some(*index),
            _ => None,
        });
        match too_large {
            Some(index) => Err(PathError::Wrong(format!(
                "index {index} is greater than max allowed index {LARGEST_INDEX}"
            ))),
            None => Ok(()),
        }
    }

    /// The first segments as text.
    fn shown(&self, count: usize) -> String {
        let mut text = String::new();
        for segment in &self.0[..count.min(self.0.len())] {
            match segment {
                Segment::Field(key) if key == "*" || key.contains('.') => {
                    text += &format!("[{key}]");
                }
                Segment::Field(key) => text += &format!(".{key}"),
                Segment::Index(index) => text += &format!("[{index}]"),
            }
        }
        text.trim_start_matches('.').to_owned()
    }
}

fn field(text: &str) -> Segment {
    Segment::Field(text.trim_matches(['\'', '"']).to_owned())
}

fn unexpected(c: char, at: usize) -> String {
    format!("unexpected '{c}' at position {at}")
}

/// What follows a `.` at the front of `text`.
fn period(text: &str, at: usize, length: usize) -> Result<&str, String> {
    let rest = &text[1..];
    match rest.chars().next() {
        _ if at == 0 || at + 1 == length => Err(unexpected('.', at)),
        Some(c @ ('.' | '[')) => Err(unexpected(c, at + 1)),
        _ => Ok(rest),
    }
}

/// The segment that stands before the `]`, and what follows it.
fn bracket(text: &str, at: usize) -> Result<(Option<Segment>, &str), String> {
    let Some((inner, rest)) = text.split_once(']') else {
        return Err(format!("unterminated '[' at position {}", at - 1));
    };
    if inner.is_empty() {
        return Err(unexpected(']', at));
    }
    if let Some(open) = inner.find('[') {
        return Err(unexpected('[', at + open));
    }
    let index = inner.parse::<u32>().ok().map(|index| index as usize);
    let segment = index
        .filter(|_| !inner.starts_with('+'))
        .map_or_else(|| field(inner), Segment::Index);
    Ok((Some(segment), rest))
}

fn empty_for(next: &Segment) -> Value {
    match next {
        Segment::Field(_) => Value::Object(Object::new()),
        Segment::Index(index) => Value::Array(vec![Value::Null; index + 1]),
    }
}

/// Makes a value fit for the segment that comes next. A null in a list is
/// replaced, a null in a map is not.
fn prepare(place: &mut Value, next: &Segment, reached_by: &Segment) {
    if place.is_null() && matches!(reached_by, Segment::Index(_)) {
        *place = empty_for(next);
    } else {
        lengthen(place, next);
    }
}

fn lengthen(place: &mut Value, next: &Segment) {
    if let (Value::Array(items), Segment::Index(index)) = (place, next)
        && *index >= items.len()
        && *index <= LARGEST_INDEX
    {
        items.resize(index + 1, Value::Null);
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    fn bed() -> Object {
        let value = json!({"spec": {"rows": 1, "list": ["x", null], "nil": null}});
        value.as_object().cloned().unwrap_or_default()
    }

    fn set(path: &str, value: Value) -> Result<Value, String> {
        let mut object = bed();
        let set = FieldPath::parse(path).and_then(|path| path.set(&mut object, value));
        set.map_err(|error| error.to_string())?;
        Ok(Value::Object(object)["spec"].take())
    }

    fn get(path: &str) -> Result<Value, String> {
        let object = bed();
        let found = FieldPath::parse(path).and_then(|path| path.get(&object).cloned());
        found.map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_missing_on_the_way_is_made() {
        let with = |key: &str, value: Value| {
            let mut spec = bed()["spec"].clone();
            spec[key] = value;
            Ok(spec)
        };
        assert_eq!(set("spec.a.b", json!(1)), with("a", json!({"b": 1})));
        assert_eq!(set("spec.a[1]", json!(1)), with("a", json!([null, 1])));
        assert_eq!(
            set("spec.list[3]", json!(1)),
            with("list", json!(["x", null, null, 1]))
        );
        assert_eq!(
            set("spec.list[1].k", json!(1)),
            with("list", json!(["x", {"k": 1}]))
        );
        assert_eq!(set("spec[a.b/c]", json!(1)), with("a.b/c", json!(1)));
    }

    #[test]
    fn what_does_not_fit_is_said_as_crossplane_says_it() {
        let cases = [
            ("spec.rows.deep", "spec.rows is not an object"),
            ("spec.nil.deep", "spec.nil is not an object"),
            ("spec.rows[0]", "spec.rows is not an array"),
            (
                "spec.list[1025]",
                "index 1025 is greater than max allowed index 1024",
            ),
        ];
        for (path, message) in cases {
            assert_eq!(set(path, json!(1)), Err(message.to_owned()), "{path}");
        }
        let cases = [
            ("spec.rows.deep", "spec.rows: not an object"),
            ("spec.nil.deep", "spec.nil: expected map, got nil"),
            ("spec.none", "spec.none: no such field"),
            ("spec.list[7]", "spec.list[7]: no such element"),
            ("spec.rows[7]", "spec.rows: not an array"),
            (
                "a.",
                "cannot parse path \"a.\": unexpected '.' at position 1",
            ),
            (
                ".a",
                "cannot parse path \".a\": unexpected '.' at position 0",
            ),
            (
                "a..b",
                "cannot parse path \"a..b\": unexpected '.' at position 2",
            ),
            (
                "a[b",
                "cannot parse path \"a[b\": unterminated '[' at position 1",
            ),
            (
                "a[]",
                "cannot parse path \"a[]\": unexpected ']' at position 2",
            ),
            (
                "a]",
                "cannot parse path \"a]\": unexpected ']' at position 1",
            ),
        ];
        for (path, message) in cases {
            assert_eq!(get(path), Err(message.to_owned()), "{path}");
        }
    }
}
