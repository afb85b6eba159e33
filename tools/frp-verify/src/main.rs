//! `frp-verify`: judges FRP configurations.

use clap::{Args, Parser, Subcommand};
use diagnostics::Exit;
use frp_verify::{Config, Program, Schemas, Settings, Types, agree, cases};
use kcl_engine::cli::EngineArgs;
use std::collections::BTreeMap;
use std::path::PathBuf;
use test_report::{Case, Report, ReportArgs};

/// Judge FRP configurations: by FRP's own verify, by one another, and by a schema.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Example:
  frp-verify pair --frpc frpc --frps frps --client frpc.yaml --server frps.yaml
  frp-verify cases --frpc frpc --frps frps cases.yaml --types frp.schema.json \\
      --client-type com.github.fatedier.frp.pkg.config.v1.ClientConfig \\
      --server-type com.github.fatedier.frp.pkg.config.v1.ServerConfig \\
      --package frp=schemas/frp \\
      --client-schema frp.v1.ClientConfig --server-schema frp.v1.ServerConfig

Exit codes: 0 all cases hold (with --report: the verdict is in the report),
1 a case fails, 2 wrong usage, 3 bad input."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A client's and a server's configuration: verify accepts each, and they agree.
    Pair(Pair),
    /// Recorded configurations: verify, a JSON Schema and KCL say of each what is recorded.
    Cases(Cases),
}

#[derive(Debug, Args)]
struct Programs {
    /// The real frpc
    #[arg(long, value_name = "FILE")]
    frpc: PathBuf,
    /// The real frps
    #[arg(long, value_name = "FILE")]
    frps: PathBuf,
}

#[derive(Debug, Args)]
struct Pair {
    #[command(flatten)]
    programs: Programs,
    /// The client's configuration: TOML, JSON or YAML
    #[arg(long, value_name = "FILE")]
    client: PathBuf,
    /// The server's
    #[arg(long, value_name = "FILE")]
    server: PathBuf,
    /// The server's port behind one that the client calls, where something maps them
    #[arg(long = "map-port", value_name = "CLIENT=SERVER", value_parser = ports)]
    mapped: Vec<(i64, i64)>,
    /// An unsafe feature that verify lets pass: TokenSourceExec
    #[arg(long, value_name = "FEATURE")]
    allow_unsafe: Vec<String>,
    /// Accept files that FRP executes as Go templates; what they agree on is then not known
    #[arg(long)]
    templates: bool,
    #[command(flatten)]
    reporting: ReportArgs,
}

#[derive(Debug, Args)]
struct Cases {
    #[command(flatten)]
    programs: Programs,
    /// Files with recorded configurations
    #[arg(required = true, value_name = "CASES.yaml")]
    files: Vec<PathBuf>,
    /// A JSON Schema document with the types of both
    #[arg(long, value_name = "FILE")]
    types: PathBuf,
    /// The client's type in it
    #[arg(long, value_name = "NAME")]
    client_type: String,
    /// The server's
    #[arg(long, value_name = "NAME")]
    server_type: String,
    /// The client's configuration as a KCL schema: PACKAGE.MODULE.SCHEMA
    #[arg(long, value_name = "SCHEMA")]
    client_schema: String,
    /// The server's
    #[arg(long, value_name = "SCHEMA")]
    server_schema: String,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    reporting: ReportArgs,
}

fn ports(text: &str) -> Result<(i64, i64), String> {
    let (client, server) = text.split_once('=').ok_or("expected CLIENT=SERVER")?;
    let port = |text: &str| text.parse().map_err(|_| format!("{text} is no port"));
    Ok((port(client)?, port(server)?))
}

type Failure = Box<dyn std::error::Error>;

fn main() -> Exit {
    kcl_engine::worker_main_if_requested();
    let done = match Cli::parse().command {
        Command::Pair(args) => pair(&args).and_then(|cases| finish(cases, &args.reporting)),
        Command::Cases(args) => recorded(&args).and_then(|cases| finish(cases, &args.reporting)),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        Exit::BadInput
    })
}

fn finish(cases: Vec<Case>, reporting: &ReportArgs) -> Result<Exit, Failure> {
    let mut report = Report::new(reporting.suite("frp-verify"));
    report.cases = cases;
    Ok(reporting.finish(&report)?)
}

fn pair(args: &Pair) -> Result<Vec<Case>, Failure> {
    let (client, server) = (Config::read(&args.client)?, Config::read(&args.server)?);
    let mut cases = Vec::new();
    for (path, name, config) in [
        (&args.programs.frpc, "frpc", &client),
        (&args.programs.frps, "frps", &server),
    ] {
        let mut program = Program::new(path, name);
        program.allowed.clone_from(&args.allow_unsafe);
        cases.push(verified(&program, config)?);
        cases.extend(surprise(&program, config, args.templates));
    }
    let is_template = client.is_template() || server.is_template();
    let mapped: BTreeMap<i64, i64> = args.mapped.iter().copied().collect();
    let pair = agree::Pair {
        client: Settings(&client.values),
        server: Settings(&server.values),
        mapped: &mapped,
    };
    cases.extend(agree::RULES.iter().map(|rule| match is_template {
        true => Case::skipped(
            rule.name,
            "FRP executes a file as a template first; what it reads is not known",
        ),
        false => judged(rule.name, &rule.judge(&pair)),
    }));
    Ok(cases)
}

fn verified(program: &Program, config: &Config) -> Result<Case, Failure> {
    let verdict = program.verify(config)?;
    let name = format!("{} verify accepts {}", program.name, config.name);
    Ok(match verdict.is_accepted {
        true => Case::passed(name),
        false => Case::failed(name, verdict.said),
    })
}

/// The case that a file is what it looks like.
fn surprise(program: &Program, config: &Config, templates: bool) -> Option<Case> {
    let name = format!("{} reads {} as it is written", program.name, config.name);
    let is_expected = templates && config.is_template();
    (!is_expected).then(|| judged(&name, &config.surprises))
}

fn judged(name: &str, problems: &[String]) -> Case {
    match problems.is_empty() {
        true => Case::passed(name),
        false => Case::failed(name, problems.join("\n")),
    }
}

fn recorded(args: &Cases) -> Result<Vec<Case>, Failure> {
    let types = Types::read(&args.types)?;
    let schemas = Schemas::new(args.engine.engine()?, args.engine.packages.clone())?;
    let schema = |name| cases::Schema {
        schemas: &schemas,
        name,
    };
    let mut client = cases::Side::new(
        Program::new(&args.programs.frpc, "frpc"),
        &types,
        &args.client_type,
        schema(args.client_schema.as_str()),
    )?;
    let mut server = cases::Side::new(
        Program::new(&args.programs.frps, "frps"),
        &types,
        &args.server_type,
        schema(args.server_schema.as_str()),
    )?;
    Ok(cases::judge(&args.files, &mut client, &mut server)?)
}
