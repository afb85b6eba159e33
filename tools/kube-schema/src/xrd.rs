//! The CRDs that Crossplane makes of a CompositeResourceDefinition. The rules
//! are those of crossplane-runtime v2.4, `pkg/xcrd`; what an XRD leaves out is
//! as its own CRD has it filled in (crossplane v2.4, `cluster/crds`).

mod columns;

use crate::crd::{Crd, CrdVersion, Names, Origin, PrinterColumn, Scope, Subresources};
use crate::document::{Kind, Spec};
use crate::schema::{Additional, ListType, Schema, Type};
use serde_json::Value;
use std::collections::BTreeMap;

/// How Crossplane's own fields are laid out, and their defaults.
pub(crate) struct Machinery {
    layout: Layout,
    update_policy: String,
    delete_policy: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// In `spec.crossplane`; composed resources in the XR's own namespace.
    Namespaced,
    /// In `spec.crossplane`.
    Cluster,
    /// Directly in `spec`, with claims and connection details, as before v2.
    Legacy,
}

impl Machinery {
    pub fn of(kind: Kind, spec: &Spec) -> Self {
        let layout = match (spec.scope.as_deref(), kind) {
            (Some("Namespaced"), _) | (None, Kind::XrdV2) => Layout::Namespaced,
            (Some("Cluster"), _) => Layout::Cluster,
            _ => Layout::Legacy,
        };
        let update_policy = spec.default_composition_update_policy.as_deref();
        let delete_policy = spec.default_composite_delete_policy.as_deref();
        Self {
            layout,
            update_policy: update_policy.unwrap_or("Automatic").to_owned(),
            delete_policy: delete_policy.unwrap_or("Background").to_owned(),
        }
    }
}

/// The composite resource, and the claim if there is one.
pub(crate) fn definitions(crd: Crd, claim: Option<Names>, machinery: &Machinery) -> Vec<Crd> {
    let claim = claim.map(|names| {
        let additions = Additions {
            spec: claim_spec(machinery),
            status: status(Layout::Legacy),
            columns: columns::claim(),
        };
        Crd {
            names: with_category(names, "claim"),
            scope: Scope::Namespaced,
            versions: additions.to_versions(&crd.versions),
            origin: Origin::Claim,
            ..crd.clone()
        }
    });
    let additions = Additions {
        spec: composite_spec(machinery),
        status: status(machinery.layout),
        columns: columns::composite(machinery.layout),
    };
    let composite = Crd {
        names: with_category(crd.names, "composite"),
        scope: match machinery.layout {
            Layout::Namespaced => Scope::Namespaced,
            Layout::Cluster | Layout::Legacy => Scope::Cluster,
        },
        versions: additions.to_versions(&crd.versions),
        origin: Origin::Composite,
        ..crd
    };
    std::iter::once(composite).chain(claim).collect()
}

fn with_category(mut names: Names, category: &str) -> Names {
    names.categories.push(category.to_owned());
    names.categories.sort();
    names.categories.dedup();
    names
}

type Fields = BTreeMap<String, Box<Schema>>;

/// What Crossplane adds to each version.
struct Additions {
    spec: Fields,
    status: Fields,
    columns: Vec<PrinterColumn>,
}

impl Additions {
    fn to_versions(&self, versions: &[CrdVersion]) -> Vec<CrdVersion> {
        versions
            .iter()
            .map(|version| self.to_version(version))
            .collect()
    }

    /// An XRD can't do without `status`, and may ask for `scale`.
    fn to_version(&self, version: &CrdVersion) -> CrdVersion {
        let author = &version.printer_columns;
        CrdVersion {
            schema: resource(&version.schema, &self.spec, &self.status),
            subresources: Subresources {
                status: true,
                ..version.subresources.clone()
            },
            printer_columns: author.iter().chain(&self.columns).cloned().collect(),
            ..version.clone()
        }
    }
}

/// Crossplane takes the author's spec and status, and of the rest only the
/// description, the rules and the limit on the name.
fn resource(author: &Schema, spec: &Fields, status: &Fields) -> Schema {
    let empty = Schema::default();
    let part = |name: &str| author.property(name).unwrap_or(&empty);
    let mut author_spec = pick(part("spec"), spec);
    author_spec.preserve_unknown = part("spec").preserve_unknown;
    Schema {
        mark: author.mark,
        description: author.description.clone(),
        rules: author.rules.clone(),
        required: vec!["spec".to_owned()],
        ..object([
            ("apiVersion", string()),
            ("kind", string()),
            ("metadata", metadata(part("metadata"))),
            ("spec", author_spec),
            ("status", pick(part("status"), status)),
        ])
    }
}

fn pick(author: &Schema, machinery: &Fields) -> Schema {
    let mut properties = author.properties.clone();
    properties.extend(machinery.clone());
    Schema {
        mark: author.mark,
        value_type: Some(Type::Object),
        description: author.description.clone(),
        required: author.required.clone(),
        rules: author.rules.clone(),
        one_of: author.one_of.clone(),
        properties,
        ..Schema::default()
    }
}

/// The name becomes a label value, hence its limit.
fn metadata(author: &Schema) -> Schema {
    let limit = author
        .properties
        .get("name")
        .and_then(|name| name.max_length);
    let name = Schema {
        max_length: Some(limit.map_or(63, |limit| limit.min(63))),
        ..string()
    };
    object([("name", name)])
}

fn composite_spec(machinery: &Machinery) -> Fields {
    let mut fields = composition_fields(Some(&machinery.update_policy));
    let namespace = (machinery.layout != Layout::Namespaced).then_some("namespace");
    let names = ["apiVersion", "kind", "name"].into_iter().chain(namespace);
    let reference = required(strings(names), &["apiVersion", "kind"]);
    add(
        &mut fields,
        "resourceRefs",
        list(reference, ListType::Atomic),
    );
    if machinery.layout == Layout::Legacy {
        let names = ["apiVersion", "kind", "namespace", "name"];
        add(&mut fields, "claimRef", required(strings(names), &names));
        let names = ["name", "namespace"];
        let secret = required(strings(names), &names);
        add(&mut fields, "writeConnectionSecretToRef", secret);
        return fields;
    }
    let crossplane = Schema {
        description: "Configures how Crossplane will reconcile this composite resource".to_owned(),
        properties: fields,
        ..object([])
    };
    BTreeMap::from([("crossplane".to_owned(), Box::new(crossplane))])
}

fn claim_spec(machinery: &Machinery) -> Fields {
    let mut fields = composition_fields(None);
    let deletion = choice(
        &["Background", "Foreground"],
        Some(&machinery.delete_policy),
    );
    add(&mut fields, "compositeDeletePolicy", deletion);
    let names = ["apiVersion", "kind", "name"];
    add(&mut fields, "resourceRef", required(strings(names), &names));
    let secret = required(strings(["name"]), &["name"]);
    add(&mut fields, "writeConnectionSecretToRef", secret);
    fields
}

/// The fields by which a composite resource or a claim picks its composition.
fn composition_fields(update_policy: Option<&str>) -> Fields {
    let reference = || required(strings(["name"]), &["name"]);
    let selector = || {
        let labels = Schema {
            additional_properties: Some(Additional::Schema(Box::new(string()))),
            ..object([])
        };
        required(object([("matchLabels", labels)]), &["matchLabels"])
    };
    let policy = choice(&["Automatic", "Manual"], update_policy);
    fields([
        ("compositionRef", reference()),
        ("compositionSelector", selector()),
        ("compositionRevisionRef", reference()),
        ("compositionRevisionSelector", selector()),
        ("compositionUpdatePolicy", policy),
    ])
}

fn status(layout: Layout) -> Fields {
    let mut fields = fields([("conditions", conditions())]);
    if layout == Layout::Legacy {
        let details = object([("lastPublishedTime", date_time())]);
        add(&mut fields, "connectionDetails", details);
        let types = list(string(), ListType::Set);
        add(&mut fields, "claimConditionTypes", types);
    }
    fields
}

fn conditions() -> Schema {
    let generation = Schema {
        value_type: Some(Type::Integer),
        format: Some("int64".to_owned()),
        ..Schema::default()
    };
    let condition = object([
        ("lastTransitionTime", date_time()),
        ("message", string()),
        ("reason", string()),
        ("status", string()),
        ("type", string()),
        ("observedGeneration", generation),
    ]);
    let condition = required(
        condition,
        &["lastTransitionTime", "reason", "status", "type"],
    );
    Schema {
        description: "Conditions of the resource.".to_owned(),
        list_map_keys: vec!["type".to_owned()],
        ..list(condition, ListType::Map)
    }
}

fn fields<const N: usize>(fields: [(&str, Schema); N]) -> Fields {
    fields
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), Box::new(schema)))
        .collect()
}

fn add(fields: &mut Fields, name: &str, schema: Schema) {
    fields.insert(name.to_owned(), Box::new(schema));
}

fn object<const N: usize>(properties: [(&str, Schema); N]) -> Schema {
    Schema {
        value_type: Some(Type::Object),
        properties: fields(properties),
        ..Schema::default()
    }
}

fn strings<'a>(names: impl IntoIterator<Item = &'a str>) -> Schema {
    let properties = names
        .into_iter()
        .map(|name| (name.to_owned(), Box::new(string())))
        .collect();
    Schema {
        properties,
        ..object([])
    }
}

fn required(schema: Schema, names: &[&str]) -> Schema {
    Schema {
        required: names.iter().map(|name| (*name).to_owned()).collect(),
        ..schema
    }
}

fn list(element: Schema, list_type: ListType) -> Schema {
    Schema {
        value_type: Some(Type::Array),
        items: Some(Box::new(element)),
        list_type: Some(list_type),
        ..Schema::default()
    }
}

fn string() -> Schema {
    Schema {
        value_type: Some(Type::String),
        ..Schema::default()
    }
}

fn date_time() -> Schema {
    Schema {
        format: Some("date-time".to_owned()),
        ..string()
    }
}

fn choice(values: &[&str], default: Option<&str>) -> Schema {
    Schema {
        enumeration: Some(values.iter().map(|value| Value::from(*value)).collect()),
        default: default.map(Value::from),
        ..string()
    }
}
