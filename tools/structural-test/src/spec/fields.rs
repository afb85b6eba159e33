//! Reads maps strictly: every key is known, and what is wrong is noted with its
//! place, so that one run names all mistakes.

use diagnostics::{Diagnostic, Place, Position, suggest};
use resource_graph::yaml::{Content, Node};

/// Where mistakes are noted.
pub struct Notes<'t> {
    file: &'t str,
    text: &'t str,
    /// What is wrong so far.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'t> Notes<'t> {
    pub fn new(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            diagnostics: Vec::new(),
        }
    }

    pub fn place(&self, at: Position) -> Place {
        Place::at(self.file, at)
    }

    /// Notes an error, and is none.
    pub fn error<T>(&mut self, at: Position, message: impl Into<String>, hint: &str) -> Option<T> {
        let mut diagnostic = Diagnostic::error(message)
            .at(self.place(at))
            .in_text(self.text);
        if !hint.is_empty() {
            diagnostic = diagnostic.hint(hint);
        }
        self.diagnostics.push(diagnostic);
        None
    }

    /// Notes every key of the map that is not known; none if it is no map.
    pub fn map(&mut self, node: &Node, what: &str, keys: &[&str]) -> Option<()> {
        if !matches!(node.content, Content::Map(_)) {
            let message = format!("{what} must be a map, it is {}", node.describe());
            return self.error(
                node.at,
                message,
                &format!("its keys are {}", keys.join(", ")),
            );
        }
        for entry in node
            .entries()
            .iter()
            .filter(|entry| !keys.contains(&entry.key.as_str()))
        {
            let hint = match suggest::nearest(&entry.key, keys.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("{what} knows {}", keys.join(", ")),
            };
            let message = format!("{what} has no key `{}`", entry.key);
            self.error::<()>(entry.key_at, message, &hint);
        }
        Some(())
    }

    pub fn required<'n>(&mut self, node: &'n Node, what: &str, key: &str) -> Option<&'n Node> {
        match node.get(key) {
            Some(value) => Some(value),
            None => self.error(node.at, format!("{what} needs `{key}`"), ""),
        }
    }

    pub fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        match &node.content {
            Content::String(text) if !text.is_empty() => Some(text.clone()),
            Content::String(_) => self.error(node.at, format!("{what} must not be empty"), ""),
            Content::Number(_) | Content::Bool(_) => {
                let message = format!("{what} must be a string, it is {}", node.describe());
                self.error(node.at, message, "put it between quotes")
            }
            _ => {
                let message = format!("{what} must be a string, it is {}", node.describe());
                self.error(node.at, message, "")
            }
        }
    }

    pub fn count(&mut self, node: &Node, what: &str) -> Option<usize> {
        match &node.content {
            Content::Number(number) if number.as_u64().is_some() => {
                number.as_u64().and_then(|n| usize::try_from(n).ok())
            }
            _ => self.error(node.at, format!("{what} must be a whole number from 0"), ""),
        }
    }

    /// The items of a list with at least one.
    pub fn list<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        match &node.content {
            Content::List(items) if items.is_empty() => {
                self.error(node.at, format!("{what} must not be empty"), "")
            }
            Content::List(items) => Some(items),
            _ => {
                let message = format!("{what} must be a list, it is {}", node.describe());
                self.error(node.at, message, "")
            }
        }
    }
}
