//! Turns the absolute paths in KCL's messages into ones that a user knows and
//! that are the same on every machine.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

/// The folders that a program consists of, and how to name the files in them.
#[derive(Debug, Default)]
pub(crate) struct PathNames {
    /// Absolute folder and the prefix that stands for it, longest folder first.
    prefixes: Vec<(String, String)>,
    /// Folders to look through when a path lies in none of them (a symlink's target).
    folders: Vec<(PathBuf, String)>,
}

impl PathNames {
    /// Adds a folder whose files are to be named `<label>/<path in it>`, or
    /// just `<path in it>` if the label is empty.
    pub(crate) fn add(&mut self, folder: &Path, label: &str) {
        let prefix = if label.is_empty() {
            String::new()
        } else {
            format!("{label}/")
        };
        self.folders.push((folder.to_owned(), prefix.clone()));
        let mut forms = vec![folder.display().to_string()];
        if let Ok(real) = fs::canonicalize(folder) {
            forms.push(real.display().to_string());
        }
        forms.dedup();
        self.prefixes
            .extend(forms.into_iter().map(|form| (form, prefix.clone())));
        self.prefixes
            .sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
    }

    /// The name of a file that KCL reported.
    pub(crate) fn file(&self, path: &str) -> String {
        for (folder, label) in &self.prefixes {
            if let Some(rest) = path.strip_prefix(folder.as_str())
                && let Some(rest) = rest.strip_prefix('/')
            {
                return format!("{label}{rest}");
            }
        }
        if !path.starts_with('/') {
            return path.to_owned();
        }
        self.through_symlink(path)
            .unwrap_or_else(|| base_name(path))
    }

    /// `text` with every known folder replaced by its name.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (folder, label) in &self.prefixes {
            text = text.replace(&format!("{folder}/"), label);
            let whole = if label.is_empty() {
                "."
            } else {
                label.trim_end_matches('/')
            };
            text = text.replace(folder.as_str(), whole);
        }
        text
    }

    /// Where the source of a name that [`Self::file`] gave can be read.
    pub(crate) fn locate(&self, name: &str) -> Option<PathBuf> {
        self.folders.iter().find_map(|(folder, label)| {
            let candidate = folder.join(name.strip_prefix(label.as_str())?);
            candidate.is_file().then_some(candidate)
        })
    }

    fn through_symlink(&self, path: &str) -> Option<String> {
        let real = fs::canonicalize(path).ok()?;
        self.folders.iter().find_map(|(folder, label)| {
            let found = find_target(folder, &real)?;
            Some(format!("{label}{}", found.display()))
        })
    }
}

fn base_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

fn find_target(folder: &Path, real: &Path) -> Option<PathBuf> {
    let files = walkdir::WalkDir::new(folder)
        .follow_links(true)
        .sort_by_file_name();
    files
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_name() == real.file_name().unwrap_or_default())
        .find_map(|entry| {
            let target = fs::canonicalize(entry.path()).ok()?;
            let inside = entry.path().strip_prefix(folder).ok()?;
            (target == real).then(|| inside.to_owned())
        })
}

/// An absolute path without symlinks resolved and without `.` or `..`.
pub(crate) fn absolute(path: &Path) -> io::Result<PathBuf> {
    let mut clean = PathBuf::new();
    for part in std::path::absolute(path)?.components() {
        match part {
            std::path::Component::ParentDir => {
                clean.pop();
            }
            std::path::Component::CurDir => {}
            other => clean.push(other),
        }
    }
    Ok(clean)
}

/// The lines of source files, each read once.
#[derive(Debug, Default)]
pub(crate) struct SourceLines(HashMap<PathBuf, Vec<String>>);

impl SourceLines {
    pub(crate) fn line(&mut self, file: &Path, number: usize) -> Option<String> {
        let lines = self.0.entry(file.to_owned()).or_insert_with(|| {
            fs::read_to_string(file)
                .map(|text| text.lines().map(str::to_owned).collect())
                .unwrap_or_default()
        });
        lines.get(number.checked_sub(1)?).cloned()
    }
}
