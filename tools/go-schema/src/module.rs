//! Go modules: where their files are, in a folder, a zip as the module proxy serves it
//! (go.dev/ref/mod#zip-files), or a tar.

use crate::build_constraints::{name_fits, text_fits};
use crate::error::{Error, Kind};
use crate::source::Source;
use diagnostics::suggest;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A module's source.
#[derive(Debug)]
pub struct Module {
    /// The module's path: `k8s.io/api`.
    pub path: String,
    files: Files,
    /// What its go.mod requires: modules and versions.
    requires: Vec<(String, String)>,
}

#[derive(Debug)]
enum Files {
    Folder(PathBuf),
    /// The Go files of an archive that are built, by their path in the module.
    Archive(BTreeMap<String, Arc<Source>>),
}

impl Module {
    /// Opens a folder, a `.zip` or a `.tar`. Its path is what `go.mod` says, unless it
    /// is given.
    ///
    /// # Errors
    /// If it cannot be read, or nothing says which module it is.
    pub fn open(place: &Path, path: Option<&str>) -> Result<Self, Error> {
        let entries = match place.extension().and_then(|e| e.to_str()) {
            _ if place.is_dir() => return Self::folder(place, path),
            Some("zip") => unzip(place)?,
            _ => untar(place)?,
        };
        let entries = without_root(entries);
        let (path, requires) = identity(place, path, entries.get("go.mod").map(String::as_str))?;
        Ok(Self {
            requires,
            ..Self::of_texts(&path, entries)
        })
    }

    /// A module of files in memory, by their paths in it.
    pub fn of_texts(path: &str, files: BTreeMap<String, String>) -> Self {
        let built = files.into_iter().filter(|(name, text)| {
            let file = name.rsplit('/').next().unwrap_or(name);
            name_fits(file) && text_fits(text)
        });
        let sources = built.map(|(name, text)| {
            let shown = format!("{path}/{name}");
            (name, Arc::new(Source { name: shown, text }))
        });
        Self {
            path: path.to_owned(),
            files: Files::Archive(sources.collect()),
            requires: Vec::new(),
        }
    }

    fn folder(place: &Path, path: Option<&str>) -> Result<Self, Error> {
        let go_mod = fs::read_to_string(place.join("go.mod")).ok();
        let (path, requires) = identity(place, path, go_mod.as_deref())?;
        Ok(Self {
            files: Files::Folder(place.to_owned()),
            path,
            requires,
        })
    }

    /// The folder of a package below the module's root, if the package is in it.
    pub fn folder_of<'p>(&self, package: &'p str) -> Option<&'p str> {
        let rest = package.strip_prefix(&self.path)?;
        match rest.strip_prefix('/') {
            Some(folder) => Some(folder),
            None => rest.is_empty().then_some(""),
        }
    }

    /// The import path of a folder.
    pub fn import_path(&self, folder: &str) -> String {
        match folder {
            "" => self.path.clone(),
            folder => format!("{}/{folder}", self.path),
        }
    }

    /// The files of a package that are built, by name.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn sources(&self, folder: &str) -> Result<Vec<Arc<Source>>, Error> {
        match &self.files {
            Files::Archive(files) => {
                let inside = files.iter().filter(|(name, _)| parent(name) == folder);
                Ok(inside.map(|(_, source)| source.clone()).collect())
            }
            Files::Folder(root) => folder_sources(&root.join(folder)),
        }
    }

    /// Every folder with Go files that are built, sorted.
    pub fn folders(&self) -> Vec<String> {
        let folders: BTreeSet<String> = match &self.files {
            Files::Archive(files) => files.keys().map(|name| parent(name).to_owned()).collect(),
            Files::Folder(root) => walk(root),
        };
        let hidden =
            |part: &str| part.starts_with(['.', '_']) || matches!(part, "testdata" | "vendor");
        folders
            .into_iter()
            .filter(|folder| !folder.split('/').any(hidden))
            .collect()
    }

    /// The error for a package that the module lacks.
    pub fn no_package(&self, package: &str) -> Kind {
        let folders = self.folders();
        let packages: Vec<String> = folders.iter().map(|f| self.import_path(f)).collect();
        let names = packages.iter().map(String::as_str);
        Kind::NoPackage {
            module: self.path.clone(),
            package: package.to_owned(),
            nearest: suggest::nearest(package, names).map(str::to_owned),
        }
    }

    /// The module and version that this one requires for a package.
    pub fn required_for(&self, package: &str) -> Option<(String, String)> {
        let holds = |module: &str| {
            let rest = package.strip_prefix(module);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let candidates = self.requires.iter().filter(|(module, _)| holds(module));
        candidates.max_by_key(|(module, _)| module.len()).cloned()
    }
}

fn unreadable(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    Kind::Unreadable {
        path: path.display().to_string(),
        reason: reason.to_string(),
    }
    .into_error()
}

type Identity = (String, Vec<(String, String)>);

fn identity(place: &Path, path: Option<&str>, go_mod: Option<&str>) -> Result<Identity, Error> {
    let (named, requires) = go_mod.map(read_go_mod).unwrap_or_default();
    match path.map(str::to_owned).or(named) {
        Some(path) => Ok((path, requires)),
        None => Err(Kind::NoModule {
            path: place.display().to_string(),
        }
        .into_error()),
    }
}

/// A go.mod's `module` and `require` lines (go.dev/ref/mod#go-mod-file).
fn read_go_mod(text: &str) -> (Option<String>, Vec<(String, String)>) {
    let mut path = None;
    let mut requires = Vec::new();
    let mut block = String::new();
    for line in text.lines() {
        let code = line.split("//").next().unwrap_or_default();
        let words: Vec<&str> = code
            .split_whitespace()
            .map(|w| w.trim_matches('"'))
            .collect();
        let in_require = block == "require";
        match words.as_slice() {
            [")"] => block.clear(),
            [word, "("] => block = (*word).to_owned(),
            ["module", module] => path = Some((*module).to_owned()),
            ["require", module, version] => {
                requires.push((module.to_string(), version.to_string()))
            }
            [module, version] if in_require => {
                requires.push((module.to_string(), version.to_string()))
            }
            _ => {}
        }
    }
    (path, requires)
}

fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn is_wanted(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    file == "go.mod" || name_fits(file)
}

type Entries = BTreeMap<String, String>;

fn unzip(place: &Path) -> Result<Entries, Error> {
    let failed = |error: &dyn std::fmt::Display| unreadable(place, error);
    let file = File::open(place).map_err(|e| failed(&e))?;
    let mut archive = zip::ZipArchive::new(file).map_err(|e| failed(&e))?;
    let mut entries = Entries::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|e| failed(&e))?;
        let name = entry.name().map_err(|e| failed(&e))?.into_owned();
        if entry.is_file() && is_wanted(&name) {
            entries.insert(name, read_text(place, &mut entry)?);
        }
    }
    Ok(entries)
}

fn untar(place: &Path) -> Result<Entries, Error> {
    let failed = |error: &dyn std::fmt::Display| unreadable(place, error);
    let file = File::open(place).map_err(|e| failed(&e))?;
    let mut archive = tar::Archive::new(std::io::BufReader::new(file));
    let mut entries = Entries::new();
    for entry in archive.entries().map_err(|e| failed(&e))? {
        let mut entry = entry.map_err(|e| failed(&e))?;
        let name = entry.path().map_err(|e| failed(&e))?;
        let name = name.to_string_lossy().into_owned();
        if entry.header().entry_type().is_file() && is_wanted(&name) {
            entries.insert(name, read_text(place, &mut entry)?);
        }
    }
    Ok(entries)
}

fn read_text(place: &Path, entry: &mut dyn Read) -> Result<String, Error> {
    let mut bytes = Vec::new();
    entry
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(place, &error))?;
    text(place, bytes)
}

/// Go source is UTF-8 (go.dev/ref/spec#Source_code_representation); a byte order mark
/// may come first.
fn text(place: &Path, bytes: Vec<u8>) -> Result<String, Error> {
    let text = String::from_utf8(bytes).map_err(|_| unreadable(place, &"it is not UTF-8"))?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// A module's zip has `path@version/` before all names, which says nothing here.
fn without_root(entries: Entries) -> Entries {
    let root_of = |name: &str| {
        let at = name.find('@')?;
        let slash = name[at..].find('/')?;
        Some(name[..=at + slash].to_owned())
    };
    let Some(root) = entries.keys().next().and_then(|name| root_of(name)) else {
        return entries;
    };
    let strip = |(name, text): (String, String)| {
        let inner = name.strip_prefix(&root).unwrap_or(&name).to_owned();
        (inner, text)
    };
    entries.into_iter().map(strip).collect()
}

fn folder_sources(folder: &Path) -> Result<Vec<Arc<Source>>, Error> {
    let Ok(listing) = fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let mut paths: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut sources = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !name_fits(&name) || !path.is_file() {
            continue;
        }
        let bytes = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
        let text = text(&path, bytes)?;
        if text_fits(&text) {
            let name = path.display().to_string();
            sources.push(Arc::new(Source { name, text }));
        }
    }
    Ok(sources)
}

/// The folders below a root that hold Go files, but for those of other modules.
fn walk(root: &Path) -> BTreeSet<String> {
    let entries = walkdir::WalkDir::new(root).into_iter();
    let is_inside = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_type().is_dir() || !entry.path().join("go.mod").exists()
    };
    let files = entries.filter_entry(is_inside).flatten();
    let go = files.filter(|entry| name_fits(&entry.file_name().to_string_lossy()));
    go.filter_map(|entry| {
        let folder = entry.path().parent()?.strip_prefix(root).ok()?;
        Some(folder.to_string_lossy().into_owned())
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_go_mod_names_its_module_and_what_it_requires() {
        let (path, requires) = read_go_mod(
            "module \"a.b/c\" // x\n\ngo 1.26\n\nrequire d.e/f v1.0.0\nrequire (\n\tg.h/i v2.0.0 // indirect\n)\nreplace (\n\tx => y\n)\n",
        );
        assert_eq!(path.as_deref(), Some("a.b/c"));
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(requires, [pair("d.e/f", "v1.0.0"), pair("g.h/i", "v2.0.0")]);
    }

    #[test]
    fn the_root_of_a_zip_is_no_part_of_its_paths() {
        let entries = Entries::from([("a.b/c@v1.0.0/d/x.go".to_owned(), String::new())]);
        let names: Vec<String> = without_root(entries).into_keys().collect();
        assert_eq!(names, ["d/x.go"]);
    }
}
