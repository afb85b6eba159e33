//! Test reports: what ran, what it said, in a form that gives the same bytes
//! for the same verdicts. No durations, no times, no absolute paths.
//!
//! - [`Report`], [`Case`], [`Status`]: the report, as JSON and as JUnit XML
//! - [`ReportArgs`]: the options of a tool that makes one
//! - [`libtest`]: runs a Rust test binary and reads its output
//! - [`testing`]: what tests need to find the binaries beside them

mod arguments;
mod junit;
pub mod libtest;
mod report;
pub mod testing;
mod write;

pub use arguments::ReportArgs;
pub use report::{Case, Counts, Report, ReportError, SCHEMA, Status};
pub use write::write_whole;
