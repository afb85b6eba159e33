//! The build graph: labels, artifacts and the actions that make them.
//!
//! Plain data between the language front end, which writes it, and the executor, which runs it.
//! Nothing here knows of Starlark, of a store or of a process.

mod artifact;
mod label;

pub use artifact::{
    Action, ActionGraph, ActionId, ActionKind, Artifact, Output, OutputKind, RunAction,
};
pub use label::{LabelError, TargetLabel, TargetPattern};
