//! What is read, a little at a time.

use diagnostics::{Diagnostic, Place};
use resource_graph::yaml::{Part, Parts};
use std::fs::File;
use std::io::{BufRead, BufReader, Error, stdin};
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::vec::IntoIter;

/// What standard input is called in messages.
const STANDARD_INPUT: &str = "standard input";

/// From how many bytes on a file is read in parts.
const LARGE: u64 = 512 * 1024;

/// About how many bytes such a part has.
const PART: usize = 128 * 1024;

/// How many files are read in one go.
const FILES: usize = 16;

/// A file to read, or standard input.
#[derive(Debug, PartialEq)]
pub(crate) enum Input {
    File(PathBuf),
    Standard,
}

impl Input {
    /// Whether it is read in parts, which are judged at the same time.
    fn is_large(&self) -> bool {
        match self {
            Self::Standard => true,
            Self::File(path) => path.metadata().is_ok_and(|file| file.len() >= LARGE),
        }
    }

    /// Its name in messages, and its parts.
    fn parts(self) -> OpenInput {
        let open = |reader: Box<dyn BufRead + Send>| Ok(Parts::new(reader, PART));
        match self {
            Self::Standard => OpenInput {
                name: STANDARD_INPUT.into(),
                parts: open(Box::new(BufReader::new(stdin()))),
            },
            Self::File(path) => OpenInput {
                name: path.display().to_string().into(),
                parts: File::open(path).and_then(|file| open(Box::new(BufReader::new(file)))),
            },
        }
    }
}

/// All files that the paths stand for, in the order of their names.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<Input>, Diagnostic> {
    let mut found = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            found.push(Input::Standard);
        } else {
            let files = resource_graph::files(path).map_err(|error| Diagnostic::from(*error))?;
            found.extend(files.into_iter().map(Input::File));
        }
    }
    Ok(found)
}

/// What one thread reads and judges in one go.
#[derive(Debug)]
pub(crate) enum Portion {
    /// Small files, which it reads itself.
    Files(Vec<PathBuf>),
    /// A part of a large one.
    Part(Arc<str>, Result<Part, Error>),
}

struct OpenInput {
    name: Arc<str>,
    parts: Result<Parts<Box<dyn BufRead + Send>>, Error>,
}

impl OpenInput {
    fn next(&mut self) -> Option<Portion> {
        let part = match &mut self.parts {
            Ok(parts) => parts.next()?,
            Err(error) => Err(std::mem::replace(error, Error::other(""))),
        };
        Some(Portion::Part(Arc::clone(&self.name), part))
    }
}

/// The inputs in portions, in their order.
pub(crate) struct Portions {
    inputs: Peekable<IntoIter<Input>>,
    /// The large one that is being read.
    open: Option<OpenInput>,
}

impl Portions {
    pub fn new(inputs: Vec<Input>) -> Self {
        Self {
            inputs: inputs.into_iter().peekable(),
            open: None,
        }
    }

    fn small_files(&mut self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        while files.len() < FILES
            && let Some(Input::File(path)) = self.inputs.next_if(|input| !input.is_large())
        {
            files.push(path);
        }
        files
    }
}

impl Iterator for Portions {
    type Item = Portion;

    fn next(&mut self) -> Option<Portion> {
        if let Some(portion) = self.open.as_mut().and_then(OpenInput::next) {
            return Some(portion);
        }
        self.open = None;
        let files = self.small_files();
        if !files.is_empty() {
            return Some(Portion::Files(files));
        }
        let mut open = self.inputs.next()?.parts();
        let first = open.next();
        self.open = open.parts.is_ok().then_some(open);
        first
    }
}

/// What a small file holds.
pub(crate) fn read(path: &Path) -> Result<Part, Error> {
    std::fs::read(path).and_then(Part::of)
}

/// Why an input, or a part of it, cannot be read.
pub(crate) fn unreadable(name: &str, error: &Error) -> Diagnostic {
    let what = match name {
        STANDARD_INPUT => STANDARD_INPUT,
        _ => "the file",
    };
    Diagnostic::error(format!("cannot read {what}: {error}")).at(Place::file(name))
}
