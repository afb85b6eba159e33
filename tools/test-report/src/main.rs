//! `test-report`: runs Rust test binaries into reports, shows reports, sums them up.

use clap::{Args, Parser, Subcommand};
use diagnostics::Exit;
use std::path::PathBuf;
use test_report::{Counts, Report, libtest};

/// Test reports: run a Rust test binary into one, show one, sum several up.
#[derive(Parser)]
#[command(
    version,
    after_help = "\
Example:
  test-report libtest --binary out/tests/kube_schema --cwd tools/kube-schema \\
      --suite kube-schema --report report.json --junit junit.xml
  test-report show report.json
  test-report sum a/report.json b/report.json

Exit codes: 0 done, 1 a case failed (show only), 2 wrong usage, 3 bad input."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a Rust test binary and write what its cases came to.
    ///
    /// Failing tests are in the report, not in the exit code.
    Libtest(Libtest),
    /// Print the failed cases and the counts; exit 1 if a case failed or there is none.
    Show {
        /// A report.json
        report: PathBuf,
    },
    /// Print the counts over several reports; the exit code does not judge them.
    Sum {
        /// Files report.json
        reports: Vec<PathBuf>,
    },
}

#[derive(Args)]
struct Libtest {
    /// The test binary
    #[arg(long)]
    binary: PathBuf,
    /// The working directory of the tests: the crate's folder
    #[arg(long)]
    cwd: PathBuf,
    /// A folder with the tools' binaries, given to the tests as HERMETIC_BIN_DIR
    #[arg(long)]
    bin_dir: Option<PathBuf>,
    /// A variable for the tests
    #[arg(long = "env", value_name = "K=V", value_parser = pair)]
    env: Vec<(String, String)>,
    /// A variable for the tests whose value is a path; it is made absolute
    #[arg(long = "env-path", value_name = "K=PATH", value_parser = pair)]
    env_path: Vec<(String, String)>,
    /// The suite's name in the report
    #[arg(long)]
    suite: String,
    /// Where the JSON report goes
    #[arg(long)]
    report: PathBuf,
    /// Where the JUnit report goes
    #[arg(long)]
    junit: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn main() -> Exit {
    let done = match Cli::parse().command {
        Command::Libtest(args) => run_libtest(args),
        Command::Show { report } => show(&report),
        Command::Sum { reports } => sum(&reports),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        Exit::BadInput
    })
}

type Done = Result<Exit, Box<dyn std::error::Error>>;

fn run_libtest(args: Libtest) -> Done {
    let run = libtest::Run {
        binary: args.binary,
        cwd: args.cwd,
        bin_dir: args.bin_dir,
        env: args.env,
        env_paths: args
            .env_path
            .into_iter()
            .map(|(name, path)| (name, path.into()))
            .collect(),
        suite: args.suite,
    };
    let report = libtest::run(&run)?;
    report.write(Some(&args.report), args.junit.as_deref())?;
    Ok(Exit::Done)
}

fn show(path: &std::path::Path) -> Done {
    let report = Report::read(path)?;
    print!("{}", report.to_text());
    Ok(if report.is_success() {
        Exit::Done
    } else {
        Exit::CheckFailed
    })
}

fn sum(paths: &[PathBuf]) -> Done {
    let mut counts = Counts::default();
    for path in paths {
        counts += Report::read(path)?.counts();
    }
    println!("{counts}");
    Ok(Exit::Done)
}
