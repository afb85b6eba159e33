//! Everything of a definition but its schemas.

use super::cost::budget::Estimate;
use super::names::{check_group, check_names, invalid};
use super::place::Place;
use super::props::{Props, is_zero};
use super::rules::Checked;
use super::{field_path, open_api, path};
use crate::validate::error::FieldError;
use crate::validate::metadata::names::{old_label, subdomain};
use serde_json::Value;
use std::collections::BTreeSet;

const COLUMN_TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS: [&str; 9] = [
    "byte",
    "date",
    "date-time",
    "double",
    "float",
    "int32",
    "int64",
    "password",
    "",
];
const MOST_SELECTABLE: usize = 8;

/// The parts that stand at the spec if all versions share them.
const SHARED: [&str; 4] = [
    "subresources",
    "schema",
    "additionalPrinterColumns",
    "selectableFields",
];

pub(super) fn check(spec: Props<'_>) -> Vec<FieldError> {
    let at = path("spec");
    let mut errors: Vec<FieldError> = check_group(spec).into_iter().collect();
    errors.extend(one_of(
        &at.child("scope"),
        spec.text("scope"),
        &["Cluster", "Namespaced"],
    ));
    errors.extend(check_versions(spec, &at));
    errors.extend(check_names(spec));
    errors.extend(check_preserve(spec, &at));
    errors.extend(check_conversion(spec, &at.child("conversion")));
    errors
}

/// A text out of these.
fn one_of(at: &Place, text: &str, accepted: &[&str]) -> Option<FieldError> {
    if text.is_empty() {
        return Some(FieldError::required(at, ""));
    }
    let supported: Vec<Value> = accepted.iter().map(|one| Value::from(*one)).collect();
    (!accepted.contains(&text)).then(|| FieldError::not_supported(at, &text.into(), &supported))
}

fn check_versions(spec: Props<'_>, at: &Place) -> Vec<FieldError> {
    let versions: Vec<Props<'_>> = spec.objects("versions").collect();
    let list = at.child("versions");
    let mut errors = Vec::new();
    let shared = SHARED.map(|part| is_shared(&versions, part));
    for (i, version) in versions.iter().enumerate() {
        let at = list.index(i);
        let name = version.text("name");
        let problems = old_label(name);
        if !problems.is_empty() {
            errors.push(invalid(&at.child("name"), name, &problems.join(",")));
        }
        if !version.object("schema").has("openAPIV3Schema") {
            let at = at.child("schema").child("openAPIV3Schema");
            errors.push(FieldError::required(&at, ""));
        }
        errors.extend(check_deprecation(*version, &at));
        let parts = SHARED.iter().zip(shared).filter(|(_, shared)| !shared);
        for (part, _) in parts {
            let schema_is_here = !shared[1];
            let status = has_status(*version);
            errors.extend(check_part(part, *version, &at, status, schema_is_here));
        }
    }
    if let Some(first) = versions.first() {
        let any_status = versions.iter().any(|version| has_status(*version));
        let parts = SHARED.iter().zip(shared).filter(|(_, shared)| *shared);
        for (part, _) in parts {
            errors.extend(check_part(part, *first, at, any_status, shared[1]));
        }
    }
    errors.extend(check_all_versions(&versions, &list));
    errors
}

/// What the expressions of all versions may cost.
pub(super) fn estimates(spec: Props<'_>) -> Vec<Estimate> {
    let versions: Vec<Props<'_>> = spec.objects("versions").collect();
    let at = path("spec");
    let checked: Vec<Checked> = match (versions.first(), is_shared(&versions, "schema")) {
        (Some(first), true) => vec![check_schema(*first, &at, false)],
        _ => {
            let list = at.child("versions");
            let places = (0..).map(|i| list.index(i));
            let all = versions.iter().zip(places);
            all.map(|(version, at)| check_schema(*version, &at, false))
                .collect()
        }
    };
    checked.into_iter().flat_map(|one| one.estimates).collect()
}

fn is_shared(versions: &[Props<'_>], part: &str) -> bool {
    let mut all = versions.iter().map(|version| shared_part(*version, part));
    let first = all.next();
    all.all(|part| Some(part) == first)
}

/// Nothing and an empty list are the same.
fn shared_part<'v>(version: Props<'v>, part: &str) -> Option<&'v Value> {
    version
        .get(part)
        .filter(|value| !(value.is_array() && is_zero(value)))
}

fn has_status(version: Props<'_>) -> bool {
    version.object("subresources").has("status")
}

/// A part of a version, or of the spec where all versions share it.
/// `schema_is_here`: whether the schema stands at the same place.
fn check_part(
    part: &str,
    version: Props<'_>,
    at: &Place,
    has_status: bool,
    schema_is_here: bool,
) -> Vec<FieldError> {
    match part {
        "schema" => check_schema(version, at, has_status).errors,
        "subresources" => check_scale(version.object(part), &at.child(part)),
        "additionalPrinterColumns" => version
            .objects(part)
            .enumerate()
            .flat_map(|(i, column)| check_column(column, &at.child(part).index(i)))
            .collect(),
        _ => check_selectable(version, &at.child(part), schema_is_here),
    }
}

/// `at` is the version, or the spec where all versions share the schema.
fn check_schema(version: Props<'_>, at: &Place, has_status: bool) -> Checked {
    let name = match at.to_string().as_str() {
        "spec" => "validation",
        _ => "schema",
    };
    let schema = version.object("schema").child("openAPIV3Schema");
    let check = |schema| open_api::check(schema, &at.child(name), has_status);
    schema.map_or_else(Checked::default, check)
}

fn check_all_versions(versions: &[Props<'_>], list: &Place) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let names: BTreeSet<&str> = versions
        .iter()
        .map(|version| version.text("name"))
        .collect();
    if names.len() < versions.len() {
        errors.push(invalid(list, "", "must contain unique version names"));
    }
    let stored = versions.iter().filter(|version| version.flag("storage"));
    let stored = stored.count();
    if stored != 1 {
        let text = "must have exactly one version marked as storage version";
        errors.push(invalid(list, "", text));
    }
    if stored == 0 {
        let at = path("status").child("storedVersions");
        errors.push(invalid(&at, "", "must have at least one stored version"));
    }
    let mut seen = BTreeSet::new();
    for version in versions {
        let name = version.text("name");
        if !seen.insert(name) && version.flag("storage") {
            let at = path("status").child("storedVersions");
            let text = format!("must have the storage version {name}");
            errors.push(invalid(&at, "", &text));
        }
    }
    // The first version also stands at the spec.
    if let Some(first) = versions.first() {
        let name = first.text("name");
        let problems = old_label(name);
        if !name.is_empty() && !problems.is_empty() {
            errors.push(invalid(
                &path("spec").child("version"),
                name,
                &problems.join(","),
            ));
        }
    }
    errors
}

fn check_deprecation(version: Props<'_>, at: &Place) -> Vec<FieldError> {
    let at = at.child("deprecationWarning");
    let Some(warning) = version.get("deprecationWarning").and_then(Value::as_str) else {
        return Vec::new();
    };
    if !version.flag("deprecated") {
        let text = "can only be set for deprecated versions";
        return vec![invalid(&at, warning, text)];
    }
    let mut errors = Vec::new();
    if warning.len() > 256 {
        errors.push(invalid(&at, warning, "must be <= 256 characters long"));
    }
    if warning.is_empty() {
        errors.push(invalid(&at, warning, "must not be an empty string"));
    }
    // Go prints no separator but the space.
    let is_odd = |c: char| c.is_control() || (c.is_whitespace() && c != ' ');
    if let Some((i, _)) = warning.char_indices().find(|(_, c)| is_odd(*c)) {
        let text = format!(
            "must only contain printable UTF-8 characters; non-printable character found at index {i}"
        );
        errors.push(invalid(&at, warning, &text));
    }
    errors
}

fn check_scale(subresources: Props<'_>, at: &Place) -> Vec<FieldError> {
    let Some(scale) = subresources.child("scale") else {
        return Vec::new();
    };
    let mut errors = Vec::new();
    for (field, roots) in [
        ("specReplicasPath", &[".spec."][..]),
        ("statusReplicasPath", &[".status."]),
        ("labelSelectorPath", &[".spec.", ".status."]),
    ] {
        let at = at.child(&format!("scale.{field}"));
        let path = scale.text(field);
        if path.is_empty() {
            if field != "labelSelectorPath" {
                errors.push(FieldError::required(&at, ""));
            }
            continue;
        }
        if let Some(error) = simple_path(&at, path) {
            errors.push(error);
        } else if !roots.iter().any(|root| path.starts_with(root)) {
            let roots: Vec<&str> = roots
                .iter()
                .map(|root| root.trim_end_matches('.'))
                .collect();
            let text = match roots[..] {
                [root] => format!("should be a json path under {root}"),
                _ => format!("should be a json path under either {}", roots.join(" or ")),
            };
            errors.push(invalid(&at, path, &text));
        }
    }
    errors
}

fn simple_path(at: &Place, path: &str) -> Option<FieldError> {
    let text = "must be a simple json path starting with .";
    (!path.starts_with('.')).then(|| invalid(at, path, text))
}

fn check_column(column: Props<'_>, at: &Place) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if column.text("name").is_empty() {
        errors.push(FieldError::required(&at.child("name"), ""));
    }
    let types = format!("must be one of {}", COLUMN_TYPES.join(","));
    match column.text("type") {
        "" => errors.push(FieldError::required(&at.child("type"), &types)),
        given if !COLUMN_TYPES.contains(&given) => {
            errors.push(invalid(&at.child("type"), given, &types));
        }
        _ => {}
    }
    let format = column.text("format");
    if !COLUMN_FORMATS.contains(&format) {
        let formats = COLUMN_FORMATS[..8].join(",");
        let text = format!("must be one of {formats}");
        errors.push(invalid(&at.child("format"), format, &text));
    }
    let at = at.child("JSONPath");
    match column.text("jsonPath") {
        "" => errors.push(FieldError::required(&at, "")),
        path => errors.extend(simple_path(&at, path)),
    }
    errors
}

fn check_selectable(version: Props<'_>, at: &Place, schema_is_here: bool) -> Vec<FieldError> {
    let schema = version.object("schema").child("openAPIV3Schema");
    let Some(schema) = schema.filter(|_| schema_is_here) else {
        return match version.list("selectableFields") {
            [] => Vec::new(),
            _ => vec![invalid(
                at,
                "",
                "may only be set when validations.schema is included",
            )],
        };
    };
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for (i, field) in version.objects("selectableFields").enumerate() {
        let at = at.index(i).child("jsonPath");
        let path = field.text("jsonPath");
        if path.is_empty() {
            errors.push(FieldError::required(&at, ""));
            continue;
        }
        let found = match field_path::resolve(path, schema, false) {
            Ok(found) => found,
            Err(why) => {
                errors.push(invalid(&at, path, &format!("is an invalid path: {why}")));
                continue;
            }
        };
        if found.names.first().is_some_and(|name| name == "metadata") {
            errors.push(invalid(&at, path, "must not point to fields in metadata"));
        }
        if !["string", "boolean", "integer"].contains(&found.schema.text("type")) {
            let text = "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
            errors.push(invalid(&at, path, text));
        }
        if !seen.insert(found.names) {
            errors.push(FieldError::duplicate(&at, &path.into()));
        }
    }
    if seen.len() > MOST_SELECTABLE {
        errors.push(FieldError::too_many(at, seen.len(), 8));
    }
    errors
}

fn check_preserve(spec: Props<'_>, at: &Place) -> Vec<FieldError> {
    if !spec.flag("preserveUnknownFields") {
        return Vec::new();
    }
    let field = at.child("preserveUnknownFields");
    let value = Value::Bool(true);
    let text = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
    let mut errors = vec![FieldError::invalid(&field, &value, text)];
    let schemas = spec
        .objects("versions")
        .filter_map(|version| version.object("schema").child("openAPIV3Schema"));
    if schemas.into_iter().any(open_api::has_defaults) {
        let text = "must be false in order to use defaults in the schema";
        errors.push(FieldError::invalid(&field, &value, text));
    }
    let strategy = spec.object("conversion").text("strategy");
    if spec.has("conversion") && strategy != "None" {
        let at = at.child("conversion").child("strategy");
        let text = "must be None if spec.preserveUnknownFields is true";
        errors.push(invalid(&at, strategy, text));
    }
    errors
}

fn check_conversion(spec: Props<'_>, at: &Place) -> Vec<FieldError> {
    let Some(conversion) = spec.child("conversion") else {
        return Vec::new();
    };
    let strategy = conversion.text("strategy");
    let mut errors: Vec<FieldError> = one_of(&at.child("strategy"), strategy, &["None", "Webhook"])
        .into_iter()
        .collect();
    let webhook = conversion.object("webhook");
    let client = webhook.child("clientConfig");
    let reviews = at.child("conversionReviewVersions");
    let at = at.child("webhookClientConfig");
    if strategy == "Webhook" {
        match client {
            Some(client) => errors.extend(check_client(client, &at)),
            None => {
                let text = "required when strategy is set to Webhook";
                errors.push(FieldError::required(&at, text));
            }
        }
        errors.extend(check_reviews(webhook, &reviews));
        return errors;
    }
    let text = "should not be set when strategy is not set to Webhook";
    if client.is_some() {
        errors.push(FieldError::forbidden(&at, text));
    }
    if !webhook.list("conversionReviewVersions").is_empty() {
        errors.push(FieldError::forbidden(&reviews, text));
    }
    errors
}

fn check_client(client: Props<'_>, at: &Place) -> Vec<FieldError> {
    let url = client.get("url").and_then(Value::as_str);
    match (url, client.child("service")) {
        (Some(_), Some(_)) | (None, None) => {
            let text = "exactly one of url or service is required";
            vec![FieldError::required(at, text)]
        }
        (Some(url), None) => check_url(url, &at.child("url")),
        (None, Some(service)) => check_service(service, &at.child("service")),
    }
}

fn check_url(url: &str, at: &Place) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (scheme, rest) = rest.split_once("://").unwrap_or(("", rest));
    let authority = match scheme {
        "" => "",
        _ => rest.split('/').next().unwrap_or_default(),
    };
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    const FORM: &str = "; desired format: https://host[/path]";
    if scheme != "https" {
        let text = format!("'https' is the only allowed URL scheme{FORM}");
        errors.push(invalid(at, scheme, &text));
    }
    if host.is_empty() {
        errors.push(invalid(at, host, &format!("host must be specified{FORM}")));
    }
    if let Some(user) = user {
        let text = "user information is not permitted in the URL";
        errors.push(invalid(at, user, text));
    }
    if !fragment.is_empty() {
        let text = "fragments are not permitted in the URL";
        errors.push(invalid(at, fragment, text));
    }
    if !query.is_empty() {
        let text = "query parameters are not permitted in the URL";
        errors.push(invalid(at, query, text));
    }
    errors
}

/// The server passes name and namespace the wrong way round, so the fields of
/// what is missing are, too.
fn check_service(service: Props<'_>, at: &Place) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (field, reported) in [("namespace", "name"), ("name", "namespace")] {
        if service.text(field).is_empty() {
            errors.push(FieldError::required(&at.child(reported), ""));
        }
    }
    let port = service.get("port").and_then(Value::as_i64).unwrap_or(443);
    if !(1..=65535).contains(&port) {
        let text = "port is not valid: must be between 1 and 65535, inclusive";
        errors.push(FieldError::invalid(&at.child("port"), &port.into(), text));
    }
    let path = service.text("path");
    let at = at.child("path");
    if path == "//" {
        errors.push(invalid(&at, path, "segment[0] may not be empty"));
        return errors;
    }
    if path.is_empty() || path == "/" {
        return errors;
    }
    if !path.starts_with('/') {
        errors.push(invalid(&at, path, "must start with a '/'"));
    }
    let steps: String = path.chars().skip(1).collect();
    let steps = steps.strip_suffix('/').unwrap_or(&steps);
    for (i, step) in steps.split('/').enumerate() {
        if step.is_empty() {
            let text = format!("segment[{i}] may not be empty");
            errors.push(invalid(&at, path, &text));
            continue;
        }
        for problem in subdomain(step) {
            errors.push(invalid(&at, path, &format!("segment[{i}]: {problem}")));
        }
    }
    errors
}

fn check_reviews(webhook: Props<'_>, at: &Place) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for (i, version) in webhook.texts("conversionReviewVersions").enumerate() {
        if !seen.insert(version) {
            errors.push(invalid(&at.index(i), version, "duplicate version"));
            continue;
        }
        for problem in old_label(version) {
            errors.push(invalid(&at.index(i), version, &problem));
        }
    }
    if seen.is_empty() {
        errors.push(FieldError::required(at, ""));
    } else if !seen.contains("v1") && !seen.contains("v1beta1") {
        errors.push(invalid(at, "", "must include at least one of v1, v1beta1"));
    }
    errors
}
