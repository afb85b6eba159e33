//! `run`: builds a target and becomes it.

use std::os::unix::process::CommandExt;

use crate::arguments::{Common, Run};
use crate::exit::Exit;
use crate::session;

/// Runs `run`; only comes back when the program can't be started.
pub fn run(common: &Common, options: &Run) -> Result<(), Exit> {
    let (project, here) = session::open(common)?;
    let requested = project.resolve(std::slice::from_ref(&options.target), &here)?;
    let [target] = requested.as_slice() else {
        return Err(Exit::user(format!(
            "`run` takes one target; `{}` stands for {}",
            options.target,
            requested.len()
        )));
    };
    let command = project.outputs(target)?.run.ok_or_else(|| {
        Exit::user(format!("{target} can't be run: it has no RunInfo; `./buck2 targets --json {target}` shows its rule"))
    })?;
    let outcome = session::execute(common, project, &command.inputs, false)?;
    session::failures(&outcome)?;
    let [program, arguments @ ..] = command.argv.as_slice() else {
        return Err(Exit::user(format!("{target} has an empty command")));
    };
    let error = std::process::Command::new(program)
        .args(arguments)
        .args(&options.arguments)
        .exec();
    Err(Exit::infrastructure(format!(
        "{program} can't be started: {error}"
    )))
}
