//! `model-check`: whether generated models take the resources that the API
//! server takes, and refuse those that it refuses. The samples come from
//! `kube-samples`, the verdicts of the Python models from `check_models.py`.

mod json_schema;
mod kcl;
mod lines;
mod report;
mod sample;

use clap::{Args, Parser, Subcommand};
use diagnostics::{Diagnostic, Exit, render_text};
use kcl_engine::cli::EngineArgs;
use std::path::PathBuf;

/// Judge generated models by sample resources.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example:\n  kube-samples --crds crds/ --out samples.jsonl\n  \
                  model-check kcl --samples samples.jsonl --package flux_kcl=models/flux_kcl --models flux_kcl --out kcl.jsonl\n  \
                  model-check report --samples samples.jsonl --verdicts KCL=kcl.jsonl --gaps KCL=models/flux_kcl/report.json --report report.json\n\n\
                  Exit codes: 0 done, 1 a model is wrong, 2 wrong usage, 3 bad input."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What the KCL schemas say of each sample
    Kcl(Kcl),
    /// What the JSON Schemas say of each sample
    Jsonschema(JsonSchema),
    /// Compare verdicts with what the samples claim
    Report(report::Arguments),
}

#[derive(Debug, Args)]
struct Kcl {
    /// The samples, as kube-samples writes them
    #[arg(long, value_name = "FILE")]
    samples: PathBuf,
    /// The package that holds the models; one of --package
    #[arg(long, value_name = "NAME")]
    models: String,
    /// The verdicts, a JSON object a line
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Debug, Args)]
struct JsonSchema {
    /// The samples, as kube-samples writes them
    #[arg(long, value_name = "FILE")]
    samples: PathBuf,
    /// The folder of the schemas
    #[arg(long, value_name = "DIR")]
    models: PathBuf,
    /// The verdicts, a JSON object a line
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

fn main() -> Exit {
    kcl_engine::worker_main_if_requested();
    let done = match Cli::parse().command {
        Command::Kcl(arguments) => judge_by_kcl(&arguments),
        Command::Jsonschema(arguments) => judge_by_json_schema(&arguments),
        Command::Report(arguments) => report::run(&arguments),
    };
    match done {
        Ok(exit) => exit,
        Err(diagnostic) => {
            eprint!("{}", render_text(&diagnostic));
            Exit::BadInput
        }
    }
}

fn judge_by_kcl(arguments: &Kcl) -> Result<Exit, Diagnostic> {
    let samples = sample::read(&arguments.samples)?;
    let verdicts = kcl::verdicts(&samples, &arguments.models, &arguments.engine)?;
    lines::write(&arguments.out, &verdicts)?;
    Ok(Exit::Done)
}

fn judge_by_json_schema(arguments: &JsonSchema) -> Result<Exit, Diagnostic> {
    let samples = sample::read(&arguments.samples)?;
    let verdicts = json_schema::verdicts(&samples, &arguments.models)?;
    lines::write(&arguments.out, &verdicts)?;
    Ok(Exit::Done)
}
