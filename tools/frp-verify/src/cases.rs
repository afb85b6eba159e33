//! Recorded configurations, each with the verdict of the real `verify`, that of a JSON
//! Schema and that of KCL schemas. A file is a list of cases:
//!
//! ```yaml
//! - name: a proxy without name
//!   client: {proxies: [{type: tcp}]}
//!   verify: {refuses: name should not be empty}
//!
//! - name: a remote port that is none
//!   client: {proxies: [{name: ssh, type: tcp, remotePort: 70000}]}
//!   verify: accepts
//!   types: {refuses: a port is at most 65535}
//! ```
//!
//! `verify` says what FRP does, and of a refusal a part of its message. `types` is left
//! out where the JSON Schema says the same; where it differs it says why. `kcl` is what
//! KCL says if that differs from the JSON Schema, likewise with the reason.

use crate::{Config, Program, Schemas, SchemasError, Types, TypesError};
use jsonschema::Validator;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_saphyr::Spanned;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use test_report::Case;

/// A recorded configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Record {
    name: Spanned<String>,
    client: Option<Json>,
    server: Option<Json>,
    client_text: Option<String>,
    server_text: Option<String>,
    verify: Expected,
    types: Option<Expected>,
    kcl: Option<Expected>,
}

impl Record {
    /// What the JSON Schema says.
    fn by_types(&self) -> &Expected {
        self.types.as_ref().unwrap_or(&self.verify)
    }

    /// What KCL says.
    fn by_kcl(&self) -> &Expected {
        self.kcl.as_ref().unwrap_or_else(|| self.by_types())
    }

    /// What is recorded twice, or without a reason.
    fn nonsense(&self) -> Option<&'static str> {
        let is_idle = |given: &Option<Expected>, other: &Expected| {
            given.as_ref().is_some_and(|given| {
                given.accepts() == other.accepts() || given.reason().is_empty()
            })
        };
        if is_idle(&self.types, &self.verify) {
            return Some(
                "types is for where the JSON Schema differs from verify, with the reason: {accepts: …} or {refuses: …}",
            );
        }
        is_idle(&self.kcl, self.by_types()).then_some(
            "kcl is for where KCL differs from the JSON Schema, with the reason: {accepts: …} or {refuses: …}",
        )
    }

    /// Whether it is a client's configuration, and its text; nothing unless it is one.
    fn given(&self) -> Option<(bool, String)> {
        let given = [
            self.client
                .as_ref()
                .map(|values| (true, values.to_string())),
            self.server
                .as_ref()
                .map(|values| (false, values.to_string())),
            self.client_text.as_ref().map(|text| (true, text.clone())),
            self.server_text.as_ref().map(|text| (false, text.clone())),
        ];
        let mut given = given.into_iter().flatten();
        let first = given.next()?;
        given.next().is_none().then_some(first)
    }
}

/// A verdict, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Expected {
    /// In order; with the reason if that is not what `verify` says.
    #[serde(rename = "accepts")]
    Accepts,
    #[serde(untagged)]
    Because(Because),
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
enum Because {
    Accepts(String),
    Refuses(String),
}

impl Expected {
    fn accepts(&self) -> bool {
        !matches!(self, Self::Because(Because::Refuses(_)))
    }

    fn reason(&self) -> &str {
        match self {
            Self::Accepts => "",
            Self::Because(Because::Accepts(reason) | Because::Refuses(reason)) => reason,
        }
    }
}

/// Why a file of cases cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CasesError {
    /// It cannot be read.
    #[error("{} cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A case makes no sense.
    #[error("{place}: case {name:?}: {reason}")]
    Senseless {
        /// `file:line`.
        place: String,
        /// The case.
        name: String,
        /// Why.
        reason: String,
    },
    /// KCL gives no verdict.
    #[error(transparent)]
    Schemas(#[from] SchemasError),
    /// The types cannot be used.
    #[error(transparent)]
    Types(#[from] TypesError),
    /// `verify` gives no verdict.
    #[error(transparent)]
    Verify(#[from] crate::VerifyError),
}

/// How often KCL says the same as `verify`.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    accepted: usize,
    accepted_by_both: usize,
    refused: usize,
    refused_by_both: usize,
}

impl Tally {
    fn count(&mut self, by_verify: bool, by_kcl: bool) {
        match by_verify {
            true => {
                self.accepted += 1;
                self.accepted_by_both += usize::from(by_kcl);
            }
            false => {
                self.refused += 1;
                self.refused_by_both += usize::from(!by_kcl);
            }
        }
    }
}

/// A KCL schema of a configuration.
#[derive(Debug, Clone, Copy)]
pub struct Schema<'s> {
    /// The packages that it is in.
    pub schemas: &'s Schemas,
    /// `frp.v1.ClientConfig`.
    pub name: &'s str,
}

/// What judges the cases of one side.
#[derive(Debug)]
pub struct Side<'t> {
    program: Program,
    types: &'t Types,
    root: String,
    validator: Validator,
    schemas: &'t Schemas,
    schema: String,
    tally: Tally,
    accepted: BTreeSet<(String, String)>,
    refused: BTreeSet<(String, String)>,
}

impl<'t> Side<'t> {
    /// A program and the type of its configuration.
    ///
    /// # Errors
    /// If there is no such type.
    pub fn new(
        program: Program,
        types: &'t Types,
        root: &str,
        schema: Schema<'t>,
    ) -> Result<Self, TypesError> {
        Ok(Self {
            program,
            types,
            root: root.to_owned(),
            validator: types.validator(root)?,
            schemas: schema.schemas,
            schema: schema.name.to_owned(),
            tally: Tally::default(),
            accepted: BTreeSet::new(),
            refused: BTreeSet::new(),
        })
    }

    /// For people: how many verdicts KCL shares. That each other one has a reason
    /// is a case of its own.
    fn counts(&self) -> Vec<Case> {
        let Tally {
            accepted,
            accepted_by_both,
            refused,
            refused_by_both,
        } = self.tally;
        let (program, schema) = (self.program.name, &self.schema);
        vec![
            Case::passed(format!(
                "{schema} refuses {refused_by_both} of {refused} configurations that {program} refuses"
            )),
            Case::passed(format!(
                "{schema} accepts {accepted_by_both} of {accepted} configurations that {program} accepts"
            )),
        ]
    }

    /// Whether each alternative of each union comes in a case that is accepted and in one
    /// that is refused.
    fn coverage(&self) -> Vec<Case> {
        let all = self.types.alternatives(&self.root);
        let covered = |what: &str, seen: &BTreeSet<(String, String)>| {
            let missing: Vec<String> = all
                .difference(seen)
                .map(|(union, value)| format!("{union} {value}"))
                .collect();
            let name = format!(
                "every type of a union comes in a {} configuration that is {what}",
                self.program.name
            );
            match missing.is_empty() {
                true => Case::passed(name),
                false => Case::failed(name, format!("none has {}", missing.join(", "))),
            }
        };
        vec![
            covered("accepted", &self.accepted),
            covered("refused", &self.refused),
        ]
    }
}

/// Judges the cases of files.
///
/// # Errors
/// If a file or a program cannot be used.
pub fn judge<'t>(
    files: &[PathBuf],
    client: &mut Side<'t>,
    server: &mut Side<'t>,
) -> Result<Vec<Case>, CasesError> {
    let mut cases = Vec::new();
    for file in files {
        for record in read(file)? {
            let place = format!("{}:{}", file.display(), record.name.referenced.line());
            cases.extend(judge_one(&record, &place, client, server)?);
        }
    }
    for side in [client, server] {
        cases.extend(side.coverage());
        cases.extend(side.counts());
    }
    Ok(cases)
}

fn read(file: &Path) -> Result<Vec<Record>, CasesError> {
    let unreadable = |reason: String| CasesError::Unreadable {
        path: file.to_owned(),
        reason,
    };
    let text = std::fs::read_to_string(file).map_err(|e| unreadable(e.to_string()))?;
    serde_saphyr::from_str(&text).map_err(|e| unreadable(e.to_string()))
}

fn judge_one<'t>(
    record: &Record,
    place: &str,
    client: &mut Side<'t>,
    server: &mut Side<'t>,
) -> Result<Vec<Case>, CasesError> {
    let name = &record.name.value;
    let senseless = |reason: &str| CasesError::Senseless {
        place: place.to_owned(),
        name: name.clone(),
        reason: reason.to_owned(),
    };
    let (is_client, text) = record
        .given()
        .ok_or_else(|| senseless("give one of client, server, clientText, serverText"))?;
    let side = if is_client { client } else { server };
    if let Some(nonsense) = record.nonsense() {
        return Err(senseless(nonsense));
    }
    let config = Config::parse(side.program.name, text).map_err(|e| senseless(&e.to_string()))?;
    let taken = side.types.taken(&side.root, &config.values);
    match record.verify.accepts() {
        true => side.accepted.extend(taken),
        false => side.refused.extend(taken),
    }
    Ok(vec![
        by_verify(record, side, &config)?.at(place),
        by_types(name, record.by_types(), side, &config).at(place),
        by_kcl(record, side, &config)?.at(place),
    ])
}

fn by_verify(record: &Record, side: &Side<'_>, config: &Config) -> Result<Case, CasesError> {
    let verdict = side.program.verify(config)?;
    let name = format!("{}: {} verify", record.name.value, side.program.name);
    let expected = &record.verify;
    let is_as_recorded = verdict.is_accepted == expected.accepts()
        && (verdict.is_accepted || verdict.said.contains(expected.reason()));
    Ok(match is_as_recorded {
        true => Case::passed(name),
        false => Case::failed(name, format!("it says: {}", verdict.said)),
    })
}

fn by_types(name: &str, expected: &Expected, side: &Side<'_>, config: &Config) -> Case {
    let name = format!("{name}: types");
    let errors: Vec<String> = side
        .validator
        .iter_errors(&config.values)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    match (expected.accepts(), errors.is_empty()) {
        (true, false) => Case::failed(name, errors.join("\n")),
        (false, true) => Case::failed(name, "the schema accepts it"),
        _ => Case::passed(name),
    }
}

fn by_kcl(record: &Record, side: &mut Side<'_>, config: &Config) -> Result<Case, CasesError> {
    let refusal = side.schemas.refusal(&side.schema, &config.values)?;
    side.tally.count(record.verify.accepts(), refusal.is_none());
    let name = format!("{}: KCL", record.name.value);
    Ok(match (record.by_kcl().accepts(), refusal) {
        (true, Some(said)) => Case::failed(name, said),
        (false, None) => Case::failed(name, format!("{} accepts it", side.schema)),
        _ => Case::passed(name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn expected(text: &str) -> Expected {
        serde_saphyr::from_str(text).unwrap()
    }

    fn record(verdicts: &str) -> Record {
        serde_saphyr::from_str(&format!("{{name: a, client: {{}}, {verdicts}}}")).unwrap()
    }

    #[test]
    fn kcl_says_what_the_json_schema_says_unless_something_else_is_recorded() {
        let refused = "verify: accepts, types: {refuses: a port}";
        assert!(!record(refused).by_kcl().accepts());
        let taken = record(&format!("{refused}, kcl: {{accepts: no port for KCL}}"));
        assert!(taken.by_kcl().accepts());
        assert_eq!(taken.nonsense(), None);
    }

    #[test]
    fn a_difference_has_a_reason_and_is_one() {
        for verdicts in [
            "verify: accepts, types: accepts",
            "verify: accepts, types: {refuses: \"\"}",
            "verify: accepts, kcl: accepts",
            "verify: {refuses: a}, types: {accepts: b}, kcl: {accepts: c}",
        ] {
            assert!(record(verdicts).nonsense().is_some(), "{verdicts}");
        }
    }

    #[test]
    fn verdicts_are_words_or_have_reasons() {
        assert_eq!(expected("accepts"), Expected::Accepts);
        assert!(!expected("{refuses: name should not be empty}").accepts());
        assert_eq!(
            expected("{accepts: no schema sees files}").reason(),
            "no schema sees files"
        );
        assert!(serde_saphyr::from_str::<Expected>("refuses").is_err());
    }
}
