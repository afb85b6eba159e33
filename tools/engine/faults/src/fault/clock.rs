//! Times that say nothing, or something wrong, and a clock that jumps.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::{Context, ensure};
use fastrand::Rng;

use crate::checkout::variant;
use crate::world::World;

/// Sets the times of sources, outputs and the store, and edits sources without a trace in their size
/// or their modification time.
pub fn round(world: &mut World) -> anyhow::Result<()> {
    let outputs = world.build()?.success()?.outputs();
    for _ in 0..world.rng.usize(1..10) {
        let (_, path) = world.checkout.any_source(&mut world.rng);
        set(&path, some_moment(&mut world.rng))?;
    }
    for output in outputs {
        if world.rng.bool() {
            set(
                &world.checkout.root.join(output),
                some_moment(&mut world.rng),
            )?;
        }
    }
    for name in ["v1/evicted", "v1/in-use"] {
        let path = world.cache.join(name);
        if path.exists() {
            set(&path, some_moment(&mut world.rng))?;
        }
    }
    let touched = world.build()?.success()?;
    ensure!(
        touched.executed()? == 0,
        "a time alone made something run: {touched}"
    );
    for _ in 0..world.rng.usize(1..5) {
        edit_without_a_trace(world)?;
        if world.rng.bool() {
            world.build()?.success()?;
        }
    }
    world.is_right()
}

/// Sets the clock forth and back, before builds and during them, and edits sources in between.
pub fn jumps(world: &mut World) -> anyhow::Result<()> {
    let shim = jumping_clock(world.disk())?;
    world.engine.set_env("LD_PRELOAD", shim);
    for _ in 0..world.rng.usize(1..4) {
        edit_without_a_trace(world)?;
        let when = SystemTime::now() + world.some_time();
        let by = some_jump(&mut world.rng);
        world.jump(when, by)?;
        world.build()?.success()?;
    }
    world.is_right()
}

/// Another content of the same size and with the same modification time.
fn edit_without_a_trace(world: &mut World) -> anyhow::Result<()> {
    let (number, path) = world.checkout.any_source(&mut world.rng);
    let modified = fs::metadata(&path)?.modified()?;
    fs::write(&path, variant(number, world.rng.usize(..5)))?;
    set(&path, modified)
}

/// The library that makes the clock of a process jump, compiled once for a world.
fn jumping_clock(folder: &Path) -> anyhow::Result<PathBuf> {
    let library = folder.join("jumping_clock.so");
    if !library.exists() {
        let source = folder.join("jumping_clock.c");
        fs::write(&source, include_str!("jumping_clock.c"))?;
        let mut cc = Command::new("cc");
        cc.args(["-O1", "-shared", "-fPIC", "-o"]);
        let status = cc.arg(&library).arg(&source).status().context("cc")?;
        ensure!(status.success(), "cc cannot compile {}", source.display());
    }
    Ok(library)
}

/// From less than a tick to years, in nanoseconds.
fn some_jump(rng: &mut Rng) -> i64 {
    const MILLISECOND: i64 = 1_000_000;
    const DAY: i64 = 86_400_000 * MILLISECOND;
    let far = [
        MILLISECOND,
        20 * MILLISECOND,
        1000 * MILLISECOND,
        3_600_000 * MILLISECOND,
        DAY,
        365 * DAY,
    ];
    let by = far[rng.usize(..far.len())];
    if rng.bool() { by } else { -by }
}

fn set(path: &Path, time: SystemTime) -> anyhow::Result<()> {
    Ok(File::open(path)?.set_modified(time)?)
}

/// The epoch, last year, now, and when none of us is left.
fn some_moment(rng: &mut Rng) -> SystemTime {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    let now = SystemTime::now();
    match rng.u8(..5) {
        0 => SystemTime::UNIX_EPOCH,
        1 => now - YEAR,
        2 => now + YEAR,
        3 => now + 100 * YEAR,
        _ => now,
    }
}
