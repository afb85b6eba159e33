//! The difference of two texts, line by line.

/// A difference.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The first line of the old text that differs, from 1.
    pub(crate) first: usize,
    /// `-` and `+` lines, `@@ line N` before each place.
    pub(crate) lines: Vec<String>,
}

/// How the lines of `new` differ from those of `old`; None if the texts are equal.
pub(crate) fn lines(old: &str, new: &str) -> Option<Difference> {
    if old == new {
        return None;
    }
    let (old_lines, new_lines) = (split(old), split(new));
    let mut out = Difference {
        first: old_lines.len().max(1),
        lines: Vec::new(),
    };
    let (mut at_old, mut at_new) = (0, 0);
    for (next_old, next_new) in common(&old_lines, &new_lines) {
        out.place(
            &old_lines[at_old..next_old],
            &new_lines[at_new..next_new],
            at_old,
        );
        (at_old, at_new) = (next_old + 1, next_new + 1);
    }
    out.place(&old_lines[at_old..], &new_lines[at_new..], at_old);
    Some(out)
}

/// Lines with their ends, so that a missing end of line at the end is seen.
fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

impl Difference {
    fn place(&mut self, old: &[&str], new: &[&str], before: usize) {
        if old.is_empty() && new.is_empty() {
            return;
        }
        if self.lines.is_empty() {
            self.first = before + 1;
        }
        self.lines.push(format!("@@ line {}", before + 1));
        self.lines
            .extend(old.iter().map(|line| format!("-{}", shown(line))));
        self.lines
            .extend(new.iter().map(|line| format!("+{}", shown(line))));
    }
}

fn shown(line: &str) -> String {
    match line.strip_suffix('\n') {
        Some(line) => line.to_owned(),
        None => format!("{line} (no line end)"),
    }
}

/// Pairs of equal lines, a longest such list (Myers' problem by the plain
/// table; files are short, and equal starts and ends are taken first).
fn common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = rest.take_while(|(a, b)| a == b).count();
    let (middle_old, middle_new) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let mut pairs: Vec<(usize, usize)> = (0..start).map(|index| (index, index)).collect();
    pairs.extend(
        longest(middle_old, middle_new)
            .into_iter()
            .map(|(a, b)| (a + start, b + start)),
    );
    pairs.extend(
        (0..end)
            .rev()
            .map(|back| (old.len() - 1 - back, new.len() - 1 - back)),
    );
    pairs
}

fn longest(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    // lengths[a * width + b]: pairs in old[a..] and new[b..].
    let mut lengths = vec![0u32; (old.len() + 1) * width];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            lengths[a * width + b] = if old[a] == new[b] {
                lengths[(a + 1) * width + b + 1] + 1
            } else {
                lengths[(a + 1) * width + b].max(lengths[a * width + b + 1])
            };
        }
    }
    let (mut a, mut b, mut pairs) = (0, 0, Vec::new());
    while a < old.len() && b < new.len() {
        if old[a] == new[b] {
            pairs.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if lengths[(a + 1) * width + b] >= lengths[a * width + b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn equal_texts_do_not_differ() {
        assert_eq!(lines("a\nb\n", "a\nb\n"), None);
    }

    #[test]
    fn changes_stand_with_their_lines() {
        let found = lines("a\nb=1\nc\nd\ne", "a\nb = 1\nc\ne\nf\n").unwrap();
        assert_eq!(found.first, 2);
        let expected = [
            "@@ line 2",
            "-b=1",
            "+b = 1",
            "@@ line 4",
            "-d",
            "-e (no line end)",
            "+e",
            "+f",
        ];
        assert_eq!(found.lines, expected);
    }

    #[test]
    fn an_added_line_alone_is_shown_where_it_goes() {
        let found = lines("a\nc\n", "a\nb\nc\n").unwrap();
        assert_eq!(
            (found.first, found.lines),
            (2, vec!["@@ line 2".into(), "+b".into()])
        );
        assert_eq!(lines("", "a\n").unwrap().lines, ["@@ line 1", "+a"]);
    }
}
