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

    /// What messages call it.
    fn name(&self) -> Arc<str> {
        match self {
            Self::Standard => STANDARD_INPUT.into(),
            Self::File(path) => path.display().to_string().into(),
        }
    }

    fn parts(&self) -> Result<Parts<Reader>, Error> {
        let reader: Reader = match self {
            Self::Standard => Box::new(BufReader::new(stdin())),
            Self::File(path) => Box::new(BufReader::new(File::open(path)?)),
        };
        Ok(Parts::new(reader, PART))
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

type Reader = Box<dyn BufRead + Send>;

/// The inputs in portions, in their order.
pub(crate) struct Portions {
    inputs: Peekable<IntoIter<Input>>,
    /// The large one that is being read, and its name.
    open: Option<(Arc<str>, Parts<Reader>)>,
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
        if let Some((name, parts)) = &mut self.open
            && let Some(part) = parts.next()
        {
            return Some(Portion::Part(Arc::clone(name), part));
        }
        self.open = None;
        let files = self.small_files();
        if !files.is_empty() {
            return Some(Portion::Files(files));
        }
        let input = self.inputs.next()?;
        match input.parts() {
            Ok(parts) => {
                self.open = Some((input.name(), parts));
                self.next()
            }
            Err(error) => Some(Portion::Part(input.name(), Err(error))),
        }
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
