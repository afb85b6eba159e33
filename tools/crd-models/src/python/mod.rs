//! Python classes for cloudcoil and pydantic that accept what the API server
//! accepts: `<package>/io/fluxcd/toolkit/helm/v2.py` offers the classes of
//! every kind of a group's version, `_v2/helm_release.py` beside it holds those
//! of one kind.
//!
//! - [`files`]: the folder that goes on the Python path
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

use crate::analysis::Model;
use crate::output::Files;
use crate::report::{Report, name_gap};
use std::collections::{BTreeMap, BTreeSet};

/// The files of the package called `package` (with dots), by path below a
/// folder of the Python path.
pub fn files(models: &[Model], package: &str) -> Files {
    let root = package.replace('.', "/");
    let mut made = Made {
        files: Files::new(),
        found: Vec::new(),
        report: Report::default(),
    };
    for ((group, version), models) in grouped(models) {
        made.version(&root, group, version, &models);
    }
    let Made {
        mut files,
        mut found,
        report,
    } = made;
    packages::add_inits(&mut files, &root);
    found.sort();
    files.insert(format!("{root}/_lookup.py"), lookup::module(&found));
    files.insert(format!("{root}/_lazy.py"), runtime::LAZY.to_owned());
    files.insert(format!("{root}/_report.json"), report.json());
    files.insert(format!("{root}/py.typed"), String::new());
    for (name, text) in runtime::FILES {
        files.insert(format!("{root}/_runtime/{name}"), text.to_owned());
    }
    files
}

struct Made {
    files: Files,
    found: Vec<lookup::Found>,
    report: Report,
}

impl Made {
    /// The modules of one version of a group.
    fn version(&mut self, root: &str, group: &str, version: &str, models: &[&Model]) {
        let folders = names::folders(group);
        let module = names::identifier(version);
        let hidden = format!("_{module}");
        let folder = format!("{root}/{}", folders.join("/"));
        let dots = ".".repeat(folders.len() + 1);
        let kinds = plan::kinds(models);
        let mut taken = BTreeSet::new();
        let mut homes = Vec::new();
        for kind in &kinds {
            let home = free(names::kind_module(&kind.model.kind), &mut taken);
            let path = format!("{folder}/{hidden}/{home}");
            let (text, report) = source::module(kind, &format!("{dots}."));
            self.files.insert(format!("{path}.py"), text);
            self.files.insert(
                format!("{path}.pyi"),
                stub::module(kind, &format!("{dots}.")),
            );
            self.report.rules.extend(report.rules);
            self.report.not_checked.push(name_gap(kind.model));
            self.report.not_checked.extend(report.not_checked);
            self.found.extend(kind.root().map(|class| lookup::Found {
                kind: kind.model.kind.clone(),
                api_version: kind.model.api_version(),
                module: format!(".{}.{module}", folders.join(".")),
                class: class.name.clone(),
            }));
            homes.push(version::Home { module: home, kind });
        }
        let api_version = format!("{group}/{version}");
        let text = version::module(&api_version, &hidden, &homes, &dots);
        self.files.insert(format!("{folder}/{module}.py"), text);
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

fn grouped(models: &[Model]) -> BTreeMap<(&str, &str), Vec<&Model>> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Model>> = BTreeMap::new();
    for model in models {
        groups
            .entry((&model.group, &model.version))
            .or_default()
            .push(model);
    }
    for models in groups.values_mut() {
        models.sort_by(|a, b| a.kind.cmp(&b.kind));
    }
    groups
}
