//! Judges CRDs as the API server does when they are created
//! (apiextensions-apiserver v0.37, `pkg/apis/apiextensions/validation`): names,
//! versions, conversion, columns, subresources, and schemas: whether they are
//! structural, whether defaults fit, whether rules compile, and what they may cost. Fields are named as
//! the server does, in its internal form: what all versions share stands at
//! `spec.validation`, `spec.subresources` and so on; [`as_written`] undoes that.

mod cost;
mod decode;
mod defaults;
mod field_path;
mod names;
mod open_api;
mod place;
mod props;
mod rules;
mod spec;
mod structural;

pub use cost::budget::Estimate as RuleEstimate;

use super::error::FieldError;
use super::metadata;
use place::Place;
use props::Props;
use serde_json::Value;

/// What is wrong with a CustomResourceDefinition; sorted.
pub fn check_definition(definition: &Value) -> Vec<FieldError> {
    let mut object = definition.clone();
    let mut errors = metadata::decode(&mut object);
    errors.extend(decode::check(&object));
    if errors.iter().all(FieldError::is_decoded) {
        errors.extend(metadata::check(&object, false));
        let root = Props::of(&object);
        errors.extend(names::check_own_name(root));
        errors.extend(spec::check(root.object("spec")));
        errors.extend(names::check_approval(root));
    }
    errors.sort();
    errors
}

/// What each rule and message of a CustomResourceDefinition may cost in a
/// resource, as the API server estimates it; none of what does not compile, or
/// stands in a schema that is wrong.
pub fn rule_estimates(definition: &Value) -> Vec<RuleEstimate> {
    spec::estimates(Props::of(definition).object("spec"))
}

/// Where a field of an error stands in the file.
pub fn as_written(field: &str) -> String {
    let moved = [
        ("spec.validation", "spec.versions[0].schema"),
        ("spec.subresources", "spec.versions[0].subresources"),
        (
            "spec.additionalPrinterColumns",
            "spec.versions[0].additionalPrinterColumns",
        ),
        ("spec.selectableFields", "spec.versions[0].selectableFields"),
        (
            "spec.conversion.webhookClientConfig",
            "spec.conversion.webhook.clientConfig",
        ),
        (
            "spec.conversion.conversionReviewVersions",
            "spec.conversion.webhook.conversionReviewVersions",
        ),
        ("status.storedVersions", "spec.versions"),
    ];
    let found = moved.iter().find_map(|(from, to)| {
        let rest = field.strip_prefix(from)?;
        let is_whole = rest.is_empty() || rest.starts_with(['.', '[']);
        is_whole.then(|| format!("{to}{rest}"))
    });
    let field = found.unwrap_or_else(|| field.to_owned());
    // So the server names the element of a default.
    let field = field.replace(".default.[", ".default[");
    match field.strip_suffix("JSONPath") {
        Some(column) => format!("{column}jsonPath"),
        None => field,
    }
}

fn path(field: &str) -> Place {
    Place::new(field)
}
