//! Test reports: what ran, what it said, in a form that gives the same bytes
//! for the same verdicts. No durations, no times, no absolute paths.
//!
//! - [`Report`], [`Case`], [`Status`]: the report, as JSON and as JUnit XML
//! - [`libtest`]: runs a Rust test binary and reads its output
//! - [`testing`]: what tests need to find the binaries beside them

mod junit;
pub mod libtest;
mod report;
pub mod testing;
mod write;

pub use report::{Case, Counts, Report, ReportError, SCHEMA, Status};
pub use write::write_whole;
