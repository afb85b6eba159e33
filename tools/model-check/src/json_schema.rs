//! What JSON Schemas say of samples.

use crate::sample::{Sample, Verdict};
use diagnostics::Diagnostic;
use jsonschema::Validator;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The verdicts, in the order of the samples.
pub(crate) fn verdicts(samples: &[Sample], folder: &Path) -> Result<Vec<Verdict>, Diagnostic> {
    let mut validators: BTreeMap<PathBuf, Validator> = BTreeMap::new();
    let mut found = Vec::new();
    for sample in samples {
        let (group, version) = sample.group_version();
        let kind = sample.kind.to_lowercase();
        let path = folder.join(group).join(format!("{kind}_{version}.json"));
        if !validators.contains_key(&path) {
            validators.insert(path.clone(), compile(&path)?);
        }
        let refused = validators[&path].iter_errors(&sample.object).next();
        found.push(Verdict {
            id: sample.id.clone(),
            accepted: refused.is_none(),
            message: refused.map(|error| format!("{}: {error}", error.instance_path())),
        });
    }
    Ok(found)
}

fn compile(path: &Path) -> Result<Validator, Diagnostic> {
    let wrong = |error: &dyn std::fmt::Display| {
        Diagnostic::error(format!("{} is no JSON Schema: {error}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let schema = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    jsonschema::validator_for(&schema).map_err(|error| wrong(&error))
}
