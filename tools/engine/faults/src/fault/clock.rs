//! Times that say nothing, or something wrong.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::ensure;
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
        let (number, path) = world.checkout.any_source(&mut world.rng);
        let modified = fs::metadata(&path)?.modified()?;
        fs::write(&path, variant(number, world.rng.usize(..5)))?;
        set(&path, modified)?;
        if world.rng.bool() {
            world.build()?.success()?;
        }
    }
    world.is_right()
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
