//! A project: its cells, the files that have been evaluated, and what the command line asks for.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use build_graph::{ActionGraph, TargetLabel, TargetPattern};
use starlark::environment::{FrozenModule, Module};
use starlark::eval::{Evaluator, FileLoader};
use starlark::syntax::{AstModule, Dialect, DialectTypes};

use crate::analysis::Analysis;
use crate::cells::{Cells, join};
use crate::config::Override;
use crate::configuration::{Configuration, Configured, Setting};
use crate::globals::GLOBALS;
use crate::label::ProvidersLabel;
use crate::package::{
    BzlScope, Defaults, PackageDefaults, PackageFileScope, PackageScope, Scope, Visibility,
    buck_file,
};
use crate::rule::Target;
use crate::{Error, Result};

/// Cell and folder of a package.
type PackageKey = (Arc<str>, Arc<str>);

/// The targets of one BUCK file.
pub(crate) type Package = BTreeMap<Arc<str>, Rc<Target>>;

/// A project and everything evaluated in it so far.
pub struct Project {
    cells: Cells,
    modules: RefCell<HashMap<String, FrozenModule>>,
    loading: RefCell<Vec<String>>,
    packages: RefCell<HashMap<PackageKey, Rc<Package>>>,
    defaults: RefCell<HashMap<(Arc<str>, String), Defaults>>,
    pub(crate) analyses: RefCell<HashMap<Configured, Rc<Analysis>>>,
    pub(crate) analysing: RefCell<Vec<Configured>>,
    pub(crate) target_platform: RefCell<Option<TargetLabel>>,
    pub(crate) platforms: RefCell<HashMap<TargetLabel, Arc<Configuration>>>,
    pub(crate) executions: RefCell<Option<Vec<Arc<Configuration>>>>,
    pub(crate) settings: RefCell<HashMap<ProvidersLabel, Setting>>,
    pub(crate) graph: RefCell<ActionGraph>,
}

/// One target that a pattern of the command line stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Requested {
    label: ProvidersLabel,
    from_pattern: bool,
}

impl Requested {
    /// Whether it was named by a pattern of several targets, not by itself.
    pub fn is_from_pattern(&self) -> bool {
        self.from_pattern
    }

    /// The target, without its sub-target.
    pub fn target(&self) -> &TargetLabel {
        &self.label.target
    }

    pub(crate) fn providers_label(&self) -> &ProvidersLabel {
        &self.label
    }
}

impl std::fmt::Display for Requested {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.label)
    }
}

impl Project {
    /// Opens the project at `root`.
    pub fn open(root: &Path, overrides: &[Override]) -> Result<Project> {
        Ok(Project {
            cells: Cells::read(root, overrides)?,
            modules: RefCell::default(),
            loading: RefCell::default(),
            packages: RefCell::default(),
            defaults: RefCell::default(),
            analyses: RefCell::default(),
            analysing: RefCell::default(),
            target_platform: RefCell::default(),
            platforms: RefCell::default(),
            executions: RefCell::default(),
            settings: RefCell::default(),
            graph: RefCell::default(),
        })
    }

    /// Builds requested targets for this platform, whatever they and `.buckconfig` say.
    pub fn set_target_platform(&self, label: &str) -> Result<()> {
        let label = self.root_label(label)?;
        *self.target_platform.borrow_mut() = Some(label.target);
        Ok(())
    }

    /// Why a target can't be built for its platform, if so. A pattern leaves such targets out.
    pub fn incompatible(&self, requested: &Requested) -> Result<Option<String>> {
        let target = self.target(&requested.label.target)?;
        self.incompatibility(&target, &*self.configuration_of(&target)?)
    }

    /// The project's cells.
    pub fn cells(&self) -> &Cells {
        &self.cells
    }

    /// The actions of every target analysed so far.
    pub fn into_graph(self) -> ActionGraph {
        self.graph.into_inner()
    }

    /// The targets that patterns stand for, sorted, each once. `from` is the caller's folder
    /// below the project root.
    pub fn resolve(&self, patterns: &[String], from: &str) -> Result<Vec<Requested>> {
        let mut requested = Vec::new();
        for text in patterns {
            self.resolve_one(text, from, &mut requested)?;
        }
        requested.sort();
        requested.dedup_by(|later, first| later.label == first.label);
        Ok(requested)
    }

    fn resolve_one(&self, text: &str, from: &str, into: &mut Vec<Requested>) -> Result<()> {
        let pattern = TargetPattern::parse(text)?;
        let (own_cell, own_package) = self.cells.locate(from);
        let place =
            |alias: &Option<String>, package: &Option<String>| -> Result<(Arc<str>, String)> {
                let absolute = text.contains("//");
                let cell = match alias {
                    Some(alias) => self.cells.resolve(alias, self.cells.root_cell())?,
                    None if absolute => self.cells.root_cell().clone(),
                    None => own_cell.clone(),
                };
                let package = match package {
                    Some(package) if absolute => package.clone(),
                    Some(package) => join(&own_package, package),
                    None => own_package.clone(),
                };
                Ok((cell, package))
            };
        match &pattern {
            TargetPattern::Recursive { cell, package } => {
                let (cell, package) = place(cell, package)?;
                for found in self.packages_below(&cell, &package)? {
                    self.all_of(&cell, &found, into)?;
                }
            }
            TargetPattern::Package { cell, package } => {
                let (cell, package) = place(cell, package)?;
                self.all_of(&cell, &package, into)?;
            }
            TargetPattern::Target {
                cell,
                package,
                name,
                sub_targets,
            } => {
                let (cell, package) = place(cell, package)?;
                let target = TargetLabel {
                    cell,
                    package: package.into(),
                    name: name.as_str().into(),
                };
                self.target(&target)?;
                into.push(Requested {
                    label: ProvidersLabel {
                        target,
                        sub_targets: sub_targets.clone(),
                    },
                    from_pattern: false,
                });
            }
        }
        Ok(())
    }

    fn all_of(&self, cell: &Arc<str>, package: &str, into: &mut Vec<Requested>) -> Result<()> {
        for target in self.package(cell, package)?.values() {
            into.push(Requested {
                label: ProvidersLabel::of(target.label.clone()),
                from_pattern: true,
            });
        }
        Ok(())
    }

    /// Whether a folder below the project root is a package.
    pub fn is_package(&self, folder: &str) -> bool {
        buck_file(&self.cells.root.join(folder)).is_some()
    }

    /// The name of the rule that made a target, for listings.
    pub fn rule_name(&self, label: &TargetLabel) -> Result<String> {
        Ok(self
            .target(label)?
            .rule
            .name
            .get()
            .cloned()
            .unwrap_or_default())
    }

    /// The labels of a target's `tests`.
    pub fn tests_of(&self, label: &TargetLabel) -> Result<Vec<Requested>> {
        Ok(self
            .target(label)?
            .tests
            .iter()
            .map(|label| Requested {
                label: label.clone(),
                from_pattern: true,
            })
            .collect())
    }

    fn packages_below(&self, cell: &Arc<str>, folder: &str) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let path = self.cells.project_path(cell, folder);
        let start = self.cells.root.join(&path);
        if !start.is_dir() {
            return Err(Error::message(format!(
                "there is no folder `{path}`, so `{cell}//{folder}/...` stands for nothing"
            )));
        }
        self.walk(cell, folder, &path, &start, &mut found)?;
        found.sort();
        Ok(found)
    }

    fn walk(
        &self,
        cell: &str,
        package: &str,
        path: &str,
        folder: &Path,
        into: &mut Vec<String>,
    ) -> Result<()> {
        if buck_file(folder).is_some() {
            into.push(package.to_owned());
        }
        let entries = std::fs::read_dir(folder)
            .map_err(|error| Error::message(format!("cannot read the folder `{path}`: {error}")))?;
        for entry in entries.flatten() {
            let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let path = join(path, &name);
            if is_dir && !self.cells.is_ignored(cell, &path) {
                self.walk(cell, &join(package, &name), &path, &entry.path(), into)?;
            }
        }
        Ok(())
    }

    /// A target, as its BUCK file declares it.
    pub(crate) fn target(&self, label: &TargetLabel) -> Result<Rc<Target>> {
        let package = self.package(&label.cell, &label.package)?;
        package.get(&label.name).cloned().ok_or_else(|| {
            let near =
                diagnostics::suggest::nearest(&label.name, package.keys().map(AsRef::as_ref));
            let hint = near.map_or_else(
                || {
                    format!(
                        "`./buck2 targets {}//{}:` lists the ones there are",
                        label.cell, label.package
                    )
                },
                |near| format!("did you mean `:{near}`?"),
            );
            Error::message(format!(
                "unknown target `{label}`: its BUCK file declares no `{}`; {hint}",
                label.name
            ))
        })
    }

    fn package(&self, cell: &Arc<str>, package: &str) -> Result<Rc<Package>> {
        let key = (cell.clone(), Arc::from(package));
        if let Some(found) = self.packages.borrow().get(&key) {
            return Ok(found.clone());
        }
        let found = Rc::new(self.evaluate_package(cell, &key.1)?);
        self.packages.borrow_mut().insert(key, found.clone());
        Ok(found)
    }

    fn evaluate_package(&self, cell: &Arc<str>, package: &Arc<str>) -> Result<Package> {
        let path = self.cells.project_path(cell, package);
        let (owner, below) = self.cells.locate(&path);
        if owner != *cell {
            return Err(Error::message(format!(
                "`{cell}//{package}` is no package: its folder belongs to the cell `{owner}`; write `{owner}//{below}`"
            )));
        }
        let folder = self.cells.root.join(&path);
        let Some(name) = buck_file(&folder) else {
            let why = if folder.is_dir() {
                "has no BUCK file"
            } else {
                "does not exist"
            };
            return Err(Error::message(format!(
                "`{cell}//{package}` is no package: the folder `{path}` {why}"
            )));
        };
        let file = join(&path, name);
        let scope = Scope::Buck(PackageScope {
            cells: &self.cells,
            cell: cell.clone(),
            package: package.clone(),
            folder,
            file: file.clone(),
            defaults: self.package_defaults(cell, package)?,
            files: OnceCell::new(),
            targets: RefCell::default(),
        });
        self.evaluate(&file, cell, package, &scope)?;
        match scope {
            Scope::Buck(scope) => Ok(scope.targets.into_inner()),
            _ => Ok(Package::new()),
        }
    }

    /// What the PACKAGE files at and above a package say: the nearest one, and those above it as
    /// long as it inherits; one that does not call `package()` changes nothing.
    fn package_defaults(&self, cell: &Arc<str>, package: &str) -> Result<Defaults> {
        let key = (cell.clone(), package.to_owned());
        if let Some(found) = self.defaults.borrow().get(&key) {
            return Ok(found.clone());
        }
        let parent = match package.rsplit_once('/') {
            Some((parent, _)) => Some(parent),
            None if !package.is_empty() => Some(""),
            None => None,
        };
        let inherited = || match parent {
            Some(parent) => self.package_defaults(cell, parent),
            None => Ok(Defaults {
                visibility: Visibility::private(),
                within_view: Visibility::Public,
            }),
        };
        let defaults = match self.declared_defaults(cell, package)? {
            Some(declared) if declared.inherit => {
                let inherited = inherited()?;
                Defaults {
                    visibility: declared.visibility.or(inherited.visibility),
                    within_view: declared.within_view.or(inherited.within_view),
                }
            }
            Some(declared) => Defaults {
                visibility: declared.visibility,
                within_view: declared.within_view,
            },
            None => inherited()?,
        };
        self.defaults.borrow_mut().insert(key, defaults.clone());
        Ok(defaults)
    }

    /// What the PACKAGE file of a folder declares.
    fn declared_defaults(&self, cell: &Arc<str>, package: &str) -> Result<Option<PackageDefaults>> {
        let file = join(&self.cells.project_path(cell, package), "PACKAGE");
        if !self.cells.root.join(&file).is_file() {
            return Ok(None);
        }
        let scope = Scope::Package(PackageFileScope {
            cells: &self.cells,
            cell: cell.clone(),
            package: package.to_owned(),
            declared: RefCell::default(),
        });
        self.evaluate(&file, cell, package, &scope)?;
        Ok(match scope {
            Scope::Package(scope) => scope.declared.into_inner(),
            _ => None,
        })
    }

    fn evaluate<'a>(
        &'a self,
        file: &str,
        cell: &Arc<str>,
        package: &str,
        scope: &Scope<'a>,
    ) -> Result<()> {
        let text = self.read(file)?;
        let ast = parse(file, text, &dialect(false))?;
        let loader = Loader {
            project: self,
            cell: cell.clone(),
            package: package.to_owned(),
        };
        Module::with_temp_heap(|module| {
            let mut eval = Evaluator::new(&module);
            eval.set_loader(&loader);
            eval.extra = Some(scope);
            eval.eval_module(ast, &GLOBALS).map(|_| ())
        })?;
        Ok(())
    }

    fn read(&self, file: &str) -> Result<String> {
        std::fs::read_to_string(self.cells.root.join(file))
            .map_err(|error| Error::message(format!("{file}: {error}")))
    }

    /// A `.bzl` file, evaluated once.
    pub(crate) fn module(&self, id: &str) -> Result<FrozenModule> {
        if let Some(found) = self.modules.borrow().get(id) {
            return Ok(found.clone());
        }
        if let Some(start) = self.loading.borrow().iter().position(|open| open == id) {
            let mut cycle = self.loading.borrow()[start..].to_vec();
            cycle.push(id.to_owned());
            return Err(Error::message(format!(
                "load cycle: {}; move what both need into a third file",
                cycle.join(" -> ")
            )));
        }
        self.loading.borrow_mut().push(id.to_owned());
        let module = self.evaluate_module(id);
        self.loading.borrow_mut().pop();
        let module = module?;
        self.modules
            .borrow_mut()
            .insert(id.to_owned(), module.clone());
        Ok(module)
    }

    fn evaluate_module(&self, id: &str) -> Result<FrozenModule> {
        let (cell, path) = id.split_once("//").unwrap_or(("", id));
        let cell: Arc<str> = cell.into();
        let file = self.cells.project_path(&cell, path);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !path.ends_with(".bzl") {
            return self.data_module(&file);
        }
        let ast = parse(&file, self.read(&file)?, &dialect(true))?;
        let loader = Loader {
            project: self,
            cell: cell.clone(),
            package: folder.to_owned(),
        };
        let scope = Scope::Bzl(BzlScope {
            cells: &self.cells,
            cell,
            id: id.to_owned(),
        });
        let frozen = Module::with_temp_heap(|module| -> starlark::Result<FrozenModule> {
            {
                let mut eval = Evaluator::new(&module);
                eval.set_loader(&loader);
                eval.extra = Some(&scope);
                eval.eval_module(ast, &GLOBALS)?;
            }
            module
                .freeze()
                .map_err(|error| starlark::Error::new_other(anyhow::anyhow!("{error:?}")))
        })?;
        Ok(frozen)
    }
}

impl Project {
    /// A JSON or TOML file as a module with one name, `value`.
    fn data_module(&self, file: &str) -> Result<FrozenModule> {
        let text = self.read(file)?;
        let data = if file.ends_with(".toml") {
            toml::from_str(&text).map_err(|error| error.to_string())
        } else {
            serde_json::from_str(&text).map_err(|error| error.to_string())
        };
        let data: serde_json::Value =
            data.map_err(|error| Error::message(format!("{file}: {}", error.trim_end())))?;
        Ok(Module::with_temp_heap(|module| {
            module.set("value", module.heap().alloc(data));
            module
                .freeze()
                .map_err(|error| starlark::Error::new_other(anyhow::anyhow!("{error:?}")))
        })?)
    }
}

/// Resolves `load()`.
struct Loader<'a> {
    project: &'a Project,
    cell: Arc<str>,
    package: String,
}

impl FileLoader for Loader<'_> {
    fn load(&self, path: &str) -> starlark::Result<FrozenModule> {
        Ok(self.project.module(&self.resolve(path)?)?)
    }
}

impl Loader<'_> {
    /// `cell//path/file.bzl`
    fn resolve(&self, path: &str) -> Result<String> {
        let wrong = |why: &str| {
            Error::message(format!(
                "load(\"{path}\"): {why}; write `//folder:file.bzl`, `@cell//folder:file.bzl` or `:file.bzl`"
            ))
        };
        let (folder, name) = path
            .rsplit_once(':')
            .ok_or_else(|| wrong("there is no `:file.bzl`"))?;
        if name.contains('/') {
            return Err(wrong("the file's name may not hold a `/`"));
        }
        if ![".bzl", ".json", ".toml"]
            .iter()
            .any(|suffix| name.ends_with(suffix))
        {
            return Err(wrong(
                "the file's name has to end with `.bzl`, `.json` or `.toml`",
            ));
        }
        let (cell, folder) = match folder.split_once("//") {
            None if folder.is_empty() => (self.cell.clone(), self.package.clone()),
            None => return Err(wrong("a path without `//` starts with `:`")),
            Some(("", folder)) => (self.cell.clone(), folder.to_owned()),
            Some((alias, folder)) => {
                let alias = alias
                    .strip_prefix('@')
                    .ok_or_else(|| wrong("a cell is written with `@`"))?;
                (
                    self.project.cells.resolve(alias, &self.cell)?,
                    folder.to_owned(),
                )
            }
        };
        if !folder.is_empty()
            && folder
                .split('/')
                .any(|part| matches!(part, "" | "." | ".."))
        {
            return Err(wrong(
                "a folder's path may not hold `.`, `..` or an empty part",
            ));
        }
        let file = join(&self.project.cells.project_path(&cell, &folder), name);
        if !self.project.cells.root.join(&file).is_file() {
            return Err(Error::message(format!(
                "load(\"{path}\"): there is no file `{file}`"
            )));
        }
        Ok(format!("{cell}//{}", join(&folder, name)))
    }
}

/// What Buck2 allows in a `.bzl` file, or else in BUCK and PACKAGE files.
pub(crate) fn dialect(is_bzl: bool) -> Dialect {
    Dialect {
        enable_def: is_bzl,
        enable_lambda: true,
        enable_load: true,
        enable_keyword_only_arguments: is_bzl,
        enable_types: if is_bzl {
            DialectTypes::Enable
        } else {
            DialectTypes::Disable
        },
        enable_load_reexport: false,
        enable_top_level_stmt: is_bzl,
        enable_f_strings: true,
        ..Dialect::Standard
    }
}

/// Parses a file that errors call `shown`.
pub(crate) fn parse(shown: &str, text: String, dialect: &Dialect) -> Result<AstModule> {
    if let Some(line) = text.lines().position(|line| line.contains('\t')) {
        let column = text
            .lines()
            .nth(line)
            .and_then(|line| line.find('\t'))
            .unwrap_or_default();
        return Err(Error::message(format!(
            "{shown}:{}:{}: tabs are not allowed; indent with spaces",
            line + 1,
            column + 1
        )));
    }
    Ok(AstModule::parse(shown, text, dialect)?)
}

impl Visibility {
    /// Both together.
    #[must_use]
    fn or(self, other: Visibility) -> Visibility {
        match (self, other) {
            (Visibility::Patterns(mut mine), Visibility::Patterns(theirs)) => {
                mine.extend(theirs);
                Visibility::Patterns(mine)
            }
            _ => Visibility::Public,
        }
    }
}
