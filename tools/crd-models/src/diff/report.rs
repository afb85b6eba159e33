//! Changes as the verdict of a test: one case a definition.

use super::text::sentence;
use super::{Change, Class, Judged};
use std::collections::BTreeSet;
use std::path::Path;
use test_report::{Case, Report};

/// A case fails if its definition has a change of `threshold` or more that is
/// not accepted, or if an entry accepts nothing. `names` are all definitions,
/// also those that did not change. Files are named from the folder `new`, so
/// that the report is the same wherever that lies.
pub fn report(
    suite: &str,
    names: &BTreeSet<String>,
    judged: &Judged,
    threshold: Class,
    new: &Path,
) -> Report {
    let mut report = Report::new(suite);
    for name in names {
        let open: Vec<&Change> = judged
            .open(threshold)
            .filter(|change| change.crd == *name)
            .collect();
        report.cases.push(case(name, &open, new));
    }
    for entry in &judged.idle {
        let message = "no change has to be accepted under this name; remove the entry";
        report
            .cases
            .push(Case::failed(format!("allow {entry:?}"), message));
    }
    report
}

fn case(name: &str, open: &[&Change], new: &Path) -> Case {
    let Some(first) = open.first() else {
        return Case::passed(name);
    };
    let message: Vec<String> = open.iter().map(|change| complaint(change)).collect();
    let case = Case::failed(name, message.join("\n"));
    match location(first, new) {
        Some(location) => case.at(location),
        None => case,
    }
}

fn complaint(change: &Change) -> String {
    let version = change.version.as_deref().unwrap_or_default();
    format!(
        "{}\n  {}: {}\n  to accept it, allow {:?}",
        format!("{version} {}", sentence(change)).trim_start(),
        change.class.name(),
        change.reason,
        change.key()
    )
}

/// `FILE:LINE`, the file as seen from `new`.
fn location(change: &Change, new: &Path) -> Option<String> {
    let spot = change.spot.as_ref()?;
    let file = Path::new(&spot.file);
    let below = file.strip_prefix(new).ok();
    let file = below
        .filter(|below| *below != Path::new(""))
        .unwrap_or(file);
    Some(format!("{}:{}", file.display(), spot.line))
}
