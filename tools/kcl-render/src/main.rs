//! `kcl-render`: evaluates KCL files and writes the resources that they give.
//! What evaluates is the crate `kcl-engine`; what writes YAML is `kube-yaml`.

mod arguments;
mod overrides;
mod params;
mod resources;
mod write;

use std::{io::Write, process::ExitCode};

use clap::Parser;
use diagnostics::Exit;
use kcl_engine::cli::Failed;

use arguments::{Cli, UsageError};

fn main() -> ExitCode {
    kcl_engine::worker_main_if_requested();
    let cli = Cli::parse();
    match render(&cli) {
        Ok(()) => Exit::Done.into(),
        Err(failure) => {
            eprint!("{}", cli.format.render(&failure.diagnostics));
            failure.exit.into()
        }
    }
}

impl From<UsageError> for Failed {
    fn from(error: UsageError) -> Self {
        Self {
            diagnostics: vec![error.0],
            exit: Exit::Usage,
        }
    }
}

fn render(cli: &Cli) -> Result<(), Failed> {
    let layout = cli.layout()?;
    let engine = cli.engine.engine()?;
    let program = cli.program()?;
    let entries: Vec<_> = program
        .sources
        .iter()
        .map(|source| source.path.clone())
        .collect();
    if let Some(wrong) = overrides::check(&engine, &program.root, &entries, &program.overrides)? {
        return Err(wrong.into());
    }
    let output = engine.run(&program)?;
    // What the program printed is for whoever looks on, no part of the result.
    let _ = std::io::stderr().write_all(output.log.as_bytes());
    let text = layout.write(&resources::select(&output.json)?);
    write::whole(cli.out.as_deref(), &text)?;
    Ok(())
}
