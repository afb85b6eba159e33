//! `glob()`: files of a package by pattern.
//!
//! Matched here and not by the crate `globset`, which makes a regular expression of each pattern:
//! that took half of the time in which this repository loads.

use std::path::Path;

use crate::cells::{Cells, join};
use crate::error::raise;
use crate::package::{PackageScope, buck_file};

/// The files of the package that match one of `include` and none of `exclude`, sorted.
pub(crate) fn glob(
    package: &PackageScope<'_>,
    include: &[String],
    exclude: &[String],
) -> starlark::Result<Vec<String>> {
    let include = patterns(include)?;
    let exclude = patterns(exclude)?;
    let files = match package.files.get() {
        Some(files) => files,
        None => {
            let mut files = Vec::new();
            let folder = package.cells.project_path(&package.cell, &package.package);
            list(
                &package.folder,
                "",
                &folder,
                package.cells,
                &package.cell,
                &mut files,
            )?;
            files.sort();
            package.files.get_or_init(|| files)
        }
    };
    let is_in = |patterns: &[Pattern], file: &str| patterns.iter().any(|p| p.is_match(file));
    let wanted = files
        .iter()
        .filter(|file| is_in(&include, file) && !is_in(&exclude, file));
    Ok(wanted.cloned().collect())
}

/// A pattern, taken apart at its slashes.
#[derive(Debug)]
struct Pattern {
    parts: Vec<Part>,
    /// As in Buck2: what has a star matches letters of either case, what has none only itself.
    any_case: bool,
}

#[derive(Debug)]
enum Part {
    /// `**`: any number of folders; at the end, everything below.
    Folders,
    /// A name in which `*` stands for any letters.
    Name(String),
}

fn patterns(texts: &[String]) -> starlark::Result<Vec<Pattern>> {
    texts.iter().map(|text| Pattern::parse(text)).collect()
}

impl Pattern {
    fn parse(text: &str) -> starlark::Result<Pattern> {
        // Buck2 lets these match nothing without a word; that is never what was meant.
        if text.contains(['?', '[', '{']) {
            return raise(format!(
                "glob pattern `{text}`: only `*` and `**` have a meaning in Buck2's globs"
            ));
        }
        if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return raise(format!(
                "glob pattern `{text}`: a plain path below the package is wanted"
            ));
        }
        let part = |part| match part {
            "**" => Part::Folders,
            name => Part::Name(name.to_owned()),
        };
        Ok(Pattern {
            parts: text.split('/').map(part).collect(),
            any_case: text.contains('*'),
        })
    }

    fn is_match(&self, path: &str) -> bool {
        self.is_rest(&self.parts, Some(path))
    }

    /// Whether these parts match what is left of a path.
    fn is_rest(&self, parts: &[Part], path: Option<&str>) -> bool {
        let below = |path: &str| path.find('/').map(|slash| slash + 1);
        match (parts, path) {
            ([], path) => path.is_none(),
            ([Part::Folders], path) => path.is_some(),
            ([Part::Folders, rest @ ..], Some(path)) => {
                let deeper = below(path).map(|start| &path[start..]);
                self.is_rest(rest, Some(path))
                    || deeper.is_some_and(|deeper| self.is_rest(parts, Some(deeper)))
            }
            ([Part::Name(name), rest @ ..], Some(path)) => {
                let (first, deeper) = match path.split_once('/') {
                    Some((first, deeper)) => (first, Some(deeper)),
                    None => (path, None),
                };
                self.is_name(name.as_bytes(), first.as_bytes()) && self.is_rest(rest, deeper)
            }
            (_, None) => false,
        }
    }

    fn is_name(&self, pattern: &[u8], name: &[u8]) -> bool {
        match (pattern, name) {
            ([], name) => name.is_empty(),
            ([b'*', rest @ ..], name) => {
                (0..=name.len()).any(|skipped| self.is_name(rest, &name[skipped..]))
            }
            ([one, pattern @ ..], [other, name @ ..]) => {
                let is_same = one == other || self.any_case && one.eq_ignore_ascii_case(other);
                is_same && self.is_name(pattern, name)
            }
            (_, []) => false,
        }
    }
}

/// Files below `folder`, without dotfiles, packages of their own, ignored folders and other cells.
fn list(
    folder: &Path,
    below: &str,
    project: &str,
    cells: &Cells,
    cell: &str,
    into: &mut Vec<String>,
) -> starlark::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return raise(format!("glob: cannot read the folder `{project}`: {error}")),
    };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        let path = folder.join(&name);
        let (below, project) = (join(below, &name), join(project, &name));
        // Asked only where the listing itself does not say it.
        let is_dir = match entry.file_type() {
            Ok(kind) if !kind.is_symlink() => kind.is_dir(),
            _ => path.is_dir(),
        };
        if is_dir {
            if buck_file(&path).is_none() && !cells.is_ignored(cell, &project) {
                list(&path, &below, &project, cells, cell, into)?;
            }
        } else {
            into.push(below);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_in_a_folder_and_two_of_them_cross_any_number() {
        let cases = [
            ("a.k", &["a.k"][..], &["A.k", "b/a.k", "a.kk"][..]),
            ("*.k", &["a.k", "A.K", ".k"], &["a/b.k", "a.kk"]),
            ("a/*", &["a/b", "A/b"], &["a", "a/b/c", "b/a"]),
            ("**", &["a", "a/b/c"], &[]),
            ("**/*.k", &["a.k", "x/a.k", "x/y/a.k"], &["a.kk", "x/a"]),
            ("a/**", &["a/b", "a/b/c"], &["a", "b/a/c"]),
            (
                "a/**/z",
                &["a/z", "a/b/z", "a/b/c/z"],
                &["a/zz", "z", "a/z/b"],
            ),
            (
                "**/b/**",
                &["b/x", "a/b/x", "a/b/c/x"],
                &["b", "a/b", "ab/x"],
            ),
            ("a*c*e", &["ace", "abcde", "acce"], &["abcd", "ac/e"]),
            ("a**", &["a", "ab"], &["a/b"]),
            ("*/*", &["a/b"], &["a", "a/b/c"]),
        ];
        for (pattern, matched, others) in cases {
            let pattern = Pattern::parse(pattern).unwrap();
            for path in matched {
                assert!(pattern.is_match(path), "{pattern:?} {path}");
            }
            for path in others {
                assert!(!pattern.is_match(path), "{pattern:?} {path}");
            }
        }
    }
}
