//! SIGKILL.

use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::world::{BUILD, World};

/// Kills the build of an edit; nothing that was built before is lost, and nothing goes on running.
pub fn round(world: &mut World) -> anyhow::Result<()> {
    let before = world.checkout.sources()?;
    world.checkout.edit(&mut world.rng)?;
    for _ in 0..world.rng.usize(1..4) {
        if world.rng.bool() {
            remove_outputs(world)?;
        }
        let time = world.some_time();
        let (checkout, cache) = (&world.checkout.root, &world.cache);
        let mut running = world.engine.start(checkout, cache, BUILD)?;
        std::thread::sleep(time);
        running.kill()?;
        running.end()?;
    }
    nothing_runs(world)?;
    world.is_right()?;
    world.is_kept(&before)
}

/// Now and then there is more to be put into the checkout.
fn remove_outputs(world: &mut World) -> anyhow::Result<()> {
    let outputs = world.checkout.root.join("buck-out/v2/art");
    Ok(store::remove(&outputs)?)
}

/// No process has anything of this world open or in its command line after a moment.
fn nothing_runs(world: &World) -> anyhow::Result<()> {
    let marker = world.disk().display().to_string();
    let started = Instant::now();
    let mut left = running(&marker);
    while !left.is_empty() && started.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(5));
        left = running(&marker);
    }
    ensure!(left.is_empty(), "still running: {}", left.join(", "));
    Ok(())
}

/// The processes whose working folder or mounts lie on the disk.
fn running(marker: &str) -> Vec<String> {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let processes = processes.flatten().map(|entry| entry.path());
    processes
        .filter(|process| {
            let folder = std::fs::read_link(process.join("cwd")).unwrap_or_default();
            let mounts = std::fs::read_to_string(process.join("mountinfo")).unwrap_or_default();
            folder.starts_with(marker) || mounts.contains(marker)
        })
        .map(|process| process.display().to_string())
        .collect()
}
