//! The actions that need no command: writing, copying, laying out a directory.

use build_graph::{Action, ActionKind, Artifact, OutputKind};
use store::{Content, Tree, TreeItem};

use crate::FailureKind;
use crate::inputs::{Artifacts, Problem, store_failed};

/// Carries out an action that runs no command; `None` if it runs one.
pub(crate) fn run_local(
    action: &Action,
    artifacts: &Artifacts<'_>,
) -> Result<Option<Vec<Content>>, Problem> {
    let content = match &action.kind {
        ActionKind::Run(_) => return Ok(None),
        ActionKind::Write {
            content,
            executable,
        } => {
            let put = artifacts.store.put(content, *executable, artifacts.files);
            Content::File {
                digest: put.map_err(|error| store_failed(&error))?,
                executable: *executable,
            }
        }
        ActionKind::Copy(artifact) => import(artifacts, artifact)?,
        ActionKind::CopiedDir(entries) => copied_directory(artifacts, entries)?,
    };
    check_single(action, content)?;
    Ok(Some(vec![content]))
}

fn copied_directory(
    artifacts: &Artifacts<'_>,
    entries: &[(String, Artifact)],
) -> Result<Content, Problem> {
    let mut tree = Tree::default();
    for (path, artifact) in entries {
        let content = import(artifacts, artifact)?;
        let inserted = tree.insert_content(path, content);
        inserted.map_err(|error| FailureKind::Setup(error.to_string()))?;
    }
    let digest = artifacts.store.put_tree(&tree, artifacts.files);
    Ok(Content::Directory {
        digest: digest.map_err(|error| store_failed(&error))?,
    })
}

/// What an artifact holds; its bytes are in the store afterwards.
fn import(artifacts: &Artifacts<'_>, artifact: &Artifact) -> Result<Content, Problem> {
    let Artifact::Source { path } = artifact else {
        // If the store has lost some of it, its own action has to run again, not this one.
        artifacts.stage(artifact)?;
        return artifacts.content(artifact);
    };
    let source = artifacts.source(path)?;
    let mut tree = Tree::default();
    for folder in &source.folders {
        let inserted = tree.insert(folder, TreeItem::Directory);
        inserted.map_err(|error| FailureKind::Setup(error.to_string()))?;
    }
    let (store, files) = (artifacts.store, artifacts.files);
    for file in &source.files {
        let (digest, executable) = store
            .import(&file.host, files)
            .map_err(|error| FailureKind::setup(format!("reading `{path}`"), error))?;
        if file.path.is_empty() {
            return Ok(Content::File { digest, executable });
        }
        let inserted = tree.insert(&file.path, TreeItem::File { digest, executable });
        inserted.map_err(|error| FailureKind::Setup(error.to_string()))?;
    }
    let digest = store.put_tree(&tree, files);
    Ok(Content::Directory {
        digest: digest.map_err(|error| store_failed(&error))?,
    })
}

fn check_single(action: &Action, content: Content) -> Result<(), FailureKind> {
    let [output] = action.outputs.as_slice() else {
        return Err(FailureKind::Setup(format!(
            "it has {} outputs, and one is all it can make",
            action.outputs.len()
        )));
    };
    let (kind, found) = match content {
        Content::File { .. } => (OutputKind::File, "file"),
        Content::Directory { .. } => (OutputKind::Directory, "directory"),
    };
    if output.kind == kind {
        return Ok(());
    }
    Err(FailureKind::WrongKind {
        path: output.path.to_string(),
        declared: output.kind,
        found,
    })
}
