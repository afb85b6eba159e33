//! Judges a resource as the API server does when it is created with strict
//! field validation: what can be decoded, unknown fields, nulls, defaults,
//! metadata, the scale subresource, schema, embedded resources, lists, CEL rules,
//! in that order (Kubernetes 1.37, apiextensions-apiserver v0.37).
//!
//! Two things differ on purpose. All errors are reported, where the server
//! stops after unknown fields. And `status` is judged too, as its own
//! subresource would be, because a fixture's status should be right as well.
//! The server's limit on the size of a request is not known here. `judges/apiserver` shows that verdict, types of errors and fields
//! are the server's otherwise.

mod builtin;
mod cel;
mod correlation;
mod definition;
mod enums;
mod error;
mod formats;
mod lists;
mod metadata;
mod numbers;
mod path;
mod pattern;
mod scale;
mod shape;
mod shown;
mod structural;
mod update;

pub use definition::{RuleEstimate, as_written, check_definition, rule_estimates};
pub use error::{FieldError, Reason};
pub use pattern::to_rust as pattern_to_rust;
pub use shape::{fill_in_defaults, with_whole_integers};
pub use update::Endpoint;

use crate::{
    Crd, CrdVersion, Definitions, Error, Origin, Schema, Scope, read_crds, read_definitions,
};
use builtin::Builtins;
use path::Path;
use serde_json::Value;
use shape::Root;
use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;

/// What the validation of a resource came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// What is wrong, sorted; empty if the resource is valid.
    pub errors: Vec<FieldError>,
    /// What could not be judged here, and why: a CEL function or a regular
    /// expression that only the API server knows. No error, yet to be shown.
    pub unjudged: Vec<String>,
}

impl Verdict {
    fn new(mut errors: Vec<FieldError>, mut unjudged: Vec<String>, rules: cel::Found) -> Self {
        errors.extend(rules.errors);
        errors.sort();
        unjudged.extend(rules.unjudged);
        unjudged.sort();
        unjudged.dedup();
        Self { errors, unjudged }
    }

    /// Whether nothing is wrong.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }
}

/// What becomes of a resource that is sent to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct Admission {
    /// What is said of it.
    pub verdict: Verdict,
    /// As it would be stored: without unknown fields, with defaults. The server
    /// itself adds a uid, times and who manages which field.
    pub object: Value,
}

/// Why a resource cannot be validated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCovered {
    /// It says no apiVersion or kind.
    #[error("the object has no apiVersion and kind, so no CRD can be found for it")]
    NoIdentity,
    /// No CRD defines its kind.
    #[error("no CRD given defines the kind {kind} of {api_version}{}", hint(near.as_deref()))]
    Kind {
        /// The resource's apiVersion.
        api_version: String,
        /// Its kind.
        kind: String,
        /// A kind that is defined and nearly so called.
        near: Option<String>,
    },
    /// A CRD defines its kind, in other versions.
    #[error("the CRD {crd} does not serve the version {version}; it serves {}", served.join(", "))]
    Version {
        /// The CRD's name.
        crd: String,
        /// The version asked for.
        version: String,
        /// The versions that it serves.
        served: Vec<String>,
    },
    /// The status has no endpoint of its own.
    #[error(
        "the CRD {crd} has no subresource status in the version {version}: it is a part of the resource like any other"
    )]
    NoStatus {
        /// The CRD's name.
        crd: String,
        /// The resource's version.
        version: String,
    },
}

/// `Gadget of example.org`; those of the core group have no more than a name.
fn kind_of(kind: &str, group: &str) -> String {
    match group {
        "" => kind.to_owned(),
        group => format!("{kind} of {group}"),
    }
}

fn hint(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean {near}?"))
        .unwrap_or_default()
}

/// The kinds of a [`Validator`], to be handed to other threads.
#[derive(Debug, Clone)]
pub struct SharedCrds(Arc<BTreeMap<(String, String), Crd>>, Arc<Builtins>);

/// Validates resources against CRDs. Compiled patterns and rules are kept, so
/// use one for many resources.
#[derive(Debug, Default)]
pub struct Validator {
    crds: Arc<BTreeMap<(String, String), Crd>>,
    builtins: Arc<Builtins>,
    patterns: pattern::Patterns,
    rules: cel::Rules,
}

impl Validator {
    /// A validator for the kinds of these CRDs (see [`crate::read_crds`]).
    pub fn new(crds: impl IntoIterator<Item = Crd>) -> Self {
        let crds = crds
            .into_iter()
            .map(|crd| ((crd.group.clone(), crd.names.kind.clone()), crd))
            .collect();
        Self {
            crds: Arc::new(crds),
            ..Self::default()
        }
    }

    /// A validator for the kinds that files, or folders of them, define: CRDs and XRDs;
    /// and schemas of kinds that no CRD defines. Either may be none.
    pub fn read<P: AsRef<FilePath>>(crds: &[P], schemas: &[P]) -> Result<Self, Error> {
        let validator = match crds {
            [] => Self::default(),
            _ => Self::new(read_crds(crds)?),
        };
        Ok(match schemas {
            [] => validator,
            _ => validator.with_builtins(read_definitions(schemas)?),
        })
    }

    /// The same, and for the kinds of these definitions that no CRD defines.
    #[must_use]
    pub fn with_builtins(self, definitions: Definitions) -> Self {
        Self {
            builtins: Arc::new(Builtins::new(definitions)),
            ..self
        }
    }

    /// A validator for the same kinds, for another thread.
    pub fn kinds_of(crds: &SharedCrds) -> Self {
        Self {
            crds: Arc::clone(&crds.0),
            builtins: Arc::clone(&crds.1),
            ..Self::default()
        }
    }

    /// Its kinds, for validators in other threads.
    pub fn share(&self) -> SharedCrds {
        SharedCrds(Arc::clone(&self.crds), Arc::clone(&self.builtins))
    }

    /// The kinds that it knows, each once a group.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        let keys = self.crds.keys().chain(self.builtins.keys());
        keys.map(|(_, kind)| kind.as_str())
    }

    /// Judges a resource.
    pub fn validate(&self, resource: &Value) -> Result<Verdict, NotCovered> {
        let (crd, version) = self.find(resource)?;
        let resource = resource.clone();
        Ok(self.judge(resource, crd, version, &version.schema).verdict)
    }

    /// Judges a resource, and gives it as it would be stored.
    pub fn admit(&self, resource: Value) -> Result<Admission, NotCovered> {
        let (crd, version) = self.find(&resource)?;
        Ok(self.judge(resource, crd, version, &version.schema))
    }

    /// The same of what a composition rendered: of a composite resource without a
    /// spec its status alone, as the cluster has the spec.
    pub fn admit_rendered(&self, resource: Value) -> Result<Admission, NotCovered> {
        if resource.get("spec").is_some() || !self.is_composite(&resource) {
            return self.admit(resource);
        }
        Ok(Admission {
            verdict: self.validate_status(&resource)?,
            object: resource,
        })
    }

    /// Judges a resource by another schema than that of its kind.
    pub fn validate_by(&self, resource: &Value, schema: &Schema) -> Result<Verdict, NotCovered> {
        let (crd, version) = self.find(resource)?;
        Ok(self.judge(resource.clone(), crd, version, schema).verdict)
    }

    /// Judges a part of a resource by its own schema alone.
    pub fn validate_part(&self, value: &Value, schema: &Schema) -> Verdict {
        let mut value = value.clone();
        let mut errors = shape::prune(&mut value, schema, Root::Part);
        shape::drop_nulls(&mut value, Some(schema));
        errors.extend(metadata::decode_embedded(&mut value, schema));
        shape::default(&mut value, schema);
        self.check(&value, schema, errors)
    }

    /// Judges what a composition's function says of the composite resource: its
    /// status alone, without the spec that the composite resource itself has.
    pub fn validate_status(&self, resource: &Value) -> Result<Verdict, NotCovered> {
        let (crd, version) = self.find(resource)?;
        let schema = Schema {
            required: Vec::new(),
            rules: Vec::new(),
            ..version.schema.clone()
        };
        Ok(self.judge(resource.clone(), crd, version, &schema).verdict)
    }

    /// Whether an XRD given defines the resource's kind as its composite resource.
    pub fn is_composite(&self, resource: &Value) -> bool {
        self.find(resource)
            .is_ok_and(|(crd, _)| crd.origin == Origin::Composite)
    }

    fn judge(
        &self,
        mut object: Value,
        crd: &Crd,
        version: &CrdVersion,
        schema: &Schema,
    ) -> Admission {
        let mut errors = metadata::decode(&mut object);
        let is_decoded = errors.iter().all(FieldError::is_decoded);
        errors.extend(shape::prune(&mut object, schema, Root::Resource));
        shape::drop_nulls(&mut object, Some(schema));
        errors.extend(metadata::decode_embedded(&mut object, schema));
        shape::default(&mut object, schema);
        metadata::generate_name(&mut object);

        if is_decoded {
            errors.extend(match self.is_builtin(crd) {
                true => metadata::check_builtin(&object),
                false => metadata::check(&object, crd.scope == Scope::Namespaced),
            });
        }
        if let Some(paths) = &version.subresources.scale {
            errors.extend(scale::check(&object, paths));
        }
        let verdict = self.check(&object, schema, errors);
        Admission { verdict, object }
    }

    /// Judges what is decoded and has its defaults.
    fn check(&self, object: &Value, schema: &Schema, mut errors: Vec<FieldError>) -> Verdict {
        let mut check = structural::Check::new(&self.patterns);
        errors.extend(check.value(&Path::root(), object, schema).errors);
        errors.extend(metadata::check_embedded(object, schema));
        errors.extend(lists::check(object, schema));
        let found = self.rules.check(object, schema, None, errors.iter());
        Verdict::new(errors, check.unjudged, found)
    }

    fn find(&self, resource: &Value) -> Result<(&Crd, &CrdVersion), NotCovered> {
        let text = |key: &str| {
            resource
                .get(key)
                .and_then(Value::as_str)
                .filter(|s| !s.is_empty())
        };
        let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind")) else {
            return Err(NotCovered::NoIdentity);
        };
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let key = (group.to_owned(), kind.to_owned());
        let crd = self
            .crds
            .get(&key)
            .or_else(|| self.builtins.get(&key))
            .ok_or_else(|| self.unknown_kind(api_version, group, kind))?;
        let served = || crd.versions.iter().filter(|v| v.served);
        match served().find(|v| v.name == version) {
            Some(found) => Ok((crd, found)),
            None => Err(NotCovered::Version {
                crd: crd.name(),
                version: version.to_owned(),
                served: served().map(|v| v.name.clone()).collect(),
            }),
        }
    }

    fn is_builtin(&self, crd: &Crd) -> bool {
        let key = (crd.group.clone(), crd.names.kind.clone());
        self.builtins.contains(&key) && !self.crds.contains_key(&key)
    }

    fn unknown_kind(&self, api_version: &str, group: &str, kind: &str) -> NotCovered {
        let keys = || self.crds.keys().chain(self.builtins.keys());
        let kinds = keys().filter(|(g, _)| g == group).map(|(_, k)| k.as_str());
        let same_kind = keys().find(|(_, k)| k == kind);
        let near = match diagnostics::suggest::nearest(kind, kinds) {
            Some(near) => Some(kind_of(near, group)),
            None => same_kind.map(|(group, kind)| kind_of(kind, group)),
        };
        NotCovered::Kind {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            near,
        }
    }
}
