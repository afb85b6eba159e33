//! A Composition and an XRD, as far as a reconcile reads them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    go::Object,
    object::{self, GroupVersionKind},
    protocol::{Match, Selector},
};

/// A Composition (`apiextensions.crossplane.io/v1`).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Composition {
    /// `apiextensions.crossplane.io/v1`.
    pub api_version: String,
    /// `Composition`.
    pub kind: String,
    /// Its name and labels.
    pub metadata: Metadata,
    /// What it does.
    pub spec: CompositionSpec,
    /// The whole of it.
    #[serde(skip)]
    pub object: Object,
}

impl Composition {
    /// Reads a Composition.
    ///
    /// # Errors
    /// If a field has the wrong type.
    pub fn read(object: Object) -> Result<Self, serde_json::Error> {
        let composition: Self = serde_json::from_value(Value::Object(object.clone()))?;
        Ok(Self {
            object,
            ..composition
        })
    }
}

/// Name and labels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// The name.
    pub name: String,
    /// The labels.
    pub labels: BTreeMap<String, String>,
}

/// `spec` of a Composition.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CompositionSpec {
    /// The kind of XR that it is for.
    pub composite_type_ref: TypeReference,
    /// `Pipeline`.
    pub mode: String,
    /// Its steps.
    pub pipeline: Vec<Step>,
    /// Where legacy XRs write connection secrets.
    pub write_connection_secrets_to_namespace: Option<String>,
}

/// A kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TypeReference {
    /// Its apiVersion.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
}

/// A step of a pipeline.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Step {
    /// Its name.
    pub step: String,
    /// The function that it calls.
    pub function_ref: FunctionReference,
    /// What it gives the function.
    pub input: Option<Object>,
    /// Secrets that it gives the function.
    pub credentials: Vec<CredentialsReference>,
    /// Resources and schemas that are there on the first call.
    pub requirements: Option<StepRequirements>,
}

/// A function by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct FunctionReference {
    /// The name.
    pub name: String,
}

/// Credentials of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CredentialsReference {
    /// Their name to the function.
    pub name: String,
    /// `Secret` or `None`.
    pub source: String,
    /// Which Secret.
    pub secret_ref: Option<SecretReference>,
}

/// A Secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SecretReference {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// What a step requires from the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StepRequirements {
    /// Resources.
    pub required_resources: Vec<RequiredResource>,
    /// Schemas.
    pub required_schemas: Vec<RequiredSchema>,
}

/// Resources that a step requires.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RequiredResource {
    /// Their name to the function.
    pub requirement_name: String,
    /// Their apiVersion.
    pub api_version: String,
    /// Their kind.
    pub kind: String,
    /// The one of this name.
    pub name: Option<String>,
    /// All with these labels.
    pub match_labels: Option<BTreeMap<String, String>>,
    /// In this namespace.
    pub namespace: Option<String>,
}

impl RequiredResource {
    /// A name counts before labels.
    pub(crate) fn selector(&self) -> Selector {
        let matching = match (&self.name, &self.match_labels) {
            (Some(name), _) => Match::Name(name.clone()),
            (None, Some(labels)) if !labels.is_empty() => Match::Labels(labels.clone()),
            (None, _) => Match::All,
        };
        Selector {
            api_version: self.api_version.clone(),
            kind: self.kind.clone(),
            matching,
            namespace: self.namespace.clone(),
        }
    }
}

/// A schema that a step requires.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RequiredSchema {
    /// Its name to the function.
    pub requirement_name: String,
    /// The kind's apiVersion.
    pub api_version: String,
    /// The kind.
    pub kind: String,
}

/// Where Crossplane's own fields stand in an XR.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// Below `spec.crossplane`.
    #[default]
    Modern,
    /// Directly below `spec`; such an XR may have a claim and connection details.
    Legacy,
}

impl Layout {
    /// That of an XR with or without its XRD (`selectSchema` of core's render).
    ///
    /// # Errors
    /// If the XRD is none or is for another kind.
    pub(crate) fn of(composite: &Object, definition: Option<&Object>) -> Result<Self, String> {
        let Some(definition) = definition else {
            return Ok(Self::Modern);
        };
        let text = |path: &[&str]| object::string(definition, path);
        let name = object::name(definition);
        let scope = object::nested(definition, &["spec", "scope"]).and_then(Value::as_str);
        let layout = match text(&["apiVersion"]) {
            "apiextensions.crossplane.io/v1" => match scope {
                None | Some("LegacyCluster") => Self::Legacy,
                Some(_) => Self::Modern,
            },
            "apiextensions.crossplane.io/v2" => match scope {
                Some("LegacyCluster") => Self::Legacy,
                _ => Self::Modern,
            },
            other => {
                return Err(format!(
                    "CompositeResourceDefinition {name:?} has unrecognized apiVersion {other:?} \
                     (expected one of [apiextensions.crossplane.io/v1 apiextensions.crossplane.io/v2])"
                ));
            }
        };
        let defined = (text(&["spec", "group"]), text(&["spec", "names", "kind"]));
        let of = GroupVersionKind::of(composite);
        if defined != (of.group.as_str(), of.kind.as_str()) {
            return Err(format!(
                "CompositeResourceDefinition {name:?} (composite Group={} Kind={}) does not match \
                 the input XR's Group={} Kind={}",
                defined.0, defined.1, of.group, of.kind
            ));
        }
        Ok(layout)
    }

    /// The path of one of Crossplane's fields in the spec.
    pub(crate) fn path(self, field: &str) -> Vec<&str> {
        match self {
            Self::Modern => vec!["spec", "crossplane", field],
            Self::Legacy => vec!["spec", field],
        }
    }

    /// The value of one of Crossplane's fields.
    pub(crate) fn get<'o>(self, composite: &'o Object, field: &str) -> Option<&'o Value> {
        object::nested(composite, &self.path(field))
    }

    /// Sets one of Crossplane's fields; a spec that is no object stays as it is.
    pub(crate) fn set(self, composite: &mut Object, field: &str, value: Value) {
        let path = self.path(field);
        let (last, way) = match path.split_last() {
            Some((last, way)) => (*last, way),
            None => return,
        };
        let mut here = composite;
        for key in way {
            let below = here
                .entry((*key).to_owned())
                .or_insert_with(|| Value::Object(Object::new()));
            let Value::Object(below) = below else { return };
            here = below;
        }
        here.insert(last.to_owned(), value);
    }
}
