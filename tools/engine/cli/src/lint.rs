//! `starlark lint`: what is to be mended in BUCK and `.bzl` files.

use std::path::{Path, PathBuf};

use crate::arguments::Lint;
use crate::exit::Exit;

/// Runs `starlark lint`.
pub fn lint(options: &Lint) -> Result<(), Exit> {
    let mut files = Vec::new();
    for path in &options.paths {
        collect(path, true, &mut files)?;
    }
    files.sort();
    let mut findings = 0;
    for file in &files {
        let shown = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|error| Exit::user(format!("{shown}: {error}")))?;
        for finding in build_lang::lint(&shown, &text)? {
            println!("{}: {}", finding.place, finding.problem);
            findings += 1;
        }
    }
    eprintln!("{} files, {findings} findings", files.len());
    if findings == 0 {
        Ok(())
    } else {
        Err(Exit {
            code: 1,
            message: String::new(),
        })
    }
}

fn collect(path: &Path, named: bool, into: &mut Vec<PathBuf>) -> Result<(), Exit> {
    let wrong = |error: std::io::Error| Exit::user(format!("{}: {error}", path.display()));
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if path.is_dir() {
        if !named && (name.starts_with('.') || name == "buck-out" || name == "target") {
            return Ok(());
        }
        for entry in std::fs::read_dir(path).map_err(wrong)? {
            collect(&entry.map_err(wrong)?.path(), false, into)?;
        }
    } else if named || name.ends_with(".bzl") || matches!(name.as_str(), "BUCK" | "PACKAGE") {
        into.push(path.to_owned());
    }
    Ok(())
}
