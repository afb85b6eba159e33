use kube_schema::{Mark, Spot};
use serde_json::Value as Json;

/// How much a change weighs; the heaviest is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Text for people changed.
    Docs,
    /// A machine can tell, yet all that worked still does.
    Compatible,
    /// Something that worked no longer does.
    Breaking,
}

impl Class {
    /// As the outputs write it.
    pub fn name(self) -> &'static str {
        match self {
            Class::Docs => "docs",
            Class::Compatible => "compatible",
            Class::Breaking => "breaking",
        }
    }
}

/// One difference between two definitions.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// `PLURAL.GROUP`.
    pub crd: String,
    /// `v1`; `v1beta1->v1` of two versions that are served side by side; none
    /// if the change is the whole definition's.
    pub version: Option<String>,
    /// `.spec.parts[].size`; none if the change is not a field's.
    pub path: Option<String>,
    /// What changed there: `maximum`, `field`, `names.shortNames`.
    pub property: &'static str,
    /// What it was, if it was.
    pub old: Option<Json>,
    /// What it is, if it is.
    pub new: Option<Json>,
    /// How much it weighs.
    pub class: Class,
    /// Who notices, in one line.
    pub reason: String,
    /// Where the new definition says so; none if nothing is left to point at.
    pub spot: Option<Spot>,
}

impl Change {
    /// The change's name: `widgets.example.org v1 .spec.size maximum`.
    pub fn key(&self) -> String {
        let place = [self.version.as_deref(), self.path.as_deref()];
        let mut words = vec![self.crd.as_str()];
        words.extend(place.into_iter().flatten());
        words.push(self.property);
        words.join(" ")
    }

    /// What differs, wherever it stands and whatever it weighs.
    pub(super) fn essence(&self) -> (&Option<String>, &str, &Option<Json>, &Option<Json>) {
        (&self.path, self.property, &self.old, &self.new)
    }
}

/// What is thought of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub class: Class,
    pub reason: String,
}

pub(super) fn breaking(reason: impl Into<String>) -> Verdict {
    Verdict {
        class: Class::Breaking,
        reason: reason.into(),
    }
}

pub(super) fn compatible(reason: impl Into<String>) -> Verdict {
    Verdict {
        class: Class::Compatible,
        reason: reason.into(),
    }
}

pub(super) fn docs() -> Verdict {
    Verdict {
        class: Class::Docs,
        reason: "text for people".to_owned(),
    }
}

/// Nobody has to be told more about what only lets more through.
pub(super) fn wider() -> Verdict {
    compatible("all that was valid still is")
}

/// The old and the new value; either may be missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Values {
    pub old: Option<Json>,
    pub new: Option<Json>,
}

impl Values {
    pub fn of<T: Into<Json>>(old: Option<T>, new: Option<T>) -> Self {
        Values {
            old: old.map(Into::into),
            new: new.map(Into::into),
        }
    }

    pub fn both(old: impl Into<Json>, new: impl Into<Json>) -> Self {
        Values {
            old: Some(old.into()),
            new: Some(new.into()),
        }
    }

    pub fn added(new: impl Into<Json>) -> Self {
        Values {
            old: None,
            new: Some(new.into()),
        }
    }

    pub fn removed(old: impl Into<Json>) -> Self {
        Values {
            old: Some(old.into()),
            new: None,
        }
    }
}

/// The changes of one definition, or of one of its versions, as they are found.
#[derive(Debug)]
pub(super) struct Findings<'a> {
    pub crd: &'a str,
    pub version: Option<String>,
    /// Where the new definition or version begins; none if it is gone.
    pub spot: Option<&'a Spot>,
    pub changes: Vec<Change>,
}

impl<'a> Findings<'a> {
    pub fn new(crd: &'a str, version: Option<String>, spot: Option<&'a Spot>) -> Self {
        Findings {
            crd,
            version,
            spot,
            changes: Vec::new(),
        }
    }

    /// A change that is not a field's.
    pub fn add(&mut self, property: &'static str, values: Values, verdict: Verdict) {
        self.put(None, Mark::default(), property, values, verdict);
    }

    pub fn put(
        &mut self,
        path: Option<String>,
        mark: Mark,
        property: &'static str,
        values: Values,
        verdict: Verdict,
    ) {
        self.changes.push(Change {
            crd: self.crd.to_owned(),
            version: self.version.clone(),
            path,
            property,
            old: values.old,
            new: values.new,
            class: verdict.class,
            reason: verdict.reason,
            spot: self.spot.map(|spot| marked(spot, mark)),
        });
    }
}

/// The mark's place in the spot's file, or the spot where the mark is unknown.
fn marked(spot: &Spot, mark: Mark) -> Spot {
    if mark.line == 0 {
        return spot.clone();
    }
    Spot {
        file: spot.file.clone(),
        line: mark.line,
        column: mark.column,
    }
}
