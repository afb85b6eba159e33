use super::{Change, Class};

/// The changes that somebody has accepted. An entry is a change's key, or the
/// beginning of one up to a space: `widgets.example.org v1` accepts whatever
/// happens to that version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allow(Vec<String>);

/// Changes with what was accepted of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Each change, and whether it is accepted.
    pub changes: Vec<(Change, bool)>,
    /// Entries that accept nothing which would have to be accepted.
    pub idle: Vec<String>,
}

impl Allow {
    /// From entries as the user writes them; spaces count once.
    pub fn new<S: AsRef<str>>(entries: impl IntoIterator<Item = S>) -> Self {
        let words = |entry: S| {
            let words: Vec<&str> = entry.as_ref().split_whitespace().collect();
            words.join(" ")
        };
        Allow(entries.into_iter().map(words).collect())
    }

    /// Which of the changes that weigh `threshold` or more are accepted.
    pub fn judge(&self, changes: Vec<Change>, threshold: Class) -> Judged {
        let mut idle = self.0.clone();
        let mut judged = Vec::new();
        for change in changes {
            let key = change.key();
            let counts = change.class >= threshold;
            let is_accepted = counts && self.0.iter().any(|entry| accepts(entry, &key));
            if is_accepted {
                idle.retain(|entry| !accepts(entry, &key));
            }
            judged.push((change, is_accepted));
        }
        Judged {
            changes: judged,
            idle,
        }
    }
}

fn accepts(entry: &str, key: &str) -> bool {
    let rest = key.strip_prefix(entry);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

impl Judged {
    /// The changes that weigh `threshold` or more and are not accepted.
    pub fn open(&self, threshold: Class) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(move |(change, is_accepted)| change.class >= threshold && !is_accepted)
            .map(|(change, _)| change)
    }

    /// How many changes there are of a class, accepted ones too.
    pub fn count(&self, class: Class) -> usize {
        let is_of_it = |(change, _): &&(Change, bool)| change.class == class;
        self.changes.iter().filter(is_of_it).count()
    }

    /// How many changes are accepted.
    pub fn accepted(&self) -> usize {
        self.changes
            .iter()
            .filter(|(_, accepted)| *accepted)
            .count()
    }
}
