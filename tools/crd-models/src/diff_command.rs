//! `crd-models diff`.

use clap::{Args, ValueEnum};
use crd_models::diff::{self, Allow, Class, Judged, Twice};
use diagnostics::{Diagnostic, Exit, render_text};
use kube_schema::Crd;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Say what another definition of the same kinds breaks, and what it only changes
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  crd-models diff v1.0/crds v1.1/crds --allow 'widgets.example.org v1 .spec.size maximum'

A change is breaking if something that worked no longer does: a stored object becomes invalid or
loses a field, a client reads a value of a form that it has not seen, a request is refused. It is
compatible if a machine can tell, yet all that worked still does; docs if only people read it.

Exit codes: 0 no change at or above the threshold (with --report: the verdict is in the report),
1 there is one, 2 wrong usage, 3 bad input.")]
pub struct Diff {
    /// The old CRDs or XRDs: a file, or a folder that is searched for .yaml, .yml and .json
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The new ones
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// How to print the changes
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The least change that fails
    #[arg(long, value_enum, default_value_t = Threshold::Breaking)]
    fail_on: Threshold,
    /// A change to accept: its key, or the words that it begins with; may be repeated
    #[arg(long, value_name = "KEY")]
    allow: Vec<String>,
    /// The suite's name in the report
    #[arg(long, default_value = "crd-diff", requires = "report")]
    suite: String,
    /// Where the JSON report goes, one case a definition; nothing is printed then
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    report: Option<PathBuf>,
    /// Where the JUnit report goes
    #[arg(long, value_name = "FILE", requires = "report")]
    junit: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Threshold {
    /// A breaking change
    Breaking,
    /// A breaking or a compatible change
    Compatible,
    /// None at all
    Never,
}

impl Threshold {
    /// What would have to be accepted.
    fn class(self) -> Class {
        match self {
            Threshold::Breaking | Threshold::Never => Class::Breaking,
            Threshold::Compatible => Class::Compatible,
        }
    }
}

/// Runs it.
pub fn run(arguments: &Diff) -> Exit {
    if arguments.report.is_some() && arguments.fail_on == Threshold::Never {
        let message = "--report with --fail-on never: such a test could not fail";
        eprint!("{}", render_text(&Diagnostic::error(message)));
        return Exit::Usage;
    }
    compare(arguments).unwrap_or_else(|diagnostic| {
        eprint!("{}", render_text(&diagnostic));
        Exit::BadInput
    })
}

fn compare(arguments: &Diff) -> Result<Exit, Diagnostic> {
    let (old, new) = (read(&arguments.old)?, read(&arguments.new)?);
    let changes = diff::diff(&old, &new).map_err(|twice| explain(&twice))?;
    let judged = Allow::new(&arguments.allow).judge(changes, arguments.fail_on.class());
    if let Some(path) = &arguments.report {
        let names = old.iter().chain(&new).map(Crd::name).collect();
        return write_report(arguments, path, &names, &judged);
    }
    match arguments.format {
        Format::Text => print!("{}", diff::text::render(&judged)),
        Format::Json => print!("{}", diff::json::render(&judged)),
    }
    for entry in &judged.idle {
        let message = format!("--allow {entry:?} accepts nothing");
        eprint!("{}", render_text(&Diagnostic::warning(message)));
    }
    let is_open = judged.open(arguments.fail_on.class()).next().is_some();
    Ok(if is_open && arguments.fail_on != Threshold::Never {
        Exit::CheckFailed
    } else {
        Exit::Done
    })
}

fn read(path: &Path) -> Result<Vec<Crd>, Diagnostic> {
    kube_schema::read_crds(&[path])
        .map_err(|error| error.diagnostic(|file| std::fs::read_to_string(file).ok()))
}

fn explain(twice: &Twice) -> Diagnostic {
    let text = std::fs::read_to_string(&twice.second.file).unwrap_or_default();
    Diagnostic::error(twice.to_string())
        .at(twice.second.place())
        .in_text(&text)
        .hint("pass only one of the two")
}

fn write_report(
    arguments: &Diff,
    path: &Path,
    names: &BTreeSet<String>,
    judged: &Judged,
) -> Result<Exit, Diagnostic> {
    let report = diff::report::report(
        &arguments.suite,
        names,
        judged,
        arguments.fail_on.class(),
        &arguments.new,
    );
    report
        .write(Some(path), arguments.junit.as_deref())
        .map_err(|error| Diagnostic::error(error.to_string()))?;
    Ok(Exit::Done)
}
