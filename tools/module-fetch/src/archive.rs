//! The module's zip: which files to take, and where they go.

use std::{
    fs::{self, File, Permissions},
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use diagnostics::Diagnostic;
use globset::{Glob, GlobBuilder, GlobMatcher};
use test_report::write_whole;
use zip::{ZipArchive, result::ZipError};

/// The globs of a command line.
#[derive(Debug)]
pub(crate) struct Patterns(Vec<GlobMatcher>);

impl Patterns {
    pub(crate) fn new(globs: &[String]) -> Result<Self, globset::Error> {
        let compile = |glob: &String| -> Result<Glob, globset::Error> {
            GlobBuilder::new(glob).literal_separator(true).build()
        };
        globs
            .iter()
            .map(|glob| Ok(compile(glob)?.compile_matcher()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn match_any(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| pattern.is_match(name))
    }
}

/// Which files to take.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Those that match one of these; each must match one file at least.
    pub(crate) include: Patterns,
    /// But for those that match one of these.
    pub(crate) exclude: Patterns,
}

/// A file taken: its path below the module's root, and its bytes.
pub(crate) type Taken = Vec<(String, Vec<u8>)>;

/// Why nothing can be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    #[error("the module's zip cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("the module's zip is malformed: {0}")]
    Zip(#[from] ZipError),
    #[error("the module's zip holds the unsafe path {0}")]
    Path(String),
    #[error("no file matches `{glob}`")]
    NoMatch { glob: String, hint: String },
}

impl ArchiveError {
    pub(crate) fn into_diagnostic(self, pin: &str) -> Diagnostic {
        let diagnostic = Diagnostic::error(format!("{pin}: {self}"));
        match self {
            Self::NoMatch { hint, .. } => diagnostic.hint(hint),
            _ => diagnostic,
        }
    }
}

/// Reads the files that are wanted. `prefix` is what all paths in the zip start with.
pub(crate) fn files(zip: &Path, prefix: &str, wanted: &Wanted) -> Result<Taken, ArchiveError> {
    let mut archive = ZipArchive::new(File::open(zip)?)?;
    let mut names = Vec::new();
    for index in 0..archive.len() {
        names.push(inner_path(&archive.by_index(index)?.name()?, prefix)?);
    }
    for pattern in &wanted.include.0 {
        if !names.iter().any(|name| pattern.is_match(name)) {
            return Err(no_match(pattern.glob().glob(), &names));
        }
    }
    let mut taken = Taken::new();
    for (index, name) in names.into_iter().enumerate() {
        if wanted.include.match_any(&name) && !wanted.exclude.match_any(&name) {
            let mut bytes = Vec::new();
            archive.by_index(index)?.read_to_end(&mut bytes)?;
            taken.push((name, bytes));
        }
    }
    Ok(taken)
}

/// A module's zip has only such paths (go.dev/ref/mod#zip-files); Go checked it.
fn inner_path(name: &str, prefix: &str) -> Result<String, ArchiveError> {
    let inner = name.strip_prefix(prefix).filter(|inner| {
        inner
            .split('/')
            .all(|part| !matches!(part, "" | "." | ".."))
    });
    inner
        .map(str::to_owned)
        .ok_or_else(|| ArchiveError::Path(name.to_owned()))
}

fn no_match(glob: &str, names: &[String]) -> ArchiveError {
    let literal = glob.split(['*', '?', '[', '{']).next().unwrap_or_default();
    let mut folder = literal.rsplit_once('/').map_or("", |(folder, _)| folder);
    let inside = |folder: &str, name: &str| {
        folder.is_empty()
            || name
                .strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    while !names.iter().any(|name| inside(folder, name)) {
        folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    let mut entries: Vec<&str> = names
        .iter()
        .filter(|name| inside(folder, name))
        .filter_map(|name| {
            name[folder.len()..]
                .trim_start_matches('/')
                .split('/')
                .next()
        })
        .collect();
    entries.sort_unstable();
    entries.dedup();
    let more = if entries.len() > 10 { ", …" } else { "" };
    entries.truncate(10);
    let place = if folder.is_empty() {
        "the module's root"
    } else {
        folder
    };
    let hint = format!("{place} holds {}{more}", entries.join(", "));
    ArchiveError::NoMatch {
        glob: glob.to_owned(),
        hint,
    }
}

/// Makes the folder `out` with the files, under a temporary name first.
pub(crate) fn write(out: &Path, files: &Taken) -> io::Result<()> {
    let parent = match out.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    // tempfile names its own path in errors; this one names none.
    fs::metadata(parent)?;
    let folder = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o755))
        .tempdir_in(parent)?;
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(parent))?;
        fs::write(&path, bytes)?;
        fs::set_permissions(&path, Permissions::from_mode(0o644))?;
    }
    fs::rename(folder.path(), out)?;
    // The folder has its name now: there is nothing left to remove.
    let _ = folder.keep();
    Ok(())
}

/// Makes one tar of the files, sorted, with the same owner and time for each: the same
/// files give the same bytes.
pub(crate) fn write_tar(out: &Path, mut files: Taken) -> io::Result<()> {
    files.sort();
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes.as_slice())?;
    }
    write_whole(out, &tar.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_in_its_folder() {
        let patterns = Patterns::new(&["config/*.yaml".into(), "api/**/*.go".into()]).unwrap();
        let matches = |name: &str| patterns.match_any(name);
        assert!(matches("config/a.yaml") && matches("api/v1/x.go") && matches("api/x.go"));
        assert!(!matches("config/b/a.yaml") && !matches("config/a.yml"));
    }

    #[test]
    fn paths_that_leave_the_module_are_refused() {
        assert!(inner_path("m@v1/../x", "m@v1/").is_err());
        assert!(inner_path("other@v1/x", "m@v1/").is_err());
        assert!(inner_path("m@v1//x", "m@v1/").is_err());
        assert_eq!(inner_path("m@v1/a/x", "m@v1/").unwrap(), "a/x");
    }

    #[test]
    fn a_pattern_without_match_says_what_is_there() {
        let names = [
            "config/crd/a.yaml".to_owned(),
            "config/rbac/r.yaml".into(),
            "go.mod".into(),
        ];
        let hint = |glob: &str| match no_match(glob, &names) {
            ArchiveError::NoMatch { hint, .. } => hint,
            other => panic!("{other}"),
        };
        assert_eq!(hint("config/crds/*.yaml"), "config holds crd, rbac");
        assert_eq!(
            hint("nothing/*.yaml"),
            "the module's root holds config, go.mod"
        );
    }
}
