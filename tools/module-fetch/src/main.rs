//! `module-fetch`: takes files out of a pinned Go module. The version stands in
//! go.mod, the hash in go.sum; Go downloads and checks. What the files mean
//! does not live here.

mod archive;
mod download;
mod pins;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use diagnostics::{Diagnostic, Exit, render_text};

use archive::{Patterns, Wanted};

/// Take files out of a Go module whose version and hash are pinned.
///
/// The files keep their paths below the module's root. Go itself adds a hash
/// that go.sum lacks; here a missing or different hash is an error.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Example:
  module-fetch --pins crds --module github.com/fluxcd/helm-controller \\
      --include 'config/crd/bases/*.yaml' --out helm_crds
  module-fetch --pins crds --module k8s.io/api --include go.mod --include '**/*.go' \\
      --exclude '**/*_test.go' --tar api.tar

Exit codes: 0 done, 2 wrong usage, 3 bad input (pins, hash, network, pattern)."
)]
struct Cli {
    /// Folder with go.mod and go.sum
    #[arg(long, value_name = "DIR")]
    pins: PathBuf,
    /// How messages call that folder, where it was made out of another one
    #[arg(long, value_name = "DIR")]
    pins_from: Option<PathBuf>,
    /// The module, without version
    #[arg(long, value_name = "MODULE")]
    module: String,
    /// Files to take, as globs from the module's root: `*` stays in a folder, `**` does not
    #[arg(long = "include", value_name = "GLOB", required = true)]
    include: Vec<String>,
    /// Files not to take, though they are included
    #[arg(long = "exclude", value_name = "GLOB")]
    exclude: Vec<String>,
    /// The folder to make
    #[arg(long, value_name = "DIR", required_unless_present = "tar")]
    out: Option<PathBuf>,
    /// One tar to make instead, for modules of many files
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    tar: Option<PathBuf>,
    /// A folder to keep downloads in (default: a temporary one)
    #[arg(long, value_name = "DIR")]
    module_cache: Option<PathBuf>,
    /// The go command
    #[arg(long, value_name = "FILE", default_value = "go")]
    go: PathBuf,
}

/// Why nothing was written: wrong usage, or bad input.
struct Failed {
    exit: Exit,
    diagnostic: Diagnostic,
}

impl From<Diagnostic> for Failed {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            exit: Exit::BadInput,
            diagnostic,
        }
    }
}

fn main() -> ExitCode {
    match fetch(&Cli::parse()) {
        Ok(()) => Exit::Done.into(),
        Err(failed) => {
            eprint!("{}", render_text(&failed.diagnostic));
            failed.exit.into()
        }
    }
}

fn fetch(cli: &Cli) -> Result<(), Failed> {
    let wanted = Wanted {
        include: patterns(&cli.include)?,
        exclude: patterns(&cli.exclude)?,
    };
    let pin = pins::read(
        &cli.pins,
        cli.pins_from.as_deref().unwrap_or(&cli.pins),
        &cli.module,
    )?;
    let request = download::Request {
        go: &cli.go,
        pin: &pin,
        cache: cli.module_cache.as_deref(),
    };
    let downloaded = download::module(&request)?;
    let taken = archive::files(&downloaded.zip, &pin.prefix(), &wanted)
        .map_err(|error| error.into_diagnostic(&pin.to_string()))?;
    if let Some(out) = &cli.out {
        let hint = "name a folder that does not exist yet, or an empty one";
        archive::write(out, &taken).map_err(|error| cannot_write(out, &error).hint(hint))?;
    }
    if let Some(tar) = &cli.tar {
        archive::write_tar(tar, taken).map_err(|error| cannot_write(tar, &error))?;
    }
    Ok(())
}

fn patterns(globs: &[String]) -> Result<Patterns, Failed> {
    Patterns::new(globs).map_err(|error| Failed {
        exit: Exit::Usage,
        diagnostic: Diagnostic::error(error.to_string()),
    })
}

fn cannot_write(out: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(format!("{} cannot be written: {error}", out.display()))
}
