//! Several commands at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::checkout::Checkout;
use crate::engine::Running;
use crate::world::{BUILD, World};

/// What people and editors run at the same time.
const COMMANDS: &[&[&str]] = &[
    BUILD,
    &["build", "//:top"],
    &["build", "//:a1", "//:b2", "--show-output"],
    &["test", "//..."],
    &["targets", "//..."],
    &["clean"],
    &["--version"],
];

/// Two to eight commands in two checkouts that share a cache; some are killed.
pub fn round(world: &mut World) -> anyhow::Result<()> {
    world.checkout.edit(&mut world.rng)?;
    let second = second(world)?;
    let mut commands = Vec::new();
    // A test that runs when its output is cleaned away may fail, and says so.
    let cleans = world.rng.bool();
    for _ in 0..world.rng.usize(2..9) {
        let command = COMMANDS[world.rng.usize(..COMMANDS.len())];
        let excluded = if cleans { "test" } else { "clean" };
        let command = if command[0] == excluded {
            BUILD
        } else {
            command
        };
        let checkout = if world.rng.bool() {
            &world.checkout
        } else {
            &second
        };
        let running = world.engine.start(&checkout.root, &world.cache, command)?;
        commands.push((running, world.rng.u8(..8) == 0));
        std::thread::sleep(Duration::from_micros(world.rng.u64(..50_000)));
    }
    for (mut running, is_killed) in commands {
        if is_killed {
            running.kill()?;
            running.end()?;
        } else {
            running.end()?.success()?;
        }
    }
    world.is_right()?;
    let first = std::mem::replace(&mut world.checkout, second);
    let right = world.is_right();
    world.checkout = first;
    right
}

/// Another checkout, with sources of its own.
fn second(world: &mut World) -> anyhow::Result<Checkout> {
    let root = world.disk().join("second");
    let second = if root.exists() {
        Checkout { root }
    } else {
        Checkout::create(&root)?
    };
    second.edit(&mut world.rng)?;
    Ok(second)
}

/// Evicts again and again, down to little or nothing, while builds run.
pub fn eviction(world: &mut World) -> anyhow::Result<()> {
    world.checkout.edit(&mut world.rng)?;
    let second = second(world)?;
    let limit = world.rng.u64(..2_000_000);
    let done = AtomicBool::new(false);
    let store = store::Store::open(&world.cache).context("the store")?;
    std::thread::scope(|scope| {
        let evicting = scope.spawn(|| -> std::io::Result<usize> {
            let mut times = 0;
            while !done.load(Ordering::Relaxed) {
                times += usize::from(store.evict(limit)?.is_some());
                std::thread::sleep(Duration::from_millis(2));
            }
            Ok(times)
        });
        let built = builds(world, &second);
        done.store(true, Ordering::Relaxed);
        let times = evicting.join().ok().context("the eviction panicked")??;
        ensure!(times > 0, "nothing was ever evicted");
        built
    })?;
    drop(store);
    world.is_right()
}

fn builds(world: &World, second: &Checkout) -> anyhow::Result<()> {
    for _ in 0..2 {
        let checkouts = [&world.checkout, second, &world.checkout];
        let start = |checkout: &&Checkout| world.engine.start(&checkout.root, &world.cache, BUILD);
        let running: Vec<Running> = checkouts.iter().map(start).collect::<Result<_, _>>()?;
        for running in running {
            running.end()?.success()?;
        }
    }
    Ok(())
}
