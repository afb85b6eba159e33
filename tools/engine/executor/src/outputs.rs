//! What a command made: checked against what was declared, and moved into the store.

use std::fs::Metadata;
use std::io;
use std::path::{Component, Path, PathBuf};

use build_graph::{Action, Output, OutputKind};
use store::{Content, FileDigests, Store, Tree, TreeItem};

use crate::FailureKind;

/// Moves every declared output into the store, from where `on_disk` says that it is; what else is
/// there is left alone.
pub(crate) fn collect(
    on_disk: &dyn Fn(&str) -> PathBuf,
    action: &Action,
    store: &Store,
    files: &FileDigests,
) -> Result<Vec<Content>, FailureKind> {
    let collector = Collector { store, files };
    let outputs = action.outputs.iter();
    outputs
        .map(|output| collector.output(&on_disk(&output.path), output))
        .collect()
}

struct Collector<'a> {
    store: &'a Store,
    files: &'a FileDigests,
}

impl Collector<'_> {
    fn output(&self, host: &Path, output: &Output) -> Result<Content, FailureKind> {
        let metadata = match std::fs::symlink_metadata(host) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(FailureKind::MissingOutput {
                    path: output.path.to_string(),
                });
            }
            Err(error) => return Err(bad(&output.path, error)),
        };
        let wrong = || FailureKind::WrongKind {
            path: output.path.to_string(),
            declared: output.kind,
            found: kind_of(&metadata),
        };
        match output.kind {
            OutputKind::File if metadata.is_file() => {
                let (digest, executable) = self.file(&output.path, host, &metadata)?;
                Ok(Content::File { digest, executable })
            }
            OutputKind::Directory if metadata.is_dir() => {
                let mut tree = Tree::default();
                self.walk(&output.path, host, "", &mut tree)?;
                let digest = self.store.put_tree(&tree, self.files);
                Ok(Content::Directory {
                    digest: digest.map_err(|error| bad(&output.path, error))?,
                })
            }
            _ => Err(wrong()),
        }
    }

    fn file(
        &self,
        path: &str,
        host: &Path,
        metadata: &Metadata,
    ) -> Result<(store::Digest, bool), FailureKind> {
        let adopted = self.store.adopt(host, metadata, self.files);
        adopted.map_err(|error| bad(path, error))
    }

    fn walk(
        &self,
        path: &str,
        host: &Path,
        prefix: &str,
        tree: &mut Tree,
    ) -> Result<(), FailureKind> {
        let fail = |error| bad(path, error);
        for entry in std::fs::read_dir(host).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let name = entry
                .file_name()
                .into_string()
                .map_err(|name| bad(path, format!("the name `{}` is not UTF-8", name.display())))?;
            let inner = format!("{prefix}{name}");
            let shown = format!("{path}/{name}");
            let metadata = entry.metadata().map_err(|error| bad(&shown, error))?;
            let item = if metadata.is_dir() {
                self.walk(&shown, &entry.path(), &format!("{inner}/"), tree)?;
                TreeItem::Directory
            } else if metadata.is_symlink() {
                TreeItem::Symlink(link_target(&shown, &inner, &entry.path())?)
            } else if metadata.is_file() {
                let (digest, executable) = self.file(&shown, &entry.path(), &metadata)?;
                TreeItem::File { digest, executable }
            } else {
                return Err(bad(&shown, format!("it is a {}", kind_of(&metadata))));
            };
            tree.insert(&inner, item)
                .map_err(|error| bad(&shown, error))?;
        }
        Ok(())
    }
}

/// A link's target, if it is relative and stays inside the output at whose path `inner` it stands.
fn link_target(shown: &str, inner: &str, host: &Path) -> Result<String, FailureKind> {
    let target = std::fs::read_link(host).map_err(|error| bad(shown, error))?;
    let text = target
        .to_str()
        .ok_or_else(|| bad(shown, "it is a symbolic link whose target is not UTF-8"))?;
    let mut depth = inner.matches('/').count();
    for part in target.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            _ => {
                return Err(bad(
                    shown,
                    format!(
                        "it is a symbolic link to `{text}`, outside the output; make it relative and keep it inside"
                    ),
                ));
            }
        }
    }
    Ok(text.to_owned())
}

fn bad(path: &str, reason: impl ToString) -> FailureKind {
    FailureKind::BadOutput {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

fn kind_of(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    if kind.is_file() {
        "file"
    } else if kind.is_dir() {
        "directory"
    } else if kind.is_symlink() {
        "symbolic link"
    } else if kind.is_fifo() {
        "named pipe"
    } else if kind.is_socket() {
        "socket"
    } else {
        "device"
    }
}
