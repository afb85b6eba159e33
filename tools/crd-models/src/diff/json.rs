//! Changes for machines.

use super::{Change, Class, Judged};
use serde_json::{Map, Value as Json, json};

/// The `schema` of the document.
pub const SCHEMA: &str = "hermetic.dev/crd-diff/v1";

/// One object, indented, with a final line end:
///
/// ```json
/// {
///   "schema": "hermetic.dev/crd-diff/v1",
///   "counts": {"breaking": 1, "compatible": 0, "docs": 0, "accepted": 0},
///   "changes": [{
///     "key": "widgets.example.org v1 .spec.size maximum",
///     "crd": "widgets.example.org",
///     "version": "v1",
///     "path": ".spec.size",
///     "property": "maximum",
///     "old": 10,
///     "new": 5,
///     "class": "breaking",
///     "accepted": false,
///     "reason": "an object that holds more than 5 becomes invalid",
///     "file": "new.yaml",
///     "line": 23
///   }]
/// }
/// ```
///
/// `key` is what `--allow` names. `version` and `path` are left out of changes
/// of the whole definition and version, `old` and `new` where there is no such
/// value, `file` and `line` where nothing is left to point at. Of a combinator
/// (`anyOf`) the values are how many parts it has.
pub fn render(judged: &Judged) -> String {
    let changes: Vec<Json> = judged
        .changes
        .iter()
        .map(|(change, is_accepted)| Json::Object(object(change, *is_accepted)))
        .collect();
    let document = json!({
        "schema": SCHEMA,
        "counts": {
            "breaking": judged.count(Class::Breaking),
            "compatible": judged.count(Class::Compatible),
            "docs": judged.count(Class::Docs),
            "accepted": judged.accepted(),
        },
        "changes": changes,
    });
    // Serializing a value that holds no map with other keys than texts cannot fail.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn object(change: &Change, is_accepted: bool) -> Map<String, Json> {
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    let spot = change.spot.as_ref();
    let members = [
        ("key", Some(json!(change.key()))),
        ("crd", Some(json!(change.crd))),
        ("version", text(&change.version)),
        ("path", text(&change.path)),
        ("property", Some(json!(change.property))),
        ("old", change.old.clone()),
        ("new", change.new.clone()),
        ("class", Some(json!(change.class.name()))),
        ("accepted", Some(json!(is_accepted))),
        ("reason", Some(json!(change.reason))),
        ("file", spot.map(|spot| json!(spot.file))),
        ("line", spot.map(|spot| json!(spot.line))),
    ];
    members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}
