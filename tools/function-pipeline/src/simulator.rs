//! Core's XR reconciler, once, over a store in memory (`Reconciler.Reconcile`
//! and what `internal render` puts around it).

use serde_json::{Value, json};

use crate::{
    compose::{self, COMPOSE, COMPOSITE, Composed},
    composition::Layout,
    conditions::{self, Condition},
    function::Functions,
    go::{Object, object_through_protobuf},
    names,
    object::{self, GroupVersionKind, string},
    observe::{self, NAME},
    protocol::Target,
    reconcile::{Event, Outcome, Reconcile, ReconcileError, Reconciler},
    store::{Key, Store},
};

const PAUSED: &str = "crossplane.io/paused";
const RECONCILE_REQUESTED: &str = "crossplane.io/reconcile-requested-at";
const SELECT: &str = "SelectComposition";

/// The loop in Rust.
pub struct Simulator<'f> {
    functions: Functions<'f>,
}

impl<'f> Simulator<'f> {
    /// A simulator that calls these functions.
    pub fn new(functions: Functions<'f>) -> Self {
        Self { functions }
    }
}

impl Reconciler for Simulator<'_> {
    fn reconcile(&self, reconcile: &Reconcile) -> Result<Outcome, ReconcileError> {
        let composite = object_through_protobuf(reconcile.composite.clone());
        let layout = Layout::of(&composite, reconcile.definition.as_deref()).map_err(|error| {
            ReconcileError::Refused(format!("cannot select composite resource schema: {error}"))
        })?;
        let mut run = Run::start(composite, layout, reconcile)?;
        let composed = run.reconcile(reconcile, &self.functions)?;
        Ok(run.outcome(composed))
    }
}

/// One reconcile on its way.
struct Run {
    layout: Layout,
    key: Key,
    store: Store,
    events: Vec<Event>,
}

impl Run {
    /// Fills the store as `internal render` does.
    fn start(
        mut composite: Object,
        layout: Layout,
        reconcile: &Reconcile,
    ) -> Result<Self, ReconcileError> {
        let key = Key::of(&composite);
        if object::uid(&composite).is_empty() {
            let uid = names::invented_uid(&key.kind, &key.namespace, &key.name);
            object::set_uid(&mut composite, &uid);
        }
        object::set_resource_version(&mut composite, "999");
        let pass = |objects: &[Object]| -> Vec<Object> {
            objects
                .iter()
                .cloned()
                .map(object_through_protobuf)
                .collect()
        };
        let observed = pass(&reconcile.observed);
        observe::check(&composite, &observed).map_err(|error| {
            ReconcileError::Refused(format!("invalid observed resources: {error}"))
        })?;
        observe::refer(&mut composite, layout, &observed);
        let secrets = pass(&reconcile.credentials).into_iter().map(as_secret);
        let objects = std::iter::once(composite)
            .chain(observed)
            .chain(pass(&reconcile.required))
            .chain(secrets);
        Ok(Self {
            layout,
            key,
            store: Store::new(objects),
            events: Vec::new(),
        })
    }

    /// None if the XR is paused or being deleted: nothing is composed then.
    fn reconcile(
        &mut self,
        reconcile: &Reconcile,
        functions: &Functions,
    ) -> Result<Option<Composed>, ReconcileError> {
        let Some(mut xr) = self.store.get(&self.key).cloned() else {
            return Ok(None);
        };
        let status_before = xr.get("status").cloned();
        mark(&mut xr, [Condition::responsive()]);
        if self.is_done_early(&mut xr) {
            return Ok(None);
        }
        self.select_composition(&mut xr, reconcile);
        self.configure(&mut xr, reconcile)?;
        let composed =
            compose::compose(&mut xr, self.layout, reconcile, functions, &mut self.store)?;
        self.tell(&mut xr, &composed);
        let ready = self.judge_readiness(&composed);
        mark(&mut xr, [Condition::synced(), ready]);
        if xr.get("status") != status_before.as_ref() {
            self.store.update_status(&xr);
        }
        Ok(Some(composed))
    }

    /// Whether the XR is paused or being deleted; notes a reconcile request.
    fn is_done_early(&mut self, xr: &mut Object) -> bool {
        if object::annotation(xr, PAUSED).as_deref() == Some("true") {
            self.events.push(Event::normal(
                "ReconciliationPaused",
                "Reconciliation is paused via the pause annotation",
            ));
            let message = "Reconciliation (including deletion) is paused via the pause annotation";
            mark(xr, [Condition::paused().with_message(message)]);
            self.store.update_status(xr);
            return true;
        }
        let token = object::annotation(xr, RECONCILE_REQUESTED).unwrap_or_default();
        if !token.is_empty() && string(xr, &["status", "lastHandledReconcileAt"]) != token {
            self.events.push(Event::normal(
                "ReconcileRequestHandled",
                "Handling reconcile request",
            ));
            if let Some(Value::Object(status)) = xr.get_mut("status") {
                status.insert("lastHandledReconcileAt".to_owned(), Value::from(token));
            }
        }
        if string(xr, &["metadata", "deletionTimestamp"]).is_empty() {
            return false;
        }
        mark(xr, [Condition::deleting()]);
        mark(xr, [Condition::synced()]);
        self.store.update_status(xr);
        true
    }

    fn select_composition(&mut self, xr: &mut Object, reconcile: &Reconcile) {
        let name = &reconcile.composition.metadata.name;
        let reference = if name.is_empty() {
            json!({})
        } else {
            json!({"name": name})
        };
        let before = self.layout.get(xr, "compositionRef").map(known_fields);
        self.layout.set(xr, "compositionRef", reference.clone());
        let after = self.layout.get(xr, "compositionRef");
        if after == Some(&reference) && before.as_ref() != Some(&reference) {
            let message = format!("Successfully selected composition: {name}");
            self.events.push(Event::normal(SELECT, message));
        }
    }

    /// The label that children are named by, and a legacy XR's secret.
    fn configure(&mut self, xr: &mut Object, reconcile: &Reconcile) -> Result<(), ReconcileError> {
        if object::label(xr, COMPOSITE).unwrap_or_default().is_empty() {
            let name = object::name(xr).to_owned();
            object::add_labels(xr, [(COMPOSITE, name.as_str())]);
            self.store.update(xr);
        }
        let spec = &reconcile.composition.spec;
        let wanted = &spec.composite_type_ref;
        let of = GroupVersionKind::of(xr);
        if (&wanted.api_version, &wanted.kind) != (&of.api_version(), &of.kind) {
            return Err(ReconcileError::Failed {
                reason: "cannot configure composite resource: referenced composition is not \
                         compatible with this composite resource"
                    .to_owned(),
                step: None,
            });
        }
        let field = "writeConnectionSecretToRef";
        let is_legacy = self.layout == Layout::Legacy;
        let has_secret = is_legacy && self.layout.get(xr, field).is_some_and(Value::is_object);
        if let (false, Some(namespace)) = (has_secret, &spec.write_connection_secrets_to_namespace)
        {
            if is_legacy {
                let secret = json!({"name": object::uid(xr), "namespace": namespace});
                self.layout.set(xr, field, secret);
            }
            self.store.update(xr);
        }
        Ok(())
    }

    /// Records the pipeline's events and sets its conditions.
    fn tell(&mut self, xr: &mut Object, composed: &Composed) {
        let has_claim = self.has_claim(xr);
        for event in &composed.events {
            self.events.push(event.detailed());
            if event.target == Target::CompositeAndClaim && has_claim {
                self.events.push(event.event.clone());
            }
        }
        for of in &composed.conditions {
            if conditions::is_system(&of.condition_type) {
                continue;
            }
            conditions::set(xr, [compose::condition(of)]);
            if of.target == Target::CompositeAndClaim && self.layout == Layout::Legacy {
                add_claim_condition(xr, &of.condition_type);
            }
        }
    }

    /// Whether the claim of a legacy XR is among the resources.
    fn has_claim(&self, xr: &Object) -> bool {
        if self.layout == Layout::Modern {
            return false;
        }
        let Some(Value::Object(claim)) = object::nested(xr, &["spec", "claimRef"]) else {
            return false;
        };
        let text = |field: &str| string(claim, &[field]);
        let key = Key {
            kind: GroupVersionKind::new(text("apiVersion"), text("kind")),
            namespace: text("namespace").to_owned(),
            name: text("name").to_owned(),
        };
        self.store.get(&key).is_some()
    }

    /// The Ready condition; each unready resource is told of.
    fn judge_readiness(&mut self, composed: &Composed) -> Condition {
        let mut unready = Vec::new();
        for (index, (name, is_ready)) in composed.resources.iter().enumerate() {
            if *is_ready {
                continue;
            }
            let id = if name.is_empty() {
                index.to_string()
            } else {
                name.clone()
            };
            let shown = crate::go::quoted(&id);
            let message = format!("Composed resource {shown} is not yet ready");
            self.events.push(Event::normal(COMPOSE, message));
            unready.push(id);
        }
        match (composed.ready, unready.is_empty()) {
            (Some(true), _) | (None, true) => Condition::available(),
            (Some(false), _) => Condition::creating(),
            (None, false) => {
                let message = format!("Unready resources: {}", names::some_of(&unready));
                Condition::creating().with_message(message)
            }
        }
    }

    /// What was written (`BuildOutput`, and the CLI's order).
    fn outcome(self, composed: Option<Composed>) -> Outcome {
        let is_primary = |object: &&Object| Key::of(object) == self.key;
        let last = |objects: &[Object]| objects.iter().rev().find(is_primary).cloned();
        let composite = last(&self.store.updated).or_else(|| last(&self.store.applied));
        let others = self
            .store
            .applied
            .iter()
            .filter(|object| !is_primary(object));
        let by_name = |object: &Object| object::annotation(object, NAME).unwrap_or_default();
        let mut resources: Vec<Object> = others.cloned().collect();
        resources.sort_by_key(by_name);
        let mut deleted = self.store.deleted.clone();
        deleted.sort_by_key(by_name);
        let composed = composed.unwrap_or_default();
        Outcome {
            composite: composite.unwrap_or_default(),
            composed: resources,
            deleted,
            events: self.events,
            context: composed.context,
            connection_details: Some(composed.connection_details),
            warnings: composed.warnings,
            steps: composed.steps,
        }
    }
}

/// Sets conditions with the generation that they were observed at.
fn mark<const N: usize>(xr: &mut Object, of: [Condition; N]) {
    let generation = object::generation(xr);
    let of = of.map(|condition| Condition {
        observed_generation: generation,
        ..condition
    });
    conditions::set(xr, of);
}

/// A credential without kind is a Secret.
fn as_secret(mut object: Object) -> Object {
    if string(&object, &["kind"]).is_empty() {
        let secret = GroupVersionKind::new("v1", "Secret");
        object::set_group_version_kind(&mut object, &secret);
    }
    object
}

/// The fields of an object reference that say something.
fn known_fields(reference: &Value) -> Value {
    let known = [
        "apiVersion",
        "fieldPath",
        "kind",
        "name",
        "namespace",
        "resourceVersion",
        "uid",
    ];
    let Some(reference) = reference.as_object() else {
        return Value::Null;
    };
    let given = known.into_iter().filter_map(|field| {
        let text = reference.get(field)?.as_str()?;
        (!text.is_empty()).then(|| (field.to_owned(), Value::from(text)))
    });
    Value::Object(given.collect())
}

fn add_claim_condition(xr: &mut Object, condition_type: &str) {
    let Some(Value::Object(status)) = xr.get_mut("status") else {
        return;
    };
    let types = status
        .entry("claimConditionTypes")
        .or_insert_with(|| json!([]));
    if let Value::Array(types) = types
        && !types.iter().any(|known| known == condition_type)
    {
        types.push(Value::from(condition_type));
    }
}
