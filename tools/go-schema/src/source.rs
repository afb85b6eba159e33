//! Files and places in them.

use diagnostics::{Place, Position};
use std::sync::Arc;

/// A Go file: what messages call it, and what it says.
pub struct Source {
    /// The path, as the user would name it: below the module's folder, or below the
    /// module's path if the module came as an archive.
    pub name: String,
    /// The text.
    pub text: String,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Source({:?})", self.name)
    }
}

/// A place in a file.
#[derive(Debug, Clone)]
pub struct Site {
    /// The file.
    pub source: Arc<Source>,
    /// Line, from 1.
    pub line: u32,
    /// Column in code points, from 1.
    pub column: u32,
}

impl Site {
    /// The place of a byte.
    pub fn at_byte(source: &Arc<Source>, byte: usize) -> Self {
        let before = source.text.get(..byte).unwrap_or(&source.text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = before[line_start..].chars().count() + 1;
        Self::new(source, line, column)
    }

    pub(crate) fn new(source: &Arc<Source>, line: usize, column: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            source: source.clone(),
            line: clamp(line),
            column: clamp(column),
        }
    }

    /// As `diagnostics` says it.
    pub fn place(&self) -> Place {
        let position = Position::new(self.line as usize, self.column as usize);
        Place::at(&self.source.name, position)
    }
}

/// `file:line:column`.
impl std::fmt::Display for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.place().fmt(f)
    }
}

/// Places are no part of what stands there, so any two are equal.
impl PartialEq for Site {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Site {}

impl std::hash::Hash for Site {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_code_points() {
        let source = Arc::new(Source {
            name: "a.go".into(),
            text: "x\nä é\n".into(),
        });
        let byte = source.text.find('é').unwrap();
        assert_eq!(Site::at_byte(&source, byte).to_string(), "a.go:2:3");
    }
}
