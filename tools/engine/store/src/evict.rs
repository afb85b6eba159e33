//! Eviction: the least recently used entries go first, then the blobs that nothing names any more.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use crate::folder::{WorkFolder, write_atomically};
use crate::{Content, Digest, Entry, FileDigests, Lock, Store, TreeItem};

/// Eviction looks at everything there is, so it runs this often.
const EVERY: Duration = Duration::from_secs(24 * 3600);

/// What an eviction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evicted {
    /// Entries that were forgotten.
    pub entries: usize,
    /// Bytes of blobs that were removed.
    pub bytes: u64,
    /// Bytes of blobs that are left.
    pub left: u64,
}

impl Store {
    /// Evicts what is past `limit` bytes, if that was not done in the last day.
    pub fn evict_sometimes(&self, limit: u64) -> io::Result<Option<Evicted>> {
        let done =
            std::fs::metadata(self.root().join("evicted")).and_then(|found| found.modified());
        match done {
            Ok(time) if time.elapsed().is_ok_and(|age| age < EVERY) => Ok(None),
            _ => self.evict(limit),
        }
    }

    /// Removes the least recently used entries past `limit` bytes, and what killed processes left.
    ///
    /// `None` if another process is using the store: nothing is touched then.
    pub fn evict(&self, limit: u64) -> io::Result<Option<Evicted>> {
        let path = self.root().join("in-use");
        let mut held = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        *held = None;
        let result = match Lock::try_exclusive(&path)? {
            Some(_alone) => self.evict_alone(limit).map(Some),
            None => Ok(None),
        };
        *held = Some(Lock::shared(&path)?);
        result
    }

    fn evict_alone(&self, limit: u64) -> io::Result<Evicted> {
        write_atomically(&self.root().join("evicted"), b"")?;
        WorkFolder::remove_abandoned(&self.root().join("work"))?;
        let mut blobs: HashMap<PathBuf, u64> = listed(&self.root().join("blobs"))?
            .into_iter()
            .map(|(path, metadata)| (path, metadata.size()))
            .collect();
        let mut entries = listed(&self.root().join("actions"))?;
        entries.sort_by_key(|(_, metadata)| {
            std::cmp::Reverse(metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH))
        });
        let mut result = Evicted::default();
        let mut full = false;
        // What stays in `blobs` is what no kept entry needs.
        for (path, _) in entries {
            let needed = self.needed(&path)?;
            let size: u64 = needed.iter().filter_map(|path| blobs.get(path)).sum();
            full |= result.left + size > limit;
            if needed.is_empty() || full {
                crate::remove(&path)?;
                result.entries += 1;
                continue;
            }
            for path in needed {
                result.left += blobs.remove(&path).unwrap_or(0);
            }
        }
        for (path, size) in blobs {
            crate::remove(&path)?;
            result.bytes += size;
        }
        Ok(result)
    }

    /// The files of every blob that an entry needs; none if the entry is of no use any more.
    fn needed(&self, entry: &Path) -> io::Result<Vec<PathBuf>> {
        let files = FileDigests::default();
        // Whatever else is there, such as the half of an entry that a killed process left, is no entry.
        let name = entry.file_name().and_then(|name| name.to_str());
        let key = name.and_then(|hex| Digest::from_parts(hex, 0));
        let bytes = std::fs::read(entry).unwrap_or_default();
        let Some(entry) = key.and_then(|key| Entry::decode(key, &bytes)) else {
            return Ok(Vec::new());
        };
        let mut needed = Vec::new();
        for output in &entry.outputs {
            match output.content {
                Content::File { digest, .. } => needed.extend(self.twins(digest)),
                Content::Directory { digest } => {
                    let Some(items) = self.tree(digest, &files)? else {
                        return Ok(Vec::new());
                    };
                    needed.extend(self.levels(digest, &files)?);
                    for (_, item) in items {
                        if let TreeItem::File { digest, .. } = item {
                            needed.extend(self.twins(digest));
                        }
                    }
                }
            }
        }
        needed.sort();
        needed.dedup();
        Ok(needed)
    }

    fn twins(&self, digest: Digest) -> [PathBuf; 2] {
        [self.blob_path(digest, false), self.blob_path(digest, true)]
    }

    /// The blobs of a directory's own messages.
    fn levels(&self, root: Digest, files: &FileDigests) -> io::Result<Vec<PathBuf>> {
        let mut levels = Vec::new();
        let mut open = vec![root];
        while let Some(digest) = open.pop() {
            levels.extend(self.twins(digest));
            if let Some(directory) = self.directory(digest, files)? {
                open.extend(directory.directories.iter().map(|node| node.digest));
            }
        }
        Ok(levels)
    }
}

/// The files two levels below `folder`.
fn listed(folder: &Path) -> io::Result<Vec<(PathBuf, Metadata)>> {
    let mut files = Vec::new();
    for shard in read(folder)? {
        for file in read(&shard)? {
            let metadata = std::fs::symlink_metadata(&file)?;
            files.push((file, metadata));
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(files)
}

fn read(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
