//! `engine-faults`: kills, starves, damages and confuses the embedded engine, and after each round
//! looks whether the next build is right.
//!
//! A round does one thing to a build of a small synthetic checkout (`checkout`), at a time that is
//! drawn from a printed seed (`fault`). What the next build makes is compared with what a build in
//! a new checkout with an empty cache makes of the same sources (`world`).

mod checkout;
mod engine;
mod fault;
mod namespace;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

use crate::engine::Engine;
use crate::fault::{FAULTS, Fault};
use crate::world::World;

/// Do to a build engine what machines and people do to it, and look whether a build is ever wrong.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example: engine-faults --engine buck2-embedded --rounds 50\n\n\
                  Exit codes: 0 no build was wrong, 1 one was, 2 wrong usage."
)]
struct Arguments {
    /// The engine's program
    #[arg(long, value_name = "FILE")]
    engine: PathBuf,
    /// How many rounds of each fault
    #[arg(long, default_value_t = 50, value_name = "N")]
    rounds: usize,
    /// What the draws start from; a new one each time if not given
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Only these faults, by name
    #[arg(long, value_name = "NAME")]
    fault: Vec<String>,
    /// Run in namespaces that this process makes, where it may mount
    #[arg(long, hide = true)]
    in_namespace: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs every fault that was asked for; gives how many builds were wrong.
fn run(arguments: &Arguments) -> anyhow::Result<usize> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    if arguments.in_namespace {
        namespace::enter().context("making a mount namespace")?;
    } else {
        println!("seed {seed}");
    }
    let engine = std::fs::canonicalize(&arguments.engine)
        .with_context(|| format!("--engine {}", arguments.engine.display()))?;
    let mut total = Tally::default();
    for fault in chosen(&arguments.fault)? {
        let tally = if fault.mounts && !arguments.in_namespace {
            elsewhere(fault, &engine, arguments.rounds, seed)?
        } else {
            rounds(fault, &engine, arguments.rounds, seed)?
        };
        total.rounds += tally.rounds;
        total.wrong += tally.wrong;
    }
    if !arguments.in_namespace {
        println!("{} rounds, {} wrong", total.rounds, total.wrong);
    }
    Ok(total.wrong)
}

#[derive(Default)]
struct Tally {
    rounds: usize,
    wrong: usize,
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Fault>> {
    if names.is_empty() {
        return Ok(FAULTS.iter().collect());
    }
    let find = |name: &String| {
        FAULTS
            .iter()
            .find(|fault| fault.name == name)
            .with_context(|| {
                let known: Vec<&str> = FAULTS.iter().map(|fault| fault.name).collect();
                format!("--fault {name}: there are {}", known.join(", "))
            })
    };
    names.iter().map(find).collect()
}

/// One fault, again and again; a wrong build is told and the next round starts anew.
fn rounds(
    fault: &Fault,
    engine: &std::path::Path,
    count: usize,
    seed: u64,
) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    let mut world = None;
    for round in 0..count {
        let mut here = match world.take() {
            Some(world) => world,
            None => World::new(Engine::new(engine), fault.mounts)?,
        };
        here.draw_from(&format!("{seed} {} {round}", fault.name));
        tally.rounds += 1;
        match (fault.round)(&mut here) {
            Ok(()) => world = Some(here),
            Err(error) => {
                tally.wrong += 1;
                eprintln!("{}, round {round} of seed {seed}: {error:#}", fault.name);
            }
        }
    }
    println!(
        "{:<14} {:>4} rounds {:>4} wrong  {}",
        fault.name, tally.rounds, tally.wrong, fault.says
    );
    Ok(tally)
}

/// The same in a process that may mount.
fn elsewhere(
    fault: &Fault,
    engine: &std::path::Path,
    count: usize,
    seed: u64,
) -> anyhow::Result<Tally> {
    if !namespace::is_possible() {
        println!(
            "{:<14} not tried: this machine gives no mount namespace",
            fault.name
        );
        return Ok(Tally::default());
    }
    let status = std::process::Command::new("/proc/self/exe")
        .arg("--in-namespace")
        .args(["--rounds", &count.to_string(), "--seed", &seed.to_string()])
        .args(["--fault", fault.name, "--engine"])
        .arg(engine)
        .status()?;
    Ok(Tally {
        rounds: count,
        wrong: usize::from(!status.success()),
    })
}
