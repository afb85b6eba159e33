//! `build`: makes outputs and says where they are.

use std::path::Path;

use build_graph::Artifact;

use crate::arguments::{Build, Common, Show};
use crate::exit::{Exit, with_prefix};
use crate::session::{self, Analysed};

/// Runs `build`.
pub fn build(common: &Common, options: &Build) -> Result<(), Exit> {
    let (project, here) = session::open(common)?;
    if options.patterns.is_empty() {
        eprintln!("NO BUILD TARGET PATTERNS SPECIFIED");
        return Ok(());
    }
    let requested = project.resolve(&options.patterns, &here)?;
    let (analysed, errors) = session::analyse(&project, requested);
    for error in &errors {
        eprintln!("{}\n", with_prefix(&error.to_string()));
    }
    if !errors.is_empty() && !options.keep_going {
        return Err(failed());
    }
    let root = project.cells().root.clone();
    let wanted: Vec<Artifact> = analysed
        .iter()
        .flat_map(|(_, outputs)| outputs.default.iter().chain(&outputs.other))
        .cloned()
        .collect();
    if options.out.is_some() {
        one_output(&analysed)?;
    }
    let outcome = session::execute(common, project, &wanted, options.keep_going)?;
    session::failures(&outcome).map_err(|_| failed())?;
    if let Some(out) = &options.out {
        copy_out(&root.join(one_output(&analysed)?.path().as_ref()), out)?;
    }
    show_outputs(&analysed, &options.show, &root);
    eprintln!("{}", session::summary(&outcome));
    if !errors.is_empty() {
        return Err(failed());
    }
    eprintln!("BUILD SUCCEEDED");
    Ok(())
}

fn failed() -> Exit {
    eprintln!("BUILD FAILED");
    Exit {
        code: 3,
        message: String::new(),
    }
}

/// Prints where outputs lie, byte for byte as Buck2 does: a target with several has no path, one
/// with none is left out.
fn show_outputs(analysed: &Analysed, show: &Show, root: &Path) {
    let full = show.show_full_output || show.show_full_simple_output || show.show_full_json_output;
    let path = |artifact: &Artifact| match full {
        true => root.join(artifact.path().as_ref()).display().to_string(),
        false => artifact.path().to_string(),
    };
    let shown = analysed
        .iter()
        .filter_map(|(target, outputs)| match outputs.default.as_slice() {
            [] => None,
            [one] => Some((target.to_string(), path(one))),
            _ => Some((target.to_string(), String::new())),
        });
    if show.show_json_output || show.show_full_json_output {
        let paths = shown.map(|(target, path)| (target, serde_json::Value::from(path)));
        println!("{}", serde_json::Value::Object(paths.collect()));
    } else if show.show_simple_output || show.show_full_simple_output {
        shown.for_each(|(_, path)| println!("{path}"));
    } else if show.show_output || show.show_full_output {
        shown.for_each(|(target, path)| println!("{}", format!("{target} {path}").trim_end()));
    }
}

fn one_output(analysed: &Analysed) -> Result<&Artifact, Exit> {
    match analysed
        .iter()
        .map(|(_, outputs)| outputs.default.as_slice())
        .collect::<Vec<_>>()
        .as_slice()
    {
        [[one]] => Ok(one),
        [many] => Err(Exit::user(format!(
            "`--out` takes a target with one output; this one has {}",
            many.len()
        ))),
        targets => Err(Exit::user(format!(
            "`--out` takes one target; the patterns stand for {}",
            targets.len()
        ))),
    }
}

/// Copies a file or folder; the copy can be written to.
fn copy_out(from: &Path, to: &Path) -> Result<(), Exit> {
    let wrong = |error: std::io::Error| Exit::user(format!("--out {}: {error}", to.display()));
    if from.is_dir() {
        std::fs::create_dir_all(to).map_err(wrong)?;
        for entry in std::fs::read_dir(from).map_err(wrong)? {
            let entry = entry.map_err(wrong)?;
            copy_out(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    let to = if to.is_dir() {
        to.join(from.file_name().unwrap_or_default())
    } else {
        to.to_owned()
    };
    let executable = is_executable(from).map_err(wrong)?;
    let content = std::fs::read(from).map_err(wrong)?;
    std::fs::write(&to, content).map_err(wrong)?;
    if executable {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o755)).map_err(wrong)?;
    }
    Ok(())
}

fn is_executable(path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(path.metadata()?.permissions().mode() & 0o100 != 0)
}
