//! The options that every tool that runs KCL takes.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
    time::Duration,
};

use clap::{Args, ValueEnum};
use diagnostics::{Diagnostic, Exit, render_json, render_text};

use crate::{Engine, EngineError, Limits, Package, paths::absolute};

/// Why a tool did not do its work, and how it exits.
#[derive(Debug)]
pub struct Failed {
    /// The exit code.
    pub exit: Exit,
    /// What to tell.
    pub diagnostics: Vec<Diagnostic>,
}

impl From<EngineError> for Failed {
    fn from(error: EngineError) -> Self {
        Self {
            exit: error.exit(),
            diagnostics: error.into_diagnostics(),
        }
    }
}

impl From<Diagnostic> for Failed {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            exit: Exit::BadInput,
            diagnostics: vec![diagnostic],
        }
    }
}

/// Options for the library, its limits and the packages to import.
#[derive(Debug, Args)]
pub struct EngineArgs {
    /// A package that the program may import
    #[arg(long = "package", value_name = "NAME=DIR", value_parser = package)]
    pub packages: Vec<Package>,
    /// The KCL library (default: $HERMETIC_LIBKCL)
    #[arg(long, value_name = "FILE")]
    pub libkcl: Option<PathBuf>,
    /// Stop a program after so many seconds, or after a time such as 1m30s
    #[arg(long, default_value = "60", value_name = "TIME", value_parser = duration)]
    pub timeout: Duration,
    /// Let a program use so many MiB of memory, its 256 MiB of stack included
    #[arg(long, default_value_t = 4096, value_name = "MIB")]
    pub memory: u64,
    /// Let a program use the clock, random numbers and the machine's name
    #[arg(long)]
    pub impure: bool,
}

impl EngineArgs {
    /// The engine that the options describe.
    pub fn engine(&self) -> Result<Engine, EngineError> {
        let limits = Limits {
            time: self.timeout,
            memory: self.memory.saturating_mul(1 << 20),
            impure: self.impure,
            ..Limits::default()
        };
        Ok(Engine::locate(self.libkcl.as_deref())?.with_limits(limits))
    }
}

/// How to report what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For machines, one JSON document.
    Json,
}

impl Format {
    /// The diagnostics as text or JSON, nothing for none of them as text.
    pub fn render(self, diagnostics: &[Diagnostic]) -> String {
        match self {
            Self::Text => {
                let texts: Vec<String> = diagnostics.iter().map(render_text).collect();
                texts.join("\n")
            }
            Self::Json => render_json(diagnostics),
        }
    }
}

/// Splits `NAME=VALUE`; the error says that the text is not of this `shape`.
pub fn name_and_value(text: &str, shape: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not {shape}")),
    }
}

/// `path`, which is relative to the root or to the current folder, relative to
/// the root. It must exist.
pub fn below_root(root: &Path, path: &Path) -> Result<PathBuf, Diagnostic> {
    let unreadable =
        |error: io::Error| Diagnostic::error(format!("{} cannot be read: {error}", path.display()));
    fs::metadata(root).map_err(|error| {
        Diagnostic::error(format!(
            "the root {} cannot be read: {error}",
            root.display()
        ))
    })?;
    let inner = if path.is_relative() && root.join(path).exists() {
        path.to_owned()
    } else {
        fs::metadata(path).map_err(unreadable)?;
        let root = absolute(root).map_err(unreadable)?;
        let inner = absolute(path).map_err(unreadable)?;
        inner
            .strip_prefix(&root)
            .map_err(|_| outside(path))?
            .to_owned()
    };
    Ok(inner
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect())
}

/// Seconds, or a duration as Go writes it: `1m30s`, `500ms`, `1.5h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    const UNITS: [(&str, f64); 5] = [
        ("ms", 1e-3),
        ("us", 1e-6),
        ("h", 3600.0),
        ("m", 60.0),
        ("s", 1.0),
    ];
    let wrong = || format!("`{text}` is no time: write seconds, or 1m30s");
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let (mut rest, mut seconds) = (text, 0.0);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, after) = rest.split_at(end.unwrap_or(rest.len()));
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let unit = UNITS.iter().find(|(unit, _)| after.starts_with(unit));
        let (unit, factor) = unit.ok_or_else(wrong)?;
        seconds += number * factor;
        rest = &after[unit.len()..];
    }
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|_| !text.is_empty())
        .ok_or_else(wrong)
}

fn outside(path: &Path) -> Diagnostic {
    Diagnostic::error(format!("{} lies outside the root", path.display()))
        .hint("name a --root that holds it")
}

fn package(text: &str) -> Result<Package, String> {
    let (name, path) = name_and_value(text, "NAME=DIR")?;
    if !name
        .chars()
        .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
    {
        return Err(format!(
            "`{name}` is no name of a package: letters, digits, _ and - only"
        ));
    }
    Ok(Package {
        name,
        path: path.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_seconds_or_as_go_writes_it() {
        for (text, milliseconds) in [
            ("60", 60_000),
            ("0s", 0),
            ("1m", 60_000),
            ("1m30s", 90_000),
            ("1.5s", 1_500),
            ("500ms", 500),
            ("1h", 3_600_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)));
        }
        for text in ["", "m", "1", "1x", "-1s", "1s1", "."] {
            assert_eq!(duration(text).is_err(), text != "1", "{text}");
        }
    }

    #[test]
    fn a_package_is_a_name_and_a_folder() {
        let expected = Package {
            name: "frp_kcl".into(),
            path: "a=b".into(),
        };
        assert_eq!(package("frp_kcl=a=b"), Ok(expected));
        assert!(package("frp/kcl=a").is_err() && package("=a").is_err() && package("a").is_err());
    }
}
