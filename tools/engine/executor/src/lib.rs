//! Runs the actions of a build graph: in dependency order, in parallel, each in a sandbox that holds
//! its declared inputs and nothing else, and only if the cache does not know the result.
//!
//! The executor knows actions and files. It knows nothing of Starlark, of targets' attributes or of
//! the command line.

mod cancel;
mod capabilities;
mod clean;
mod failure;
mod inputs;
mod janitor;
mod key;
mod local;
mod materialize;
mod options;
mod outcome;
mod outputs;
mod parallel;
mod privileges;
mod remedy;
mod run;
mod sandbox;
mod schedule;
mod sources;
mod spawn;

pub use cancel::Cancel;
pub use capabilities::{Capabilities, FileIsolation, NetworkIsolation, sandbox_capabilities};
pub use clean::clean;
pub use failure::{ActionFailure, FailureKind};
pub use options::{HostTools, Options};
pub use outcome::{Event, ExecutorError, Finish, Outcome, Progress, Silent};
pub use sandbox::{SANDBOX_ARGUMENT, enter_sandbox_if_asked, sandbox_main};
pub use schedule::Executor;
pub use store::{Content, Digest};
