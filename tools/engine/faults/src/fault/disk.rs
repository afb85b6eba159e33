//! Disks that are full or cannot be written.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::ensure;
use nix::fcntl::{FallocateFlags, fallocate};
use nix::sys::statvfs::statvfs;

use crate::engine::Said;
use crate::namespace::ReadOnly;
use crate::world::World;

/// The words that say that it is the disk, and what to do.
const FULL: &[&str] = &["No space left on device", "free some space"];
const READ_ONLY: &[&str] = &["Read-only file system", "make it writable"];

/// Builds an edit on a disk that has little space left.
pub fn full(world: &mut World) -> anyhow::Result<()> {
    let before = world.checkout.sources()?;
    world.checkout.edit(&mut world.rng)?;
    if world.rng.u8(..4) == 0 {
        store::remove(&world.checkout.root.join("buck-out"))?;
    }
    let left = world.rng.u64(..300) * 1024;
    let ballast = Ballast::leave(world.disk(), left)?;
    let said = world.build()?;
    drop(ballast);
    names(&said, FULL)?;
    world.is_right()?;
    world.is_kept(&before)
}

/// Builds an edit while the cache, the output folder or the whole checkout cannot be written.
pub fn read_only(world: &mut World) -> anyhow::Result<()> {
    let before = world.checkout.sources()?;
    world.checkout.edit(&mut world.rng)?;
    let root = world.checkout.root.clone();
    let folders = [world.cache.clone(), root.join("buck-out"), root];
    let folder = &folders[world.rng.usize(..folders.len())];
    let mount = ReadOnly::make(folder)?;
    let said = world.build()?;
    drop(mount);
    ensure!(
        said.code != Some(0),
        "built with {} read-only: {said}",
        folder.display()
    );
    names(&said, READ_ONLY)?;
    world.is_right()?;
    world.is_kept(&before)
}

/// A failed build says why.
fn names(said: &Said, words: &[&str]) -> anyhow::Result<()> {
    let says = |word: &&&str| said.stderr.contains(**word);
    let missing = words.iter().find(|word| !says(word));
    match missing {
        Some(word) if said.code != Some(0) => anyhow::bail!("`{word}` is not said: {said}"),
        _ => Ok(()),
    }
}

/// A file that fills a disk until it is dropped.
struct Ballast(PathBuf);

impl Ballast {
    /// Fills all but `left` bytes.
    fn leave(disk: &Path, left: u64) -> anyhow::Result<Ballast> {
        let found = statvfs(disk)?;
        let free = found.blocks_available() * found.fragment_size();
        let ballast = Ballast(disk.join("ballast"));
        let file = fs::File::create(&ballast.0)?;
        let length = i64::try_from(free.saturating_sub(left))?;
        fallocate(&file, FallocateFlags::empty(), 0, length.max(1))?;
        Ok(ballast)
    }
}

impl Drop for Ballast {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
