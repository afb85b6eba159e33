//! The shared folder: blobs by digest, action entries by key.
//!
//! ```text
//! v1/blobs/ab/ab…-<size>     the blob with that SHA-256, mode 0444
//! v1/blobs/ab/ab…-<size>.x   the same with mode 0555, where an executable is wanted
//! v1/actions/ab/ab…          what the action with that key made
//! v1/work/<process>-<n>/     a running process's own files
//! v1/in-use                  locked by every process (shared) and by eviction (exclusive)
//! v1/evicted                 when eviction last ran
//! ```

use std::collections::HashMap;
use std::fs::{Metadata, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use crate::folder::{WorkFolder, write_atomically};
use crate::{Digest, Directory, Entry, FileDigests, Hasher, Lock, Tree, TreeItem};

/// How much the store may hold unless told otherwise: 20 GB.
pub const DEFAULT_LIMIT: u64 = 20_000_000_000;

/// An entry is marked as used at most once in this time.
const TOUCH_EVERY: Duration = Duration::from_secs(12 * 3600);

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the cache folder {path} cannot be used: {source}")]
pub struct StoreError {
    /// The folder, or the file in it.
    pub path: String,
    /// Why.
    pub source: io::Error,
}

/// The content-addressed store and action cache; shared by threads and processes.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    /// Made when it is first needed: a build of nothing leaves the disk alone.
    work: OnceLock<WorkFolder>,
    directories: Mutex<HashMap<Digest, Arc<Directory>>>,
    pub(crate) in_use: Mutex<Option<Lock>>,
}

impl Store {
    /// Opens the store below `folder`, which is made if it is missing.
    pub fn open(folder: &Path) -> Result<Store, StoreError> {
        let fail = |source| StoreError {
            path: folder.display().to_string(),
            source,
        };
        let root = folder.join("v1");
        let in_use = Lock::shared(&root.join("in-use")).map_err(fail)?;
        Ok(Store {
            root,
            work: OnceLock::new(),
            directories: Mutex::default(),
            in_use: Mutex::new(Some(in_use)),
        })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path in this process's own folder, on the store's file system, that nothing has used yet.
    pub fn fresh_path(&self) -> io::Result<PathBuf> {
        Ok(self.work()?.fresh())
    }

    /// An empty folder on which any number of mount namespaces may mount something.
    pub fn mount_point(&self) -> io::Result<PathBuf> {
        self.work()?.mount_point()
    }

    fn work(&self) -> io::Result<&WorkFolder> {
        if let Some(work) = self.work.get() {
            return Ok(work);
        }
        let made = WorkFolder::create(&self.root.join("work"))?;
        // Another thread may have been quicker; then this one goes again.
        Ok(self.work.get_or_init(|| made))
    }

    pub(crate) fn blob_path(&self, digest: Digest, executable: bool) -> PathBuf {
        let hex = digest.hex();
        let suffix = if executable { ".x" } else { "" };
        self.root
            .join("blobs")
            .join(&hex[..2])
            .join(format!("{hex}-{}{suffix}", digest.size))
    }

    /// The file that holds a blob, checked against its digest; `None` if there is none, or if it had
    /// been tampered with (it is removed then).
    pub fn blob(
        &self,
        digest: Digest,
        executable: bool,
        files: &FileDigests,
    ) -> io::Result<Option<PathBuf>> {
        let path = self.blob_path(digest, executable);
        if self.is_intact(&path, digest, executable, files)? {
            return Ok(Some(path));
        }
        let twin = self.blob_path(digest, !executable);
        if !self.is_intact(&twin, digest, !executable, files)? {
            return Ok(None);
        }
        let copy = self.fresh_path()?;
        std::fs::copy(&twin, &copy)?;
        self.adopt_as(&copy, digest, executable, files)?;
        Ok(Some(path))
    }

    /// A file that holds a blob, with either mode; `executable` says which to look for first.
    pub fn any_blob(
        &self,
        digest: Digest,
        executable: bool,
        files: &FileDigests,
    ) -> io::Result<Option<PathBuf>> {
        for executable in [executable, !executable] {
            let path = self.blob_path(digest, executable);
            if self.is_intact(&path, digest, executable, files)? {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    fn is_intact(
        &self,
        path: &Path,
        digest: Digest,
        executable: bool,
        files: &FileDigests,
    ) -> io::Result<bool> {
        let metadata = match std::fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let intact = metadata.is_file()
            && metadata.size() == digest.size
            && metadata.mode() & 0o7777 == mode(executable)
            && files.file_with(path, &metadata)?.digest == digest;
        if !intact {
            crate::remove(path)?;
        }
        Ok(intact)
    }

    /// Adds a blob.
    pub fn put(&self, bytes: &[u8], executable: bool, files: &FileDigests) -> io::Result<Digest> {
        let digest = Digest::of(bytes);
        if !self.is_intact(
            &self.blob_path(digest, executable),
            digest,
            executable,
            files,
        )? {
            let path = self.fresh_path()?;
            std::fs::write(&path, bytes)?;
            self.adopt_as(&path, digest, executable, files)?;
        }
        Ok(digest)
    }

    /// Adds the regular file at `path`, which must be in this process's own folder; the file is
    /// moved, not copied, unless something else links to it.
    pub fn adopt(
        &self,
        path: &Path,
        metadata: &Metadata,
        files: &FileDigests,
    ) -> io::Result<(Digest, bool)> {
        let executable = metadata.mode() & 0o100 != 0;
        if metadata.nlink() > 1 {
            return self.import(path, files);
        }
        let digest = Digest::of_reader(&mut std::fs::File::open(path)?)?;
        if !self.is_intact(
            &self.blob_path(digest, executable),
            digest,
            executable,
            files,
        )? {
            self.adopt_as(path, digest, executable, files)?;
        }
        Ok((digest, executable))
    }

    /// Adds a copy of the regular file at `path`.
    pub fn import(&self, path: &Path, files: &FileDigests) -> io::Result<(Digest, bool)> {
        let mut source = std::fs::File::open(path)?;
        let executable = source.metadata()?.mode() & 0o100 != 0;
        let copy = self.fresh_path()?;
        let digest = copy_and_digest(&mut source, &copy)?;
        if self.is_intact(
            &self.blob_path(digest, executable),
            digest,
            executable,
            files,
        )? {
            std::fs::remove_file(&copy)?;
        } else {
            self.adopt_as(&copy, digest, executable, files)?;
        }
        Ok((digest, executable))
    }

    /// Renames a file to a blob's place; its bytes are known to have that digest.
    fn adopt_as(
        &self,
        path: &Path,
        digest: Digest,
        executable: bool,
        files: &FileDigests,
    ) -> io::Result<()> {
        let target = self.blob_path(digest, executable);
        std::fs::set_permissions(path, Permissions::from_mode(mode(executable)))?;
        if let Err(error) = std::fs::rename(path, &target) {
            if error.kind() != io::ErrorKind::NotFound {
                return Err(error);
            }
            std::fs::create_dir_all(target.parent().unwrap_or(&self.root))?;
            std::fs::rename(path, &target)?;
        }
        files.wrote(&target, &std::fs::symlink_metadata(&target)?, digest);
        Ok(())
    }

    /// Adds every level of a tree; gives the root's digest.
    pub fn put_tree(&self, tree: &Tree, files: &FileDigests) -> io::Result<Digest> {
        let mut result = Ok(());
        let root = tree.encode(&mut |_, bytes| {
            if result.is_ok() {
                result = self.put(&bytes, false, files).map(|_| ());
            }
        });
        result.map(|()| root)
    }

    /// The directory with this digest; `None` if the store has it no more, or damaged.
    pub fn directory(
        &self,
        digest: Digest,
        files: &FileDigests,
    ) -> io::Result<Option<Arc<Directory>>> {
        let mut known = self
            .directories
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(directory) = known.get(&digest) {
            return Ok(Some(directory.clone()));
        }
        let Some(path) = self.blob(digest, false, files)? else {
            return Ok(None);
        };
        let bytes = std::fs::read(path)?;
        if Digest::of(&bytes) != digest {
            return Ok(None);
        }
        let directory = Directory::decode(&bytes).map(Arc::new);
        if let Some(directory) = &directory {
            known.insert(digest, directory.clone());
        }
        Ok(directory)
    }

    /// Everything below the directory with this digest, a folder before what it holds; `None` if a
    /// level is lost. Only the levels are read, no file's blob.
    pub fn tree(
        &self,
        digest: Digest,
        files: &FileDigests,
    ) -> io::Result<Option<Vec<(String, TreeItem)>>> {
        let mut items = Vec::new();
        let whole = self.collect(digest, "", files, &mut items)?;
        Ok(whole.then_some(items))
    }

    fn collect(
        &self,
        digest: Digest,
        prefix: &str,
        files: &FileDigests,
        items: &mut Vec<(String, TreeItem)>,
    ) -> io::Result<bool> {
        let Some(directory) = self.directory(digest, files)? else {
            return Ok(false);
        };
        for node in &directory.files {
            let item = TreeItem::File {
                digest: node.digest,
                executable: node.executable,
            };
            items.push((format!("{prefix}{}", node.name), item));
        }
        for node in &directory.symlinks {
            let item = TreeItem::Symlink(node.target.clone());
            items.push((format!("{prefix}{}", node.name), item));
        }
        for node in &directory.directories {
            let path = format!("{prefix}{}", node.name);
            items.push((path.clone(), TreeItem::Directory));
            if !self.collect(node.digest, &format!("{path}/"), files, items)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn entry_path(&self, key: Digest) -> PathBuf {
        let hex = key.hex();
        self.root.join("actions").join(&hex[..2]).join(hex)
    }

    /// What the action with this key made, if it is known; marks it as used.
    pub fn entry(&self, key: Digest) -> Option<Entry> {
        let mut file = std::fs::File::open(self.entry_path(key)).ok()?;
        let mut bytes = Vec::with_capacity(512);
        file.read_to_end(&mut bytes).ok()?;
        let entry = Entry::decode(key, &bytes)?;
        let age = file.metadata().and_then(|metadata| metadata.modified());
        if age.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > TOUCH_EVERY)) {
            let _ = file.set_modified(SystemTime::now());
        }
        Some(entry)
    }

    /// Remembers what the action with this key made.
    pub fn put_entry(&self, key: Digest, entry: &Entry) -> io::Result<()> {
        write_atomically(&self.entry_path(key), &entry.encode(key))
    }

    /// Forgets what the action with this key made.
    pub fn remove_entry(&self, key: Digest) -> io::Result<()> {
        crate::remove(&self.entry_path(key))
    }
}

fn mode(executable: bool) -> u32 {
    if executable { 0o555 } else { 0o444 }
}

fn copy_and_digest(source: &mut impl Read, target: &Path) -> io::Result<Digest> {
    let mut file = std::fs::File::create(target)?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                file.write_all(&buffer[..count])?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
