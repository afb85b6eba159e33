//! Python classes for cloudcoil and pydantic that accept what the API server
//! accepts: `<package>/io/fluxcd/toolkit/helm/v2.py` offers the classes of
//! every kind of a group's version, `_v2/helm_release.py` beside it holds those
//! of one kind.
//!
//! - [`files`]: the folder that goes on the Python path, [`Drafts`]: the same kind by
//!   kind; [`library()`]: the same of types that refer to one another
//! - [`plan`]: what of a model becomes which class, in [`names`]
//! - [`source`]: the classes as they run, with the types of [`hints`], the
//!   checks of [`markers`] and the [`rules`]
//! - [`stub`]: the classes as type checkers see them, with their builders
//! - [`target`], [`functions`]: CEL in Python
//! - [`packages`], [`version`], [`lookup`]: what finds the classes
//! - [`runtime`]: what they share

pub mod functions;
pub mod hints;
pub mod layout;
mod library;
pub mod literal;
pub mod lookup;
pub mod markers;
pub mod names;
pub mod packages;
pub mod plan;
pub mod rules;
pub mod runtime;
pub mod source;
pub mod stub;
pub mod target;
pub mod version;
pub mod words;

pub use library::library;

use crate::analysis::Model;
use crate::output::{Files, Memory, Store};
use crate::report::{Report, name_gap};
use plan::Kind;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The files of the package called `package` (with dots), by path below a
/// folder of the Python path.
pub fn files(models: &[Model], package: &str) -> Files {
    let mut drafts = Drafts::new(package);
    for model in models {
        let Ok(()) = drafts.add(model, &mut Memory);
    }
    let clashes = drafts.clashes();
    let clashing = |model: &&Model| clashes.contains(&version_of(model));
    let Ok(()) = drafts.name_together(models.iter().filter(clashing), &mut Memory);
    let Ok(files) = drafts.finish(&mut Memory);
    files
}

/// The files of a package while they are made, of one model at a time.
///
/// A model's texts depend on the others of its group's version where classes of
/// several kinds would have the same name: those are made again, together.
#[derive(Debug)]
pub struct Drafts<T> {
    root: String,
    kinds: Vec<Draft<T>>,
}

/// What is made of one kind.
#[derive(Debug)]
struct Draft<T> {
    version: GroupVersion,
    kind: String,
    api_version: String,
    /// The names of its classes, that of the kind at the end.
    classes: String,
    text: T,
    stub: T,
    report: Report,
}

/// A group and its version.
pub type GroupVersion = (String, String);

/// Of which version a model is.
pub fn version_of(model: &Model) -> GroupVersion {
    (model.group.clone(), model.version.clone())
}

impl<T> Drafts<T> {
    /// A package with no kinds.
    pub fn new(package: &str) -> Self {
        Self {
            root: package.replace('.', "/"),
            kinds: Vec::new(),
        }
    }

    /// Makes a kind as if no other had a class of the same name.
    ///
    /// # Errors
    /// If its text cannot be kept.
    pub fn add<S: Store<Text = T>>(
        &mut self,
        model: &Model,
        store: &mut S,
    ) -> Result<(), S::Error> {
        for kind in &plan::kinds(&[model]) {
            self.kinds.push(Draft::new(kind, store)?);
        }
        Ok(())
    }

    /// The versions in which several kinds have a class of the same name.
    pub fn clashes(&self) -> BTreeSet<GroupVersion> {
        let mut versions: BTreeMap<&GroupVersion, Vec<&str>> = BTreeMap::new();
        for kind in &self.kinds {
            versions
                .entry(&kind.version)
                .or_default()
                .push(&kind.classes);
        }
        let clashes = |kinds: &[&str]| {
            let mut seen = HashSet::new();
            let mut names = kinds.iter().flat_map(|classes| classes.split(' '));
            names.any(|name| !seen.insert(name))
        };
        let versions = versions.into_iter();
        let clashing = versions.filter(|(_, kinds)| clashes(kinds));
        clashing.map(|(version, _)| version.clone()).collect()
    }

    /// Makes all models of some versions again, with names that are not used twice.
    ///
    /// # Errors
    /// If a text cannot be kept.
    pub fn name_together<'m, S: Store<Text = T>>(
        &mut self,
        models: impl Iterator<Item = &'m Model>,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let mut versions: BTreeMap<GroupVersion, Vec<&Model>> = BTreeMap::new();
        for model in models {
            versions.entry(version_of(model)).or_default().push(model);
        }
        self.kinds
            .retain(|kind| !versions.contains_key(&kind.version));
        for models in versions.values_mut() {
            models.sort_by(|a, b| a.kind.cmp(&b.kind));
            for kind in &plan::kinds(models) {
                self.kinds.push(Draft::new(kind, store)?);
            }
        }
        Ok(())
    }

    /// The files.
    ///
    /// # Errors
    /// If a text cannot be kept.
    pub fn finish<S: Store<Text = T>>(
        mut self,
        store: &mut S,
    ) -> Result<BTreeMap<String, T>, S::Error> {
        self.kinds
            .sort_by(|a, b| (&a.version, &a.kind).cmp(&(&b.version, &b.kind)));
        let mut versions: Vec<(GroupVersion, Vec<Draft<T>>)> = Vec::new();
        for kind in self.kinds {
            match versions.last_mut() {
                Some((version, kinds)) if *version == kind.version => kinds.push(kind),
                _ => versions.push((kind.version.clone(), vec![kind])),
            }
        }
        let mut made = Made::new(&self.root);
        for (version, kinds) in versions {
            made.version(&version, kinds, store)?;
        }
        made.finish(store)
    }
}

impl<T> Draft<T> {
    fn new<S: Store<Text = T>>(kind: &Kind<'_>, store: &mut S) -> Result<Self, S::Error> {
        let model = kind.model;
        let dots = ".".repeat(names::folders(&model.group).len() + 2);
        let (text, mut report) = source::module(kind, &dots);
        report.not_checked.insert(0, name_gap(model));
        Ok(Self {
            version: version_of(model),
            kind: model.kind.clone(),
            api_version: model.api_version(),
            classes: kind.class_names(),
            text: store.keep(text)?,
            stub: store.keep(stub::module(kind, &dots))?,
            report,
        })
    }

    fn class(&self) -> String {
        let last = self.classes.rsplit(' ').next();
        last.unwrap_or_default().to_owned()
    }
}

/// What is made of a package so far.
struct Made<T> {
    root: String,
    files: BTreeMap<String, T>,
    found: Vec<lookup::Found>,
    report: Report,
}

impl<T> Made<T> {
    fn new(root: &str) -> Self {
        Self {
            root: root.to_owned(),
            files: BTreeMap::new(),
            found: Vec::new(),
            report: Report::default(),
        }
    }

    /// The files, with what finds the classes and what these share.
    fn finish<S: Store<Text = T>>(self, store: &mut S) -> Result<BTreeMap<String, T>, S::Error> {
        let Self {
            root,
            mut files,
            mut found,
            report,
        } = self;
        let mut more = packages::inits(files.keys(), &root, !found.is_empty());
        if !found.is_empty() {
            found.sort();
            more.insert(format!("{root}/_lookup.py"), lookup::module(&found));
        }
        more.insert(format!("{root}/_lazy.py"), runtime::LAZY.to_owned());
        more.insert(format!("{root}/_report.json"), report.json());
        more.insert(format!("{root}/py.typed"), String::new());
        for (name, text) in runtime::FILES {
            more.insert(format!("{root}/_runtime/{name}"), text.to_owned());
        }
        for (path, text) in more {
            files.insert(path, store.keep(text)?);
        }
        Ok(files)
    }

    /// The modules of one version of a group.
    fn version<S: Store<Text = T>>(
        &mut self,
        (group, version): &GroupVersion,
        kinds: Vec<Draft<T>>,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let folders = names::folders(group);
        let module = names::identifier(version);
        let hidden = format!("_{module}");
        let folder = format!("{}/{}", self.root, folders.join("/"));
        let dots = ".".repeat(folders.len() + 1);
        let mut taken = BTreeSet::new();
        let mut homes = Vec::new();
        for kind in kinds {
            let home = free(names::kind_module(&kind.kind), &mut taken);
            let path = format!("{folder}/{hidden}/{home}");
            self.found.push(lookup::Found {
                class: kind.class(),
                kind: kind.kind,
                api_version: kind.api_version,
                module: format!(".{}.{module}", folders.join(".")),
            });
            self.files.insert(format!("{path}.py"), kind.text);
            self.files.insert(format!("{path}.pyi"), kind.stub);
            self.report.rules.extend(kind.report.rules);
            self.report.not_checked.extend(kind.report.not_checked);
            homes.push(version::Home {
                module: home,
                classes: kind.classes,
            });
        }
        let text = version::module(&format!("{group}/{version}"), &hidden, &homes, &dots);
        self.files
            .insert(format!("{folder}/{module}.py"), store.keep(text)?);
        Ok(())
    }
}

/// A name that is not taken yet, whatever the case of its letters.
fn free(name: String, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    let free = names.find(|name| !taken.contains(name)).unwrap_or(name);
    taken.insert(free.clone());
    free
}
