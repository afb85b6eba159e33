use std::fmt;

/// A field's path in the API server's words, kept as text: there are few of them,
/// and they are handed on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Place(String);

impl Place {
    pub fn new(field: &str) -> Self {
        Self(field.to_owned())
    }

    pub fn child(&self, name: &str) -> Self {
        match self.0.as_str() {
            "" => Self::new(name),
            path => Self(format!("{path}.{name}")),
        }
    }

    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// A map's key.
    pub fn key(&self, key: &str) -> Self {
        Self(format!("{}[{key}]", self.0))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
