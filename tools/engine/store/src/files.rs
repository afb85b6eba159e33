//! Digests of files by their stat, so that a file that did not change is not read again.
//!
//! A digest is trusted as long as device, inode, size, modification time, change time and the
//! executable bit are what they were. The change time cannot be set by a program, so an edit that
//! keeps the size and restores the modification time is found too. One gap is left in such a scheme:
//! a write in the same clock tick as the one before it. So a digest is only kept if the file had
//! been left alone for [`MARGIN`] when it was read.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Digest;
use crate::folder::write_atomically;

/// Longer than the tick of a file system's clock (at most 10 ms where stamps have nanoseconds).
const MARGIN: Duration = Duration::from_millis(50);

/// The same where stamps have whole seconds (or, as on FAT, every other one).
const COARSE_MARGIN: Duration = Duration::from_secs(3);

/// What nobody asked about for so many days is forgotten.
const KEEP_DAYS: u32 = 30;

const MAGIC: &[u8; 8] = b"hfiles01";
const RECORD: usize = 8 * 6 + 1 + 32 + 4;

/// Everything in a stat that changes when a file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: i64,
    changed: i64,
    executable: bool,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        Stamp {
            size: metadata.size(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            executable: metadata.mode() & 0o100 != 0,
        }
    }

    /// How far a clock has to be from this stamp, that a write gives another one.
    fn margin(&self) -> i64 {
        let margin = if self.changed % 1_000_000_000 == 0 {
            COARSE_MARGIN
        } else {
            MARGIN
        };
        i64::try_from(margin.as_nanos()).unwrap_or(i64::MAX)
    }

    /// Whether a write at `now` or later would give another stamp.
    fn is_settled(&self, now: i64) -> bool {
        self.changed.saturating_add(self.margin()) < now
    }

    /// How long after `now` a write would give another stamp; zero for a stamp of the future, which
    /// a clock that was put back leaves behind, and which no write gives for a while.
    fn time_to_settle(&self, now: i64) -> Duration {
        let margin = self.margin();
        let age = now.saturating_sub(self.changed);
        let is_near = -margin <= age && age <= margin;
        let left = if is_near { margin - age + 1 } else { 0 };
        Duration::from_nanos(left.unsigned_abs())
    }
}

fn nanoseconds(seconds: i64, nanoseconds: i64) -> i64 {
    seconds
        .saturating_mul(1_000_000_000)
        .saturating_add(nanoseconds)
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX))
}

fn today() -> u32 {
    u32::try_from(now() / 1_000_000_000 / 86_400).unwrap_or(0)
}

/// A device and an inode.
type Key = (u64, u64);

#[derive(Debug, Clone, Copy)]
struct Known {
    stamp: Stamp,
    digest: Digest,
    used: u32,
}

/// A file as it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileState {
    /// Digest of its bytes.
    pub digest: Digest,
    /// Whether its owner may execute it.
    pub executable: bool,
    identity: Key,
    stamp: Stamp,
    /// How long after it was read a write would show in its stat; `None` if it changed meanwhile.
    settles: Option<Duration>,
}

impl FileState {
    /// Whether the file with this stat is still the one that was found, unchanged for sure.
    pub fn is_unchanged(&self, metadata: &Metadata) -> bool {
        self.settles == Some(Duration::ZERO)
            && self.identity == (metadata.dev(), metadata.ino())
            && self.stamp == Stamp::of(metadata)
    }
}

/// The digests of one checkout's files; shared by threads, kept in one file between builds.
#[derive(Debug, Default)]
pub struct FileDigests {
    path: PathBuf,
    known: RwLock<HashMap<Key, Known>>,
    /// Files this process wrote: trusted in it at once, kept if they are settled when it saves.
    written: Mutex<Vec<(PathBuf, Key, Stamp)>>,
    changed: std::sync::atomic::AtomicBool,
}

impl FileDigests {
    /// Reads the digests kept in `path`. A file that is missing or damaged is as good as an empty one.
    pub fn load(path: &Path) -> FileDigests {
        FileDigests {
            path: path.to_owned(),
            known: RwLock::new(
                std::fs::read(path)
                    .ok()
                    .and_then(|b| decode(&b))
                    .unwrap_or_default(),
            ),
            ..FileDigests::default()
        }
    }

    /// The digest of the regular file at `path`, a link followed; read only if it changed.
    pub fn file(&self, path: &Path) -> io::Result<FileState> {
        self.file_with(path, &std::fs::metadata(path)?)
    }

    /// The same, for a caller that already has the stat of what `path` leads to.
    pub fn file_with(&self, path: &Path, metadata: &Metadata) -> io::Result<FileState> {
        match self.known(metadata) {
            Some(digest) => Ok(state(metadata, digest, Some(Duration::ZERO))),
            None => self.read(path),
        }
    }

    /// The same for a file that somebody may be writing: waits until its stat tells of every later
    /// write, for at most a few such moments.
    pub fn settled(&self, path: &Path, metadata: &Metadata) -> io::Result<FileState> {
        let mut state = self.file_with(path, metadata)?;
        for _ in 0..3 {
            if state.settles == Some(Duration::ZERO) {
                break;
            }
            std::thread::sleep(state.settles.unwrap_or(MARGIN));
            state = self.file(path)?;
        }
        Ok(state)
    }

    /// The digest that the file with this stat is known to have.
    pub fn known(&self, metadata: &Metadata) -> Option<Digest> {
        let key = (metadata.dev(), metadata.ino());
        let known = *self
            .known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)?;
        if known.stamp != Stamp::of(metadata) {
            return None;
        }
        if known.used != today() {
            self.insert(
                key,
                Known {
                    used: today(),
                    ..known
                },
            );
        }
        Some(known.digest)
    }

    fn read(&self, path: &Path) -> io::Result<FileState> {
        let started = now();
        let mut file = File::open(path)?;
        let before = file.metadata()?;
        let digest = Digest::of_reader(&mut file)?;
        let after = file.metadata()?;
        let stamp = Stamp::of(&after);
        let is_same = stamp == Stamp::of(&before);
        if is_same && stamp.is_settled(started) {
            self.insert(
                (after.dev(), after.ino()),
                Known {
                    stamp,
                    digest,
                    used: today(),
                },
            );
        }
        let settles = is_same.then(|| stamp.time_to_settle(started));
        Ok(state(&after, digest, settles))
    }

    /// Notes the digest of a file that this process has just written itself.
    pub fn wrote(&self, path: &Path, metadata: &Metadata, digest: Digest) {
        let key = (metadata.dev(), metadata.ino());
        let stamp = Stamp::of(metadata);
        self.insert(
            key,
            Known {
                stamp,
                digest,
                used: today(),
            },
        );
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.push((path.to_owned(), key, stamp));
    }

    fn insert(&self, key: Key, known: Known) {
        self.changed
            .store(true, std::sync::atomic::Ordering::Relaxed);
        self.known
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, known);
    }

    /// Writes the digests to their file if there are new ones.
    pub fn save(&self) -> io::Result<()> {
        if !self
            .changed
            .swap(false, std::sync::atomic::Ordering::Relaxed)
        {
            return Ok(());
        }
        self.settle();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        write_atomically(&self.path, &encode(&known))
    }

    /// Forgets what this process wrote too recently to be sure of it later.
    fn settle(&self) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for (path, key, stamp) in written.drain(..) {
            let is_same = known.get(&key).is_some_and(|known| known.stamp == stamp);
            if !is_same || stamp.is_settled(now()) && still(&path, key, stamp) {
                continue;
            }
            known.remove(&key);
        }
    }
}

fn still(path: &Path, key: Key, stamp: Stamp) -> bool {
    std::fs::symlink_metadata(path)
        .is_ok_and(|found| (found.dev(), found.ino()) == key && Stamp::of(&found) == stamp)
}

fn state(metadata: &Metadata, digest: Digest, settles: Option<Duration>) -> FileState {
    let stamp = Stamp::of(metadata);
    FileState {
        digest,
        executable: stamp.executable,
        identity: (metadata.dev(), metadata.ino()),
        stamp,
        settles,
    }
}

/// Magic, checksum, then one record of fixed size a file.
fn encode(known: &HashMap<Key, Known>) -> Vec<u8> {
    let oldest = today().saturating_sub(KEEP_DAYS);
    let mut body = Vec::with_capacity(known.len() * RECORD);
    let mut kept: Vec<_> = known.iter().filter(|(_, k)| k.used >= oldest).collect();
    kept.sort_by_key(|(key, _)| **key);
    for ((device, inode), known) in kept {
        body.extend(device.to_le_bytes());
        body.extend(inode.to_le_bytes());
        body.extend(known.stamp.size.to_le_bytes());
        body.extend(known.stamp.modified.to_le_bytes());
        body.extend(known.stamp.changed.to_le_bytes());
        body.extend(known.digest.size.to_le_bytes());
        body.push(u8::from(known.stamp.executable));
        body.extend(known.digest.hash);
        body.extend(known.used.to_le_bytes());
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend(Digest::of(&body).hash);
    bytes.extend(body);
    bytes
}

fn decode(bytes: &[u8]) -> Option<HashMap<Key, Known>> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (checksum, body) = rest.split_at_checked(32)?;
    if Digest::of(body).hash != checksum || body.len() % RECORD != 0 {
        return None;
    }
    body.chunks_exact(RECORD).map(decode_record).collect()
}

fn decode_record(record: &[u8]) -> Option<(Key, Known)> {
    let word =
        |index: usize| -> Option<[u8; 8]> { record.get(index * 8..index * 8 + 8)?.try_into().ok() };
    let stamp = Stamp {
        size: u64::from_le_bytes(word(2)?),
        modified: i64::from_le_bytes(word(3)?),
        changed: i64::from_le_bytes(word(4)?),
        executable: *record.get(48)? != 0,
    };
    let digest = Digest {
        hash: record.get(49..81)?.try_into().ok()?,
        size: u64::from_le_bytes(word(5)?),
    };
    let used = u32::from_le_bytes(record.get(81..85)?.try_into().ok()?);
    let key = (u64::from_le_bytes(word(0)?), u64::from_le_bytes(word(1)?));
    Some((
        key,
        Known {
            stamp,
            digest,
            used,
        },
    ))
}
