//! What is printed and written.

use crate::judge::{Judged, Outcome, Wrong};
use crate::{Arguments, Format};
use diagnostics::{Diagnostic, render_text};
use kube_schema::validate::RuleEstimate;
use serde_json::{Value, json};
use test_report::{Case, Report};

/// The form of the JSON output.
const SCHEMA: &str = "hermetic.dev/validation/v1";

pub(crate) fn print(arguments: &Arguments, judged: &[Judged]) -> Result<(), Diagnostic> {
    if arguments.reporting.wants_files() {
        let written = arguments.reporting.write(&report(arguments, judged));
        written.map_err(|error| Diagnostic::error(error.to_string()))?;
    }
    if arguments.output.is_some() {
        let valid = judged.iter().filter_map(|one| match &one.outcome {
            Outcome::Valid(object) => object.as_ref(),
            _ => None,
        });
        print!("{}", kube_yaml::stream(valid));
        eprint!("{}", text(arguments, judged));
        return Ok(());
    }
    match arguments.format {
        Format::Text => print!("{}", text(arguments, judged)),
        Format::Json => println!("{:#}", as_json(judged)),
    }
    Ok(())
}

/// How many there are of each sort.
struct Counts {
    valid: usize,
    invalid: usize,
    skipped: usize,
    unreadable: usize,
}

impl Counts {
    fn of(judged: &[Judged]) -> Self {
        let count = |is: fn(&Outcome) -> bool| judged.iter().filter(|one| is(&one.outcome)).count();
        Self {
            valid: count(|outcome| matches!(outcome, Outcome::Valid(_))),
            invalid: count(|outcome| matches!(outcome, Outcome::Invalid(_))),
            skipped: count(|outcome| matches!(outcome, Outcome::Skipped(_))),
            unreadable: count(|outcome| matches!(outcome, Outcome::Unreadable(_))),
        }
    }
}

fn text(arguments: &Arguments, judged: &[Judged]) -> String {
    let mut out = String::new();
    for one in judged {
        match &one.outcome {
            Outcome::Invalid(wrong) => {
                let said = wrong
                    .iter()
                    .filter(|one| !one.is_remark || wrong.len() == 1);
                out.extend(said.map(|wrong| render_text(&wrong.shown)));
            }
            Outcome::Unreadable(diagnostic) => out.push_str(&render_text(diagnostic)),
            Outcome::Valid(_) if arguments.verbose => {
                out.push_str(&format!("valid: {}\n", title(one)));
            }
            Outcome::Skipped(why) if arguments.verbose => {
                out.push_str(&format!("skipped: {}: {why}\n", title(one)));
            }
            Outcome::Valid(_) | Outcome::Skipped(_) => {}
        }
        let costs = one.estimates.iter();
        out.extend(costs.map(|one| format!("{:>12}  {}\n", one.cost, one.field)));
    }
    if arguments.summary {
        let counts = Counts::of(judged);
        out.push_str(&format!(
            "{} valid, {} invalid, {} skipped, {} unreadable\n",
            counts.valid, counts.invalid, counts.skipped, counts.unreadable
        ));
    }
    out
}

/// `Kind name (apiVersion) in FILE:LINE`.
fn title(one: &Judged) -> String {
    let id = one.id.as_ref().map(ToString::to_string).unwrap_or_default();
    let at = one.at.map(|at| format!(":{}", at.line)).unwrap_or_default();
    format!("{id} in {}{at}", one.file)
}

fn as_json(judged: &[Judged]) -> Value {
    let counts = Counts::of(judged);
    json!({
        "schema": SCHEMA,
        "resources": judged.iter().map(one_as_json).collect::<Vec<_>>(),
        "summary": {
            "valid": counts.valid,
            "invalid": counts.invalid,
            "skipped": counts.skipped,
            "unreadable": counts.unreadable,
        },
    })
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

fn report(arguments: &Arguments, judged: &[Judged]) -> Report {
    let mut report = Report::new(arguments.reporting.suite("resource-validate"));
    report.cases = judged.iter().map(case).collect();
    if judged.is_empty() {
        let case = Case::failed("there are resources", "no file holds a resource");
        report.cases.push(case);
    }
    report
}

fn case(one: &Judged) -> Case {
    let name = title(one);
    match &one.outcome {
        Outcome::Valid(_) => Case::passed(name),
        Outcome::Invalid(wrong) => {
            let shown: Vec<String> = wrong.iter().map(|one| one.shown.message.clone()).collect();
            Case::failed(name, shown.join("\n"))
        }
        Outcome::Skipped(why) => Case::skipped(name, why),
        Outcome::Unreadable(diagnostic) => Case::failed(name, &diagnostic.message),
    }
}
