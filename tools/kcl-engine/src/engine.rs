//! The calls that a user of this library makes.

use std::{
    env, fs, io,
    path::{Component, Path, PathBuf},
};

use diagnostics::Diagnostic;
use prost::Message;
use walkdir::WalkDir;

use crate::{
    dependencies, diagnostic,
    error::{EngineError, ProgramError},
    limits::Limits,
    paths::{PathNames, absolute},
    process::{self, Job, NoAnswer},
    program::{Output, Package, Program, Source},
    spec,
    syntax::{self, Definition},
    template::Template,
    worker::ReplyKind,
};

/// The environment variable that says where libkcl is.
pub const LIBRARY_VARIABLE: &str = "HERMETIC_LIBKCL";

/// libkcl and how to run it. Cheap to clone; each call is a process of its own.
#[derive(Debug, Clone)]
pub struct Engine {
    library: PathBuf,
    /// The library's path as the user gave it, for messages.
    named: PathBuf,
    worker: PathBuf,
    limits: Limits,
}

impl Engine {
    /// An engine with the library at `library`; the worker is this program.
    pub fn new(library: impl Into<PathBuf>) -> Result<Self, EngineError> {
        let path: PathBuf = library.into();
        let missing = |source| EngineError::LibraryMissing {
            path: path.clone(),
            source,
        };
        let library = absolute(&path).map_err(missing)?;
        if !fs::metadata(&library).map_err(missing)?.is_file() {
            return Err(missing(io::Error::other("it is no file")));
        }
        let worker = env::current_exe().map_err(|error| EngineError::Worker(error.to_string()))?;
        Ok(Self {
            library,
            named: path,
            worker,
            limits: Limits::default(),
        })
    }

    /// An engine with the library that `--libkcl` names, else `HERMETIC_LIBKCL`.
    pub fn locate(option: Option<&Path>) -> Result<Self, EngineError> {
        let variable = || env::var_os(LIBRARY_VARIABLE).filter(|value| !value.is_empty());
        let path = option
            .map(PathBuf::from)
            .or_else(|| variable().map(PathBuf::from));
        Self::new(path.ok_or(EngineError::NoLibrary)?)
    }

    /// The same engine with other limits.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same engine with another program as worker, which must call
    /// [`crate::worker_main_if_requested`]; this crate's `kcl-worker` does.
    pub fn with_worker(self, worker: impl Into<PathBuf>) -> Self {
        Self {
            worker: worker.into(),
            ..self
        }
    }

    /// Evaluates a program.
    pub fn run(&self, program: &Program) -> Result<Output, EngineError> {
        let prepared = Prepared::new(program)?;
        let reply: spec::ExecProgramResult = self.call(
            "ExecProgram",
            &prepared.arguments(program),
            &prepared,
            &program.title(),
        )?;
        if !reply.error.is_empty() {
            return Err(program_error(&reply.error, &prepared));
        }
        Ok(Output {
            json: reply.json,
            yaml: reply.yaml,
            log: reply.log,
        })
    }

    /// Begins to compile a program that is to be run with several sets of
    /// options, and of which only one variable is wanted.
    pub fn template(&self, program: Program, variable: &str) -> Template {
        Template::new(self.clone(), program, variable)
    }

    /// Compiles a program without running it: what KCL's resolver and linter
    /// find, warnings included.
    pub fn check(&self, program: &Program) -> Result<Vec<Diagnostic>, EngineError> {
        let prepared = Prepared::new(program)?;
        let arguments = spec::ExecProgramArgs {
            compile_only: true,
            ..prepared.arguments(program)
        };
        let reply = self.call("ExecProgram", &arguments, &prepared, &program.title());
        match reply {
            Ok(spec::ExecProgramResult { error, .. }) if error.is_empty() => Ok(Vec::new()),
            Ok(reply) => Ok(diagnostic::parse(&reply.error, &prepared.names)),
            Err(EngineError::Program(error)) => Ok(error.diagnostics),
            Err(other) => Err(other),
        }
    }

    /// KCL's layout of a source text; `name` is for messages.
    pub fn format(&self, name: &str, source: &str) -> Result<String, EngineError> {
        let prepared = Prepared::bare()?;
        let arguments = spec::FormatCodeArgs {
            source: source.to_owned(),
        };
        let reply: spec::FormatCodeResult = self.call("FormatCode", &arguments, &prepared, name)?;
        String::from_utf8(reply.formatted)
            .map_err(|_| EngineError::Worker(format!("the formatted {name} is no UTF-8")))
    }

    /// The top-level variables of the file `path` below `root`. Imports are
    /// not followed: what they lack shows when the file is run.
    pub fn definitions(&self, root: &Path, path: &Path) -> Result<Vec<Definition>, EngineError> {
        let program = Program::new(root, [path]);
        let prepared = Prepared::new(&program)?;
        let file = prepared.files.first().cloned().unwrap_or_default();
        let arguments = spec::ParseFileArgs {
            path: file,
            ..spec::ParseFileArgs::default()
        };
        let reply: spec::ParseFileResult =
            self.call("ParseFile", &arguments, &prepared, &program.title())?;
        let errors = parse_errors(&reply.errors, &prepared.names);
        if !errors.is_empty() {
            return Err(EngineError::Program(ProgramError {
                text: errors
                    .iter()
                    .map(|error| error.message.clone() + "\n")
                    .collect(),
                diagnostics: errors,
            }));
        }
        syntax::definitions(&reply.syntax_json).map_err(|error| {
            let path = path.display();
            EngineError::Worker(format!("the syntax tree of {path} is unreadable: {error}"))
        })
    }

    /// The library's version.
    pub fn version(&self) -> Result<String, EngineError> {
        let reply: spec::GetVersionResult =
            self.call("GetVersion", &(), &Prepared::bare()?, "(version)")?;
        Ok(reply.version)
    }

    fn unusable(&self, reason: &str) -> EngineError {
        let named = self.named.display().to_string();
        let reason = reason.replace(&self.library.display().to_string(), &named);
        EngineError::LibraryUnusable {
            path: self.named.clone(),
            reason,
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn job<'a>(&'a self, prepared: &'a Prepared) -> Job<'a> {
        Job {
            worker: &self.worker,
            library: &self.library,
            limits: &self.limits,
            folder: &prepared.folder,
            readable: &prepared.readable,
        }
    }

    fn call<Reply: Message + Default>(
        &self,
        method: &str,
        arguments: &impl Message,
        prepared: &Prepared,
        title: &str,
    ) -> Result<Reply, EngineError> {
        let job = self.job(prepared);
        let method = format!("KclService.{method}");
        let answer = process::call(&job, &method, &arguments.encode_to_vec());
        let answer = answer.map_err(|error| match error {
            NoAnswer::Worker(reason) => EngineError::Worker(reason),
            NoAnswer::Failure(failure) => EngineError::Stopped {
                program: title.to_owned(),
                failure,
            },
        })?;
        let text = || String::from_utf8_lossy(&answer.bytes).into_owned();
        match answer.kind {
            ReplyKind::Message => Reply::decode(answer.bytes.as_slice())
                .map_err(|error| EngineError::Worker(format!("the reply is unreadable: {error}"))),
            ReplyKind::Error => Err(program_error(&text(), prepared)),
            ReplyKind::NotLoaded => Err(self.unusable(&text())),
        }
    }
}

fn program_error(text: &str, prepared: &Prepared) -> EngineError {
    let mut diagnostics = diagnostic::parse(text, &prepared.names);
    for diagnostic in &mut diagnostics {
        if let Some(hint) = prepared.hint_of_missing(&diagnostic.message) {
            diagnostic.hint = Some(hint);
        }
    }
    EngineError::Program(ProgramError {
        diagnostics,
        text: prepared.names.text(&diagnostic::strip_ansi(text)),
    })
}

/// A program's paths made absolute and checked.
pub(crate) struct Prepared {
    folder: PathBuf,
    files: Vec<String>,
    packages: Vec<spec::ExternalPackage>,
    readable: Vec<PathBuf>,
    names: PathNames,
}

impl Prepared {
    /// For calls that read no files.
    fn bare() -> Result<Self, EngineError> {
        Ok(Self {
            folder: PathBuf::from("/"),
            files: Vec::new(),
            packages: Vec::new(),
            readable: Vec::new(),
            names: PathNames::default(),
        })
    }

    pub(crate) fn new(program: &Program) -> Result<Self, EngineError> {
        let folder = existing_folder("the root", &program.root)?;
        let mut names = PathNames::default();
        names.add(&folder, &label(&program.root));
        let named = shown_path(&program.root, Path::new("kcl.mod"));
        let undeclared = dependencies::undeclared(&folder, &named, &program.packages);
        if !undeclared.is_empty() {
            return Err(EngineError::Undeclared(undeclared));
        }
        let files: Vec<String> = program
            .sources
            .iter()
            .map(|source| entry(program, &folder, source))
            .collect::<Result<_, _>>()?;
        let packages: Vec<spec::ExternalPackage> = program
            .packages
            .iter()
            .map(|package| external(package, &folder, &mut names))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            readable: readable(&folder, &files, &packages),
            folder,
            files,
            packages,
            names,
        })
    }

    /// The packages, by name and folder.
    pub(crate) fn package_folders(&self) -> Vec<(&str, &Path)> {
        let packages = self.packages.iter();
        packages
            .map(|package| (package.name.as_str(), Path::new(&package.path)))
            .collect()
    }

    /// What to do if a module is missing in a declared package, which needs a
    /// kcl.mod for libraries built from KCL's own sources.
    fn hint_of_missing(&self, message: &str) -> Option<String> {
        let module = message.strip_prefix(diagnostic::MISSING_MODULE)?;
        let name = module.split('.').next()?;
        let package = self.packages.iter().find(|package| package.name == name)?;
        let has_mod_file = Path::new(&package.path).join("kcl.mod").is_file();
        let or = if has_mod_file {
            ""
        } else {
            "; if it is right, put a kcl.mod into that folder: some KCL libraries take no package \
             without one"
        };
        Some(format!(
            "check the path of {module} in the folder of package {name}{or}"
        ))
    }

    /// Lets the program read one more folder.
    pub(crate) fn allow(&mut self, folder: &Path) {
        self.readable.push(folder.to_owned());
    }

    pub(crate) fn arguments(&self, program: &Program) -> spec::ExecProgramArgs {
        // Texts belong to files by position, so either all files have one or none.
        let codes = if program.sources.iter().any(|source| source.text.is_some()) {
            program
                .sources
                .iter()
                .zip(&self.files)
                .map(|(source, file)| text_of(source, file))
                .collect()
        } else {
            Vec::new()
        };
        let argument = |argument: &crate::program::Argument| spec::Argument {
            name: argument.name.clone(),
            value: argument.value.clone(),
        };
        spec::ExecProgramArgs {
            work_dir: self.folder.display().to_string(),
            file_names: self.files.clone(),
            codes,
            arguments: program.arguments.iter().map(argument).collect(),
            overrides: program.overrides.clone(),
            strict_range_check: program.strict_range_check,
            disable_none: program.disable_none,
            sort_keys: program.sort_keys,
            external_packages: self.packages.clone(),
            compile_only: false,
            show_hidden: program.show_hidden,
            path_selector: program.path_selector.clone(),
        }
    }
}

fn text_of(source: &Source, file: &str) -> String {
    match &source.text {
        Some(text) => text.clone(),
        // The file was seen to exist; if it went away meanwhile KCL says so.
        None => fs::read_to_string(file).unwrap_or_default(),
    }
}

/// What stands for the root in messages: its path if that is one below the
/// current folder, so that an editor finds the file; nothing otherwise.
fn label(root: &Path) -> String {
    let mut parts = root
        .components()
        .filter(|part| *part != Component::CurDir)
        .peekable();
    if parts
        .clone()
        .all(|part| matches!(part, Component::Normal(_)))
        && parts.peek().is_some()
    {
        return parts.collect::<PathBuf>().display().to_string();
    }
    String::new()
}

/// The file `path` below `root` as messages name it.
pub fn shown_path(root: &Path, path: &Path) -> String {
    Path::new(&label(root)).join(path).display().to_string()
}

fn existing_folder(what: &str, path: &Path) -> Result<PathBuf, EngineError> {
    let missing = |source| EngineError::MissingInput {
        what: what.to_owned(),
        path: path.into(),
        source,
    };
    let folder = absolute(path).map_err(missing)?;
    if !fs::metadata(&folder).map_err(missing)?.is_dir() {
        return Err(missing(io::Error::from(io::ErrorKind::NotADirectory)));
    }
    Ok(folder)
}

/// The absolute path of an entry that was named relative to the root.
fn entry(program: &Program, folder: &Path, source: &Source) -> Result<String, EngineError> {
    let missing = |error| EngineError::MissingInput {
        what: "the entry".to_owned(),
        path: source.path.clone(),
        source: error,
    };
    let path = absolute(&folder.join(&source.path)).map_err(missing)?;
    if !path.starts_with(folder) {
        return Err(EngineError::OutsideRoot {
            path: source.path.clone(),
            root: program.root.clone(),
        });
    }
    if source.text.is_none() || program.sources.len() > 1 {
        fs::metadata(&path).map_err(missing)?;
    }
    Ok(path.display().to_string())
}

fn external(
    package: &Package,
    root: &Path,
    names: &mut PathNames,
) -> Result<spec::ExternalPackage, EngineError> {
    let what = format!("the folder of package {}", package.name);
    let path = existing_folder(&what, &package.path)?;
    if !path.starts_with(root) {
        names.add(&path, &package.name);
    }
    Ok(spec::ExternalPackage {
        name: package.name.clone(),
        path: path.display().to_string(),
    })
}

/// What a program may read: its root, its packages, and where symbolic links of
/// a package or an entry lead to.
fn readable(root: &Path, files: &[String], packages: &[spec::ExternalPackage]) -> Vec<PathBuf> {
    let mut readable = vec![root.to_owned()];
    let entries = files.iter().map(Path::new).filter(|file| file.is_symlink());
    readable.extend(entries.filter_map(|file| fs::canonicalize(file).ok()));
    for package in packages {
        let links = WalkDir::new(&package.path).into_iter().flatten();
        let links = links.filter(|entry| entry.path_is_symlink());
        readable.extend(links.filter_map(|link| fs::canonicalize(link.path()).ok()));
        readable.push(PathBuf::from(&package.path));
    }
    readable
}

/// The syntax errors among a parser's; the others are about imports.
fn parse_errors(errors: &[spec::ParseError], names: &PathNames) -> Vec<Diagnostic> {
    let of_imports = |error: &&spec::ParseError| {
        error.level == "suggestions" || error.code.contains("CannotFindModule")
    };
    let of_syntax = errors.iter().filter(|error| !of_imports(error));
    let mut found: Vec<Diagnostic> = Vec::new();
    for message in of_syntax.filter_map(|error| error.messages.first()) {
        let diagnostic = diagnostic::from_parser(message, names);
        if !found.contains(&diagnostic) {
            found.push(diagnostic);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_missing_module_wants_depends_on_its_package() {
        let package = tempfile::tempdir().unwrap();
        let program = Program {
            packages: vec![Package {
                name: "lib".into(),
                path: package.path().into(),
            }],
            ..Program::new(package.path(), ["a.k"])
        };
        fs::write(package.path().join("a.k"), "").unwrap();
        let hint = |message: &str| Prepared::new(&program).unwrap().hint_of_missing(message);
        assert_eq!(hint("cannot find the module other.none"), None);
        assert_eq!(hint("attribute 'x' not found"), None);
        let without = hint("cannot find the module lib.none").unwrap();
        assert!(without.contains("put a kcl.mod"), "{without}");
        fs::write(package.path().join("kcl.mod"), "[package]\n").unwrap();
        assert_eq!(
            hint("cannot find the module lib.none").unwrap(),
            "check the path of lib.none in the folder of package lib"
        );
    }
}
