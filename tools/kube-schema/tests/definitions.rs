//! Everything that a definition says is kept, and where it says it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use kube_schema::{
    Additional, ColumnType, Conversion, Crd, ExternalDocs, MapType, Mark, Names, PrinterColumn,
    Scale, Schema, Subresources, Webhook, WebhookClient, parse_crds, read_crds,
};
use pretty_assertions::assert_eq;
use serde_json::json;

fn facts() -> Crd {
    read_crds(&["tests/fixtures/facts.yaml"]).unwrap().remove(0)
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_kind_has_all_its_names() {
    let names = Names {
        kind: "Widget".to_owned(),
        plural: "widgets".to_owned(),
        singular: "gadget".to_owned(),
        list_kind: "Widgets".to_owned(),
        short_names: strings(&["w", "wd"]),
        categories: strings(&["all", "shop"]),
    };
    assert_eq!(facts().names, names);
}

#[test]
fn names_that_are_left_out_are_as_the_api_server_fills_them_in() {
    let text = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  group: a.org\n  names: {kind: DNSZone}\n  versions: [{name: v1, schema: {openAPIV3Schema: {type: object}}}]\n";
    let crd = parse_crds("x.yaml", text).unwrap().remove(0);
    assert_eq!(
        (crd.names.singular.as_str(), crd.names.list_kind.as_str()),
        ("dnszone", "DNSZoneList")
    );
    assert_eq!(crd.conversion, Conversion::None);
    assert_eq!(crd.stored_versions, Vec::<String>::new());
    assert_eq!(crd.versions[0].subresources, Subresources::default());
}

#[test]
fn conversion_and_storage_are_kept() {
    let crd = facts();
    let webhook = Webhook {
        client: Some(WebhookClient::Service {
            namespace: "shop".to_owned(),
            name: "converter".to_owned(),
            path: Some("/convert".to_owned()),
            port: 443,
        }),
        ca_bundle: Some("Cg==".to_owned()),
        review_versions: strings(&["v1", "v1beta1"]),
    };
    assert_eq!(crd.conversion, Conversion::Webhook(webhook));
    assert_eq!(crd.stored_versions, strings(&["v0", "v1"]));
    assert!(crd.preserve_unknown_fields);
}

#[test]
fn a_version_keeps_what_it_offers() {
    let version = facts().versions.remove(0);
    let scale = Scale {
        spec_replicas_path: ".spec.size".to_owned(),
        status_replicas_path: ".status.size".to_owned(),
        label_selector_path: Some(".status.selector".to_owned()),
    };
    let subresources = Subresources {
        status: true,
        scale: Some(scale),
    };
    assert_eq!(version.subresources, subresources);
    assert_eq!(version.deprecation_warning.as_deref(), Some("use v2"));
    assert_eq!(
        version.selectable_fields,
        strings(&[".spec.color", ".spec.size"])
    );
    let size = PrinterColumn {
        name: "Size".to_owned(),
        value_type: ColumnType::Integer,
        format: Some("int32".to_owned()),
        description: "How many.".to_owned(),
        priority: 1,
        json_path: ".spec.size".to_owned(),
    };
    assert_eq!(version.printer_columns[0], size);
    assert_eq!(version.printer_columns[1].value_type, ColumnType::Date);
    assert!(!facts().versions[1].subresources.status, "null is absent");
}

#[test]
fn a_schema_keeps_what_is_for_people_and_for_merging() {
    let schema = facts().versions.remove(0).schema;
    assert_eq!(schema.title, "A widget");
    assert_eq!(schema.example, Some(json!({"spec": {"size": 1}})));
    let docs = ExternalDocs {
        description: "More".to_owned(),
        url: "https://example.org".to_owned(),
    };
    assert_eq!(schema.external_docs, Some(docs));
    let spec = &schema.properties["spec"];
    assert_eq!(spec.map_type, Some(MapType::Atomic));
    assert!(spec.properties["colors"].unique_items);
}

#[test]
fn a_schema_knows_where_it_stands() {
    let schema = facts().versions.remove(0).schema;
    let spec = &schema.properties["spec"].properties;
    let line = |schema: &Schema| schema.mark.line;
    assert_eq!((line(&schema), line(&spec["size"])), (47, 56));
    assert_eq!(spec["size"].mark.column, 17);
    assert_eq!(line(spec["colors"].items.as_ref().unwrap()), 62);
    assert_eq!(line(&spec["some"].any_of[1]), 68);
    assert_eq!(line(spec["some"].not.as_ref().unwrap()), 70);
    let Some(Additional::Schema(more)) = &spec["more"].additional_properties else {
        panic!()
    };
    assert_eq!(line(more), 63);
    assert_eq!(more.mark, Mark::default(), "marks say nothing");
}

#[test]
fn what_the_api_server_cannot_read_is_refused_with_its_place() {
    for (from, to, message) in [
        ("strategy: Webhook", "strategy: Magic", "x.yaml:16:15: "),
        ("type: date", "type: text", "x.yaml:41:29: "),
        (", jsonPath: .metadata.creationTimestamp", "", "x.yaml:41:"),
        ("          specReplicasPath: .spec.size\n", "", "x.yaml:3"),
        ("[wd, w]", "wd", "x.yaml:13:17: "),
    ] {
        let text = std::fs::read_to_string("tests/fixtures/facts.yaml").unwrap();
        assert!(text.contains(from), "{from}");
        let error = parse_crds("x.yaml", &text.replacen(from, to, 1)).unwrap_err();
        let said = error.to_string();
        assert!(said.starts_with(message), "{to}: {said}");
        assert!(said.contains("not in the form of a CRD"), "{to}: {said}");
    }
}
