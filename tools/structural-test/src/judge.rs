//! Judges resources by a spec's cases.

use crate::spec::{Assertion, Builtin, Case, Count, Expectation, Spec};
use kube_schema::validate::{Admission, NotCovered, Validator};
use resource_graph::yaml::{Content, Node};
use resource_graph::{FieldPath, Resource, Segment, Selector, partial, plural};
use std::collections::BTreeMap;
use test_report::Case as Reported;

/// What the specs judge.
pub struct Inputs {
    /// The resources, by the name that the specs use.
    pub resources: BTreeMap<String, Vec<Resource>>,
    /// Knows the kinds of the CRDs given.
    pub validator: Validator,
}

/// A resource and the name of the input that holds it.
#[derive(Clone, Copy)]
struct Found<'i> {
    input: &'i str,
    resource: &'i Resource,
}

impl Found<'_> {
    fn is_meant(&self, selector: &Selector) -> bool {
        selector.matches(self.resource)
    }
}

/// `droplet: Droplet web (compute.example.org/v1)`.
impl std::fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.input, self.resource.id)
    }
}

/// What an assertion came to.
#[derive(Default)]
struct Judgement {
    /// What is wrong, a line each; none if it holds.
    failures: Vec<String>,
    /// Resources that were not judged, with the reason.
    skipped: Vec<(String, String)>,
    /// What the API server would judge and this tool cannot.
    remarks: Vec<String>,
}

impl Judgement {
    fn of(failures: Vec<String>) -> Self {
        Self {
            failures,
            ..Self::default()
        }
    }
}

/// The cases of a spec, judged. A resource that was skipped is a case of its own.
pub fn judge(spec: &Spec, inputs: &Inputs) -> Vec<Reported> {
    spec.cases
        .iter()
        .flat_map(|case| judge_case(&spec.name, case, inputs))
        .collect()
}

fn judge_case(spec: &str, case: &Case, inputs: &Inputs) -> Vec<Reported> {
    let name = format!("{spec}: {}", case.name);
    let found: Vec<Found<'_>> = case
        .resources
        .iter()
        .filter_map(|name| inputs.resources.get_key_value(name))
        .flat_map(|(input, list)| list.iter().map(move |resource| Found { input, resource }))
        .collect();
    let mut lines = Vec::new();
    let mut location = None;
    let mut remarks = Vec::new();
    let mut skipped = Vec::new();
    for assertion in &case.assertions {
        let judgement = expect(assertion, &case.resources, &found, &inputs.validator);
        if !judgement.failures.is_empty() {
            let place = line_of(assertion);
            lines.push(format!("{place}: {}", title(&assertion.expectation)));
            lines.extend(judgement.failures.iter().map(|line| format!("  {line}")));
            location.get_or_insert(place);
        }
        remarks.extend(judgement.remarks);
        for (what, why) in judgement.skipped {
            skipped.push(Reported::skipped(format!("{name}: {what}"), why).at(line_of(assertion)));
        }
    }
    let mut reported = match location {
        Some(location) => Reported::failed(name, lines.join("\n")).at(location),
        None => Reported::passed(name),
    };
    if reported.message.is_none() && !remarks.is_empty() {
        reported.message = Some(remarks.join("\n"));
    }
    std::iter::once(reported).chain(skipped).collect()
}

fn line_of(assertion: &Assertion) -> String {
    let place = &assertion.place;
    let line = place.position.map_or(1, |position| position.line);
    format!("{}:{line}", place.file)
}

/// The assertion in words.
fn title(expectation: &Expectation) -> String {
    match expectation {
        Expectation::Exports => "exports".to_owned(),
        Expectation::Present(selector) => format!("present: {selector}"),
        Expectation::Absent(selector) => format!("absent: {selector}"),
        Expectation::FieldAbsent(selector, path) => format!("absent: {path} of {selector}"),
        Expectation::Count(selector, count) => format!("count: {count} of {selector}"),
        Expectation::Match(selector, _) => format!("match: {selector}"),
        Expectation::NoNulls(selector) => format!("noNulls: {selector}"),
        Expectation::Valid(selector, _) => format!("valid: {selector}"),
    }
}

fn expect(
    assertion: &Assertion,
    inputs: &[String],
    found: &[Found<'_>],
    validator: &Validator,
) -> Judgement {
    let each = |selector, judge: &dyn Fn(&Found<'_>) -> Vec<String>| match chosen(selector, found) {
        Ok(chosen) => Judgement::of(chosen.iter().flat_map(judge).collect()),
        Err(nothing) => Judgement::of(vec![nothing]),
    };
    match &assertion.expectation {
        Expectation::Exports => Judgement::of(exports(inputs, found)),
        Expectation::Present(selector) => each(selector, &|_| Vec::new()),
        Expectation::Absent(selector) => Judgement::of(absent(selector, found)),
        Expectation::FieldAbsent(selector, path) => each(selector, &|one| field_absent(one, path)),
        Expectation::Count(selector, count) => Judgement::of(counted(selector, *count, found)),
        Expectation::Match(selector, object) => each(selector, &|one| {
            mismatches(one, object, &assertion.place.file)
        }),
        Expectation::NoNulls(selector) => each(selector, &|one| nulls(one)),
        Expectation::Valid(selector, builtin) => valid(selector, *builtin, found, validator),
    }
}

/// The resources meant; if there is none, what came near.
fn chosen<'i>(selector: &Selector, found: &[Found<'i>]) -> Result<Vec<Found<'i>>, String> {
    let chosen: Vec<_> = found
        .iter()
        .copied()
        .filter(|one| one.is_meant(selector))
        .collect();
    if chosen.is_empty() {
        return Err(selector.explain_none(found.iter().map(|one| one.resource)));
    }
    Ok(chosen)
}

/// Each input has a resource: one that has none must not hide behind the others.
fn exports(inputs: &[String], found: &[Found<'_>]) -> Vec<String> {
    let is_empty = |input: &&String| found.iter().all(|one| one.input != input.as_str());
    inputs
        .iter()
        .filter(is_empty)
        .map(|input| format!("{input}: there are no resources"))
        .collect()
}

fn absent(selector: &Selector, found: &[Found<'_>]) -> Vec<String> {
    found
        .iter()
        .filter(|one| one.is_meant(selector))
        .map(|one| format!("{one} is there"))
        .collect()
}

fn field_absent(one: &Found<'_>, path: &FieldPath) -> Vec<String> {
    let values = path.values(&one.resource.value);
    values
        .iter()
        .map(|(path, value)| format!("{one}: {path}: expected absent, is {value}"))
        .collect()
}

fn counted(selector: &Selector, count: Count, found: &[Found<'_>]) -> Vec<String> {
    let chosen: Vec<_> = found.iter().filter(|one| one.is_meant(selector)).collect();
    if count.fits(chosen.len()) {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "expected {count}, found {}",
        plural(chosen.len(), "resource")
    )];
    lines.extend(chosen.iter().map(|one| one.to_string()));
    if chosen.is_empty() {
        lines.push(selector.explain_none(found.iter().map(|one| one.resource)));
    }
    lines
}

/// Each mismatch with the line of the spec that says otherwise.
fn mismatches(one: &Found<'_>, object: &Node, file: &str) -> Vec<String> {
    partial::mismatches(&one.resource.value, &object.to_json())
        .iter()
        .map(|mismatch| {
            let line = line_of_field(object, &mismatch.path);
            format!("{one}: {mismatch} ({file}:{line})")
        })
        .collect()
}

/// The line of the spec's object that says something about this field.
fn line_of_field(object: &Node, path: &FieldPath) -> usize {
    let mut node = object;
    let mut line = object.at.line;
    for segment in path.segments() {
        let below = match segment {
            Segment::Key(key) => node
                .entries()
                .iter()
                .find(|entry| entry.key == *key)
                .map(|entry| (entry.key_at.line, &entry.value)),
            Segment::Index(index) => node.items().get(*index).map(|item| (item.at.line, item)),
            Segment::Every => None,
        };
        let Some(below) = below else { break };
        (line, node) = below;
    }
    line
}

fn nulls(one: &Found<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    collect_nulls(&FieldPath::root(), &one.resource.node, &mut lines);
    lines
        .iter()
        .map(|path| format!("{one}: {path} is null"))
        .collect()
}

fn collect_nulls(path: &FieldPath, node: &Node, found: &mut Vec<FieldPath>) {
    match &node.content {
        Content::Null => found.push(path.clone()),
        Content::List(items) => {
            for (i, item) in items.iter().enumerate() {
                collect_nulls(&path.index(i), item, found);
            }
        }
        Content::Map(entries) => {
            for entry in entries {
                collect_nulls(&path.key(&entry.key), &entry.value, found);
            }
        }
        _ => {}
    }
}

fn valid(
    selector: &Selector,
    builtin: Builtin,
    found: &[Found<'_>],
    validator: &Validator,
) -> Judgement {
    let chosen = match chosen(selector, found) {
        Ok(chosen) => chosen,
        Err(nothing) => return Judgement::of(vec![nothing]),
    };
    let mut judgement = Judgement::default();
    for one in chosen {
        match validator.admit_rendered(one.resource.as_created().into_owned()) {
            Ok(Admission { verdict, .. }) => {
                judgement
                    .failures
                    .extend(verdict.errors.iter().map(|e| format!("{one}: {e}")));
                let remarks = verdict
                    .unjudged
                    .iter()
                    .map(|u| format!("{one}: not judged: {u}"));
                judgement.remarks.extend(remarks);
            }
            Err(NotCovered::Kind { .. })
                if builtin == Builtin::Skip && one.resource.is_builtin() =>
            {
                let why =
                    "a kind of Kubernetes' own, which no CRD defines; the spec says builtin: skip";
                judgement
                    .skipped
                    .push((format!("valid {one}"), why.to_owned()));
            }
            Err(not_covered) => judgement
                .failures
                .push(format!("{one}: {}", advice(&one, &not_covered))),
        }
    }
    judgement
}

fn advice(one: &Found<'_>, not_covered: &NotCovered) -> String {
    match not_covered {
        NotCovered::Kind { .. } if one.resource.is_builtin() => {
            format!(
                "{not_covered}; it is Kubernetes' own: give its schema, or write `builtin: skip` to leave it out"
            )
        }
        _ => not_covered.to_string(),
    }
}

/// The kinds that the inputs hold.
pub fn kinds(resources: &BTreeMap<String, Vec<Resource>>) -> Vec<String> {
    resources
        .values()
        .flatten()
        .map(|resource| resource.id.kind.clone())
        .collect()
}
