//! Runs tests in processes of their own.

use std::{
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use diagnostics::{Diagnostic, render_text};
use kcl_engine::{Engine, EngineError, Program, Source, shown_path};
use test_report::Case;

use crate::discover::{Package, Test};

/// Name of the variable that holds what a test returns.
const RESULT: &str = "kcl_test_result";

/// The verdicts of all tests, in their order.
pub(crate) fn all(
    engine: &Engine,
    root: &Path,
    imports: &[kcl_engine::Package],
    packages: &[Package],
    tests: &[Test],
) -> Result<Vec<Case>, EngineError> {
    let mut cases = Vec::with_capacity(tests.len());
    for (index, package) in packages.iter().enumerate() {
        let program = program(root, imports, package)?;
        let ours: Vec<&Test> = tests.iter().filter(|test| test.package == index).collect();
        cases.extend(of_package(engine, &program, root, &ours)?);
    }
    Ok(cases)
}

/// Runs the tests of a package together, which is as good when all pass and
/// evaluates the package once; otherwise each alone, to tell them apart.
fn of_package(
    engine: &Engine,
    program: &Program,
    root: &Path,
    tests: &[&Test],
) -> Result<Vec<Case>, EngineError> {
    match engine.run(&calling(program, tests)) {
        Ok(_) => Ok(tests.iter().map(|test| passed(root, test)).collect()),
        Err(EngineError::Program(_) | EngineError::Stopped { .. }) => {
            in_parallel(tests, |test| one(engine, program, root, test))
        }
        Err(error) => Err(error),
    }
}

/// The program with calls of these tests at the end of its last file, where
/// they move no line.
fn calling(program: &Program, tests: &[&Test]) -> Program {
    let mut program = program.clone();
    let last = program.sources.last_mut();
    if let Some(text) = last.and_then(|source| source.text.as_mut()) {
        for (index, test) in tests.iter().enumerate() {
            text.push_str(&format!("\n{RESULT}_{index} = {}()\n", test.name));
        }
    }
    program
}

fn name(test: &Test) -> String {
    format!("{}::{}", test.file.display(), test.name)
}

fn passed(root: &Path, test: &Test) -> Case {
    Case::passed(name(test)).at(format!("{}:{}", shown_path(root, &test.file), test.line))
}

/// Calls `run` for each test on as many threads as there are processors.
fn in_parallel(
    tests: &[&Test],
    run: impl Fn(&Test) -> Result<Case, EngineError> + Sync,
) -> Result<Vec<Case>, EngineError> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(tests.len()));
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(tests.len());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, test)) = take(&next, tests) {
                    let case = run(test);
                    if let Ok(mut done) = done.lock() {
                        done.push((index, case));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, case)| case).collect()
}

fn take<'a>(next: &AtomicUsize, tests: &[&'a Test]) -> Option<(usize, &'a Test)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    tests.get(index).map(|test| (index, *test))
}

/// The package's files with their texts, test files last.
fn program(
    root: &Path,
    imports: &[kcl_engine::Package],
    package: &Package,
) -> Result<Program, EngineError> {
    let read = |path: &std::path::PathBuf| {
        let text =
            fs::read_to_string(root.join(path)).map_err(|source| EngineError::MissingInput {
                what: "the file".to_owned(),
                path: path.clone(),
                source,
            })?;
        Ok(Source {
            path: path.clone(),
            text: Some(text),
        })
    };
    let files = package.files.iter().chain(&package.tests);
    let sources = files.map(read).collect::<Result<_, EngineError>>()?;
    Ok(Program {
        root: root.to_owned(),
        sources,
        packages: imports.to_vec(),
        ..Program::default()
    })
}

fn one(engine: &Engine, program: &Program, root: &Path, test: &Test) -> Result<Case, EngineError> {
    let file = shown_path(root, &test.file);
    let defined = format!("{file}:{}", test.line);
    match engine.run(&calling(program, &[test])) {
        Ok(_) => Ok(passed(root, test)),
        Err(EngineError::Program(error)) => {
            let found = error.diagnostics;
            let place = found
                .first()
                .and_then(|first| location(first, &file, test.line));
            let texts: Vec<String> = found.iter().map(render_text).collect();
            let message = texts.join("\n");
            Ok(Case::failed(name(test), message.trim_end()).at(place.unwrap_or(defined)))
        }
        Err(error @ EngineError::Stopped { .. }) => {
            Ok(Case::failed(name(test), stopped(&error, test)).at(defined))
        }
        Err(error) => Err(error),
    }
}

/// A stopped test is named by itself, not by all files of its package.
fn stopped(error: &EngineError, test: &Test) -> String {
    match error {
        EngineError::Stopped { failure, .. } => format!("the test {} {failure}", test.name),
        other => other.to_string(),
    }
}

/// The line that KCL reports, if it is in the test. After a call to another
/// file KCL reports a line of that file even for an `assert` of the test.
fn location(diagnostic: &Diagnostic, file: &str, first_line: u64) -> Option<String> {
    let place = diagnostic.place.as_ref()?;
    let line = place.position?.line;
    (place.file == file && line as u64 >= first_line).then(|| format!("{file}:{line}"))
}
