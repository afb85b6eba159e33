//! The options by which a testing tool is told where its report goes.

use crate::{Report, ReportError};
use clap::Args;
use diagnostics::Exit;
use std::path::PathBuf;

/// Options for the report; without any it is printed.
#[derive(Debug, Clone, Default, Args)]
pub struct ReportArgs {
    /// The suite's name in the report (default: the tool's own)
    #[arg(long, value_name = "NAME")]
    suite: Option<String>,
    /// Where the JSON report goes; what fails then exits 0, as the verdict is in the report
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Where the JUnit report goes
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

impl ReportArgs {
    /// The suite's name.
    pub fn suite<'a>(&'a self, own: &'a str) -> &'a str {
        self.suite.as_deref().unwrap_or(own)
    }

    /// Whether any file is asked for.
    pub fn wants_files(&self) -> bool {
        self.report.is_some() || self.junit.is_some()
    }

    /// Whether the JSON report is written, so that nothing need be printed.
    pub fn is_written(&self) -> bool {
        self.report.is_some()
    }

    /// Writes the files that are asked for.
    pub fn write(&self, report: &Report) -> Result<(), ReportError> {
        report.write(self.report.as_deref(), self.junit.as_deref())
    }

    /// How the tool ends.
    pub fn exit(&self, report: &Report) -> Exit {
        if report.is_success() || self.is_written() {
            Exit::Done
        } else {
            Exit::CheckFailed
        }
    }

    /// Writes the report or else prints it; gives how the tool ends.
    pub fn finish(&self, report: &Report) -> Result<Exit, ReportError> {
        self.write(report)?;
        if !self.is_written() {
            print!("{}", report.to_text());
        }
        Ok(self.exit(report))
    }
}
