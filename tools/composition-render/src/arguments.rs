//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use kcl_engine::cli::{EngineArgs, name_and_value};
use test_report::ReportArgs;

/// Render composite resources (XRs) with their Composition, offline.
///
/// Takes what `crossplane composition render` takes and prints what that prints:
/// the XR, its composed resources by composition resource name, and on request
/// results and context. KCL steps (function-kcl) and function-auto-ready run
/// inside; any other function is called at the address in its annotation
/// `render.crossplane.io/runtime-development-target`.
#[derive(Debug, Parser)]
#[command(
    name = "composition-render",
    version,
    after_help = "\
Other commands:
  composition-render serve --help     serve a function for Crossplane to call
  composition-render compose --help   make a Composition from KCL steps
  composition-render record --help    record what a function at an address answers
  composition-render replay --help    compare our functions with such records

Example:
  composition-render xr.yaml composition.yaml -o observed.yaml --xrd xrd.yaml -x -r \\
      --package frp_gateway=build/frp_gateway

Exit codes: 0 rendered; 1 an XR could not be rendered, or an input is wrong (as upstream);
2 wrong usage, or no KCL library."
)]
pub(crate) struct RenderArgs {
    /// The XRs, or states: the params that function-kcl gives a step (oxr, ocds, …), each an
    /// XR with what it observes. A file with one or more, or a folder of such files
    #[arg(value_name = "XR")]
    pub(crate) composite: PathBuf,
    /// The Composition
    #[arg(value_name = "COMPOSITION")]
    pub(crate) composition: PathBuf,
    /// The Functions: a file or folder (default: each step's function by its name)
    #[arg(value_name = "FUNCTIONS")]
    pub(crate) functions: Option<PathBuf>,
    /// Composed resources that exist: a file or folder
    #[arg(short = 'o', long, value_name = "PATH")]
    pub(crate) observed_resources: Vec<PathBuf>,
    /// Resources that functions may require: a file or folder
    #[arg(short = 'e', long, value_name = "PATH", value_delimiter = ',')]
    pub(crate) required_resources: Vec<PathBuf>,
    /// The same, upstream's older name
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    pub(crate) extra_resources: Vec<PathBuf>,
    /// OpenAPI v3 documents that functions may require schemas of: a folder of JSON files
    #[arg(short = 's', long, value_name = "DIR")]
    pub(crate) required_schemas: Option<PathBuf>,
    /// The XRD: its defaults are filled in, its layout and rules apply
    #[arg(long, value_name = "FILE")]
    pub(crate) xrd: Option<PathBuf>,
    /// Context keys whose values stand in YAML or JSON files
    #[arg(long, value_name = "KEY=FILE;...", value_parser = pairs)]
    pub(crate) context_files: Vec<Pairs>,
    /// Context keys and their values in YAML or JSON; win over --context-files. A semicolon in
    /// a value is written `\;`
    #[arg(long, value_name = "KEY=VALUE;...", value_parser = pairs)]
    pub(crate) context_values: Vec<Pairs>,
    /// Secrets that steps name as credentials: a file or folder
    #[arg(long, value_name = "PATH")]
    pub(crate) function_credentials: Option<PathBuf>,
    /// Set an annotation of every Function
    #[arg(short = 'a', long, value_name = "KEY=VALUE,...", value_parser = pair, value_delimiter = ',')]
    pub(crate) function_annotations: Vec<(String, String)>,
    /// Print the whole XR, not only what the reconcile wrote
    #[arg(short = 'x', long)]
    pub(crate) include_full_xr: bool,
    /// Print the results, as resources of kind Result
    #[arg(short = 'r', long)]
    pub(crate) include_function_results: bool,
    /// Print the context after the last step, as a resource of kind Context
    #[arg(short = 'c', long)]
    pub(crate) include_context: bool,
    /// Print the composed resources that are deleted, as a resource of kind Deleted
    #[arg(long)]
    pub(crate) show_deleted: bool,
    /// Print the XR's connection details, as a resource of kind ConnectionDetails
    #[arg(long)]
    pub(crate) show_connection_details: bool,
    /// How to print: YAML, or one JSON document {"items": [...]}; diagnostics follow
    #[arg(long, value_enum, default_value = "yaml", value_name = "FORMAT")]
    pub(crate) format: OutputFormat,
    /// Write to a file, or one file an XR into a folder (default: stdout)
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
    /// Write the items that a step's program gave, as JSON if it ends in .json; for one XR
    #[arg(long = "out-step", value_name = "STEP=FILE", value_parser = pair)]
    pub(crate) out_steps: Vec<(String, String)>,
    /// Write the XR and its observed resources likewise; for one XR
    #[arg(long, value_name = "FILE")]
    pub(crate) out_observed: Option<PathBuf>,
    /// Leave the XRD's defaults out
    #[arg(long)]
    pub(crate) no_defaults: bool,
    /// Fail on what is otherwise a warning: an XR that its XRD rejects, an oddity in a step
    #[arg(long)]
    pub(crate) strict: bool,
    /// Render each XR without each thing that may be missing, one at a time: fields that the XRD
    /// lets be left out, observed and required resources and their fields; tell which fail
    #[arg(long)]
    pub(crate) prune: bool,
    #[command(flatten)]
    pub(crate) reporting: ReportArgs,
    /// What reconciles
    #[arg(long, value_enum, default_value = "simulator", value_name = "NAME")]
    pub(crate) reconciler: Which,
    /// Crossplane core's program, for the real reconciler; implies --reconciler crossplane
    #[arg(long, value_name = "FILE")]
    pub(crate) crossplane_binary: Option<PathBuf>,
    /// So many XRs at once (default: as many as there are processors)
    #[arg(short = 'j', long, value_name = "N")]
    jobs: Option<std::num::NonZero<usize>>,
    /// A program that a step names by its place, such as oci://registry/program:1.0, or a
    /// setting file of its `config.settings`
    #[arg(long = "source", value_name = "PLACE=PATH", value_parser = pair)]
    pub(crate) sources: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

impl RenderArgs {
    /// How many XRs are rendered at once.
    pub(crate) fn jobs(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        self.jobs.map_or_else(all, usize::from)
    }
}

/// The two reconcilers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// Core's loop in Rust: milliseconds, no other program.
    Simulator,
    /// The real one: `crossplane internal render`.
    Crossplane,
}

/// How the documents are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// A YAML stream, byte for byte as upstream's.
    Yaml,
    /// One JSON document.
    Json,
}

/// Keys and values of one flag.
#[derive(Debug, Clone)]
pub(crate) struct Pairs(pub(crate) Vec<(String, String)>);

/// Pairs as upstream takes them in one flag, apart at semicolons.
fn pairs(text: &str) -> Result<Pairs, String> {
    let pairs: Result<_, _> = split(text, ';').iter().map(|text| pair(text)).collect();
    pairs.map(Pairs)
}

/// Splits where the separator stands without a backslash before it (kong's
/// `SplitEscaped`).
fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == separator {
            parts.push(String::new());
            continue;
        }
        let is_escape = letter == '\\' && letters.peek() == Some(&separator);
        let letter = if is_escape {
            letters.next()
        } else {
            Some(letter)
        };
        if let Some(part) = parts.last_mut() {
            part.extend(letter);
        }
    }
    if parts.last().is_some_and(String::is_empty) {
        parts.pop();
    }
    parts
}

fn pair(text: &str) -> Result<(String, String), String> {
    name_and_value(text, "KEY=VALUE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_holds_pairs_apart_at_semicolons() {
        for (text, parts) in [
            ("a=1", &["a=1"][..]),
            ("a=1;b=2;", &["a=1", "b=2"]),
            ("a=1\\;2;b=\\n", &["a=1;2", "b=\\n"]),
            ("", &[]),
        ] {
            assert_eq!(split(text, ';'), parts, "{text}");
        }
        assert!(pairs("a={\"x\": \"1;2\"}").is_err());
    }
}
