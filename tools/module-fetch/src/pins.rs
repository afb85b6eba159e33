//! One module's pin, out of go.mod and go.sum.

use std::{fmt, fs, path::Path};

use diagnostics::{Diagnostic, Place, Position, suggest};

/// A module at a version, with both its hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pin {
    pub(crate) module: String,
    pub(crate) version: String,
    /// The module's line of go.sum for its zip: `h1:…`.
    pub(crate) zip_hash: String,
    /// The texts of both files and where they came from.
    pub(crate) go_mod: PinFile,
    pub(crate) go_sum: PinFile,
}

/// A file of pins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PinFile {
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Pin {
    /// What every path in the module's zip starts with.
    pub(crate) fn prefix(&self) -> String {
        format!("{}@{}/", self.module, self.version)
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.module, self.version)
    }
}

/// Reads the pin of `module` in `folder`, which messages call `known_as`.
pub(crate) fn read(folder: &Path, known_as: &Path, module: &str) -> Result<Pin, Diagnostic> {
    let file = |name: &str| PinFile::read(&folder.join(name), &known_as.join(name));
    find(file("go.mod")?, file("go.sum")?, module)
}

impl PinFile {
    fn read(path: &Path, known_as: &Path) -> Result<Self, Diagnostic> {
        let name = known_as.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| {
            Diagnostic::error(format!("{name} cannot be read: {error}"))
                .hint("--pins names a folder with go.mod and go.sum")
        })?;
        Ok(Self { name, text })
    }
}

fn find(go_mod: PinFile, go_sum: PinFile, module: &str) -> Result<Pin, Diagnostic> {
    let requirements = requirements(&go_mod.text);
    let required = requirements
        .iter()
        .find(|requirement| requirement.module == module);
    let Some(version) = required.map(|requirement| requirement.version.to_owned()) else {
        return Err(not_required(&go_mod, &requirements, module));
    };
    let missing = |suffix: &str| {
        let line = format!("{module} {version}{suffix} h1:…");
        Diagnostic::error(format!(
            "the hash of {module}@{version} is not pinned: no line `{line}`"
        ))
        .at(Place::file(&go_sum.name))
        .hint(format!(
            "run `go mod download {module}@{version}` beside the go.mod of these pins, look \
                 at the lines that it adds to go.sum, and keep them"
        ))
    };
    let zip_hash = hash(&go_sum.text, module, &version)
        .ok_or_else(|| missing(""))?
        .to_owned();
    hash(&go_sum.text, module, &format!("{version}/go.mod")).ok_or_else(|| missing("/go.mod"))?;
    Ok(Pin {
        module: module.to_owned(),
        version,
        zip_hash,
        go_mod,
        go_sum,
    })
}

fn not_required(go_mod: &PinFile, requirements: &[Requirement], module: &str) -> Diagnostic {
    let names: Vec<&str> = requirements
        .iter()
        .map(|requirement| requirement.module)
        .collect();
    let hint = match suggest::nearest(module, names.iter().copied()) {
        Some(name) => format!("did you mean {name}?"),
        None => format!(
            "add `require {module} VERSION`; it requires: {}",
            names.join(", ")
        ),
    };
    let place = requirements
        .first()
        .map_or(Place::file(&go_mod.name), |first| {
            Place::at(&go_mod.name, Position::new(first.line, 1))
        });
    Diagnostic::error(format!("{} requires no module {module}", go_mod.name))
        .at(place)
        .hint(hint)
}

/// The hash that go.sum has for a module's version.
pub(crate) fn hash<'a>(go_sum: &'a str, module: &str, version: &str) -> Option<&'a str> {
    go_sum.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let found = words.next() == Some(module) && words.next() == Some(version);
        words.next().filter(|hash| found && hash.starts_with("h1:"))
    })
}

#[derive(Debug, PartialEq, Eq)]
struct Requirement<'a> {
    module: &'a str,
    version: &'a str,
    line: usize,
}

/// The `require` lines of a go.mod, alone or in a block (go.dev/ref/mod).
fn requirements(go_mod: &str) -> Vec<Requirement<'_>> {
    let mut found = Vec::new();
    let mut in_block = false;
    for (index, line) in go_mod.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        let words: Vec<&str> = code.split_whitespace().collect();
        match words.as_slice() {
            &["require", "("] | &["require("] => in_block = true,
            &[")"] => in_block = false,
            &["require", module, version] => found.push((module, version, index + 1)),
            &[module, version] if in_block => found.push((module, version, index + 1)),
            _ => {}
        }
    }
    found
        .into_iter()
        .map(|(module, version, line)| Requirement {
            module: module.trim_matches('"'),
            version,
            line,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    const GO_MOD: &str = "module m\n\ngo 1.26\n\nrequire (\n\ta.b/c v1.2.3 // indirect\n\ta.b/d/v2 v2.0.0\n)\n\nreplace a.b/x => ../x\n\nrequire e.f/g v0.1.0\n";

    fn pin(go_sum: &str, module: &str) -> Result<Pin, Diagnostic> {
        let file = |name: &str, text: &str| PinFile {
            name: name.into(),
            text: text.into(),
        };
        find(file("go.mod", GO_MOD), file("go.sum", go_sum), module)
    }

    #[test]
    fn requirements_are_found_alone_and_in_blocks() {
        let found: Vec<_> = requirements(GO_MOD)
            .into_iter()
            .map(|r| (r.module, r.version, r.line))
            .collect();
        assert_eq!(
            found,
            [
                ("a.b/c", "v1.2.3", 6),
                ("a.b/d/v2", "v2.0.0", 7),
                ("e.f/g", "v0.1.0", 12)
            ]
        );
    }

    #[test]
    fn both_hashes_must_be_pinned() {
        let zip = "a.b/c v1.2.3 h1:zip=\n";
        let both = format!("{zip}a.b/c v1.2.3/go.mod h1:mod=\n");
        assert_eq!(pin(&both, "a.b/c").unwrap().zip_hash, "h1:zip=");
        let error = pin(zip, "a.b/c").unwrap_err();
        assert!(
            error.message.contains("`a.b/c v1.2.3/go.mod h1:…`"),
            "{}",
            error.message
        );
        let error = pin("a.b/c v1.2.4 h1:zip=\n", "a.b/c").unwrap_err();
        assert!(
            error.message.contains("`a.b/c v1.2.3 h1:…`"),
            "{}",
            error.message
        );
    }

    #[test]
    fn a_module_that_is_not_required_is_named_with_its_neighbour() {
        let error = pin("", "a.b/d").unwrap_err();
        assert_eq!(error.message, "go.mod requires no module a.b/d");
        assert!(error.hint.is_some_and(|hint| hint.contains("a.b/")));
    }
}
