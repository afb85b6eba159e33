//! `pipeline-conformance`: renders compositions with the simulator and with
//! the real Crossplane, and reports where they differ.

mod judge;

use std::path::PathBuf;

use clap::Parser;
use diagnostics::Exit;
use pipeline_conformance::generate;
use test_report::{Case, Report, ReportArgs};

use judge::{Job, Judge};

/// Compare the simulator with the real Crossplane.
///
/// Pipelines are drawn from a seed: steps, targets, meta kinds, readiness, names,
/// namespaces, observed state, deletions, requirements. Each is rendered by
/// `composition-render` with either reconciler, and by the crossplane CLI if it
/// is given; exit status, messages, objects, order, conditions, events and
/// deletions must be the same. So must those that either reconciler gives for the
/// renders named by --also.
#[derive(Debug, Parser)]
#[command(
    name = "pipeline-conformance",
    version,
    after_help = "\
Example:
  pipeline-conformance --composition-render target/debug/composition-render \\
      --crossplane-binary crossplane-core --seed 1 --count 300

Exit codes: 0 no difference (with --report: the verdict is in the report),
1 differences, 2 wrong usage, 3 bad input."
)]
struct Cli {
    /// Our program
    #[arg(long, value_name = "FILE")]
    composition_render: PathBuf,
    /// Crossplane core's program
    #[arg(long, value_name = "FILE")]
    crossplane_binary: PathBuf,
    /// The crossplane CLI, to compare what is printed with
    #[arg(long, value_name = "FILE")]
    cli: Option<PathBuf>,
    /// The real function-kcl, served with --insecure, for the CLI to call in place of ours
    #[arg(long, value_name = "HOST:PORT", requires = "cli")]
    function_kcl: Option<String>,
    /// Seed of the first pipeline
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// How many pipelines to draw
    #[arg(long, default_value_t = 300, value_name = "N")]
    count: u64,
    /// Arguments of composition-render for one more render, as one word
    #[arg(long, value_name = "ARGUMENTS")]
    also: Vec<String>,
    /// The KCL library (default: $HERMETIC_LIBKCL)
    #[arg(long, value_name = "FILE")]
    libkcl: Option<PathBuf>,
    #[command(flatten)]
    reporting: ReportArgs,
    /// Keep the files of renders that differ in this folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

fn main() -> Exit {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(exit) => exit,
        Err(error) => {
            eprintln!("error: {error}");
            Exit::BadInput
        }
    }
}

fn run(cli: &Cli) -> Result<Exit, String> {
    let judge = Judge::new(
        &cli.composition_render,
        &cli.crossplane_binary,
        cli.cli.as_deref(),
        cli.libkcl.as_deref(),
        cli.function_kcl.as_deref(),
    )?;
    println!("seed {}, {} pipelines", cli.seed, cli.count);
    let drawn = (cli.seed..cli.seed + cli.count).map(|seed| Job::drawn(seed, generate(seed)));
    let also = cli.also.iter().map(|arguments| Job::given(arguments));
    let jobs: Vec<Job> = drawn.chain(also).collect();
    let mut report = Report::new(cli.reporting.suite("pipeline-conformance"));
    for (job, difference) in jobs.iter().zip(judge.all(&jobs)?) {
        match difference {
            None => report.cases.push(Case::passed(&job.name)),
            Some(difference) => {
                report.cases.push(Case::failed(&job.name, difference));
                if let Some(folder) = &cli.keep {
                    job.keep(folder)
                        .map_err(|error| format!("{}: {error}", folder.display()))?;
                }
            }
        }
    }
    println!("{}", judge.told());
    let finished = cli.reporting.finish(&report);
    finished.map_err(|error| error.to_string())
}
