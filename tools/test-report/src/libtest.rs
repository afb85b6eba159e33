//! Runs a Rust test binary and reads its plain output into a [`Report`].
//!
//! Only the stable output is read (the JSON output is not stable): `test NAME
//! ... ok|FAILED|ignored[, REASON]`, the `---- NAME stdout ----` sections and
//! the `test result:` line.

mod parse;
mod run;

pub use parse::{Output, parse};
pub use run::{Run, RunError, run};
