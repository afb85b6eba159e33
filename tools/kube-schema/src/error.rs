use diagnostics::{Diagnostic, Place, Position};
use std::fmt;

/// A place in an input, as the user named the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spot {
    /// The file.
    pub file: String,
    /// Line and column, from 1; 0 if unknown.
    pub line: usize,
    /// See `line`.
    pub column: usize,
}

impl Spot {
    pub(crate) fn new(file: &str, location: serde_saphyr::Location) -> Self {
        Self {
            file: file.to_owned(),
            line: location.line() as usize,
            column: location.column() as usize,
        }
    }

    /// For a diagnostic.
    pub fn place(&self) -> Place {
        if self.line == 0 {
            return Place::file(&self.file);
        }
        Place::at(&self.file, Position::new(self.line, self.column.max(1)))
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place().fmt(f)
    }
}

/// Why an input gives no schemas.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder cannot be read.
    #[error("{path}: cannot be read: {source}")]
    Unreadable {
        /// As the user named it.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Neither file nor folder has a definition.
    #[error("no CRD in {paths}: a folder is searched for .yaml, .yml and .json files")]
    Nothing {
        /// What was searched.
        paths: String,
    },
    /// Not YAML, or not in the form of a CRD.
    #[error("{spot}: {message}")]
    Malformed {
        /// Where.
        spot: Spot,
        /// What the parser says.
        message: String,
    },
    /// YAML, yet something else.
    #[error("{spot}: not a CRD: {found}")]
    NotACrd {
        /// Where the document begins.
        spot: Spot,
        /// Its kind and apiVersion.
        found: String,
    },
    /// A CRD of an API that Kubernetes no longer has.
    #[error(
        "{spot}: {name} is written in apiextensions.k8s.io/v1beta1, which Kubernetes dropped in 1.22"
    )]
    OldApi {
        /// Where the document begins.
        spot: Spot,
        /// The CRD.
        name: String,
    },
    /// A field that every definition must have is missing.
    #[error("{spot}: {name} has no {field}")]
    Missing {
        /// Where the document begins.
        spot: Spot,
        /// The definition.
        name: String,
        /// Its field.
        field: &'static str,
    },
    /// A name that the API server would not take.
    #[error("{spot}: {name}: {field} is {value:?}, but must be {rule}")]
    BadName {
        /// Where the document or the version begins.
        spot: Spot,
        /// The definition.
        name: String,
        /// Its field.
        field: &'static str,
        /// The name.
        value: String,
        /// What it must be.
        rule: &'static str,
    },
    /// A file that is no UTF-8.
    #[error("{spot}: not UTF-8: the byte 0x{byte:02x} belongs to no character here")]
    NotUtf8 {
        /// Where.
        spot: Spot,
        /// The first byte that is wrong.
        byte: u8,
    },
    /// A JSON document without types at their place.
    #[error(
        "{spot}: not an OpenAPI document: it has neither `swagger` and `definitions` nor `openapi` and `components.schemas`"
    )]
    NotOpenApi {
        /// The file.
        spot: Spot,
    },
    /// Two types with the same name.
    #[error("{spot}: a type {name} was already read from another file")]
    TypeTwice {
        /// The second file.
        spot: Spot,
        /// The name.
        name: String,
    },
    /// A reference in a CRD.
    #[error("{spot}: {name}: $ref {target:?} leads nowhere: a CRD holds its whole schema")]
    Reference {
        /// The version's place, or the schema's.
        spot: Spot,
        /// The definition.
        name: String,
        /// What is referred to.
        target: String,
    },
    /// A version says nothing about its fields.
    #[error("{spot}: {name}: version {version} has no schema")]
    NoSchema {
        /// Where the version begins.
        spot: Spot,
        /// The definition.
        name: String,
        /// The version.
        version: String,
    },
    /// The same kind and version twice.
    #[error("{spot}: {kind} of {api_version} is already defined at {first}")]
    Duplicate {
        /// Where the second one begins.
        spot: Spot,
        /// The kind.
        kind: String,
        /// Group and version.
        api_version: String,
        /// Where the first one begins.
        first: Spot,
    },
}

impl Error {
    fn spot(&self) -> Option<&Spot> {
        match self {
            Error::Unreadable { .. } | Error::Nothing { .. } => None,
            Error::Malformed { spot, .. }
            | Error::NotACrd { spot, .. }
            | Error::OldApi { spot, .. }
            | Error::Missing { spot, .. }
            | Error::BadName { spot, .. }
            | Error::NotUtf8 { spot, .. }
            | Error::NotOpenApi { spot }
            | Error::TypeTwice { spot, .. }
            | Error::Reference { spot, .. }
            | Error::NoSchema { spot, .. }
            | Error::Duplicate { spot, .. } => Some(spot),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Error::Unreadable { .. } | Error::Malformed { .. } => None,
            Error::Nothing { .. } => Some("name the file, or the folder that holds the CRDs"),
            Error::NotACrd { .. } => Some(
                "pass only files with CustomResourceDefinitions or CompositeResourceDefinitions, or narrow what the bundle includes",
            ),
            Error::OldApi { .. } => Some(
                "use a release of the project that ships apiextensions.k8s.io/v1, or convert the file with `kubectl convert`",
            ),
            Error::Missing { .. } => Some(
                "take the definition from its project again; the API server refuses it like this",
            ),
            Error::BadName { .. } => {
                Some("take the definition from its project again; the API server refuses this name")
            }
            Error::NotOpenApi { .. } => Some(
                "take what `kubectl get --raw /openapi/v2` prints, or /openapi/v3/apis/GROUP/VERSION",
            ),
            Error::TypeTwice { .. } => Some("give one of them another title"),
            Error::Reference { .. } => {
                Some("put the schema in its place; controller-gen does so by itself")
            }
            Error::NotUtf8 { .. } => Some("save the file as UTF-8"),
            Error::NoSchema { .. } => {
                Some("add `schema.openAPIV3Schema` to the version, at least `type: object`")
            }
            Error::Duplicate { .. } => Some("pass only one of the two"),
        }
    }

    /// For the command line; `text` gives the text of a file, for the offending line.
    pub fn diagnostic(&self, text: impl Fn(&str) -> Option<String>) -> Diagnostic {
        let mut message = self.to_string();
        let mut diagnostic = match self.spot() {
            Some(spot) => {
                let prefix = format!("{spot}: ");
                message = message.strip_prefix(&prefix).unwrap_or(&message).to_owned();
                let text = text(&spot.file).unwrap_or_default();
                Diagnostic::error(message).at(spot.place()).in_text(&text)
            }
            None => Diagnostic::error(message),
        };
        diagnostic.hint = self.hint().map(str::to_owned);
        diagnostic
    }
}
