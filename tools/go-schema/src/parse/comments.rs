//! Comments, and which declaration each belongs to.

use super::Lines;
use crate::source::{Site, Source};
use crate::syntax::{self, CommentLine};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// The comments of a file, in groups of adjacent lines as go/parser makes them.
pub(super) struct Comments {
    groups: Vec<Group>,
    /// The group that ends on a line, from 0.
    by_last_row: BTreeMap<usize, usize>,
    /// The lines, from 0, on which nothing stands.
    empty_rows: BTreeSet<usize>,
}

struct Group {
    first_row: usize,
    last_row: usize,
    lines: Vec<CommentLine>,
}

impl Comments {
    pub(super) fn of(source: &Arc<Source>, comments: &[Range<usize>], lines: &Lines) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for comment in comments {
            let (row, last_row) = (lines.row(comment.start), lines.row(comment.end - 1));
            let indent = &source.text[lines.0[row]..comment.start];
            // What follows code on its line tells about that line.
            if !indent.trim().is_empty() {
                continue;
            }
            let text = &source.text[comment.clone()];
            let found = comment_lines(source, text, row);
            match groups.last_mut() {
                Some(group) if group.last_row + 1 == row => {
                    group.last_row = last_row;
                    group.lines.extend(found);
                }
                _ => groups.push(Group {
                    first_row: row,
                    last_row,
                    lines: found,
                }),
            }
        }
        let ends = groups.iter().enumerate();
        let by_last_row = ends.map(|(index, group)| (group.last_row, index)).collect();
        let rows = source.text.lines().enumerate();
        let empty_rows = rows.filter(|(_, line)| line.trim().is_empty());
        Self {
            groups,
            by_last_row,
            empty_rows: empty_rows.map(|(row, _)| row).collect(),
        }
    }

    fn ending_on(&self, row: Option<usize>) -> Option<&Group> {
        let index = self.by_last_row.get(&row?)?;
        self.groups.get(*index)
    }

    /// The comments of what begins on a line: the group above it, and the one that
    /// one empty line separates from that (as gengo's SecondClosestCommentLines).
    pub(super) fn of_node(&self, row: usize) -> syntax::Comments {
        let doc = self.ending_on(row.checked_sub(1));
        let top = doc.map_or(row, |group| group.first_row);
        let is_apart = |row: &usize| self.empty_rows.contains(&(row + 1));
        let above = self.ending_on(top.checked_sub(2).filter(is_apart));
        let lines = |group: Option<&Group>| group.map(|g| trimmed(&g.lines)).unwrap_or_default();
        syntax::Comments {
            doc: lines(doc),
            above: lines(above),
        }
    }

    /// All comments above a line.
    pub(super) fn before(&self, row: usize) -> Vec<CommentLine> {
        let groups = self.groups.iter().filter(|group| group.last_row < row);
        groups.flat_map(|group| group.lines.clone()).collect()
    }
}

/// Without the empty lines at both ends, and never two of them in a row.
fn trimmed(lines: &[CommentLine]) -> Vec<CommentLine> {
    let mut kept: Vec<CommentLine> = Vec::new();
    for line in lines {
        let follows_text = kept.last().is_some_and(|last| !last.text.is_empty());
        if !line.text.is_empty() || follows_text {
            kept.push(line.clone());
        }
    }
    while kept.last().is_some_and(|last| last.text.is_empty()) {
        kept.pop();
    }
    kept
}

/// The lines of one comment, without its signs and the first space, as go/ast's
/// `CommentGroup.Text` has them.
fn comment_lines(source: &Arc<Source>, text: &str, row: usize) -> Vec<CommentLine> {
    let inner = match text.strip_prefix("//") {
        Some(line) if is_directive(line) => return Vec::new(),
        Some(line) => line.strip_prefix(' ').unwrap_or(line),
        None => text.trim_start_matches("/*").trim_end_matches("*/"),
    };
    let line = |(index, line): (usize, &str)| CommentLine {
        site: Site::new(source, row + index + 1, 1),
        text: line.trim_end().to_owned(),
    };
    inner.split('\n').enumerate().map(line).collect()
}

/// `//go:build` and its like, which are for tools and say nothing to people.
fn is_directive(line: &str) -> bool {
    if ["line ", "extern ", "export "]
        .iter()
        .any(|word| line.starts_with(word))
    {
        return true;
    }
    let is_word = |part: &str| {
        let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        !part.is_empty() && part.chars().all(ok)
    };
    let Some((tool, rest)) = line.split_once(':') else {
        return false;
    };
    is_word(tool) && rest.chars().next().is_some_and(|c| is_word(&c.to_string()))
}
