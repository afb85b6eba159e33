//! Judges an update as the API server does (apiextensions-apiserver,
//! `pkg/registry/customresource`; apiserver, `pkg/registry/rest/update.go`): what
//! did not change is not judged again, transition rules see both states, and the
//! status is written through its own subresource alone.

use super::correlation::Correlated;
use super::error::FieldError;
use super::path::Path;
use super::shape::{self, Root};
use super::{Admission, NotCovered, Validator, Verdict};
use super::{lists, metadata, scale, structural};
use crate::{Crd, CrdVersion, Schema, Scope};
use serde_json::{Map, Value};

/// Through which endpoint a resource is updated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// Its own: a status that has a subresource stays as it was.
    Main,
    /// `status`: everything else stays as it was.
    Status,
}

/// An update on its way.
struct Update<'u> {
    crd: &'u Crd,
    version: &'u CrdVersion,
    object: Value,
    old: Value,
    errors: Vec<FieldError>,
}

impl Validator {
    /// Judges a resource that replaces another, and gives it as it would be stored.
    ///
    /// # Errors
    /// If the kind is not known or the version has no such endpoint.
    pub fn admit_update(
        &self,
        resource: &Value,
        old: &Value,
        endpoint: Endpoint,
    ) -> Result<Admission, NotCovered> {
        let (crd, version) = self.find(resource)?;
        if endpoint == Endpoint::Status && !version.subresources.status {
            return Err(NotCovered::NoStatus {
                crd: crd.name(),
                version: version.name.clone(),
            });
        }
        let (object, errors) = decoded(resource, version);
        if errors.iter().any(|error| !error.is_decoded()) {
            let verdict = Verdict {
                errors,
                unjudged: Vec::new(),
            };
            return Ok(Admission { verdict, object });
        }
        let (old, _) = decoded(old, version);
        let mut update = Update {
            crd,
            version,
            object,
            old,
            errors,
        };
        update.prepare(endpoint);
        Ok(self.judge_update(update, endpoint))
    }

    fn judge_update(&self, update: Update<'_>, endpoint: Endpoint) -> Admission {
        let schema = &update.version.schema;
        let (object, old) = (&update.object, &update.old);
        let mut errors = update.errors;
        let namespaced = update.crd.scope == Scope::Namespaced;
        errors.extend(metadata::check_change(object, old, namespaced));
        let mut check = structural::Check::new(&self.patterns);
        match endpoint {
            Endpoint::Main => {
                let both = Some(Correlated::new(object, old, schema));
                let found = check.updated(&Path::root(), object, schema, both);
                errors.extend(found.errors);
                errors.extend(metadata::check_embedded(object, schema));
            }
            Endpoint::Status => errors.extend(status(&mut check, object, old, schema)),
        }
        if let Some(paths) = &update.version.subresources.scale {
            errors.extend(match endpoint {
                Endpoint::Main => scale::check(object, paths),
                Endpoint::Status => scale::check_status(object, paths),
            });
        }
        if lists::check(old, schema).is_empty() {
            errors.extend(lists::check(object, schema));
        }
        // What every kind asks of metadata comes on top, and stops no rules.
        let stopping = errors.iter().filter(|error| !metadata::is_name(error));
        let found = self.rules.check(object, schema, Some(old), stopping);
        let verdict = Verdict::new(errors, check.unjudged, found);
        Admission {
            verdict,
            object: update.object,
        }
    }
}

/// A resource of this version as it is after decoding, with its defaults.
fn decoded(resource: &Value, version: &CrdVersion) -> (Value, Vec<FieldError>) {
    let mut object = resource.clone();
    let schema = &version.schema;
    let mut errors = metadata::decode(&mut object);
    errors.extend(shape::prune(&mut object, schema, Root::Resource));
    shape::drop_nulls(&mut object, Some(schema));
    errors.extend(metadata::decode_embedded(&mut object, schema));
    shape::default(&mut object, schema);
    (object, errors)
}

/// The status by its own schema. To the server it is an object of its own.
fn status(
    check: &mut structural::Check<'_>,
    object: &Value,
    old: &Value,
    schema: &Schema,
) -> Vec<FieldError> {
    let (Some(schema), Some(status)) = (schema.properties.get("status"), object.get("status"))
    else {
        return Vec::new();
    };
    let both = old
        .get("status")
        .map(|old| Correlated::new(status, old, schema));
    let path = Path::at("status");
    let errors = check.updated(&path, status, schema, both).errors;
    // What names no field is about the status.
    errors.into_iter().map(|error| error.or_at(&path)).collect()
}

impl Update<'_> {
    /// What the server fills in and keeps.
    fn prepare(&mut self, endpoint: Endpoint) {
        if self.crd.scope == Scope::Cluster {
            for object in [&mut self.object, &mut self.old] {
                if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
                    metadata.remove("namespace");
                }
            }
        }
        match endpoint {
            Endpoint::Main if self.version.subresources.status => {
                replace(&mut self.object, "status", self.old.get("status"));
            }
            Endpoint::Main => {}
            Endpoint::Status => self.keep_all_but_status(),
        }
        let changed = without_metadata(&self.object) != without_metadata(&self.old);
        let counts = changed && endpoint == Endpoint::Main;
        metadata::take_over(&mut self.object, &self.old, counts);
    }

    fn keep_all_but_status(&mut self) {
        let new = std::mem::replace(&mut self.object, self.old.clone());
        replace(&mut self.object, "status", new.get("status"));
        let fields = new
            .get("metadata")
            .and_then(|metadata| metadata.get("managedFields"));
        if let Some(metadata) = self.object.get_mut("metadata") {
            replace(metadata, "managedFields", fields);
        }
    }
}

/// Sets a field, or takes it out.
fn replace(object: &mut Value, name: &str, value: Option<&Value>) {
    let Value::Object(fields) = object else {
        return;
    };
    match value {
        Some(value) => drop(fields.insert(name.to_owned(), value.clone())),
        None => drop(fields.remove(name)),
    }
}

fn without_metadata(object: &Value) -> Option<Map<String, Value>> {
    let mut fields = object.as_object()?.clone();
    fields.remove("metadata");
    Some(fields)
}
