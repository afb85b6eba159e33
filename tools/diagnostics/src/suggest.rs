//! The nearest of the names that would have been right.

/// The candidate nearest to `wrong`, if one is near enough to be a likely typo
/// (at most one letter in three differs, case aside). Ties go to the first.
///
/// ```
/// assert_eq!(diagnostics::suggest::nearest("knd", ["kind", "name"]), Some("kind"));
/// assert_eq!(diagnostics::suggest::nearest("zebra", ["kind", "name"]), None);
/// ```
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = wrong.chars().count() / 3;
    let wrong = wrong.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = edit_distance(&wrong, &candidate.to_lowercase());
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours between two
/// words (optimal string alignment).
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replace = previous[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replace.min(previous[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut previous, row);
    }
    previous[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_a_swap_of_neighbours_once() {
        for (a, b, distance) in [
            ("", "", 0),
            ("a", "", 1),
            ("kind", "knid", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(edit_distance(a, b), distance, "{a} {b}");
        }
    }

    #[test]
    fn the_first_of_two_equally_near_names_wins() {
        assert_eq!(nearest("a", ["b"]), None, "one letter says nothing");
        assert_eq!(nearest("naem", ["name", "neam"]), Some("name"));
    }

    #[test]
    fn case_alone_is_no_distance() {
        assert_eq!(nearest("apiversion", ["apiVersion"]), Some("apiVersion"));
    }
}
