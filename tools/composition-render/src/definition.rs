//! The XRD: its defaults go into the XR, its rules judge it.

use std::{path::Path, sync::Arc};

use diagnostics::Diagnostic;
use function_pipeline::{
    go::Object,
    object::{name, nested, string},
};
use kube_schema::{
    Crd, Origin,
    validate::{FieldError, Validator, fill_in_defaults},
};
use serde_json::Value;

use crate::{
    failure::Failure,
    files::{self, Document},
    state::Subject,
};

/// An XRD as it was read.
pub(crate) struct Definition {
    document: Document,
    /// The same, for many reconciles to share.
    pub(crate) object: Arc<Object>,
    crds: Vec<Crd>,
    /// The XR's CRD, with the defaults that the CLI knows.
    composite: Option<Crd>,
}

impl Definition {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let document = files::document(path, "XRD")?;
        let file = &document.file;
        let crds = kube_schema::parse_crds(&file.name, &file.text)
            .map_err(|error| error.diagnostic(|_| Some(file.text.to_string())))?;
        let composite = crds.iter().find(|crd| crd.origin == Origin::Composite);
        let mut composite = composite.cloned();
        if nested(&document.object, &["spec", UPDATE_POLICY_DEFAULT]).is_none() {
            composite.iter_mut().for_each(without_update_policy);
        }
        Ok(Self {
            composite,
            crds,
            object: Arc::new(document.object.clone()),
            document,
        })
    }

    /// Fills the defaults in, as the CLI does (`ApplyXRDDefaults`).
    pub(crate) fn fill_in(&self, composite: &mut Object) -> Result<(), Failure> {
        let wanted = string(composite, &["apiVersion"]).to_owned();
        let crd = self.composite.iter();
        let mut versions = crd.flat_map(|crd| {
            let of = |version: &str| format!("{}/{version}", crd.group);
            crd.versions
                .iter()
                .map(move |version| (of(&version.name), version))
        });
        let Some((_, version)) = versions.find(|(api_version, _)| *api_version == wanted) else {
            let message = format!(
                "cannot apply XRD defaults to XR {:?}: the specified API version '{wanted}' does \
                 not exist in the XRD",
                name(composite)
            );
            return Err(self.document.says(Diagnostic::error(message)).into());
        };
        fill_in_defaults(composite, &version.schema);
        Ok(())
    }

    /// Tells every XR what the API server would refuse in it.
    pub(crate) fn judge(&self, subjects: &mut [Subject]) {
        let judge = self.judge_of_composites();
        for subject in subjects {
            let finding = |refusal: String| {
                let message = format!("the API server would refuse this XR: {refusal}");
                subject.origin.says(Diagnostic::warning(message))
            };
            let refusals = judge.refusals(&subject.composite);
            subject.findings = refusals.into_iter().map(finding).collect();
        }
    }

    /// What judges XRs.
    pub(crate) fn judge_of_composites(&self) -> Judge {
        Judge(Validator::new(self.crds.clone()))
    }
}

/// Judges XRs as the API server does on create.
pub(crate) struct Judge(Validator);

impl Judge {
    /// What it would refuse; nothing of a kind that it does not know.
    pub(crate) fn refusals(&self, composite: &Object) -> Vec<String> {
        match self.0.validate(&Value::Object(composite.clone())) {
            Ok(verdict) => verdict.errors.iter().map(FieldError::to_string).collect(),
            Err(_) => Vec::new(),
        }
    }
}

/// In a cluster the API server fills this field of the XRD in, and XRs get it as
/// their default. The CLI reads the XRD's file, where it need not be.
const UPDATE_POLICY_DEFAULT: &str = "defaultCompositionUpdatePolicy";

fn without_update_policy(crd: &mut Crd) {
    for version in &mut crd.versions {
        let Some(spec) = version.schema.properties.get_mut("spec") else {
            continue;
        };
        let field = "compositionUpdatePolicy";
        let machinery = match spec.properties.contains_key("crossplane") {
            true => spec.properties.get_mut("crossplane"),
            false => Some(spec),
        };
        let policy = machinery.and_then(|machinery| machinery.properties.get_mut(field));
        if let Some(policy) = policy {
            policy.default = None;
        }
    }
}
