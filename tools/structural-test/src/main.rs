//! `structural-test`: judges rendered resources by specs in YAML. What a spec
//! may say is in [`spec`], how it is judged in [`judge`].

mod judge;
mod spec;

use clap::{Parser, ValueEnum};
use diagnostics::{Diagnostic, Exit, Place, render_json, render_text};
use judge::Inputs;
use kube_schema::validate::Validator;
use resource_graph::Resource;
use spec::{Known, Spec};
use std::collections::BTreeMap;
use std::path::PathBuf;
use test_report::{Report, ReportArgs};

/// Judge rendered resources by specs in YAML.
#[derive(Parser)]
#[command(
    version,
    after_help = "\
Example:
  structural-test gateway.yaml --resources droplet=droplet.yaml --crds crds/

  # gateway.yaml
  apiVersion: test.hermetic.dev/v1alpha1
  kind: StructuralTest
  metadata: {name: gateway}
  spec:
    cases:
    - name: one droplet with the image's id
      resources: droplet
      assert:
      - count: {kind: Droplet, is: 1}
      - match: {kind: Droplet, object: {spec: {forProvider: {image: \"42\"}}}}
      - absent: {kind: Record}
      - absent: {kind: Droplet, field: spec.forProvider.sshKeys}
      - valid: {builtin: skip}
      - noNulls: true

Exit codes: 0 all cases hold (with --report: the verdict is in the report),
1 a case fails, 2 wrong usage, 3 bad input."
)]
struct Cli {
    /// Spec files
    #[arg(required = true, value_name = "SPEC.yaml")]
    specs: Vec<PathBuf>,
    /// Rendered resources, and the name that the specs use for them
    #[arg(long, value_name = "NAME=FILE", value_parser = named)]
    resources: Vec<(String, PathBuf)>,
    /// CRDs and XRDs for `valid`: files, or folders read recursively
    #[arg(long, value_name = "PATH")]
    crds: Vec<PathBuf>,
    /// Schemas for `valid` of kinds that no CRD defines, Kubernetes' own say: OpenAPI documents, JSON Schemas, or folders of these
    #[arg(long, value_name = "PATH")]
    schemas: Vec<PathBuf>,
    #[command(flatten)]
    reporting: ReportArgs,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: the report, or the diagnostics on stderr
    Json,
}

fn named(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => {
            Ok((name.to_owned(), file.into()))
        }
        _ => Err("expected NAME=FILE".to_owned()),
    }
}

fn main() -> Exit {
    let cli = Cli::parse();
    if let Some(name) = repeated(&cli.resources) {
        eprintln!("error: --resources gives the name {name} twice");
        return Exit::Usage;
    }
    match run(&cli) {
        Ok(report) => finish(&cli, &report),
        Err(mut diagnostics) => {
            Diagnostic::sort(&mut diagnostics);
            match cli.format {
                Format::Text => diagnostics
                    .iter()
                    .for_each(|one| eprint!("{}", render_text(one))),
                Format::Json => eprint!("{}", render_json(&diagnostics)),
            }
            Exit::BadInput
        }
    }
}

fn repeated(resources: &[(String, PathBuf)]) -> Option<&str> {
    let twice = |(i, (name, _)): (usize, &(String, PathBuf))| {
        resources[..i].iter().any(|(other, _)| other == name)
    };
    let at = resources.iter().enumerate().position(twice)?;
    Some(&resources[at].0)
}

fn run(cli: &Cli) -> Result<Report, Vec<Diagnostic>> {
    let inputs = Inputs {
        resources: read_resources(cli)?,
        validator: validator(cli)?,
    };
    let kinds = inputs
        .validator
        .kinds()
        .map(str::to_owned)
        .chain(judge::kinds(&inputs.resources));
    let known = Known {
        resources: inputs.resources.keys().cloned().collect(),
        kinds: kinds.collect(),
        has_crds: !(cli.crds.is_empty() && cli.schemas.is_empty()),
    };
    let specs = read_specs(cli, &known)?;
    let mut report = Report::new(cli.reporting.suite("structural-test"));
    report.cases = specs
        .iter()
        .flat_map(|spec| judge::judge(spec, &inputs))
        .collect();
    Ok(report)
}

fn read_resources(cli: &Cli) -> Result<BTreeMap<String, Vec<Resource>>, Vec<Diagnostic>> {
    let mut resources = BTreeMap::new();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for (name, file) in &cli.resources {
        match resource_graph::read_file(file) {
            Ok(read) => {
                resources.insert(name.clone(), read);
            }
            Err(error) => diagnostics.push(error.into()),
        }
    }
    if diagnostics.is_empty() {
        Ok(resources)
    } else {
        Err(diagnostics)
    }
}

/// The one of `resource-validate`.
fn validator(cli: &Cli) -> Result<Validator, Vec<Diagnostic>> {
    let text = |file: &str| std::fs::read_to_string(file).ok();
    Validator::read(&cli.crds, &cli.schemas).map_err(|error| vec![error.diagnostic(text)])
}

fn read_specs(cli: &Cli, known: &Known) -> Result<Vec<Spec>, Vec<Diagnostic>> {
    let mut specs = Vec::new();
    let mut diagnostics = Vec::new();
    for path in &cli.specs {
        let file = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                let message = format!("cannot read the spec: {error}");
                diagnostics.push(Diagnostic::error(message).at(Place::file(file)));
                continue;
            }
        };
        match spec::parse(&file, &text, known) {
            Ok(read) => specs.extend(read),
            Err(wrong) => diagnostics.extend(wrong),
        }
    }
    if diagnostics.is_empty() {
        Ok(specs)
    } else {
        Err(diagnostics)
    }
}

fn finish(cli: &Cli, report: &Report) -> Exit {
    if let Err(error) = cli.reporting.write(report) {
        eprintln!("error: {error}");
        return Exit::BadInput;
    }
    match (cli.format, cli.reporting.is_written()) {
        (Format::Json, _) => print!("{}", report.to_json()),
        (Format::Text, false) => print!("{}", report.to_text()),
        (Format::Text, true) => {}
    }
    cli.reporting.exit(report)
}
