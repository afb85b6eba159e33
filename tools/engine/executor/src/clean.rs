//! Takes a checkout's outputs away.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use crate::schedule::{STATE, lock};
use crate::{ExecutorError, Progress};

/// Removes `buck-out` below the project root, once no build is running there.
///
/// The lock goes last, so that a build that waits for it starts with an empty folder.
pub fn clean(project_root: &Path, progress: &dyn Progress) -> Result<(), ExecutorError> {
    let folder = project_root.join("buck-out");
    let failed = |source| ExecutorError::Output {
        path: "buck-out".to_owned(),
        source,
    };
    let state = project_root.join(STATE);
    if !state.is_dir() {
        // No build of this engine was ever here.
        return store::remove(&folder).map_err(failed);
    }
    let _alone = lock(&state, progress)?;
    remove_around(&folder, &state.join("lock")).map_err(failed)
}

/// Removes a folder, what is on the way to `last` after everything else. Folders that somebody else
/// needs again by then stay.
fn remove_around(folder: &Path, last: &Path) -> io::Result<()> {
    let on_the_way = last.strip_prefix(folder).unwrap_or(last).iter().next();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if Some(OsStr::new(&entry.file_name())) != on_the_way {
            store::remove(&entry.path())?;
        }
    }
    match on_the_way.map(|name| folder.join(name)) {
        Some(next) if next != last => remove_around(&next, last)?,
        _ => store::remove(last)?,
    }
    let _ = std::fs::remove_dir(folder);
    Ok(())
}
