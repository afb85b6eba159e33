//! Reads what the command line names.

use std::{
    fs,
    path::{Path, PathBuf},
};

use diagnostics::{Diagnostic, Place};
use function_pipeline::go::{Object, read_from_yaml};
use resource_graph::yaml::{self, Node};
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
    pub(crate) fn at(&self, diagnostic: Diagnostic, position: diagnostics::Position) -> Diagnostic {
        diagnostic
            .at(Place::at(&self.name, position))
            .in_text(&self.text)
    }
}

impl Document {
    /// A finding at the document's beginning.
    pub(crate) fn says(&self, diagnostic: Diagnostic) -> Diagnostic {
        self.file.at(diagnostic, self.node.at)
    }
}

/// The documents of a file, which must be maps; empty ones are left out.
pub(crate) fn documents(path: &Path, what: &str) -> Result<Vec<Document>, Failure> {
    let file = File::read(path, what)?;
    let nodes = yaml::parse(&file.text).map_err(|error| {
        let message = format!("cannot load {what} from {:?}: {}", file.name, error.message);
        file.at(Diagnostic::error(message), error.at)
    })?;
    let documents = nodes.into_iter().map(|node| {
        let mut value = node.to_json();
        read_from_yaml(&mut value);
        match value {
            Value::Object(object) => Ok(Document {
                file: file.clone(),
                node,
                object,
            }),
            _ => {
                let message = format!(
                    "cannot load {what} from {:?}: the document is {}, not a map",
                    file.name,
                    node.describe()
                );
                Err(file.at(Diagnostic::error(message), node.at).into())
            }
        }
    });
    documents.collect()
}

/// The documents of a file, or of the YAML files in a folder, as upstream reads
/// them: not of folders below.
pub(crate) fn documents_below(path: &Path, what: &str) -> Result<Vec<Document>, Failure> {
    if !path.is_dir() {
        return documents(path, what);
    }
    let mut found = Vec::new();
    for file in files_in(path, &["yaml", "yml"], what)? {
        found.extend(documents(&file, what)?);
    }
    Ok(found)
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
            let position = diagnostics::Position::new(error.line(), error.column().max(1));
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
