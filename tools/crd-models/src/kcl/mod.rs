//! KCL schemas, importable as `kcl import -m crd` makes them: one module a kind
//! and version, `models/<version>/<group_version_kind>.k`.
//!
//! - [`files`]: the package
//! - [`names`]: modules, schemas, attributes; [`swag`]: the rules behind them
//! - [`checks`]: bounds as `check:` lines; [`literal`]: values

pub mod checks;
pub mod literal;
pub mod names;
mod object_meta;
mod print;
pub mod swag;

use crate::analysis::Model;
use crate::output::Files;
use std::collections::{BTreeMap, BTreeSet};

/// The files of the package called `package`, by path below its root.
pub fn files(models: &[Model], package: &str) -> Files {
    let mut files = Files::new();
    files.insert(
        "kcl.mod".to_owned(),
        format!(
            "[package]\nname = {}\nversion = \"0.0.1\"\n",
            literal::string(package)
        ),
    );
    for (name, text) in object_meta::FILES {
        files.insert(
            format!("models/k8s/apimachinery/pkg/apis/meta/v1/{name}"),
            text.to_owned(),
        );
    }
    let shared = shared_roots(models);
    let mut taken = BTreeSet::new();
    for model in models {
        let module = free(
            &mut taken,
            format!("models/{}/{}", model.version, names::module(model)),
        );
        if shared.contains(&(model.version.as_str(), names::root(model))) {
            push_shared(&mut files, model, &module);
        } else {
            files.insert(format!("{module}.k"), print::file(model, 1));
        }
    }
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
fn push_shared(files: &mut Files, model: &Model, module: &str) {
    let name = module.rsplit('/').next().unwrap_or_default();
    files.insert(format!("{module}/{name}.k"), print::file(model, 2));
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
