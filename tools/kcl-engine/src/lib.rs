//! Runs KCL programs with libkcl, each in a worker process with limits.
//!
//! KCL programs may recurse without end, allocate without bound or crash the
//! evaluator, so no program runs in the caller's process: the caller's own
//! executable is started again as a worker, with an empty environment, a large
//! stack and limits of time, memory and output. What goes wrong there is an
//! [`EngineError`] of that one run.
//!
//! libkcl is the library out of KCL's Python wheel, or one that was built from
//! KCL's sources as it is. The latter (0.12.4 was tried) takes a declared package
//! only if its folder has a kcl.mod, and words some errors otherwise.
//!
//! A program that uses this library calls [`worker_main_if_requested`] first
//! thing in `main`:
//!
//! ```no_run
//! use kcl_engine::{Engine, Program};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     kcl_engine::worker_main_if_requested();
//!     let engine = Engine::locate(None)?;
//!     let output = engine.run(&Program::new(".", ["main.k"]))?;
//!     println!("{}", output.json);
//!     Ok(())
//! }
//! ```
//!
//! What does not live here: what the tools do with a result, its YAML, and the
//! semantics of function-kcl.

mod binding;
pub mod cli;
mod copies;
mod dependencies;
mod diagnostic;
mod engine;
mod error;
mod frame;
mod limits;
mod paths;
mod process;
mod program;
mod reach;
mod spec;
mod syntax;
mod template;
mod worker;

pub use dependencies::Dependency;
pub use engine::{Engine, LIBRARY_VARIABLE, shown_path};
pub use error::{EngineError, Failure, ProgramError};
pub use limits::Limits;
pub use program::{Argument, Output, Package, Program, Source};
pub use syntax::Definition;
pub use template::Template;
pub use worker::worker_main_if_requested;
