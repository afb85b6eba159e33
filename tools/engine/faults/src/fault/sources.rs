//! Sources that change while they are read.

use std::fs;
use std::time::Duration;

use fastrand::Rng;

use crate::checkout::{Checkout, variant};
use crate::world::{BUILD, World};

/// Edits sources during a build, in every way in which editors and tools do it.
pub fn round(world: &mut World) -> anyhow::Result<()> {
    if world.rng.bool() {
        world.checkout.edit(&mut world.rng)?;
    }
    let running = world
        .engine
        .start(&world.checkout.root, &world.cache, BUILD)?;
    std::thread::sleep(world.some_time() / 2);
    for _ in 0..world.rng.usize(1..30) {
        edit(&world.checkout, &mut world.rng)?;
        if world.rng.bool() {
            std::thread::sleep(Duration::from_micros(world.rng.u64(..20_000)));
        }
    }
    // The build may be of the old sources, the new ones or both, or fail: the next one may not.
    running.end()?;
    world.is_right()
}

/// Another text of the same length, in place or as a new file, with the old time or a new one; and
/// sometimes back again at once.
fn edit(checkout: &Checkout, rng: &mut Rng) -> anyhow::Result<()> {
    let (number, path) = checkout.any_source(rng);
    let modified = fs::metadata(&path)?.modified()?;
    let old = fs::read(&path)?;
    let new = variant(number, rng.usize(..5));
    if rng.bool() {
        fs::write(&path, &new)?;
    } else {
        let beside = checkout.root.join("beside");
        fs::write(&beside, &new)?;
        fs::rename(&beside, &path)?;
    }
    if rng.bool() {
        fs::File::options()
            .write(true)
            .open(&path)?
            .set_modified(modified)?;
    }
    if rng.u8(..4) == 0 {
        fs::write(&path, old)?;
    }
    Ok(())
}
