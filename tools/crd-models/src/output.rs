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

/// A folder to write.
#[derive(Debug)]
pub struct Folder<'a> {
    /// Where it shall be.
    pub path: &'a Path,
    /// All that shall be in it.
    pub files: Files,
}

/// Writes all of the folders, or none if one of them cannot be. What an earlier
/// run wrote there is replaced; a folder with anything else in it is left alone.
///
/// # Errors
/// If a folder holds something else or cannot be written.
pub fn write_folders(folders: &[Folder<'_>]) -> Result<(), WriteError> {
    let staged: Result<Vec<Staged>, WriteError> = folders.iter().map(Staged::new).collect();
    for (staged, folder) in staged?.iter().zip(folders) {
        staged.put(folder.path)?;
    }
    Ok(())
}

/// A folder that is complete, beside its place.
struct Staged {
    folder: tempfile::TempDir,
}

impl Staged {
    fn new(folder: &Folder<'_>) -> Result<Self, WriteError> {
        let target = folder.path;
        let parent = match target.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        reject_strangers(target, &folder.files)?;
        std::fs::create_dir_all(parent).map_err(io(parent))?;
        let staging = tempfile::Builder::new()
            .prefix(".crd-models-")
            .tempdir_in(parent)
            .map_err(io(target))?;
        let new = staging.path().join("new");
        std::fs::create_dir(&new).map_err(io(target))?;
        for (name, text) in &folder.files {
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
        Ok(Self { folder: staging })
    }

    fn put(&self, target: &Path) -> Result<(), WriteError> {
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
