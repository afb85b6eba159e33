//! Finds the tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use diagnostics::{Diagnostic, Place, Position};
use kcl_engine::{Engine, EngineError, cli::below_root};

use crate::Failed;

const TEST_FILE: &str = "_test.k";
const TEST_NAME: &str = "test_";

/// The files of one folder that are evaluated together. Paths are relative to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// Files that are no tests, sorted.
    pub(crate) files: Vec<PathBuf>,
    /// Test files, sorted.
    pub(crate) tests: Vec<PathBuf>,
}

/// A test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Test {
    /// Index of its package.
    pub(crate) package: usize,
    /// The file that defines it.
    pub(crate) file: PathBuf,
    /// The lambda's name.
    pub(crate) name: String,
    /// The line of the lambda.
    pub(crate) line: u64,
}

/// The packages with test files that `paths` name.
pub(crate) fn packages(root: &Path, paths: &[PathBuf]) -> Result<Vec<Package>, Diagnostic> {
    let mut tests: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for path in paths {
        let found = test_files(root, path)?;
        if found.is_empty() {
            return Err(no_tests(path, "there is no file *_test.k in it"));
        }
        for file in found {
            let folder = file.parent().unwrap_or(Path::new("")).to_owned();
            tests.entry(folder).or_default().insert(file);
        }
    }
    tests
        .into_iter()
        .map(|(folder, tests)| {
            let files = kcl_files(root, &folder).map_err(|error| unreadable(&folder, &error))?;
            let files = files.into_iter().filter(|file| !is_test(file)).collect();
            Ok(Package {
                files,
                tests: tests.into_iter().collect(),
            })
        })
        .collect()
}

fn no_tests(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::error(format!("no tests in {}: {why}", path.display()))
        .hint("write `test_… = lambda { assert … }` in a file whose name ends in _test.k")
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(format!("{} cannot be read: {error}", path.display()))
}

/// The test files at `path`, relative to the root.
fn test_files(root: &Path, path: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let inner = below_root(root, path)?;
    let at = root.join(&inner);
    let metadata = fs::metadata(&at).map_err(|error| unreadable(path, &error))?;
    if metadata.is_dir() {
        let mut found = Vec::new();
        search(root, &inner, &mut found).map_err(|error| unreadable(path, &error))?;
        return Ok(found);
    }
    if !is_test(&inner) {
        return Err(
            Diagnostic::error(format!("{} is no test file", path.display()))
                .hint("name files that end in _test.k, or a folder"),
        );
    }
    Ok(vec![inner])
}

fn search(root: &Path, folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    found.extend(
        kcl_files(root, folder)?
            .into_iter()
            .filter(|file| is_test(file)),
    );
    let mut folders = Vec::new();
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        if fs::metadata(entry.path())?.is_dir() {
            folders.push(folder.join(entry.file_name()));
        }
    }
    folders.sort();
    folders
        .iter()
        .try_for_each(|folder| search(root, folder, found))
}

/// The KCL files of a folder, sorted; KCL leaves out names that begin with `_`.
fn kcl_files(root: &Path, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let at = root.join(folder);
    let mut files = Vec::new();
    for entry in fs::read_dir(if at == Path::new("") {
        Path::new(".")
    } else {
        &at
    })? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        if text.ends_with(".k") && !text.starts_with('_') {
            files.push(folder.join(&name));
        }
    }
    files.sort();
    Ok(files)
}

fn is_test(file: &Path) -> bool {
    file.file_name()
        .is_some_and(|name| name.to_string_lossy().ends_with(TEST_FILE))
}

/// The tests of the packages, by file and line; each file must define one at least.
pub(crate) fn tests(
    engine: &Engine,
    root: &Path,
    packages: &[Package],
) -> Result<Vec<Test>, Failed> {
    let mut tests: Vec<Test> = Vec::new();
    for (index, package) in packages.iter().enumerate() {
        for file in &package.tests {
            let found = file_tests(engine, root, index, file)?;
            if found.is_empty() {
                return Err(no_tests(file, "it defines no lambda test_*").into());
            }
            for test in found {
                check_unique(&tests, &test)?;
                tests.push(test);
            }
        }
    }
    Ok(tests)
}

fn file_tests(
    engine: &Engine,
    root: &Path,
    package: usize,
    file: &Path,
) -> Result<Vec<Test>, EngineError> {
    let definitions = engine.definitions(root, file)?;
    let tests = definitions
        .into_iter()
        .filter(|definition| definition.is_lambda && definition.name.starts_with(TEST_NAME))
        .map(|definition| Test {
            package,
            file: file.to_owned(),
            name: definition.name,
            line: definition.line,
        });
    Ok(tests.collect())
}

/// In KCL the last of two definitions would silently win.
fn check_unique(tests: &[Test], test: &Test) -> Result<(), Diagnostic> {
    let same = |other: &&Test| other.package == test.package && other.name == test.name;
    let Some(other) = tests.iter().find(same) else {
        return Ok(());
    };
    let line = usize::try_from(test.line).unwrap_or(1);
    Err(
        Diagnostic::error(format!("{} is defined twice in one package", test.name))
            .at(Place::at(
                test.file.display().to_string(),
                Position::new(line, 1),
            ))
            .hint(format!(
                "the other one is at {}:{}; rename one",
                other.file.display(),
                other.line
            )),
    )
}
