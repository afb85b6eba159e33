//! KCL schemas, importable as `kcl import -m crd` makes them: one module a kind
//! and version, `models/<version>/<group_version_kind>.k`.
//!
//! - [`package`]: the package, [`Drafts`]: the same kind by kind; [`library()`]: one of
//!   types that refer to one another
//! - [`names`]: modules, schemas, attributes; [`swag`]: the rules behind them
//! - [`checks`]: what must hold, as `check:` lines; [`rules`]: CEL; [`reading`]:
//!   how both read a resource; [`helpers`]: the lambdas that they call
//! - [`literal`]: values as KCL writes them

pub mod checks;
mod helpers;
mod k8s;
mod layout;
mod library;
pub mod literal;
pub mod names;
mod print;
mod reading;
mod rules;
pub mod swag;
mod unions;

pub use library::{LibraryOptions, library};

use crate::analysis::Model;
use crate::output::{Files, Memory, Store};
use crate::report::{Report, name_gap};
use kube_schema::GroupVersionKind;
use std::collections::{BTreeMap, BTreeSet};

/// What a package is called, and where its ObjectMeta comes from.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The package's name.
    pub package: &'a str,
    /// The package that has ObjectMeta; without one it is part of this package.
    pub k8s_package: Option<&'a str>,
}

/// A package: its files by path below its root, and what they check.
#[derive(Debug)]
pub struct Package {
    /// The files, the report among them.
    pub files: Files,
    /// What is checked.
    pub report: Report,
}

/// The package with these models.
pub fn package(models: &[Model], options: &Options<'_>) -> Package {
    let mut drafts = Drafts::new(*options);
    for model in models {
        let Ok(()) = drafts.add(model, &mut Memory);
    }
    let Ok((files, report)) = drafts.finish(&mut Memory);
    Package { files, report }
}

/// A package while its models are made, one at a time. Which file each becomes
/// depends on the names of all.
#[derive(Debug)]
pub struct Drafts<'a, T> {
    options: Options<'a>,
    models: Vec<Draft<T>>,
    /// The lambdas that they call.
    called: BTreeSet<String>,
}

/// What is made of one model.
#[derive(Debug)]
struct Draft<T> {
    of: GroupVersionKind,
    /// Its file, in the folder of its version.
    text: T,
    /// How long the file's header is, which says how far above other folders are.
    header: usize,
    report: Report,
}

impl<'a, T> Drafts<'a, T> {
    /// A package with no models.
    pub fn new(options: Options<'a>) -> Self {
        Self {
            options,
            models: Vec::new(),
            called: BTreeSet::new(),
        }
    }

    /// Makes a model.
    ///
    /// # Errors
    /// If its text cannot be kept.
    pub fn add<S: Store<Text = T>>(
        &mut self,
        model: &Model,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let printed = print::file(model, self.options.k8s_package);
        for name in helpers::called(&printed.body) {
            if !self.called.contains(name) {
                self.called.insert(name.to_owned());
            }
        }
        let mut not_checked = vec![name_gap(model)];
        not_checked.extend(printed.gaps);
        self.models.push(Draft {
            of: GroupVersionKind {
                group: model.group.clone(),
                version: model.version.clone(),
                kind: model.kind.clone(),
            },
            header: printed.header.len(),
            text: store.keep(printed.header + &printed.body)?,
            report: Report {
                rules: printed.rules,
                not_checked,
            },
        });
        Ok(())
    }

    /// The files by path below the package's root, and what they check.
    ///
    /// # Errors
    /// If a text cannot be kept.
    pub fn finish<S: Store<Text = T>>(
        self,
        store: &mut S,
    ) -> Result<(BTreeMap<String, T>, Report), S::Error> {
        let Self {
            options,
            mut models,
            called,
        } = self;
        models.sort_by(|a, b| (&a.of.group, &a.of.kind).cmp(&(&b.of.group, &b.of.kind)));
        let shared = shared_roots(models.iter().map(|model| &model.of));
        let mut places = Places::default();
        let mut report = Report::default();
        for model in models {
            let root = (model.of.version.clone(), names::root_of(&model.of.kind));
            if shared.contains(&root) {
                places.push_shared(&model.of, model.text, model.header, store)?;
            } else {
                places.push(&model.of, model.text);
            }
            report.rules.extend(model.report.rules);
            report.not_checked.extend(model.report.not_checked);
        }
        let mut files = places.files;
        let mut more = k8s::inside("models/k8s", options.k8s_package);
        more.insert("kcl.mod".to_owned(), kcl_mod(options.package));
        more.insert("report.json".to_owned(), report.json());
        more.extend(helpers::file(&called).map(|text| ("models/checks.k".to_owned(), text)));
        for (path, text) in more {
            files.insert(path, store.keep(text)?);
        }
        Ok((files, report))
    }
}

fn kcl_mod(package: &str) -> String {
    let name = literal::string(package);
    format!("[package]\nname = {name}\nversion = \"0.0.1\"\n")
}

/// Root schemas that several kinds of one version would share, by version. They
/// would clash when `models.<version>` is imported as a whole.
fn shared_roots<'k>(
    kinds: impl Iterator<Item = &'k GroupVersionKind>,
) -> BTreeSet<(String, String)> {
    let mut count: BTreeMap<(String, String), usize> = BTreeMap::new();
    for kind in kinds {
        let root = (kind.version.clone(), names::root_of(&kind.kind));
        *count.entry(root).or_default() += 1;
    }
    count
        .into_iter()
        .filter(|(_, count)| *count > 1)
        .map(|(root, _)| root)
        .collect()
}

/// The files of kinds, each at its own path.
struct Places<T> {
    files: BTreeMap<String, T>,
    taken: BTreeSet<String>,
}

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self {
            files: BTreeMap::new(),
            taken: BTreeSet::new(),
        }
    }
}

impl<T> Places<T> {
    fn module(&mut self, kind: &GroupVersionKind) -> String {
        let folder = names::folder_of(&kind.version);
        let name = names::module_of(&names::full_name_of(kind));
        free(&mut self.taken, format!("models/{folder}/{name}"))
    }

    fn push(&mut self, kind: &GroupVersionKind, text: T) {
        let module = self.module(kind);
        self.files.insert(format!("{module}.k"), text);
    }

    /// A kind whose root is shared gets a folder of its own with the module's
    /// name, which KCL prefers to the file: the import path and the schema stay.
    /// The file, which only a whole import reads, has the schema under its full
    /// name.
    fn push_shared<S: Store<Text = T>>(
        &mut self,
        kind: &GroupVersionKind,
        text: T,
        header: usize,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let module = self.module(kind);
        let name = module.rsplit('/').next().unwrap_or_default();
        let deeper = print::deeper(&store.read(text)?, header);
        self.files
            .insert(format!("{module}/{name}.k"), store.keep(deeper)?);
        let full = store.keep(print::full_name_file(kind, name))?;
        self.files.insert(format!("{module}.k"), full);
        Ok(())
    }
}

fn free(taken: &mut BTreeSet<String>, module: String) -> String {
    let numbered = (2..).map(|number| format!("{module}_{number}"));
    let free = std::iter::once(module.clone())
        .chain(numbered)
        .find(|module| !taken.contains(module));
    let free = free.unwrap_or(module);
    taken.insert(free.clone());
    free
}
