//! Formats with a name (apiserver, `pkg/cel/library/format.go`).

use super::some;
use crate::validate::cel::value::{Cel, Evaluated, Library};
use crate::validate::{formats, metadata};

/// A format, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::validate::cel) struct Format(&'static str);

const NAMES: [&str; 13] = [
    "byte",
    "date",
    "datetime",
    "dns1035Label",
    "dns1035LabelPrefix",
    "dns1123Label",
    "dns1123LabelPrefix",
    "dns1123Subdomain",
    "dns1123SubdomainPrefix",
    "labelValue",
    "qualifiedName",
    "uri",
    "uuid",
];

fn named(name: &str) -> Option<Format> {
    NAMES
        .iter()
        .find(|known| **known == name)
        .map(|name| Format(name))
}

/// `format.named(…)` and `format.uri()`; none if it is no such function.
pub(super) fn call(name: &str, arguments: &[Cel]) -> Option<Evaluated> {
    let name = name.strip_prefix("format.")?;
    match (name, arguments) {
        ("named", [Cel::Text(name)]) => Some(Ok(match named(name) {
            Some(format) => some(&Cel::Library(Library::Format(format))),
            None => Cel::Optional(None),
        })),
        (name, []) => named(name).map(|format| Ok(Cel::Library(Library::Format(format)))),
        _ => None,
    }
}

/// What is wrong with the text; none if nothing is.
pub(super) fn validate(format: Format, text: &str) -> Cel {
    use metadata::names;
    let masked = || names::masked(text);
    let problems = match format.0 {
        "dns1035Label" => names::old_label(text),
        "dns1035LabelPrefix" => names::old_label(&masked()),
        "dns1123Label" => names::label(text),
        "dns1123LabelPrefix" => names::label(&masked()),
        "dns1123Subdomain" => names::subdomain(text),
        "dns1123SubdomainPrefix" => names::subdomain(&masked()),
        "labelValue" => names::label_value(text),
        "qualifiedName" => names::label_key(text),
        name if formats::accepts(name, text) => Vec::new(),
        name => vec![format!("invalid {name}")],
    };
    if problems.is_empty() {
        return Cel::Optional(None);
    }
    let problems: Vec<Cel> = problems.into_iter().map(Cel::from).collect();
    some(&problems.into())
}
