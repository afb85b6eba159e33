//! From artifacts to what they hold: digests for keys, files for staging.

use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;

use build_graph::{ActionGraph, ActionId, Artifact};
use serde::{Deserialize, Serialize};
use store::{Content, Digest, FileDigests, Store, TreeItem};

use crate::FailureKind;
use crate::sources::{Source, Sources};

/// Why an action cannot go on.
#[derive(Debug)]
pub(crate) enum Problem {
    /// It failed.
    Failed(FailureKind),
    /// The store has lost what this action made, so that has to run again first.
    Lost(ActionId),
}

impl From<FailureKind> for Problem {
    fn from(kind: FailureKind) -> Problem {
        Problem::Failed(kind)
    }
}

/// A file larger than this is mounted into a sandbox rather than copied.
pub(crate) const LARGE: u64 = 64 * 1024;

/// Something to put at a path of an action's project root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Staged {
    /// Path below the project root.
    pub(crate) path: String,
    /// What goes there.
    pub(crate) item: StagedItem,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StagedItem {
    Directory,
    Symlink(String),
    File {
        /// A file with the right bytes.
        host: PathBuf,
        executable: bool,
        size: u64,
    },
}

/// What the artifacts of one build hold, as far as that is known.
pub(crate) struct Artifacts<'a> {
    pub(crate) graph: &'a ActionGraph,
    pub(crate) sources: &'a Sources,
    /// The outputs of each action that is done.
    pub(crate) results: &'a [OnceLock<Vec<Content>>],
    pub(crate) store: &'a Store,
    pub(crate) files: &'a FileDigests,
}

impl Artifacts<'_> {
    /// What an artifact holds; its action is done.
    pub(crate) fn content(&self, artifact: &Artifact) -> Result<Content, Problem> {
        match artifact {
            Artifact::Source { path } => Ok(self.source(path)?.content),
            Artifact::Built { path, action } => self.built(path, *action),
        }
    }

    pub(crate) fn source(&self, path: &str) -> Result<&Source, FailureKind> {
        match self.sources.get(path) {
            Some(Ok(source)) => Ok(source),
            Some(Err(kind)) => Err(kind.clone()),
            None => Err(FailureKind::MissingSource {
                path: path.to_owned(),
            }),
        }
    }

    fn built(&self, path: &str, id: ActionId) -> Result<Content, Problem> {
        let outputs = &self.graph.action(id).outputs;
        let results = self.results[id.0].get().map_or(&[][..], Vec::as_slice);
        for (output, content) in outputs.iter().zip(results) {
            if *output.path == *path {
                return Ok(*content);
            }
            let inner = path.strip_prefix(&*output.path);
            if let (Some(inner), Content::Directory { digest }) =
                (inner.and_then(|rest| rest.strip_prefix('/')), content)
            {
                return self.inside(path, inner, *digest, id);
            }
        }
        Err(FailureKind::Setup(format!("no action makes the input `{path}`")).into())
    }

    /// What stands at `inner` of an output directory.
    fn inside(
        &self,
        path: &str,
        inner: &str,
        root: Digest,
        id: ActionId,
    ) -> Result<Content, Problem> {
        let mut content = Content::Directory { digest: root };
        for name in inner.split('/') {
            let Content::Directory { digest } = content else {
                return Err(missing_inside(path).into());
            };
            let directory = self.store.directory(digest, self.files);
            let directory = directory.map_err(|error| store_failed(&error))?;
            let directory = directory.ok_or(Problem::Lost(id))?;
            let file = directory.files.iter().find(|node| node.name == name);
            let folder = directory.directories.iter().find(|node| node.name == name);
            content = match (file, folder) {
                (Some(node), _) => Content::File {
                    digest: node.digest,
                    executable: node.executable,
                },
                (None, Some(node)) => Content::Directory {
                    digest: node.digest,
                },
                (None, None) => return Err(missing_inside(path).into()),
            };
        }
        Ok(content)
    }

    /// What to stage so that an action finds this artifact at its path.
    pub(crate) fn stage(&self, artifact: &Artifact) -> Result<Vec<Staged>, Problem> {
        match artifact {
            Artifact::Source { path } => Ok(stage_source(path, self.source(path)?)),
            Artifact::Built { path, action } => {
                let content = self.content(artifact)?;
                self.stage_built(path, content)?
                    .ok_or(Problem::Lost(*action))
            }
        }
    }

    fn stage_built(&self, path: &str, content: Content) -> Result<Option<Vec<Staged>>, Problem> {
        let staged = |path: String, item| Staged { path, item };
        match content {
            Content::File { digest, executable } => {
                let item = self.stage_blob(digest, executable)?;
                Ok(item.map(|item| vec![staged(path.to_owned(), item)]))
            }
            Content::Directory { digest } => {
                let items = self.store.tree(digest, self.files);
                let Some(items) = items.map_err(|error| store_failed(&error))? else {
                    return Ok(None);
                };
                let mut all = vec![staged(path.to_owned(), StagedItem::Directory)];
                for (inner, item) in items {
                    let item = match item {
                        TreeItem::Directory => Some(StagedItem::Directory),
                        TreeItem::Symlink(target) => Some(StagedItem::Symlink(target)),
                        TreeItem::File { digest, executable } => {
                            self.stage_blob(digest, executable)?
                        }
                    };
                    let Some(item) = item else { return Ok(None) };
                    all.push(staged(format!("{path}/{inner}"), item));
                }
                Ok(Some(all))
            }
        }
    }

    fn stage_blob(&self, digest: Digest, executable: bool) -> Result<Option<StagedItem>, Problem> {
        let host = if digest.size > LARGE {
            self.store.blob(digest, executable, self.files)
        } else {
            self.store.any_blob(digest, executable, self.files)
        };
        let host = host.map_err(|error| store_failed(&error))?;
        Ok(host.map(|host| StagedItem::File {
            host,
            executable,
            size: digest.size,
        }))
    }
}

fn stage_source(path: &str, source: &Source) -> Vec<Staged> {
    let mut all = Vec::with_capacity(source.files.len() + source.folders.len() + 1);
    if matches!(source.content, Content::Directory { .. }) {
        all.push(Staged {
            path: path.to_owned(),
            item: StagedItem::Directory,
        });
    }
    all.extend(source.folders.iter().map(|folder| Staged {
        path: format!("{path}/{folder}"),
        item: StagedItem::Directory,
    }));
    all.extend(source.files.iter().map(|file| Staged {
        path: if file.path.is_empty() {
            path.to_owned()
        } else {
            format!("{path}/{}", file.path)
        },
        item: StagedItem::File {
            host: file.host.clone(),
            executable: file.state.executable,
            size: file.state.digest.size,
        },
    }));
    all
}

fn missing_inside(path: &str) -> FailureKind {
    FailureKind::Setup(format!(
        "the input `{path}` is not in the directory that its action made"
    ))
}

pub(crate) fn store_failed(error: &io::Error) -> FailureKind {
    FailureKind::setup("the cache", error)
}
