//! `resource-validate`: what the API server would say of resources, without one.

mod input;
mod judge;
mod old;
mod output;
mod place;

use clap::{Parser, ValueEnum};
use diagnostics::{Diagnostic, Exit, render_text};
use judge::Rules;
use kube_schema::validate::Validator;
use old::{OldStates, Subresource};
use output::Printer;
use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::PathBuf;
use test_report::ReportArgs;

/// Validate Kubernetes resources by their CRDs as the API server does: unknown fields, defaults, schema, lists, CEL.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Examples:\n  \
                  resource-validate --crds crds/ --summary manifests/\n  \
                  kustomize build . | resource-validate --crds crds/ --skip-builtin -\n  \
                  resource-validate --crds crds/ --old before/ after/     what changed\n  \
                  resource-validate --crds crds/ --format json file.yaml  with types of errors, and defaults\n  \
                  resource-validate --check-crds crds/                    the CRDs themselves\n\n\
                  kubeconform's -summary, -skip, -ignore-missing-schemas, -strict, -verbose, -n and -output\n\
                  (text, json) are understood as it writes them.\n\n\
                  Exit codes: 0 all are valid (with --report: the verdict is in the report), 1 one is not,\n\
                  2 wrong usage, 3 an input is not what it should be."
)]
pub(crate) struct Arguments {
    /// YAML and JSON files, folders that are searched for them, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// CRDs and XRDs: files, or folders that are searched; may be repeated
    #[arg(
        long,
        required_unless_present_any = ["check_crds", "schemas"],
        num_args = 1,
        value_name = "PATH"
    )]
    crds: Vec<PathBuf>,
    /// Schemas of kinds that no CRD defines, Kubernetes' own say: OpenAPI documents, JSON Schemas, or folders of these
    #[arg(long, num_args = 1, value_name = "PATH")]
    schemas: Vec<PathBuf>,
    /// Judge the CRDs among the PATHs themselves, and nothing else
    #[arg(long, conflicts_with_all = ["crds", "old", "schemas", "subresource", "rendered"])]
    check_crds: bool,
    /// Also print what each rule of a CRD may cost in a resource, as the API server estimates it; it refuses more than 10000000
    #[arg(long, requires = "check_crds", conflicts_with_all = ["crds", "schemas"])]
    rule_costs: bool,
    /// What the resources replace: files, or folders that are searched; one that is not among them is created
    #[arg(long, num_args = 1, value_name = "PATH")]
    old: Vec<PathBuf>,
    /// Judge an update of this subresource: everything else stays as it was
    #[arg(long, value_name = "NAME", value_enum)]
    subresource: Option<Subresource>,
    /// Take unknown fields and drop them, as the API server does unless it is asked to be strict
    #[arg(long)]
    lenient: bool,
    /// The resources are what a composition rendered: the results beside them are left out, and of a composite resource without a spec, which the cluster has, the status is judged
    #[arg(long)]
    rendered: bool,
    /// Skip resources whose kind no CRD defines
    #[arg(long)]
    ignore_missing_schemas: bool,
    /// Skip Kubernetes' own kinds, which no CRD defines
    #[arg(long)]
    skip_builtin: bool,
    /// Kinds to skip: KIND or GROUP/VERSION/KIND
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    skip: Vec<String>,
    /// How many files, or parts of large ones, are judged at once; as many as there are processors if left out
    #[arg(short = 'n', long, value_name = "N")]
    workers: Option<std::num::NonZeroUsize>,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print the valid resources with the defaults that the API server fills in, as YAML, and the errors on standard error
    #[arg(long, value_name = "WHAT", value_enum, conflicts_with = "format")]
    output: Option<Print>,
    /// Print how many were valid, invalid, skipped and unreadable
    #[arg(long)]
    summary: bool,
    /// Print the valid and the skipped ones, too
    #[arg(long)]
    verbose: bool,
    #[command(flatten)]
    reporting: ReportArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: every resource with its errors and, if it is valid, as it would be stored
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Print {
    /// The resources with their defaults
    Defaulted,
}

/// Flags of kubeconform, which it writes with one dash, and what they are here.
const SINGLE_DASH: [(&str, &str); 5] = [
    ("-ignore-missing-schemas", "--ignore-missing-schemas"),
    ("-output", "--format"),
    ("-skip", "--skip"),
    ("-summary", "--summary"),
    ("-verbose", "--verbose"),
];

/// The arguments with our flags where there are kubeconform's; being strict needs none.
fn as_ours(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let is_strict = |argument: &OsString| argument == "-strict" || argument == "--strict";
    let ours = |argument: OsString| {
        let text = argument.to_str()?;
        let (flag, value) = text.find('=').map_or((text, ""), |at| text.split_at(at));
        let (_, ours) = SINGLE_DASH.iter().find(|(theirs, _)| *theirs == flag)?;
        Some(OsString::from(format!("{ours}{value}")))
    };
    arguments
        .filter(|argument| !is_strict(argument))
        .map(|argument| ours(argument.clone()).unwrap_or(argument))
        .collect()
}

fn main() -> Exit {
    let arguments = Arguments::parse_from(as_ours(std::env::args_os()));
    match run(&arguments) {
        Ok(exit) => exit,
        Err(diagnostic) => {
            eprint!("{}", render_text(&diagnostic));
            Exit::BadInput
        }
    }
}

fn run(arguments: &Arguments) -> Result<Exit, Diagnostic> {
    let validator = Validator::read(&arguments.crds, &arguments.schemas)
        .map_err(|error| error.diagnostic(|file| std::fs::read_to_string(file).ok()))?;
    let files = input::files(&arguments.paths)?;
    let old = OldStates::read(&arguments.old, arguments.subresource)?;
    let rules = Rules {
        lenient: arguments.lenient,
        rendered: arguments.rendered,
        ignore_missing: arguments.ignore_missing_schemas,
        skip_builtin: arguments.skip_builtin,
        skip: &arguments.skip,
        keep_objects: arguments.output.is_some() || arguments.format == Format::Json,
        definitions: arguments.check_crds,
        estimates: arguments.rule_costs,
        old: &old,
    };
    let workers = arguments
        .workers
        .or_else(|| std::thread::available_parallelism().ok());
    let mut printer = Printer::new(arguments);
    let mut failed = None;
    let workers = workers.map_or(1, Into::into);
    judge::each(files, &validator, &rules, workers, |one| {
        match printer.print(&one) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(output::unprintable(&error));
                ControlFlow::Break(())
            }
        }
    });
    match failed {
        Some(diagnostic) => Err(diagnostic),
        None => printer.finish(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_kubeconform_are_understood() {
        let given = [
            "x",
            "-summary",
            "-strict",
            "-skip=Pod",
            "-output",
            "json",
            "-n",
            "4",
            "-",
            "--verbose",
        ];
        let ours = as_ours(given.into_iter().map(OsString::from));
        assert_eq!(
            ours,
            [
                "x",
                "--summary",
                "--skip=Pod",
                "--format",
                "json",
                "-n",
                "4",
                "-",
                "--verbose"
            ]
        );
    }
}
