//! KCL schemas, importable as `kcl import -m crd` makes them: one module a kind
//! and version, `models/<version>/<group_version_kind>.k`.
//!
//! - [`package`]: the package; [`k8s_package`]: the one with ObjectMeta
//! - [`names`]: modules, schemas, attributes; [`swag`]: the rules behind them
//! - [`checks`]: what must hold, as `check:` lines; [`rules`]: CEL; [`reading`]:
//!   how both read a resource; [`helpers`]: the lambdas that they call
//! - [`literal`]: values as KCL writes them

pub mod checks;
mod helpers;
mod k8s;
pub mod literal;
pub mod names;
mod print;
mod reading;
mod rules;
pub mod swag;

use crate::analysis::Model;
use crate::output::Files;
use crate::report::{Report, name_gap};
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
    let mut files = Files::new();
    files.insert("kcl.mod".to_owned(), kcl_mod(options.package));
    files.extend(k8s::inside("models/k8s", options.k8s_package));
    let shared = shared_roots(models);
    let mut taken = BTreeSet::new();
    let mut report = Report::default();
    for model in models {
        let module = free(
            &mut taken,
            format!("models/{}/{}", names::folder(model), names::module(model)),
        );
        let is_shared = shared.contains(&(model.version.as_str(), names::root(model)));
        let depth = if is_shared { 2 } else { 1 };
        let printed = print::file(model, depth, options.k8s_package);
        report.rules.extend(printed.rules);
        report.not_checked.push(name_gap(model));
        report.not_checked.extend(printed.gaps);
        if is_shared {
            push_shared(&mut files, model, &module, printed.text);
        } else {
            files.insert(format!("{module}.k"), printed.text);
        }
    }
    if let Some(helpers) = helpers::file(files.values().map(String::as_str)) {
        files.insert("models/checks.k".to_owned(), helpers);
    }
    files.insert("report.json".to_owned(), report.json());
    Package { files, report }
}

fn kcl_mod(package: &str) -> String {
    let name = literal::string(package);
    format!("[package]\nname = {name}\nversion = \"0.0.1\"\n")
}

/// The package that has ObjectMeta and the schemas that it needs.
pub fn k8s_package(name: &str) -> Files {
    let mut files = k8s::inside("", None);
    files.insert("kcl.mod".to_owned(), kcl_mod(name));
    files
}

/// Root schemas that several kinds of one version would share. They would clash
/// when `models.<version>` is imported as a whole.
fn shared_roots(models: &[Model]) -> BTreeSet<(&str, String)> {
    let mut count: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for model in models {
        *count
            .entry((model.version.as_str(), names::root(model)))
            .or_default() += 1;
    }
    count
        .into_iter()
        .filter(|(_, count)| *count > 1)
        .map(|(root, _)| root)
        .collect()
}

/// Such a kind gets a folder of its own with the module's name, which KCL
/// prefers to the file: the import path and the schema stay. The file, which
/// only a whole import reads, has the schema under its full name.
fn push_shared(files: &mut Files, model: &Model, module: &str, text: String) {
    let name = module.rsplit('/').next().unwrap_or_default();
    files.insert(format!("{module}/{name}.k"), text);
    files.insert(format!("{module}.k"), print::full_name_file(model, name));
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
