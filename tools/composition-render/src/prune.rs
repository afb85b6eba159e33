//! `--prune`: renders each XR again and again, every time without one thing that
//! may be missing: a field of the XR that its XRD lets be left out, an observed
//! or required resource, a field of one. No step may fail for want of it.

use std::fmt;

use diagnostics::Exit;
use function_pipeline::{Reconcile, Reconciler, go::Object, object::name};
use serde_json::Value;
use test_report::{Case, Report};

use crate::{
    arguments::{OutputFormat, RenderArgs},
    definition::Judge,
    failure::Failure,
    render::Inputs,
    state::Subject,
};

/// What leads from a resource to one of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Key(String),
    Index(usize),
}

/// A field, or the resource itself if there are no parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct FieldPath(Vec<Part>);

impl FieldPath {
    fn then(&self, part: Part) -> Self {
        let mut parts = self.0.clone();
        parts.push(part);
        Self(parts)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            match part {
                Part::Index(index) => write!(f, "[{index}]")?,
                Part::Key(key) if key.contains(['.', '/', '[']) => write!(f, "[{key:?}]")?,
                Part::Key(key) if index == 0 => f.write_str(key)?,
                Part::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

/// What is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cut {
    Composite(FieldPath),
    Observed(usize, FieldPath),
    Required(usize, FieldPath),
}

/// Prunes every XR; gives how to end.
pub(crate) fn prune(
    inputs: &Inputs,
    args: &RenderArgs,
    reconciler: &(dyn Reconciler + Sync),
) -> Result<Exit, Failure> {
    let mut report = Report::new(args.reporting.suite("prune"));
    let judge = inputs.judge();
    let mut times = 0;
    for subject in &inputs.subjects {
        let whole = inputs.reconcile(subject.composite.clone(), subject)?;
        let cuts = cuts(&whole, judge.as_ref());
        let run = |cut: &Cut| inputs.verdict(without(&whole, cut), args, reconciler);
        times += cuts.len();
        let mut failed = Vec::new();
        for (cut, verdict) in cuts.iter().zip(parallel::map(args.jobs(), &cuts, run)) {
            if let Some(error) = verdict {
                failed.push(case(inputs, subject, &whole, cut, error));
            }
        }
        if failed.is_empty() {
            let title = format!("{}, pruned {} times", title(subject), cuts.len());
            report.cases.push(Case::passed(title));
        }
        report.cases.extend(failed);
    }
    tell(&report, times, args)?;
    Ok(args.reporting.exit(&report))
}

fn tell(report: &Report, times: usize, args: &RenderArgs) -> Result<(), Failure> {
    let written = args.reporting.write(report);
    written.map_err(|error| Failure::text(error.to_string()))?;
    match (args.format, args.reporting.is_written()) {
        (OutputFormat::Json, _) => print!("{}", report.to_json()),
        (OutputFormat::Yaml, false) => print!("pruned {times} times\n{}", report.to_text()),
        (OutputFormat::Yaml, true) => {}
    }
    Ok(())
}

fn title(subject: &Subject) -> String {
    format!(
        "{} in {}",
        name(&subject.composite),
        subject.origin.file.name
    )
}

fn case(
    inputs: &Inputs,
    subject: &Subject,
    whole: &Reconcile,
    cut: &Cut,
    error: function_pipeline::ReconcileError,
) -> Case {
    let what = match cut {
        Cut::Composite(path) => format!("the XR's {path}"),
        Cut::Observed(index, path) => of_resource("observed", &whole.observed[*index], path),
        Cut::Required(index, path) => of_resource("required", &whole.required[*index], path),
    };
    let message = inputs.error(error, &subject.origin);
    let shown = diagnostics::render_text(&message);
    Case::failed(format!("{} without {what}", title(subject)), shown)
}

fn of_resource(sort: &str, resource: &Object, path: &FieldPath) -> String {
    let kind = function_pipeline::object::string(resource, &["kind"]);
    let whose = format!("the {sort} {kind} {}", name(resource));
    if path.0.is_empty() {
        whose
    } else {
        format!("{path} of {whose}")
    }
}

/// Everything that may be missing of what a reconcile sees.
fn cuts(whole: &Reconcile, judge: Option<&Judge>) -> Vec<Cut> {
    let mut cuts = Vec::new();
    let refused = |composite: &Object| judge.map_or(0, |judge| judge.refusals(composite).len());
    let before = refused(&whole.composite);
    for path in below_object(&whole.composite) {
        let cut = Cut::Composite(path);
        if refused(&without(whole, &cut).composite) <= before {
            cuts.push(cut);
        }
    }
    cuts.extend(of_resources(&whole.observed, Cut::Observed));
    cuts.extend(of_resources(&whole.required, Cut::Required));
    cuts
}

/// Each resource, and each field of one.
fn of_resources(resources: &[Object], cut: fn(usize, FieldPath) -> Cut) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for (index, resource) in resources.iter().enumerate() {
        cuts.push(cut(index, FieldPath::default()));
        let paths = below_object(resource).into_iter();
        cuts.extend(paths.map(|path| cut(index, path)));
    }
    cuts
}

/// What no resource of a cluster lacks, or Crossplane finds it by.
fn is_always_there(path: &FieldPath) -> bool {
    let keys: Vec<&str> = path
        .0
        .iter()
        .map(|part| match part {
            Part::Key(key) => key.as_str(),
            Part::Index(_) => "",
        })
        .collect();
    matches!(
        keys.as_slice(),
        ["apiVersion" | "kind" | "metadata"]
            | ["metadata", "name" | "namespace" | "uid" | "annotations"]
            | [
                "metadata",
                "annotations",
                "crossplane.io/composition-resource-name"
            ]
            | ["metadata", "ownerReferences", ..]
    )
}

/// The fields of a resource that may be missing.
fn below_object(object: &Object) -> Vec<FieldPath> {
    let mut paths = Vec::new();
    for (key, value) in object {
        below(
            &FieldPath::default().then(Part::Key(key.clone())),
            value,
            &mut paths,
        );
    }
    paths.retain(|path| !is_always_there(path));
    paths
}

fn below(path: &FieldPath, value: &Value, paths: &mut Vec<FieldPath>) {
    paths.push(path.clone());
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                below(&path.then(Part::Key(key.clone())), value, paths);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                below(&path.then(Part::Index(index)), value, paths);
            }
        }
        _ => {}
    }
}

fn without(whole: &Reconcile, cut: &Cut) -> Reconcile {
    let mut rest = whole.clone();
    match cut {
        Cut::Composite(path) => remove(&mut rest.composite, path),
        Cut::Observed(index, path) => remove_of(&mut rest.observed, *index, path),
        Cut::Required(index, path) => remove_of(&mut rest.required, *index, path),
    }
    rest
}

fn remove_of(resources: &mut Vec<Object>, index: usize, path: &FieldPath) {
    if path.0.is_empty() {
        resources.remove(index);
    } else if let Some(resource) = resources.get_mut(index) {
        remove(resource, path);
    }
}

fn remove(from: &mut Object, path: &FieldPath) {
    let Some((Part::Key(first), rest)) = path.0.split_first() else {
        return;
    };
    let Some((last, middle)) = rest.split_last() else {
        from.remove(first);
        return;
    };
    let mut at = from.get_mut(first);
    for part in middle {
        at = at.and_then(|value| match part {
            Part::Key(key) => value.get_mut(key),
            Part::Index(index) => value.get_mut(*index),
        });
    }
    match (at, last) {
        (Some(Value::Object(fields)), Part::Key(key)) => {
            fields.remove(key);
        }
        (Some(Value::Array(items)), Part::Index(index)) => {
            items.remove(*index);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bed() -> Object {
        let bed = serde_json::json!({
            "kind": "Bed",
            "metadata": {"name": "a", "labels": {"x.y/z": "1"}, "ownerReferences": [{"uid": "u"}]},
            "status": {"rows": [{"n": 1}, 2]},
        });
        bed.as_object().cloned().unwrap()
    }

    #[test]
    fn every_field_that_may_be_missing_is_named() {
        let shown: Vec<String> = below_object(&bed())
            .iter()
            .map(FieldPath::to_string)
            .collect();
        assert_eq!(
            shown,
            [
                "metadata.labels",
                "metadata.labels[\"x.y/z\"]",
                "status",
                "status.rows",
                "status.rows[0]",
                "status.rows[0].n",
                "status.rows[1]",
            ]
        );
    }

    #[test]
    fn one_field_is_removed() {
        for path in below_object(&bed()) {
            let mut rest = bed();
            remove(&mut rest, &path);
            assert_ne!(rest, bed(), "{path}");
            assert!(below_object(&rest).len() < below_object(&bed()).len());
        }
    }
}
