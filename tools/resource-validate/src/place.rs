//! Where a field stands in a file, by the path in the API server's words.

use diagnostics::Position;
use resource_graph::yaml::Node;

/// The place of the field, or of the nearest part of it that is there. A path
/// does not tell dots in keys from steps, so the longest key that fits is taken.
pub(crate) fn of(node: &Node, field: &str) -> Position {
    let mut at = node.at;
    let mut here = node;
    let mut rest = field;
    while let Some((place, next, left)) = step(here, rest) {
        (at, here, rest) = (place, next, left);
    }
    at
}

fn step<'n, 'f>(node: &'n Node, path: &'f str) -> Option<(Position, &'n Node, &'f str)> {
    if let Some((index, rest)) = index(path) {
        let item = node.items().get(index)?;
        return Some((item.at, item, rest));
    }
    let named = path.strip_prefix('.').unwrap_or(path);
    let fitting = node
        .entries()
        .iter()
        .filter_map(|entry| Some((entry, after(&entry.key, named)?)));
    let (entry, rest) = fitting.max_by_key(|(entry, _)| entry.key.len())?;
    Some((entry.key_at, &entry.value, rest))
}

/// `[3]` and what follows.
fn index(path: &str) -> Option<(usize, &str)> {
    let (number, rest) = path.strip_prefix('[')?.split_once(']')?;
    Some((number.parse().ok()?, rest))
}

/// What follows a key that stands as `key` or as `[key]`.
fn after<'f>(key: &str, path: &'f str) -> Option<&'f str> {
    if let Some(rest) = path.strip_prefix(key).filter(|_| !key.is_empty()) {
        let is_whole = rest.is_empty() || rest.starts_with(['.', '[']);
        return is_whole.then_some(rest);
    }
    path.strip_prefix('[')?.strip_prefix(key)?.strip_prefix(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
metadata:
  labels:
    app.kubernetes.io/name: x
spec:
  parts:
  - name: a
  - size: 1
    size.x: 2
  '0': b
";

    fn place(field: &str) -> (usize, usize) {
        let nodes = resource_graph::yaml::parse(TEXT).unwrap_or_default();
        let at = of(&nodes[0], field);
        (at.line, at.column)
    }

    #[test]
    fn a_field_is_found_or_its_nearest_part() {
        for (field, expected) in [
            ("", (1, 1)),
            ("spec", (4, 1)),
            ("spec.parts", (5, 3)),
            ("spec.parts[1].size", (7, 5)),
            ("spec.parts[1].size.x", (8, 5)),
            ("spec.parts[0].size", (6, 5)),
            ("spec.parts[7]", (5, 3)),
            ("spec.absent.deep", (4, 1)),
            ("metadata.labels[app.kubernetes.io/name]", (3, 5)),
            ("metadata.labels.app.kubernetes.io/name", (3, 5)),
            ("spec.0", (9, 3)),
        ] {
            assert_eq!(place(field), expected, "{field}");
        }
    }
}
