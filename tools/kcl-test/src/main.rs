//! `kcl-test`: runs the lambdas `test_*` of the files `*_test.k`.
//!
//! KCL's own test command writes a file beside the sources and lets one test
//! take all others down; here the sources are only read, and a test that fails
//! or never ends does so in a process of its own (crate `kcl-engine`).

mod discover;
mod run;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use diagnostics::{Diagnostic, Exit};
use kcl_engine::cli::{EngineArgs, Failed, Format};
use test_report::{Report, ReportArgs};

/// Run the tests that are written in KCL.
///
/// A test is a lambda `test_*` at the top level of a file `*_test.k`; it fails
/// if it raises an error, such as a false `assert`. It sees the other files of
/// its folder, without their `_test.k` and `_`-prefixed ones, as `import`s need
/// no name within a package.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Example:
  kcl-test lib --root gateway --package frp_kcl=build/frp_kcl
  kcl-test gateway/lib/dns_test.k --root gateway --report report.json --junit junit.xml

Exit codes: 0 done (with --report even if tests failed), 1 a test failed,
2 wrong usage, 3 bad input (no tests, syntax errors)."
)]
struct Cli {
    /// Test files, or folders to search for them; below --root (or relative to here and below it)
    #[arg(required = true, value_name = "DIR-or-FILE")]
    paths: Vec<PathBuf>,
    /// Folder that imports, `file` and messages are relative to
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    #[command(flatten)]
    reporting: ReportArgs,
    /// How to report bad input
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    engine: EngineArgs,
}

fn main() -> ExitCode {
    kcl_engine::worker_main_if_requested();
    let cli = Cli::parse();
    match test(&cli) {
        Ok(exit) => exit.into(),
        Err(failed) => {
            eprint!("{}", cli.format.render(&failed.diagnostics));
            failed.exit.into()
        }
    }
}

fn test(cli: &Cli) -> Result<Exit, Failed> {
    let engine = cli.engine.engine()?;
    let packages = discover::packages(&cli.root, &cli.paths)?;
    let tests = discover::tests(&engine, &cli.root, &packages)?;
    let mut report = Report::new(cli.reporting.suite("kcl"));
    report.cases = run::all(&engine, &cli.root, &cli.engine.packages, &packages, &tests)?;
    let finished = cli.reporting.finish(&report);
    Ok(finished.map_err(|error| Diagnostic::error(error.to_string()))?)
}
