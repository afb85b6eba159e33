//! What tests need to find the binaries and the library beside them, whether
//! cargo runs them or a build action does.

use std::path::{Path, PathBuf};

/// The variable that names the folder with the tools' binaries.
pub const BIN_DIR: &str = "HERMETIC_BIN_DIR";
/// The variable that names the KCL library.
pub const LIBKCL: &str = "HERMETIC_LIBKCL";

/// The binary `name`: below `$HERMETIC_BIN_DIR`, else where cargo puts it,
/// beside the `deps` folder that the running test binary is in.
///
/// # Panics
/// If there is no such file; the message says what to build.
#[track_caller]
pub fn binary(name: &str) -> PathBuf {
    let folder = match std::env::var_os(BIN_DIR) {
        Some(folder) => PathBuf::from(folder),
        None => cargo_folder().unwrap_or_default(),
    };
    let path = folder.join(name);
    assert!(
        path.is_file(),
        "there is no binary `{name}` in {}; build it (`cargo build --bin {name}`) or point {BIN_DIR} to its folder",
        folder.display()
    );
    path
}

fn cargo_folder() -> Option<PathBuf> {
    let exe = std::env::current_exe().ok()?;
    let folder = exe.parent()?;
    let is_deps = folder.file_name().is_some_and(|name| name == "deps");
    if is_deps {
        folder.parent().map(Path::to_owned)
    } else {
        Some(folder.to_owned())
    }
}

/// The KCL library, from `$HERMETIC_LIBKCL`.
///
/// # Panics
/// If the variable is not set or names no file: a test that needs KCL fails
/// then, it never passes silently.
#[track_caller]
pub fn libkcl() -> PathBuf {
    let path = std::env::var_os(LIBKCL)
        .map(PathBuf::from)
        .unwrap_or_default();
    assert!(
        path.is_file(),
        "this test needs the KCL library: set {LIBKCL} to the file (now {:?})",
        path.display().to_string()
    );
    path
}
