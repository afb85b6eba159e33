//! What the models of a language check, and what they leave to the API server:
//! a file of the package, for people and machines.

use serde::Serialize;

/// The outcome of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Every CEL rule.
    pub rules: Vec<RuleOutcome>,
    /// Every other constraint that is not checked.
    pub not_checked: Vec<Gap>,
}

/// Where in which kind something stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spot {
    /// `GROUP/VERSION`.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The field: `spec.parts[].size`, empty for the whole resource.
    pub path: String,
}

/// What became of a CEL rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "Checked")]
pub enum Outcome {
    /// It is.
    Checked,
    /// It compares with an earlier state, which a single resource has not.
    Transition,
    /// It is not, and why.
    NotChecked(String),
}

#[derive(Serialize)]
struct Checked {
    checked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<Outcome> for Checked {
    fn from(outcome: Outcome) -> Self {
        let reason = match outcome {
            Outcome::Checked => None,
            Outcome::Transition => Some("it compares with an earlier state".to_owned()),
            Outcome::NotChecked(reason) => Some(reason),
        };
        Self {
            checked: reason.is_none(),
            reason,
        }
    }
}

/// A constraint that is not checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Where it stands.
    #[serde(flatten)]
    pub spot: Spot,
    /// What it is: `pattern \bx`.
    pub constraint: String,
}

impl Report {
    /// As the package's file has it.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
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
