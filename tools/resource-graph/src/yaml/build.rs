//! Nodes out of the parser's events.

use super::scalar::{Numbers, resolve};
use super::{Content, Entry, Node, YamlError};
use diagnostics::Position;
use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};
use std::collections::HashMap;

/// How deep values may nest; what real resources have is far below.
const MAX_DEPTH: usize = 200;
/// How many nodes aliases may copy in all, so that a few lines cannot fill the memory.
const MAX_COPIED: usize = 100_000;

pub(super) fn for_each<E: From<YamlError>>(
    text: &str,
    take: impl FnMut(Node) -> Result<(), E>,
) -> Result<(), E> {
    let text = without_mark(text);
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    let numbers = if is_json {
        Numbers::Json
    } else {
        Numbers::Yaml
    };
    read(text, numbers, 0, take)
}

/// The text without the mark of its byte order.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Documents that stand behind so many lines of a text with several.
pub(super) fn part(text: &str, lines_before: usize) -> Result<Vec<Node>, YamlError> {
    let mut documents = Vec::new();
    read(
        without_mark(text),
        Numbers::Yaml,
        lines_before,
        |document| {
            documents.push(document);
            Ok::<_, YamlError>(())
        },
    )?;
    Ok(documents)
}

fn read<E: From<YamlError>>(
    text: &str,
    numbers: Numbers,
    lines_before: usize,
    take: impl FnMut(Node) -> Result<(), E>,
) -> Result<(), E> {
    let options = granit_parser::options! { emit_comments: false };
    let mut builder = Builder {
        events: Parser::new_from_str_with_options(text, options),
        numbers,
        lines_before,
        anchors: HashMap::new(),
        copied: 0,
    };
    builder.for_each(take)
}

struct Builder<'t> {
    events: Parser<'t, StrInput<'t>>,
    numbers: Numbers,
    lines_before: usize,
    anchors: HashMap<usize, Node>,
    copied: usize,
}

fn error<T>(at: Position, message: impl Into<String>) -> Result<T, YamlError> {
    Err(YamlError {
        at,
        message: message.into(),
    })
}

impl<'t> Builder<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), YamlError> {
        match self.events.next() {
            Some(event) => event.map_err(|error| self.unreadable(&error)),
            None => error(Position::new(1, 1), "the text ends inside a value"),
        }
    }

    fn position(&self, mark: Marker) -> Position {
        Position::new(self.lines_before + mark.line(), mark.col() + 1)
    }

    fn unreadable(&self, error: &ScanError) -> YamlError {
        YamlError {
            at: self.position(*error.marker()),
            message: error.kind().to_string(),
        }
    }

    fn for_each<E: From<YamlError>>(
        &mut self,
        mut take: impl FnMut(Node) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(()),
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                event => {
                    let node = self.node(event, span, 0)?;
                    self.anchors.clear();
                    if node.content != Content::Null {
                        take(node)?;
                    }
                }
            }
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, YamlError> {
        let at = self.position(span.start);
        if depth > MAX_DEPTH {
            return error(at, format!("values nest deeper than {MAX_DEPTH}"));
        }
        let (content, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (self.scalar(&text, style, tag.as_deref(), at)?, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), "seq", at)?;
                (self.list(depth)?, anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), "map", at)?;
                (self.map(depth)?, anchor)
            }
            Event::Alias(anchor) => return self.alias(anchor, at),
            other => return error(at, format!("unexpected {other:?}")),
        };
        let node = Node { content, at };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    /// A copy of the anchored node; its inner places stay those of the anchor.
    fn alias(&mut self, anchor: usize, at: Position) -> Result<Node, YamlError> {
        let Some(node) = self.anchors.get(&anchor) else {
            return error(
                at,
                "the alias names an anchor that is not complete before it",
            );
        };
        let node = Node {
            content: node.content.clone(),
            at,
        };
        self.copied += size(&node);
        if self.copied > MAX_COPIED {
            return error(at, format!("aliases copy more than {MAX_COPIED} values"));
        }
        Ok(node)
    }

    fn scalar(
        &self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        at: Position,
    ) -> Result<Content, YamlError> {
        let plain = || match resolve(text, self.numbers) {
            Some(content) => Ok(content),
            None => error(
                at,
                format!("{text} has no form in JSON; quote it if it is a string"),
            ),
        };
        let Some(tag) = tag else {
            let is_plain = style == ScalarStyle::Plain;
            return if is_plain {
                plain()
            } else {
                Ok(Content::String(text.to_owned()))
            };
        };
        let content = match tag.core_suffix() {
            Some("str") => return Ok(Content::String(text.to_owned())),
            Some(_) => plain()?,
            None if tag.suffix().is_empty() || tag.suffix() == "!" => {
                return Ok(Content::String(text.to_owned()));
            }
            None => return error(at, format!("the tag {tag} is not one of YAML's own")),
        };
        let fits = matches!(
            (tag.core_suffix(), &content),
            (Some("null"), Content::Null)
                | (Some("bool"), Content::Bool(_))
                | (Some("int" | "float"), Content::Number(_))
        );
        if fits {
            Ok(content)
        } else {
            error(at, format!("{text:?} is not what its tag {tag} says"))
        }
    }

    fn list(&mut self, depth: usize) -> Result<Content, YamlError> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Content::List(items));
            }
            items.push(self.node(event, span, depth + 1)?);
        }
    }

    fn map(&mut self, depth: usize) -> Result<Content, YamlError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged = Vec::new();
        let mut seen = Keys::default();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                break;
            }
            let key_at = self.position(span.start);
            let is_merge =
                matches!(&event, Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<");
            let key = key_text(self.node(event, span, depth + 1)?)?;
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            if is_merge {
                merged.extend(merge_entries(value)?);
                continue;
            }
            if let Some(first) = seen.find(&entries, &key) {
                let message = format!("the key {key:?} is already given in line {}", first.line);
                return error(key_at, message);
            }
            seen.add(&key, key_at);
            entries.push(Entry { key, key_at, value });
        }
        for entry in merged {
            if seen.find(&entries, &entry.key).is_none() {
                seen.add(&entry.key, entry.key_at);
                entries.push(entry);
            }
        }
        Ok(Content::Map(entries))
    }
}

/// The keys of a map: looked for one by one while there are few.
#[derive(Default)]
struct Keys {
    few: usize,
    many: HashMap<String, Position>,
}

impl Keys {
    const FEW: usize = 16;

    fn find(&self, entries: &[Entry], key: &str) -> Option<Position> {
        let few = entries[..self.few].iter().find(|entry| entry.key == key);
        let many = || self.many.get(key).copied();
        few.map(|entry| entry.key_at).or_else(many)
    }

    /// To be called before the entry is added.
    fn add(&mut self, key: &str, at: Position) {
        if self.few < Self::FEW {
            self.few += 1;
        } else {
            self.many.insert(key.to_owned(), at);
        }
    }
}

/// What `<<` brings: the entries of a map, or of several, the first one winning.
fn merge_entries(value: Node) -> Result<Vec<Entry>, YamlError> {
    match value.content {
        Content::Map(entries) => Ok(entries),
        Content::List(items) => {
            let lists: Result<Vec<_>, _> = items.into_iter().map(merge_entries).collect();
            Ok(lists?.into_iter().flatten().collect())
        }
        _ => error(value.at, "`<<` takes a map or a list of maps"),
    }
}

fn key_text(key: Node) -> Result<String, YamlError> {
    match key.content {
        Content::String(text) => Ok(text),
        Content::Bool(value) => Ok(value.to_string()),
        Content::Number(value) => Ok(value.to_string()),
        Content::Null | Content::List(_) | Content::Map(_) => error(
            key.at,
            format!("a key must be a string; this is {}", key.describe()),
        ),
    }
}

fn check_tag(tag: Option<&Tag>, expected: &str, at: Position) -> Result<(), YamlError> {
    match tag {
        Some(tag) if tag.core_suffix() != Some(expected) => {
            error(at, format!("the tag {tag} does not fit here"))
        }
        _ => Ok(()),
    }
}

fn size(node: &Node) -> usize {
    1 + node.items().iter().map(size).sum::<usize>()
        + node
            .entries()
            .iter()
            .map(|entry| size(&entry.value))
            .sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use diagnostics::Position;
    use serde_json::{Value, json};

    fn values(text: &str) -> Vec<Value> {
        parse(text)
            .unwrap()
            .iter()
            .map(super::Node::to_json)
            .collect()
    }

    #[test]
    fn documents_are_read_one_by_one_and_empty_ones_left_out() {
        assert_eq!(
            values("# c\n---\na: 1\n---\n\n---\n# only a comment\n---\n- x\n...\n"),
            [json!({"a": 1}), json!(["x"])]
        );
        assert_eq!(values(""), Vec::<Value>::new());
    }

    #[test]
    fn every_node_knows_its_place() {
        let nodes = parse("a:\n  - b: ü x\n    c: {d: 1}\n").unwrap();
        let item = &nodes[0].get("a").unwrap().items()[0];
        assert_eq!(item.at, Position::new(2, 5));
        assert_eq!(item.get("b").unwrap().at, Position::new(2, 8));
        assert_eq!(item.entries()[1].key_at, Position::new(3, 5));
        assert_eq!(
            item.get("c").unwrap().get("d").unwrap().at,
            Position::new(3, 12)
        );
    }

    #[test]
    fn anchors_and_merge_keys_are_followed() {
        assert_eq!(
            values("a: &x {b: 1, c: 2}\nd: *x\ne: {<<: *x, c: 3}\nf: {\"<<\": 1}\n"),
            [json!({
                "a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 2}, "e": {"c": 3, "b": 1}, "f": {"<<": 1}
            })]
        );
    }

    #[test]
    fn json_is_read_too_and_keeps_its_floats() {
        assert_eq!(
            values("{\"a\": 1.0, \"b\": \"\\u00fc\\/\", \"c\": [null, true]}"),
            [json!({"a": 1.0, "b": "ü/", "c": [null, true]})]
        );
    }

    #[test]
    fn tags_decide_over_looks() {
        assert_eq!(
            values("a: !!str 5\nb: !!int \"7\"\nc: ! 5"),
            [json!({"a": "5", "b": 7, "c": "5"})]
        );
    }

    #[test]
    fn bad_texts_are_refused_with_their_place() {
        let cases = [
            (
                "a: 1\nb: 2\na: 3\n",
                (3, 1),
                "the key \"a\" is already given in line 1",
            ),
            (
                "a: .nan",
                (1, 4),
                ".nan has no form in JSON; quote it if it is a string",
            ),
            (
                "? [1]\n: 2\n",
                (1, 3),
                "a key must be a string; this is a list",
            ),
            (
                "a: !secret x\n",
                (1, 12),
                "the tag !secret is not one of YAML's own",
            ),
            (
                "a: !!int x\n",
                (1, 10),
                "\"x\" is not what its tag tag:yaml.org,2002:int says",
            ),
            ("<<: 3\n", (1, 5), "`<<` takes a map or a list of maps"),
        ];
        for (text, (line, column), message) in cases {
            let error = parse(text).unwrap_err();
            assert_eq!(
                (error.at, error.message.as_str()),
                (Position::new(line, column), message)
            );
        }
        assert_eq!(parse("a: [1\nb: 2").unwrap_err().at.line, 2);
    }

    #[test]
    fn nesting_and_copying_have_limits() {
        let deep = format!("{}1{}", "[".repeat(220), "]".repeat(220));
        assert!(parse(&deep).unwrap_err().message.contains("nest deeper"));
        let mut bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
        for (name, from) in ["ba", "cb", "dc", "ed", "fe", "gf"].map(|w| w.split_at(1)) {
            bomb += &format!(
                "{name}: &{name} [{}]\n",
                vec![format!("*{from}"); 10].join(",")
            );
        }
        assert!(
            parse(&bomb)
                .unwrap_err()
                .message
                .contains("aliases copy more")
        );
    }
}
