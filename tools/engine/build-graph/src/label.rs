//! Target labels and patterns: `cell//package:name[sub]`, `//package/...`, `//package:`.

use std::fmt;
use std::sync::Arc;

/// A target: `cell//package:name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TargetLabel {
    /// The cell's name, never an alias.
    pub cell: Arc<str>,
    /// Folder below the cell's root, `""` for the root itself.
    pub package: Arc<str>,
    /// The target's name.
    pub name: Arc<str>,
}

impl fmt::Display for TargetLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}//{}:{}", self.cell, self.package, self.name)
    }
}

/// Why a text is no label or pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Neither `:name` nor `//`.
    #[error(
        "invalid target pattern `{0}`: expected `//package:name`, `//package:`, `//package/...` or `:name`"
    )]
    Shape(String),
    /// A character that Buck2 refuses in a target's name.
    #[error(
        "invalid target name `{name}`: `{character}` is not allowed (letters, digits and `-_./=@~+!?` are)"
    )]
    Name {
        /// The name.
        name: String,
        /// The first character that is not allowed.
        character: char,
    },
    /// A package path with an empty part, `.` or `..`.
    #[error(
        "invalid package path `{0}`: parts may not be empty, `.` or `..`, and there is no slash at either end"
    )]
    Package(String),
    /// `@cell` or `cell` that `.buckconfig` does not name.
    #[error("unknown cell `{0}`: [cells] in .buckconfig names the ones there are")]
    Cell(String),
    /// A pattern where one target is wanted.
    #[error("`{0}` is a pattern; one target is wanted here")]
    NotOne(String),
}

/// What stands on the command line, before a cell's alias is resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetPattern {
    /// `cell//package/...`
    Recursive {
        /// Cell or alias as written; `None` when it was left out.
        cell: Option<String>,
        /// Folder to start from; `None` means relative to the caller's package.
        package: Option<String>,
    },
    /// `cell//package:`
    Package {
        /// Cell or alias as written.
        cell: Option<String>,
        /// The package; `None` means the caller's.
        package: Option<String>,
    },
    /// `cell//package:name[sub][sub]`
    Target {
        /// Cell or alias as written.
        cell: Option<String>,
        /// The package; `None` means the caller's.
        package: Option<String>,
        /// The target's name.
        name: String,
        /// The sub-targets, outermost first.
        sub_targets: Vec<String>,
    },
}

impl TargetPattern {
    /// Reads a pattern; `//a` is `//a:a`.
    pub fn parse(text: &str) -> Result<TargetPattern, LabelError> {
        let shape = || LabelError::Shape(text.to_owned());
        let (body, sub_targets) = split_sub_targets(text)?;
        let (cell, rest) = match body.split_once("//") {
            Some((cell, rest)) => {
                let cell = cell.strip_prefix('@').unwrap_or(cell);
                ((!cell.is_empty()).then(|| cell.to_owned()), Some(rest))
            }
            None => (None, None),
        };
        let absolute = rest.is_some();
        let rest = rest.unwrap_or(body);
        if rest == "..." || rest.ends_with("/...") {
            if !sub_targets.is_empty() {
                return Err(shape());
            }
            let folder = rest.trim_end_matches("...").trim_end_matches('/');
            check_package(folder)?;
            let package = absolute
                .then(|| folder.to_owned())
                .or_else(|| (!folder.is_empty()).then(|| folder.to_owned()));
            return Ok(TargetPattern::Recursive { cell, package });
        }
        let (package, name) = match rest.split_once(':') {
            Some((package, name)) => (package, Some(name)),
            None if absolute && !rest.is_empty() => (rest, None),
            None => return Err(shape()),
        };
        check_package(package)?;
        let name = match name {
            Some("") if sub_targets.is_empty() => {
                return Ok(TargetPattern::Package {
                    cell,
                    package: (absolute || !package.is_empty()).then(|| package.to_owned()),
                });
            }
            Some(name) => name.to_owned(),
            None => package.rsplit('/').next().unwrap_or(package).to_owned(),
        };
        check_name(&name)?;
        Ok(TargetPattern::Target {
            cell,
            package: (absolute || !package.is_empty()).then(|| package.to_owned()),
            name,
            sub_targets,
        })
    }
}

fn split_sub_targets(text: &str) -> Result<(&str, Vec<String>), LabelError> {
    let Some(open) = text.find('[') else {
        return Ok((text, Vec::new()));
    };
    let shape = || LabelError::Shape(text.to_owned());
    let inner = text[open..]
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .ok_or_else(shape)?;
    let parts: Vec<String> = inner.split("][").map(str::to_owned).collect();
    if parts
        .iter()
        .any(|part| part.is_empty() || part.contains(['[', ']']))
    {
        return Err(shape());
    }
    Ok((&text[..open], parts))
}

/// Buck2's rule for the part after the colon.
pub(crate) fn check_name(name: &str) -> Result<(), LabelError> {
    let bad = |character| LabelError::Name {
        name: name.to_owned(),
        character,
    };
    if name.is_empty() {
        return Err(LabelError::Shape(format!(":{name}")));
    }
    match name
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || "-_./=@~+!?".contains(*c)))
    {
        Some(character) => Err(bad(character)),
        None => Ok(()),
    }
}

impl TargetLabel {
    /// Whether `name` may name a target.
    pub fn check_name(name: &str) -> Result<(), LabelError> {
        check_name(name)
    }
}

fn check_package(package: &str) -> Result<(), LabelError> {
    if package.is_empty()
        || package
            .split('/')
            .all(|part| !matches!(part, "" | "." | ".."))
    {
        Ok(())
    } else {
        Err(LabelError::Package(package.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(
        cell: Option<&str>,
        package: Option<&str>,
        name: &str,
        sub: &[&str],
    ) -> TargetPattern {
        TargetPattern::Target {
            cell: cell.map(str::to_owned),
            package: package.map(str::to_owned),
            name: name.to_owned(),
            sub_targets: sub.iter().map(|s| (*s).to_owned()).collect(),
        }
    }

    #[test]
    fn every_form_of_pattern_is_read() {
        let cases = [
            ("//a:b", target(None, Some("a"), "b", &[])),
            ("//a", target(None, Some("a"), "a", &[])),
            ("//a/b", target(None, Some("a/b"), "b", &[])),
            ("c//a:b", target(Some("c"), Some("a"), "b", &[])),
            (
                "@c//a:b[x][y]",
                target(Some("c"), Some("a"), "b", &["x", "y"]),
            ),
            (":b", target(None, None, "b", &[])),
            ("a:b", target(None, Some("a"), "b", &[])),
            ("//:b", target(None, Some(""), "b", &[])),
        ];
        for (text, expected) in cases {
            assert_eq!(TargetPattern::parse(text), Ok(expected), "{text}");
        }
        assert_eq!(
            TargetPattern::parse("//..."),
            Ok(TargetPattern::Recursive {
                cell: None,
                package: Some(String::new())
            })
        );
        assert_eq!(
            TargetPattern::parse("//a/..."),
            Ok(TargetPattern::Recursive {
                cell: None,
                package: Some("a".to_owned())
            })
        );
        assert_eq!(
            TargetPattern::parse("..."),
            Ok(TargetPattern::Recursive {
                cell: None,
                package: None
            })
        );
        assert_eq!(
            TargetPattern::parse("//a:"),
            Ok(TargetPattern::Package {
                cell: None,
                package: Some("a".to_owned())
            })
        );
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "a",
            "//",
            "",
            "//a//b:c",
            "//a/:b",
            "//a/../b:c",
            "//a:b[",
            "//a:b[]",
            "//a:b,c",
            "//a:b c",
            "//a:é",
        ] {
            assert!(TargetPattern::parse(text).is_err(), "{text}");
        }
    }
}
