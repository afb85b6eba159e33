//! Files with a JSON object a line.

use diagnostics::{Diagnostic, Place, Position};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;

pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Diagnostic> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Diagnostic::error(format!("{name} cannot be read: {error}")))?;
    let parsed = text.lines().enumerate().map(|(index, line)| {
        serde_json::from_str(line).map_err(|error| {
            let position = Position::new(index + 1, error.column().max(1));
            Diagnostic::error(format!("not a line that belongs here: {error}"))
                .at(Place::at(name.to_string(), position))
        })
    });
    parsed.collect()
}

pub(crate) fn write<T: Serialize>(path: &Path, lines: &[T]) -> Result<(), Diagnostic> {
    let mut text = String::new();
    for line in lines {
        // A value whose maps have only texts as keys can be serialized.
        text.push_str(&serde_json::to_string(line).unwrap_or_default());
        text.push('\n');
    }
    test_report::write_whole(path, text.as_bytes()).map_err(|error| {
        Diagnostic::error(format!("{} cannot be written: {error}", path.display()))
    })
}
