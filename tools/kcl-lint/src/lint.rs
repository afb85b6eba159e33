//! What KCL's resolver and linter find.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use diagnostics::{Diagnostic, Severity};
use kcl_engine::{Engine, EngineError, Package, Program, shown_path};

/// What is found in the files. The files of a folder are one package, or
/// entries that stand alone: a file is judged by the reading with fewer errors.
pub(crate) fn check(
    engine: &Engine,
    root: &Path,
    packages: &[Package],
    files: &[PathBuf],
) -> Result<Vec<Diagnostic>, EngineError> {
    let mut folders: BTreeMap<&Path, Vec<&PathBuf>> = BTreeMap::new();
    for file in files {
        folders
            .entry(file.parent().unwrap_or(Path::new("")))
            .or_default()
            .push(file);
    }
    let compile = |files: &[&PathBuf]| {
        let program = Program::new(root, files.iter().copied());
        engine.check(&Program {
            packages: packages.to_vec(),
            ..program
        })
    };
    let mut found = Vec::new();
    for files in folders.values() {
        let together = compile(files)?;
        for file in files {
            let name = shown_path(root, file);
            let package = of_file(&together, &name);
            let entry = match errors(&together) {
                0 => None,
                _ => Some(of_file(&compile(&[file])?, &name)),
            };
            let entry = entry.filter(|entry| errors(entry) <= errors(&package));
            found.extend(entry.unwrap_or(package));
        }
    }
    Ok(found)
}

fn errors(found: &[Diagnostic]) -> usize {
    found
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .count()
}

/// The diagnostics in one file; those of imported packages are theirs.
fn of_file(found: &[Diagnostic], name: &str) -> Vec<Diagnostic> {
    let in_file = |diagnostic: &&Diagnostic| {
        diagnostic
            .place
            .as_ref()
            .is_some_and(|place| place.file == name)
    };
    found.iter().filter(in_file).cloned().collect()
}
