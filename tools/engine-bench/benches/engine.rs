//! What the parts of a build of nothing cost, on a synthetic repository of 1,000 targets.
//!
//! `cargo bench` in this folder; `cargo bench -- load` for one of them.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use build_graph::{ActionGraph, Artifact};
use build_lang::Project;
use criterion::{Criterion, criterion_group, criterion_main};
use executor::{Cancel, Executor, Options, Silent};
use store::{Digest, FileDigests};
use tempfile::TempDir;

const RULES: &str = r#"
def _impl(ctx: AnalysisContext) -> list[Provider]:
    return [DefaultInfo(default_output = ctx.actions.copy_file(ctx.label.name + ".txt", ctx.attrs.src))]

piece = rule(impl = _impl, attrs = {"src": attrs.source()})
"#;

const BUCK: &str = r#"load("//:rules.bzl", "piece")

[piece(name = "p{}".format(n), src = "{}.txt".format(n)) for n in range(50)]
"#;

/// 20 packages of 50 targets.
fn repository() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), ".buckconfig", "[cells]\n  here = .\n");
    write(folder.path(), "rules.bzl", RULES);
    for package in 0..20 {
        write(folder.path(), &format!("p{package}/BUCK"), BUCK);
        for number in 0..50 {
            let text = format!("{package} {number}\n").repeat(20);
            write(folder.path(), &format!("p{package}/{number}.txt"), &text);
        }
    }
    folder
}

fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, text).expect("a file");
}

fn everything() -> Vec<String> {
    vec!["//...".to_owned()]
}

/// The repository's project, with every BUCK file evaluated.
fn loaded(root: &Path) -> (Project, Vec<build_lang::Requested>) {
    let project = Project::open(root, &[]).expect("a project");
    let requested = project.resolve(&everything(), "").expect("targets");
    assert_eq!(requested.len(), 1000);
    (project, requested)
}

/// The graph of every target, and what is wanted of it.
fn analysed(
    (project, requested): (Project, Vec<build_lang::Requested>),
) -> (ActionGraph, Vec<Artifact>) {
    let outputs = requested
        .iter()
        .map(|target| project.outputs(target).expect("outputs"));
    let wanted = outputs.flat_map(|outputs| outputs.default).collect();
    (project.into_graph(), wanted)
}

fn load(criterion: &mut Criterion) {
    let folder = repository();
    criterion.bench_function("load 1,000 targets", |bencher| {
        bencher.iter(|| loaded(folder.path()).1.len());
    });
}

fn analysis(criterion: &mut Criterion) {
    let folder = repository();
    criterion.bench_function("load and analyse 1,000 targets", |bencher| {
        bencher.iter(|| analysed(loaded(folder.path())).1.len());
    });
}

fn digest(criterion: &mut Criterion) {
    let bytes = vec![7; 1 << 20];
    criterion.bench_function("digest 1 MiB", |bencher| {
        bencher.iter(|| Digest::of(black_box(&bytes)));
    });
    let folder = repository();
    let paths: Vec<_> = (0..1000)
        .map(|n| folder.path().join(format!("p{}/{}.txt", n / 50, n % 50)))
        .collect();
    std::thread::sleep(std::time::Duration::from_millis(100));
    let known = FileDigests::default();
    let all = |files: &FileDigests| {
        for path in &paths {
            black_box(files.file(path).expect("a digest"));
        }
    };
    all(&known);
    criterion.bench_function("digest 1,000 files that did not change", |bencher| {
        bencher.iter(|| all(&known));
    });
    criterion.bench_function("digest 1,000 files for the first time", |bencher| {
        bencher.iter(|| all(&FileDigests::default()));
    });
}

fn no_op(criterion: &mut Criterion) {
    let folder = repository();
    let cache = TempDir::new().expect("a folder");
    let build = || {
        let (graph, wanted) = analysed(loaded(folder.path()));
        let executor =
            Executor::new(Options::new(folder.path(), cache.path())).expect("an executor");
        let outcome = executor.build(&graph, &wanted, &Silent, &Cancel::default());
        outcome.expect("a build")
    };
    assert_eq!(build().executed, 1000);
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(build().cached, 1000);
    criterion.bench_function("build nothing of 1,000 targets", |bencher| {
        bencher.iter(|| assert_eq!(build().executed, 0));
    });
}

criterion_group!(engine, load, analysis, digest, no_op);
criterion_main!(engine);
