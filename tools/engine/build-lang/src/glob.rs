//! `glob()`: files of a package by pattern.

use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

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
    let wanted =
        |file: &&String| include.is_match(file.as_str()) && !exclude.is_match(file.as_str());
    Ok(files.iter().filter(wanted).cloned().collect())
}

fn patterns(texts: &[String]) -> starlark::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for text in texts {
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
        // As in Buck2: what has a star matches letters of either case, what has none only itself.
        let glob = GlobBuilder::new(text)
            .literal_separator(true)
            .case_insensitive(text.contains('*'))
            .build();
        match glob {
            Ok(glob) => set.add(glob),
            Err(error) => return raise(format!("glob pattern `{text}`: {}", error.kind())),
        };
    }
    set.build().or_else(|error| raise(format!("glob: {error}")))
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
        if path.is_dir() {
            if buck_file(&path).is_none() && !cells.is_ignored(cell, &project) {
                list(&path, &below, &project, cells, cell, into)?;
            }
        } else {
            into.push(below);
        }
    }
    Ok(())
}
