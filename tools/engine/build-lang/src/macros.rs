//! `attrs.arg()`: texts with macros in them, such as `--config=$(location :config)`.

use std::fmt;
use std::sync::Arc;

use allocative::Allocative;
use starlark::starlark_simple_value;
use starlark::values::{
    NoSerialize, ProvidesStaticType, StarlarkPagablePanic, StarlarkValue, starlark_value,
};

use crate::attrs::DepKind;
use crate::cmd_args::CommandLine;
use crate::label::ProvidersLabel;

/// A piece of such a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    /// What stands between macros.
    Text(String),
    /// `$(location //a:b)`: the paths of its default outputs.
    Location(ProvidersLabel),
    /// `$(exe //a:b)` and `$(exe_target //a:b)`: its command.
    Command(ProvidersLabel, DepKind),
    /// `$(source file)`: a file of the package.
    Source(String),
    /// A macro that there is not; it is an error once the target is analysed.
    Unknown(String),
}

impl Part {
    /// The dependency behind it.
    pub fn dep(&self) -> Option<(&ProvidersLabel, DepKind)> {
        match self {
            Part::Location(label) => Some((label, DepKind::Target)),
            Part::Command(label, kind) => Some((label, *kind)),
            Part::Text(_) | Part::Source(_) | Part::Unknown(_) => None,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Text(text) => f.write_str(text),
            Part::Location(label) => write!(f, "$(location {label})"),
            Part::Command(label, DepKind::Exec) => write!(f, "$(exe {label})"),
            Part::Command(label, _) => write!(f, "$(exe_target {label})"),
            Part::Source(path) => write!(f, "$(source {path})"),
            Part::Unknown(name) => write!(f, "$({name})"),
        }
    }
}

/// Reads a text. A `\` before `$(` makes it plain; `label` and `source` read what stands in macros.
pub(crate) fn read(
    text: &str,
    label: impl Fn(&str) -> Result<ProvidersLabel, String>,
    source: impl Fn(&str) -> Result<String, String>,
) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("$(") {
        if let Some(before) = rest[..start].strip_suffix('\\') {
            plain.push_str(before);
            plain.push_str("$(");
            rest = &rest[start + 2..];
            continue;
        }
        let Some(length) = rest[start..].find(')') else {
            return Err(format!(
                "`{text}`: the macro `{}` has no `)`",
                &rest[start..]
            ));
        };
        plain.push_str(&rest[..start]);
        if !plain.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut plain)));
        }
        let inner = &rest[start + 2..start + length];
        let (name, argument) = inner.split_once(' ').unwrap_or((inner, ""));
        let argument = argument.trim();
        parts.push(match name {
            "location" => Part::Location(label(argument)?),
            "exe" => Part::Command(label(argument)?, DepKind::Exec),
            "exe_target" => Part::Command(label(argument)?, DepKind::Target),
            "source" => Part::Source(source(argument)?),
            _ => Part::Unknown(inner.to_owned()),
        });
        rest = &rest[start + length + 1..];
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    Ok(parts)
}

/// Such a text with its macros replaced: one argument of a command line.
#[derive(Debug, Clone, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct Argument(#[allocative(skip)] pub Arc<CommandLine>, pub String);
starlark_simple_value!(Argument);

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.1)
    }
}

#[starlark_value(type = "ResolvedStringWithMacros")]
impl<'v> StarlarkValue<'v> for Argument {}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<Vec<String>, String> {
        let label = |text: &str| Err(format!("label {text}"));
        let parts = read(text, label, |path| Ok(path.to_owned()))?;
        Ok(parts.iter().map(|part| format!("{part:?}")).collect())
    }

    #[test]
    fn macros_are_told_from_text() {
        assert_eq!(shown("plain $x").unwrap(), ["Text(\"plain $x\")"]);
        assert_eq!(
            shown("a$(source f.txt)b$(typo :x)").unwrap(),
            [
                "Text(\"a\")",
                "Source(\"f.txt\")",
                "Text(\"b\")",
                "Unknown(\"typo :x\")"
            ]
        );
        assert_eq!(
            shown("\\$(location :x)").unwrap(),
            ["Text(\"$(location :x)\")"]
        );
        assert_eq!(shown("$(location :x)").unwrap_err(), "label :x");
        assert!(shown("a $(location :x").unwrap_err().contains("no `)`"));
    }
}
