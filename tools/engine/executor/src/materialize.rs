//! Wanted outputs in the checkout: read-only copies of what the store has.
//!
//! An output that is already there is recognised by its files' stats; what somebody changed, deleted
//! or added is put right.

use std::collections::BTreeMap;
use std::fs::{Metadata, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use store::{Content, Digest, FileDigests, Store, TreeItem, remove};

/// Puts outputs below one project root.
pub(crate) struct Materializer<'a> {
    pub(crate) root: &'a Path,
    /// Where a copy is until it is whole; the next build removes what a killed one leaves there.
    pub(crate) half: &'a Path,
    pub(crate) store: &'a Store,
    pub(crate) files: &'a FileDigests,
    /// Held while folders above an output are made, since outputs share them.
    pub(crate) parents: Mutex<()>,
}

impl Materializer<'_> {
    /// Makes sure that `content` stands at `path`; `false` if the store has lost it.
    pub(crate) fn put(&self, path: &str, content: Content) -> io::Result<bool> {
        let target = self.root.join(path);
        match content {
            Content::File { digest, executable } => {
                if self.is_file(&target, digest, executable) {
                    return Ok(true);
                }
                self.make_parents(path)?;
                self.copy(&target, digest, executable)
            }
            Content::Directory { digest } => self.put_directory(path, &target, digest),
        }
    }

    fn is_file(&self, target: &Path, digest: Digest, executable: bool) -> bool {
        let Ok(metadata) = std::fs::symlink_metadata(target) else {
            return false;
        };
        self.matches(target, &metadata, digest, executable)
    }

    fn matches(&self, target: &Path, found: &Metadata, digest: Digest, executable: bool) -> bool {
        found.is_file()
            && found.len() == digest.size
            && (found.permissions().mode() & 0o111 != 0) == executable
            && self
                .files
                .file_with(target, found)
                .is_ok_and(|state| state.digest == digest)
    }

    fn copy(&self, target: &Path, digest: Digest, executable: bool) -> io::Result<bool> {
        let Some(blob) = self.store.any_blob(digest, executable, self.files)? else {
            return Ok(false);
        };
        if std::fs::symlink_metadata(target).is_ok_and(|found| found.is_dir()) {
            remove(target)?;
        }
        let temporary = self.fresh_path()?;
        std::fs::copy(blob, &temporary)?;
        let mode = if executable { 0o555 } else { 0o444 };
        std::fs::set_permissions(&temporary, Permissions::from_mode(mode))?;
        std::fs::rename(&temporary, target)?;
        self.files
            .wrote(target, &std::fs::symlink_metadata(target)?, digest);
        Ok(true)
    }

    fn fresh_path(&self) -> io::Result<PathBuf> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        std::fs::create_dir_all(self.half)?;
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        Ok(self.half.join(number.to_string()))
    }

    /// Makes the folders above an output, in place of whatever else an older build left there.
    fn make_parents(&self, path: &str) -> io::Result<()> {
        let parent = Path::new(path).parent().unwrap_or(Path::new(""));
        if self.root.join(parent).is_dir() {
            return Ok(());
        }
        let _alone = self.parents.lock().unwrap_or_else(PoisonError::into_inner);
        let mut folder = self.root.to_owned();
        for part in parent.components() {
            folder.push(part);
            if !folder.is_dir() {
                remove(&folder)?;
                make_folder(&folder)?;
            }
        }
        Ok(())
    }

    fn put_directory(&self, path: &str, target: &Path, root: Digest) -> io::Result<bool> {
        let found = std::fs::symlink_metadata(target);
        let mut there = BTreeMap::new();
        if found.is_ok_and(|found| found.is_dir()) && list(target, "", &mut there).is_ok() {
            if self.tree_digest(target, &there) == Some(root) {
                return Ok(true);
            }
        } else {
            there.clear();
            self.make_parents(path)?;
            remove(target)?;
            make_folder(target)?;
        }
        let Some(items) = self.store.tree(root, self.files)? else {
            return Ok(false);
        };
        self.remove_extras(target, &there, &items)?;
        for (inner, item) in &items {
            if !self.put_item(&target.join(inner), item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn put_item(&self, target: &Path, item: &TreeItem) -> io::Result<bool> {
        match item {
            TreeItem::Directory => {
                if !target.is_dir() {
                    make_folder(target)?;
                }
                Ok(true)
            }
            TreeItem::Symlink(to) => {
                if std::fs::read_link(target).is_ok_and(|found| found == Path::new(to)) {
                    return Ok(true);
                }
                remove(target)?;
                std::os::unix::fs::symlink(to, target)?;
                Ok(true)
            }
            TreeItem::File { digest, executable } => {
                if self.is_file(target, *digest, *executable) {
                    return Ok(true);
                }
                self.copy(target, *digest, *executable)
            }
        }
    }

    /// Removes what is there and not wanted, or is wanted as something else.
    fn remove_extras(
        &self,
        target: &Path,
        there: &BTreeMap<String, Metadata>,
        items: &[(String, TreeItem)],
    ) -> io::Result<()> {
        let wanted: BTreeMap<&str, &TreeItem> = items
            .iter()
            .map(|(path, item)| (path.as_str(), item))
            .collect();
        for (path, metadata) in there {
            let keep = match wanted.get(path.as_str()) {
                None => false,
                Some(TreeItem::Directory) => metadata.is_dir(),
                Some(TreeItem::File { .. }) => metadata.is_file(),
                Some(TreeItem::Symlink(_)) => metadata.is_symlink(),
            };
            if !keep {
                remove(&target.join(path))?;
            }
        }
        Ok(())
    }

    /// The digest of the directory as it stands there; `None` if it holds what no output can.
    fn tree_digest(&self, target: &Path, there: &BTreeMap<String, Metadata>) -> Option<Digest> {
        let mut tree = store::Tree::default();
        for (path, metadata) in there {
            let host = target.join(path);
            let item = if metadata.is_dir() {
                TreeItem::Directory
            } else if metadata.is_symlink() {
                TreeItem::Symlink(
                    std::fs::read_link(host)
                        .ok()?
                        .into_os_string()
                        .into_string()
                        .ok()?,
                )
            } else if metadata.is_file() {
                TreeItem::File {
                    digest: self.files.file_with(&host, metadata).ok()?.digest,
                    executable: metadata.permissions().mode() & 0o111 != 0,
                }
            } else {
                return None;
            };
            tree.insert(path, item).ok()?;
        }
        Some(tree.digest())
    }
}

/// Everything below a folder.
fn list(folder: &Path, prefix: &str, there: &mut BTreeMap<String, Metadata>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string();
        let name = name.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        let metadata = entry.metadata()?;
        let path = format!("{prefix}{name}");
        if metadata.is_dir() {
            list(&entry.path(), &format!("{path}/"), there)?;
        }
        there.insert(path, metadata);
    }
    Ok(())
}

fn make_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir(folder)?;
    std::fs::set_permissions(folder, Permissions::from_mode(0o755))
}
