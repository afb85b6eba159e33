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
    target: Option<Value>,
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
        check_names(&value)?;
        let input: Self =
            serde_json::from_value(without_nulls(value)).map_err(|error| error.to_string())?;
        match &input.spec.target {
            None | Some(Value::String(_)) => Ok(input),
            Some(other) => Err(format!(
                "cannot unmarshal JSON {} into Go value of type resource.Target",
                go::json_kind(other)
            )),
        }
    }

    pub(super) fn target(&self) -> Target {
        let name = self.spec.target.as_ref().and_then(Value::as_str);
        Target::named(name.unwrap_or_default())
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

/// The fields of an input's parts, with the part's name in Go.
const FIELDS: [(&str, &str, &[&str]); 4] = [
    ("", "KCLInput", &["apiVersion", "kind", "metadata", "spec"]),
    (
        "/spec",
        "RunSpec",
        &[
            "source",
            "config",
            "credentials",
            "dependencies",
            "params",
            "resources",
            "target",
        ],
    ),
    (
        "/spec/config",
        "ConfigSpec",
        &[
            "arguments",
            "settings",
            "overrides",
            "pathSelectors",
            "vendor",
            "sortKeys",
            "showHidden",
            "disableNone",
            "debug",
            "strictRangeCheck",
        ],
    ),
    (
        "/spec/credentials",
        "CredSpec",
        &["url", "username", "password"],
    ),
];

/// An unknown field is an error, in the words of Go's JSON.
fn check_names(input: &Value) -> Result<(), String> {
    for (place, of, fields) in FIELDS {
        let given = input.pointer(place).and_then(Value::as_object);
        let unknown = given.into_iter().flatten().map(|(name, _)| name);
        if let Some(name) = unknown
            .into_iter()
            .find(|name| !fields.contains(&name.as_str()))
        {
            return Err(format!(
                "cannot unmarshal Go value of type v1alpha1.{of}: unknown name {} (known: {})",
                go::quoted(name),
                fields.join(", ")
            ));
        }
    }
    Ok(())
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
