//! Lint and type check of `.bzl` and BUCK files.

use std::collections::{HashMap, HashSet};

use starlark::analysis::AstModuleLint;
use starlark::typing::AstModuleTypecheck;

use crate::Result;
use crate::globals::GLOBALS;
use crate::project::{dialect, parse};

/// Something to mend in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// `path:line:column`.
    pub place: String,
    /// What is wrong.
    pub problem: String,
}

/// What is to be mended in `text`, the content of the file that errors call `shown`.
pub fn lint(shown: &str, text: &str) -> Result<Vec<Finding>> {
    let is_bzl = shown.ends_with(".bzl");
    let ast = parse(shown, text.to_owned(), &dialect(is_bzl))?;
    let names: HashSet<String> = GLOBALS
        .names()
        .map(|name| name.as_str().to_owned())
        .collect();
    let mut findings: Vec<Finding> = ast
        .lint(Some(&names))
        .into_iter()
        .map(|lint| Finding {
            place: lint.location.to_string(),
            problem: format!("{} [{}]", lint.problem, lint.short_name),
        })
        .collect();
    if is_bzl {
        let (errors, _, _, _) = ast.typecheck(&GLOBALS, &HashMap::new());
        findings.extend(errors.into_iter().map(|error| {
            let place = error
                .span()
                .map_or_else(|| shown.to_owned(), ToString::to_string);
            Finding {
                place,
                problem: format!("{} [type]", error.without_diagnostic()),
            }
        }));
    }
    findings.sort();
    Ok(findings)
}
