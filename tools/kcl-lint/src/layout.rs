//! The layout of files, as KCL's formatter writes it.

use std::{fs, io, io::Write, path::Path};

use diagnostics::{Diagnostic, Place, Position};
use kcl_engine::{Engine, shown_path};

use crate::{Failed, diff};

/// How many lines of a difference are shown.
const SHOWN: usize = 20;

/// Says where the layout of a file differs, if it does.
pub(crate) fn check(
    engine: &Engine,
    root: &Path,
    file: &Path,
) -> Result<Option<Diagnostic>, Failed> {
    let name = shown_path(root, file);
    let text = read(root, file, &name)?;
    let formatted = format(engine, &name, &text)?;
    let Some(difference) = diff::lines(&text, &formatted) else {
        return Ok(None);
    };
    let mut lines = difference.lines;
    if lines.len() > SHOWN {
        let more = lines.len() - SHOWN;
        lines.truncate(SHOWN);
        lines.push(format!("… and {more} more lines"));
    }
    let message = format!("the layout is not KCL's\n{}", lines.join("\n"));
    let place = Place::at(&name, Position::new(difference.first, 1));
    Ok(Some(
        Diagnostic::error(message)
            .at(place)
            .hint(format!("kcl-lint --format {name} rewrites it")),
    ))
}

/// Rewrites a file in KCL's layout, if that changes it.
pub(crate) fn rewrite(engine: &Engine, root: &Path, file: &Path) -> Result<(), Failed> {
    let name = shown_path(root, file);
    let text = read(root, file, &name)?;
    let formatted = format(engine, &name, &text)?;
    if formatted == text {
        return Ok(());
    }
    write(&root.join(file), &formatted)
        .map_err(|error| Diagnostic::error(format!("{name} cannot be written: {error}")))?;
    println!("{name}");
    Ok(())
}

fn read(root: &Path, file: &Path, name: &str) -> Result<String, Diagnostic> {
    fs::read_to_string(root.join(file))
        .map_err(|error| Diagnostic::error(format!("{name} cannot be read: {error}")))
}

fn format(engine: &Engine, name: &str, text: &str) -> Result<String, Failed> {
    let formatted = engine.format(name, text)?;
    if comments(&formatted) != comments(text) {
        return Err(
            Diagnostic::error("KCL's formatter would lose or change a comment")
                .at(Place::file(name))
                .hint("move comments to lines of their own, outside of expressions")
                .into(),
        );
    }
    Ok(formatted)
}

/// The lines that are comments.
fn comments(text: &str) -> Vec<&str> {
    text.lines()
        .map(str::trim)
        .filter(|line| line.starts_with('#'))
        .collect()
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| *folder != Path::new(""))
        .unwrap_or(Path::new("."));
    let permissions = fs::metadata(path)?.permissions();
    let mut file = tempfile::Builder::new()
        .permissions(permissions)
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
