//! The files to read.

use diagnostics::{Diagnostic, Place};
use std::io::Read;
use std::path::{Path, PathBuf};

/// What standard input is called in messages.
const STANDARD_INPUT: &str = "standard input";

/// From how many bytes on the documents of a file are judged at the same time.
const LARGE: u64 = 512 * 1024;

/// A file to read, or the text that standard input held.
#[derive(Debug)]
pub(crate) enum Input {
    File(PathBuf),
    Text(String),
}

impl Input {
    /// What messages call it.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Text(_) => STANDARD_INPUT.to_owned(),
        }
    }

    /// Whether its documents are worth being judged at the same time.
    pub fn is_large(&self) -> bool {
        let length = match self {
            Self::Text(text) => text.len() as u64,
            Self::File(path) => path.metadata().map_or(0, |file| file.len()),
        };
        length >= LARGE
    }

    /// What it holds.
    pub fn text(&self) -> Result<String, Diagnostic> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File(path) => std::fs::read(path)
                .map_err(|error| unreadable(path, &error.to_string()))
                .and_then(|bytes| {
                    String::from_utf8(bytes).map_err(|error| {
                        let at = error.utf8_error().valid_up_to();
                        unreadable(path, &format!("it is no UTF-8 from byte {at} on"))
                    })
                }),
        }
    }
}

/// All files that the paths stand for, in the order of their names.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<Input>, Diagnostic> {
    let mut found = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| Diagnostic::error(format!("{STANDARD_INPUT}: {error}")))?;
            found.push(Input::Text(text));
        } else {
            let files = resource_graph::files(path).map_err(|error| Diagnostic::from(*error))?;
            found.extend(files.into_iter().map(Input::File));
        }
    }
    Ok(found)
}

fn unreadable(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::error(format!("cannot read the file: {why}"))
        .at(Place::file(path.display().to_string()))
}
