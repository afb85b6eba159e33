//! Python's own names, which a module's classes and fields may hide.

use std::collections::BTreeSet;

/// The names that mean something else in a module.
#[derive(Debug, Default)]
pub struct Words {
    hidden: BTreeSet<String>,
}

impl Words {
    /// Where these names are taken.
    pub fn hidden_by<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            hidden: names.into_iter().map(str::to_owned).collect(),
        }
    }

    /// How a module writes Python's own `word`.
    pub fn word(&self, word: &'static str) -> &'static str {
        if !self.hidden.contains(word) {
            return word;
        }
        match BUILTINS.iter().find(|(name, _)| *name == word) {
            Some((_, spelt)) => spelt,
            None => word,
        }
    }
}

/// With the module `builtins` as `_b`.
const BUILTINS: [(&str, &str); 12] = [
    ("all", "_b.all"),
    ("any", "_b.any"),
    ("bool", "_b.bool"),
    ("classmethod", "_b.classmethod"),
    ("dict", "_b.dict"),
    ("enumerate", "_b.enumerate"),
    ("float", "_b.float"),
    ("int", "_b.int"),
    ("isinstance", "_b.isinstance"),
    ("len", "_b.len"),
    ("list", "_b.list"),
    ("str", "_b.str"),
];

/// Whether a module's text mentions one of Python's own names that is hidden.
pub fn needs_builtins(text: &str) -> bool {
    text.match_indices("_b.")
        .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn what_is_hidden_is_taken_from_builtins() {
        let words = Words::hidden_by(["str", "spec"]);
        assert_eq!((words.word("str"), words.word("int")), ("_b.str", "int"));
    }
}
