//! `composition-render`: renders composite resources offline, as `crossplane
//! composition render` does. The loop and the functions are the crate
//! `function-pipeline`; what evaluates KCL is `kcl-engine`.

mod arguments;
mod compose;
mod definition;
mod evaluator;
mod failure;
mod files;
mod functions;
mod grpc;
mod output;
mod place;
mod prune;
mod render;
mod settings;
mod state;

use std::{ffi::OsString, path::PathBuf, process::ExitCode, sync::Arc};

use clap::Parser;
use diagnostics::{Diagnostic, Exit, Severity};
use function_pipeline::{Reconciler, Simulator, kcl::KclFunction};
use kcl_engine::cli::Format;

use arguments::{OutputFormat, RenderArgs, Which};
use compose::ComposeArgs;
use evaluator::{Kcl, Runs};
use failure::Failure;
use functions::{Kind, Known};
use grpc::{Crossplane, RecordArgs, ReplayArgs, ServeArgs};
use output::Printed;
use render::Inputs;
use state::Subject;

fn main() -> ExitCode {
    kcl_engine::worker_main_if_requested();
    let mut words: Vec<OsString> = std::env::args_os().collect();
    let command = words
        .get(1)
        .and_then(|word| word.to_str())
        .map(str::to_owned);
    if matches!(
        command.as_deref(),
        Some("serve" | "compose" | "record" | "replay")
    ) {
        words.remove(1);
    }
    let done = match command.as_deref() {
        Some("serve") => Some(grpc::serve(&ServeArgs::parse_from(&words))),
        Some("record") => Some(grpc::record(&RecordArgs::parse_from(&words))),
        Some("replay") => Some(grpc::replay(&ReplayArgs::parse_from(&words))),
        Some("compose") => Some(compose::compose(&ComposeArgs::parse_from(&words))),
        _ => None,
    };
    if let Some(done) = done {
        return end(done.map(|()| (Exit::Done, Vec::new())), Format::Text);
    }
    let args = RenderArgs::parse_from(words);
    let format = match args.format {
        OutputFormat::Yaml => Format::Text,
        OutputFormat::Json => Format::Json,
    };
    end(run(&args), format)
}

fn end(done: Result<(Exit, Vec<Diagnostic>), Failure>, format: Format) -> ExitCode {
    let (exit, diagnostics) = done.unwrap_or_else(|failure| (failure.exit, failure.diagnostics));
    if !diagnostics.is_empty() {
        eprint!("{}", format.render(&diagnostics));
    }
    exit.into()
}

/// Renders every XR; gives how to end and what to tell.
fn run(args: &RenderArgs) -> Result<(Exit, Vec<Diagnostic>), Failure> {
    let inputs = Inputs::read(args)?;
    let is_for_one = !args.out_steps.is_empty() || args.out_observed.is_some();
    if is_for_one && inputs.subjects.len() > 1 {
        return Err(Failure {
            exit: Exit::Usage,
            ..Failure::text("--out-step and --out-observed are for one XR, and there are several")
        });
    }
    let known = functions::known(args, &inputs.composition)?;
    let is_once = inputs.subjects.len() == 1 && !args.prune;
    let kcl = kcl(args, &known, is_once)?.map(Arc::new);
    if let Some(kcl) = &kcl {
        prepare(kcl, &known, &inputs);
    }
    let reconciler = reconciler(args, &known, kcl.as_ref())?;
    if args.prune {
        let exit = prune::prune(&inputs, args, reconciler.as_ref())?;
        return Ok((exit, Vec::new()));
    }
    let render = |subject: &Subject| {
        let mut done = inputs.render(subject, args, reconciler.as_ref())?;
        let printed = Printed::new(&std::mem::take(&mut done.documents), args.format);
        let warnings = std::mem::take(&mut done.warnings);
        // The rest is dropped here unless it is asked for: there may be many XRs.
        Ok::<_, Failure>((printed, warnings, is_for_one.then_some(done)))
    };
    let mut rendered = Vec::new();
    let mut diagnostics = Vec::new();
    let mut exit = Exit::Done;
    for done in parallel::map(args.jobs(), &inputs.subjects, render) {
        match done {
            Ok((_, warnings, _)) if args.strict && !warnings.is_empty() => {
                exit = Exit::CheckFailed;
                diagnostics.extend(warnings.into_iter().map(as_error));
            }
            Ok((printed, warnings, parts)) => {
                if let Some(parts) = parts {
                    output::write_parts(&parts, &args.out_steps, args.out_observed.as_deref())?;
                }
                rendered.push(printed);
                diagnostics.extend(warnings);
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

/// Lets the steps' programs compile while their inputs are got ready.
fn prepare(kcl: &Kcl, known: &Known, inputs: &Inputs) {
    let function = KclFunction::new(kcl);
    for step in &inputs.composition.spec.pipeline {
        if known.get(&step.function_ref.name) == Some(&Kind::Kcl)
            && let Some(program) = function.program(step.input.as_ref())
        {
            kcl.prepare(&program);
        }
    }
}

fn reconciler<'k>(
    args: &RenderArgs,
    known: &Known,
    kcl: Option<&'k Arc<Kcl>>,
) -> Result<Box<dyn Reconciler + Sync + 'k>, Failure> {
    if args.reconciler == Which::Simulator && args.crossplane_binary.is_none() {
        let functions = functions::functions(known, kcl.map(AsRef::as_ref), args)?;
        return Ok(Box::new(Simulator::new(functions)));
    }
    let binary = args.crossplane_binary.clone().ok_or_else(|| Failure {
        exit: Exit::Usage,
        ..Failure::text("--reconciler crossplane needs --crossplane-binary FILE, core's program")
    })?;
    let runtime = functions::runtime()?;
    let crossplane = Crossplane::start(binary, known, kcl.cloned(), runtime)?;
    Ok(Box::new(crossplane))
}

fn as_error(warning: Diagnostic) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        ..warning
    }
}

/// The evaluator, if a function needs it.
fn kcl(args: &RenderArgs, known: &Known, is_once: bool) -> Result<Option<Kcl>, Failure> {
    if !known.values().any(|kind| *kind == Kind::Kcl) {
        return Ok(None);
    }
    let sources = args
        .sources
        .iter()
        .map(|(place, path)| (place.clone(), PathBuf::from(path)));
    let kcl = Kcl::new(
        args.engine.engine()?,
        args.engine.packages.clone(),
        sources.collect(),
        if is_once { Runs::Once } else { Runs::Many },
    );
    kcl.map(Some)
        .map_err(|error| Failure::text(format!("no temporary folder can be made: {error}")))
}
