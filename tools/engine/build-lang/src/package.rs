//! PACKAGE and BUCK files: what is known while one is evaluated, and what comes out.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use build_graph::{TargetLabel, TargetPattern};
use starlark::any::ProvidesStaticType;
use starlark::eval::Evaluator;

use crate::attrs::CoercionScope;
use crate::cells::Cells;
use crate::context::AnalysisScope;
use crate::error::raise;
use crate::label::{ProvidersLabel, read_label};
use crate::rule::Target;

/// What is being evaluated, as functions of the language find it.
#[derive(Debug, ProvidesStaticType)]
pub(crate) enum Scope<'a> {
    /// A `.bzl` file.
    Bzl(BzlScope<'a>),
    /// A PACKAGE file.
    Package(PackageFileScope<'a>),
    /// A BUCK file.
    Buck(PackageScope<'a>),
    /// A rule's implementation.
    Analysis(AnalysisScope<'a>),
}

impl<'a> Scope<'a> {
    /// The scope of an evaluation.
    pub fn of<'x>(eval: &Evaluator<'_, 'x, 'a>) -> starlark::Result<&'x Scope<'a>> {
        match eval
            .extra
            .and_then(|extra| extra.downcast_ref::<Scope<'a>>())
        {
            Some(scope) => Ok(scope),
            None => raise("this is not available here"),
        }
    }

    /// The cell that the file being evaluated lies in, and all cells.
    pub fn cell(&self) -> (&str, &Cells) {
        match self {
            Scope::Bzl(scope) => (&scope.cell, scope.cells),
            Scope::Package(scope) => (&scope.cell, scope.cells),
            Scope::Buck(scope) => (&scope.cell, scope.cells),
            Scope::Analysis(scope) => (&scope.label.0.target.cell, scope.cells),
        }
    }
}

/// A `.bzl` file.
#[derive(Debug)]
pub(crate) struct BzlScope<'a> {
    pub cells: &'a Cells,
    pub cell: Arc<str>,
    /// `cell//path/file.bzl`
    pub id: String,
}

/// A PACKAGE file.
#[derive(Debug)]
pub(crate) struct PackageFileScope<'a> {
    pub cells: &'a Cells,
    pub cell: Arc<str>,
    pub package: String,
    pub declared: RefCell<Option<PackageDefaults>>,
}

/// What `package()` sets.
#[derive(Debug, Clone)]
pub(crate) struct PackageDefaults {
    pub inherit: bool,
    pub visibility: Visibility,
    /// What the package's targets may depend on.
    pub within_view: Visibility,
}

/// What PACKAGE files give the targets of a package that say nothing themselves.
#[derive(Debug, Clone)]
pub(crate) struct Defaults {
    pub visibility: Visibility,
    pub within_view: Visibility,
}

/// A BUCK file.
#[derive(Debug)]
pub(crate) struct PackageScope<'a> {
    pub cells: &'a Cells,
    pub cell: Arc<str>,
    pub package: Arc<str>,
    /// The package's folder on disk.
    pub folder: PathBuf,
    /// The BUCK file below the project root, as errors show it.
    pub file: String,
    pub defaults: Defaults,
    /// Its files, listed once for all of its globs.
    pub files: OnceCell<Vec<String>>,
    pub targets: RefCell<BTreeMap<Arc<str>, Rc<Target>>>,
}

impl PackageScope<'_> {
    pub fn label(&self, name: &str) -> TargetLabel {
        TargetLabel {
            cell: self.cell.clone(),
            package: self.package.clone(),
            name: name.into(),
        }
    }

    pub fn coercion(&self) -> CoercionScope<'_> {
        CoercionScope {
            cells: self.cells,
            cell: &self.cell,
            package: Some((&self.package, &self.folder)),
        }
    }

    pub fn labels(&self, texts: &[String]) -> starlark::Result<Vec<ProvidersLabel>> {
        let read = |text: &String| {
            Ok(read_label(
                text,
                self.cells,
                &self.cell,
                Some(&self.package),
            )?)
        };
        texts.iter().map(read).collect()
    }

    /// Adds a target; a second one of the same name is an error that names both places.
    pub fn add(&self, target: Target) -> starlark::Result<()> {
        let mut targets = self.targets.borrow_mut();
        if let Some(first) = targets.get(&target.label.name) {
            return raise(format!(
                "duplicate target `{}`: first declared at {}, again at {}; rename one of them",
                target.label, first.place, target.place
            ));
        }
        targets.insert(target.label.name.clone(), Rc::new(target));
        Ok(())
    }
}

/// Who may depend on a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Visibility {
    Public,
    /// Targets of the own package, and these.
    Patterns(Vec<VisibilityPattern>),
}

/// One element of a `visibility` list, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VisibilityPattern {
    cell: Arc<str>,
    package: String,
    recursive: bool,
    name: Option<String>,
}

impl std::fmt::Display for VisibilityPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}//{}", self.cell, self.package)?;
        match (&self.name, self.recursive, self.package.is_empty()) {
            (Some(name), ..) => write!(f, ":{name}"),
            (None, true, true) => f.write_str("..."),
            (None, true, false) => f.write_str("/..."),
            (None, false, _) => f.write_str(":"),
        }
    }
}

impl Visibility {
    /// Nobody outside the package.
    pub fn private() -> Visibility {
        Visibility::Patterns(Vec::new())
    }

    /// An empty `within_view` says nothing.
    #[must_use]
    pub fn or_public_if_empty(self) -> Visibility {
        match self {
            Visibility::Patterns(patterns) if patterns.is_empty() => Visibility::Public,
            other => other,
        }
    }

    /// Its patterns, as `ctx.attrs` and messages show them.
    pub fn texts(&self) -> Vec<String> {
        match self {
            Visibility::Public => vec!["PUBLIC".to_owned()],
            Visibility::Patterns(patterns) => patterns.iter().map(ToString::to_string).collect(),
        }
    }

    pub fn read(texts: &[String], package: &PackageScope<'_>) -> starlark::Result<Visibility> {
        Visibility::read_in(texts, package.cells, &package.cell, &package.package)
    }

    pub fn read_in(
        texts: &[String],
        cells: &Cells,
        cell: &Arc<str>,
        own: &str,
    ) -> starlark::Result<Visibility> {
        if texts.iter().any(|text| text == "PUBLIC") {
            return Ok(Visibility::Public);
        }
        let read = |text: &String| -> crate::Result<VisibilityPattern> {
            let (alias, package, recursive, name) = match TargetPattern::parse(text)? {
                TargetPattern::Recursive { cell, package } => (cell, package, true, None),
                TargetPattern::Package { cell, package } => (cell, package, false, None),
                TargetPattern::Target {
                    cell,
                    package,
                    name,
                    ..
                } => (cell, package, false, Some(name)),
            };
            let cell = match alias {
                Some(alias) => cells.resolve(&alias, cell)?,
                None => cell.clone(),
            };
            Ok(VisibilityPattern {
                cell,
                package: package.unwrap_or_else(|| own.to_owned()),
                recursive,
                name,
            })
        };
        Ok(Visibility::Patterns(
            texts.iter().map(read).collect::<crate::Result<_>>()?,
        ))
    }

    /// Whether `from` may depend on `target`, which has this visibility.
    pub fn allows(&self, target: &TargetLabel, from: &TargetLabel) -> bool {
        (target.cell == from.cell && target.package == from.package) || self.includes(from)
    }

    /// Whether its patterns stand for a target, among others.
    pub fn includes(&self, target: &TargetLabel) -> bool {
        match self {
            Visibility::Public => true,
            Visibility::Patterns(patterns) => {
                patterns.iter().any(|pattern| pattern.includes(target))
            }
        }
    }
}

impl VisibilityPattern {
    fn includes(&self, target: &TargetLabel) -> bool {
        let below = self.recursive
            && (self.package.is_empty()
                || target.package.starts_with(&format!("{}/", self.package)));
        self.cell == target.cell
            && (*target.package == *self.package || below)
            && self.name.as_ref().is_none_or(|name| **name == *target.name)
    }
}

/// The BUCK file of a folder; `BUCK.v2` wins over `BUCK`.
pub(crate) fn buck_file(folder: &Path) -> Option<&'static str> {
    ["BUCK.v2", "BUCK"]
        .into_iter()
        .find(|name| folder.join(name).is_file())
}
