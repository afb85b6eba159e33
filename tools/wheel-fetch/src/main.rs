//! `wheel-fetch`: downloads the pinned wheel of kcl-lib, takes the native
//! library out of it and makes it loadable without Python. How to talk to the
//! library does not live here (see the crate `kcl-engine`).

mod elf;
mod pip;
mod wheel;

use std::{
    fs, io,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, ValueEnum};
use diagnostics::{Diagnostic, Exit, Place, render_text};

/// Download the pinned wheel of kcl-lib and unpack its library.
///
/// pip checks the wheel's hash against the pins. The library's undefined
/// symbols of Python become weak, so that any program can load it.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Example:
  wheel-fetch --pins toolchains/pins/kcl-lib.txt --out libkcl.so

Exit codes: 0 done, 2 wrong usage, 3 bad input (pins, hash, network, wheel)."
)]
struct Cli {
    /// The pins: pip's requirements syntax, with sha256 hashes
    #[arg(long, value_name = "FILE")]
    pins: PathBuf,
    /// Architecture of the library
    #[arg(long, value_name = "ARCH", default_value = std::env::consts::ARCH)]
    arch: Arch,
    /// Where to write the library
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The Python that has pip
    #[arg(long, value_name = "FILE", default_value = "python3")]
    python: PathBuf,
}

/// An architecture that kcl-lib has wheels for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Arch {
    /// 64-bit x86.
    #[value(name = "x86_64")]
    X86_64,
    /// 64-bit Arm.
    #[value(name = "aarch64")]
    Aarch64,
}

impl Arch {
    /// Its name in a wheel's platform tag.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        }
    }

    /// Its number in an ELF header (`e_machine`).
    pub(crate) fn machine(self) -> u16 {
        match self {
            Self::X86_64 => 62,
            Self::Aarch64 => 183,
        }
    }
}

fn main() -> ExitCode {
    match fetch(&Cli::parse()) {
        Ok(()) => Exit::Done.into(),
        Err(diagnostic) => {
            eprint!("{}", render_text(&diagnostic));
            Exit::BadInput.into()
        }
    }
}

fn fetch(cli: &Cli) -> Result<(), Diagnostic> {
    let pins = cli.pins.display().to_string();
    let broken =
        |error: &dyn std::fmt::Display| Diagnostic::error(error.to_string()).at(Place::file(&pins));
    fs::metadata(&cli.pins)
        .map_err(|error| broken(&format!("the pins {pins} cannot be read: {error}")))?;
    let folder =
        tempfile::tempdir().map_err(|error| broken(&format!("no temporary folder: {error}")))?;
    let request = pip::Request {
        python: &cli.python,
        pins: &cli.pins,
        arch: cli.arch,
    };
    let file = pip::download(&request, folder.path())
        .map_err(|error| broken(&error).hint(error.hint(&pins)))?;
    let mut library = wheel::library(&file).map_err(|error| broken(&error))?;
    elf::weaken(&mut library, cli.arch).map_err(|error| broken(&error))?;
    write(&cli.out, &library)
        .map_err(|error| broken(&format!("{} cannot be written: {error}", cli.out.display())))
}

/// Writes under a temporary name that becomes `out`.
fn write(out: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match out.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mode = fs::Permissions::from_mode(0o666);
    // tempfile names its own path in errors; this one names none.
    fs::metadata(folder)?;
    let mut file = tempfile::Builder::new()
        .permissions(mode)
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(out)?;
    Ok(())
}
