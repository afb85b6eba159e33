//! A store and a state that are not as the engine left them.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fastrand::Rng;
use sha2::{Digest, Sha256};

use crate::world::{BUILD, World};

/// Damages some files of the store, or the checkout's state, between two builds.
pub fn at_rest(world: &mut World) -> anyhow::Result<()> {
    world.checkout.edit(&mut world.rng)?;
    if world.rng.bool() {
        world.build()?.success()?;
    }
    let files = files(world)?;
    for _ in 0..world.rng.usize(1..30) {
        damage(&files, &mut world.rng)?;
    }
    if world.rng.bool() {
        store::remove(&world.checkout.root.join("buck-out/v2/art"))?;
    }
    world.is_right()
}

/// Removes files of the store, or all of it, while a build uses it.
pub fn under_use(world: &mut World) -> anyhow::Result<()> {
    world.checkout.edit(&mut world.rng)?;
    if world.rng.bool() {
        store::remove(&world.checkout.root.join("buck-out/v2/art"))?;
    }
    let running = world
        .engine
        .start(&world.checkout.root, &world.cache, BUILD)?;
    for _ in 0..world.rng.usize(1..4) {
        std::thread::sleep(world.some_time() / 2);
        if world.rng.u8(..5) == 0 {
            let _ = store::remove(&world.cache.join("v1"));
        }
        let files = files(world)?;
        for _ in 0..world.rng.usize(..40) {
            let _ = store::remove(&files[world.rng.usize(..files.len())]);
        }
    }
    running.end()?;
    world.is_right()
}

/// Puts entries and digests of another version in the place of ours, with what would be wrong.
pub fn old_format(world: &mut World) -> anyhow::Result<()> {
    let entries = below(&world.cache.join("v1/actions"))?;
    for _ in 0..world.rng.usize(1..40) {
        let (one, other) = (
            pick(&entries, &mut world.rng),
            pick(&entries, &mut world.rng),
        );
        let version = world.rng.u8(..4);
        if let Some(bytes) = first_version(&fs::read(other)?, version) {
            fs::write(one, bytes)?;
        }
    }
    let state = world.checkout.root.join("buck-out/v2/engine/files");
    let mut digests = fs::read(&state)?;
    digests[..8].copy_from_slice(["hfiles00", "hfiles02"][world.rng.usize(..2)].as_bytes());
    fs::write(&state, digests)?;
    let other = world.cache.join(["v0", "v2"][world.rng.usize(..2)]);
    fs::create_dir_all(&other)?;
    fs::write(other.join("theirs"), "theirs")?;
    world.checkout.edit(&mut world.rng)?;
    world.is_right()?;
    anyhow::ensure!(
        other.join("theirs").exists(),
        "another version's files were touched"
    );
    Ok(())
}

/// An entry as the first version of the store wrote it, which knew no key: the checksum of the
/// message, then the message, whose first field is the version.
fn first_version(entry: &[u8], version: u8) -> Option<Vec<u8>> {
    let mut message = entry.get(32..)?.to_vec();
    *message.get_mut(1)? = version;
    let mut bytes = Sha256::digest(&message).to_vec();
    bytes.extend(message);
    Some(bytes)
}

/// Every file that the engine keeps for later.
fn files(world: &World) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = below(&world.cache.join("v1/blobs"))?;
    files.extend(below(&world.cache.join("v1/actions"))?);
    files.push(world.checkout.root.join("buck-out/v2/engine/files"));
    Ok(files)
}

fn below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(files);
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files.extend(below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

fn pick<'a>(files: &'a [PathBuf], rng: &mut Rng) -> &'a Path {
    &files[rng.usize(..files.len())]
}

/// Damages one file in one way.
fn damage(files: &[PathBuf], rng: &mut Rng) -> anyhow::Result<()> {
    let path = pick(files, rng);
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if !metadata.is_file() {
        return Ok(());
    }
    let modified = metadata.modified()?;
    match rng.u8(..8) {
        0 => edited(path, |file| {
            Ok(file.set_len(rng.u64(..metadata.len().max(1)))?)
        })?,
        1 | 2 => flip(path, metadata.len(), rng)?,
        3 => swap(path, pick(files, rng))?,
        4 => fs::remove_file(path)?,
        5 => edited(path, |file| {
            file.seek(SeekFrom::End(0))?;
            Ok(file.write_all(b"more")?)
        })?,
        6 => {
            fs::remove_file(path)?;
            fs::create_dir_all(path.join("folder"))?;
        }
        _ => {
            let other = pick(files, rng).to_owned();
            fs::remove_file(path)?;
            symlink(other, path)?;
        }
    }
    if rng.bool() && path.is_file() && !path.is_symlink() {
        edited(path, |file| Ok(file.set_modified(modified)?))?;
    }
    Ok(())
}

/// Changes a file in place and leaves its mode as it was.
fn edited(path: &Path, change: impl FnOnce(&mut File) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mode = fs::metadata(path)?.permissions();
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    change(&mut file)?;
    Ok(fs::set_permissions(path, mode)?)
}

fn flip(path: &Path, length: u64, rng: &mut Rng) -> anyhow::Result<()> {
    if length == 0 {
        return Ok(());
    }
    let place = rng.u64(..length);
    let bit = 1 << rng.u8(..8);
    let byte = fs::read(path)?[usize::try_from(place)?] ^ bit;
    edited(path, |file| {
        file.seek(SeekFrom::Start(place))?;
        Ok(file.write_all(&[byte])?)
    })
}

/// Two files change places, as an interrupted copy of a cache may do it.
fn swap(one: &Path, other: &Path) -> anyhow::Result<()> {
    if one == other || !other.is_file() {
        return Ok(());
    }
    let aside = one.with_extension("aside");
    fs::rename(one, &aside)?;
    fs::rename(other, one)?;
    fs::rename(aside, other)?;
    std::thread::sleep(Duration::from_millis(1));
    Ok(())
}
