//! Actions and the files that go in and out of them.

use std::fmt;
use std::sync::Arc;

use crate::TargetLabel;

/// An index into [`ActionGraph::actions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActionId(pub usize);

/// Whether an output is one file or a tree of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputKind {
    /// One regular file.
    File,
    /// A directory, as `declare_output(…, dir = True)` declares it.
    Directory,
}

/// A file or folder that an action reads; every path is relative to the project root, with `/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Artifact {
    /// A file or folder of the repository.
    Source {
        /// Path below the project root.
        path: Arc<str>,
    },
    /// What an action makes.
    Built {
        /// Path below the project root, in `buck-out`.
        path: Arc<str>,
        /// The action that makes it.
        action: ActionId,
    },
}

impl Artifact {
    /// The path below the project root.
    pub fn path(&self) -> &Arc<str> {
        match self {
            Artifact::Source { path } | Artifact::Built { path, .. } => path,
        }
    }
}

/// An output that an action has to make.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Output {
    /// Path below the project root, in `buck-out`.
    pub path: Arc<str>,
    /// File or directory.
    pub kind: OutputKind,
}

/// A command to run with the project root as its working folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunAction {
    /// The program, then its arguments. A program without `/` is looked up on the host's PATH.
    pub argv: Vec<String>,
    /// Variables set for it, sorted by name.
    pub env: Vec<(String, String)>,
}

/// What an action does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionKind {
    /// Runs a command.
    Run(RunAction),
    /// Writes bytes that the analysis already knows.
    Write {
        /// The file's content.
        content: Vec<u8>,
        /// Whether the file gets the executable bit.
        executable: bool,
    },
    /// Copies one file or folder to the only output.
    Copy(Artifact),
    /// Makes the only output, a directory, of files and folders at the given relative paths.
    CopiedDir(Vec<(String, Artifact)>),
}

/// One step of the build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The target whose rule made it.
    pub owner: TargetLabel,
    /// What sort of work it is, such as `kcl_render`; snake case.
    pub category: String,
    /// Tells actions of one category in one target apart.
    pub identifier: Option<String>,
    /// Everything it may read, without repetition, sorted by path.
    pub inputs: Vec<Artifact>,
    /// Everything it has to make, in the order of declaration.
    pub outputs: Vec<Output>,
    /// The work.
    pub kind: ActionKind,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.owner, self.category)?;
        if let Some(identifier) = &self.identifier {
            write!(f, " {identifier}")?;
        }
        f.write_str(")")
    }
}

/// Every action that analysis made; an artifact names the one that makes it by index.
///
/// An action stands after those that it needs, so the order is one that could be run.
#[derive(Debug, Default)]
pub struct ActionGraph {
    /// The actions.
    pub actions: Vec<Action>,
}

impl ActionGraph {
    /// The action with this index.
    ///
    /// # Panics
    /// If `id` is of another graph.
    pub fn action(&self, id: ActionId) -> &Action {
        &self.actions[id.0]
    }

    /// `roots` and every action that they need, in the order of the graph.
    pub fn closure(&self, roots: impl IntoIterator<Item = ActionId>) -> Vec<ActionId> {
        let mut needed = vec![false; self.actions.len()];
        let mut open: Vec<ActionId> = roots.into_iter().collect();
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut needed[id.0], true) {
                continue;
            }
            open.extend(
                self.action(id)
                    .inputs
                    .iter()
                    .filter_map(|input| match input {
                        Artifact::Built { action, .. } => Some(*action),
                        Artifact::Source { .. } => None,
                    }),
            );
        }
        (0..needed.len())
            .filter(|index| needed[*index])
            .map(ActionId)
            .collect()
    }
}
