//! Overrides must mean something: KCL silently adds or ignores a variable that
//! no file defines.

use std::path::{Path, PathBuf};

use diagnostics::{Diagnostic, suggest};
use kcl_engine::{Engine, EngineError};

/// Says what is wrong with the first override of a variable that is not there.
pub(crate) fn check(
    engine: &Engine,
    root: &Path,
    entries: &[PathBuf],
    overrides: &[String],
) -> Result<Option<Diagnostic>, EngineError> {
    if overrides.is_empty() {
        return Ok(None);
    }
    let mut names = Vec::new();
    for entry in entries {
        names.extend(
            engine
                .definitions(root, entry)?
                .into_iter()
                .map(|found| found.name),
        );
    }
    let unknown = overrides
        .iter()
        .find(|spec| !names.iter().any(|name| name == variable(spec)));
    Ok(unknown.map(|spec| {
        let wrong = variable(spec);
        let message = format!("override `{spec}`: no entry defines the variable `{wrong}`");
        let near = suggest::nearest(wrong, names.iter().map(String::as_str));
        Diagnostic::error(message).hint(match near {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("the entries define {}", names.join(", ")),
        })
    }))
}

/// Splits a specification into path, operator and value; None if it is none.
pub(crate) fn parse(spec: &str) -> Option<(&str, &str)> {
    let at = spec.find(['=', ':']);
    let (path, value) = match at {
        Some(at) => (spec[..at].trim_end_matches('+'), Some(&spec[at + 1..])),
        None => (spec.strip_suffix('-')?, None),
    };
    let given = value.is_none_or(|value| !value.trim().is_empty());
    (given && !variable(path).is_empty()).then_some((path, value.unwrap_or_default()))
}

/// The variable that a path begins with.
fn variable(path: &str) -> &str {
    let path = path.trim_start();
    let end = path.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
    path[..end.unwrap_or(path.len())].trim_start_matches('$')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_kcl_are_known() {
        assert_eq!(parse("app.replicas=3"), Some(("app.replicas", "3")));
        assert_eq!(
            parse("items[0].name=\"a:b\""),
            Some(("items[0].name", "\"a:b\""))
        );
        assert_eq!(parse("other:{y = 2}"), Some(("other", "{y = 2}")));
        assert_eq!(parse("items+=[1]"), Some(("items", "[1]")));
        assert_eq!(parse("app.name-"), Some(("app.name", "")));
        for spec in ["app.replicas", "=3", "", "-", "app=", ":app=1"] {
            assert_eq!(parse(spec), None, "{spec}");
        }
    }
}
