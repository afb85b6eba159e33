//! Folders that appear whole: written beside their place, then renamed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Texts by their path below the folder, with `/`.
pub type Files = BTreeMap<String, String>;

/// Why a folder could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The system says no.
    #[error("{}: cannot be written: {source}", path.display())]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The folder has files that are not ours.
    #[error("{} holds {}, which crd-models did not write; name a new folder, or remove it", path.display(), stranger.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// What is in it.
        stranger: PathBuf,
    },
}

/// Writes `files` as the folder `target`. What an earlier run wrote there is
/// replaced; a folder with anything else in it is left alone.
///
/// # Errors
/// If the folder holds something else or cannot be written.
pub fn write_folder(target: &Path, files: &Files) -> Result<(), WriteError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| WriteError::Io { path, source }
    };
    let parent = match target.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    reject_strangers(target, files)?;
    std::fs::create_dir_all(parent).map_err(io(parent))?;
    let staging = tempfile::Builder::new()
        .prefix(".crd-models-")
        .tempdir_in(parent)
        .map_err(io(target))?;
    let new = staging.path().join("new");
    for (name, text) in files {
        let path = new.join(name);
        let folder = path.parent().unwrap_or(&new);
        std::fs::create_dir_all(folder).map_err(io(target))?;
        std::fs::write(&path, text).map_err(io(&target.join(name)))?;
    }
    if target.exists() {
        std::fs::rename(target, staging.path().join("old")).map_err(io(target))?;
    }
    std::fs::rename(&new, target).map_err(io(target))
}

/// Files of another extension than we write are not ours.
fn reject_strangers(target: &Path, files: &Files) -> Result<(), WriteError> {
    let mut folders = vec![target.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if !is_ours(&path, files) {
                let stranger = path.strip_prefix(target).unwrap_or(&path).to_owned();
                return Err(WriteError::Occupied {
                    path: target.to_owned(),
                    stranger,
                });
            }
        }
    }
    Ok(())
}

fn is_ours(path: &Path, files: &Files) -> bool {
    let extension = path.extension();
    let written = |name: &String| Path::new(name).extension() == extension;
    extension.is_some_and(|extension| extension == "pyc")
        || (extension.is_some() && files.keys().any(written))
}
