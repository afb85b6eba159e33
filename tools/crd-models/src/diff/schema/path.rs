use std::fmt;

/// Where in an object a value is: `.spec.parts[].size`; `[]` is each element of
/// a list, `{}` each value of a map, `(anyOf[1])` a part of the schema itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(String);

impl Path {
    pub fn root() -> Self {
        Path(String::new())
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn field(&self, name: &str) -> Self {
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$');
        if !name.is_empty() && name.chars().all(is_plain) {
            return Path(format!("{}.{name}", self.0));
        }
        Path(format!("{}[{name:?}]", self.0))
    }

    pub fn element(&self) -> Self {
        Path(format!("{}[]", self.0))
    }

    pub fn value(&self) -> Self {
        Path(format!("{}{{}}", self.0))
    }

    pub fn branch(&self, combinator: &str, index: Option<usize>) -> Self {
        match index {
            Some(index) => Path(format!("{}({combinator}[{index}])", self.0)),
            None => Path(format!("{}({combinator})", self.0)),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn odd_names_are_quoted() {
        let path = Path::root().field("spec").field("a.b").element();
        assert_eq!(path.to_string(), r#".spec["a.b"][]"#);
        assert_eq!(Path::root().to_string(), ".");
        assert_eq!(
            Path::root().value().branch("anyOf", Some(1)).to_string(),
            "{}(anyOf[1])"
        );
    }
}
