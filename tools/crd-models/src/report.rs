//! What the models of a language check, and what they leave to the API server:
//! a file of the package, for people and machines.

use crate::analysis::Model;
use serde::{Deserialize, Serialize};

/// The outcome of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Every CEL rule.
    pub rules: Vec<RuleOutcome>,
    /// Every other constraint that is not checked.
    pub not_checked: Vec<Gap>,
}

/// Where in which kind something stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spot {
    /// `GROUP/VERSION`.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The field: `spec.parts[].size`, empty for the whole resource.
    pub path: String,
}

impl Spot {
    /// Whether a value at this path is one of the spot. An entry of a map, `{}`,
    /// may have any name.
    fn has(&self, path: &str) -> bool {
        let mut pattern = regex::escape(&self.path);
        pattern = pattern.replace(r"\[\]", r"\[[0-9]+\]");
        pattern = pattern.replace(r"\{\}", r"\..+?");
        regex::Regex::new(&format!("^{pattern}$")).is_ok_and(|pattern| pattern.is_match(path))
    }
}

/// What became of a CEL rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleOutcome {
    /// Where it stands.
    #[serde(flatten)]
    pub spot: Spot,
    /// Its expression.
    pub rule: String,
    /// Whether the models check it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Whether a rule is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Checked", into = "Checked")]
pub enum Outcome {
    /// It is.
    Checked,
    /// It compares with an earlier state, which a single resource has not.
    Transition,
    /// It is not, and why.
    NotChecked(String),
}

const TRANSITION: &str = "it compares with an earlier state";

#[derive(Serialize, Deserialize)]
struct Checked {
    checked: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<Checked> for Outcome {
    fn from(checked: Checked) -> Self {
        match checked.reason {
            None => Self::Checked,
            Some(reason) if reason == TRANSITION => Self::Transition,
            Some(reason) => Self::NotChecked(reason),
        }
    }
}

impl From<Outcome> for Checked {
    fn from(outcome: Outcome) -> Self {
        let reason = match outcome {
            Outcome::Checked => None,
            Outcome::Transition => Some(TRANSITION.to_owned()),
            Outcome::NotChecked(reason) => Some(reason),
        };
        Self {
            checked: reason.is_none(),
            reason,
        }
    }
}

/// A constraint that is not checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Where it stands.
    #[serde(flatten)]
    pub spot: Spot,
    /// What it is: `pattern \bx`.
    pub constraint: String,
}

/// That a resource has a name: Crossplane makes one later, or another part of a
/// program adds it.
pub fn name_gap(model: &Model) -> Gap {
    Gap {
        spot: Spot {
            api_version: model.api_version(),
            kind: model.kind.clone(),
            path: "metadata.name".to_owned(),
        },
        constraint: "required, or generateName".to_owned(),
    }
}

impl Report {
    /// As the package's file has it.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Whether the report says that a constraint is not checked in a kind, which
    /// is its version with its group and its name. The path is that of a value:
    /// `spec.parts[0].size`.
    pub fn covers(&self, kind: (&str, &str), path: &str, constraint: &str) -> bool {
        let is_there =
            |spot: &Spot| (spot.api_version.as_str(), spot.kind.as_str()) == kind && spot.has(path);
        let is_gap = |gap: &Gap| {
            gap.constraint.split([' ', ',']).next() == Some(constraint) && is_there(&gap.spot)
        };
        let is_unchecked = |rule: &RuleOutcome| {
            matches!(rule.outcome, Outcome::NotChecked(_)) && is_there(&rule.spot)
        };
        self.not_checked.iter().any(is_gap)
            || constraint == "x-kubernetes-validations" && self.rules.iter().any(is_unchecked)
    }

    /// `CEL rules in KCL: 117 of 131 checked, 14 transitions`; none without rules.
    pub fn summary(&self, language: &str) -> Option<String> {
        let count = |outcome: &Outcome| {
            let same = |rule: &&RuleOutcome| rule.outcome == *outcome;
            self.rules.iter().filter(same).count()
        };
        let (checked, transitions) = (count(&Outcome::Checked), count(&Outcome::Transition));
        let all = self.rules.len();
        let plural = if transitions == 1 { "" } else { "s" };
        (all > 0).then(|| {
            format!("CEL rules in {language}: {checked} of {all} checked, {transitions} transition{plural}")
        })
    }
}
