//! What a program depends on, as a kcl.mod says. Nothing is fetched: each
//! dependency must be a package that was declared.

use std::{collections::BTreeMap, fs, path::Path};

use diagnostics::{Diagnostic, Place, Position};
use serde::Deserialize;
use toml::{Spanned, Value};

use crate::program::Package;

/// A package that a program says it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Its name in `[dependencies]`.
    pub name: String,
    /// What is wanted: ` 1.31`, ` from oci://…`, or nothing.
    pub wanted: String,
    /// Where its entry begins in the text, in bytes.
    offset: usize,
}

impl Dependency {
    /// The dependencies that a text lists as `[dependencies]` of a kcl.mod does.
    ///
    /// # Errors
    /// If the text is no TOML; the message and where, in bytes.
    pub fn listed(text: &str) -> Result<Vec<Self>, (String, usize)> {
        let table: BTreeMap<String, Spanned<Value>> = parse(text)?;
        Ok(table.into_iter().map(Self::of).collect())
    }

    fn of((name, entry): (String, Spanned<Value>)) -> Self {
        Self {
            name,
            offset: entry.span().start,
            wanted: wanted(entry.get_ref()),
        }
    }

    /// The name that `import` uses.
    pub fn imported(&self) -> String {
        self.name.replace('-', "_")
    }

    /// Whether it is one of the packages.
    pub fn is_among(&self, packages: &[Package]) -> bool {
        let imported = self.imported();
        let mut names = packages.iter().map(|package| &package.name);
        names.any(|name| *name == self.name || *name == imported)
    }
}

/// What an entry asks for: a version, or a table with `oci`, `git` or `path`.
fn wanted(entry: &Value) -> String {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    if let Some(version) = entry.as_str() {
        return format!(" {version}");
    }
    let version = ["tag", "version", "branch", "commit"]
        .into_iter()
        .find_map(text);
    let version = version.map(|version| format!(" {version}"));
    let place = ["oci", "git", "path"].into_iter().find_map(text);
    let place = place.map(|place| format!(" from {place}"));
    [version, place].into_iter().flatten().collect()
}

/// The part of a kcl.mod that matters here.
#[derive(Deserialize)]
struct KclMod {
    #[serde(default)]
    dependencies: BTreeMap<String, Spanned<Value>>,
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, (String, usize)> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        (error.message().to_owned(), start)
    })
}

/// What the kcl.mod of a program asks for and nobody declared, and those of the
/// packages that were; `named` is the program's kcl.mod in messages.
pub(crate) fn undeclared(root: &Path, named: &str, packages: &[Package]) -> Vec<Diagnostic> {
    let mut found = undeclared_by(root, named, "", packages);
    for package in packages {
        let named = format!("{}/kcl.mod", package.name);
        let whose = format!(" of the package `{}`", package.name);
        found.extend(undeclared_by(&package.path, &named, &whose, packages));
    }
    found
}

fn undeclared_by(folder: &Path, named: &str, whose: &str, packages: &[Package]) -> Vec<Diagnostic> {
    // A folder needs no kcl.mod.
    let Ok(text) = fs::read_to_string(folder.join("kcl.mod")) else {
        return Vec::new();
    };
    let at = |diagnostic: Diagnostic, offset: usize| {
        let place = Place::at(named, position(&text, offset));
        diagnostic.at(place).in_text(&text)
    };
    let found = match parse::<KclMod>(&text) {
        Ok(found) => found.dependencies.into_iter().map(Dependency::of),
        Err((message, offset)) => {
            let message = format!("this is no kcl.mod: {message}");
            return vec![at(Diagnostic::error(message), offset)];
        }
    };
    let undeclared = found.filter(|dependency| !dependency.is_among(packages));
    let told = undeclared.map(|dependency| {
        let (name, imported) = (&dependency.name, dependency.imported());
        let message = format!(
            "the dependency `{name}`{}{whose} is not declared, and nothing is fetched",
            dependency.wanted
        );
        let hint = format!(
            "declare the library that holds it in `deps`, or pass --package {imported}=FOLDER"
        );
        at(Diagnostic::error(message).hint(hint), dependency.offset)
    });
    told.collect()
}

fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    Position::new(before.matches('\n').count() + 1, line.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_says_what_is_wanted() {
        let text = "a = \"1.0\"\nb-c = { git = \"https://x/y\", tag = \"v1\" }\nd = { path = \"../d\" }\n\
                    e = { oci = \"oci://r/e\", tag = \"2\" }\nf = {}\n";
        let found = Dependency::listed(text).unwrap();
        let told: Vec<String> = found.iter().map(|d| d.imported() + &d.wanted).collect();
        assert_eq!(
            told,
            [
                "a 1.0",
                "b_c v1 from https://x/y",
                "d from ../d",
                "e 2 from oci://r/e",
                "f"
            ]
        );
        let package = |name: &str| Package {
            name: name.to_owned(),
            path: ".".into(),
        };
        assert!(found[1].is_among(&[package("b_c")]) && found[1].is_among(&[package("b-c")]));
        assert!(!found[1].is_among(&[package("b")]));
    }

    #[test]
    fn what_is_no_toml_has_a_place() {
        let (message, offset) = Dependency::listed("a = 1\nb =").unwrap_err();
        assert!(!message.is_empty() && offset > 5, "{message} at {offset}");
    }
}
