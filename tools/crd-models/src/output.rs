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
    /// A name that leads out of the folder, or is none.
    #[error("{}: {name:?} is no name for a file in it", path.display())]
    Outside {
        /// The folder.
        path: PathBuf,
        /// The name.
        name: String,
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

/// A folder that is complete, beside its place. What is staged and not put there
/// is removed.
pub struct Staged<'a> {
    target: &'a Path,
    folder: tempfile::TempDir,
}

impl<'a> Staged<'a> {
    /// Writes all that shall be in the folder.
    ///
    /// # Errors
    /// If there is something in its place that is not ours, or it cannot be written.
    pub fn new(target: &'a Path, files: &Files) -> Result<Self, WriteError> {
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
        std::fs::create_dir(&new).map_err(io(target))?;
        for (name, text) in files {
            if !stays_inside(name) {
                return Err(WriteError::Outside {
                    path: target.to_owned(),
                    name: name.clone(),
                });
            }
            let path = new.join(name);
            let below = path.parent().unwrap_or(&new);
            std::fs::create_dir_all(below).map_err(io(target))?;
            std::fs::write(&path, text).map_err(io(&target.join(name)))?;
        }
        Ok(Self {
            target,
            folder: staging,
        })
    }

    /// Puts the folder in its place, instead of what an earlier run wrote there.
    ///
    /// # Errors
    /// If it cannot be renamed.
    pub fn put(&self) -> Result<(), WriteError> {
        let target = self.target;
        if target.exists() {
            std::fs::rename(target, self.folder.path().join("old")).map_err(io(target))?;
        }
        std::fs::rename(self.folder.path().join("new"), target).map_err(io(target))
    }
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError::Io {
        path: path.clone(),
        source,
    }
}

/// Whether a name with `/` names a file below the folder.
fn stays_inside(name: &str) -> bool {
    name.split('/')
        .all(|part| !part.is_empty() && part != "." && part != ".." && !part.contains('\0'))
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
