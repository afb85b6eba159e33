//! The source files and folders that a build reads, with their digests.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use store::{Content, FileDigests, FileState, Tree, TreeItem};

use crate::{FailureKind, parallel};

/// A source file, or every file of a source folder.
#[derive(Debug)]
pub(crate) struct Source {
    /// Its digest.
    pub(crate) content: Content,
    /// The folders in it, each after the one it is in; none of a file.
    pub(crate) folders: Vec<String>,
    /// The files.
    pub(crate) files: Vec<SourceFile>,
}

/// One file of a source.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Path below the source folder; empty if the source is this file.
    pub(crate) path: String,
    /// Where it is, links followed.
    pub(crate) host: PathBuf,
    /// As it was when its digest was taken.
    pub(crate) state: FileState,
}

impl Source {
    /// Whether every file is as it was when its digest was taken.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.files.iter().all(|file| {
            std::fs::metadata(&file.host).is_ok_and(|found| file.state.is_unchanged(&found))
        })
    }
}

/// The sources of a build by path.
pub(crate) type Sources = HashMap<Arc<str>, Result<Source, FailureKind>>;

/// Looks at every path below `root` (which is canonical), on several threads.
pub(crate) fn read_sources(
    root: &Path,
    paths: &[Arc<str>],
    threads: usize,
    files: &FileDigests,
) -> Sources {
    let reader = Reader {
        root,
        files,
        inside: Mutex::default(),
    };
    let found = parallel::map(threads, paths, |path| reader.source(path));
    paths.iter().cloned().zip(found).collect()
}

struct Reader<'a> {
    root: &'a Path,
    files: &'a FileDigests,
    /// Folders whose real place is known, and whether that is inside the project.
    inside: Mutex<HashMap<PathBuf, bool>>,
}

impl Reader<'_> {
    fn source(&self, path: &str) -> Result<Source, FailureKind> {
        let host = self.root.join(path);
        let (host, metadata) = self.resolve(path, &host)?;
        if metadata.is_file() {
            let state = self.files.settled(&host, &metadata);
            let state = state.map_err(|error| problem(path, &error))?;
            let content = Content::File {
                digest: state.digest,
                executable: state.executable,
            };
            let file = SourceFile {
                path: String::new(),
                host,
                state,
            };
            return Ok(Source {
                content,
                folders: Vec::new(),
                files: vec![file],
            });
        }
        if !metadata.is_dir() {
            return Err(bad(path, "it is neither a file nor a folder"));
        }
        self.folder(path, &host)
    }

    fn folder(&self, path: &str, host: &Path) -> Result<Source, FailureKind> {
        let mut source = Source {
            content: Content::Directory {
                digest: store::Digest::of(b""),
            },
            folders: Vec::new(),
            files: Vec::new(),
        };
        self.walk(path, host, "", &mut source)?;
        let mut tree = Tree::default();
        let clash = |error| bad(path, &format!("{error}"));
        for folder in &source.folders {
            tree.insert(folder, TreeItem::Directory).map_err(clash)?;
        }
        for file in &source.files {
            let item = TreeItem::File {
                digest: file.state.digest,
                executable: file.state.executable,
            };
            tree.insert(&file.path, item).map_err(clash)?;
        }
        source.content = Content::Directory {
            digest: tree.digest(),
        };
        Ok(source)
    }

    fn walk(
        &self,
        whole: &str,
        host: &Path,
        prefix: &str,
        source: &mut Source,
    ) -> Result<(), FailureKind> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(host).map_err(|error| problem(whole, &error))? {
            let entry = entry.map_err(|error| problem(whole, &error))?;
            let name = entry.file_name().into_string();
            names.push(name.map_err(|name| {
                bad(
                    whole,
                    &format!("the name `{}` in it is not UTF-8", name.display()),
                )
            })?);
        }
        names.sort();
        for name in names {
            let inner = format!("{prefix}{name}");
            let shown = format!("{whole}/{inner}");
            let (host, metadata) = self.resolve(&shown, &host.join(&name))?;
            if metadata.is_dir() {
                if host != self.root.join(&shown) {
                    return Err(bad(
                        &shown,
                        "it is a link to a folder; only links to files are followed in a source folder",
                    ));
                }
                source.folders.push(inner.clone());
                self.walk(whole, &host, &format!("{inner}/"), source)?;
            } else if metadata.is_file() {
                let state = self.files.settled(&host, &metadata);
                source.files.push(SourceFile {
                    path: inner,
                    state: state.map_err(|error| problem(&shown, &error))?,
                    host,
                });
            } else {
                return Err(bad(&shown, "it is neither a file nor a folder"));
            }
        }
        Ok(())
    }

    /// The file that `host` leads to, and its stat; an error if it is not in the project.
    fn resolve(&self, path: &str, host: &Path) -> Result<(PathBuf, Metadata), FailureKind> {
        let outside = || {
            bad(
                path,
                "it is behind a link that leads out of the project; copy the file into the project",
            )
        };
        let metadata = std::fs::symlink_metadata(host).map_err(|error| problem(path, &error))?;
        if metadata.is_symlink() {
            let target = std::fs::canonicalize(host).map_err(|error| problem(path, &error))?;
            if !target.starts_with(self.root) {
                return Err(outside());
            }
            let metadata = std::fs::symlink_metadata(&target);
            return Ok((target, metadata.map_err(|error| problem(path, &error))?));
        }
        let parent = host.parent().unwrap_or(self.root);
        match self.is_inside(parent).map_err(|e| problem(path, &e))? {
            true => Ok((host.to_owned(), metadata)),
            false => Err(outside()),
        }
    }

    fn is_inside(&self, folder: &Path) -> io::Result<bool> {
        let known = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(inside) = known.get(folder) {
            return Ok(*inside);
        }
        drop(known);
        let inside = std::fs::canonicalize(folder)?.starts_with(self.root);
        let mut known = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(folder.to_owned(), inside);
        Ok(inside)
    }
}

fn bad(path: &str, reason: &str) -> FailureKind {
    FailureKind::BadSource {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

fn problem(path: &str, error: &io::Error) -> FailureKind {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FailureKind::MissingSource {
            path: path.to_owned(),
        },
        _ => bad(path, &error.to_string()),
    }
}
