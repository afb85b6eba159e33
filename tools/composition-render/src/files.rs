//! Reads what the command line names.

use std::{
    fs,
    path::{Path, PathBuf},
};

use diagnostics::{Diagnostic, Place, Position};
use function_pipeline::go::{Object, read_from_yaml};
use resource_graph::yaml::{self, Node, YamlError};
use serde_json::Value;

use crate::failure::Failure;

/// A document of a file, with the places of its parts.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) file: File,
    pub(crate) node: Node,
    pub(crate) object: Object,
}

/// A file's name as it was given, and its text.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) text: std::sync::Arc<str>,
}

impl File {
    pub(crate) fn read(path: &Path, what: &str) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::text(format!("cannot load {what} from {name:?}: {error}")))?;
        Ok(Self {
            name,
            text: text.into(),
        })
    }

    /// A finding at a place in the file.
    pub(crate) fn at(&self, diagnostic: Diagnostic, position: Position) -> Diagnostic {
        diagnostic
            .at(Place::at(&self.name, position))
            .in_text(&self.text)
    }
}

/// Where a document begins.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) file: File,
    at: Position,
}

impl Origin {
    /// A finding at the document's beginning.
    pub(crate) fn says(&self, diagnostic: Diagnostic) -> Diagnostic {
        self.file.at(diagnostic, self.at)
    }
}

impl Document {
    pub(crate) fn origin(&self) -> Origin {
        Origin {
            file: self.file.clone(),
            at: self.node.at,
        }
    }

    /// A finding at the document's beginning.
    pub(crate) fn says(&self, diagnostic: Diagnostic) -> Diagnostic {
        self.file.at(diagnostic, self.node.at)
    }
}

/// The documents of a file, which must be maps; empty ones are left out.
pub(crate) fn documents(path: &Path, what: &str) -> Result<Vec<Document>, Failure> {
    let mut documents = Vec::new();
    for_each_document(path, what, |document| {
        documents.push(document);
        Ok(())
    })?;
    Ok(documents)
}

/// Hands over the documents of a file, each before the next one is read.
fn for_each_document(
    path: &Path,
    what: &str,
    mut take: impl FnMut(Document) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let file = File::read(path, what)?;
    let read = |node: Node| {
        let mut value = node.to_json();
        read_from_yaml(&mut value);
        match value {
            Value::Object(object) => Ok(take(Document {
                file: file.clone(),
                node,
                object,
            })?),
            _ => {
                let message = format!(
                    "cannot load {what} from {:?}: the document is {}, not a map",
                    file.name,
                    node.describe()
                );
                let finding = file.at(Diagnostic::error(message), node.at);
                Err(Stopped::By(finding.into()))
            }
        }
    };
    yaml::for_each(&file.text, read).map_err(|stopped| match stopped {
        Stopped::By(failure) => failure,
        Stopped::Unreadable(error) => {
            let message = format!("cannot load {what} from {:?}: {}", file.name, error.message);
            file.at(Diagnostic::error(message), error.at).into()
        }
    })
}

/// What ends the reading of documents early.
enum Stopped {
    Unreadable(YamlError),
    By(Failure),
}

impl From<YamlError> for Stopped {
    fn from(error: YamlError) -> Self {
        Self::Unreadable(error)
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::By(failure)
    }
}

/// The documents of a file, or of the YAML files in a folder, as upstream reads
/// them: not of folders below.
pub(crate) fn documents_below(path: &Path, what: &str) -> Result<Vec<Document>, Failure> {
    let mut found = Vec::new();
    for_each_below(path, what, |document| {
        found.push(document);
        Ok(())
    })?;
    Ok(found)
}

/// Hands over the same documents, each before the next one is read.
pub(crate) fn for_each_below(
    path: &Path,
    what: &str,
    mut take: impl FnMut(Document) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if !path.is_dir() {
        return for_each_document(path, what, take);
    }
    for file in files_in(path, &["yaml", "yml"], what)? {
        for_each_document(&file, what, &mut take)?;
    }
    Ok(())
}

/// The files with one of the extensions in a folder, by name.
fn files_in(folder: &Path, extensions: &[&str], what: &str) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::text(format!(
            "cannot load {what} from {:?}: {error}",
            folder.display()
        ))
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_file() && extension.is_some_and(|e| extensions.contains(&e)) {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Failure::text(format!(
            "cannot load {what} from {:?}: the folder has no file that ends in .{}",
            folder.display(),
            extensions.join(" or .")
        )));
    }
    Ok(files)
}

/// The objects of a file or folder.
pub(crate) fn objects_below(paths: &[PathBuf], what: &str) -> Result<Vec<Object>, Failure> {
    let mut objects = Vec::new();
    for path in paths {
        let documents = documents_below(path, what)?;
        objects.extend(documents.into_iter().map(|document| document.object));
    }
    Ok(objects)
}

/// The one document of a file.
pub(crate) fn document(path: &Path, what: &str) -> Result<Document, Failure> {
    let mut documents = documents(path, what)?;
    if documents.is_empty() {
        let name = path.display();
        return Err(Failure::text(format!(
            "cannot load {what} from \"{name}\": the file is empty"
        )));
    }
    Ok(documents.swap_remove(0))
}

/// The OpenAPI documents below a folder.
pub(crate) fn schemas(folder: &Path) -> Result<Vec<Object>, Failure> {
    let what = "required schemas";
    let mut documents = Vec::new();
    for path in files_in(folder, &["json"], what)? {
        let file = File::read(&path, what)?;
        let document = serde_json::from_str(&file.text).map_err(|error| {
            let message = format!("cannot load {what} from {:?}: {error}", file.name);
            let position = Position::new(error.line(), error.column().max(1));
            file.at(Diagnostic::error(message), position)
        })?;
        documents.push(document);
    }
    Ok(documents)
}

/// A value in YAML or JSON.
pub(crate) fn value(key: &str, text: &str) -> Result<Value, Failure> {
    let wrong = |message: &str| {
        Failure::text(format!(
            "cannot parse context data: cannot unmarshal context value for key {key:?}: {message}"
        ))
    };
    let nodes = yaml::parse(text).map_err(|error| wrong(&error.message))?;
    let mut value = nodes.first().map_or(Value::Null, Node::to_json);
    read_from_yaml(&mut value);
    Ok(value)
}
