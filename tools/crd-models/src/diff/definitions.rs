//! What two definitions say besides their schemas. crdify has `scope` and
//! `storedVersionRemoval`; the rest it does not look at.

use super::change::{Findings, Values, breaking, compatible};
use super::{Change, versions};
use kube_schema::{Conversion, Crd, Names, Scope, Webhook, WebhookClient};
use serde_json::{Value as Json, json};

/// Everything that changed between two definitions of one kind.
pub(super) fn compare(old: &Crd, new: &Crd) -> Vec<Change> {
    let name = old.name();
    let mut out = Findings::new(&name, None, Some(&new.spot));
    scope(old, new, &mut out);
    names(&old.names, &new.names, &mut out);
    conversion(&old.conversion, &new.conversion, &mut out);
    preserve_unknown(old, new, &mut out);
    let mut changes = out.changes;
    changes.extend(versions::compare(&name, old, new));
    changes
}

/// A definition that is gone.
pub(super) fn removed(name: &str, crd: &Crd) -> Vec<Change> {
    let mut out = Findings::new(name, None, None);
    let verdict = breaking("every object of the kind is deleted, and its clients find nothing");
    out.add(
        "definition",
        Values::removed(crd.names.kind.as_str()),
        verdict,
    );
    out.changes
}

/// A definition that came.
pub(super) fn added(name: &str, crd: &Crd) -> Vec<Change> {
    let mut out = Findings::new(name, None, Some(&crd.spot));
    let verdict = compatible("there was no object of the kind");
    out.add(
        "definition",
        Values::added(crd.names.kind.as_str()),
        verdict,
    );
    out.changes
}

fn scope(old: &Crd, new: &Crd, out: &mut Findings<'_>) {
    let name = |scope| match scope {
        Scope::Namespaced => "Namespaced",
        Scope::Cluster => "Cluster",
    };
    if old.scope != new.scope {
        let verdict =
            breaking("the API server refuses another scope, and every client's path is another");
        out.add(
            "scope",
            Values::both(name(old.scope), name(new.scope)),
            verdict,
        );
    }
}

fn names(old: &Names, new: &Names, out: &mut Findings<'_>) {
    for (property, old, new, reason) in [
        (
            "names.kind",
            &old.kind,
            &new.kind,
            "the API server refuses another kind, and every object and typed client names the old one",
        ),
        (
            "names.plural",
            &old.plural,
            &new.plural,
            "every client's path is another, and the objects stay with the old one",
        ),
        (
            "names.singular",
            &old.singular,
            &new.singular,
            "a script that calls kubectl with the old name finds nothing",
        ),
        (
            "names.listKind",
            &old.list_kind,
            &new.list_kind,
            "a typed client reads a list of another kind",
        ),
    ] {
        if old != new {
            out.add(
                property,
                Values::both(old.as_str(), new.as_str()),
                breaking(reason),
            );
        }
    }
    let added = "no client knows it yet; another kind that has it keeps it";
    let removed = "a script that calls kubectl with it finds nothing";
    set(
        "names.shortNames",
        &old.short_names,
        &new.short_names,
        [added, removed],
        out,
    );
    let added = "kubectl lists the kind there too";
    let removed = "a script that lists the category no longer finds the kind";
    set(
        "names.categories",
        &old.categories,
        &new.categories,
        [added, removed],
        out,
    );
}

/// One change for each name that came or went.
pub(super) fn set(
    property: &'static str,
    old: &[String],
    new: &[String],
    [added, removed]: [&str; 2],
    out: &mut Findings<'_>,
) {
    for name in old.iter().filter(|name| !new.contains(name)) {
        out.add(property, Values::removed(name.as_str()), breaking(removed));
    }
    for name in new.iter().filter(|name| !old.contains(name)) {
        out.add(property, Values::added(name.as_str()), compatible(added));
    }
}

fn conversion(old: &Conversion, new: &Conversion, out: &mut Findings<'_>) {
    let verdict = match (old, new) {
        (Conversion::None, Conversion::None) => return,
        (Conversion::Webhook(old), Conversion::Webhook(new)) => return webhook(old, new, out),
        (Conversion::None, Conversion::Webhook(_)) => compatible(
            "who asks for another version than the stored one needs the webhook to be up",
        ),
        (Conversion::Webhook(_), Conversion::None) => {
            breaking("what the webhook moved between versions is dropped on the way")
        }
    };
    let name = |conversion: &Conversion| match conversion {
        Conversion::None => "None",
        Conversion::Webhook(_) => "Webhook",
    };
    out.add(
        "conversion.strategy",
        Values::both(name(old), name(new)),
        verdict,
    );
}

fn webhook(old: &Webhook, new: &Webhook, out: &mut Findings<'_>) {
    let ca = |webhook: &Webhook| webhook.ca_bundle.as_ref().map(|bundle| json!(bundle));
    for (property, old, new) in [
        (
            "conversion.webhook.clientConfig",
            old.client.as_ref().map(place),
            new.client.as_ref().map(place),
        ),
        ("conversion.webhook.caBundle", ca(old), ca(new)),
        (
            "conversion.webhook.conversionReviewVersions",
            Some(json!(old.review_versions)),
            Some(json!(new.review_versions)),
        ),
    ] {
        if old != new {
            let verdict =
                compatible("only the API server calls the webhook; it has to answer there");
            out.add(property, Values { old, new }, verdict);
        }
    }
}

fn place(client: &WebhookClient) -> Json {
    match client {
        WebhookClient::Url(url) => json!(url),
        WebhookClient::Service {
            namespace,
            name,
            path,
            port,
        } => json!(format!(
            "{name}.{namespace}:{port}{}",
            path.as_deref().unwrap_or_default()
        )),
    }
}

fn preserve_unknown(old: &Crd, new: &Crd, out: &mut Findings<'_>) {
    let (old, new) = (old.preserve_unknown_fields, new.preserve_unknown_fields);
    if old != new {
        let verdict = if new {
            breaking(
                "the API server refuses it in v1: set x-kubernetes-preserve-unknown-fields where it is meant",
            )
        } else {
            breaking("an object loses every field that the schema does not name")
        };
        out.add("preserveUnknownFields", Values::both(old, new), verdict);
    }
}
