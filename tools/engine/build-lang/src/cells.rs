//! Cells: the parts of a project that have names of their own, and the project's root.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{BuckConfig, Override};
use crate::{Error, Result};

/// One cell.
#[derive(Debug)]
pub struct Cell {
    /// Its name, never an alias.
    pub name: Arc<str>,
    /// Its folder below the project root, `""` for the root cell.
    pub folder: String,
    /// Its own configuration.
    pub config: BuckConfig,
    /// What other cells are called in its files.
    aliases: BTreeMap<String, Arc<str>>,
    /// Folders below the project root that hold no packages.
    ignored: Vec<String>,
}

/// Every cell of a project.
#[derive(Debug)]
pub struct Cells {
    /// The project's root folder.
    pub root: PathBuf,
    cells: BTreeMap<Arc<str>, Cell>,
    root_cell: Arc<str>,
    /// Folders that were looked into, and whether they are packages: sources share most of them.
    packages: RefCell<HashMap<PathBuf, bool>>,
}

/// The project that `from` lies in: the nearest folder upwards with `.buckroot`, else the
/// outermost one with `.buckconfig`.
pub fn find_root(from: &Path) -> Result<PathBuf> {
    let mut found = None;
    for folder in from.ancestors() {
        if folder.join(".buckconfig").is_file() {
            found = Some(folder.to_owned());
        }
        if folder.join(".buckroot").is_file() {
            break;
        }
    }
    found.ok_or_else(|| {
        Error::message("no `.buckconfig` in this folder or any above it: run this inside a project")
    })
}

impl Cells {
    /// Reads the configuration of the project at `root` and of each of its cells.
    pub fn read(root: &Path, overrides: &[Override]) -> Result<Cells> {
        let config = BuckConfig::read(root, true, overrides)?;
        let mut folders: BTreeMap<Arc<str>, String> = BTreeMap::new();
        for (name, folder) in config.section("cells") {
            folders.insert(
                name.into(),
                normalize(folder).ok_or_else(|| {
                    Error::message(format!(
                        "[cells] {name} = {folder}: a cell has to lie inside the project"
                    ))
                })?,
            );
        }
        let root_cell = folders
            .iter()
            .find(|(_, folder)| folder.is_empty())
            .map(|(name, _)| name.clone());
        let root_cell = root_cell.ok_or_else(|| {
            Error::message(".buckconfig: [cells] names no cell for the root folder (`name = .`)")
        })?;
        let mut cells = BTreeMap::new();
        for (name, folder) in &folders {
            let own = if folder.is_empty() {
                config.clone()
            } else {
                BuckConfig::read(&root.join(folder), false, overrides)?
            };
            let aliases = aliases(&config, &own, &folders, folder)?;
            let ignored = ignored(&config, &folders, folder);
            cells.insert(
                name.clone(),
                Cell {
                    name: name.clone(),
                    folder: folder.clone(),
                    config: own,
                    aliases,
                    ignored,
                },
            );
        }
        Ok(Cells {
            root: root.to_owned(),
            cells,
            root_cell,
            packages: RefCell::default(),
        })
    }

    /// Whether there is a folder with a BUCK file.
    pub(crate) fn is_package(&self, folder: &Path) -> bool {
        if let Some(known) = self.packages.borrow().get(folder) {
            return *known;
        }
        if !folder.is_dir() {
            return false;
        }
        let found = crate::package::buck_file(folder).is_some();
        let mut packages = self.packages.borrow_mut();
        packages.insert(folder.to_owned(), found);
        found
    }

    /// The cell at the project's root.
    pub fn root_cell(&self) -> &Arc<str> {
        &self.root_cell
    }

    /// The names of the cells, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.cells.keys().map(AsRef::as_ref)
    }

    /// The cell with this name.
    pub fn get(&self, name: &str) -> Option<&Cell> {
        self.cells.get(name)
    }

    /// The cell that is called `alias` in the files of `from`.
    pub fn resolve(&self, alias: &str, from: &str) -> Result<Arc<str>> {
        if let Some(cell) = self
            .cells
            .get(from)
            .and_then(|cell| cell.aliases.get(alias))
        {
            return Ok(cell.clone());
        }
        Err(build_graph::LabelError::Cell(alias.to_owned()).into())
    }

    /// The cell and the folder inside it of a path below the project root.
    pub fn locate(&self, path: &str) -> (Arc<str>, String) {
        let within = |folder: &str| {
            folder.is_empty() || path == folder || path.starts_with(&format!("{folder}/"))
        };
        let cell = self
            .cells
            .values()
            .filter(|cell| within(&cell.folder))
            .max_by_key(|cell| cell.folder.len());
        match cell {
            Some(cell) => (
                cell.name.clone(),
                path[cell.folder.len()..].trim_start_matches('/').to_owned(),
            ),
            None => (self.root_cell.clone(), path.to_owned()),
        }
    }

    /// Where `path` in `cell` lies below the project root.
    pub fn project_path(&self, cell: &str, path: &str) -> String {
        let folder = self.cells.get(cell).map_or("", |cell| cell.folder.as_str());
        join(folder, path)
    }

    /// Whether a folder below the project root holds no packages of `cell`: it is ignored, or
    /// another cell's.
    pub fn is_ignored(&self, cell: &str, path: &str) -> bool {
        self.cells
            .get(cell)
            .is_some_and(|cell| cell.ignored.iter().any(|ignored| ignored == path))
    }
}

fn aliases(
    root: &BuckConfig,
    own: &BuckConfig,
    folders: &BTreeMap<Arc<str>, String>,
    folder: &str,
) -> Result<BTreeMap<String, Arc<str>>> {
    let mut aliases: BTreeMap<String, Arc<str>> = folders
        .keys()
        .map(|name| (name.to_string(), name.clone()))
        .collect();
    let by_folder = |wanted: &str| {
        folders
            .iter()
            .find(|(_, folder)| *folder == wanted)
            .map(|(name, _)| name.clone())
    };
    // A cell that is a project of its own calls its neighbours by the names in its own file.
    if !folder.is_empty() {
        for (name, path) in own.section("cells") {
            if let Some(cell) = normalize(&join(folder, path))
                .as_deref()
                .and_then(by_folder)
            {
                aliases.insert(name.to_owned(), cell);
            }
        }
    }
    for config in [root, own] {
        for (alias, name) in config.section("cell_aliases") {
            let cell = aliases.get(name).cloned().ok_or_else(|| {
                Error::message(format!(
                    "[cell_aliases] {alias} = {name}: there is no cell `{name}`"
                ))
            })?;
            aliases.insert(alias.to_owned(), cell);
        }
    }
    Ok(aliases)
}

fn ignored(root: &BuckConfig, folders: &BTreeMap<Arc<str>, String>, folder: &str) -> Vec<String> {
    let mut ignored: Vec<String> = vec!["buck-out".to_owned()];
    ignored.extend(
        root.list("project", "ignore")
            .iter()
            .filter_map(|path| normalize(path)),
    );
    ignored.extend(
        folders
            .values()
            .filter(|other| *other != folder && !other.is_empty())
            .cloned(),
    );
    ignored
}

/// `a/./b/../c` → `a/c`; `None` when it leaves the project.
fn normalize(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// `folder/path`, where either may be empty.
pub(crate) fn join(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", path) => path.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(config: &str) -> Result<Cells> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".buckconfig"), config).unwrap();
        Cells::read(folder.path(), &[])
    }

    #[test]
    fn paths_belong_to_the_innermost_cell() {
        let cells =
            cells("[cells]\nmain = .\ntools = a/tools\n[cell_aliases]\nroot = main\n").unwrap();
        assert_eq!(cells.locate("a/tools/x"), ("tools".into(), "x".to_owned()));
        assert_eq!(
            cells.locate("a/toolsy"),
            ("main".into(), "a/toolsy".to_owned())
        );
        assert_eq!(&*cells.resolve("root", "tools").unwrap(), "main");
        assert!(cells.resolve("none", "main").is_err());
        assert!(cells.is_ignored("main", "a/tools"));
        assert!(!cells.is_ignored("tools", "a/tools"));
        assert!(cells.is_ignored("main", "buck-out"));
    }

    #[test]
    fn a_project_without_a_root_cell_and_a_cell_outside_are_refused() {
        assert!(
            cells("[cells]\ntools = a\n")
                .unwrap_err()
                .to_string()
                .contains("root folder")
        );
        assert!(
            cells("[cells]\nr = .\nx = ../x\n")
                .unwrap_err()
                .to_string()
                .contains("inside the project")
        );
        assert!(
            cells("[cells]\nr = .\n[cell_aliases]\na = b\n")
                .unwrap_err()
                .to_string()
                .contains("no cell `b`")
        );
    }

    #[test]
    fn a_cell_names_its_neighbours_by_its_own_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::create_dir_all(path.join("dep/tools")).unwrap();
        std::fs::write(
            path.join(".buckconfig"),
            "[cells]\nmine = .\nhermetic = dep\ntoolchains = dep/tools\n",
        )
        .unwrap();
        std::fs::write(
            path.join("dep/.buckconfig"),
            "[cells]\nhermetic = .\ntc = tools\n[cell_aliases]\nroot = hermetic\n",
        )
        .unwrap();
        let cells = Cells::read(path, &[]).unwrap();
        assert_eq!(&*cells.resolve("tc", "hermetic").unwrap(), "toolchains");
        assert_eq!(&*cells.resolve("root", "hermetic").unwrap(), "hermetic");
    }
}
