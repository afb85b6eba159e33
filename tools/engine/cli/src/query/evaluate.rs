//! What a query means: sets of targets, and of files.

use std::collections::HashSet;

use build_graph::TargetLabel;
use build_lang::Project;
use regex::Regex;
use serde_json::Value as Json;

use super::graph::{Graph, Targets};
use super::syntax::{Expression, Kind, Operator};

/// What an expression gives.
#[derive(Debug, Clone)]
pub enum Found {
    /// Targets.
    Targets(Targets),
    /// Files, below the project root.
    Files(Vec<String>),
}

/// Why a query has no result: the reason, and the part of the query that is at fault.
#[derive(Debug)]
pub struct Failure {
    /// What is wrong.
    pub reason: String,
    /// Byte offsets into the query.
    pub span: (usize, usize),
}

type Evaluated<T> = Result<T, Failure>;

/// Evaluates queries of one project.
pub struct Evaluator<'p> {
    /// The project.
    pub project: &'p Project,
    /// Its targets.
    pub graph: Graph<'p>,
    /// The folder that the user stands in.
    pub here: String,
}

/// The functions and how they are called.
const FUNCTIONS: [(&str, &str); 14] = [
    ("allpaths", "allpaths(from, to)"),
    ("attrfilter", "attrfilter(attribute, value, targets)"),
    (
        "attrregexfilter",
        "attrregexfilter(attribute, regex, targets)",
    ),
    ("buildfile", "buildfile(targets)"),
    ("deps", "deps(targets[, depth])"),
    ("filter", "filter(regex, targets)"),
    ("inputs", "inputs(targets)"),
    ("kind", "kind(regex, targets)"),
    ("nattrfilter", "nattrfilter(attribute, value, targets)"),
    ("owner", "owner(file)"),
    ("rdeps", "rdeps(universe, targets[, depth])"),
    ("set", "set(a b …)"),
    ("somepath", "somepath(from, to)"),
    ("testsof", "testsof(targets)"),
];

fn fail<T>(reason: impl Into<String>, at: &Expression) -> Evaluated<T> {
    Err(Failure {
        reason: reason.into(),
        span: at.span,
    })
}

impl Evaluator<'_> {
    /// What an expression gives.
    pub fn evaluate(&self, expression: &Expression) -> Evaluated<Found> {
        match &expression.kind {
            Kind::Word(word) => self.pattern(word, expression).map(Found::Targets),
            Kind::Integer(number) => fail(
                format!("a set of targets is wanted here, got the number {number}"),
                expression,
            ),
            Kind::Set(words) => {
                let mut targets = Vec::new();
                for word in words {
                    targets.extend(self.pattern(word, expression)?);
                }
                Ok(Found::Targets(distinct(targets)))
            }
            Kind::Call(name, arguments) => self.call(name, arguments, expression),
            Kind::Sequence(first, others) => {
                let mut left = self.evaluate(first)?;
                for (operator, right) in others {
                    left = combine(left, *operator, self.evaluate(right)?)
                        .or_else(|reason| fail(reason, right))?;
                }
                Ok(left)
            }
        }
    }

    fn pattern(&self, word: &str, at: &Expression) -> Evaluated<Targets> {
        match self.project.resolve(&[word.to_owned()], &self.here) {
            Ok(requested) => Ok(requested.iter().map(|one| one.target().clone()).collect()),
            Err(error) => fail(error.to_string(), at),
        }
    }

    fn targets(&self, expression: &Expression) -> Evaluated<Targets> {
        match self.evaluate(expression)? {
            Found::Targets(targets) => Ok(targets),
            Found::Files(_) => fail("a set of targets is wanted here, got files", expression),
        }
    }

    fn call(&self, name: &str, arguments: &[Expression], at: &Expression) -> Evaluated<Found> {
        let found = match (name, arguments) {
            ("deps", [targets]) => self.deps(targets, None, at)?,
            ("deps", [targets, depth]) => self.deps(targets, Some(number(depth)?), at)?,
            ("rdeps", [universe, targets]) => self.rdeps(universe, targets, None, at)?,
            ("rdeps", [universe, targets, depth]) => {
                self.rdeps(universe, targets, Some(number(depth)?), at)?
            }
            ("allpaths", [from, to]) => self.rdeps(from, to, None, at)?,
            ("somepath", [from, to]) => {
                let (from, to) = (self.targets(from)?, self.targets(to)?);
                self.graph
                    .path(&from, &to)
                    .or_else(|error| fail(error.to_string(), at))?
            }
            ("kind", [pattern, targets]) => {
                let pattern = regex(pattern)?;
                self.keep(targets, |target| {
                    Ok(pattern.is_match(&self.project.rule_name(target)?))
                })?
            }
            ("filter", [pattern, targets]) => {
                let pattern = regex(pattern)?;
                self.keep(targets, |target| Ok(pattern.is_match(&target.to_string())))?
            }
            ("attrfilter", [name, value, targets]) => {
                let (name, value) = (word(name)?, word(value)?);
                self.keep(targets, |target| {
                    self.has(target, &name, |text| text == value)
                })?
            }
            ("nattrfilter", [name, value, targets]) => {
                let (name, value) = (word(name)?, word(value)?);
                self.keep(targets, |target| {
                    let has_it = self
                        .project
                        .attributes(target)?
                        .iter()
                        .any(|(own, _)| *own == name);
                    Ok(has_it && !self.has(target, &name, |text| text == value)?)
                })?
            }
            ("attrregexfilter", [name, pattern, targets]) => {
                let (name, pattern) = (word(name)?, regex(pattern)?);
                self.keep(targets, |target| {
                    self.has(target, &name, |text| pattern.is_match(text))
                })?
            }
            ("testsof", [targets]) => self.tests_of(targets, at)?,
            ("owner", [file]) => self.owners(&word(file)?, at)?,
            ("inputs", [targets]) => return self.files(targets, at, |node| node.inputs.clone()),
            ("buildfile", [targets]) => {
                return self.files(targets, at, |node| vec![node.build_file.clone()]);
            }
            _ => return fail(misuse(name, arguments.len()), at),
        };
        Ok(Found::Targets(found))
    }

    fn deps(
        &self,
        targets: &Expression,
        depth: Option<u32>,
        at: &Expression,
    ) -> Evaluated<Targets> {
        let targets = self.targets(targets)?;
        self.graph
            .deps(&targets, depth)
            .or_else(|error| fail(error.to_string(), at))
    }

    fn rdeps(
        &self,
        universe: &Expression,
        targets: &Expression,
        depth: Option<u32>,
        at: &Expression,
    ) -> Evaluated<Targets> {
        let (universe, targets) = (self.targets(universe)?, self.targets(targets)?);
        self.graph
            .rdeps(&universe, &targets, depth)
            .or_else(|error| fail(error.to_string(), at))
    }

    fn keep(
        &self,
        targets: &Expression,
        wanted: impl Fn(&TargetLabel) -> build_lang::Result<bool>,
    ) -> Evaluated<Targets> {
        let mut kept = Vec::new();
        for target in self.targets(targets)? {
            if wanted(&target).or_else(|error| fail(error.to_string(), targets))? {
                kept.push(target);
            }
        }
        Ok(kept)
    }

    /// Whether an attribute is or holds a text, whatever `select()` decides.
    fn has(
        &self,
        target: &TargetLabel,
        attribute: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> build_lang::Result<bool> {
        let attributes = self.project.attributes(target)?;
        let value = attributes.iter().find(|(name, _)| name == attribute);
        Ok(value.is_some_and(|(_, value)| any_text(value, &wanted)))
    }

    fn tests_of(&self, targets: &Expression, at: &Expression) -> Evaluated<Targets> {
        let mut tests = Vec::new();
        for target in self.targets(targets)? {
            let node = self
                .graph
                .node(&target)
                .or_else(|error| fail(error.to_string(), at))?;
            for test in &node.tests {
                self.graph
                    .node(test)
                    .or_else(|error| fail(error.to_string(), at))?;
                tests.push(test.clone());
            }
        }
        Ok(distinct(tests))
    }

    /// The targets of the file's package that take it.
    fn owners(&self, file: &str, at: &Expression) -> Evaluated<Targets> {
        let path = if self.here.is_empty() {
            file.to_owned()
        } else {
            format!("{}/{file}", self.here)
        };
        let packages = self
            .project
            .resolve(&[format!("{}:", self.package_of(&path))], "");
        let mut owners = Vec::new();
        for one in packages.or_else(|error| fail(error.to_string(), at))? {
            let node = self
                .graph
                .node(one.target())
                .or_else(|error| fail(error.to_string(), at))?;
            if node.inputs.contains(&path) {
                owners.push(one.target().clone());
            }
        }
        if owners.is_empty() {
            eprintln!("warning: no target takes the file {path}");
        }
        Ok(owners)
    }

    /// The package that a file belongs to, as `cell//folder`.
    fn package_of(&self, path: &str) -> String {
        let cells = self.project.cells();
        let mut folder = path;
        while let Some((above, _)) = folder.rsplit_once('/') {
            folder = above;
            if self.project.is_package(folder) {
                let (cell, below) = cells.locate(folder);
                return format!("{cell}//{below}");
            }
        }
        format!("{}//", cells.root_cell())
    }

    fn files(
        &self,
        targets: &Expression,
        at: &Expression,
        of: impl Fn(&build_lang::Node) -> Vec<String>,
    ) -> Evaluated<Found> {
        let mut files = Vec::new();
        for target in self.targets(targets)? {
            let node = self
                .graph
                .node(&target)
                .or_else(|error| fail(error.to_string(), at))?;
            files.extend(of(&node));
        }
        Ok(Found::Files(distinct(files)))
    }
}

fn misuse(name: &str, given: usize) -> String {
    match FUNCTIONS.iter().find(|(known, _)| *known == name) {
        Some((_, usage)) => format!("`{name}` does not take {given} arguments: {usage}"),
        None => {
            let known: Vec<&str> = FUNCTIONS.iter().map(|(known, _)| *known).collect();
            format!("unknown function `{name}`; there are: {}", known.join(", "))
        }
    }
}

/// Every text in a value; a `select()` has those of all its branches.
fn any_text(value: &Json, wanted: &impl Fn(&str) -> bool) -> bool {
    match value {
        Json::String(text) => wanted(text),
        Json::Number(number) => wanted(&number.to_string()),
        Json::Bool(true) => wanted("True"),
        Json::Bool(false) => wanted("False"),
        Json::Null => false,
        Json::Array(items) => items.iter().any(|item| any_text(item, wanted)),
        Json::Object(entries) => match entries.get("__type").and_then(Json::as_str) {
            Some("selector") => entries
                .get("entries")
                .and_then(Json::as_object)
                .is_some_and(|branches| branches.values().any(|value| any_text(value, wanted))),
            Some("concat") => entries
                .get("items")
                .is_some_and(|items| any_text(items, wanted)),
            _ => entries
                .iter()
                .any(|(key, value)| wanted(key) || any_text(value, wanted)),
        },
    }
}

fn word(expression: &Expression) -> Evaluated<String> {
    match &expression.kind {
        Kind::Word(word) => Ok(word.clone()),
        Kind::Integer(number) => fail(
            format!("a text is wanted here; write \"{number}\""),
            expression,
        ),
        _ => fail("a text is wanted here", expression),
    }
}

fn number(expression: &Expression) -> Evaluated<u32> {
    match &expression.kind {
        Kind::Integer(number) => Ok(*number),
        _ => fail("a depth is a number", expression),
    }
}

fn regex(expression: &Expression) -> Evaluated<Regex> {
    let text = word(expression)?;
    Regex::new(&text).or_else(|error| {
        fail(
            format!("`{text}` is no regular expression: {error}"),
            expression,
        )
    })
}

fn combine(left: Found, operator: Operator, right: Found) -> Result<Found, String> {
    match (left, right) {
        (Found::Targets(left), Found::Targets(right)) => {
            Ok(Found::Targets(join(left, operator, right)))
        }
        (Found::Files(left), Found::Files(right)) => Ok(Found::Files(join(left, operator, right))),
        _ => Err("targets and files can't be joined".to_owned()),
    }
}

fn join<T: Clone + Eq + std::hash::Hash>(
    left: Vec<T>,
    operator: Operator,
    right: Vec<T>,
) -> Vec<T> {
    let others: HashSet<T> = right.iter().cloned().collect();
    match operator {
        Operator::Union => distinct(left.into_iter().chain(right).collect()),
        Operator::Except => left
            .into_iter()
            .filter(|item| !others.contains(item))
            .collect(),
        Operator::Intersect => left
            .into_iter()
            .filter(|item| others.contains(item))
            .collect(),
    }
}

/// Each once, in the order of the first.
pub fn distinct<T: Clone + Eq + std::hash::Hash>(items: Vec<T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items
        .into_iter()
        .filter(|item| seen.insert(item.clone()))
        .collect()
}
