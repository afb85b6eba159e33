//! The names that a definition may give (apiextensions-apiserver,
//! `pkg/apis/apiextensions/validation`). Files and identifiers are made of them,
//! so nothing else is let in.

/// What a name must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// An RFC 1123 subdomain: a group.
    Subdomain,
    /// An RFC 1035 label: a plural, a version.
    Label,
    /// The same, with capitals: a kind.
    Kind,
}

impl Rule {
    pub fn allows(self, name: &str) -> bool {
        match self {
            Rule::Subdomain => name.len() <= 253 && name.split('.').all(is_label_1123),
            Rule::Label => is_label(name),
            Rule::Kind => is_label(&name.to_ascii_lowercase()),
        }
    }

    /// In words that follow "must be".
    pub fn words(self) -> &'static str {
        match self {
            Rule::Subdomain => {
                "a DNS name: small letters, digits, '-' and '.', as in apps.example.org"
            }
            Rule::Label => {
                "at most 63 small letters, digits and '-', with a letter in front and no '-' at the end"
            }
            Rule::Kind => {
                "at most 63 letters, digits and '-', with a letter in front and no '-' at the end"
            }
        }
    }
}

fn is_label(name: &str) -> bool {
    is_label_1123(name) && name.len() <= 63 && name.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_label_1123(label: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !label.is_empty()
        && label.bytes().all(is_part)
        && !label.starts_with('-')
        && !label.ends_with('-')
}
