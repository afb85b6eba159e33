//! What is wrong, where, and what to do about it: the one form in which every
//! tool reports. No tool's own knowledge lives here.
//!
//! - [`Diagnostic`]: a message with its place, the offending line and a hint
//! - [`render_text`] and [`render_json`]: for people and for machines
//! - [`Exit`]: the exit codes that all tools share
//! - [`suggest`]: the nearest of the names that would have been right

mod diagnostic;
mod exit;
mod render;
pub mod suggest;

pub use diagnostic::{Diagnostic, Place, Position, Severity};
pub use exit::Exit;
pub use render::{render_json, render_text};
