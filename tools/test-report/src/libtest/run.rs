use super::{Output, parse};
use crate::{Case, Counts, Report, testing};
use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// A test binary and what it gets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    /// The test binary.
    pub binary: PathBuf,
    /// Its working directory: the crate's folder, as under `cargo test`.
    pub cwd: PathBuf,
    /// The folder with the tools' binaries, given as `HERMETIC_BIN_DIR`.
    pub bin_dir: Option<PathBuf>,
    /// Variables given as they are.
    pub env: Vec<(String, String)>,
    /// Variables whose value is a path; given absolute.
    pub env_paths: Vec<(String, PathBuf)>,
    /// The suite's name in the report.
    pub suite: String,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The binary did not start.
    #[error("cannot run the test binary {}: {source}; is it built for this machine, and does the working directory {} exist?", binary.display(), cwd.display())]
    Start {
        /// The binary.
        binary: PathBuf,
        /// The working directory.
        cwd: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The binary ended in order, but printed nothing that a test binary prints.
    #[error("{} ended with {status}, yet printed no `test result:` line: it is not a Rust test binary, or it has a harness of its own", binary.display())]
    NoSummary {
        /// The binary.
        binary: PathBuf,
        /// How it ended.
        status: String,
    },
    /// The lines read do not add up to the binary's own counts.
    #[error("{} counts {stated}, yet its output shows {read}: a test writes past the capture and tears the lines apart", binary.display())]
    Torn {
        /// The binary.
        binary: PathBuf,
        /// The `test result:` line.
        stated: Counts,
        /// The cases that were read.
        read: Counts,
    },
}

/// Runs the binary and reports its cases. Failing tests are no error; a binary
/// that dies becomes failed cases, one for each test that has no result.
pub fn run(run: &Run) -> Result<Report, RunError> {
    let start_error = |source| RunError::Start {
        binary: run.binary.clone(),
        cwd: run.cwd.clone(),
        source,
    };
    let done = command(run)
        .and_then(|mut c| c.output())
        .map_err(start_error)?;
    let output = parse(&String::from_utf8_lossy(&done.stdout));
    let mut report = Report::new(&run.suite);
    match output.summary {
        Some(stated) => {
            check_counts(run, &output, stated)?;
            report.cases = output.cases;
            report.cases.extend(late_death(&report, done.status));
        }
        None if died(done.status) => {
            let stderr = String::from_utf8_lossy(&done.stderr);
            report.cases = with_unfinished(run, output, done.status, &stderr);
        }
        None => {
            let status = describe(done.status);
            return Err(RunError::NoSummary {
                binary: run.binary.clone(),
                status,
            });
        }
    }
    Ok(report)
}

fn command(run: &Run) -> std::io::Result<Command> {
    let mut command = Command::new(std::path::absolute(&run.binary)?);
    command
        .current_dir(&run.cwd)
        .env("RUST_BACKTRACE", "0")
        .args(["--color", "never"]);
    // Whoever runs this tool under a test may have set one of these.
    for name in [
        "RUST_TEST_THREADS",
        "RUST_TEST_NOCAPTURE",
        "RUST_TEST_SHUFFLE",
    ] {
        command.env_remove(name);
    }
    if let Some(folder) = &run.bin_dir {
        command.env(testing::BIN_DIR, std::path::absolute(folder)?);
    }
    command.envs(run.env.iter().cloned());
    for (name, path) in &run.env_paths {
        command.env(name, std::path::absolute(path)?);
    }
    Ok(command)
}

/// libtest ends with 0 or 101; anything else means that it did not get to its end.
fn died(status: ExitStatus) -> bool {
    status.signal().is_some() || status.code().is_some_and(|code| code != 0)
}

fn describe(status: ExitStatus) -> String {
    let names = [
        (4, "SIGILL"),
        (6, "SIGABRT"),
        (7, "SIGBUS"),
        (8, "SIGFPE"),
        (9, "SIGKILL"),
        (11, "SIGSEGV"),
        (15, "SIGTERM"),
    ];
    match (status.signal(), status.code()) {
        (Some(signal), _) => match names.iter().find(|(number, _)| *number == signal) {
            Some((_, name)) => format!("signal {signal} ({name})"),
            None => format!("signal {signal}"),
        },
        (None, code) => format!("exit code {}", code.unwrap_or_default()),
    }
}

fn check_counts(run: &Run, output: &Output, stated: Counts) -> Result<(), RunError> {
    let mut report = Report::new("");
    report.cases.clone_from(&output.cases);
    let read = report.counts();
    if read == stated {
        return Ok(());
    }
    Err(RunError::Torn {
        binary: run.binary.clone(),
        stated,
        read,
    })
}

/// A binary that printed a good result and then died, or whose exit code
/// contradicts its cases.
fn late_death(report: &Report, status: ExitStatus) -> Option<Case> {
    let expected = if report.counts().failed == 0 { 0 } else { 101 };
    (status.code() != Some(expected)).then(|| {
        Case::failed(
            "(exit)",
            format!(
                "after its last test the binary ended with {}",
                describe(status)
            ),
        )
    })
}

/// Adds a failed case for every test of the binary that has no result.
fn with_unfinished(run: &Run, output: Output, status: ExitStatus, stderr: &str) -> Vec<Case> {
    let finished: BTreeSet<String> = output.cases.iter().map(|case| case.name.clone()).collect();
    let mut cases = output.cases;
    let ended = describe(status);
    let said = last_lines(stderr, 20);
    let message =
        format!("no result: the test binary ended with {ended} before this test did{said}");
    let unfinished = list(run)
        .into_iter()
        .filter(|name| !finished.contains(name));
    let before = cases.len();
    cases.extend(unfinished.map(|name| Case::failed(name, &message)));
    if cases.len() == before {
        cases.push(Case::failed(
            "(start)",
            format!("the test binary ended with {ended}{said}"),
        ));
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines[lines.len().saturating_sub(count)..].join("\n");
    if tail.is_empty() {
        tail
    } else {
        format!("\n{tail}")
    }
}

/// The names of the binary's tests; empty if it cannot say.
fn list(run: &Run) -> Vec<String> {
    let listed = command(run).and_then(|mut c| c.args(["--list", "--format", "terse"]).output());
    let Ok(listed) = listed else {
        return Vec::new();
    };
    String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .map(str::to_owned)
        .collect()
}

impl Run {
    /// A run of `binary` in `cwd` with nothing else.
    pub fn new(binary: &Path, cwd: &Path, suite: &str) -> Self {
        Self {
            binary: binary.to_owned(),
            cwd: cwd.to_owned(),
            suite: suite.to_owned(),
            ..Self::default()
        }
    }
}
