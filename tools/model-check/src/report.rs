//! The comparison: a case for each kind and language. A valid sample that is
//! refused fails it, and a broken one that is taken, unless the models say that
//! they do not check it.

use crate::lines;
use crate::sample::{self, Fault, Sample, Verdict};
use clap::Args;
use crd_models::report::Report as Gaps;
use diagnostics::{Diagnostic, Exit};
use kcl_engine::cli::name_and_value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use test_report::{Case, Report, ReportArgs};

/// `model-check report`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The samples, as kube-samples writes them
    #[arg(long, value_name = "FILE")]
    samples: PathBuf,
    /// The verdicts of a language's models
    #[arg(long, value_name = "LANGUAGE=FILE", required = true, value_parser = named)]
    verdicts: Vec<(String, PathBuf)>,
    /// What a language's models leave to the API server, as crd-models writes it
    #[arg(long, value_name = "LANGUAGE=FILE", value_parser = named)]
    gaps: Vec<(String, PathBuf)>,
    /// What a language leaves to the API server in every kind: a keyword, or `KEYWORD at PATH`
    #[arg(long, value_name = "LANGUAGE=CONSTRAINT", value_parser = pair)]
    leaves: Vec<(String, String)>,
    #[command(flatten)]
    reporting: ReportArgs,
}

fn named(text: &str) -> Result<(String, PathBuf), String> {
    name_and_value(text, "LANGUAGE=FILE").map(|(name, path)| (name, path.into()))
}

fn pair(text: &str) -> Result<(String, String), String> {
    name_and_value(text, "LANGUAGE=CONSTRAINT")
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Diagnostic> {
    let samples = sample::read(&arguments.samples)?;
    let mut cases = Vec::new();
    for (language, path) in &arguments.verdicts {
        let verdicts: Vec<Verdict> = lines::read(path)?;
        let verdicts = verdicts
            .into_iter()
            .map(|verdict| (verdict.id.clone(), verdict));
        let judged = Judged {
            language,
            verdicts: verdicts.collect(),
            gaps: gaps(arguments, language)?,
            leaves: leaves(arguments, language),
        };
        let found = judged.cases(&samples);
        cases.push(summary(language, &found));
        cases.extend(found.into_iter().map(|kind| kind.case(language)));
    }
    finish(arguments, cases)
}

fn gaps(arguments: &Arguments, language: &str) -> Result<Gaps, Diagnostic> {
    let Some((_, path)) = arguments.gaps.iter().find(|(name, _)| name == language) else {
        return Ok(Gaps::default());
    };
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| unreadable(path, &error))?;
    serde_json::from_str(&text).map_err(|error| unreadable(path, &error))
}

fn leaves<'a>(arguments: &'a Arguments, language: &str) -> Vec<&'a str> {
    let of_language = arguments.leaves.iter().filter(|(name, _)| name == language);
    of_language
        .map(|(_, constraint)| constraint.as_str())
        .collect()
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::error(format!("{} cannot be read: {error}", path.display()))
}

/// A language's verdicts.
struct Judged<'a> {
    language: &'a str,
    verdicts: BTreeMap<String, Verdict>,
    gaps: Gaps,
    leaves: Vec<&'a str>,
}

/// How a language judges the samples of a kind.
#[derive(Debug, Default)]
struct Kind {
    title: String,
    accepted: usize,
    refused: usize,
    /// Broken ones that are taken, and said to be.
    known: usize,
    wrong: Vec<String>,
}

impl Judged<'_> {
    fn cases(&self, samples: &[Sample]) -> Vec<Kind> {
        let mut kinds: Vec<Kind> = Vec::new();
        for sample in samples {
            let title = sample.title();
            if kinds.last().is_none_or(|kind| kind.title != title) {
                kinds.push(Kind {
                    title,
                    ..Kind::default()
                });
            }
            if let Some(kind) = kinds.last_mut() {
                self.count(sample, kind);
            }
        }
        kinds
    }

    fn count(&self, sample: &Sample, kind: &mut Kind) {
        let Some(verdict) = self.verdicts.get(&sample.id) else {
            let missing = format!("{}: {} has no verdict of it", sample.id, self.language);
            kind.wrong.push(missing);
            return;
        };
        let said = verdict.message.as_deref();
        match (sample.valid, verdict.accepted, said) {
            (true, true, None) => kind.accepted += 1,
            (true, true, Some(said)) => kind.wrong.push(format!("{}: {said}", sample.id)),
            (true, false, _) => {
                let said = said.unwrap_or("no reason is given");
                kind.wrong
                    .push(format!("{}: valid, yet refused: {said}", sample.id));
            }
            (false, false, _) => kind.refused += 1,
            (false, true, _) => match &sample.breaks {
                Some(fault) if self.is_known(sample, fault) => kind.known += 1,
                fault => {
                    let broken = fault.as_ref().map_or_else(String::new, |fault| {
                        format!("{} at {}", fault.constraint, fault.path)
                    });
                    kind.wrong
                        .push(format!("{}: broken ({broken}), yet taken", sample.id));
                }
            },
        }
    }

    /// Whether the models say that they do not check it.
    fn is_known(&self, sample: &Sample, fault: &Fault) -> bool {
        let kind = (sample.api_version.as_str(), sample.kind.as_str());
        let is_left = |left: &str| match left.split_once(" at ") {
            Some((constraint, path)) => constraint == fault.constraint && path == fault.path,
            None => left == fault.constraint,
        };
        self.leaves.iter().any(|left| is_left(left))
            || self.gaps.covers(kind, &fault.path, &fault.constraint)
    }
}

impl Kind {
    fn case(self, language: &str) -> Case {
        let name = format!("{}, in {language}", self.title);
        match self.wrong.as_slice() {
            [] => Case::passed(name),
            wrong => Case::failed(name, wrong.join("\n")),
        }
    }
}

/// What was compared, as a case: without a kind it fails.
fn summary(language: &str, kinds: &[Kind]) -> Case {
    let sum = |count: fn(&Kind) -> usize| kinds.iter().map(count).sum::<usize>();
    let (accepted, refused) = (sum(|kind| kind.accepted), sum(|kind| kind.refused));
    let (known, wrong) = (sum(|kind| kind.known), sum(|kind| kind.wrong.len()));
    let name = format!(
        "{language}: {} kinds, {accepted} valid samples taken, {refused} broken ones refused, {known} taken as said, {wrong} wrong",
        kinds.len()
    );
    match kinds {
        [] => Case::failed(name, "there is no sample"),
        _ => Case::passed(name),
    }
}

fn finish(arguments: &Arguments, cases: Vec<Case>) -> Result<Exit, Diagnostic> {
    let mut report = Report::new(arguments.reporting.suite("models"));
    report.cases = cases;
    let finished = arguments.reporting.finish(&report);
    finished.map_err(|error| Diagnostic::error(error.to_string()))
}
