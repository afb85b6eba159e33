//! What the library promises of its worker processes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path, time::Duration};

use kcl_engine::{Engine, EngineError, Failure, Limits, Package, Program, Source};
use pretty_assertions::assert_eq;
use test_report::testing::{binary, libkcl};

const ENDLESS: &str = "f = lambda n { f(n + 1) }\na = f(1)\n";

fn engine() -> Engine {
    Engine::new(libkcl())
        .unwrap()
        .with_worker(binary("kcl-worker"))
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn run(folder: &Path, file: &str) -> Result<String, EngineError> {
    engine()
        .run(&Program::new(folder, [file]))
        .map(|output| output.json)
}

fn failure(limits: Limits, source: &str) -> Failure {
    let folder = folder(&[("a.k", source)]);
    let engine = engine().with_limits(limits);
    match engine.run(&Program::new(folder.path(), ["a.k"])) {
        Err(EngineError::Stopped { failure, .. }) => failure,
        other => panic!("not stopped: {other:?}"),
    }
}

#[test]
fn a_program_gives_its_result_and_what_it_printed() {
    let folder = folder(&[("a.k", "print(\"hm\")\na = 1\n")]);
    let output = engine().run(&Program::new(folder.path(), ["a.k"])).unwrap();
    assert_eq!(output.json, "{\"a\": 1}");
    assert_eq!(output.yaml.trim(), "a: 1");
    assert_eq!(output.log, "hm\n");
}

#[test]
fn a_text_stands_for_a_file_that_need_not_exist() {
    let folder = folder(&[("real.k", "a = 1\n")]);
    let with_text = |path: &str, text: &str| {
        let source = Source {
            path: path.into(),
            text: Some(text.into()),
        };
        Program {
            root: folder.path().into(),
            sources: vec![source],
            ..Program::default()
        }
    };
    assert_eq!(
        engine()
            .run(&with_text("virtual.k", "b = 2\n"))
            .unwrap()
            .json,
        "{\"b\": 2}"
    );
    assert_eq!(
        engine().run(&with_text("real.k", "b = 3\n")).unwrap().json,
        "{\"b\": 3}"
    );
    let mut two = with_text("virtual.k", "b = 2\n");
    two.sources.push(Source {
        path: "real.k".into(),
        text: None,
    });
    let error = engine().run(&two).unwrap_err();
    assert!(matches!(error, EngineError::MissingInput { .. }), "{error}");
}

#[test]
fn each_way_to_go_too_far_has_its_own_failure() {
    let short = Limits {
        time: Duration::from_millis(500),
        ..Limits::default()
    };
    assert_eq!(failure(short, ENDLESS), Failure::Timeout(short.time));
    let small = Limits {
        memory: 600 << 20,
        ..Limits::default()
    };
    assert_eq!(
        failure(small, "a = [1] * 200000000\n"),
        Failure::Memory(small.memory)
    );
    let flat = Limits {
        stack: 1 << 20,
        ..Limits::default()
    };
    assert_eq!(failure(flat, ENDLESS), Failure::Stack(flat.stack));
    let terse = Limits {
        reply: 1000,
        ..Limits::default()
    };
    assert_eq!(
        failure(terse, "a = \"x\" * 2000\n"),
        Failure::Reply(terse.reply)
    );
}

/// From blocks of a few bytes to ones that outgrow the worker's own heap, each
/// taken, grown and given back.
#[test]
fn values_of_every_size_are_what_they_were_made() {
    let text = "_of = lambda n { \"x\" * n + \"y\" }\n\
                _sizes = [n * n * 7 for n in range(500)] + [1048575, 1048576, 3000000]\n\
                a = [n for n in _sizes if len(_of(n)) != n + 1 or _of(n)[-1] != \"y\"]\n\
                b = sum([len([i for i in range(n)]) for n in range(300)])\n";
    let folder = folder(&[("a.k", text)]);
    assert_eq!(
        run(folder.path(), "a.k").unwrap(),
        "{\"a\": [], \"b\": 44850}"
    );
}

#[test]
fn a_program_that_was_stopped_hurts_no_later_one() {
    let folder = folder(&[("a.k", "a = 1\n")]);
    failure(
        Limits {
            stack: 1 << 20,
            ..Limits::default()
        },
        ENDLESS,
    );
    assert_eq!(run(folder.path(), "a.k").unwrap(), "{\"a\": 1}");
}

#[test]
fn programs_may_run_at_once() {
    let folder = folder(&[("a.k", "a = [i for i in range(1000)]\n")]);
    let first = run(folder.path(), "a.k").unwrap();
    std::thread::scope(|scope| {
        let start = |_| scope.spawn(|| run(folder.path(), "a.k").unwrap());
        let runs: Vec<_> = (0..8).map(start).collect();
        for run in runs {
            assert_eq!(run.join().unwrap(), first);
        }
    });
}

#[test]
fn a_program_that_is_no_worker_is_recognised() {
    let folder = folder(&[("a.k", "a = 1\n")]);
    // This test binary does not call worker_main_if_requested.
    let engine = Engine::new(libkcl()).unwrap();
    let error = engine
        .run(&Program::new(folder.path(), ["a.k"]))
        .unwrap_err();
    assert!(
        error.to_string().contains("worker_main_if_requested"),
        "{error}"
    );
    let engine = engine.with_worker("/no/such/program");
    let error = engine
        .run(&Program::new(folder.path(), ["a.k"]))
        .unwrap_err();
    assert!(matches!(error, EngineError::Worker(_)), "{error}");
}

#[test]
fn checking_finds_errors_and_warnings_and_runs_nothing() {
    let folder = folder(&[("a.k", "import math\n\na: int = \"x\"\nassert False\n")]);
    let found = engine()
        .check(&Program::new(folder.path(), ["a.k"]))
        .unwrap();
    let messages: Vec<&str> = found
        .iter()
        .map(|found| found.message.lines().next().unwrap())
        .collect();
    assert_eq!(
        messages,
        [
            "expected int, got str(x)",
            "Module 'math' imported but unused"
        ]
    );
}

#[test]
fn definitions_have_lines_and_need_no_imports() {
    let folder = folder(&[(
        "a.k",
        "import nowhere\n\nf = lambda { 1 }\nif True:\n    g: S {}\nh.i = 2\n",
    )]);
    let found = engine().definitions(folder.path(), "a.k".as_ref()).unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|d| (d.name.as_str(), d.line, d.is_lambda))
        .collect();
    assert_eq!(found, [("f", 3, true), ("g", 5, false), ("h", 6, false)]);
}

#[test]
fn a_text_is_laid_out() {
    assert_eq!(engine().format("a.k", "a=1\n").unwrap(), "a = 1\n");
}

#[test]
fn the_library_knows_its_version() {
    let version = engine().version().unwrap();
    assert!(version.starts_with("0."), "{version}");
}

#[test]
fn files_outside_the_root_and_the_packages_are_not_there() {
    let outside = folder(&[
        ("secret.txt", "s"),
        ("lib.k", "x = 1\n"),
        ("real.k", "y = 2\n"),
    ]);
    let secret = outside.path().join("secret.txt");
    let inside = folder(&[
        (
            "a.k",
            &format!(
                "import file\na = file.read({:?})\n",
                secret.display().to_string()
            ),
        ),
        ("b.k", "import file\nb = file.read(\"own.txt\")\n"),
        ("own.txt", "o"),
        ("c.k", "import lib.linked\nc = linked.y\n"),
    ]);
    let package = folder(&[("kcl.mod", "[package]\n")]);
    std::os::unix::fs::symlink(
        outside.path().join("real.k"),
        package.path().join("linked.k"),
    )
    .unwrap();
    assert!(run(inside.path(), "a.k").is_err());
    assert_eq!(run(inside.path(), "b.k").unwrap(), "{\"b\": \"o\"}");
    let mut program = Program::new(inside.path(), ["c.k"]);
    program.packages.push(Package {
        name: "lib".into(),
        path: package.path().into(),
    });
    assert_eq!(engine().run(&program).unwrap().json, "{\"c\": 2}");
}
