//! `go-schema`: JSON Schema out of the source of Go types.

use clap::{Parser, ValueEnum};
use diagnostics::{Diagnostic, Exit, render_json, render_text};
use go_schema::{Enums, Error, Module, Options, Program, Required, Tables, document};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use test_report::write_whole;

/// JSON Schema out of the source of Go types.
///
/// The document holds each type under its full name in `$defs`: the name that the types
/// of Kubernetes have in OpenAPI (io.k8s.api.core.v1.PodSpec), and by the same rule
/// com.github.fatedier.frp.pkg.config.v1.ClientConfig. No Go toolchain is needed; files
/// are those that are built for linux on amd64 without cgo.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Examples:
  go-schema --module-dir frp.tar --package ./pkg/config/v1 --type ClientConfig \\
      --required marked --enums constants --out frp.schema.json \\
      --map 'github.com/fatedier/frp/pkg/config/types.BandwidthQuantity={\"type\":\"string\"}'
  go-schema --module-dir api --module k8s.io/apimachinery=apimachinery.zip \\
      --package ./... --out k8s.schema.json

Exit codes: 0 done, 2 wrong usage, 3 bad input."
)]
struct Cli {
    /// The module: a folder, a zip of the module proxy, or a tar
    #[arg(long, value_name = "DIR")]
    module_dir: PathBuf,
    /// Another module that its types need
    #[arg(long = "module", value_name = "PATH=DIR", value_parser = pair)]
    modules: Vec<(String, String)>,
    /// A package: ./pkg/config/v1, ./... for all, or an import path
    #[arg(long = "package", value_name = "PACKAGE", required = true)]
    packages: Vec<String>,
    /// A type of these packages, or import/path.Name; all exported ones unless given
    #[arg(long = "type", value_name = "T")]
    types: Vec<String>,
    /// When a field is required
    #[arg(long, value_enum, default_value_t)]
    required: RequiredBy,
    /// Which types are enums
    #[arg(long, value_enum, default_value_t)]
    enums: EnumsBy,
    /// The schema of a type, for one with a marshaler of its own or of no given module
    #[arg(long = "map", value_name = "PKG/PATH.TYPE=SCHEMA", value_parser = schema)]
    map: Vec<(String, Json)>,
    /// What holds for a type beside what its source says; merged into its schema
    #[arg(long = "also", value_name = "PKG/PATH.TYPE=SCHEMA", value_parser = schema)]
    also: Vec<(String, Json)>,
    /// A JSON file with both: {"map": {…}, "also": {…}}
    #[arg(long, value_name = "FILE")]
    tables: Option<PathBuf>,
    /// The document to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// How to say what is wrong
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum RequiredBy {
    /// Unless omitempty, omitzero or a marker says otherwise, as Kubernetes' generators decide
    #[default]
    Kubernetes,
    /// Only where a marker says so
    Marked,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum EnumsBy {
    /// Those with a marker: +enum
    #[default]
    Marked,
    /// Also each string or integer type that has constants
    Constants,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn schema(text: &str) -> Result<(String, Json), String> {
    let (name, value) = pair(text)?;
    let value = serde_json::from_str(&value).map_err(|error| format!("no JSON: {error}"))?;
    Ok((name, value))
}

fn main() -> Exit {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => Exit::Done,
        Err(diagnostic) => {
            match cli.format {
                Format::Text => eprint!("{}", render_text(&diagnostic)),
                Format::Json => print!("{}", render_json(&[*diagnostic])),
            }
            Exit::BadInput
        }
    }
}

fn run(cli: &Cli) -> Result<(), Box<Diagnostic>> {
    let made = make(cli).map_err(|error| Box::new(error.into_diagnostic()))?;
    let text = serde_json::to_string_pretty(&made).unwrap_or_default() + "\n";
    write_whole(&cli.out, text.as_bytes()).map_err(|error| {
        let message = format!("{} cannot be written: {error}", cli.out.display());
        Box::new(Diagnostic::error(message))
    })
}

fn make(cli: &Cli) -> Result<Json, Error> {
    let mut modules = vec![Module::open(&cli.module_dir, None)?];
    for (path, place) in &cli.modules {
        modules.push(Module::open(Path::new(place), Some(path))?);
    }
    let options = Options {
        required: match cli.required {
            RequiredBy::Kubernetes => Required::Kubernetes,
            RequiredBy::Marked => Required::Marked,
        },
        enums: match cli.enums {
            EnumsBy::Marked => Enums::Marked,
            EnumsBy::Constants => Enums::Constants,
        },
        tables: tables(cli)?,
    };
    let program = Program::new(modules);
    document(&program, &cli.packages, &cli.types, &options)
}

fn tables(cli: &Cli) -> Result<Tables, Error> {
    let mut tables = match &cli.tables {
        Some(path) => Tables::read(path)?,
        None => Tables::default(),
    };
    tables.map.extend(cli.map.iter().cloned());
    tables.also.extend(cli.also.iter().cloned());
    Ok(tables)
}
