//! `composition-render compose`: a Composition from KCL steps, their sources inlined.

use std::path::{Path, PathBuf};

use clap::Parser;
use diagnostics::Diagnostic;
use function_pipeline::{
    go::Object,
    object::{nested, string},
};
use kcl_engine::cli::name_and_value;
use serde_json::{Value, json};

use crate::{
    failure::Failure,
    files::{self, Document, File},
    output,
};

/// Make a Composition from KCL steps, with their sources inlined.
#[derive(Debug, Parser)]
#[command(
    name = "composition-render compose",
    version,
    after_help = "\
Example:
  composition-render compose --xrd xrd.yaml --name frp-gateway \\
      --step image=steps/image.k --step droplet=steps/droplet.k --out composition.yaml

Exit codes: 0 done, 1 an input is wrong, 2 wrong usage."
)]
pub(crate) struct ComposeArgs {
    /// The XRD of the XRs that it composes
    #[arg(long, value_name = "FILE")]
    xrd: PathBuf,
    /// Name of the Composition
    #[arg(long, value_name = "NAME")]
    name: String,
    /// A step and its program, in order
    #[arg(long = "step", required = true, value_name = "NAME=FILE", value_parser = step)]
    steps: Vec<(String, String)>,
    /// What else stands in a step's KCLInput spec, in a YAML or JSON file
    #[arg(long = "spec", value_name = "NAME=FILE", value_parser = step)]
    specs: Vec<(String, String)>,
    /// Name of the Function that the steps call
    #[arg(long, default_value = "function-kcl", value_name = "NAME")]
    function: String,
    /// Let a last step call this Function, which finds out what is ready
    #[arg(long, value_name = "NAME")]
    auto_ready: Option<String>,
    /// Where to write (default: stdout)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn step(text: &str) -> Result<(String, String), String> {
    name_and_value(text, "NAME=FILE")
}

/// Writes the Composition.
pub(crate) fn compose(args: &ComposeArgs) -> Result<(), Failure> {
    let definition = files::document(&args.xrd, "XRD")?;
    check_names(args)?;
    let mut pipeline = Vec::new();
    for (name, path) in &args.steps {
        let source = File::read(path.as_ref(), "the step's program")?;
        let mut spec = spec(args, name)?;
        spec.insert("source".to_owned(), Value::from(&*source.text));
        pipeline.push(json!({
            "step": name,
            "functionRef": {"name": args.function},
            "input": {"apiVersion": "krm.kcl.dev/v1alpha1", "kind": "KCLInput", "spec": spec},
        }));
    }
    if let Some(function) = &args.auto_ready {
        pipeline.push(json!({"step": "auto-ready", "functionRef": {"name": function}}));
    }
    let composition = json!({
        "apiVersion": "apiextensions.crossplane.io/v1",
        "kind": "Composition",
        "metadata": {"name": args.name},
        "spec": {
            "compositeTypeRef": composite_type(&definition)?,
            "mode": "Pipeline",
            "pipeline": pipeline,
        },
    });
    output::write_text(&kube_yaml::document(&composition), args.out.as_deref())
}

fn check_names(args: &ComposeArgs) -> Result<(), Failure> {
    let usage = |message: String| Failure {
        exit: diagnostics::Exit::Usage,
        ..Failure::text(message)
    };
    for (index, (name, _)) in args.steps.iter().enumerate() {
        if args.steps[..index].iter().any(|(other, _)| other == name) {
            return Err(usage(format!("the step {name:?} is given twice")));
        }
    }
    let stranger = args
        .specs
        .iter()
        .find(|(name, _)| !args.steps.iter().any(|(step, _)| step == name));
    match stranger {
        Some((name, _)) => Err(usage(format!(
            "--spec {name}: there is no step of that name"
        ))),
        None => Ok(()),
    }
}

/// What stands in a step's spec beside the source; the target is the one that
/// function-kcl takes when none is given.
fn spec(args: &ComposeArgs, name: &str) -> Result<Object, Failure> {
    let mut spec = Object::new();
    spec.insert("target".to_owned(), Value::from("Default"));
    for (_, path) in args.specs.iter().filter(|(step, _)| step == name) {
        let document = files::document(Path::new(path), "the step's spec")?;
        if document.object.contains_key("source") {
            let message = format!("the spec of step {name:?} has a `source` of its own");
            return Err(document.says(Diagnostic::error(message)).into());
        }
        spec.extend(document.object);
    }
    Ok(spec)
}

/// The XR's kind at the version that compositions refer to.
fn composite_type(definition: &Document) -> Result<Value, Failure> {
    let object = &definition.object;
    let text = |path: &[&str]| string(object, path).to_owned();
    let kind = text(&["spec", "names", "kind"]);
    let group = text(&["spec", "group"]);
    let versions = nested(object, &["spec", "versions"]).and_then(Value::as_array);
    let referenceable = versions
        .into_iter()
        .flatten()
        .find(|version| version["referenceable"] == true)
        .and_then(|version| version["name"].as_str());
    match referenceable {
        Some(version) if !kind.is_empty() && !group.is_empty() => {
            Ok(json!({"apiVersion": format!("{group}/{version}"), "kind": kind}))
        }
        _ => {
            let message = "this is no XRD with a group, a kind and a referenceable version";
            Err(definition.says(Diagnostic::error(message)).into())
        }
    }
}
