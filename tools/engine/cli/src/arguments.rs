//! The command line, as Buck2 has it, as far as this engine goes.

use std::path::PathBuf;

use build_lang::cells::Cells;
use build_lang::config::Override;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

/// The embedded build engine: Buck2's commands for one machine.
///
/// Example: buck2 build //... ; buck2 test //compositions/...
#[derive(Debug, Parser)]
#[command(name = "buck2", disable_help_subcommand = true)]
pub struct Arguments {
    /// Options of every command.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `--version` prints: the engine, and what sandbox this machine gives it.
pub fn version() -> String {
    let sandbox = match executor::sandbox_capabilities() {
        Ok(found) => found.to_string(),
        Err(error) => format!("sandbox: it cannot be tried here: {error}"),
    };
    format!(
        "buck2 {} (embedded engine)\n{sandbox}",
        env!("CARGO_PKG_VERSION")
    )
}

/// Options of every command.
#[derive(Debug, Args)]
pub struct Common {
    /// Sets a value of .buckconfig for this command: section.key=value
    #[arg(short = 'c', long = "config", value_name = "SECTION.KEY=VALUE", global = true, action = ArgAction::Append)]
    pub config: Vec<String>,
    /// How many actions run at once; the number of cores if not given
    #[arg(short = 'j', long = "num-threads", value_name = "N", global = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub jobs: Option<u32>,
    /// Builds for this platform, whatever targets and .buckconfig say
    #[arg(long, value_name = "PLATFORM", global = true)]
    pub target_platforms: Option<String>,
}

impl Common {
    /// The `-c` options.
    pub fn overrides(&self) -> build_lang::Result<Vec<Override>> {
        self.config
            .iter()
            .map(|text| Override::parse(text))
            .collect()
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Builds targets
    Build(Build),
    /// Builds tests and runs them
    Test(Test),
    /// Builds a target and runs it in the current folder
    Run(Run),
    /// Lists targets
    Targets(Targets),
    /// Asks the graph of targets, before select() is decided
    Uquery(Uquery),
    /// Shows what the engine read
    #[command(subcommand)]
    Audit(Audit),
    /// Removes this checkout's outputs; the shared cache stays
    Clean,
    /// Prints the project's root folder
    Root,
    /// Looks at Starlark files
    #[command(subcommand)]
    Starlark(Starlark),
}

/// `build`
#[derive(Debug, Args)]
pub struct Build {
    /// What to build, such as //... or //crds/traefik:models[kcl]
    pub patterns: Vec<String>,
    #[command(flatten)]
    pub show: Show,
    /// Copies the one output of the one target to this path
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Builds what does not need a failed action all the same
    #[arg(long)]
    pub keep_going: bool,
}

/// How `build` prints where outputs lie.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Show {
    /// Prints where each output lies, below the project root
    #[arg(long)]
    pub show_output: bool,
    /// Prints where each output lies, from the root of the disk
    #[arg(long)]
    pub show_full_output: bool,
    /// Prints the outputs' paths alone, below the project root
    #[arg(long)]
    pub show_simple_output: bool,
    /// Prints the outputs' paths alone, from the root of the disk
    #[arg(long)]
    pub show_full_simple_output: bool,
    /// Prints JSON of targets to their outputs, below the project root
    #[arg(long)]
    pub show_json_output: bool,
    /// Prints JSON of targets to their outputs, from the root of the disk
    #[arg(long)]
    pub show_full_json_output: bool,
}

/// `test`
#[derive(Debug, Args)]
pub struct Test {
    /// Which tests to run, such as //... or //compositions/...
    pub patterns: Vec<String>,
    /// Runs only tests with one of these labels
    #[arg(long, value_name = "LABEL", num_args = 1.., alias = "labels")]
    pub include: Vec<String>,
    /// Leaves out tests with one of these labels, unless `--include` names another of theirs
    #[arg(long, value_name = "LABEL", num_args = 1..)]
    pub exclude: Vec<String>,
    /// Leaves out tests with a label of `--exclude`, whatever `--include` names
    #[arg(long)]
    pub always_exclude: bool,
    /// Builds the tests that are left out all the same
    #[arg(long)]
    pub build_filtered: bool,
    /// Runs what is named alone, not the `tests` of its targets
    #[arg(long)]
    pub ignore_tests_attribute: bool,
    /// Accepted as in Buck2; a failed build never keeps other tests from running
    #[arg(long)]
    pub keep_going: bool,
}

/// `run`
#[derive(Debug, Args)]
pub struct Run {
    /// The target to run
    pub target: String,
    /// Its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<String>,
}

/// `targets`
#[derive(Debug, Args)]
pub struct Targets {
    /// Which targets, such as //...
    pub patterns: Vec<String>,
    /// Prints a JSON list of what each target is given
    #[arg(long)]
    pub json: bool,
    /// The same, one target a line
    #[arg(long, conflicts_with = "json")]
    pub json_lines: bool,
    #[command(flatten)]
    pub shown: ShownAttributes,
}

/// Which attributes are printed.
#[derive(Debug, Args)]
pub struct ShownAttributes {
    /// Prints the attributes whose names match this regular expression, as JSON
    #[arg(
        short = 'a',
        long = "output-attribute",
        value_name = "REGEX",
        alias = "output-attributes"
    )]
    pub attributes: Vec<String>,
}

/// `uquery`
#[derive(Debug, Args)]
pub struct Uquery {
    /// The query, such as "deps(//a:b, 1)"; `%s` stands for each argument, `%Ss` for all of them
    pub query: String,
    /// What stands where the query says `%s`
    pub arguments: Vec<String>,
    /// Prints JSON
    #[arg(long, conflicts_with = "output_format")]
    pub json: bool,
    #[command(flatten)]
    pub shown: ShownAttributes,
    /// Prints all attributes, as JSON
    #[arg(short = 'A', long = "output-all-attributes")]
    pub all_attributes: bool,
    /// How targets are printed
    #[arg(long, value_name = "FORMAT")]
    pub output_format: Option<OutputFormat>,
}

/// How `uquery` prints targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// One a line
    #[value(name = "list")]
    Text,
    /// A JSON list
    Json,
    /// A graph for Graphviz
    Dot,
}

impl Uquery {
    /// How targets are printed.
    pub fn format(&self) -> OutputFormat {
        match self.json {
            true => OutputFormat::Json,
            false => self.output_format.unwrap_or(OutputFormat::Text),
        }
    }
}

/// `audit`
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Prints values of .buckconfig, as the command line and included files leave them
    Config(AuditConfig),
    /// Prints the cells and their folders
    Cell(AuditCell),
}

/// `audit config`
#[derive(Debug, Args)]
pub struct AuditConfig {
    /// Sections, or `section.key`; everything if there are none
    pub specs: Vec<String>,
    /// The cell whose configuration is meant; the root cell if not given
    #[arg(long)]
    pub cell: Option<String>,
    /// How the values are printed
    #[arg(long, value_name = "STYLE", default_value = "simple")]
    pub style: ConfigStyle,
}

/// How `audit config` prints values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConfigStyle {
    /// As in .buckconfig
    Simple,
    /// JSON of `section.key` to value
    Json,
}

/// `audit cell`
#[derive(Debug, Args)]
pub struct AuditCell {
    /// Cells or aliases; all cells if there are none
    pub names: Vec<String>,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}

/// `starlark`
#[derive(Debug, Subcommand)]
pub enum Starlark {
    /// Lints and type-checks files
    Lint(Lint),
}

/// `starlark lint`
#[derive(Debug, Args)]
pub struct Lint {
    /// Files, or folders to look through
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
}

/// Replaces `@file` by the lines of the file, one argument each; `@//file` lies in the root cell,
/// `@cell//file` in another one.
pub fn expand(arguments: Vec<String>) -> Result<Vec<String>, String> {
    let mut expanded = Vec::new();
    let mut after_separator = false;
    for argument in arguments {
        after_separator |= argument == "--";
        match argument.strip_prefix('@') {
            Some(file) if !after_separator => {
                let wrong = |error: String| format!("@{file}: {error}");
                let path = argument_file(file).map_err(|error| wrong(error.to_string()))?;
                let text =
                    std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
                let lines = text.lines().filter(|line| !line.is_empty());
                expanded.extend(lines.map(str::to_owned));
            }
            _ => expanded.push(argument),
        }
    }
    Ok(expanded)
}

fn argument_file(file: &str) -> build_lang::Result<PathBuf> {
    let Some((cell, path)) = file.split_once("//") else {
        return Ok(PathBuf::from(file));
    };
    let here = std::env::current_dir().unwrap_or_default();
    let root = build_lang::cells::find_root(&here)?;
    let cells = Cells::read(&root, &[])?;
    let cell = match cell {
        "" => cells.root_cell().clone(),
        alias => cells.resolve(alias, cells.root_cell())?,
    };
    Ok(root.join(cells.project_path(&cell, path)))
}
