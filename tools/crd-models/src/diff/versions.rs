//! What the versions of two definitions say besides their schemas. crdify has
//! `storedVersionRemoval`; the rest it does not look at.

use super::change::{Findings, Values, Verdict, breaking, compatible, docs};
use super::definitions::set;
use super::{Change, columns, schema, served};
use kube_schema::{Crd, CrdVersion, Scale, Subresources};
use std::collections::BTreeSet;

/// Every version of either, and the pairs that are served side by side.
pub(super) fn compare(name: &str, old: &Crd, new: &Crd) -> Vec<Change> {
    let mut changes = Vec::new();
    let names: BTreeSet<&str> = old
        .versions
        .iter()
        .map(|version| version.name.as_str())
        .chain(old.stored_versions.iter().map(String::as_str))
        .chain(new.versions.iter().map(|version| version.name.as_str()))
        .collect();
    for version in names {
        let (before, after) = (find(old, version), find(new, version));
        let spot = after.map_or(&new.spot, |version| &version.spot);
        let mut out = Findings::new(name, Some(version.to_owned()), Some(spot));
        match (before, after) {
            (Some(before), Some(after)) => {
                facts(before, after, &mut out);
                schema::compare(before, after, &mut out);
            }
            (None, Some(after)) => added(after, &mut out),
            (before, None) => removed(before, is_stored(old, version), &mut out),
        }
        changes.extend(out.changes);
    }
    changes.extend(served::compare(name, old, new));
    changes
}

/// The version of that name.
pub(super) fn find<'c>(crd: &'c Crd, name: &str) -> Option<&'c CrdVersion> {
    crd.versions.iter().find(|version| version.name == name)
}

fn is_stored(crd: &Crd, version: &str) -> bool {
    crd.stored_versions.iter().any(|stored| stored == version)
        || find(crd, version).is_some_and(|version| version.storage)
}

fn added(version: &CrdVersion, out: &mut Findings<'_>) {
    let verdict = compatible("no client asks for it yet");
    out.add("version", Values::added(state(version.served)), verdict);
}

fn removed(version: Option<&CrdVersion>, is_stored: bool, out: &mut Findings<'_>) {
    let is_served = version.is_some_and(|version| version.served);
    let verdict = match (is_stored, is_served) {
        (true, _) => breaking(
            "objects are stored in it: the API server refuses this until they are migrated",
        ),
        (false, true) => breaking("a client that asks for it finds nothing"),
        (false, false) => {
            compatible("no client could ask for it, and no object should be stored in it")
        }
    };
    out.add("version", Values::removed(state(is_served)), verdict);
}

fn state(is_served: bool) -> &'static str {
    if is_served { "served" } else { "not served" }
}

fn facts(old: &CrdVersion, new: &CrdVersion, out: &mut Findings<'_>) {
    let flags = [
        (
            "served",
            old.served,
            new.served,
            [
                compatible("a client may ask for it again"),
                breaking("a client that asks for it finds nothing"),
            ],
        ),
        (
            "storage",
            old.storage,
            new.storage,
            [
                compatible("objects are stored in it from their next write on"),
                compatible("objects are stored in another version from their next write on"),
            ],
        ),
        (
            "deprecated",
            old.deprecated,
            new.deprecated,
            [
                compatible("a client that asks for it is warned"),
                compatible("a client that asks for it is no longer warned"),
            ],
        ),
    ];
    for (property, old, new, [on, off]) in flags {
        if old != new {
            out.add(property, Values::both(old, new), if new { on } else { off });
        }
    }
    let (before, after) = (&old.deprecation_warning, &new.deprecation_warning);
    if before != after {
        let values = Values::of(before.clone(), after.clone());
        out.add("deprecationWarning", values, docs());
    }
    subresources(&old.subresources, &new.subresources, out);
    let added = "no client selects by it yet";
    let removed = "a client that selects by it is refused";
    set(
        "selectableFields",
        &old.selectable_fields,
        &new.selectable_fields,
        [added, removed],
        out,
    );
    columns::compare(&old.printer_columns, &new.printer_columns, out);
}

fn subresources(old: &Subresources, new: &Subresources, out: &mut Findings<'_>) {
    if old.status != new.status {
        let verdict = if new.status {
            breaking(
                "a controller that writes status with the rest of the object is ignored: status has an endpoint of its own now",
            )
        } else {
            breaking("a controller that writes status through its endpoint finds nothing")
        };
        out.add(
            "subresources.status",
            Values::both(old.status, new.status),
            verdict,
        );
    }
    match (&old.scale, &new.scale) {
        (None, None) => {}
        (None, Some(_)) => out.add(
            "subresources.scale",
            Values::both(false, true),
            compatible("no autoscaler uses it yet"),
        ),
        (Some(_), None) => out.add(
            "subresources.scale",
            Values::both(true, false),
            breaking("kubectl scale and autoscalers find nothing"),
        ),
        (Some(old), Some(new)) => scale(old, new, out),
    }
}

fn scale(old: &Scale, new: &Scale, out: &mut Findings<'_>) {
    let moved = || breaking("kubectl scale and autoscalers read or write another field");
    let selector: Verdict = match (&old.label_selector_path, &new.label_selector_path) {
        (None, Some(_)) => compatible("no autoscaler uses it yet"),
        _ => breaking("a HorizontalPodAutoscaler no longer finds the Pods"),
    };
    for (property, old, new, verdict) in [
        (
            "subresources.scale.specReplicasPath",
            Some(&old.spec_replicas_path),
            Some(&new.spec_replicas_path),
            moved(),
        ),
        (
            "subresources.scale.statusReplicasPath",
            Some(&old.status_replicas_path),
            Some(&new.status_replicas_path),
            moved(),
        ),
        (
            "subresources.scale.labelSelectorPath",
            old.label_selector_path.as_ref(),
            new.label_selector_path.as_ref(),
            selector,
        ),
    ] {
        if old != new {
            out.add(property, Values::of(old.cloned(), new.cloned()), verdict);
        }
    }
}
