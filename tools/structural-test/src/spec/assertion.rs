use super::fields::Notes;
use super::parse::Known;
use super::{Assertion, Builtin, Count, Expectation};
use diagnostics::suggest;
use resource_graph::yaml::{Content, Entry, Node};
use resource_graph::{FieldPath, Selector};
use std::collections::BTreeMap;

const KINDS: [&str; 7] = [
    "exports", "present", "absent", "count", "match", "noNulls", "valid",
];
const SELECTOR: [&str; 5] = ["apiVersion", "kind", "namespace", "name", "labels"];

/// Reads `- present: {…}` and its kin: a map with one key.
pub fn assertion(node: &Node, known: &Known, notes: &mut Notes<'_>) -> Option<Assertion> {
    notes.map(node, "an assertion", &KINDS)?;
    let [entry] = node.entries() else {
        let message = format!(
            "an assertion has one key, this has {}",
            node.entries().len()
        );
        return notes.error(node.at, message, "begin each assertion with its own `-`");
    };
    let place = notes.place(entry.key_at);
    let expectation = match entry.key.as_str() {
        "exports" => is_true(entry, notes).map(|()| Expectation::Exports),
        "present" => some(entry, &[], known, notes).map(Expectation::Present),
        "absent" => absent(entry, known, notes),
        "count" => count(entry, known, notes),
        "match" => matching(entry, known, notes),
        "noNulls" => no_nulls(entry, known, notes),
        "valid" => valid(entry, known, notes),
        _ => None, // Noted as an unknown key.
    }?;
    Some(Assertion { place, expectation })
}

fn is_true(entry: &Entry, notes: &mut Notes<'_>) -> Option<()> {
    if entry.value.content == Content::Bool(true) {
        return Some(());
    }
    let hint = "for no resources at all write `count: {is: 0}`";
    notes.error(
        entry.value.at,
        format!("`{}` takes only true", entry.key),
        hint,
    )
}

fn absent(entry: &Entry, known: &Known, notes: &mut Notes<'_>) -> Option<Expectation> {
    let selector = some(entry, &["field"], known, notes)?;
    let Some(field) = entry.value.get("field") else {
        return Some(Expectation::Absent(selector));
    };
    let text = notes.text(field, "field")?;
    match text.parse::<FieldPath>() {
        Ok(path) => Some(Expectation::FieldAbsent(selector, path)),
        Err(error) => notes.error(field.at, error.to_string(), ""),
    }
}

fn count(entry: &Entry, known: &Known, notes: &mut Notes<'_>) -> Option<Expectation> {
    let selector = any(entry, &["is", "min", "max"], known, notes)?;
    let mut read = |key: &str| match entry.value.get(key) {
        Some(node) => notes.count(node, key).map(Some),
        None => Some(None),
    };
    let (is, min, max) = (read("is")?, read("min")?, read("max")?);
    let count = match (is, min, max) {
        (Some(is), None, None) => Count {
            min: is,
            max: Some(is),
        },
        (None, None, None) => {
            return notes.error(entry.value.at, "count needs `is`, `min` or `max`", "");
        }
        (None, min, max) => Count {
            min: min.unwrap_or(0),
            max,
        },
        _ => {
            return notes.error(
                entry.value.at,
                "`is` stands alone, without `min` and `max`",
                "",
            );
        }
    };
    if count.max.is_some_and(|max| max < count.min) {
        return notes.error(
            entry.value.at,
            "no number is at least `min` and at most `max`",
            "",
        );
    }
    Some(Expectation::Count(selector, count))
}

fn matching(entry: &Entry, known: &Known, notes: &mut Notes<'_>) -> Option<Expectation> {
    let selector = some(entry, &["object"], known, notes)?;
    let object = notes.required(&entry.value, "match", "object")?;
    match &object.content {
        Content::Map(entries) if !entries.is_empty() => {
            Some(Expectation::Match(selector, object.clone()))
        }
        _ => notes.error(
            object.at,
            "object must be a map with at least one field",
            "",
        ),
    }
}

fn no_nulls(entry: &Entry, known: &Known, notes: &mut Notes<'_>) -> Option<Expectation> {
    if entry.value.content == Content::Bool(true) {
        return Some(Expectation::NoNulls(Selector::default()));
    }
    any(entry, &[], known, notes).map(Expectation::NoNulls)
}

fn valid(entry: &Entry, known: &Known, notes: &mut Notes<'_>) -> Option<Expectation> {
    let is_true = entry.value.content == Content::Bool(true);
    let selector = if is_true {
        Selector::default()
    } else {
        any(entry, &["builtin"], known, notes)?
    };
    if !known.has_crds {
        let hint = "give them with --crds PATH";
        return notes.error(entry.key_at, "there are no CRDs to be valid against", hint);
    }
    let Some(builtin) = entry.value.get("builtin") else {
        return Some(Expectation::Valid(selector, Builtin::Fail));
    };
    match builtin.as_str() {
        Some("skip") => Some(Expectation::Valid(selector, Builtin::Skip)),
        Some("fail") => Some(Expectation::Valid(selector, Builtin::Fail)),
        _ => notes.error(builtin.at, "builtin must be skip or fail", ""),
    }
}

/// A selector that says something.
fn some(entry: &Entry, more: &[&str], known: &Known, notes: &mut Notes<'_>) -> Option<Selector> {
    let selector = any(entry, more, known, notes)?;
    if selector != Selector::default() {
        return Some(selector);
    }
    let message = format!("`{}` needs to know which resources are meant", entry.key);
    notes.error(
        entry.key_at,
        message,
        "say at least one of apiVersion, kind, namespace, name, labels",
    )
}

/// A selector that may be empty, beside `more` keys of the assertion.
fn any(entry: &Entry, more: &[&str], known: &Known, notes: &mut Notes<'_>) -> Option<Selector> {
    let before = notes.diagnostics.len();
    let keys: Vec<&str> = SELECTOR.iter().chain(more).copied().collect();
    notes.map(&entry.value, &format!("`{}`", entry.key), &keys)?;
    let mut text = |key: &str| entry.value.get(key).and_then(|node| notes.text(node, key));
    let selector = Selector {
        api_version: text("apiVersion"),
        kind: text("kind"),
        namespace: text("namespace"),
        name: text("name"),
        labels: labels(entry.value.get("labels"), notes),
    };
    check_kind(entry, &selector, known, notes);
    (notes.diagnostics.len() == before).then_some(selector)
}

fn labels(node: Option<&Node>, notes: &mut Notes<'_>) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let Some(node) = node else { return labels };
    if node.entries().is_empty() {
        notes.error::<()>(node.at, "labels must be a map with at least one label", "");
    }
    for Entry { key, value, .. } in node.entries() {
        match &value.content {
            Content::String(text) => labels.insert(key.clone(), text.clone()),
            _ => notes.text(value, &format!("the label {key}")),
        };
    }
    labels
}

/// A kind that nothing defines and that is nearly another's is a typo: without
/// this, `absent: {kind: Droplte}` would hold for ever.
fn check_kind(entry: &Entry, selector: &Selector, known: &Known, notes: &mut Notes<'_>) {
    let (Some(kind), Some(node)) = (&selector.kind, entry.value.get("kind")) else {
        return;
    };
    if known.kinds.contains(kind) {
        return;
    }
    if let Some(near) = suggest::nearest(kind, known.kinds.iter().map(String::as_str)) {
        let message = format!("no CRD and no resource given has the kind {kind}");
        notes.error::<()>(node.at, message, &format!("did you mean {near}?"));
    }
}
