//! What resources replace: `--old` and `--subresource`.

use clap::ValueEnum;
use diagnostics::Diagnostic;
use kube_schema::validate::{Admission, Endpoint, NotCovered, Validator};
use resource_graph::{Resource, ResourceId};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// An endpoint beside the resource's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Subresource {
    /// The status
    Status,
}

/// The old states by who they are of: group, kind, namespace and name.
#[derive(Debug, Default)]
pub(crate) struct OldStates {
    by_identity: BTreeMap<Identity, Value>,
    subresource: Option<Subresource>,
}

type Identity = (String, String, String, String);

/// A resourceVersion for manifests, which have none.
const SOME_VERSION: &str = "1";

impl OldStates {
    /// Reads what the paths hold.
    pub fn read(paths: &[PathBuf], subresource: Option<Subresource>) -> Result<Self, Diagnostic> {
        let read = resource_graph::read_paths(paths).map_err(|error| Diagnostic::from(*error))?;
        let mut by_identity = BTreeMap::new();
        for resource in read {
            let Some(identity) = identity(&resource.id) else {
                let text = format!("{}: an old state without a name", resource.id);
                return Err(Diagnostic::error(text).at(resource.place()));
            };
            let (place, id) = (resource.place(), resource.id);
            if by_identity.insert(identity, resource.value).is_some() {
                let text = format!("{id} stands twice among the old states");
                return Err(Diagnostic::error(text).at(place).hint("leave one out"));
            }
        }
        Ok(Self {
            by_identity,
            subresource,
        })
    }

    /// Judges it as an update; none if it is created.
    pub fn admit(
        &self,
        resource: &Resource,
        validator: &Validator,
    ) -> Option<Result<Admission, NotCovered>> {
        let found = identity(&resource.id).and_then(|id| self.by_identity.get(&id));
        let old = match (found, self.subresource) {
            (Some(old), _) => old.clone(),
            (None, Some(Subresource::Status)) => before_status(&resource.value),
            (None, None) => return None,
        };
        let endpoint = match self.subresource {
            Some(Subresource::Status) => Endpoint::Status,
            None => Endpoint::Main,
        };
        Some(admit_update(validator, &resource.value, old, endpoint))
    }
}

/// None without a name; no namespace is the one called so.
fn identity(id: &ResourceId) -> Option<Identity> {
    let namespace = id.namespace.as_deref().unwrap_or("default");
    Some((
        id.group().to_owned(),
        id.kind.clone(),
        namespace.to_owned(),
        id.name.clone()?,
    ))
}

/// A resource as it was before its status was written the first time.
fn before_status(resource: &Value) -> Value {
    let mut old = resource.clone();
    if let Value::Object(fields) = &mut old {
        fields.remove("status");
    }
    old
}

/// A client that updates has read the old state, so it sends its resourceVersion;
/// where manifests have none, one is made up and taken out again.
fn admit_update(
    validator: &Validator,
    resource: &Value,
    mut old: Value,
    endpoint: Endpoint,
) -> Result<Admission, NotCovered> {
    let mut resource = resource.clone();
    let is_made_up = version(&old).is_none() && version(&resource).is_none();
    let stored = version(&old).unwrap_or(SOME_VERSION).to_owned();
    for object in [&mut resource, &mut old] {
        if version(object).is_none()
            && let Some(metadata) = metadata(object)
        {
            metadata.insert("resourceVersion".to_owned(), stored.as_str().into());
        }
    }
    let mut admission = validator.admit_update(&resource, &old, endpoint)?;
    if is_made_up && let Some(metadata) = metadata(&mut admission.object) {
        metadata.remove("resourceVersion");
    }
    Ok(admission)
}

fn version(object: &Value) -> Option<&str> {
    object.get("metadata")?.get("resourceVersion")?.as_str()
}

fn metadata(object: &mut Value) -> Option<&mut Map<String, Value>> {
    object.get_mut("metadata")?.as_object_mut()
}
