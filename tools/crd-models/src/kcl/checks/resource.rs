//! What every resource must be, beside its schema (apimachinery,
//! `pkg/api/validation/objectmeta.go`).

use super::formats::{matches, short};
use super::{Check, limits};
use crate::analysis::{Model, Shape, Value};
use crate::cel::{Code, Level};
use kube_schema::Scope;

/// The checks of the metadata of a whole resource. Labels and the like are
/// checked by the schema of the metadata itself. That there is a name is not
/// asked: Crossplane makes one later, or another part of a program adds it.
pub fn checks(model: &Model) -> Vec<Check> {
    let (name, prefix) = (
        Code::atom("metadata.name"),
        Code::atom("metadata.generateName"),
    );
    let mut checks = vec![
        given(
            "name",
            short(&name, "_SUBDOMAIN", 253),
            "must be a lower-case DNS name",
        ),
        given(
            "generateName",
            Code::all([
                Code::new(
                    Level::Comparison,
                    format!("_len({prefix}.removesuffix(\"-\")) <= 253"),
                ),
                matches(&prefix, "_PREFIX"),
            ]),
            "must begin a lower-case DNS name",
        ),
    ];
    if model.scope == Scope::Namespaced {
        let namespace = Code::atom("metadata.namespace");
        let label = short(&namespace, "_LABEL", 63);
        checks.push(given("namespace", label, "must be a lower-case DNS label"));
    }
    checks.extend(of_name(model));
    checks
}

/// What a CRD says of the name. One that the server has yet to make is not judged.
fn of_name(model: &Model) -> Vec<Check> {
    let value = Value {
        shape: Shape::Str,
        ..Value::any()
    };
    let bounds = limits::bounds(&value, &model.name_limits, &Code::atom("metadata.name"));
    let checks = bounds.checks.into_iter();
    checks
        .map(|check| given("name", check.condition, check.message))
        .collect()
}

/// A field of the metadata; an empty one is none.
fn given(field: &str, condition: Code, message: impl Into<String>) -> Check {
    let is_given = Code::atom(format!("metadata?.{field}"));
    let condition = Code::any([is_given.negated(), condition]);
    Check::new(condition, format!("metadata.{field}: {}", message.into()))
}
