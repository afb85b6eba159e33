//! The input of a KCL step (`krm.kcl.dev/v1alpha1` KCLInput).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::go::{self, Object};

/// What stands in a step's `input`. An unknown field is an error, as upstream.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Input {
    #[serde(rename = "apiVersion")]
    _api_version: String,
    #[serde(rename = "kind")]
    _kind: String,
    pub(super) metadata: Object,
    pub(super) spec: Spec,
}

/// `spec` of a KCLInput.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Spec {
    pub(super) source: String,
    pub(super) config: Config,
    pub(super) credentials: Credentials,
    pub(super) dependencies: String,
    pub(super) params: BTreeMap<String, Value>,
    pub(super) resources: Vec<Base>,
    target: String,
}

/// `spec.config`: how the program is evaluated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Config {
    /// `name=value`; ignored for an inline program unless `vendor` is set.
    pub arguments: Vec<String>,
    /// KCL setting files.
    pub settings: Vec<String>,
    /// KCL override specifications.
    pub overrides: Vec<String>,
    /// Which part of the result is the document.
    pub path_selectors: Vec<String>,
    /// Run in vendor mode.
    pub vendor: bool,
    /// Sort the keys of every object.
    pub sort_keys: bool,
    /// Keep attributes whose names start with `_`.
    pub show_hidden: bool,
    /// Leave None out, in maps and lists.
    pub disable_none: bool,
    /// KCL's debug mode.
    pub debug: bool,
    /// Check numbers against 32 bits.
    pub strict_range_check: bool,
}

/// `spec.credentials`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Credentials {
    pub(super) url: String,
    pub(super) username: String,
    pub(super) password: String,
}

/// An entry of `spec.resources`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Base {
    pub(super) name: String,
    pub(super) base: Option<Value>,
}

/// What the items of a program are applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Default,
    Resources,
    PatchDesired,
    PatchResources,
    Xr,
}

impl Target {
    /// The empty and any unknown name mean `Default`; the CRD's own default,
    /// `Resources`, has no effect as no API server sees an input.
    fn named(name: &str) -> Self {
        match name {
            "Resources" => Self::Resources,
            "PatchDesired" => Self::PatchDesired,
            "PatchResources" => Self::PatchResources,
            "XR" => Self::Xr,
            _ => Self::Default,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Default => "Default",
            Self::Resources => "Resources",
            Self::PatchDesired => "PatchDesired",
            Self::PatchResources => "PatchResources",
            Self::Xr => "XR",
        }
    }
}

impl Input {
    /// Reads a step's input; none is an empty one.
    pub(super) fn read(input: Option<&Object>) -> Result<Self, String> {
        let value = Value::Object(input.cloned().unwrap_or_default());
        Self::decode(value).map_err(|error| {
            format!(
                "cannot get Function input from *v1.RunFunctionRequest: cannot get function input \
                 *v1alpha1.KCLInput from *v1.RunFunctionRequest: cannot unmarshal JSON from \
                 *structpb.Struct into *v1alpha1.KCLInput: json: {error}"
            )
        })
    }

    fn decode(value: Value) -> Result<Self, String> {
        INPUT.check(&value)?;
        serde_json::from_value(without_nulls(value)).map_err(|error| error.to_string())
    }

    pub(super) fn target(&self) -> Target {
        Target::named(&self.spec.target)
    }

    /// What `KCLInput.Validate` refuses.
    pub(super) fn check(&self) -> Result<(), String> {
        let spec = &self.spec;
        if spec.source.is_empty() {
            return Err("spec.source: Required value: kcl source cannot be empty".to_owned());
        }
        if self.target() != Target::PatchResources {
            return Ok(());
        }
        if spec.resources.is_empty() {
            return Err(
                "spec.Resources: Required value: PatchResources target requires at least one resource"
                    .to_owned(),
            );
        }
        for (index, resource) in spec.resources.iter().enumerate() {
            let at = |field: &str| {
                Err(format!(
                    "spec.Resources[{index}].{field}: Required value: {field} cannot be empty"
                ))
            };
            if resource.name.is_empty() {
                return at("name");
            }
            if resource.base.is_none() {
                return at("base");
            }
        }
        Ok(())
    }
}

/// A Go type, as far as an input has them.
enum Type {
    Any,
    Text(&'static str),
    Flag,
    Params,
    Struct(&'static str, &'static [(&'static str, Type)]),
    List(&'static str, &'static Type),
}

const TEXT: Type = Type::Text("string");
const TEXTS: Type = Type::List("[]string", &TEXT);
const INPUT: Type = Type::Struct(
    "v1alpha1.KCLInput",
    &[
        ("apiVersion", TEXT),
        ("kind", TEXT),
        ("metadata", Type::Any),
        ("spec", SPEC),
    ],
);
const SPEC: Type = Type::Struct(
    "v1alpha1.RunSpec",
    &[
        ("source", TEXT),
        ("config", CONFIG),
        ("credentials", CREDENTIALS),
        ("dependencies", TEXT),
        ("params", Type::Params),
        ("resources", Type::List("v1alpha1.ResourceList", &BASE)),
        ("target", Type::Text("resource.Target")),
    ],
);
const CONFIG: Type = Type::Struct(
    "v1alpha1.ConfigSpec",
    &[
        ("arguments", TEXTS),
        ("settings", TEXTS),
        ("overrides", TEXTS),
        ("pathSelectors", TEXTS),
        ("vendor", Type::Flag),
        ("sortKeys", Type::Flag),
        ("showHidden", Type::Flag),
        ("disableNone", Type::Flag),
        ("debug", Type::Flag),
        ("strictRangeCheck", Type::Flag),
    ],
);
const CREDENTIALS: Type = Type::Struct(
    "v1alpha1.CredSpec",
    &[("url", TEXT), ("username", TEXT), ("password", TEXT)],
);
const BASE: Type = Type::Struct("v1alpha1.Resource", &[("name", TEXT), ("base", Type::Any)]);

impl Type {
    fn name(&self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Flag => "bool",
            Self::Params => "map[string]runtime.RawExtension",
            Self::Text(name) | Self::Struct(name, _) | Self::List(name, _) => name,
        }
    }

    /// What Go's JSON says of a value that has another type or an unknown field.
    fn check(&self, value: &Value) -> Result<(), String> {
        match (self, value) {
            (Self::Any, _)
            | (_, Value::Null)
            | (Self::Text(_), Value::String(_))
            | (Self::Flag, Value::Bool(_))
            | (Self::Params, Value::Object(_)) => Ok(()),
            (Self::List(_, entry), Value::Array(entries)) => {
                entries.iter().try_for_each(|value| entry.check(value))
            }
            (Self::Struct(of, fields), Value::Object(object)) => {
                object.iter().try_for_each(|(name, value)| {
                    match fields.iter().find(|(known, _)| known == name) {
                        Some((_, field)) => field.check(value),
                        None => Err(format!(
                            "cannot unmarshal Go value of type {of}: unknown name {}",
                            go::quoted(name)
                        )),
                    }
                })
            }
            _ => {
                let kind = match value {
                    Value::Bool(_) => "boolean",
                    value => go::json_kind(value),
                };
                let name = self.name();
                Err(format!(
                    "cannot unmarshal JSON {kind} into Go value of type {name}"
                ))
            }
        }
    }
}

/// A null stands for "not given" everywhere but below `spec.params` and in a
/// base, whose values are the program's.
fn without_nulls(input: Value) -> Value {
    let Value::Object(mut input) = input else {
        return input;
    };
    input.retain(|_, value| !value.is_null());
    if let Some(Value::Object(spec)) = input.get_mut("spec") {
        spec.retain(|_, value| !value.is_null());
        for part in ["config", "credentials"] {
            if let Some(Value::Object(part)) = spec.get_mut(part) {
                part.retain(|_, value| !value.is_null());
            }
        }
    }
    Value::Object(input)
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_in_the_words_of_gos_json() {
        for (spec, expected) in [
            (
                json!({"foo": 1}),
                "Go value of type v1alpha1.RunSpec: unknown name \"foo\"",
            ),
            (
                json!({"config": {"a": 1}}),
                "Go value of type v1alpha1.ConfigSpec: unknown name \"a\"",
            ),
            (
                json!({"resources": [{"a": 1}]}),
                "Go value of type v1alpha1.Resource: unknown name \"a\"",
            ),
            (
                json!({"target": 5}),
                "JSON number into Go value of type resource.Target",
            ),
            (
                json!({"config": {"vendor": "x"}}),
                "JSON string into Go value of type bool",
            ),
            (
                json!({"config": {"arguments": [true]}}),
                "JSON boolean into Go value of type string",
            ),
            (
                json!({"params": [1]}),
                "JSON array into Go value of type map[string]runtime.RawExtension",
            ),
            (
                json!("x"),
                "JSON string into Go value of type v1alpha1.RunSpec",
            ),
        ] {
            let error = Input::decode(json!({"spec": spec})).unwrap_err();
            assert_eq!(error, format!("cannot unmarshal {expected}"));
        }
        let nulls =
            json!({"spec": {"source": null, "config": {"vendor": null}, "resources": null}});
        assert_eq!(Input::decode(nulls), Ok(Input::default()));
    }
}
