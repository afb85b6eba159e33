//! `crd-models`: KCL, Python and JSON Schema out of CRDs, and what changed
//! between two sets of them.

mod diff_command;

use clap::{Args, Parser, Subcommand};
use crd_models::output::{Folder, write_folders};
use crd_models::{analysis, json_schema, kcl, python};
use diagnostics::{Diagnostic, Exit, render_text};
use diff_command::Diff;
use std::path::PathBuf;

/// Generate typed models from CustomResourceDefinitions and CompositeResourceDefinitions.
#[derive(Debug, Parser)]
#[command(
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Example:\n  crd-models --crds crds/ --package flux_kcl --kcl out/flux_kcl --python out/python\n\n\
                  In KCL, with out/flux_kcl mounted as the package flux_kcl:\n  \
                  import flux_kcl.models.v2.helm_toolkit_fluxcd_io_v2_helm_release as helm\n\n\
                  What a new release changes:\n  \
                  crd-models diff old/crds new/crds\n\n\
                  Exit codes: 0 done, 2 wrong usage, 3 bad input."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    models: Option<Models>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Diff(Diff),
}

#[derive(Debug, Args)]
struct Models {
    /// CRD or XRD files, or folders that are searched for .yaml, .yml and .json
    #[arg(long, required_unless_present = "kcl_k8s", num_args = 1.., value_name = "PATH")]
    crds: Vec<PathBuf>,
    /// Name of the package: the KCL package, and the Python namespace (with dots)
    #[arg(long, required_unless_present = "kcl_k8s", value_name = "NAME", value_parser = package_name)]
    package: Option<String>,
    /// Write KCL schemas: the root folder of the package
    #[arg(long, value_name = "DIR")]
    kcl: Option<PathBuf>,
    /// Import ObjectMeta in KCL from this package, the one that --kcl-k8s writes, and make the package's own an alias of it
    #[arg(long, value_name = "NAME", requires = "kcl", value_parser = package_name)]
    kcl_k8s_package: Option<String>,
    /// Write the KCL package with ObjectMeta that --kcl-k8s-package names, and no models: its root folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["crds", "kcl", "python", "jsonschema"])]
    kcl_k8s: Option<PathBuf>,
    /// Write Python models: the folder to put on the Python path
    #[arg(long, value_name = "DIR")]
    python: Option<PathBuf>,
    /// Write JSON Schemas: <group>/<kind>_<version>.json
    #[arg(long, value_name = "DIR")]
    jsonschema: Option<PathBuf>,
}

fn package_name(text: &str) -> Result<String, String> {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if text.split('.').all(is_word) {
        return Ok(text.to_owned());
    }
    Err(
        "a package name has letters, digits and _, and no digit in front; parts are joined by dots"
            .to_owned(),
    )
}

fn main() -> Exit {
    match Cli::parse() {
        Cli {
            command: Some(Command::Diff(arguments)),
            ..
        } => diff_command::run(&arguments),
        Cli {
            models: Some(arguments),
            ..
        } => generate(&arguments),
        Cli { .. } => usage("nothing to do: give --crds and --package, or a command"),
    }
}

fn generate(arguments: &Models) -> Exit {
    let outputs = [
        &arguments.kcl,
        &arguments.kcl_k8s,
        &arguments.python,
        &arguments.jsonschema,
    ];
    if outputs.into_iter().all(Option::is_none) {
        return usage("nothing to write: give --kcl, --python, --jsonschema or --kcl-k8s");
    }
    match run(arguments) {
        Ok(()) => Exit::Done,
        Err(diagnostic) => {
            eprint!("{}", render_text(&diagnostic));
            Exit::BadInput
        }
    }
}

fn usage(message: &str) -> Exit {
    eprint!("{}", render_text(&Diagnostic::error(message)));
    Exit::Usage
}

fn run(arguments: &Models) -> Result<(), Diagnostic> {
    let package = arguments.package.as_deref().unwrap_or("k8s");
    if let Some(path) = &arguments.kcl_k8s {
        let files = kcl::k8s_package(package);
        return write(&[Folder { path, files }]);
    }
    let crds = kube_schema::read_crds(&arguments.crds)
        .map_err(|error| error.diagnostic(|file| std::fs::read_to_string(file).ok()))?;
    let models = analysis::models(&crds);
    let mut folders = Vec::new();
    let mut summaries = Vec::new();
    if let Some(path) = &arguments.kcl {
        let options = kcl::Options {
            package,
            k8s_package: arguments.kcl_k8s_package.as_deref(),
        };
        let made = kcl::package(&models, &options);
        summaries.extend(made.report.summary("KCL"));
        folders.push(Folder {
            path,
            files: made.files,
        });
    }
    if let Some(path) = &arguments.python {
        let files = python::files(&models, package);
        folders.push(Folder { path, files });
    }
    if let Some(path) = &arguments.jsonschema {
        let files = json_schema::files(&crds);
        folders.push(Folder { path, files });
    }
    write(&folders)?;
    for summary in summaries {
        eprintln!("{summary}");
    }
    Ok(())
}

fn write(folders: &[Folder<'_>]) -> Result<(), Diagnostic> {
    write_folders(folders).map_err(|error| Diagnostic::error(error.to_string()))
}
