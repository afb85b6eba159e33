//! The command line, and the program that it describes.

use std::path::PathBuf;

use clap::Parser;
use diagnostics::Diagnostic;
use kcl_engine::{
    Argument, Program,
    cli::{EngineArgs, Format, below_root, name_and_value},
};

use crate::{overrides, params, write::Layout};

/// Evaluate KCL and write the resources that it gives.
///
/// The resources are the documents of `manifests.yaml_stream` if the program
/// calls it, else the list `items`, else the whole document. The program sees
/// the files below --root, the packages named here and its options: no
/// environment, no network, no undeclared package, and it writes no files.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Example:
  kcl-render main.k --root gateway --package frp_kcl=build/frp_kcl \\
      --params scenario.yaml -D replicas=2 --out resources.yaml

Exit codes: 0 done, 2 wrong usage, 3 bad input (the program, its params or a file)."
)]
pub(crate) struct Cli {
    /// Entry files of the program, below --root (or relative to here and below it)
    #[arg(required = true, value_name = "ENTRY.k")]
    entries: Vec<PathBuf>,
    /// Folder that the program lives in: imports, `file` and messages are relative to it
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// A YAML or JSON file that the program reads as option("params")
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// An option of the program; the value is JSON, else a string (`-D v='"1.10"'`)
    #[arg(short = 'D', long = "define", value_name = "NAME=VALUE", value_parser = definition)]
    definitions: Vec<Argument>,
    /// Change a variable of the entries: `path=value` sets, `path:value` merges,
    /// `path+=value` appends, `path-` removes
    #[arg(short = 'O', long = "override", value_name = "SPEC", value_parser = override_spec)]
    overrides: Vec<String>,
    /// Give only what stands at this path of the result
    #[arg(short = 'S', long, value_name = "PATH")]
    path_selector: Vec<String>,
    /// Sort the keys of every object (default: the program's order)
    #[arg(long)]
    sort_keys: bool,
    /// Leave out attributes whose value is None
    #[arg(long)]
    disable_none: bool,
    /// Keep attributes whose names start with `_`
    #[arg(long)]
    show_hidden: bool,
    /// Refuse numbers that do not fit 64-bit integers or 32-bit floats
    #[arg(long)]
    strict_range_check: bool,
    /// Where to write; `.json` gives {"items": […]}, `.yaml` a stream (default: YAML on stdout)
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How to report what is wrong
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

/// A command line that contradicts itself or names nothing.
pub(crate) struct UsageError(pub(crate) Diagnostic);

impl Cli {
    /// The layout that --out asks for.
    pub(crate) fn layout(&self) -> Result<Layout, UsageError> {
        let Some(out) = &self.out else {
            return Ok(Layout::Yaml);
        };
        match out.extension().and_then(|extension| extension.to_str()) {
            Some("yaml" | "yml") => Ok(Layout::Yaml),
            Some("json") => Ok(Layout::Json),
            _ => Err(UsageError(
                Diagnostic::error(format!("--out {} says no format", out.display()))
                    .hint("name a file that ends in .yaml or .json"),
            )),
        }
    }

    /// The program to run; reads the params file.
    pub(crate) fn program(&self) -> Result<Program, Diagnostic> {
        let entries = self
            .entries
            .iter()
            .map(|entry| below_root(&self.root, entry));
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let mut arguments = self.definitions.clone();
        if let Some(file) = &self.params {
            if arguments.iter().any(|argument| argument.name == "params") {
                return Err(Diagnostic::error(
                    "--params and -D params=… both give option(\"params\")",
                )
                .hint("keep one of them"));
            }
            let value = params::read(file)?.to_string();
            arguments.insert(
                0,
                Argument {
                    name: "params".to_owned(),
                    value,
                },
            );
        }
        Ok(Program {
            arguments,
            packages: self.engine.packages.clone(),
            overrides: self.overrides.clone(),
            path_selector: self.path_selector.clone(),
            sort_keys: self.sort_keys,
            disable_none: self.disable_none,
            show_hidden: self.show_hidden,
            strict_range_check: self.strict_range_check,
            ..Program::new(&self.root, entries)
        })
    }
}

fn definition(text: &str) -> Result<Argument, String> {
    let (name, value) = name_and_value(text, "NAME=VALUE")?;
    Ok(Argument { name, value })
}

fn override_spec(text: &str) -> Result<String, String> {
    match overrides::parse(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err(format!(
            "`{text}` is none of path=value, path:value, path+=value, path-"
        )),
    }
}
