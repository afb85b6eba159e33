//! Outputs that somebody changed.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use fastrand::Rng;

use crate::checkout::snapshot;
use crate::world::World;

/// Changes, deletes and adds files below the outputs.
pub fn round(world: &mut World) -> anyhow::Result<()> {
    let before = world.checkout.sources()?;
    if world.rng.bool() {
        world.checkout.edit(&mut world.rng)?;
    }
    let outputs = world.build()?.success()?.outputs();
    for _ in 0..world.rng.usize(1..20) {
        // What is left of the outputs; a change may have removed some.
        let there = outputs
            .iter()
            .filter(|path| world.checkout.root.join(path).exists());
        let there: Vec<PathBuf> = there.cloned().collect();
        let files: Vec<PathBuf> = snapshot(&world.checkout.root, &there)?
            .into_keys()
            .collect();
        if !files.is_empty() {
            let path = world
                .checkout
                .root
                .join(&files[world.rng.usize(..files.len())]);
            change(&path, &mut world.rng)?;
        }
    }
    world.is_right()?;
    world.is_kept(&before)
}

fn change(path: &PathBuf, rng: &mut Rng) -> anyhow::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if metadata.is_dir() {
        return change_folder(path, rng);
    }
    match rng.u8(..6) {
        0 => fs::remove_file(path)?,
        1 => {
            fs::remove_file(path)?;
            fs::create_dir_all(path.join("inner"))?;
        }
        2 => {
            fs::remove_file(path)?;
            symlink("/etc/passwd", path)?;
        }
        3 if metadata.is_file() => {
            let mode = metadata.permissions().mode() ^ 0o111;
            fs::set_permissions(path, Permissions::from_mode(mode))?;
        }
        4 if metadata.is_file() => {
            let modified = metadata.modified()?;
            let mut bytes = fs::read(path)?;
            bytes.reverse();
            fs::set_permissions(path, Permissions::from_mode(0o644))?;
            fs::write(path, bytes)?;
            fs::set_permissions(path, metadata.permissions())?;
            fs::File::open(path)?.set_modified(modified)?;
        }
        _ => {
            fs::remove_file(path)?;
            fs::write(path, "written by hand\n")?;
        }
    }
    Ok(())
}

fn change_folder(path: &PathBuf, rng: &mut Rng) -> anyhow::Result<()> {
    match rng.u8(..4) {
        0 => store::remove(path)?,
        1 => {
            store::remove(path)?;
            fs::write(path, "a file for a folder")?;
        }
        2 => fs::create_dir_all(path.join(format!("more/{}", rng.u8(..))))?,
        _ => fs::write(path.join(format!("more-{}", rng.u8(..))), "added")?,
    }
    Ok(())
}
