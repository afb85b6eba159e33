//! What can be wrong with Go source, and what to do about it.

use crate::source::Site;
use diagnostics::Diagnostic;

/// Something is wrong, and where.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    /// What.
    pub kind: Kind,
    /// Where, if it is in a file.
    pub site: Option<Site>,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Kind {
    /// A file or folder cannot be read.
    #[error("{path} cannot be read: {reason}")]
    Unreadable {
        /// The path.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// A folder or archive has no go.mod that says which module it is.
    #[error("{path} holds no go.mod that names its module")]
    NoModule {
        /// The folder or archive.
        path: String,
    },
    /// The parser cannot be started.
    #[error("the Go grammar does not fit this version of tree-sitter")]
    Parser,
    /// A file is not Go.
    #[error("not Go: {0}")]
    NotGo(String),
    /// Files of one folder name different packages.
    #[error("package {found} in a folder whose other files are package {expected}")]
    TwoPackages {
        /// What the file says.
        found: String,
        /// What the first file says.
        expected: String,
    },
    /// A module that is given lacks a package.
    #[error("module {module} has no package {package}")]
    NoPackage {
        /// The module.
        module: String,
        /// The import path.
        package: String,
        /// The nearest of those that it has.
        nearest: Option<String>,
    },
    /// A package is in no module that is given.
    #[error("package {package} is in no module that is given")]
    UnpinnedPackage {
        /// The import path.
        package: String,
        /// The module and version that a go.mod requires for it.
        module: Option<(String, String)>,
    },
    /// A type is in no module that is given.
    #[error("{name} is of a module that is not given{}", required(module))]
    UnpinnedType {
        /// `import/path.Name`.
        name: String,
        /// The module and version that a go.mod requires for it.
        module: Option<(String, String)>,
    },
    /// A type of Go's standard library about which nothing is known.
    #[error("nothing is known about the JSON form of {0}, a type of Go's standard library")]
    StandardType(String),
    /// No such type.
    #[error("there is no type {name} in {package}")]
    NoType {
        /// The name.
        name: String,
        /// The import path of the package.
        package: String,
        /// The nearest of those that it has.
        nearest: Option<String>,
    },
    /// A name before a dot that is no import of the file.
    #[error("{0} is no package that this file imports")]
    NoImport(String),
    /// Packages that import one another.
    #[error("import cycle: {}", .0.join(" imports "))]
    ImportCycle(Vec<String>),
    /// A type whose arguments do not fit its parameters.
    #[error("{name} takes {expected} type arguments, not {found}")]
    TypeArguments {
        /// The type.
        name: String,
        /// How many parameters it has.
        expected: usize,
        /// How many arguments it was given.
        found: usize,
    },
    /// A type with ever larger type arguments.
    #[error("{0} instantiates itself without end")]
    InstantiationCycle(String),
    /// An alias of itself.
    #[error("the type {0} is an alias of itself")]
    AliasCycle(String),
    /// encoding/json ignores a field with a tag.
    #[error("field {name} has the tag json:{tag:?}, yet is not exported: encoding/json ignores it")]
    UnexportedTag {
        /// The field.
        name: String,
        /// What its tag says.
        tag: String,
    },
    /// A struct that holds itself.
    #[error("recursive embedding: {}", .0.join(" embeds "))]
    EmbeddingCycle(Vec<String>),
    /// A type that writes its own JSON.
    #[error("{name} has its own {method}: its JSON form cannot be read from its fields")]
    CustomMarshaler {
        /// `import/path.Name`.
        name: String,
        /// `MarshalJSON` or `UnmarshalJSON`.
        method: String,
    },
    /// An interface without implementations that a discriminator tells apart.
    #[error("the interface {name} cannot be told from JSON: {reason}")]
    Interface {
        /// `import/path.Name`.
        name: String,
        /// Why.
        reason: String,
    },
    /// A type that JSON cannot hold.
    #[error("{0} has no JSON form")]
    NoJson(String),
    /// A map's key that is no JSON object's.
    #[error(
        "a map with keys of type {0} has no JSON form: keys are strings, integers or text marshalers"
    )]
    MapKey(String),
    /// A marker that cannot be understood.
    #[error("the marker +{marker} cannot be understood: {reason}")]
    Marker {
        /// Its name.
        marker: String,
        /// Why.
        reason: String,
    },
    /// A constant that cannot be evaluated.
    #[error("this is no constant that can be evaluated: {0}")]
    Constant(String),
    /// Two types of the same name in the schema.
    #[error("{first} and {second} both have the name {name} in the schema")]
    NameTwice {
        /// The name.
        name: String,
        /// `import/path.Name`.
        first: String,
        /// `import/path.Name`.
        second: String,
    },
    /// An entry of `map` or `also` that cannot be used.
    #[error("{table} of {name}: {reason}")]
    Table {
        /// `map` or `also`.
        table: &'static str,
        /// `import/path.Name`.
        name: String,
        /// Why.
        reason: String,
    },
    /// A root type that is asked for and not there.
    #[error("none of the packages has an exported type {name}")]
    NoRoot {
        /// The name.
        name: String,
        /// The nearest of those there are.
        nearest: Option<String>,
    },
}

fn required(module: &Option<(String, String)>) -> String {
    match module {
        Some((module, version)) => format!(": {module} {version}"),
        None => String::new(),
    }
}

impl Kind {
    /// At a place.
    pub fn at(self, site: Site) -> Error {
        Error {
            kind: self,
            site: Some(site),
        }
    }

    /// At a place, if one is known.
    pub fn at_some(self, site: Option<&Site>) -> Error {
        Error {
            kind: self,
            site: site.cloned(),
        }
    }

    /// Without place.
    pub fn into_error(self) -> Error {
        self.at_some(None)
    }

    /// What to do.
    fn hint(&self) -> Option<String> {
        let did_you_mean =
            |nearest: &Option<String>| nearest.as_ref().map(|name| format!("did you mean {name}?"));
        let give = |module: &str| {
            format!(
                "give its source: --module {module}=DIR (in a BUCK file: add {module:?} to modules)"
            )
        };
        let map = |name: &str| {
            format!(
                "say its schema: --map '{name}={{…}}' (in a BUCK file: map = {{{name:?}: {{…}}}})"
            )
        };
        Some(match self {
            Self::NoModule { .. } => "--module-dir names a module's root; one without go.mod is given as --module PATH=DIR".to_owned(),
            Self::NotGo(_) => "the grammar is that of Go 1.26; does this file compile?".to_owned(),
            Self::NoPackage { nearest, .. } | Self::NoType { nearest, .. } | Self::NoRoot { nearest, .. } => {
                return did_you_mean(nearest);
            }
            Self::UnpinnedPackage { package, module } => {
                give(module.as_ref().map_or(package, |(module, _)| module))
            }
            Self::UnpinnedType { name, module } => match module {
                Some((module, _)) => format!("{}; or {}", give(module), map(name)),
                None => map(name),
            },
            Self::StandardType(name) | Self::CustomMarshaler { name, .. } => map(name),
            Self::Interface { name, .. } => map(name),
            Self::UnexportedTag { .. } => "export the field, or remove its tag".to_owned(),
            Self::NoJson(_) | Self::MapKey(_) => "a field that JSON does not hold is tagged `json:\"-\"`; --map says the schema of a named type".to_owned(),
            _ => return None,
        })
    }
}

impl Error {
    /// Adds a place, if there is none yet.
    #[must_use]
    pub fn or_at(self, site: Option<&Site>) -> Self {
        Self {
            site: self.site.or_else(|| site.cloned()),
            ..self
        }
    }

    /// In the form of all tools.
    pub fn into_diagnostic(self) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.kind.to_string());
        let diagnostic = match &self.site {
            Some(site) => diagnostic.at(site.place()).in_text(&site.source.text),
            None => diagnostic,
        };
        match self.kind.hint() {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        }
    }
}
