//! `kube-samples`: valid and broken resources out of CRDs.

use clap::Parser;
use diagnostics::{Diagnostic, Exit, render_text};
use kube_samples::{Batch, Options, Question, Sample, samples};
use kube_schema::Crd;
use kube_schema::validate::{Admission, Endpoint, FieldError, NotCovered, Validator};
use serde::Serialize;
use serde_json::Value;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

/// Generate resources of the kinds that CRDs define: valid ones, and ones that break one constraint.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Each line of the output is a JSON object:\n  \
                  {\"id\": \"…\", \"apiVersion\": \"…\", \"kind\": \"…\", \"valid\": false,\n   \
                  \"breaks\": {\"constraint\": \"maxLength\", \"path\": \"spec.name\"}, \"object\": {…}}\n\n\
                  What could not be generated is listed on standard error.\n\n\
                  Exit codes: 0 done, 2 wrong usage, 3 bad input."
)]
struct Arguments {
    /// CRD or XRD files, or folders that are searched for .yaml, .yml and .json
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    crds: Vec<PathBuf>,
    /// The fewest samples of a kind at a version; more if its schema states more
    #[arg(long, default_value_t = 20, value_name = "N")]
    count: usize,
    /// The most samples of a kind at a version
    #[arg(long, default_value_t = 200, value_name = "N")]
    max: usize,
    /// The fewest samples that break a constraint, of all kinds together; beyond --max, if there are as many
    #[arg(long, default_value_t = 0, value_name = "N")]
    each: usize,
    /// Another seed gives other samples, the same seed the same
    #[arg(long, default_value_t = 0, value_name = "S")]
    seed: u64,
    /// Write to this file, not to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Do not list what could not be generated
    #[arg(long)]
    quiet: bool,
    /// Print beside each sample what the validator says of it
    #[arg(long)]
    verdicts: bool,
    /// Print what the validator says of these resources (JSON lines with `id`, `object`, and of an update `old` and, if it is the status's, `subresource`; - is standard input) instead of generating any
    #[arg(long, value_name = "FILE", conflicts_with_all = ["count", "max", "each", "seed", "verdicts"])]
    judge: Option<PathBuf>,
}

fn main() -> Exit {
    match run(&Arguments::parse()) {
        Ok(()) => Exit::Done,
        Err(diagnostic) => {
            eprint!("{}", render_text(&diagnostic));
            Exit::BadInput
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Diagnostic> {
    let crds = kube_schema::read_crds(&arguments.crds)
        .map_err(|error| error.diagnostic(|file| std::fs::read_to_string(file).ok()))?;
    let lines = match &arguments.judge {
        Some(file) => judged(crds, file)?,
        None => generated(&crds, arguments),
    };
    match &arguments.out {
        Some(path) => write_file(path, &lines),
        None => std::io::stdout()
            .write_all(lines.as_bytes())
            .map_err(|error| Diagnostic::error(format!("standard output: {error}"))),
    }
}

/// A sample or a question, and the answer.
#[derive(Serialize)]
struct Judged<'s, T> {
    #[serde(flatten)]
    asked: &'s T,
    verdict: Answer,
}

#[derive(Serialize)]
struct Answer {
    valid: bool,
    errors: Vec<Error>,
    unjudged: Vec<String>,
    /// As it would be stored, if it is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<Value>,
}

#[derive(Serialize)]
struct Error {
    #[serde(rename = "type")]
    reason: &'static str,
    field: String,
    message: String,
}

impl From<&FieldError> for Error {
    fn from(error: &FieldError) -> Self {
        Self {
            reason: error.reason.as_str(),
            field: error.field.clone(),
            message: error.to_string(),
        }
    }
}

fn generated(crds: &[Crd], arguments: &Arguments) -> String {
    let options = Options {
        count: arguments.count,
        max: arguments.max,
        each: arguments.each,
        seed: arguments.seed,
    };
    let batch = samples(crds, options);
    if !arguments.quiet {
        report(&batch);
    }
    let validator = Validator::new(crds.iter().cloned());
    batch
        .samples
        .iter()
        .map(|sample| {
            if arguments.verdicts {
                line(&with_answer(sample, validator.admit(sample.object.clone())))
            } else {
                line(sample)
            }
        })
        .collect()
}

fn judged(crds: Vec<Crd>, file: &Path) -> Result<String, Diagnostic> {
    let validator = Validator::new(crds);
    let bad =
        |error: &dyn std::fmt::Display| Diagnostic::error(format!("{}: {error}", file.display()));
    let mut out = String::new();
    for (i, text) in lines(file).map_err(|error| bad(&error))?.enumerate() {
        let text = text.map_err(|error| bad(&error))?;
        let question: Question = serde_json::from_str(&text)
            .map_err(|error| bad(&format!("line {}: not a resource to judge: {error}", i + 1)))?;
        out += &line(&with_answer(&question, answer(&validator, &question)));
    }
    Ok(out)
}

fn lines(file: &Path) -> std::io::Result<Box<dyn Iterator<Item = std::io::Result<String>>>> {
    if file == Path::new("-") {
        return Ok(Box::new(std::io::stdin().lock().lines()));
    }
    let reader = std::io::BufReader::new(std::fs::File::open(file)?);
    Ok(Box::new(reader.lines()))
}

fn answer(validator: &Validator, asked: &Question) -> Result<Admission, NotCovered> {
    match &asked.old {
        None => validator.admit(asked.object.clone()),
        Some(old) => {
            let endpoint = asked
                .subresource
                .map_or(Endpoint::Main, |_| Endpoint::Status);
            validator.admit_update(&asked.object, old, endpoint)
        }
    }
}

fn with_answer<T>(asked: &T, answer: Result<Admission, NotCovered>) -> Judged<'_, T> {
    let verdict = match answer {
        Ok(Admission { verdict, object }) => Answer {
            valid: verdict.is_valid(),
            errors: verdict.errors.iter().map(Error::from).collect(),
            stored: verdict.is_valid().then_some(object),
            unjudged: verdict.unjudged,
        },
        Err(why) => Answer {
            valid: false,
            errors: Vec::new(),
            unjudged: vec![why.to_string()],
            stored: None,
        },
    };
    Judged { asked, verdict }
}

fn line(value: &impl Serialize) -> String {
    // Neither maps with odd keys nor failing writers are among what is written.
    let text = serde_json::to_string(value).unwrap_or_default();
    text + "\n"
}

/// What could not be generated.
fn report(batch: &Batch) {
    let valid = batch.samples.iter().filter(|sample| sample.valid).count();
    let uncertain = |sample: &&Sample| !sample.unjudged.is_empty();
    let uncertain = batch.samples.iter().filter(uncertain).count();
    for missing in &batch.missing {
        let (kind, place, what) = (&missing.kind, &missing.place, &missing.what);
        eprintln!("{kind}: {place}: {what}: {}", missing.why.text());
    }
    eprintln!(
        "{} samples: {valid} valid, {} broken; {} not generated, {} left out by --max, {uncertain} uncertain",
        batch.samples.len(),
        batch.samples.len() - valid,
        batch.missing.len(),
        batch.left_out,
    );
}

/// To a temporary name first, so that no half file is left.
fn write_file(path: &Path, text: &str) -> Result<(), Diagnostic> {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    std::fs::write(&part, text)
        .and_then(|()| std::fs::rename(&part, path))
        .map_err(|error| {
            Diagnostic::error(format!("{}: cannot be written: {error}", path.display()))
        })
}
