//! What a build tells while it runs, and when it is done.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use build_graph::{Action, ActionId};
use store::{Content, StoreError};

use crate::remedy::when_unusable;
use crate::{ActionFailure, Capabilities};

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// Its outputs were known.
    Cached,
    /// It ran and made its outputs.
    Executed,
    /// It ran, or could not, and its outputs are missing.
    Failed,
}

/// Something that happened during a build.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Another build in the same checkout is running; this one waits for it.
    Waiting,
    /// This machine gives a weaker sandbox than it should, so results go into a cache of the
    /// checkout's own; sent once, when the first command has to run.
    WeakSandbox(Capabilities),
    /// So many actions are needed; sent once, first.
    Planned {
        /// How many.
        actions: usize,
    },
    /// An action that is not in the cache starts.
    Started {
        /// Which one.
        id: ActionId,
        /// The action; its `Display` is for users.
        action: &'a Action,
    },
    /// An action is done; sent at most once an action.
    Finished {
        /// Which one.
        id: ActionId,
        /// The action.
        action: &'a Action,
        /// How it ended.
        finish: Finish,
        /// How long it took.
        time: Duration,
        /// What it printed, its end if that was much; empty if it did not run.
        output: &'a str,
    },
}

/// Whoever shows the progress of a build; called from several threads.
pub trait Progress: Sync {
    /// Something happened.
    fn event(&self, event: Event<'_>);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _event: Event<'_>) {}
}

/// How a build ended.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// How many actions ran and succeeded.
    pub executed: usize,
    /// How many actions the cache knew.
    pub cached: usize,
    /// Every output of every action that is done, by its path below the project root.
    pub outputs: BTreeMap<Arc<str>, Content>,
    /// What failed, in the order of the graph.
    pub failures: Vec<ActionFailure>,
    /// The actions that did not run because of a failure or a cancellation, in the order of the graph.
    pub not_run: Vec<ActionId>,
    /// Whether the build was stopped by [`crate::Cancel`].
    pub cancelled: bool,
}

impl Outcome {
    /// Whether everything that was wanted is there.
    pub fn is_success(&self) -> bool {
        self.failures.is_empty() && self.not_run.is_empty() && !self.cancelled
    }
}

const ANOTHER_CACHE: &str = "HERMETIC_CACHE names another cache folder";

/// What to do, on a line of its own, where the error tells.
fn hint(error: &impl ToString) -> String {
    let remedy = when_unusable(&error.to_string());
    remedy.map_or(String::new(), |remedy| format!("\n  hint: {remedy}"))
}

/// The build could not be carried out at all.
#[derive(Debug, thiserror::Error)]
pub enum ExecutorError {
    /// The cache folder cannot be used.
    #[error("{source}\n  hint: {}", when_unusable(&.source.to_string()).unwrap_or(ANOTHER_CACHE))]
    Store {
        /// Which, and why.
        #[from]
        source: StoreError,
    },
    /// Something in the checkout's output folder cannot be written.
    #[error("{path} cannot be written: {source}{}", hint(.source))]
    Output {
        /// Path below the project root, or of a file of the engine's.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The sandbox cannot be tried.
    #[error("what sandbox this machine gives cannot be tried: {source}{}", hint(.source))]
    Probe {
        /// Why.
        source: std::io::Error,
    },
    /// The project root is not there.
    #[error("the project root {path} cannot be read: {source}")]
    Root {
        /// The folder.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Outputs vanish from the store as fast as they are made.
    #[error(
        "the cache lost the outputs of {0} again and again while they were in use; is something else \
         removing files from it?"
    )]
    Unstable(String),
}
