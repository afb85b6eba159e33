//! `kcl-lint`: checks the layout of KCL files and what KCL's own linter says
//! about them. How KCL is run does not live here (see the crate `kcl-engine`).

mod diff;
mod layout;
mod lint;
mod sources;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use diagnostics::{Diagnostic, Exit};
use kcl_engine::cli::{EngineArgs, Failed, Format};

/// Check the layout of KCL files, and what KCL's linter finds in them.
///
/// Found are layout that differs from KCL's own, unused and repeated imports,
/// and whatever does not compile. A file counts as right if it compiles alone
/// or together with the other files of its folder.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Example:
  kcl-lint gateway --root gateway --package frp_kcl=build/frp_kcl
  kcl-lint --format gateway/main.k

Exit codes: 0 nothing found, 1 something found, 2 wrong usage, 3 bad input."
)]
struct Cli {
    /// KCL files, or folders to search for them; below --root (or relative to here and below it)
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Check the layout only
    #[arg(long)]
    format_check: bool,
    /// Rewrite the files in KCL's layout, and check nothing
    #[arg(long, conflicts_with = "format_check")]
    format: bool,
    /// Folder that imports and messages are relative to
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// How to report what is found
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    diagnostics: Format,
    #[command(flatten)]
    engine: EngineArgs,
}

fn main() -> ExitCode {
    kcl_engine::worker_main_if_requested();
    let cli = Cli::parse();
    match run(&cli) {
        Ok(exit) => exit.into(),
        Err(failed) => {
            eprint!("{}", cli.diagnostics.render(&failed.diagnostics));
            failed.exit.into()
        }
    }
}

fn run(cli: &Cli) -> Result<Exit, Failed> {
    let engine = cli.engine.engine()?;
    let files = sources::find(&cli.root, &cli.paths)?;
    if cli.format {
        for file in &files {
            layout::rewrite(&engine, &cli.root, file)?;
        }
        return Ok(Exit::Done);
    }
    let mut found = Vec::new();
    for file in &files {
        found.extend(layout::check(&engine, &cli.root, file)?);
    }
    if !cli.format_check {
        found.extend(lint::check(
            &engine,
            &cli.root,
            &cli.engine.packages,
            &files,
        )?);
    }
    Diagnostic::sort(&mut found);
    print!("{}", cli.diagnostics.render(&found));
    Ok(if found.is_empty() {
        Exit::Done
    } else {
        Exit::CheckFailed
    })
}
