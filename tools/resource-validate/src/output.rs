//! What is printed and written.

use crate::judge::{Judged, Outcome, Wrong};
use crate::{Arguments, Format};
use diagnostics::{Diagnostic, Exit, render_text};
use kube_schema::validate::RuleEstimate;
use serde_json::{Value, json};
use std::io::{BufWriter, Result, StdoutLock, Write};
use test_report::{Case, Report};

/// The form of the JSON output.
const SCHEMA: &str = "hermetic.dev/validation/v1";

/// Prints one resource after the other, so that none is kept; of a report its cases are.
pub(crate) struct Printer<'a> {
    arguments: &'a Arguments,
    out: BufWriter<StdoutLock<'static>>,
    counts: Counts,
    /// How many values were printed that a separator must follow.
    printed: usize,
    report: Report,
}

impl<'a> Printer<'a> {
    pub fn new(arguments: &'a Arguments) -> Self {
        Self {
            arguments,
            out: BufWriter::new(std::io::stdout().lock()),
            counts: Counts::default(),
            printed: 0,
            report: Report::new(arguments.reporting.suite("resource-validate")),
        }
    }

    pub fn print(&mut self, one: &Judged) -> Result<()> {
        self.counts.add(&one.outcome);
        if self.arguments.reporting.wants_files() {
            self.report.cases.push(case(one));
        }
        match (self.arguments.output, self.arguments.format) {
            (Some(_), _) => {
                eprint!("{}", text(one, self.arguments.verbose));
                self.print_stored(&one.outcome)
            }
            (None, Format::Text) => {
                let text = text(one, self.arguments.verbose);
                self.out.write_all(text.as_bytes())
            }
            (None, Format::Json) => self.print_json(&one_as_json(one)),
        }
    }

    /// As a document of a stream.
    fn print_stored(&mut self, outcome: &Outcome) -> Result<()> {
        let Outcome::Valid(Some(object)) = outcome else {
            return Ok(());
        };
        if self.printed > 0 {
            self.out.write_all(b"---\n")?;
        }
        self.printed += 1;
        self.out.write_all(kube_yaml::document(object).as_bytes())
    }

    /// As an element of the list that is the output.
    fn print_json(&mut self, one: &Value) -> Result<()> {
        match self.printed {
            0 => write!(
                self.out,
                "{{\n  \"schema\": {SCHEMA:?},\n  \"resources\": ["
            )?,
            _ => self.out.write_all(b",")?,
        }
        self.printed += 1;
        write!(self.out, "\n    {}", indented(one, "    "))
    }

    /// What comes after the last one. Tells how the program ends.
    pub fn finish(mut self) -> std::result::Result<Exit, Diagnostic> {
        self.print_end().map_err(|error| unprintable(&error))?;
        if self.arguments.reporting.wants_files() {
            if self.report.cases.is_empty() {
                let case = Case::failed("there are resources", "no file holds a resource");
                self.report.cases.push(case);
            }
            let written = self.arguments.reporting.write(&self.report);
            written.map_err(|error| Diagnostic::error(error.to_string()))?;
        }
        Ok(self.counts.exit(self.arguments.reporting.is_written()))
    }

    fn print_end(&mut self) -> Result<()> {
        let is_json = self.arguments.output.is_none() && self.arguments.format == Format::Json;
        if is_json {
            self.print_end_of_json()?;
        } else if self.arguments.summary {
            let Counts {
                valid,
                invalid,
                skipped,
                unreadable,
            } = self.counts;
            let summary = format!(
                "{valid} valid, {invalid} invalid, {skipped} skipped, {unreadable} unreadable\n"
            );
            match self.arguments.output {
                Some(_) => eprint!("{summary}"),
                None => self.out.write_all(summary.as_bytes())?,
            }
        }
        self.out.flush()
    }

    fn print_end_of_json(&mut self) -> Result<()> {
        if self.printed > 0 {
            let summary = json!({
                "valid": self.counts.valid,
                "invalid": self.counts.invalid,
                "skipped": self.counts.skipped,
                "unreadable": self.counts.unreadable,
            });
            let summary = indented(&summary, "  ");
            return writeln!(self.out, "\n  ],\n  \"summary\": {summary}\n}}");
        }
        let nothing = json!({
            "schema": SCHEMA,
            "resources": [],
            "summary": {"valid": 0, "invalid": 0, "skipped": 0, "unreadable": 0},
        });
        writeln!(self.out, "{nothing:#}")
    }
}

/// Why nothing more can be printed.
pub(crate) fn unprintable(error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(format!("standard output: {error}"))
}

/// The value as JSON over several lines, all but the first indented.
fn indented(value: &Value, by: &str) -> String {
    // A line end inside a string is escaped.
    format!("{value:#}").replace('\n', &format!("\n{by}"))
}

/// How many there are of each sort.
#[derive(Clone, Copy, Default)]
struct Counts {
    valid: usize,
    invalid: usize,
    skipped: usize,
    unreadable: usize,
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Valid(_) => &mut self.valid,
            Outcome::Invalid(_) => &mut self.invalid,
            Outcome::Skipped(_) => &mut self.skipped,
            Outcome::Unreadable(_) => &mut self.unreadable,
        } += 1;
    }

    /// `is_reported`: whether the verdict is in a report.
    fn exit(self, is_reported: bool) -> Exit {
        match self {
            Self {
                unreadable: 1.., ..
            } => Exit::BadInput,
            Self { invalid: 1.., .. } if !is_reported => Exit::CheckFailed,
            _ => Exit::Done,
        }
    }
}

fn text(one: &Judged, verbose: bool) -> String {
    let mut text = match &one.outcome {
        Outcome::Invalid(wrong) => said(wrong).map(|one| render_text(&one.shown)).collect(),
        Outcome::Unreadable(diagnostic) => render_text(diagnostic),
        Outcome::Valid(_) if verbose => format!("valid: {}\n", title(one)),
        Outcome::Skipped(why) if verbose => format!("skipped: {}: {why}\n", title(one)),
        Outcome::Valid(_) | Outcome::Skipped(_) => String::new(),
    };
    let costs = one.estimates.iter();
    text.extend(costs.map(|one| format!("{:>12}  {}\n", one.cost, one.field)));
    text
}

/// The errors that people are told: remarks on others only where they are all there is.
fn said(wrong: &[Wrong]) -> impl Iterator<Item = &Wrong> {
    let is_said = |one: &&Wrong| !one.is_remark || wrong.len() == 1;
    wrong.iter().filter(is_said)
}

/// `Kind name (apiVersion) in FILE:LINE`.
fn title(one: &Judged) -> String {
    let id = one.id.as_ref().map(ToString::to_string).unwrap_or_default();
    let at = one.at.map(|at| format!(":{}", at.line)).unwrap_or_default();
    format!("{id} in {}{at}", one.file)
}

fn one_as_json(one: &Judged) -> Value {
    let (status, rest) = match &one.outcome {
        Outcome::Valid(object) => ("valid", json!({"object": object})),
        Outcome::Invalid(wrong) => {
            let errors: Vec<Value> = wrong.iter().map(error_as_json).collect();
            ("invalid", json!({"errors": errors}))
        }
        Outcome::Skipped(why) => ("skipped", json!({"reason": why})),
        Outcome::Unreadable(diagnostic) => ("unreadable", json!({"reason": diagnostic.message})),
    };
    let mut out = json!({"file": one.file, "line": one.at.map(|at| at.line), "status": status});
    if let (Some(out), Some(id)) = (out.as_object_mut(), &one.id) {
        out.insert("apiVersion".to_owned(), json!(id.api_version));
        out.insert("kind".to_owned(), json!(id.kind));
        out.insert("namespace".to_owned(), json!(id.namespace));
        out.insert("name".to_owned(), json!(id.name));
    }
    if let (Some(out), Value::Object(rest)) = (out.as_object_mut(), rest) {
        out.extend(rest);
    }
    if let (Some(out), false) = (out.as_object_mut(), one.estimates.is_empty()) {
        let cost = |one: &RuleEstimate| json!({"field": one.field, "cost": one.cost});
        out.insert(
            "ruleCosts".to_owned(),
            one.estimates.iter().map(cost).collect(),
        );
    }
    out
}

fn error_as_json(wrong: &Wrong) -> Value {
    let at = wrong.shown.place.as_ref().and_then(|place| place.position);
    json!({
        "type": wrong.kind,
        "field": wrong.field,
        "detail": wrong.detail,
        "line": at.map(|at| at.line),
        "column": at.map(|at| at.column),
    })
}

fn case(one: &Judged) -> Case {
    let name = title(one);
    match &one.outcome {
        Outcome::Valid(_) => Case::passed(name),
        Outcome::Invalid(wrong) => {
            let messages: Vec<&str> = said(wrong).map(|one| one.shown.message.as_str()).collect();
            Case::failed(name, messages.join("\n"))
        }
        Outcome::Skipped(why) => Case::skipped(name, why),
        Outcome::Unreadable(diagnostic) => Case::failed(name, &diagnostic.message),
    }
}
