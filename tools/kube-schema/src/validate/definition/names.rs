//! What a definition and its kind may be called.

use super::path;
use super::place::Place;
use super::props::Props;
use crate::validate::error::FieldError;
use crate::validate::metadata::names::{old_label, subdomain};
use serde_json::Value;

const APPROVAL: &str = "api-approved.kubernetes.io";

/// `PLURAL.GROUP`.
pub(super) fn check_own_name(root: Props<'_>) -> Option<FieldError> {
    let spec = root.object("spec");
    let name = root.object("metadata").text("name");
    let required = format!(
        "{}.{}",
        spec.object("names").text("plural"),
        spec.text("group")
    );
    let is_wrong = !name.is_empty() && name != required;
    let text = "must be spec.names.plural+\".\"+spec.group";
    is_wrong.then(|| invalid(&path("metadata").child("name"), name, text))
}

/// Groups of the Kubernetes community need a review, or the word that they had none.
pub(super) fn check_approval(root: Props<'_>) -> Option<FieldError> {
    let group = root.object("spec").text("group");
    let is_protected = ["k8s.io", "kubernetes.io"]
        .iter()
        .any(|owner| group == *owner || group.ends_with(&format!(".{owner}")));
    if !is_protected {
        return None;
    }
    let at = path("metadata").child("annotations").key(APPROVAL);
    let annotation = root.object("metadata").object("annotations").text(APPROVAL);
    if annotation.is_empty() {
        let text = "protected groups must have approval annotation \"api-approved.kubernetes.io\", see https://github.com/kubernetes/enhancements/pull/1111";
        return Some(FieldError::required(&at, text));
    }
    let is_url = annotation.split_once("://").is_some_and(|(scheme, rest)| {
        !scheme.is_empty() && !rest.is_empty() && !rest.starts_with('/')
    });
    let text = "protected groups must have approval annotation \"api-approved.kubernetes.io\" with either a URL or a reason starting with \"unapproved\", see https://github.com/kubernetes/enhancements/pull/1111";
    (!is_url && !annotation.starts_with("unapproved")).then(|| invalid(&at, annotation, text))
}

pub(super) fn check_group(spec: Props<'_>) -> Option<FieldError> {
    let at = path("spec").child("group");
    let group = spec.text("group");
    if group.is_empty() {
        return Some(FieldError::required(&at, ""));
    }
    let problems = subdomain(group);
    if !problems.is_empty() {
        return Some(invalid(&at, group, &problems.join(",")));
    }
    let text = "should be a domain with at least one dot";
    (!group.contains('.')).then(|| invalid(&at, group, text))
}

/// What a definition leaves out is filled in before it is judged.
pub(super) fn check_names(spec: Props<'_>) -> Vec<FieldError> {
    let at = path("spec").child("names");
    let names = spec.object("names");
    let kind = names.text("kind");
    let mut errors = Vec::new();
    for field in ["plural", "kind"] {
        if names.text(field).is_empty() {
            errors.push(FieldError::required(&at.child(field), ""));
        }
    }
    let singular = or(names.text("singular"), kind.to_lowercase());
    let is_nameless = kind.is_empty();
    if is_nameless && names.text("singular").is_empty() {
        errors.push(FieldError::required(&at.child("singular"), ""));
    }
    let list_kind = or(
        names.text("listKind"),
        if is_nameless {
            String::new()
        } else {
            format!("{kind}List")
        },
    );
    if list_kind.is_empty() {
        errors.push(FieldError::required(&at.child("listKind"), ""));
    }
    for (field, name) in [("plural", names.text("plural")), ("singular", &singular)] {
        errors.extend(label(&at.child(field), name, ""));
    }
    for (field, name) in [("kind", kind), ("listKind", &list_kind)] {
        let mixed = "may have mixed case, but should otherwise match: ";
        errors.extend(label(&at.child(field), name, mixed));
    }
    if !is_nameless && kind == list_kind {
        let text = "kind and listKind may not be the same";
        errors.push(invalid(&at.child("listKind"), kind, text));
    }
    for field in ["shortNames", "categories"] {
        for (i, name) in names.texts(field).enumerate() {
            let at = at.child(field).index(i);
            let problems = old_label(name);
            if !problems.is_empty() {
                errors.push(invalid(&at, name, &problems.join(",")));
            }
        }
    }
    errors
}

fn or(given: &str, default: String) -> String {
    match given {
        "" => default,
        given => given.to_owned(),
    }
}

/// A DNS label, also one in capitals where `mixed` says so.
fn label(at: &Place, name: &str, mixed: &str) -> Option<FieldError> {
    let judged = match mixed {
        "" => name.to_owned(),
        _ => name.to_lowercase(),
    };
    let problems = old_label(&judged);
    let is_wrong = !name.is_empty() && !problems.is_empty();
    is_wrong.then(|| invalid(at, name, &format!("{mixed}{}", problems.join(","))))
}

pub(super) fn invalid(at: &Place, value: &str, detail: &str) -> FieldError {
    FieldError::invalid(at, &Value::from(value), detail)
}
