//! What another definition of the same kinds breaks, and what it only changes.
//!
//! A change is *breaking* if something that worked no longer does: a stored
//! object becomes invalid or loses a field, a client reads a value of a form
//! that it has not seen, a request is refused. It is *compatible* if a machine
//! can tell, yet all that worked still does; and *docs* if only people read it.
//!
//! Where crdify (kubernetes-sigs/crdify, commit 54162f2e) has a validation, the
//! class is the one it gives without configuration, but: a description is docs;
//! a required field with a default breaks nobody, as the API server fills it in;
//! a bound that does not bound (`minLength: 0`) and a list type that is the
//! default are no change; a webhook converts between served versions, so these
//! are not compared then. What crdify calls unhandled has a class of its own
//! here: formats, combinators, CEL rules, list and map types, unknown fields,
//! int-or-string, embedded resources. Of the definition beside the schema crdify
//! knows the scope and stored versions, this module all.
//!
//! - [`diff`]: every [`Change`] between two sets of definitions, sorted
//! - [`Allow`]: the changes that somebody has accepted, by [`Change::key`]
//! - [`text`], [`json`], [`report`]: for people, for machines, as a test's verdict

mod allow;
mod change;
mod columns;
mod definitions;
pub mod json;
pub mod report;
mod schema;
mod served;
pub mod text;
mod versions;

pub use allow::{Allow, Judged};
pub use change::{Change, Class};

use kube_schema::{Crd, Spot};
use std::collections::BTreeMap;

/// Why two sets of definitions cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is defined twice: here and at {first}")]
pub struct Twice {
    /// `PLURAL.GROUP`.
    pub name: String,
    /// The first definition.
    pub first: Spot,
    /// The second one.
    pub second: Spot,
}

/// Every change from `old` to `new`, sorted by definition, version, field and
/// property.
///
/// # Errors
/// If one set defines a kind in two places.
pub fn diff(old: &[Crd], new: &[Crd]) -> Result<Vec<Change>, Twice> {
    let (old, mut new) = (by_name(old)?, by_name(new)?);
    let mut changes = Vec::new();
    for (name, before) in &old {
        match successor(before, &old, &new).and_then(|name| new.remove(&name)) {
            Some(after) => changes.extend(definitions::compare(before, after)),
            None => changes.extend(definitions::removed(name, before)),
        }
    }
    for (name, after) in &new {
        changes.extend(definitions::added(name, after));
    }
    changes.sort_by_cached_key(order);
    Ok(changes)
}

type ByName<'c> = BTreeMap<String, &'c Crd>;

fn by_name(crds: &[Crd]) -> Result<ByName<'_>, Twice> {
    let mut found = ByName::new();
    for crd in crds {
        if let Some(first) = found.insert(crd.name(), crd) {
            return Err(Twice {
                name: crd.name(),
                first: first.spot.clone(),
                second: crd.spot.clone(),
            });
        }
    }
    Ok(found)
}

/// The definition that takes the place of `crd`: of the same name, else a new
/// one of the same kind under another plural.
fn successor(crd: &Crd, old: &ByName<'_>, new: &ByName<'_>) -> Option<String> {
    let name = crd.name();
    if new.contains_key(&name) {
        return Some(name);
    }
    let is_renamed = |(name, other): &(&String, &&Crd)| {
        !old.contains_key(*name) && other.group == crd.group && other.names.kind == crd.names.kind
    };
    new.iter().find(is_renamed).map(|(name, _)| name.clone())
}

type Order = (String, Option<String>, Option<String>, &'static str, String);

fn order(change: &Change) -> Order {
    let values = format!("{:?}{:?}", change.old, change.new);
    (
        change.crd.clone(),
        change.version.clone(),
        change.path.clone(),
        change.property,
        values,
    )
}
