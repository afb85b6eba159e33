//! What each change of a definition beside its schemas is, in both directions,
//! and what breaks between versions that are served side by side.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use crd_models::diff::{self, Allow, Change, Class};
use kube_schema::{Crd, parse_crds};
use pretty_assertions::assert_eq;

const NOTHING: &[&str] = &[];

const DEFINITION: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
";

fn crds(text: &str) -> Vec<Crd> {
    parse_crds("x.yaml", text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn said(change: &Change) -> String {
    let class = change.class.name();
    let version = change.version.as_deref().unwrap_or("*");
    let sentence = diff::text::sentence(change);
    format!("{class} {version} {sentence} | {}", change.reason)
}

fn between(old: &str, new: &str) -> Vec<String> {
    let changes = diff::diff(&crds(old), &crds(new)).unwrap();
    changes.iter().map(said).collect()
}

/// A text of the definition, two others to put in its place, what is said of
/// the way from the first to the second and of the way back.
type Case = (
    &'static str,
    [&'static str; 2],
    &'static [&'static str],
    &'static [&'static str],
);

fn judge(cases: &[Case]) {
    for (place, [a, b], forth, back) in cases {
        assert!(DEFINITION.contains(place), "{place}");
        let (a, b) = (DEFINITION.replace(place, a), DEFINITION.replace(place, b));
        assert_eq!(between(&a, &b), *forth, "{a}\nto\n{b}");
        assert_eq!(between(&b, &a), *back, "{b}\nto\n{a}");
    }
}

#[test]
fn scope_and_names() {
    judge(&[
        (
            "scope: Namespaced",
            ["scope: Namespaced", "scope: Cluster"],
            &[
                r#"breaking * scope: "Namespaced" -> "Cluster" | the API server refuses another scope, and every client's path is another"#,
            ],
            &[
                r#"breaking * scope: "Cluster" -> "Namespaced" | the API server refuses another scope, and every client's path is another"#,
            ],
        ),
        (
            "kind: Widget,",
            [
                "kind: Widget, singular: w, listKind: Ws,",
                "kind: Gadget, singular: w, listKind: Ws,",
            ],
            &[
                r#"breaking * names.kind: "Widget" -> "Gadget" | the API server refuses another kind, and every object and typed client names the old one"#,
            ],
            &[
                r#"breaking * names.kind: "Gadget" -> "Widget" | the API server refuses another kind, and every object and typed client names the old one"#,
            ],
        ),
        (
            "plural: widgets",
            ["plural: widgets", "plural: widgetz"],
            &[
                r#"breaking * names.plural: "widgets" -> "widgetz" | every client's path is another, and the objects stay with the old one"#,
            ],
            &[
                r#"breaking * names.plural: "widgetz" -> "widgets" | every client's path is another, and the objects stay with the old one"#,
            ],
        ),
        (
            "plural: widgets",
            [
                "plural: widgets",
                "plural: widgets, singular: widget, listKind: WidgetList",
            ],
            NOTHING,
            NOTHING,
        ),
        (
            "plural: widgets",
            [
                "plural: widgets",
                "plural: widgets, singular: w, listKind: Ws",
            ],
            &[
                r#"breaking * names.listKind: "WidgetList" -> "Ws" | a typed client reads a list of another kind"#,
                r#"breaking * names.singular: "widget" -> "w" | a script that calls kubectl with the old name finds nothing"#,
            ],
            &[
                r#"breaking * names.listKind: "Ws" -> "WidgetList" | a typed client reads a list of another kind"#,
                r#"breaking * names.singular: "w" -> "widget" | a script that calls kubectl with the old name finds nothing"#,
            ],
        ),
        (
            "plural: widgets",
            [
                "plural: widgets, shortNames: [a, b]",
                "plural: widgets, shortNames: [b, a, c], categories: [all]",
            ],
            &[
                r#"compatible * names.categories: added "all" | kubectl lists the kind there too"#,
                r#"compatible * names.shortNames: added "c" | no client knows it yet; another kind that has it keeps it"#,
            ],
            &[
                r#"breaking * names.categories: removed "all" | a script that lists the category no longer finds the kind"#,
                r#"breaking * names.shortNames: removed "c" | a script that calls kubectl with it finds nothing"#,
            ],
        ),
        (
            "  scope: Namespaced",
            [
                "  scope: Namespaced",
                "  scope: Namespaced\n  preserveUnknownFields: true",
            ],
            &[
                "breaking * preserveUnknownFields: false -> true | the API server refuses it in v1: set x-kubernetes-preserve-unknown-fields where it is meant",
            ],
            &[
                "breaking * preserveUnknownFields: true -> false | an object loses every field that the schema does not name",
            ],
        ),
    ]);
}

#[test]
fn conversion() {
    const WEBHOOK: &str = "  scope: Namespaced\n  conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {service: {namespace: a, name: b}}}}";
    const MOVED: &str = "  scope: Namespaced\n  conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1, v1beta1], clientConfig: {url: 'https://c', caBundle: Cg==}}}";
    judge(&[
        (
            "  scope: Namespaced",
            [
                "  scope: Namespaced\n  conversion: {strategy: None}",
                WEBHOOK,
            ],
            &[
                r#"compatible * conversion.strategy: "None" -> "Webhook" | who asks for another version than the stored one needs the webhook to be up"#,
            ],
            &[
                r#"breaking * conversion.strategy: "Webhook" -> "None" | what the webhook moved between versions is dropped on the way"#,
            ],
        ),
        (
            "  scope: Namespaced",
            [
                "  scope: Namespaced",
                "  scope: Namespaced\n  conversion: {strategy: None}",
            ],
            NOTHING,
            NOTHING,
        ),
        (
            "  scope: Namespaced",
            [WEBHOOK, MOVED],
            &[
                r#"compatible * conversion.webhook.caBundle: added "Cg==" | only the API server calls the webhook; it has to answer there"#,
                r#"compatible * conversion.webhook.clientConfig: "b.a:443" -> "https://c" | only the API server calls the webhook; it has to answer there"#,
                r#"compatible * conversion.webhook.conversionReviewVersions: ["v1"] -> ["v1","v1beta1"] | only the API server calls the webhook; it has to answer there"#,
            ],
            &[
                r#"compatible * conversion.webhook.caBundle: removed "Cg==" | only the API server calls the webhook; it has to answer there"#,
                r#"compatible * conversion.webhook.clientConfig: "https://c" -> "b.a:443" | only the API server calls the webhook; it has to answer there"#,
                r#"compatible * conversion.webhook.conversionReviewVersions: ["v1","v1beta1"] -> ["v1"] | only the API server calls the webhook; it has to answer there"#,
            ],
        ),
    ]);
}

#[test]
fn what_a_version_offers() {
    judge(&[
        (
            "served: true",
            ["served: true", "served: false"],
            &["breaking v1 served: true -> false | a client that asks for it finds nothing"],
            &["compatible v1 served: false -> true | a client may ask for it again"],
        ),
        (
            "served: true",
            [
                "served: true",
                "served: true, deprecated: true, deprecationWarning: use v2",
            ],
            &[
                "compatible v1 deprecated: false -> true | a client that asks for it is warned",
                r#"docs v1 deprecationWarning: added "use v2" | text for people"#,
            ],
            &[
                "compatible v1 deprecated: true -> false | a client that asks for it is no longer warned",
                r#"docs v1 deprecationWarning: removed "use v2" | text for people"#,
            ],
        ),
        (
            "served: true",
            ["served: true", "served: true, subresources: {status: {}}"],
            &[
                "breaking v1 subresources.status: false -> true | a controller that writes status with the rest of the object is ignored: status has an endpoint of its own now",
            ],
            &[
                "breaking v1 subresources.status: true -> false | a controller that writes status through its endpoint finds nothing",
            ],
        ),
        (
            "served: true",
            [
                "served: true",
                "served: true, subresources: {scale: {specReplicasPath: .spec.a, statusReplicasPath: .status.a}}",
            ],
            &["compatible v1 subresources.scale: false -> true | no autoscaler uses it yet"],
            &[
                "breaking v1 subresources.scale: true -> false | kubectl scale and autoscalers find nothing",
            ],
        ),
        (
            "served: true",
            [
                "served: true, subresources: {scale: {specReplicasPath: .spec.a, statusReplicasPath: .status.a}}",
                "served: true, subresources: {scale: {specReplicasPath: .spec.b, statusReplicasPath: .status.b, labelSelectorPath: .status.c}}",
            ],
            &[
                r#"compatible v1 subresources.scale.labelSelectorPath: added ".status.c" | no autoscaler uses it yet"#,
                r#"breaking v1 subresources.scale.specReplicasPath: ".spec.a" -> ".spec.b" | kubectl scale and autoscalers read or write another field"#,
                r#"breaking v1 subresources.scale.statusReplicasPath: ".status.a" -> ".status.b" | kubectl scale and autoscalers read or write another field"#,
            ],
            &[
                r#"breaking v1 subresources.scale.labelSelectorPath: removed ".status.c" | a HorizontalPodAutoscaler no longer finds the Pods"#,
                r#"breaking v1 subresources.scale.specReplicasPath: ".spec.b" -> ".spec.a" | kubectl scale and autoscalers read or write another field"#,
                r#"breaking v1 subresources.scale.statusReplicasPath: ".status.b" -> ".status.a" | kubectl scale and autoscalers read or write another field"#,
            ],
        ),
        (
            "served: true",
            [
                "served: true",
                "served: true, selectableFields: [{jsonPath: .spec.a}]",
            ],
            &[r#"compatible v1 selectableFields: added ".spec.a" | no client selects by it yet"#],
            &[
                r#"breaking v1 selectableFields: removed ".spec.a" | a client that selects by it is refused"#,
            ],
        ),
    ]);
}

#[test]
fn printer_columns() {
    const ONE: &str =
        "served: true, additionalPrinterColumns: [{name: A, type: string, jsonPath: .a}]";
    judge(&[
        (
            "served: true",
            ["served: true", ONE],
            &[
                r#"compatible v1 additionalPrinterColumns: added {"name":"A","type":"string","jsonPath":".a"} | kubectl get shows another table; no object changes"#,
            ],
            &[
                r#"compatible v1 additionalPrinterColumns: removed {"name":"A","type":"string","jsonPath":".a"} | kubectl get shows another table; no object changes"#,
            ],
        ),
        (
            "served: true",
            [
                ONE,
                "served: true, additionalPrinterColumns: [{name: A, type: string, jsonPath: .a, description: d}]",
            ],
            &[
                r#"docs v1 additionalPrinterColumns: …onPath":".a"} -> …onPath":".a","description":"d"} | text for people"#,
            ],
            &[
                r#"docs v1 additionalPrinterColumns: …onPath":".a","description":"d"} -> …onPath":".a"} | text for people"#,
            ],
        ),
        (
            "served: true",
            [
                "served: true, additionalPrinterColumns: [{name: A, type: string, jsonPath: .a}, {name: B, type: date, jsonPath: .b, priority: 1}]",
                "served: true, additionalPrinterColumns: [{name: B, type: date, jsonPath: .b, priority: 1}, {name: A, type: string, jsonPath: .a}]",
            ],
            &[
                r#"compatible v1 additionalPrinterColumns: ["A","B"] -> ["B","A"] | kubectl get shows another table; no object changes"#,
            ],
            &[
                r#"compatible v1 additionalPrinterColumns: ["B","A"] -> ["A","B"] | kubectl get shows another table; no object changes"#,
            ],
        ),
    ]);
}

const V2: &str = "  - {name: v2, served: true, schema: {openAPIV3Schema: {type: object}}}\n";

#[test]
fn versions_come_and_go() {
    let two = DEFINITION.to_owned() + V2;
    assert_eq!(
        between(DEFINITION, &two),
        [r#"compatible v2 version: added "served" | no client asks for it yet"#]
    );
    assert_eq!(
        between(&two, DEFINITION),
        [r#"breaking v2 version: removed "served" | a client that asks for it finds nothing"#]
    );
    let stored = two
        .replace("storage: true, ", "")
        .replace("v2, ", "v2, storage: true, ");
    assert_eq!(
        between(&two, &stored),
        [
            "compatible v1 storage: true -> false | objects are stored in another version from their next write on",
            "compatible v2 storage: false -> true | objects are stored in it from their next write on",
        ]
    );
    let removed = "objects are stored in it: the API server refuses this until they are migrated";
    assert_eq!(
        between(&stored, DEFINITION),
        [
            "compatible v1 storage: false -> true | objects are stored in it from their next write on".to_owned(),
            format!(r#"breaking v2 version: removed "served" | {removed}"#),
        ]
    );
    let idle = two.replace("v2, served: true", "v2, served: false");
    assert_eq!(
        between(&idle, DEFINITION),
        [
            r#"compatible v2 version: removed "not served" | no client could ask for it, and no object should be stored in it"#
        ]
    );
    let once_stored = idle.clone() + "status: {storedVersions: [v2, v1]}\n";
    assert_eq!(
        between(&once_stored, DEFINITION),
        [format!(
            r#"breaking v2 version: removed "not served" | {removed}"#
        )]
    );
}

#[test]
fn definitions_come_and_go() {
    let other = DEFINITION
        .replace("Widget", "Gadget")
        .replace("widgets", "gadgets");
    let both = format!("{DEFINITION}---\n{other}");
    assert_eq!(
        between(DEFINITION, &both),
        [r#"compatible * definition: added "Gadget" | there was no object of the kind"#]
    );
    assert_eq!(
        between(&both, DEFINITION),
        [
            r#"breaking * definition: removed "Gadget" | every object of the kind is deleted, and its clients find nothing"#
        ]
    );
    assert_eq!(
        between(&both, &format!("{other}---\n{DEFINITION}")),
        NOTHING
    );
}

#[test]
fn a_kind_defined_twice_is_refused() {
    let twice = DEFINITION.to_owned() + "---\n" + &DEFINITION.replace("v1,", "v2,");
    let error = diff::diff(&crds(DEFINITION), &crds(&twice)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "widgets.example.org is defined twice: here and at x.yaml:1:1"
    );
    assert_eq!(error.second.line, 10);
}

fn versions(first: &str, second: &str) -> String {
    format!(
        "{}  - {{name: v1beta1, served: true, schema: {{openAPIV3Schema: {first}}}}}\n  - {{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {second}}}}}\n",
        DEFINITION.split("  - ").next().unwrap()
    )
}

#[test]
fn what_an_older_served_version_holds_has_to_fit_a_newer_one() {
    let apart = versions(
        "{type: object, properties: {a: {type: string, maxLength: 9}, b: {type: string}}}",
        "{type: object, properties: {a: {type: string, maxLength: 8}, c: {type: string}}}",
    );
    let lone = apart.replace("v1beta1, served: true", "v1beta1, served: false");
    let loses = "an object loses it at the next write, and a client that reads it finds nothing";
    assert_eq!(
        between(&lone, &apart),
        [
            "compatible v1beta1 served: false -> true | a client may ask for it again".to_owned(),
            "breaking v1beta1->v1 .a maxLength: 9 -> 8 | an object that holds more than 8 characters becomes invalid".to_owned(),
            format!(r#"breaking v1beta1->v1 .b field: removed "string" | {loses}"#),
        ]
    );
    assert_eq!(between(&apart, &apart), NOTHING, "both were so before");
    let converted = apart.replace("  scope:", "  conversion: {strategy: Webhook}\n  scope:");
    assert_eq!(
        between(&lone, &converted),
        [
            r#"compatible * conversion.strategy: "None" -> "Webhook" | who asks for another version than the stored one needs the webhook to be up"#,
            "compatible v1beta1 served: false -> true | a client may ask for it again",
        ],
        "a webhook converts"
    );
}

#[test]
fn only_what_is_new_between_served_versions_is_said() {
    let before = versions(
        "{type: object, properties: {a: {type: string, maxLength: 9}}}",
        "{type: object, properties: {a: {type: string, maxLength: 8}}}",
    );
    let after = before.replace(
        "{type: string, maxLength: 8}",
        "{type: string, maxLength: 8, pattern: ^a}",
    );
    let pattern = r#".a pattern: added "^a" | an object whose value does not fit the pattern becomes invalid"#;
    assert_eq!(
        between(&before, &after),
        [
            format!("breaking v1 {pattern}"),
            format!("breaking v1beta1->v1 {pattern}"),
        ]
    );
}

fn changes() -> Vec<Change> {
    let old = DEFINITION.replace("widgets", "widgets, shortNames: [w, wd]");
    let new = DEFINITION.replace("served: true", "served: false, deprecated: true");
    diff::diff(&crds(&old), &crds(&new)).unwrap()
}

#[test]
fn an_entry_accepts_by_key_or_by_its_first_words() {
    let keys: Vec<String> = changes().iter().map(Change::key).collect();
    assert_eq!(
        keys,
        [
            "widgets.example.org names.shortNames",
            "widgets.example.org names.shortNames",
            "widgets.example.org v1 deprecated",
            "widgets.example.org v1 served",
        ]
    );
    for (entries, open, idle) in [
        (&[][..], 3, &[][..]),
        (&["widgets.example.org v1 served"], 2, &[]),
        (&["widgets.example.org  v1 "], 2, &[]),
        (&["widgets.example.org names.shortNames"], 1, &[]),
        (&["widgets.example.org"], 0, &[]),
        (
            &["widgets.example.org v", "widgets"],
            3,
            &["widgets.example.org v", "widgets"],
        ),
        (
            &["widgets.example.org v1 deprecated"],
            3,
            &["widgets.example.org v1 deprecated"],
        ),
    ] {
        let judged = Allow::new(entries).judge(changes(), Class::Breaking);
        assert_eq!(judged.open(Class::Breaking).count(), open, "{entries:?}");
        assert_eq!(judged.idle, idle, "{entries:?}");
        assert_eq!(judged.count(Class::Breaking), 3);
        assert_eq!(judged.accepted(), 3 - open);
    }
    let all = Allow::new(["widgets.example.org v1"]).judge(changes(), Class::Compatible);
    assert_eq!(all.accepted(), 2, "from compatible on, deprecation counts");
}
