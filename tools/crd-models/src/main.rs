//! `crd-models`: KCL, Python and JSON Schema out of CRDs, and what changed
//! between two sets of them.

mod diff_command;

use clap::{Args, Parser, Subcommand};
use crd_models::analysis::Library;
use crd_models::output::{Draft, Files, Staged, WriteError};
use crd_models::{analysis, json_schema, kcl, python};
use diagnostics::{Diagnostic, Exit, render_text};
use diff_command::Diff;
use kube_schema::Crd;
use std::path::{Path, PathBuf};

/// Generate typed models from CustomResourceDefinitions and CompositeResourceDefinitions, or from types in OpenAPI and JSON Schema.
#[derive(Debug, Parser)]
#[command(
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Example:\n  crd-models --crds crds/ --package flux_kcl --kcl out/flux_kcl --python out/python\n\n\
                  In KCL, with out/flux_kcl mounted as the package flux_kcl:\n  \
                  import flux_kcl.models.v2.helm_toolkit_fluxcd_io_v2_helm_release as helm\n\n\
                  Of types, such as go-schema reads from Go:\n  \
                  crd-models --jsonschema-in types.json --package k8s --root io.k8s --kcl out/k8s\n\n\
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
    #[arg(long, required_unless_present_any = ["jsonschema_in", "openapi"], num_args = 1.., value_name = "PATH")]
    crds: Vec<PathBuf>,
    /// Instead: JSON Schemas of types, or folders with them; also what go-schema writes
    #[arg(long, conflicts_with_all = ["crds", "openapi"], num_args = 1.., value_name = "PATH")]
    jsonschema_in: Vec<PathBuf>,
    /// Instead: an OpenAPI document (2 or 3) with types
    #[arg(long, conflicts_with = "crds", value_name = "FILE")]
    openapi: Option<PathBuf>,
    /// Name of the package: the KCL package, and the Python namespace (with dots)
    #[arg(long, value_name = "NAME", value_parser = package_name)]
    package: String,
    /// Of types: the beginning of their full names that stands for the package, such as io.k8s
    #[arg(long, value_name = "NAME", default_value = "", conflicts_with = "crds")]
    root: String,
    /// Write KCL schemas: the root folder of the package
    #[arg(long, value_name = "DIR")]
    kcl: Option<PathBuf>,
    /// Import Kubernetes' own types in KCL from this package, made of them with --root io.k8s; ObjectMeta in the package is then an alias
    #[arg(long, value_name = "NAME", requires = "kcl", value_parser = package_name)]
    kcl_k8s_package: Option<String>,
    /// Of types in KCL: one file a folder and no texts for people, for what is imported in every render
    #[arg(long, requires = "kcl", conflicts_with = "crds")]
    kcl_lean: bool,
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
        Cli { .. } => usage(
            "nothing to do: give --crds, --jsonschema-in or --openapi, and --package; or a command",
        ),
    }
}

fn generate(arguments: &Models) -> Exit {
    let outputs = [&arguments.kcl, &arguments.python, &arguments.jsonschema];
    if outputs.into_iter().all(Option::is_none) {
        return usage("nothing to write: give --kcl, --python or --jsonschema");
    }
    let done = match arguments.crds.as_slice() {
        [] => of_types(arguments),
        crds => of_crds(crds, arguments),
    };
    match done {
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

fn bad_input(error: kube_schema::Error) -> Diagnostic {
    error.diagnostic(|file| std::fs::read_to_string(file).ok())
}

fn not_written(error: WriteError) -> Diagnostic {
    Diagnostic::error(error.to_string())
}

/// Why there are no models.
enum Failure {
    Input(kube_schema::Error),
    Output(WriteError),
}

impl From<kube_schema::Error> for Failure {
    fn from(error: kube_schema::Error) -> Self {
        Self::Input(error)
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self::Output(error)
    }
}

fn of_crds(crds: &[PathBuf], arguments: &Models) -> Result<(), Diagnostic> {
    let made = Outputs::new(arguments).map_err(Failure::Output);
    made.and_then(|outputs| outputs.make(crds))
        .map_err(|failure| match failure {
            Failure::Input(error) => bad_input(error),
            Failure::Output(error) => not_written(error),
        })
}

/// The outputs of CRDs while they are made. A CRD is read, what is made of it is
/// written beside the outputs' places, and it is forgotten but for its names.
struct Outputs<'a> {
    json: Option<(json_schema::Drafts<Draft>, Staged<'a>)>,
    kcl: Option<(kcl::Drafts<'a, Draft>, Staged<'a>)>,
    python: Option<(python::Drafts<Draft>, Staged<'a>)>,
}

impl<'a> Outputs<'a> {
    fn new(arguments: &'a Models) -> Result<Self, WriteError> {
        let staged = |path: &'a Option<PathBuf>| path.as_deref().map(Staged::new).transpose();
        let options = kcl::Options {
            package: &arguments.package,
            k8s_package: arguments.kcl_k8s_package.as_deref(),
        };
        Ok(Self {
            json: staged(&arguments.jsonschema)?
                .map(|staged| (json_schema::Drafts::default(), staged)),
            kcl: staged(&arguments.kcl)?.map(|staged| (kcl::Drafts::new(options), staged)),
            python: staged(&arguments.python)?
                .map(|staged| (python::Drafts::new(&arguments.package), staged)),
        })
    }

    /// Makes all of them; once all is written, puts them in their places.
    fn make(mut self, crds: &[PathBuf]) -> Result<(), Failure> {
        kube_schema::for_each_crd(crds, |crd| self.add(&crd))?;
        self.name_python(crds)?;
        let mut staged = Vec::new();
        let mut summary = None;
        if let Some((drafts, folder)) = self.json {
            folder.fill(&drafts.finish())?;
            staged.push(folder);
        }
        if let Some((drafts, mut folder)) = self.kcl {
            let (files, report) = drafts.finish(&mut folder)?;
            folder.fill(&files)?;
            summary = report.summary("KCL");
            staged.push(folder);
        }
        if let Some((drafts, mut folder)) = self.python {
            let files = drafts.finish(&mut folder)?;
            folder.fill(&files)?;
            staged.push(folder);
        }
        Ok(put(staged, summary)?)
    }

    fn add(&mut self, crd: &Crd) -> Result<(), Failure> {
        if let Some((drafts, folder)) = &mut self.json {
            drafts.add(crd, folder)?;
        }
        if self.kcl.is_none() && self.python.is_none() {
            return Ok(());
        }
        for model in analysis::models(std::slice::from_ref(crd)) {
            if let Some((drafts, folder)) = &mut self.kcl {
                drafts.add(&model, folder)?;
            }
            if let Some((drafts, folder)) = &mut self.python {
                drafts.add(&model, folder)?;
            }
        }
        Ok(())
    }

    /// Makes the kinds again whose classes' names clash; all CRDs are read for it.
    fn name_python(&mut self, crds: &[PathBuf]) -> Result<(), Failure> {
        let Some((drafts, folder)) = &mut self.python else {
            return Ok(());
        };
        let clashes = drafts.clashes();
        if clashes.is_empty() {
            return Ok(());
        }
        let mut models = Vec::new();
        kube_schema::for_each_crd(crds, |crd| -> Result<(), Failure> {
            let all = analysis::models(&[crd]).into_iter();
            models.extend(all.filter(|model| clashes.contains(&python::version_of(model))));
            Ok(())
        })?;
        Ok(drafts.name_together(models.iter(), folder)?)
    }
}

fn of_types(arguments: &Models) -> Result<(), Diagnostic> {
    let definitions = match &arguments.openapi {
        Some(file) => kube_schema::read_openapi(file),
        None => kube_schema::read_json_schemas(&arguments.jsonschema_in),
    };
    let definitions = definitions.map_err(bad_input)?;
    let library = analysis::library(&definitions);
    below_root(&library, &arguments.root)?;
    let options = kcl::LibraryOptions {
        package: &arguments.package,
        root: &arguments.root,
        k8s_package: arguments.kcl_k8s_package.as_deref(),
        lean: arguments.kcl_lean,
    };
    let mut staged = Vec::new();
    let mut summary = None;
    if let Some(path) = &arguments.jsonschema {
        staged.push(stage(path, json_schema::definitions(&definitions))?);
    }
    if let Some(path) = &arguments.kcl {
        let made = kcl::library(&library, &options);
        summary = made.report.summary("KCL");
        staged.push(stage(path, made.files)?);
    }
    if let Some(path) = &arguments.python {
        let files = python::library(&library, &arguments.package, &arguments.root);
        staged.push(stage(path, files)?);
    }
    put(staged, summary).map_err(not_written)
}

/// Whether there are types, and some whose names begin with `root`.
fn below_root(library: &Library, root: &str) -> Result<(), Diagnostic> {
    let Some(first) = library.types.first() else {
        let error = Diagnostic::error("no type is an object");
        return Err(error.hint("types are read from $defs, definitions or components.schemas"));
    };
    let prefix = format!("{root}.");
    let mut names = library.types.iter().map(|named| &named.name);
    if root.is_empty() || names.any(|name| name.starts_with(&prefix)) {
        return Ok(());
    }
    let error = Diagnostic::error(format!("no type's name begins with {root}"));
    Err(error.hint(format!(
        "give another --root: one of the types is {}",
        first.name
    )))
}

fn stage(path: &Path, files: Files) -> Result<Staged<'_>, Diagnostic> {
    Staged::with(path, files).map_err(not_written)
}

/// Puts folders that are complete in their places, and says what they check.
fn put(staged: Vec<Staged<'_>>, summary: Option<String>) -> Result<(), WriteError> {
    for folder in staged {
        folder.put()?;
    }
    if let Some(summary) = summary {
        eprintln!("{summary}");
    }
    Ok(())
}
