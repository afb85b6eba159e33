//! Finds the KCL files to check.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use diagnostics::Diagnostic;
use kcl_engine::cli::below_root;

/// The KCL files at `paths`, relative to the root, sorted. Hidden folders are left out.
pub(crate) fn find(root: &Path, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Diagnostic> {
    let mut files = BTreeSet::new();
    for path in paths {
        let inner = below_root(root, path)?;
        let before = files.len();
        if root.join(&inner).is_dir() {
            search(root, &inner, &mut files).map_err(|error| unreadable(path, &error))?;
        } else {
            files.insert(inner);
            continue;
        }
        if files.len() == before {
            return Err(
                Diagnostic::error(format!("there is no KCL file in {}", path.display()))
                    .hint("name files or folders with *.k files"),
            );
        }
    }
    Ok(files.into_iter().collect())
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(format!("{} cannot be read: {error}", path.display()))
}

fn search(root: &Path, folder: &Path, files: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    let at = root.join(folder);
    for entry in fs::read_dir(if at == Path::new("") {
        Path::new(".")
    } else {
        &at
    })? {
        let entry = entry?;
        let name = entry.file_name();
        let inner = folder.join(&name);
        let hidden = name.to_string_lossy().starts_with('.');
        if fs::metadata(entry.path())?.is_dir() {
            if !hidden {
                search(root, &inner, files)?;
            }
        } else if inner.extension().is_some_and(|extension| extension == "k") {
            files.insert(inner);
        }
    }
    Ok(())
}
