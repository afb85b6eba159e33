//! What the CLI does around a reconcile: it checks, fills in defaults, and puts
//! what came out into documents.

use std::{path::PathBuf, sync::Arc};

use diagnostics::Diagnostic;
use function_pipeline::{
    Composition, Outcome, Reconcile, ReconcileError, Reconciler, Schemas, StepItems, Warning,
    base64, fix_times,
    go::Object,
    merge,
    object::{controller, name, namespace, string},
};
use serde_json::{Value, json};

use crate::{
    arguments::RenderArgs,
    definition::{Definition, Judge},
    failure::Failure,
    files::{self, Document, File, Origin},
    place,
    state::{State, Subject},
};

/// apiVersion of upstream's own documents.
const RENDER: &str = "render.crossplane.io/v1beta1";
/// apiVersion of the documents that upstream does not have.
const OURS: &str = "render.hermetic.dev/v1alpha1";

/// What all XRs of one invocation share.
pub(crate) struct Inputs {
    pub(crate) subjects: Vec<Subject>,
    pub(crate) composition: Arc<Composition>,
    composition_document: Document,
    definition: Option<Definition>,
    observed: Vec<Object>,
    required: Vec<Object>,
    credentials: Vec<Object>,
    context: Object,
    schemas: Schemas,
}

/// An XR's documents, and what else is to be told.
pub(crate) struct Rendered {
    pub(crate) documents: Vec<Value>,
    pub(crate) warnings: Vec<Diagnostic>,
    /// What each step's program gave, if that was asked for.
    pub(crate) steps: Vec<StepItems>,
    /// The XR and its observed resources.
    pub(crate) observed: Vec<Object>,
}

impl Inputs {
    pub(crate) fn read(args: &RenderArgs) -> Result<Self, Failure> {
        let mut subjects = Vec::new();
        files::for_each_below(&args.composite, "composite resource", |document| {
            subjects.push(Subject::read(document)?);
            Ok(())
        })?;
        if subjects.is_empty() {
            let path = args.composite.display();
            return Err(Failure::text(format!(
                "cannot load composite resource from \"{path}\": the file is empty"
            )));
        }
        let (composition_document, composition) = read_composition(args)?;
        let definition = args.xrd.as_deref().map(Definition::read).transpose()?;
        if let Some(definition) = &definition {
            definition.judge(&mut subjects);
        }
        let required = [
            args.required_resources.clone(),
            args.extra_resources.clone(),
        ]
        .concat();
        let credentials: Vec<PathBuf> = args.function_credentials.iter().cloned().collect();
        let schemas = args.required_schemas.as_ref();
        Ok(Self {
            subjects,
            composition: Arc::new(composition),
            composition_document,
            definition,
            observed: files::objects_below(
                &args.observed_resources,
                "observed composed resources",
            )?,
            required: files::objects_below(&required, "required resources")?,
            credentials: files::objects_below(&credentials, "secrets")?,
            context: context(args)?,
            schemas: Schemas::new(
                schemas
                    .map(|folder| files::schemas(folder))
                    .transpose()?
                    .unwrap_or_default(),
            ),
        })
    }

    /// Renders one XR.
    pub(crate) fn render(
        &self,
        subject: &Subject,
        args: &RenderArgs,
        reconciler: &dyn Reconciler,
    ) -> Result<Rendered, Failure> {
        let origin = &subject.origin;
        check(&subject.composite, &self.composition)
            .map_err(|error| origin.says(Diagnostic::error(error)))?;
        let mut xr = subject.composite.clone();
        let mut warnings = subject.findings.clone();
        if let Some(definition) = self.definition.as_ref().filter(|_| !args.no_defaults) {
            definition.fill_in(&mut xr)?;
        }
        let reconcile = self.reconcile(xr, subject)?;
        let outcome = reconciler
            .reconcile(&reconcile)
            .map_err(|error| self.error(error, origin))?;
        warnings.extend(outcome.warnings.iter().map(|warning| self.warning(warning)));
        let steps = outcome.steps.clone();
        let documents = documents(&reconcile.composite, outcome, args)
            .map_err(|error| origin.says(Diagnostic::error(error)))?;
        let observed = std::iter::once(reconcile.composite).chain(reconcile.observed);
        Ok(Rendered {
            documents,
            warnings,
            steps,
            observed: observed.collect(),
        })
    }

    /// Why there is no outcome, with its place.
    pub(crate) fn error(&self, error: ReconcileError, origin: &Origin) -> Diagnostic {
        let diagnostic = Diagnostic::error(error.to_string());
        match error.step() {
            Some(step) => place::in_step(&self.composition_document, step, diagnostic),
            None => origin.says(diagnostic),
        }
    }

    /// What judges XRs, if there is an XRD.
    pub(crate) fn judge(&self) -> Option<Judge> {
        self.definition
            .as_ref()
            .map(Definition::judge_of_composites)
    }

    /// Reconciles once, the XRD's defaults filled in; gives what went wrong.
    pub(crate) fn verdict(
        &self,
        mut reconcile: Reconcile,
        args: &RenderArgs,
        reconciler: &dyn Reconciler,
    ) -> Option<ReconcileError> {
        if let Some(definition) = self.definition.as_ref().filter(|_| !args.no_defaults) {
            // The whole XR was filled in without a failure before.
            definition.fill_in(&mut reconcile.composite).ok()?;
        }
        reconciler.reconcile(&reconcile).err()
    }

    fn warning(&self, warning: &Warning) -> Diagnostic {
        let message = format!("pipeline step {:?}: {}", warning.step, warning.message);
        let diagnostic = Diagnostic::warning(message);
        place::in_step(&self.composition_document, &warning.step, diagnostic)
    }

    /// What is reconciled, without the XRD's defaults.
    pub(crate) fn reconcile(
        &self,
        composite: Object,
        subject: &Subject,
    ) -> Result<Reconcile, Failure> {
        let state = match &subject.state {
            Some(state) => state.clone(),
            None => State {
                observed: match self.subjects.len() {
                    1 => self.observed.clone(),
                    _ => self.observed_of(&composite, &subject.origin)?,
                },
                ..State::default()
            },
        };
        let mut context = state.context;
        context.extend(self.context.clone());
        Ok(Reconcile {
            composite,
            composition: Arc::clone(&self.composition),
            observed: state.observed,
            required: [state.required, self.required.clone()].concat(),
            credentials: self.credentials.clone(),
            context,
            definition: self
                .definition
                .as_ref()
                .map(|definition| Arc::clone(&definition.object)),
            schemas: self.schemas.clone(),
        })
    }

    /// Of several XRs, each observes what it controls.
    fn observed_of(&self, composite: &Object, origin: &Origin) -> Result<Vec<Object>, Failure> {
        let mut own = Vec::new();
        for resource in &self.observed {
            let Some(owner) = controller(resource) else {
                let message = format!(
                    "observed resource {} has no controller, so it cannot be told which of {} XRs \
                     it belongs to",
                    name(resource),
                    self.subjects.len()
                );
                let hint = "give it the ownerReferences that Crossplane sets";
                let finding = Diagnostic::error(message).hint(hint);
                return Err(origin.says(finding).into());
            };
            let is_own = owner.kind == string(composite, &["kind"])
                && owner.name == name(composite)
                && owner.api_version == string(composite, &["apiVersion"])
                && (namespace(composite).is_empty() || namespace(composite) == namespace(resource));
            if is_own {
                own.push(resource.clone());
            }
        }
        Ok(own)
    }
}

fn read_composition(args: &RenderArgs) -> Result<(Document, Composition), Failure> {
    let document = files::document(&args.composition, "Composition")?;
    let wrong = |message: String| {
        let path = args.composition.display();
        let message = format!("cannot load Composition from \"{path}\": {message}");
        Failure::new(document.says(Diagnostic::error(message)))
    };
    let composition = Composition::read(document.object.clone()).map_err(|error| {
        wrong(format!(
            "cannot unmarshal composition resource YAML: {error}"
        ))
    })?;
    let is_composition = composition.kind == "Composition"
        && composition.api_version == "apiextensions.crossplane.io/v1";
    if !is_composition {
        let (kind, name) = (&composition.kind, &composition.metadata.name);
        return Err(wrong(format!("not a composition: {kind}/{name}")));
    }
    Ok((document, composition))
}

/// The context that the first step finds.
fn context(args: &RenderArgs) -> Result<Object, Failure> {
    let mut context = Object::new();
    for (key, path) in args.context_files.iter().flat_map(|pairs| &pairs.0) {
        let file = File::read(path.as_ref(), "context")?;
        context.insert(key.clone(), files::value(key, &file.text)?);
    }
    for (key, text) in args.context_values.iter().flat_map(|pairs| &pairs.0) {
        context.insert(key.clone(), files::value(key, text)?);
    }
    Ok(context)
}

/// What the CLI refuses before it reconciles.
fn check(composite: &Object, composition: &Composition) -> Result<(), String> {
    let kind = string(composite, &["kind"]);
    let api_version = string(composite, &["apiVersion"]);
    let wanted = &composition.spec.composite_type_ref;
    let name = &composition.metadata.name;
    if wanted.kind != kind {
        return Err(format!(
            "composition's compositeTypeRef.kind ({}) does not match XR's kind ({kind})",
            wanted.kind
        ));
    }
    if wanted.api_version != api_version {
        return Err(format!(
            "composition's compositeTypeRef.apiVersion ({}) does not match XR's apiVersion \
             ({api_version})",
            wanted.api_version
        ));
    }
    let selector = function_pipeline::object::nested(
        composite,
        &["spec", "crossplane", "compositionSelector", "matchLabels"],
    );
    for (label, value) in selector.and_then(Value::as_object).into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        match composition.metadata.labels.get(label) {
            None => {
                return Err(format!(
                    "composition {name:?} is missing required label {label:?}"
                ));
            }
            Some(given) if given != value => {
                return Err(format!(
                    "composition {name:?} has incorrect value for label {label:?}: want {value:?}, \
                     got {given:?}"
                ));
            }
            Some(_) => {}
        }
    }
    if composition.spec.mode != "Pipeline" {
        return Err(format!(
            "render only supports Composition Function pipelines: Composition {name:?} must use \
             spec.mode: Pipeline"
        ));
    }
    Ok(())
}

/// What is printed of an outcome. `composite` is the XR that was reconciled.
fn documents(
    composite: &Object,
    outcome: Outcome,
    args: &RenderArgs,
) -> Result<Vec<Value>, String> {
    let mut xr = outcome.composite;
    if args.include_full_xr {
        let mut whole = composite.clone();
        merge(&mut whole, xr);
        xr = whole;
    }
    fix_times(&mut xr)
        .map_err(|error| format!("cannot replace condition timestamps in xr: {error}"))?;
    let mut documents = vec![Value::Object(xr)];
    for mut resource in outcome.composed {
        fix_times(&mut resource).map_err(|error| {
            let name = name(&resource);
            format!("cannot replace condition timestamps in composed resource {name}: {error}")
        })?;
        documents.push(Value::Object(resource));
    }
    if args.include_function_results {
        documents.extend(outcome.events.iter().map(result));
    }
    if let Some(context) = outcome.context.filter(|_| args.include_context) {
        documents.push(json!({"apiVersion": RENDER, "kind": "Context", "fields": context}));
    }
    if args.show_deleted {
        documents.push(deleted(&outcome.deleted));
    }
    if let Some(details) = outcome
        .connection_details
        .filter(|_| args.show_connection_details)
    {
        let data: Object = details
            .into_iter()
            .map(|(key, bytes)| (key, Value::from(base64::encode(&bytes))))
            .collect();
        documents.push(json!({"apiVersion": OURS, "kind": "ConnectionDetails", "data": data}));
    }
    Ok(documents)
}

fn result(event: &function_pipeline::Event) -> Value {
    json!({
        "apiVersion": RENDER,
        "kind": "Result",
        "severity": event.severity(),
        "reason": event.reason,
        "message": event.message,
    })
}

fn deleted(resources: &[Object]) -> Value {
    let entry = |resource: &Object| {
        let mut entry = json!({
            "apiVersion": string(resource, &["apiVersion"]),
            "kind": string(resource, &["kind"]),
            "name": name(resource),
        });
        if !namespace(resource).is_empty() {
            entry["namespace"] = Value::from(namespace(resource));
        }
        entry
    };
    let entries: Vec<Value> = resources.iter().map(entry).collect();
    json!({"apiVersion": OURS, "kind": "Deleted", "resources": entries})
}
