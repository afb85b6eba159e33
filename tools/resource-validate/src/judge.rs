//! The verdict on every resource of every file.

use crate::input::Input;
use crate::old::OldStates;
use crate::place;
use diagnostics::{Diagnostic, Place, Position};
use kube_schema::validate::{
    Admission, FieldError, NotCovered, Reason, RuleEstimate, Validator, as_written,
    check_definition, rule_estimates,
};
use resource_graph::yaml::{self, Part};
use resource_graph::{ReadError, Resource, ResourceId};
use serde_json::Value;

/// About how many bytes of a large file are read at once.
const PART: usize = 128 * 1024;

/// What is asked of resources.
#[derive(Debug)]
pub(crate) struct Rules<'a> {
    pub lenient: bool,
    pub rendered: bool,
    pub ignore_missing: bool,
    pub skip_builtin: bool,
    pub skip: &'a [String],
    /// Whether what is valid is printed.
    pub keep_objects: bool,
    /// Whether CRDs are judged, and nothing else.
    pub definitions: bool,
    /// Whether it is told what their rules may cost.
    pub estimates: bool,
    /// What the resources replace.
    pub old: &'a OldStates,
}

/// A resource, or a file that holds none that can be read.
#[derive(Debug)]
pub(crate) struct Judged {
    /// Who it is; none of a file.
    pub id: Option<ResourceId>,
    pub file: String,
    pub at: Option<Position>,
    pub outcome: Outcome,
    /// What the rules of a CRD may cost, if that is asked for.
    pub estimates: Vec<RuleEstimate>,
}

#[derive(Debug)]
pub(crate) enum Outcome {
    /// As the API server would store it, if that is asked for.
    Valid(Option<Value>),
    Invalid(Vec<Wrong>),
    /// Why it was not judged.
    Skipped(String),
    Unreadable(Diagnostic),
}

/// One error.
#[derive(Debug)]
pub(crate) struct Wrong {
    /// As `field.ErrorType` spells it.
    pub kind: &'static str,
    pub field: String,
    pub detail: String,
    /// Whether it only says that rules were left out for the other errors.
    pub is_remark: bool,
    /// How it is shown, with its place and line.
    pub shown: Diagnostic,
}

/// Judges the files, some at a time; in their order.
pub(crate) fn all(
    files: &[Input],
    kinds: &Validator,
    rules: &Rules<'_>,
    workers: usize,
) -> Vec<Judged> {
    // What is compiled for a schema is kept by each worker for itself.
    let shared = kinds.share();
    let validator = || Validator::kinds_of(&shared);
    let mut judged = Vec::new();
    for group in files.chunk_by(|a, b| !a.is_large() && !b.is_large()) {
        match group {
            [file] if file.is_large() => {
                judged.extend(judge_large(file, &validator, rules, workers));
            }
            files => {
                let judge =
                    |validator: &mut Validator, file: &Input| judge_file(file, validator, rules);
                let done = parallel::map_with(workers, files, validator, judge);
                judged.extend(done.into_iter().flatten());
            }
        }
    }
    judged
}

/// Judges a file of many documents, some at a time.
fn judge_large(
    file: &Input,
    validator: &(impl Fn() -> Validator + Sync),
    rules: &Rules<'_>,
    workers: usize,
) -> Vec<Judged> {
    let name = file.name();
    let text = match file.text() {
        Ok(text) => text,
        Err(diagnostic) => return vec![unreadable(name, diagnostic)],
    };
    let parts = yaml::parts(&text, PART);
    if let [_] = parts[..] {
        return judge_text(&name, Source::whole(&text), &validator(), rules);
    }
    let judge = |validator: &mut Validator, part: &Part<'_>| {
        judge_text(&name, Source::part(*part, &text), validator, rules)
    };
    let judged = parallel::map_with(workers, &parts, validator, judge);
    judged.into_iter().flatten().collect()
}

fn judge_file(file: &Input, validator: &Validator, rules: &Rules<'_>) -> Vec<Judged> {
    let name = file.name();
    match file.text() {
        Ok(text) => judge_text(&name, Source::whole(&text), validator, rules),
        Err(diagnostic) => vec![unreadable(name, diagnostic)],
    }
}

fn judge_text(
    name: &str,
    source: Source<'_>,
    validator: &Validator,
    rules: &Rules<'_>,
) -> Vec<Judged> {
    match source.resources(name) {
        Ok(resources) => resources
            .into_iter()
            .filter(|resource| !(rules.rendered && is_remark(&resource.id)))
            .map(|resource| Judged {
                outcome: judge(&resource, source, validator, rules),
                at: Some(resource.node.at),
                estimates: estimates(&resource, rules),
                id: Some(resource.id),
                file: resource.file,
            })
            .collect(),
        Err(error) => vec![unreadable(name.to_owned(), Diagnostic::from(*error))],
    }
}

fn unreadable(file: String, diagnostic: Diagnostic) -> Judged {
    Judged {
        id: None,
        file,
        at: None,
        outcome: Outcome::Unreadable(diagnostic),
        estimates: Vec::new(),
    }
}

/// A text that holds resources, or a part of one.
#[derive(Clone, Copy)]
struct Source<'t> {
    /// None of a whole text.
    part: Option<Part<'t>>,
    text: &'t str,
}

impl<'t> Source<'t> {
    fn whole(text: &'t str) -> Self {
        Self { part: None, text }
    }

    fn part(part: Part<'t>, text: &'t str) -> Self {
        Self {
            part: Some(part),
            text,
        }
    }

    fn resources(self, file: &str) -> Result<Vec<Resource>, Box<ReadError>> {
        match self.part {
            None => resource_graph::read_text(file, self.text),
            Some(part) => resource_graph::read_part(file, part, self.text),
        }
    }

    /// The diagnostic at this place of the file, with the line that stands there.
    fn show(self, diagnostic: Diagnostic, file: &str, at: Position) -> Diagnostic {
        let (text, lines_before) = match self.part {
            None => (self.text, 0),
            Some(part) => (part.text, part.lines_before),
        };
        let in_part = Position::new(at.line.saturating_sub(lines_before).max(1), at.column);
        let shown = diagnostic.at(Place::at(file, in_part)).in_text(text);
        shown.at(Place::at(file, at))
    }
}

/// Whether it is what a render says beside its resources: results, contexts,
/// what it would delete.
fn is_remark(id: &ResourceId) -> bool {
    ["render.crossplane.io", "render.hermetic.dev"].contains(&id.group())
}

fn judge(
    resource: &Resource,
    source: Source<'_>,
    validator: &Validator,
    rules: &Rules<'_>,
) -> Outcome {
    if rules.definitions {
        return definition(resource, source, rules);
    }
    if is_skipped(&resource.id, rules.skip) {
        return Outcome::Skipped("its kind is one to skip".to_owned());
    }
    if rules.skip_builtin && resource.is_builtin() {
        return Outcome::Skipped("its kind is Kubernetes' own".to_owned());
    }
    let admission = match admitted(resource, validator, rules) {
        Ok(admission) => admission,
        Err(NotCovered::Kind { .. }) if rules.ignore_missing => {
            return Outcome::Skipped("no CRD given defines its kind".to_owned());
        }
        Err(not_covered) => return Outcome::Invalid(vec![missing(resource, source, &not_covered)]),
    };
    let wrong = asked(&admission.verdict.errors, rules, |error| {
        wrong(resource, source, error, &error.field)
    });
    if !wrong.is_empty() {
        return Outcome::Invalid(wrong);
    }
    match admission.verdict.unjudged.first() {
        Some(unjudged) => Outcome::Skipped(format!("only the API server can tell: {unjudged}")),
        None => Outcome::Valid(rules.keep_objects.then_some(admission.object)),
    }
}

fn admitted(
    resource: &Resource,
    validator: &Validator,
    rules: &Rules<'_>,
) -> Result<Admission, NotCovered> {
    if let Some(admission) = rules.old.admit(resource, validator) {
        return admission;
    }
    let created = resource.as_created();
    match rules.rendered {
        true => validator.admit_rendered(&created),
        false => validator.admit(&created),
    }
}

/// Whether it is named by `KIND` or `GROUP/VERSION/KIND`.
fn is_skipped(id: &ResourceId, skip: &[String]) -> bool {
    let whole = format!("{}/{}", id.api_version, id.kind);
    skip.iter().any(|kind| *kind == id.kind || *kind == whole)
}

/// Errors but those of unknown fields where these are dropped.
fn asked(
    errors: &[FieldError],
    rules: &Rules<'_>,
    wrong: impl Fn(&FieldError) -> Wrong,
) -> Vec<Wrong> {
    let is_asked = |error: &&FieldError| !(rules.lenient && error.reason == Reason::Unknown);
    errors.iter().filter(is_asked).map(wrong).collect()
}

fn is_definition(id: &ResourceId) -> bool {
    id.group() == "apiextensions.k8s.io" && id.kind == "CustomResourceDefinition"
}

fn estimates(resource: &Resource, rules: &Rules<'_>) -> Vec<RuleEstimate> {
    match rules.estimates && is_definition(&resource.id) {
        true => rule_estimates(&resource.value),
        false => Vec::new(),
    }
}

/// Judges a CRD itself.
fn definition(resource: &Resource, source: Source<'_>, rules: &Rules<'_>) -> Outcome {
    let id = &resource.id;
    if !is_definition(id) {
        return Outcome::Skipped("it is no CRD".to_owned());
    }
    if id.version() != "v1" {
        return Outcome::Skipped("Kubernetes dropped CRDs other than v1 in 1.22".to_owned());
    }
    let wrong = asked(&check_definition(&resource.value), rules, |error| {
        wrong(resource, source, error, &as_written(&error.field))
    });
    match wrong.is_empty() {
        true => Outcome::Valid(rules.keep_objects.then(|| resource.value.clone())),
        false => Outcome::Invalid(wrong),
    }
}

/// `field` is where the error's field stands.
fn wrong(resource: &Resource, source: Source<'_>, error: &FieldError, field: &str) -> Wrong {
    let at = place::of(&resource.node, field);
    Wrong {
        kind: error.reason.as_str(),
        field: error.field.clone(),
        detail: error.detail().to_owned(),
        is_remark: error.is_rules_skipped(),
        shown: source.show(
            Diagnostic::error(format!("{}: {error}", resource.id)),
            &resource.file,
            at,
        ),
    }
}

fn missing(resource: &Resource, source: Source<'_>, why: &NotCovered) -> Wrong {
    let diagnostic = Diagnostic::error(format!("{}: {why}", resource.id));
    let shown = source.show(diagnostic, &resource.file, resource.node.at);
    let hint = if matches!(why, NotCovered::NoStatus { .. }) {
        "leave out --subresource for it, or declare the subresource in the CRD"
    } else if resource.is_builtin() {
        "it is Kubernetes' own: give its schema with --schemas, or leave such kinds out with --skip-builtin"
    } else {
        "name its CRD with --crds, or leave such kinds out with --ignore-missing-schemas"
    };
    Wrong {
        kind: "MissingSchema",
        field: String::new(),
        detail: why.to_string(),
        is_remark: false,
        shown: shown.hint(hint),
    }
}
