//! `composition-render`: renders composite resources offline, as `crossplane
//! composition render` does. The loop and the functions are the crate
//! `function-pipeline`; what evaluates KCL is `kcl-engine`.

mod arguments;
mod definition;
mod evaluator;
mod failure;
mod files;
mod functions;
mod grpc;
mod output;
mod place;
mod render;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use diagnostics::{Diagnostic, Exit, Severity};
use function_pipeline::Simulator;
use kcl_engine::cli::Format;

use arguments::{Cli, Command, OutputFormat, RenderArgs};
use evaluator::Kcl;
use failure::Failure;
use functions::{Kind, Known};
use render::Inputs;

fn main() -> ExitCode {
    kcl_engine::worker_main_if_requested();
    let cli = Cli::parse();
    if let Some(Command::Serve(args)) = &cli.command {
        let done = grpc::serve(args).map(|()| (Exit::Done, Vec::new()));
        return end(done, Format::Text);
    }
    let Some(args) = &cli.render else {
        return Exit::Usage.into();
    };
    let format = match args.format {
        OutputFormat::Yaml => Format::Text,
        OutputFormat::Json => Format::Json,
    };
    end(run(args), format)
}

fn end(done: Result<(Exit, Vec<Diagnostic>), Failure>, format: Format) -> ExitCode {
    let (exit, diagnostics) =
        done.unwrap_or_else(|failure| (failure.exit, failure.diagnostics));
    if !diagnostics.is_empty() {
        eprint!("{}", format.render(&diagnostics));
    }
    exit.into()
}

/// Renders every XR; gives how to end and what to tell.
fn run(args: &RenderArgs) -> Result<(Exit, Vec<Diagnostic>), Failure> {
    let inputs = Inputs::read(args)?;
    let known = functions::known(args, &inputs.composition)?;
    let kcl = kcl(args, &known)?;
    let simulator = Simulator::new(functions::functions(&known, kcl.as_ref(), args)?);
    let mut rendered = Vec::new();
    let mut diagnostics = Vec::new();
    let mut exit = Exit::Done;
    for composite in &inputs.composites {
        match inputs.render(composite, args, &simulator) {
            Ok(done) if args.strict && !done.warnings.is_empty() => {
                exit = Exit::CheckFailed;
                diagnostics.extend(done.warnings.into_iter().map(as_error));
            }
            Ok(done) => {
                rendered.push(done.documents);
                diagnostics.extend(done.warnings);
            }
            Err(failure) => {
                exit = failure.exit;
                diagnostics.extend(failure.diagnostics);
            }
        }
    }
    if !rendered.is_empty() {
        output::write(&rendered, args.out.as_deref(), args.format)?;
    }
    Ok((exit, diagnostics))
}

fn as_error(warning: Diagnostic) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        ..warning
    }
}

/// The evaluator, if a function needs it.
fn kcl(args: &RenderArgs, known: &Known) -> Result<Option<Kcl>, Failure> {
    if !known.values().any(|kind| *kind == Kind::Kcl) {
        return Ok(None);
    }
    let sources = args.sources.iter().map(|(place, path)| (place.clone(), PathBuf::from(path)));
    let kcl = Kcl::new(args.engine.engine()?, args.engine.packages.clone(), sources.collect());
    kcl.map(Some)
        .map_err(|error| Failure::text(format!("no temporary folder can be made: {error}")))
}
