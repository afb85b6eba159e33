//! `test`: builds tests, runs their commands and counts.

use std::collections::BTreeMap;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use build_graph::Artifact;
use build_lang::{Project, Requested, TestSpec};
use executor::Outcome;

use crate::arguments::{Common, Test};
use crate::exit::{Exit, with_prefix};
use crate::session;

/// How long one test's command may take. The work of a test is an action with limits of its own.
const TIMEOUT: Duration = Duration::from_secs(600);

/// A test that was asked for.
struct Planned {
    target: Requested,
    spec: TestSpec,
}

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Pass,
    Fail,
    Timeout,
    Fatal,
}

/// The cases behind the tests, from the last line of what their commands print.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cases {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// Runs `test`.
pub fn test(common: &Common, options: &Test) -> Result<(), Exit> {
    let (project, here) = session::open(common)?;
    let mut requested = project.resolve(&options.patterns, &here)?;
    if !options.ignore_tests_attribute {
        requested = with_their_tests(&project, requested)?;
    }
    let (analysed, errors) = session::analyse(&project, requested);
    for error in &errors {
        eprintln!("{}\n", with_prefix(&error.to_string()));
    }
    let all = analysed.into_iter().filter_map(|(target, outputs)| {
        Some(Planned {
            target,
            spec: outputs.test?,
        })
    });
    let (tests, filtered): (Vec<Planned>, Vec<Planned>) =
        all.partition(|test| selected(&test.spec.labels, options));
    if tests.is_empty() && errors.is_empty() {
        println!("NO TESTS RAN");
        return Ok(());
    }
    let root = project.cells().root.clone();
    let built = tests
        .iter()
        .chain(filtered.iter().filter(|_| options.build_filtered));
    let wanted: Vec<Artifact> = built
        .flat_map(|test| test.spec.command.inputs.iter())
        .cloned()
        .collect();
    let outcome = session::execute(common, project, &wanted, true)?;
    let build = session::failures(&outcome);
    let (ready, unbuilt): (Vec<&Planned>, Vec<&Planned>) =
        tests.iter().partition(|test| is_built(test, &outcome));
    for test in &unbuilt {
        println!("Build failure: {}", test.target);
    }
    let verdicts = run_all(&ready, &root, common.jobs);
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    let mut cases = Cases::default();
    for (test, (verdict, output)) in ready.iter().zip(&verdicts) {
        *counts.entry(*verdict).or_default() += 1;
        cases.add(Cases::read(output).unwrap_or_else(|| Cases::of(*verdict)));
        println!("{verdict:?}: {}", test.target);
        if *verdict != Verdict::Pass {
            println!("{}\n", output.trim_end());
        }
    }
    let count = |verdict| counts.get(&verdict).copied().unwrap_or_default();
    let failed_builds = unbuilt.len() + errors.len();
    eprintln!("{}", session::summary(&outcome));
    println!(
        "Tests finished: Pass {}. Fail {}. Timeout {}. Fatal {}. Skip 0. Build failure {failed_builds}",
        count(Verdict::Pass),
        count(Verdict::Fail),
        count(Verdict::Timeout),
        count(Verdict::Fatal),
    );
    println!(
        "Cases: {} passed, {} failed, {} skipped",
        cases.passed, cases.failed, cases.skipped
    );
    if failed_builds > 0 {
        return build.and(Err(Exit {
            code: 3,
            message: String::new(),
        }));
    }
    if count(Verdict::Pass) == ready.len() {
        Ok(())
    } else {
        Err(Exit::tests_failed())
    }
}

/// A target's `tests` run with it.
fn with_their_tests(project: &Project, requested: Vec<Requested>) -> Result<Vec<Requested>, Exit> {
    let mut all = requested.clone();
    for target in &requested {
        all.extend(project.tests_of(target.target())?);
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// A test with an included label runs even if it has an excluded one too, as in Buck2.
fn selected(labels: &[String], options: &Test) -> bool {
    let has = |wanted: &[String]| labels.iter().any(|label| wanted.contains(label));
    if options.always_exclude && has(&options.exclude) {
        return false;
    }
    has(&options.include) || (options.include.is_empty() && !has(&options.exclude))
}

fn is_built(test: &Planned, outcome: &Outcome) -> bool {
    test.spec.command.inputs.iter().all(|input| match input {
        Artifact::Source { .. } => true,
        Artifact::Built { path, .. } => outcome.outputs.contains_key(path),
    })
}

fn run_all(
    tests: &[&Planned],
    root: &std::path::Path,
    jobs: Option<u32>,
) -> Vec<(Verdict, String)> {
    let jobs = jobs.map_or_else(
        || std::thread::available_parallelism().map_or(1, Into::into),
        |jobs| jobs as usize,
    );
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<(Verdict, String)>>> = Mutex::new(vec![None; tests.len()]);
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(tests.len()) {
            scope.spawn(|| {
                while let Some((index, test)) = take(&next, tests) {
                    let result = run_one(&test.spec, root);
                    if let Ok(mut results) = results.lock() {
                        results[index] = Some(result);
                    }
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_default();
    results
        .into_iter()
        .map(|result| result.unwrap_or((Verdict::Fatal, String::new())))
        .collect()
}

fn take<'t>(next: &AtomicUsize, tests: &[&'t Planned]) -> Option<(usize, &'t Planned)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    tests.get(index).map(|test| (index, *test))
}

/// The variables that Buck2 leaves to a test.
const KEPT: [&str; 6] = [
    "PATH",
    "USER",
    "LOGNAME",
    "HOME",
    "XDG_RUNTIME_DIR",
    "TMPDIR",
];

fn run_one(spec: &TestSpec, root: &std::path::Path) -> (Verdict, String) {
    let [program, arguments @ ..] = spec.command.argv.as_slice() else {
        return (Verdict::Fatal, "the test's command is empty".to_owned());
    };
    let kept = KEPT
        .iter()
        .filter_map(|name| Some((*name, std::env::var_os(name)?)));
    let mut output = match tempfile::tempfile() {
        Ok(output) => output,
        Err(error) => {
            return (
                Verdict::Fatal,
                format!("the test's output can't be kept: {error}"),
            );
        }
    };
    let streams = output
        .try_clone()
        .and_then(|out| Ok((out, output.try_clone()?)));
    let (out, err) = match streams {
        Ok(streams) => streams,
        Err(error) => {
            return (
                Verdict::Fatal,
                format!("the test's output can't be kept: {error}"),
            );
        }
    };
    let child = std::process::Command::new(program_path(program, root))
        .args(arguments)
        .current_dir(root)
        .env_clear()
        .envs(kept)
        .env("PWD", root)
        .envs(spec.command.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .spawn();
    let status = match child {
        Ok(mut child) => wait(&mut child),
        Err(error) => {
            return (
                Verdict::Fail,
                format!("{program} can't be started: {error}"),
            );
        }
    };
    let text = read_back(&mut output);
    match status {
        Some(status) if status.success() => (Verdict::Pass, text),
        Some(_) => (Verdict::Fail, text),
        None => (
            Verdict::Timeout,
            format!("{text}\nstopped after {} s", TIMEOUT.as_secs()),
        ),
    }
}

/// A program with a folder lies below the root; one without is looked up on PATH.
fn program_path(program: &str, root: &std::path::Path) -> std::path::PathBuf {
    if program.contains('/') {
        root.join(program)
    } else {
        program.into()
    }
}

fn read_back(file: &mut std::fs::File) -> String {
    use std::io::{Read, Seek};
    let mut bytes = Vec::new();
    let read = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
    match read {
        Ok(_) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => format!("the test's output can't be read: {error}"),
    }
}

/// The exit status, or None after [`TIMEOUT`].
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(200);
    while start.elapsed() < TIMEOUT {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

impl Cases {
    /// From the last line of the form `N passed, N failed, N skipped`.
    fn read(output: &str) -> Option<Cases> {
        output.lines().rev().find_map(|line| {
            let mut cases = Cases::default();
            for part in line.trim().split(", ") {
                let (number, word) = part.split_once(' ')?;
                let number = number.parse().ok()?;
                match word {
                    "passed" => cases.passed = number,
                    "failed" => cases.failed = number,
                    "skipped" => cases.skipped = number,
                    _ => return None,
                }
            }
            Some(cases)
        })
    }

    /// A test that names no cases is one.
    fn of(verdict: Verdict) -> Cases {
        match verdict {
            Verdict::Pass => Cases {
                passed: 1,
                ..Cases::default()
            },
            _ => Cases {
                failed: 1,
                ..Cases::default()
            },
        }
    }

    fn add(&mut self, other: Cases) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_read_from_the_last_line_of_the_form() {
        let read = |text| Cases::read(text);
        assert_eq!(
            read("x\n3 passed, 1 failed, 2 skipped\n"),
            Some(Cases {
                passed: 3,
                failed: 1,
                skipped: 2
            })
        );
        assert_eq!(
            read("3 passed, 0 failed\nbye\n"),
            Some(Cases {
                passed: 3,
                failed: 0,
                skipped: 0
            })
        );
        assert_eq!(read("all fine"), None);
    }

    #[test]
    fn an_included_label_wins_over_an_excluded_one() {
        let options = |include: &[&str], exclude: &[&str]| Test {
            patterns: Vec::new(),
            include: include.iter().map(|s| (*s).to_owned()).collect(),
            exclude: exclude.iter().map(|s| (*s).to_owned()).collect(),
            always_exclude: false,
            build_filtered: false,
            ignore_tests_attribute: false,
            keep_going: false,
        };
        let labels = ["fast".to_owned(), "flaky".to_owned()];
        assert!(selected(&labels, &options(&["fast"], &["flaky"])));
        assert!(!selected(&labels, &options(&[], &["flaky"])));
        assert!(!selected(&labels, &options(&["slow"], &[])));
        assert!(selected(&[], &options(&[], &["flaky"])));
    }
}
