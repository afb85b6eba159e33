//! What every command needs: the project, the executor, the user's interrupt.

use std::path::PathBuf;

use build_graph::Artifact;
use build_lang::{Error, Project, Requested, TargetOutputs};
use executor::{Cancel, Executor, HostTools, Options, Outcome};

use crate::arguments::Common;
use crate::console::Console;
use crate::exit::Exit;

/// The root of the project that the current folder lies in.
pub fn root() -> Result<PathBuf, Exit> {
    Ok(build_lang::cells::find_root(&current_folder()?)?)
}

fn current_folder() -> Result<PathBuf, Exit> {
    std::env::current_dir()
        .map_err(|error| Exit::infrastructure(format!("the current folder is gone: {error}")))
}

/// The project, and the folder below its root that the user stands in.
pub fn open(common: &Common) -> Result<(Project, String), Exit> {
    let here = current_folder()?;
    let root = build_lang::cells::find_root(&here)?;
    let below = here
        .strip_prefix(&root)
        .unwrap_or(std::path::Path::new(""))
        .to_string_lossy()
        .into_owned();
    let project = Project::open(&root, &common.overrides()?)?;
    if let Some(platform) = &common.target_platforms {
        project.set_target_platform(platform)?;
    }
    Ok((project, below))
}

/// A requested target and what is to be made of it.
pub type Analysed = Vec<(Requested, TargetOutputs)>;

/// Analyses every requested target; the errors of those that can't be are beside it, each once.
/// What a pattern stands for and can't be built for its platform is left out.
pub fn analyse(project: &Project, requested: Vec<Requested>) -> (Analysed, Vec<Error>) {
    let mut analysed = Vec::new();
    let mut errors: Vec<Error> = Vec::new();
    for target in requested {
        if target.is_from_pattern()
            && let Ok(Some(reason)) = project.incompatible(&target)
        {
            eprintln!("skipped: {reason}");
            continue;
        }
        match project.outputs(&target) {
            Ok(outputs) => analysed.push((target, outputs)),
            Err(error)
                if errors
                    .iter()
                    .any(|known| known.to_string() == error.to_string()) => {}
            Err(error) => errors.push(error),
        }
    }
    (analysed, errors)
}

/// Runs the actions behind `wanted` and puts the outputs into `buck-out`.
pub fn execute(
    common: &Common,
    project: Project,
    wanted: &[Artifact],
    keep_going: bool,
) -> Result<Outcome, Exit> {
    let mut options = Options::new(&project.cells().root, cache_dir()?);
    options.keep_going = keep_going;
    options.host = host_tools();
    if let Some(jobs) = common.jobs {
        options.jobs = jobs as usize;
    }
    let graph = project.into_graph();
    let executor = Executor::new(options)?;
    let console = Console::new();
    let outcome = executor.build(&graph, wanted, &console, &interrupt()?)?;
    console.finish();
    if outcome.cancelled {
        return Err(Exit::interrupted());
    }
    Ok(outcome)
}

/// The switch that Ctrl-C sets.
fn interrupt() -> Result<Cancel, Exit> {
    let cancel = Cancel::default();
    let switch = cancel.clone();
    ctrlc::set_handler(move || switch.cancel()).map_err(|error| {
        Exit::infrastructure(format!("the handler for Ctrl-C can't be set: {error}"))
    })?;
    Ok(cancel)
}

/// The user's cache folder: `$HERMETIC_CACHE`, else `hermetic` in the user's cache folder.
fn cache_dir() -> Result<PathBuf, Exit> {
    let variable = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    variable("HERMETIC_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|cache| cache.join("hermetic")))
        .or_else(|| variable("HOME").map(|home| home.join(".cache/hermetic")))
        .ok_or_else(|| {
            Exit::infrastructure(
                "there is no cache folder: set HOME, XDG_CACHE_HOME or HERMETIC_CACHE",
            )
        })
}

/// What the launcher found on the machine.
fn host_tools() -> HostTools {
    let roots = std::env::var_os("HERMETIC_HOST_ROOTS").unwrap_or_default();
    HostTools {
        path: std::env::var("PATH").unwrap_or_default(),
        roots: std::env::split_paths(&roots)
            .filter(|root| !root.as_os_str().is_empty())
            .collect(),
    }
}

/// Prints why actions failed, and gives the code that says so.
pub fn failures(outcome: &Outcome) -> Result<(), Exit> {
    for failure in &outcome.failures {
        eprintln!("error: {failure}\n");
    }
    if outcome.is_success() {
        return Ok(());
    }
    let left = outcome.not_run.len();
    if left > 0 {
        eprintln!(
            "{left} {} not run because of that",
            if left == 1 {
                "action was"
            } else {
                "actions were"
            }
        );
    }
    Err(Exit {
        code: 3,
        message: String::new(),
    })
}

/// The line that says how much work it was.
pub fn summary(outcome: &Outcome) -> String {
    let total = outcome.executed + outcome.cached;
    format!(
        "Actions: {total} (executed: {}, cached: {})",
        outcome.executed, outcome.cached
    )
}
