//! Writes documents.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use function_pipeline::go::Object;
use kube_yaml::sigs;
use serde_json::{Value, json};

use crate::{arguments::OutputFormat, failure::Failure, render::Rendered};

/// The text of documents.
pub(crate) fn text(documents: &[Value], format: OutputFormat) -> String {
    match format {
        OutputFormat::Yaml => sigs::stream(documents),
        OutputFormat::Json => format!("{:#}\n", json!({ "items": documents })),
    }
}

/// What is around the documents in [`text`]'s JSON, and between them.
const JSON_BEFORE: &str = "{\n  \"items\": [\n";
const JSON_BETWEEN: &str = ",\n";
const JSON_AFTER: &str = "\n  ]\n}\n";

/// An XR's documents as text, which takes a fraction of the memory.
pub(crate) struct Printed {
    text: String,
    file_name: String,
}

impl Printed {
    /// Prints the documents, of which there is one at least.
    pub(crate) fn new(documents: &[Value], format: OutputFormat) -> Self {
        Self {
            text: text(documents, format),
            file_name: file_name(documents, format),
        }
    }
}

/// The text of all documents.
fn join(printed: &[Printed], format: OutputFormat) -> String {
    let texts = printed.iter().map(|printed| printed.text.as_str());
    match format {
        OutputFormat::Yaml => texts.collect(),
        OutputFormat::Json => {
            let inner = |text: &'_ str| -> Option<String> {
                let rest = text.strip_prefix(JSON_BEFORE)?;
                Some(rest.strip_suffix(JSON_AFTER)?.to_owned())
            };
            let inner: Vec<String> = texts.filter_map(inner).collect();
            [JSON_BEFORE, &inner.join(JSON_BETWEEN), JSON_AFTER].concat()
        }
    }
}

/// Writes the documents of every XR to stdout, to a file, or a file each into a folder.
pub(crate) fn write(
    printed: &[Printed],
    out: Option<&Path>,
    format: OutputFormat,
) -> Result<(), Failure> {
    let Some(out) = out else {
        return write_text(&join(printed, format), None);
    };
    let unwritable =
        |error: io::Error| Failure::text(format!("{} cannot be written: {error}", out.display()));
    let extension = out.extension().and_then(|extension| extension.to_str());
    if matches!(extension, Some("yaml" | "yml" | "json")) {
        return write_text(&join(printed, format), Some(out));
    }
    fs::create_dir_all(out).map_err(unwritable)?;
    for xr in printed {
        whole(&out.join(&xr.file_name), xr.text.as_bytes()).map_err(unwritable)?;
    }
    Ok(())
}

/// Writes a text to stdout or to a file.
pub(crate) fn write_text(text: &str, out: Option<&Path>) -> Result<(), Failure> {
    let (name, written) = match out {
        None => ("stdout".to_owned(), io::stdout().write_all(text.as_bytes())),
        Some(out) => (out.display().to_string(), whole(out, text.as_bytes())),
    };
    written.map_err(|error| Failure::text(format!("{name} cannot be written: {error}")))
}

/// Writes what steps' programs gave, and what was observed.
pub(crate) fn write_parts(
    rendered: &Rendered,
    steps: &[(String, String)],
    observed: Option<&Path>,
) -> Result<(), Failure> {
    let write = |objects: &[Object], path: &Path| {
        let values: Vec<Value> = objects.iter().cloned().map(Value::Object).collect();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            return write_text(&text(&values, OutputFormat::Json), Some(path));
        }
        write_text(&kube_yaml::stream(&values), Some(path))
    };
    for (name, path) in steps {
        let step = rendered.steps.iter().find(|step| step.step == *name);
        let step = step.ok_or_else(|| {
            let known: Vec<&str> = rendered
                .steps
                .iter()
                .map(|step| step.step.as_str())
                .collect();
            Failure::text(format!(
                "--out-step {name}: the pipeline has no KCL step of that name; it has {}",
                known.join(", ")
            ))
        })?;
        write(&step.items, path.as_ref())?;
    }
    observed.map_or(Ok(()), |path| write(&rendered.observed, path))
}

/// `kind-namespace-name.yaml` of the XR.
fn file_name(documents: &[Value], format: OutputFormat) -> String {
    let xr = documents.first().unwrap_or(&Value::Null);
    let parts = [
        &xr["kind"],
        &xr["metadata"]["namespace"],
        &xr["metadata"]["name"],
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter_map(|part| Some(part.as_str()?.to_lowercase()))
        .collect();
    let extension = match format {
        OutputFormat::Yaml => "yaml",
        OutputFormat::Json => "json",
    };
    format!("{}.{extension}", parts.join("-"))
}

/// Writes under a temporary name that becomes `out`.
pub(crate) fn whole(out: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = out.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    // tempfile names its own path in errors; this one names none.
    fs::metadata(folder)?;
    let mode = fs::Permissions::from_mode(0o666);
    let mut file = tempfile::Builder::new()
        .permissions(mode)
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn joined_texts_are_the_text_of_all_documents() {
        let documents = [json!({"a": [1, {}]}), json!({"b": "\n  ]\n}"}), json!({})];
        for format in [OutputFormat::Yaml, OutputFormat::Json] {
            let printed = [&documents[..2], &documents[2..]];
            let printed = printed.map(|documents| Printed::new(documents, format));
            assert_eq!(join(&printed, format), text(&documents, format));
        }
    }
}
