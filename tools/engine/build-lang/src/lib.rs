//! The language front end of the embedded engine: from `.buckconfig`, PACKAGE, BUCK and `.bzl`
//! files to a [`build_graph::ActionGraph`].
//!
//! It evaluates the strict subset of Buck2's build API that our rules use, with the interpreter
//! that is inside Buck2, and refuses anything else by name. It reads files and makes plain
//! data; it starts no process, writes nothing and knows of no store.
//!
//! The modules bear the language's own names:
//! [`config`] (`.buckconfig`), [`cells`], [`project`] (what there is to build, and analysis),
//! and, not public, `attrs`, `rule`, `provider`, `artifact`, `cmd_args`, `context`, `globals`.

#![allow(
    unsafe_code,
    reason = "the derives of the starlark crate expand to unsafe impls; none is written here"
)]

mod analysis;
mod artifact;
mod attrs;
pub mod cells;
mod cmd_args;
pub mod config;
mod configuration;
mod context;
mod error;
mod glob;
mod globals;
mod json;
mod label;
mod lint;
mod macros;
mod nodes;
mod package;
mod pattern;
pub mod project;
mod provider;
mod rule;
mod select;
mod unsupported;

pub use analysis::{TargetOutputs, TestSpec};
pub use error::{Error, Result};
pub use lint::{Finding, lint};
pub use nodes::Node;
pub use project::{Project, Requested};
