//! Runs the pipeline and makes its composed resources (core's
//! `FunctionComposer`).

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use crate::{
    composition::{Layout, Step},
    conditions::{self, Condition},
    function::Functions,
    go::{self, Object, object_through_protobuf},
    names,
    object::{self, GroupVersionKind, OwnerReference, string},
    observe::{self, NAME},
    protocol::{
        Details, FunctionCondition, FunctionResult, Ready, Request, Resource, Response, Severity,
        State, Target,
    },
    reconcile::{Event, Reconcile, ReconcileError, StepItems, Warning},
    requirements::{self, Sources},
    store::{Key, Store},
};

/// The label with the name of the XR, and what its children's names begin with.
pub(crate) const COMPOSITE: &str = "crossplane.io/composite";
const CLAIM_NAME: &str = "crossplane.io/claim-name";
const CLAIM_NAMESPACE: &str = "crossplane.io/claim-namespace";
/// The reason of what has none of its own.
pub(crate) const COMPOSE: &str = "ComposeResources";

/// What composing came to.
#[derive(Debug, Default)]
pub(crate) struct Composed {
    /// Names of the composed resources, and whether each is ready.
    pub(crate) resources: Vec<(String, bool)>,
    pub(crate) connection_details: Details,
    /// What a function said of the XR's readiness.
    pub(crate) ready: Option<bool>,
    pub(crate) events: Vec<TargetedEvent>,
    pub(crate) conditions: Vec<FunctionCondition>,
    pub(crate) context: Option<Object>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) steps: Vec<StepItems>,
}

/// An event, and who is told.
#[derive(Debug)]
pub(crate) struct TargetedEvent {
    pub(crate) event: Event,
    /// What stands before the message where the XR is told.
    pub(crate) detail: Option<String>,
    pub(crate) target: Target,
}

impl TargetedEvent {
    /// The event as the XR is told.
    pub(crate) fn detailed(&self) -> Event {
        match &self.detail {
            Some(detail) => Event {
                message: format!("{detail}: {}", self.event.message),
                ..self.event.clone()
            },
            None => self.event.clone(),
        }
    }
}

/// A desired composed resource on its way.
struct Desired {
    object: Object,
    is_ready: bool,
}

type DesiredResources = BTreeMap<String, Desired>;

/// Composes the resources of the XR, which becomes what the store has then.
pub(crate) fn compose(
    xr: &mut Object,
    layout: Layout,
    reconcile: &Reconcile,
    functions: &Functions,
    store: &mut Store,
) -> Result<Composed, ReconcileError> {
    let resources = observe::observe(xr, layout, store)
        .map_err(|error| failed(format!("cannot get existing composed resources: {error}")))?;
    let details = observe::composite_details(xr, layout, store).map_err(|error| {
        failed(format!(
            "cannot fetch composite resource connection details: {error}"
        ))
    })?;
    let state = Arc::new(State {
        composite: Some(Resource {
            object: xr.clone(),
            connection_details: details,
            ..Resource::default()
        }),
        resources,
    });
    let (mut composed, desired) = run_pipeline(reconcile, functions, store, &state)?;
    let observed = &state.resources;
    let resources = desired_resources(xr, observed, desired.resources, &mut composed.events)?;
    collect_garbage(xr, observed, &resources, store)?;
    refer(xr, layout, &resources, store);
    composed.resources = apply(resources, store);
    let composite = desired.composite.unwrap_or_default();
    composed.ready = match composite.ready {
        Ready::Unspecified => None,
        ready => Some(ready == Ready::True),
    };
    composed.connection_details = composite.connection_details;
    apply_status(xr, composite.object, store);
    Ok(composed)
}

/// An error of composing that is no step's.
fn failed(reason: impl std::fmt::Display) -> ReconcileError {
    ReconcileError::Failed {
        reason: format!("cannot compose resources: {reason}"),
        step: None,
    }
}

fn step_failed(step: &Step, reason: impl std::fmt::Display) -> ReconcileError {
    ReconcileError::Failed {
        reason: format!("cannot compose resources: {reason}"),
        step: Some(step.step.clone()),
    }
}

/// Calls every step's function with what the ones before desire.
fn run_pipeline(
    reconcile: &Reconcile,
    functions: &Functions,
    store: &Store,
    observed: &Arc<State>,
) -> Result<(Composed, State), ReconcileError> {
    let mut composed = Composed {
        context: Some(object_through_protobuf(reconcile.context.clone())),
        ..Composed::default()
    };
    let mut desired = State::default();
    let sources = Sources {
        store,
        schemas: &reconcile.schemas,
    };
    for step in &reconcile.composition.spec.pipeline {
        let request = Request {
            observed: Arc::clone(observed),
            desired,
            context: composed.context.take(),
            ..step_request(step, &sources)?
        };
        let name = &step.function_ref.name;
        let response = requirements::run(functions, name, request, &sources).map_err(|error| {
            let step_name = go::quoted(&step.step);
            step_failed(
                step,
                format!("cannot run Composition pipeline step {step_name}: {error}"),
            )
        })?;
        desired = take_response(step, response, &mut composed)?;
    }
    Ok((composed, desired))
}

/// The part of a request that is the step's own.
fn step_request(step: &Step, sources: &Sources) -> Result<Request, ReconcileError> {
    let required = step.requirements.clone().unwrap_or_default();
    let resources = required
        .required_resources
        .iter()
        .map(|wanted| (wanted.requirement_name.clone(), wanted.selector()))
        .collect();
    let schemas = required.required_schemas.iter().map(|wanted| {
        let kind = (wanted.api_version.clone(), wanted.kind.clone());
        (wanted.requirement_name.clone(), kind)
    });
    Ok(Request {
        input: step.input.clone().map(object_through_protobuf),
        credentials: credentials(step, sources.store)?,
        required_resources: sources.resources(&resources),
        required_schemas: sources.schemas(&schemas.collect()),
        ..Request::default()
    })
}

fn credentials(step: &Step, store: &Store) -> Result<BTreeMap<String, Details>, ReconcileError> {
    let mut credentials = BTreeMap::new();
    for wanted in step.credentials.iter().filter(|c| c.source == "Secret") {
        let Some(secret) = &wanted.secret_ref else {
            continue;
        };
        let found = store.secret(&Key::secret(&secret.namespace, &secret.name));
        let reason = match found {
            Ok(Some(data)) => {
                credentials.insert(wanted.name.clone(), data);
                continue;
            }
            Ok(None) => format!("Secret {} not found", go::quoted(&secret.name)),
            Err(error) => error,
        };
        let (step_name, name) = (go::quoted(&step.step), go::quoted(&wanted.name));
        return Err(step_failed(
            step,
            format!(
                "cannot get Composition pipeline step {step_name} credential {name} from Secret: \
                 {reason}"
            ),
        ));
    }
    Ok(credentials)
}

/// Takes a response in; gives the state that is desired from here on.
fn take_response(
    step: &Step,
    response: Response,
    composed: &mut Composed,
) -> Result<State, ReconcileError> {
    composed
        .warnings
        .extend(response.warnings.into_iter().map(|message| Warning {
            step: step.step.clone(),
            message,
        }));
    composed.steps.extend(response.items.map(|items| StepItems {
        step: step.step.clone(),
        items,
    }));
    composed.context = response.context.map(object_through_protobuf);
    composed.conditions.extend(response.conditions);
    for result in response.results {
        if result.severity == Severity::Fatal {
            return Err(ReconcileError::Fatal {
                step: step.step.clone(),
                message: result.message,
            });
        }
        composed.events.push(event(step, result));
    }
    let mut desired = response.desired;
    for resource in desired.resources.values_mut().chain(&mut desired.composite) {
        resource.object.values_mut().for_each(go::through_protobuf);
    }
    Ok(desired)
}

fn event(step: &Step, result: FunctionResult) -> TargetedEvent {
    let reason = result.reason.filter(|reason| !reason.is_empty());
    let reason = reason.as_deref().unwrap_or(COMPOSE);
    let detail = format!("Pipeline step {}", go::quoted(&step.step));
    if result.severity == Severity::Unspecified {
        let message = format!(
            "{detail} returned a result of unknown severity (assuming warning): {}",
            result.message
        );
        return TargetedEvent {
            event: Event::warning(reason, message),
            detail: None,
            target: Target::Composite,
        };
    }
    let event = match result.severity {
        Severity::Warning => Event::warning(reason, result.message),
        _ => Event::normal(reason, result.message),
    };
    TargetedEvent {
        event,
        detail: Some(detail),
        target: result.target,
    }
}

/// The desired resources with the names and metadata that they get.
fn desired_resources(
    xr: &Object,
    observed: &BTreeMap<String, Resource>,
    resources: BTreeMap<String, Resource>,
    events: &mut Vec<TargetedEvent>,
) -> Result<DesiredResources, ReconcileError> {
    let mut desired = DesiredResources::new();
    for (name, resource) in resources {
        let mut object = resource.object;
        if let Some(observed) = observed.get(&name) {
            keep_identity(&mut object, &observed.object);
        }
        events.extend(namespace_overridden(xr, &name, &object));
        render_metadata(&mut object, xr, &name).map_err(|error| {
            let name = go::quoted(&name);
            failed(format!(
                "cannot render metadata for composed resource {name}: {error}"
            ))
        })?;
        generate_name(&mut object);
        let of = GroupVersionKind::of(&object);
        if !names::is_valid(object::name(&object), &of) {
            let (name, invalid) = (go::quoted(&name), go::quoted(object::name(&object)));
            return Err(failed(format!(
                "cannot apply composed resource {name} because it has an invalid name {invalid}. \
                 Must be a valid RFC 1123 subdomain name."
            )));
        }
        let is_ready = resource.ready == Ready::True;
        desired.insert(name, Desired { object, is_ready });
    }
    Ok(desired)
}

/// What exists keeps its name.
fn keep_identity(object: &mut Object, observed: &Object) {
    object::set_namespace(object, object::namespace(observed));
    object::set_name(object, object::name(observed));
    let generate_name = string(observed, &["metadata", "generateName"]);
    object::set_generate_name(object, generate_name);
}

fn namespace_overridden(xr: &Object, name: &str, object: &Object) -> Option<TargetedEvent> {
    let (wanted, given) = (object::namespace(xr), object::namespace(object));
    if wanted.is_empty() || given.is_empty() || given == wanted {
        return None;
    }
    let [name, given, wanted] = [name, given, wanted].map(go::quoted);
    let message = format!(
        "cannot create composed resource {name} in namespace {given}, using XR namespace {wanted} \
         instead"
    );
    Some(TargetedEvent {
        event: Event::warning("NamespaceOverridden", message),
        detail: None,
        target: Target::Composite,
    })
}

/// What a composed resource has from its XR (`RenderComposedResourceMetadata`).
fn render_metadata(object: &mut Object, xr: &Object, name: &str) -> Result<(), String> {
    let prefix = object::label(xr, COMPOSITE).unwrap_or_default();
    if prefix.is_empty() {
        return Err(format!(
            "cannot find top-level composite resource name label {} in composite resource metadata",
            go::quoted(COMPOSITE)
        ));
    }
    let generate_name = string(object, &["metadata", "generateName"]);
    if object::name(object).is_empty() && generate_name.is_empty() {
        object::set_generate_name(object, &format!("{prefix}-"));
    }
    if !object::namespace(xr).is_empty() {
        object::set_namespace(object, object::namespace(xr));
    }
    if !name.is_empty() {
        object::add_annotations(object, [(NAME, name)]);
    }
    object::add_labels(object, [(COMPOSITE, prefix.as_str())]);
    let claim = [CLAIM_NAME, CLAIM_NAMESPACE].map(|key| object::label(xr, key).unwrap_or_default());
    if claim.iter().all(|text| !text.is_empty()) {
        let [claim_name, claim_namespace] = &claim;
        object::add_labels(
            object,
            [
                (CLAIM_NAME, claim_name.as_str()),
                (CLAIM_NAMESPACE, claim_namespace.as_str()),
            ],
        );
    }
    let of = GroupVersionKind::of(xr);
    let owner = OwnerReference {
        api_version: of.api_version(),
        kind: of.kind,
        name: object::name(xr).to_owned(),
        uid: object::uid(xr).to_owned(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    };
    object::add_controller(object, &owner)
        .map_err(|error| format!("cannot set controller reference: {error}"))
}

fn generate_name(object: &mut Object) {
    let prefix = string(object, &["metadata", "generateName"]).to_owned();
    if !object::name(object).is_empty() || prefix.is_empty() {
        return;
    }
    let name = object::annotation(object, NAME).unwrap_or_default();
    let owner = object::controller(object).map(|owner| owner.uid);
    let generated = match owner.filter(|uid| !uid.is_empty() && !name.is_empty()) {
        Some(uid) => names::child_name(&prefix, &uid, &name),
        None => names::drawn_name(&prefix, &go::object_to_json(object)),
    };
    object::set_name(object, &generated);
}

/// Deletes what is not desired any more and is the XR's own.
fn collect_garbage(
    xr: &Object,
    observed: &BTreeMap<String, Resource>,
    desired: &DesiredResources,
    store: &mut Store,
) -> Result<(), ReconcileError> {
    for (name, resource) in observed {
        if desired.contains_key(name) {
            continue;
        }
        let Some(owner) = object::controller(&resource.object) else {
            continue;
        };
        if owner.uid != object::uid(xr) {
            let [name, of] = [name, &owner.name].map(|text| go::quoted(text));
            return Err(failed(format!(
                "cannot garbage collect composed resources that are no longer desired: refusing to \
                 delete composed resource {name} that is controlled by {} {of}",
                owner.kind
            )));
        }
        let mut object = resource.object.clone();
        object::remove_labels(&mut object, &[COMPOSITE, CLAIM_NAME, CLAIM_NAMESPACE]);
        store.update(&object);
        store.delete(&object);
    }
    Ok(())
}

/// Stores the XR with nothing but references to its composed resources.
fn refer(xr: &Object, layout: Layout, desired: &DesiredResources, store: &mut Store) {
    let mut references = Object::new();
    object::set_group_version_kind(&mut references, &GroupVersionKind::of(xr));
    object::set_namespace(&mut references, object::namespace(xr));
    object::set_name(&mut references, object::name(xr));
    let is_namespaced = !object::namespace(xr).is_empty();
    let mut entries: Vec<(String, Value)> = desired
        .values()
        .map(|desired| reference(&desired.object, is_namespaced))
        .collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    let entries = entries.into_iter().map(|(_, entry)| entry).collect();
    observe::set_references(&mut references, layout, entries);
    store.apply(references);
}

/// A reference, and what it is sorted by.
fn reference(object: &Object, is_namespaced: bool) -> (String, Value) {
    let of = GroupVersionKind::of(object);
    let namespace = if is_namespaced {
        ""
    } else {
        object::namespace(object)
    };
    let (api_version, name) = (of.api_version(), object::name(object));
    let order = format!("{api_version}{}{name}{namespace}", of.kind);
    let entry = observe::reference(&api_version, &of.kind, namespace, name, object::uid(object));
    (order, entry)
}

/// Applies the desired resources; gives their names and readiness.
fn apply(desired: DesiredResources, store: &mut Store) -> Vec<(String, bool)> {
    let mut resources = Vec::with_capacity(desired.len());
    for (name, mut resource) in desired {
        let of = GroupVersionKind::of(&resource.object);
        object::set_group_version_kind(&mut resource.object, &of);
        store.apply(resource.object);
        resources.push((name, resource.is_ready));
    }
    resources
}

/// Makes the XR what the functions desire of it, keeps its conditions, and
/// applies its status.
fn apply_status(xr: &mut Object, desired: Object, store: &mut Store) {
    let kept = conditions::get(xr);
    let mut next = desired;
    for key in ["apiVersion", "kind"] {
        next.insert(key.to_owned(), Value::from(string(xr, &[key])));
    }
    object::set_namespace(&mut next, object::namespace(xr));
    object::set_name(&mut next, object::name(xr));
    object::set_uid(&mut next, object::uid(xr));
    if !kept.is_empty() {
        conditions::set(&mut next, kept);
    }
    *xr = store.apply_status(&next);
}

/// A function's condition as the XR gets it.
pub(crate) fn condition(of: &FunctionCondition) -> Condition {
    Condition::new(&of.condition_type, &of.status, &of.reason)
        .with_message(of.message.clone().unwrap_or_default())
}
