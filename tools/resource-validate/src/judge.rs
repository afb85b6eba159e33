//! The verdict on every resource of every file.

use crate::input::{self, Input, Portion, Portions};
use crate::old::OldStates;
use crate::place;
use diagnostics::{Diagnostic, Place, Position};
use kube_schema::validate::{
    Admission, FieldError, NotCovered, Reason, RuleEstimate, Validator, as_written,
    check_definition, rule_estimates,
};
use resource_graph::yaml::Part;
use resource_graph::{Resource, ResourceId};
use serde_json::Value;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::io::Error;
use std::ops::ControlFlow;
use std::path::PathBuf;

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

/// Judges what the inputs hold, some at a time, and hands it on in their order.
pub(crate) fn each(
    inputs: Vec<Input>,
    kinds: &Validator,
    rules: &Rules<'_>,
    workers: usize,
    mut take: impl FnMut(Judged) -> ControlFlow<()>,
) {
    // What is compiled for a schema is kept by each worker for itself.
    let shared = kinds.share();
    let validator = || Validator::kinds_of(&shared);
    let judge = |validator: &mut Validator, portion| judge_portion(portion, validator, rules);
    parallel::each_in_order(workers, Portions::new(inputs), validator, judge, |judged| {
        judged.into_iter().try_for_each(&mut take)
    });
}

fn judge_portion(portion: Portion, validator: &Validator, rules: &Rules<'_>) -> Vec<Judged> {
    match portion {
        Portion::Part(name, part) => judge_part(&name, part, validator, rules),
        Portion::Files(files) => {
            let judge = |path: &PathBuf| {
                let name = path.display().to_string();
                judge_part(&name, input::read(path), validator, rules)
            };
            files.iter().flat_map(judge).collect()
        }
    }
}

fn judge_part(
    name: &str,
    part: Result<Part, Error>,
    validator: &Validator,
    rules: &Rules<'_>,
) -> Vec<Judged> {
    let part = match part {
        Ok(part) => part,
        Err(error) => return vec![unreadable(name, input::unreadable(name, &error))],
    };
    let resources = match resource_graph::read_part(name, &part) {
        Ok(resources) => resources,
        Err(error) => return vec![unreadable(name, Diagnostic::from(*error))],
    };
    let source = Source::new(&part);
    let is_meant = |resource: &Resource| !(rules.rendered && is_remark(&resource.id));
    let meant = resources.into_iter().filter(is_meant);
    meant
        .map(|mut resource| Judged {
            estimates: estimates(&resource, rules),
            outcome: judge(&mut resource, &source, validator, rules),
            at: Some(resource.node.at),
            id: Some(resource.id),
            file: resource.file,
        })
        .collect()
}

fn unreadable(name: &str, diagnostic: Diagnostic) -> Judged {
    Judged {
        id: None,
        file: name.to_owned(),
        at: None,
        outcome: Outcome::Unreadable(diagnostic),
        estimates: Vec::new(),
    }
}

/// A text that holds resources.
struct Source<'t> {
    part: &'t Part,
    /// Its lines, once one is asked for.
    lines: OnceCell<Vec<&'t str>>,
}

impl<'t> Source<'t> {
    fn new(part: &'t Part) -> Self {
        Self {
            part,
            lines: OnceCell::new(),
        }
    }

    /// The diagnostic at this place of the file, with the line that stands there.
    fn show(&self, diagnostic: Diagnostic, file: &str, at: Position) -> Diagnostic {
        let lines = self.lines.get_or_init(|| self.part.text.lines().collect());
        let in_part = at.line.saturating_sub(self.part.lines_before + 1);
        let line = lines.get(in_part).copied();
        diagnostic.at(Place::at(file, at)).in_line(line)
    }
}

/// Whether it is what a render says beside its resources: results, contexts,
/// what it would delete.
fn is_remark(id: &ResourceId) -> bool {
    ["render.crossplane.io", "render.hermetic.dev"].contains(&id.group())
}

fn judge(
    resource: &mut Resource,
    source: &Source<'_>,
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
    let admitted = admitted(resource, validator, rules);
    let resource = &*resource;
    let admission = match admitted {
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

/// The resource's value is no longer there afterwards.
fn admitted(
    resource: &mut Resource,
    validator: &Validator,
    rules: &Rules<'_>,
) -> Result<Admission, NotCovered> {
    if let Some(admission) = rules.old.admit(resource, validator) {
        return admission;
    }
    let created = match resource.as_created() {
        Cow::Owned(named) => named,
        Cow::Borrowed(_) => std::mem::take(&mut resource.value),
    };
    match rules.rendered {
        true => validator.admit_rendered(created),
        false => validator.admit(created),
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
fn definition(resource: &Resource, source: &Source<'_>, rules: &Rules<'_>) -> Outcome {
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
fn wrong(resource: &Resource, source: &Source<'_>, error: &FieldError, field: &str) -> Wrong {
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

fn missing(resource: &Resource, source: &Source<'_>, why: &NotCovered) -> Wrong {
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
