use std::fmt::{self, Write};

/// A field's path in the API server's words: `spec.rules[0].host`; a map's key
/// is joined like a field. It borrows the path above it and is only written out
/// for an error, as most values have none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'p> {
    above: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    /// As it is; empty at the root.
    Text(&'p str),
    Child(&'p str),
    Index(usize),
    /// A map's key as lists, metadata and CEL errors write it.
    Key(&'p str),
}

impl<'p> Path<'p> {
    pub fn root() -> Self {
        Self::at("")
    }

    /// A path that is written out.
    pub fn at(path: &'p str) -> Self {
        Self {
            above: None,
            step: Step::Text(path),
        }
    }

    pub fn is_root(&self) -> bool {
        match self.step {
            Step::Text(text) => text.is_empty(),
            Step::Child(name) => name.is_empty() && self.above.is_none_or(Path::is_root),
            Step::Index(_) | Step::Key(_) => false,
        }
    }

    pub fn child<'c>(&'c self, name: &'c str) -> Path<'c> {
        self.below(Step::Child(name))
    }

    pub fn index(&self, index: usize) -> Path<'_> {
        self.below(Step::Index(index))
    }

    /// A map's key as lists, metadata and CEL errors write it.
    pub fn key<'c>(&'c self, key: &'c str) -> Path<'c> {
        self.below(Step::Key(key))
    }

    fn below<'c>(&'c self, step: Step<'c>) -> Path<'c> {
        Path {
            above: Some(self),
            step,
        }
    }

    fn write(&self, out: &mut String) {
        if let Some(above) = self.above {
            above.write(out);
        }
        // Writing to a string does not fail.
        let _ = match self.step {
            Step::Text(text) => out.write_str(text),
            Step::Child(name) if out.is_empty() => out.write_str(name),
            Step::Child(name) => write!(out, ".{name}"),
            Step::Index(index) => write!(out, "[{index}]"),
            Step::Key(key) => write!(out, "[{key}]"),
        };
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write(&mut out);
        f.write_str(&out)
    }
}
