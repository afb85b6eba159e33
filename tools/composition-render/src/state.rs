//! A state: what a step's program is given as option("params"), read as the XR
//! and what it observes.

use diagnostics::Diagnostic;
use function_pipeline::{go::Object, object::annotation};
use resource_graph::yaml::Node;
use serde_json::Value;

use crate::files::{Document, Origin};

/// An XR to render, and what belongs to it alone.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) origin: Origin,
    pub(crate) composite: Object,
    /// Of a state; an XR by itself observes what the command line names.
    pub(crate) state: Option<State>,
    /// What the API server would refuse.
    pub(crate) findings: Vec<Diagnostic>,
}

/// What a state has beside the XR.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) observed: Vec<Object>,
    pub(crate) required: Vec<Object>,
    pub(crate) context: Object,
}

const NAME: &str = "crossplane.io/composition-resource-name";

impl Subject {
    /// A document with `oxr` and without `kind` is a state.
    pub(crate) fn read(mut document: Document) -> Result<Self, Diagnostic> {
        let is_state = document.object.contains_key("oxr") && !document.object.contains_key("kind");
        if !is_state {
            return Ok(Self {
                origin: document.origin(),
                composite: document.object,
                state: None,
                findings: Vec::new(),
            });
        }
        let Some(Value::Object(composite)) = document.object.remove("oxr") else {
            return Err(at(
                &document,
                "oxr",
                "`oxr` of a state must be the XR, a map",
            ));
        };
        for key in ["dxr", "dcds"] {
            check_nothing_desired(&document, key)?;
        }
        let state = State {
            observed: observed(&mut document)?,
            required: required(&mut document.object),
            context: take_map(&mut document.object, "ctx"),
        };
        Ok(Self {
            origin: document.origin(),
            composite,
            state: Some(state),
            findings: Vec::new(),
        })
    }
}

fn take_map(of: &mut Object, key: &str) -> Object {
    match of.get_mut(key).map(Value::take) {
        Some(Value::Object(map)) => map,
        _ => Object::new(),
    }
}

/// A finding at a key of the state.
fn at(document: &Document, key: &str, message: impl Into<String>) -> Diagnostic {
    let found = document
        .node
        .get(key)
        .map_or(document.node.at, |node| node.at);
    document.file.at(Diagnostic::error(message), found)
}

/// A pipeline begins with nothing desired.
fn check_nothing_desired(document: &Document, key: &str) -> Result<(), Diagnostic> {
    let desired = document.object.get(key).and_then(Value::as_object);
    let mut fields = desired.into_iter().flat_map(Object::keys);
    let says = fields.find(|field| !matches!(field.as_str(), "apiVersion" | "kind"));
    match says {
        None => Ok(()),
        Some(field) => Err(at(
            document,
            key,
            format!("`{key}` has {field:?}, yet a pipeline begins with nothing desired"),
        )
        .hint("leave it out: the steps before a step fill it in")),
    }
}

fn observed(document: &mut Document) -> Result<Vec<Object>, Diagnostic> {
    let mut observed = Vec::new();
    for (name, mut entry) in take_map(&mut document.object, "ocds") {
        let place = || {
            let entries = document.node.get("ocds").and_then(|ocds| ocds.get(&name));
            entries.map_or(document.node.at, |node: &Node| node.at)
        };
        let wrong = |message: String| Err(document.file.at(Diagnostic::error(message), place()));
        let resource = entry.get_mut("Resource").map(Value::take);
        let Some(Value::Object(resource)) = resource else {
            return wrong(format!("ocds[{name:?}] has no `Resource`"));
        };
        let details = entry.get("ConnectionDetails").and_then(Value::as_object);
        if details.is_some_and(|details| !details.is_empty()) {
            return wrong(format!(
                "ocds[{name:?}] has connection details; they come from the Secret that the \
                 resource's spec.writeConnectionSecretToRef names, so give that as a required \
                 resource (-e)"
            ));
        }
        match annotation(&resource, NAME) {
            Some(given) if given == name => observed.push(resource),
            given => {
                let given = given.unwrap_or_default();
                return wrong(format!(
                    "ocds[{name:?}]: its annotation {NAME} is {given:?}, so Crossplane would \
                     observe it by that name"
                ));
            }
        }
    }
    Ok(observed)
}

/// The resources in `requiredResources` and `extraResources`.
fn required(state: &mut Object) -> Vec<Object> {
    let mut required = Vec::new();
    for key in ["requiredResources", "extraResources"] {
        for list in take_map(state, key).values() {
            let entries = list.as_array().into_iter().flatten();
            let resources = entries.filter_map(|entry| entry.get("Resource")?.as_object());
            required.extend(resources.cloned());
        }
    }
    required
}
