//! A KCL program to run, and what it gives.

use std::path::PathBuf;

/// One entry file of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Path of the file, absolute or below the program's root.
    pub path: PathBuf,
    /// The text to evaluate in place of the file's. A program's only file need
    /// not exist then; of several, KCL would silently drop one that does not.
    pub text: Option<String>,
}

/// A package that a program may import by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Name that `import` statements use.
    pub name: String,
    /// Folder of the package, absolute or relative to the current folder.
    pub path: PathBuf,
}

/// A value that the program reads with `option(name)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Name of the option.
    pub name: String,
    /// JSON text; text that is no JSON counts as a string.
    pub value: String,
}

/// A KCL program: its files and everything that it may see.
///
/// `file` functions of the program see nothing outside `root`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Program {
    /// Folder that the program lives in; imports and messages are relative to it.
    pub root: PathBuf,
    /// The files that make up the main package, in order.
    pub sources: Vec<Source>,
    /// Packages beside the ones below `root`.
    pub packages: Vec<Package>,
    /// Values of `option()`.
    pub arguments: Vec<Argument>,
    /// Override specifications (`path.to.field=value`), applied to the syntax
    /// tree in memory.
    pub overrides: Vec<String>,
    /// Paths to select from the result (`-S` of the kcl command).
    pub path_selector: Vec<String>,
    /// Sort the keys of every object.
    pub sort_keys: bool,
    /// Leave out attributes whose value is None.
    pub disable_none: bool,
    /// Keep attributes whose names start with `_`.
    pub show_hidden: bool,
    /// Check that numbers fit their types.
    pub strict_range_check: bool,
}

impl Program {
    /// A program of the files `entries` below `root`.
    pub fn new<P: Into<PathBuf>>(
        root: impl Into<PathBuf>,
        entries: impl IntoIterator<Item = P>,
    ) -> Self {
        let sources = entries
            .into_iter()
            .map(|path| Source {
                path: path.into(),
                text: None,
            })
            .collect();
        Self {
            root: root.into(),
            sources,
            ..Self::default()
        }
    }

    /// Names of the entry files, for messages.
    pub(crate) fn title(&self) -> String {
        let names: Vec<String> = self
            .sources
            .iter()
            .map(|source| source.path.display().to_string())
            .collect();
        names.join(" ")
    }
}

/// What a program gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// The result as JSON: one line, or one line a document if the program
    /// called `manifests.yaml_stream`.
    pub json: String,
    /// The result as KCL's own YAML.
    pub yaml: String,
    /// What the program printed.
    pub log: String,
}
