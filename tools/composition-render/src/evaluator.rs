//! Evaluates the programs of KCL steps in `kcl-engine`'s workers. Nothing is
//! fetched: what a program imports was declared.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use function_pipeline::kcl::{EvaluationError, Evaluator, KclProgram};
use kcl_engine::{Argument, Dependency, Engine, EngineError, Package, Program, Source, Template};

use crate::settings::Settings;

/// KCL with the packages and programs that were declared.
#[derive(Debug)]
pub(crate) struct Kcl {
    engine: Engine,
    packages: Vec<Package>,
    /// Programs and setting files by the place that steps name them by.
    sources: Vec<(String, PathBuf)>,
    /// An empty folder: an inline program sees no files.
    nowhere: tempfile::TempDir,
    /// How often a program is run.
    runs: Runs,
    /// Compiled programs that wait for their next run.
    waiting: Mutex<Vec<(Program, Template)>>,
}

/// How often a program is run, as far as is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runs {
    /// Once, or a few times if it requires resources.
    Once,
    /// Again and again.
    Many,
}

/// So many compiled programs wait at most; each holds some 50 MB.
const WAITING: usize = 32;
/// What function-kcl wants of a program's result.
const ITEMS: &str = "items";

/// The name of an inline program's file, as in upstream's messages.
const INLINE: &str = "prog.k";

impl Kcl {
    pub(crate) fn new(
        engine: Engine,
        packages: Vec<Package>,
        sources: Vec<(String, PathBuf)>,
        runs: Runs,
    ) -> std::io::Result<Self> {
        let nowhere = tempfile::Builder::new().prefix("kcl-program-").tempdir()?;
        Ok(Self {
            engine,
            packages,
            sources,
            nowhere,
            runs,
            waiting: Mutex::default(),
        })
    }

    /// Begins to compile a program that is about to be run.
    pub(crate) fn prepare(&self, program: &KclProgram) {
        if let Ok(mut program) = self.program(program) {
            program.arguments.clear();
            let template = self.engine.template(program.clone(), ITEMS);
            self.keep(program, template);
        }
    }

    /// The compiled program, from those that wait or begun anew.
    fn template(&self, program: &Program) -> Template {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.iter().rposition(|(other, _)| other == program) {
            Some(index) => waiting.remove(index).1,
            None => self.engine.template(program.clone(), ITEMS),
        }
    }

    fn keep(&self, program: Program, template: Template) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() == WAITING {
            waiting.remove(0);
        }
        waiting.push((program, template));
    }

    fn program(&self, of: &KclProgram) -> Result<Program, EvaluationError> {
        self.check_dependencies(&of.dependencies)?;
        let (root, sources) = if of.is_elsewhere() {
            self.declared(&of.source)?
        } else {
            let inline = Source {
                path: INLINE.into(),
                text: Some(of.source.clone()),
            };
            (self.nowhere.path().to_owned(), vec![inline])
        };
        let config = &of.config;
        let mut program = Program {
            root,
            sources,
            packages: self.packages.clone(),
            arguments: arguments(of),
            overrides: config.overrides.clone(),
            path_selector: config.path_selectors.clone(),
            sort_keys: config.sort_keys,
            disable_none: config.disable_none,
            show_hidden: config.show_hidden,
            strict_range_check: config.strict_range_check,
        };
        for file in &config.settings {
            self.settings(file)?.apply(&mut program);
        }
        Ok(program)
    }

    /// A setting file that the step names.
    fn settings(&self, file: &str) -> Result<Settings, EvaluationError> {
        let known = self.sources.iter().find(|(known, _)| known == file);
        let (_, path) = known.ok_or_else(|| {
            EvaluationError(format!(
                "the setting file {file} is not declared, and a step sees no other; pass --source \
                 {file}=PATH"
            ))
        })?;
        Settings::read(path)
            .map_err(|error| EvaluationError(format!("the setting file {file}: {error}")))
    }

    /// The files of a program that is not inline.
    fn declared(&self, place: &str) -> Result<(PathBuf, Vec<Source>), EvaluationError> {
        let known = self.sources.iter().find(|(known, _)| known == place);
        let (_, path) = known.ok_or_else(|| {
            EvaluationError(format!(
                "the program {place} is not declared, and nothing is fetched; pass --source \
                 {place}=PATH with its file or folder"
            ))
        })?;
        program_files(path).map_err(|error| {
            EvaluationError(format!("the program {place} cannot be read: {error}"))
        })
    }

    /// Every dependency must be a declared package.
    fn check_dependencies(&self, dependencies: &str) -> Result<(), EvaluationError> {
        let listed = Dependency::listed(dependencies);
        let listed = listed.map_err(|(message, _)| {
            EvaluationError(format!("`dependencies` is no TOML: {message}"))
        })?;
        for dependency in listed {
            if !dependency.is_among(&self.packages) {
                return Err(EvaluationError(format!(
                    "the dependency `{}`{} is not declared, and nothing is fetched; pass \
                     --package {}=DIR with its folder",
                    dependency.name,
                    dependency.wanted,
                    dependency.imported()
                )));
            }
        }
        Ok(())
    }
}

/// The options, and the step's own arguments in vendor mode: they have no
/// effect on an inline program otherwise.
fn arguments(of: &KclProgram) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = of
        .options
        .iter()
        .map(|(name, value)| Argument {
            name: name.clone(),
            value: value.clone(),
        })
        .collect();
    if of.config.vendor || of.is_elsewhere() {
        let given = of.config.arguments.iter();
        let given = given.filter_map(|text| text.split_once('='));
        arguments.extend(given.map(|(name, value)| Argument {
            name: name.to_owned(),
            value: value.to_owned(),
        }));
    }
    arguments
}

/// A file, or the KCL files of a folder but for its tests.
fn program_files(path: &Path) -> std::io::Result<(PathBuf, Vec<Source>)> {
    let source = |path: &Path| {
        path.file_name().map(|name| Source {
            path: name.into(),
            text: None,
        })
    };
    if !path.is_dir() {
        std::fs::metadata(path)?;
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        return Ok((folder, source(path).into_iter().collect()));
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".k") && !name.ends_with("_test.k") && !name.starts_with('_') {
            files.push(file);
        }
    }
    files.sort();
    Ok((
        path.to_owned(),
        files.iter().filter_map(|file| source(file)).collect(),
    ))
}

impl Evaluator for Kcl {
    fn evaluate(&self, program: &KclProgram) -> Result<String, EvaluationError> {
        let mut program = self.program(program)?;
        let options = std::mem::take(&mut program.arguments);
        let mut template = self.template(&program);
        let done = template.run(&options, self.runs == Runs::Once);
        self.keep(program, template);
        match done {
            Ok(json) => Ok(json),
            Err(EngineError::Program(error)) => Err(EvaluationError(error.text)),
            Err(other) => Err(EvaluationError(other.to_string())),
        }
    }
}
