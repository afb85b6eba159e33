//! Folders that appear whole: written beside their place, then renamed.

use std::collections::BTreeMap;
use std::convert::Infallible;
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

/// Where texts are until it is known which file each becomes. Names of files
/// hang together with those of all kinds, texts are made of one kind at a time.
pub trait Store {
    /// A text that is kept.
    type Text;
    /// Why a text is not kept.
    type Error;

    /// Keeps a text.
    ///
    /// # Errors
    /// If it cannot be kept.
    fn keep(&mut self, text: String) -> Result<Self::Text, Self::Error>;

    /// A text that is kept, to make another one of it.
    ///
    /// # Errors
    /// If it cannot be read.
    fn read(&self, text: Self::Text) -> Result<String, Self::Error>;
}

/// Keeps texts as they are.
#[derive(Debug, Default)]
pub struct Memory;

impl Store for Memory {
    type Text = String;
    type Error = Infallible;

    fn keep(&mut self, text: String) -> Result<String, Infallible> {
        Ok(text)
    }

    fn read(&self, text: String) -> Result<String, Infallible> {
        Ok(text)
    }
}

/// A folder beside its place, with texts that may become its files, then with
/// its files. What is not put in its place is removed.
pub struct Staged<'a> {
    target: &'a Path,
    folder: tempfile::TempDir,
    count: usize,
}

/// A text in a staged folder.
#[derive(Debug)]
pub struct Draft(usize);

impl Store for Staged<'_> {
    type Text = Draft;
    type Error = WriteError;

    fn keep(&mut self, text: String) -> Result<Draft, WriteError> {
        let draft = Draft(self.count);
        self.count += 1;
        std::fs::write(self.path(&draft), text).map_err(io(self.target))?;
        Ok(draft)
    }

    fn read(&self, text: Draft) -> Result<String, WriteError> {
        std::fs::read_to_string(self.path(&text)).map_err(io(self.target))
    }
}

impl<'a> Staged<'a> {
    /// An empty folder. Until it is put in its place nothing else is made, not
    /// even the folders above.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new(target: &'a Path) -> Result<Self, WriteError> {
        let here = Path::new(".");
        let above = target.ancestors().skip(1);
        let there = above.map(|above| if above == Path::new("") { here } else { above });
        let parent = there.into_iter().find(|above| above.is_dir());
        let folder = tempfile::Builder::new()
            .prefix(".crd-models-")
            .tempdir_in(parent.unwrap_or(here))
            .map_err(io(target))?;
        for part in [DRAFTS, NEW] {
            std::fs::create_dir(folder.path().join(part)).map_err(io(target))?;
        }
        Ok(Self {
            target,
            folder,
            count: 0,
        })
    }

    /// A folder with these files.
    ///
    /// # Errors
    /// As [`Staged::new`] and [`Staged::fill`].
    pub fn with(target: &'a Path, files: Files) -> Result<Self, WriteError> {
        let mut staged = Self::new(target)?;
        let mut drafts = BTreeMap::new();
        for (name, text) in files {
            drafts.insert(name, staged.keep(text)?);
        }
        staged.fill(&drafts)?;
        Ok(staged)
    }

    /// Makes texts the files of the folder, by their path in it.
    ///
    /// # Errors
    /// If there is something in its place that is not ours, or it cannot be written.
    pub fn fill(&self, files: &BTreeMap<String, Draft>) -> Result<(), WriteError> {
        let target = self.target;
        reject_strangers(target, files)?;
        let new = self.folder.path().join(NEW);
        let mut made = new.clone();
        for (name, draft) in files {
            if !stays_inside(name) {
                return Err(WriteError::Outside {
                    path: target.to_owned(),
                    name: name.clone(),
                });
            }
            let path = new.join(name);
            let below = path.parent().unwrap_or(&new);
            if below != made {
                std::fs::create_dir_all(below).map_err(io(target))?;
                below.clone_into(&mut made);
            }
            std::fs::rename(self.path(draft), &path).map_err(io(&target.join(name)))?;
        }
        Ok(())
    }

    fn path(&self, draft: &Draft) -> PathBuf {
        self.folder.path().join(DRAFTS).join(draft.0.to_string())
    }

    /// Puts the folder in its place, instead of what an earlier run wrote there.
    ///
    /// # Errors
    /// If it cannot be renamed.
    pub fn put(&self) -> Result<(), WriteError> {
        let target = self.target;
        if let Some(parent) = target.parent().filter(|parent| *parent != Path::new("")) {
            std::fs::create_dir_all(parent).map_err(io(parent))?;
        }
        if target.exists() {
            std::fs::rename(target, self.folder.path().join("old")).map_err(io(target))?;
        }
        std::fs::rename(self.folder.path().join(NEW), target).map_err(io(target))
    }
}

/// In a staging folder: the texts, and what will be the folder.
const DRAFTS: &str = "drafts";
const NEW: &str = "new";

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
fn reject_strangers<T>(target: &Path, files: &BTreeMap<String, T>) -> Result<(), WriteError> {
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

fn is_ours<T>(path: &Path, files: &BTreeMap<String, T>) -> bool {
    let extension = path.extension();
    let written = |name: &String| Path::new(name).extension() == extension;
    extension.is_some_and(|extension| extension == "pyc")
        || (extension.is_some() && files.keys().any(written))
}
