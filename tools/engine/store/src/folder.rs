//! Small things on the file system: locks, files that appear whole, folders that go for good.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// An advisory lock on a file (`flock`), held until it is dropped or the process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    fn open(path: &Path) -> io::Result<File> {
        let open = || {
            let mut options = OpenOptions::new();
            options.create(true).truncate(false).write(true).open(path)
        };
        match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
                open()
            }
            opened => opened,
        }
    }

    /// Waits until no other process has the file for itself.
    pub fn shared(path: &Path) -> io::Result<Lock> {
        Lock::take(path, |file| file.lock_shared().map(Some))?.ok_or_else(lock_is_gone)
    }

    /// Waits until the file is this process's alone.
    pub fn exclusive(path: &Path) -> io::Result<Lock> {
        Lock::take(path, |file| file.lock().map(Some))?.ok_or_else(lock_is_gone)
    }

    /// The file for this process alone, or `None` if another one has it.
    pub fn try_exclusive(path: &Path) -> io::Result<Option<Lock>> {
        Lock::take(path, |file| match file.try_lock() {
            Ok(()) => Ok(Some(())),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        })
    }

    /// Locks the file that stands at the path once it is locked: who held it may have removed it,
    /// and a lock on what is nowhere keeps nobody out.
    fn take(
        path: &Path,
        lock: impl Fn(&File) -> io::Result<Option<()>>,
    ) -> io::Result<Option<Lock>> {
        for _ in 0..1000 {
            let opened = Lock::open(path);
            let file = match opened {
                // Its folder may be going away at this moment.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                opened => opened?,
            };
            if lock(&file)?.is_none() {
                return Ok(None);
            }
            let locked = file.metadata()?;
            let is_same = |found: std::fs::Metadata| {
                (found.dev(), found.ino()) == (locked.dev(), locked.ino())
            };
            if std::fs::symlink_metadata(path).is_ok_and(is_same) {
                return Ok(Some(Lock { file }));
            }
        }
        Err(lock_is_gone())
    }
}

fn lock_is_gone() -> io::Error {
    io::Error::other("the lock file is removed again and again; is something clearing the folder?")
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// Writes `bytes` beside `path` and renames, so that a reader sees the old file or the new one.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let parent = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let temporary = parent.join(format!(".{name}.{}.{number}", std::process::id()));
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o644)
            .open(&temporary)?;
        file.write_all(bytes)?;
        std::fs::rename(&temporary, path).or_else(|error| {
            if error.kind() != io::ErrorKind::IsADirectory {
                return Err(error);
            }
            remove(path)?;
            std::fs::rename(&temporary, path)
        })
    };
    write().inspect_err(|_| {
        let _ = std::fs::remove_file(&temporary);
    })
}

/// Removes whatever is at `path`, read-only folders included; nothing there is fine.
pub fn remove(path: &Path) -> io::Result<()> {
    let metadata = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if is_absent(&error) => return Ok(()),
        Err(error) => return Err(error),
    };
    if !metadata.is_dir() {
        return std::fs::remove_file(path);
    }
    if std::fs::remove_dir_all(path).is_ok() {
        return Ok(());
    }
    make_writable(path)?;
    std::fs::remove_dir_all(path)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn make_writable(folder: &Path) -> io::Result<()> {
    std::fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            make_writable(&entry.path())?;
        }
    }
    Ok(())
}

/// A folder that belongs to this process, removed when it is dropped.
///
/// Its file `lock` is held as long as the process lives, so that others can tell what a killed
/// process left behind.
#[derive(Debug)]
pub(crate) struct WorkFolder {
    path: PathBuf,
    _lock: Lock,
    counter: AtomicU64,
}

impl WorkFolder {
    /// Makes a folder of our own below `parent`.
    pub(crate) fn create(parent: &Path) -> io::Result<WorkFolder> {
        std::fs::create_dir_all(parent)?;
        let mut number = 0;
        loop {
            let path = parent.join(format!("{}-{number}", std::process::id()));
            number += 1;
            match std::fs::create_dir(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            }
            let lock = Lock::exclusive(&path.join("lock"))?;
            // Whoever tidies up may have removed the folder before it was locked.
            if path.join("lock").exists() {
                return Ok(WorkFolder {
                    path,
                    _lock: lock,
                    counter: AtomicU64::new(0),
                });
            }
        }
    }

    /// A path in it that nothing has been given before.
    pub(crate) fn fresh(&self) -> PathBuf {
        self.path
            .join(self.counter.fetch_add(1, Ordering::Relaxed).to_string())
    }

    /// An empty folder in it to mount on.
    pub(crate) fn mount_point(&self) -> io::Result<PathBuf> {
        let folder = self.path.join("root");
        match std::fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(folder),
        }
    }

    /// Removes the folders below `parent` whose processes are gone.
    pub(crate) fn remove_abandoned(parent: &Path) -> io::Result<()> {
        let entries = match std::fs::read_dir(parent) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let lock = path.join("lock");
            if !lock.exists() && std::fs::read_dir(&path).is_ok_and(|mut e| e.next().is_none()) {
                // Just made, or all but removed; an empty folder costs nothing.
                continue;
            }
            if Lock::try_exclusive(&lock)?.is_some() {
                remove(&path)?;
            }
        }
        Ok(())
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        let _ = remove(&self.path);
    }
}
