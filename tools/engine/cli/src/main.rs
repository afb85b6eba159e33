//! The embedded engine's command line: Buck2's commands for one machine.
//!
//! Here the parts meet: `build-lang` reads BUCK files into a graph, `executor` runs it. What a
//! command prints and how it exits is decided here and nowhere else.

mod arguments;
mod audit;
mod build;
mod clean;
mod console;
mod exit;
mod lint;
mod query;
mod run;
mod session;
mod targets;
mod test;

use clap::Parser;

use crate::arguments::{Arguments, Command, Starlark};
use crate::exit::Exit;

fn main() -> std::process::ExitCode {
    executor::enter_sandbox_if_asked();
    if matches!(std::env::args().nth(1).as_deref(), Some("--version" | "-V")) {
        println!("{}", arguments::version());
        return std::process::ExitCode::SUCCESS;
    }
    let arguments = match arguments::expand(std::env::args().collect()) {
        Ok(arguments) => Arguments::try_parse_from(arguments),
        Err(message) => return exit::report(&Exit::user(message)),
    };
    let arguments = match arguments {
        Ok(arguments) => arguments,
        Err(usage) => return exit::usage(&usage),
    };
    let result = match &arguments.command {
        Command::Build(options) => build::build(&arguments.common, options),
        Command::Test(options) => test::test(&arguments.common, options),
        Command::Run(options) => run::run(&arguments.common, options),
        Command::Targets(options) => targets::targets(&arguments.common, options),
        Command::Uquery(options) => query::uquery(&arguments.common, options),
        Command::Audit(options) => audit::audit(&arguments.common, options),
        Command::Clean => clean::clean(),
        Command::Root => session::root().map(|root| println!("{}", root.display())),
        Command::Starlark(Starlark::Lint(options)) => lint::lint(options),
    };
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(exit) => exit::report(&exit),
    }
}
