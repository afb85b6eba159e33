//! Versions that one definition serves side by side. Without a webhook only
//! `apiVersion` changes on the way from one to the other, so what the older one
//! holds has to fit the newer. crdify's "served version validator" does the same.

use super::change::{Change, Class, Findings};
use super::{schema, versions};
use kube_schema::{Conversion, Crd, CrdVersion};
use std::cmp::Reverse;

/// What breaks between versions of the new definition and did not before.
pub(super) fn compare(name: &str, old: &Crd, new: &Crd) -> Vec<Change> {
    if new.conversion != Conversion::None {
        return Vec::new();
    }
    let mut changes = Vec::new();
    for (older, newer) in pairs(new) {
        let known = match (
            versions::find(old, &older.name),
            versions::find(old, &newer.name),
        ) {
            (Some(older), Some(newer)) if older.served && newer.served => {
                between(name, older, newer)
            }
            _ => Vec::new(),
        };
        let is_known = |change: &Change| known.iter().any(|one| one.essence() == change.essence());
        let found = between(name, older, newer).into_iter();
        changes.extend(found.filter(|change| !is_known(change)));
    }
    changes
}

fn between(name: &str, older: &CrdVersion, newer: &CrdVersion) -> Vec<Change> {
    let version = format!("{}->{}", older.name, newer.name);
    let mut out = Findings::new(name, Some(version), Some(&newer.spot));
    schema::compare(older, newer, &mut out);
    out.changes.retain(|change| change.class == Class::Breaking);
    out.changes
}

/// Each served version with each later one.
fn pairs(crd: &Crd) -> Vec<(&CrdVersion, &CrdVersion)> {
    let served = crd.versions.iter().filter(|version| version.served);
    let mut served: Vec<&CrdVersion> = served.collect();
    served.sort_by(|a, b| age(&a.name).cmp(&age(&b.name)));
    let later = |at: usize| served[at + 1..].iter();
    served
        .iter()
        .enumerate()
        .flat_map(|(at, older)| later(at).map(|newer| (*older, *newer)))
        .collect()
}

/// Kubernetes' own order (apimachinery, `pkg/version/helpers.go`), the oldest
/// first: other names (the first of the alphabet counts as the newest), alpha,
/// beta, stable; then by number.
fn age(name: &str) -> (u8, u64, u64, Reverse<&str>) {
    let other = (0, 0, 0, Reverse(name));
    let Some(rest) = name.strip_prefix('v') else {
        return other;
    };
    let (major, stage) = split_number(rest);
    let Some(major) = major else { return other };
    if stage.is_empty() {
        return (3, major, 0, Reverse(""));
    }
    for (rank, word) in [(1, "alpha"), (2, "beta")] {
        if let Some((Some(minor), "")) = stage.strip_prefix(word).map(split_number) {
            return (rank, major, minor, Reverse(""));
        }
    }
    other
}

fn split_number(text: &str) -> (Option<u64>, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    (text[..end].parse().ok(), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn versions_age_as_kubernetes_says() {
        let mut names = [
            "v10",
            "v1beta1",
            "foo10",
            "v2",
            "v1",
            "v11alpha2",
            "v12alpha1",
            "foo1",
            "v3beta1",
            "v10beta3",
            "v11beta2",
            "v1x",
        ];
        names.sort_by(|a, b| age(a).cmp(&age(b)));
        assert_eq!(
            names,
            [
                "v1x",
                "foo10",
                "foo1",
                "v11alpha2",
                "v12alpha1",
                "v1beta1",
                "v3beta1",
                "v10beta3",
                "v11beta2",
                "v1",
                "v2",
                "v10"
            ]
        );
    }
}
