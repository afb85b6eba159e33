//! What exists of an XR's composed resources (`ExistingComposedResourceObserver`,
//! and what core's render does before).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    composition::Layout,
    go::Object,
    object::{self, GroupVersionKind, string},
    protocol::{Details, Resource},
    store::{Key, Store},
};

/// Where core says a composed resource's name within its composition.
pub(crate) const NAME: &str = "crossplane.io/composition-resource-name";

/// Observed resources must be in the XR's namespace and not another's.
pub(crate) fn check(composite: &Object, observed: &[Object]) -> Result<(), String> {
    let (uid, namespace) = (object::uid(composite), object::namespace(composite));
    let mut errors = Vec::new();
    for resource in observed {
        let name = object::name(resource);
        if object::controller(resource).is_some_and(|owner| owner.uid != uid) {
            errors.push(format!(
                "observed resource {name} has a controller ref but is not controlled by the XR"
            ));
        }
        if !namespace.is_empty() && object::namespace(resource) != namespace {
            errors.push(format!(
                "observed resource {name} is not in the same namespace as the XR"
            ));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    errors.retain(|error| seen.insert(error.clone()));
    match errors.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        several => Err(format!("[{}]", several.join(", "))),
    }
}

/// Makes the XR refer to all observed resources, if there are any.
pub(crate) fn refer(composite: &mut Object, layout: Layout, observed: &[Object]) {
    if observed.is_empty() {
        return;
    }
    let is_namespaced = !object::namespace(composite).is_empty();
    let references = observed.iter().map(|resource| {
        reference(
            string(resource, &["apiVersion"]),
            string(resource, &["kind"]),
            if is_namespaced {
                ""
            } else {
                object::namespace(resource)
            },
            object::name(resource),
            "",
        )
    });
    set_references(composite, layout, references.collect());
}

/// An entry of `resourceRefs`; what is empty is left out.
pub(crate) fn reference(
    api_version: &str,
    kind: &str,
    namespace: &str,
    name: &str,
    uid: &str,
) -> Value {
    let fields = [
        ("apiVersion", api_version),
        ("kind", kind),
        ("name", name),
        ("namespace", namespace),
        ("uid", uid),
    ];
    let given = fields.into_iter().filter(|(_, text)| !text.is_empty());
    let entries = given.map(|(field, text)| (field.to_owned(), Value::from(text)));
    Value::Object(entries.collect())
}

/// Sets `resourceRefs`; an entry that says nothing is left out.
pub(crate) fn set_references(composite: &mut Object, layout: Layout, mut entries: Vec<Value>) {
    entries.retain(|entry| *entry != json!({}));
    layout.set(composite, "resourceRefs", Value::Array(entries));
}

/// The resources that the XR refers to and that are its own, by name.
pub(crate) fn observe(
    composite: &Object,
    layout: Layout,
    store: &Store,
) -> Result<BTreeMap<String, Resource>, String> {
    let references = layout
        .get(composite, "resourceRefs")
        .and_then(Value::as_array);
    let mut observed = BTreeMap::new();
    for entry in references
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
    {
        let text = |field: &str| string(entry, &[field]);
        let namespace = match object::namespace(composite) {
            "" => text("namespace"),
            namespace => namespace,
        };
        let key = Key {
            kind: GroupVersionKind::new(text("apiVersion"), text("kind")),
            namespace: namespace.to_owned(),
            name: text("name").to_owned(),
        };
        if key.name.is_empty() {
            continue;
        }
        if let Some((name, resource)) = observe_one(composite, &key, store)? {
            observed.insert(name, resource);
        }
    }
    Ok(observed)
}

fn observe_one(
    composite: &Object,
    key: &Key,
    store: &Store,
) -> Result<Option<(String, Resource)>, String> {
    let Some(found) = store.get(key) else {
        return Ok(None);
    };
    if key.kind.kind.is_empty() {
        return Err("cannot get composed resource: Object 'Kind' is missing".to_owned());
    }
    let is_foreign =
        object::controller(found).is_some_and(|owner| owner.uid != object::uid(composite));
    if is_foreign {
        return Ok(None);
    }
    let name = object::annotation(found, NAME).unwrap_or_default();
    if name.is_empty() {
        return Err(format!(
            "encountered composed resource without required \"{NAME}\" annotation"
        ));
    }
    let connection_details = details(found, store).map_err(|error| {
        let (kind, of) = (string(found, &["kind"]), object::name(found));
        format!(
            "cannot fetch connection details for composed resource {} (a {kind} named {of}): \
             {error}",
            crate::go::quoted(&name)
        )
    })?;
    let resource = Resource {
        object: found.clone(),
        connection_details,
        ..Resource::default()
    };
    Ok(Some((name, resource)))
}

/// The data of the Secret that a resource writes its connection details to.
fn details(resource: &Object, store: &Store) -> Result<Details, String> {
    match object::nested(resource, &["spec", "writeConnectionSecretToRef"]) {
        Some(Value::Object(reference)) => secret_of(resource, reference, store),
        _ => Ok(Details::new()),
    }
}

fn secret_of(resource: &Object, reference: &Object, store: &Store) -> Result<Details, String> {
    let namespace = match object::namespace(resource) {
        "" => string(reference, &["namespace"]),
        namespace => namespace,
    };
    let key = Key::secret(namespace, string(reference, &["name"]));
    let data = store
        .secret(&key)
        .map_err(|error| format!("cannot get connection secret of composed resource: {error}"))?;
    Ok(data.unwrap_or_default())
}

/// The observed connection details of the XR, which legacy ones have.
pub(crate) fn composite_details(
    composite: &Object,
    layout: Layout,
    store: &Store,
) -> Result<Details, String> {
    match layout {
        Layout::Modern => Ok(Details::new()),
        Layout::Legacy => details(composite, store),
    }
}
