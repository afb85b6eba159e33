//! Writes the result.

use std::{fs, io, io::Write, os::unix::fs::PermissionsExt, path::Path};

use diagnostics::Diagnostic;
use serde_json::{Value, json};

/// How the resources stand in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Documents with `---` between them.
    Yaml,
    /// `{"items": […]}`, indented by two.
    Json,
}

impl Layout {
    pub(crate) fn write(self, resources: &[Value]) -> String {
        match self {
            Self::Yaml => kube_yaml::stream(resources),
            Self::Json => format!("{:#}\n", json!({ "items": resources })),
        }
    }
}

/// Writes the text to stdout, or under a temporary name that becomes `out`.
pub(crate) fn whole(out: Option<&Path>, text: &str) -> Result<(), Diagnostic> {
    let name = out.map_or_else(|| "stdout".to_owned(), |out| out.display().to_string());
    let written = match out {
        None => io::stdout().write_all(text.as_bytes()),
        Some(out) => to_file(out, text),
    };
    written.map_err(|error| Diagnostic::error(format!("{name} cannot be written: {error}")))
}

fn to_file(out: &Path, text: &str) -> io::Result<()> {
    let folder = match out.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mode = fs::Permissions::from_mode(0o666);
    // tempfile names its own path in errors; this one names none.
    fs::metadata(folder)?;
    let mut file = tempfile::Builder::new()
        .permissions(mode)
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(out)?;
    Ok(())
}
