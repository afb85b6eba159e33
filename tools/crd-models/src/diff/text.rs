//! Changes for people, grouped by definition and version.

use super::{Change, Class, Judged};
use std::fmt::Write;

/// Longer values are cut.
const WIDEST: usize = 60;
/// Of what two long values begin with alike, so much is shown.
const LEAD: usize = 12;

/// Every change, then the counts on the last line:
///
/// ```text
/// widgets.example.org v1
///   breaking    .spec.size maximum: 10 -> 5 (new.yaml:23)
///               an object that holds more than 5 becomes invalid
///
/// 1 breaking, 0 compatible, 0 docs
/// ```
pub fn render(judged: &Judged) -> String {
    let mut out = String::new();
    let mut group = None;
    for (change, is_accepted) in &judged.changes {
        let next = Some((&change.crd, &change.version));
        if group != next {
            if group.is_some() {
                out.push('\n');
            }
            group = next;
            let version = change.version.as_deref().unwrap_or_default();
            out += format!("{} {version}", change.crd).trim_end();
            out.push('\n');
        }
        render_change(change, *is_accepted, &mut out);
    }
    if group.is_some() {
        out.push('\n');
    }
    out + &summary(judged) + "\n"
}

fn render_change(change: &Change, is_accepted: bool, out: &mut String) {
    let class = if is_accepted {
        "accepted"
    } else {
        change.class.name()
    };
    let place = match &change.spot {
        Some(spot) => format!(" ({}:{})", spot.file, spot.line),
        None => String::new(),
    };
    let _ = writeln!(out, "  {class:<11} {}{place}", sentence(change));
    // That a text is for people needs no saying.
    if change.class > Class::Docs {
        let _ = writeln!(out, "  {:<11} {}", "", change.reason);
    }
}

/// `.spec.size maximum: 10 -> 5`.
pub fn sentence(change: &Change) -> String {
    let path = change.path.as_deref().unwrap_or_default();
    let what = format!("{path} {}", change.property);
    let values = match (&change.old, &change.new) {
        (Some(old), Some(new)) => both(&old.to_string(), &new.to_string()),
        (None, Some(new)) => format!("added {}", cut(&new.to_string(), 0)),
        (Some(old), None) => format!("removed {}", cut(&old.to_string(), 0)),
        (None, None) => "changed".to_owned(),
    };
    format!("{}: {values}", what.trim_start())
}

/// `1 breaking, 2 compatible, 0 docs`, with `(1 accepted)` if any is.
pub fn summary(judged: &Judged) -> String {
    let counts: Vec<String> = [Class::Breaking, Class::Compatible, Class::Docs]
        .into_iter()
        .map(|class| format!("{} {}", judged.count(class), class.name()))
        .collect();
    let accepted = match judged.accepted() {
        0 => String::new(),
        accepted => format!(" ({accepted} accepted)"),
    };
    counts.join(", ") + &accepted
}

/// Long values from shortly before they differ.
fn both(old: &str, new: &str) -> String {
    let is_long = |text: &str| text.chars().count() > WIDEST;
    let alike = old.chars().zip(new.chars()).take_while(|(a, b)| a == b);
    let skip = if is_long(old) || is_long(new) {
        alike.count().saturating_sub(LEAD)
    } else {
        0
    };
    format!("{} -> {}", cut(old, skip), cut(new, skip))
}

/// At most [`WIDEST`] characters after the first `skip`.
fn cut(text: &str, skip: usize) -> String {
    let mut shown: Vec<char> = text.chars().skip(skip).collect();
    if shown.len() > WIDEST {
        shown.truncate(WIDEST - 1);
        shown.push('…');
    }
    let start = if skip > 0 { "…" } else { "" };
    start.chars().chain(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::both;

    #[test]
    fn long_values_are_shown_where_they_differ() {
        let (a, b) = (
            "x".repeat(80) + "aa",
            "x".repeat(80) + "b" + &"c".repeat(90),
        );
        let said = both(&a, &b);
        assert_eq!(
            said,
            format!("…{0}aa -> …{0}b{1}…", "x".repeat(12), "c".repeat(46))
        );
        assert_eq!(both("1", "2"), "1 -> 2");
    }
}
