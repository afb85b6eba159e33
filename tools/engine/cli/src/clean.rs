//! `clean`: removes the outputs of this checkout.

use std::path::Path;

use crate::exit::Exit;
use crate::session;

/// Runs `clean`.
pub fn clean() -> Result<(), Exit> {
    let folder = session::root()?.join("buck-out");
    remove(&folder)
        .map_err(|error| Exit::infrastructure(format!("buck-out can't be removed: {error}")))
}

fn remove(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
