//! What is refused, in which words; and what files may look like.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use kube_schema::{Crd, Error, Origin, Scope, parse_crds, read_crds};
use pretty_assertions::assert_eq;

fn refused(name: &str) -> (String, Option<&'static str>) {
    let error = read_crds(&[format!("tests/fixtures/refused/{name}")]).unwrap_err();
    let text = error.to_string().replace("tests/fixtures/refused/", "");
    (text, error.hint())
}

#[test]
fn each_bad_input_is_named_with_its_place() {
    for (file, message) in [
        (
            "deployment.yaml",
            "deployment.yaml:10:1: not a CRD: found kind Deployment of apps/v1",
        ),
        (
            "no_kind.yaml",
            "no_kind.yaml:1:1: not a CRD: found a document without kind",
        ),
        (
            "no_schema.yaml",
            "no_schema.yaml:10:7: as.example.org: version v2 has no schema",
        ),
        (
            "v1beta1.yaml",
            "v1beta1.yaml:1:1: as.example.org is written in apiextensions.k8s.io/v1beta1, which Kubernetes dropped in 1.22",
        ),
        (
            "no_group.yaml",
            "no_group.yaml:1:1: as.example.org has no spec.group",
        ),
        (
            "twice.yaml",
            "twice.yaml:9:57: A of example.org/v1 is already defined at twice.yaml:4:57",
        ),
    ] {
        let (text, hint) = refused(file);
        assert_eq!(text, message);
        assert!(hint.is_some(), "{file}: no remedy");
    }
}

#[test]
fn what_is_not_yaml_or_no_schema_has_line_and_column() {
    let (text, _) = refused("not_yaml.yaml");
    assert!(text.starts_with("not_yaml.yaml:3:9: not YAML: "), "{text}");
    let (text, _) = refused("wrong_type.yaml");
    assert!(
        text.starts_with("wrong_type.yaml:13:26: not in the form of a CRD: ")
            && text.contains("text"),
        "{text}"
    );
}

fn message(text: &str) -> String {
    parse_crds("crds.yaml", text).unwrap_err().to_string()
}

#[test]
fn hostile_files_are_refused_in_little_time() {
    let schema = |schema: &str| CRD.replacen("{type: object}", schema, 1);
    let nested = "{type: object, properties: {a: ".repeat(10_000);
    let bomb: String = (1..12)
        .map(|i| {
            format!(
                "a{i}: &a{i} [{}]\n",
                vec![format!("*a{}", i - 1); 10].join(", ")
            )
        })
        .collect();
    for (text, words) in [
        (schema(&nested), "nested deeper than 256 levels"),
        (
            format!("a0: &a0 {{x: y}}\n{bomb}"),
            "its aliases stand for more than",
        ),
        (
            schema("&s {type: object, properties: {a: *s}}"),
            "inside what it stands for",
        ),
        (
            schema("{type: object, type: object}"),
            "duplicate mapping key: type",
        ),
        ("{\"a\":".repeat(100_000), "nested deeper than 256 levels"),
    ] {
        let start = std::time::Instant::now();
        let said = message(&text);
        assert!(said.contains(words), "{said}");
        assert!(start.elapsed().as_secs() < 20, "{words}");
    }
}

#[test]
fn names_cannot_lead_out_of_a_folder() {
    for (from, to, said) in [
        (
            "group: GROUP",
            "group: ../../etc",
            "spec.group is \"../../etc\"",
        ),
        ("group: GROUP", "group: /etc", "spec.group is \"/etc\""),
        ("kind: A}", "kind: ../A}", "spec.names.kind is \"../A\""),
        (
            "kind: A}",
            "kind: \"a\\0b\"}",
            "spec.names.kind is \"a\\0b\"",
        ),
        (
            "name: v1,",
            "name: ../v1,",
            "spec.versions[].name is \"../v1\"",
        ),
        (
            "kind: A}",
            "kind: A, plural: ../as}",
            "spec.names.plural is \"../as\"",
        ),
    ] {
        let text = CRD.replace(from, to).replace("GROUP", "example.org");
        assert!(message(&text).contains(said), "{}", message(&text));
    }
}

#[test]
fn a_file_that_is_no_utf8_has_its_place_named() {
    let file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    std::fs::write(file.path(), b"a: 1\nb: \xff\n").unwrap();
    let error = read_crds(&[file.path()]).unwrap_err().to_string();
    assert!(
        error.ends_with(".yaml:2:4: not UTF-8: the byte 0xff belongs to no character here"),
        "{error}"
    );
}

#[test]
fn items_of_a_list_are_definitions() {
    let item = CRD.replace("GROUP", "example.org").replace('\n', "\n  ");
    let text = format!(
        "apiVersion: v1\nkind: List\nitems:\n- {}\n",
        item.trim_end()
    );
    assert_eq!(parse_crds("crds.yaml", &text).unwrap().len(), 1);
    let text = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n";
    assert!(
        message(text).contains("crds.yaml:4:3: not a CRD: found kind Pod of v1"),
        "{}",
        message(text)
    );
}

#[test]
fn an_empty_folder_and_a_missing_file_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        read_crds(&[folder.path()]),
        Err(Error::Nothing { .. })
    ));
    let missing = read_crds(&["tests/fixtures/nowhere.yaml"])
        .unwrap_err()
        .to_string();
    assert!(
        missing.starts_with("tests/fixtures/nowhere.yaml: cannot be read: "),
        "{missing}"
    );
}

const CRD: &str = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  group: GROUP\n  scope: Namespaced\n  names: {kind: A}\n  versions:\n  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}\n  - {name: v2, deprecated: true, schema: {openAPIV3Schema: {type: object}}}\n";

#[test]
fn every_document_and_version_of_a_file_counts() {
    let text = format!(
        "---\n{}---\n# nothing\n---\n{}",
        CRD.replace("GROUP", "a.org"),
        CRD.replace("GROUP", "b.org")
    );
    let crds = parse_crds("x.yaml", &text).unwrap();
    let found: Vec<(&str, usize)> = crds
        .iter()
        .map(|crd| (crd.group.as_str(), crd.versions.len()))
        .collect();
    assert_eq!(found, [("a.org", 2), ("b.org", 2)]);
    assert!(crds[0].versions[0].storage && crds[0].versions[1].deprecated);
    assert_eq!(
        (crds[0].names.plural.as_str(), crds[0].scope),
        ("as", Scope::Namespaced)
    );
}

#[test]
fn folders_are_searched_and_order_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("deep/er");
    std::fs::create_dir_all(&below).unwrap();
    std::fs::write(folder.path().join("b.yml"), CRD.replace("GROUP", "b.org")).unwrap();
    std::fs::write(below.join("a.yaml"), CRD.replace("GROUP", "a.org")).unwrap();
    std::fs::write(below.join("README.md"), "not read").unwrap();
    let json = r#"{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "spec": {"group": "c.org", "names": {"kind": "C"}, "versions": [{"name": "v1", "schema": {"openAPIV3Schema": {"type": "object"}}}]}}"#;
    std::fs::write(below.join("c.json"), json).unwrap();
    let forth = read_crds(&[folder.path().join("b.yml"), below.clone()]).unwrap();
    let back = read_crds(&[below, folder.path().join("b.yml")]).unwrap();
    assert_eq!(forth, back);
    let groups: Vec<&str> = forth.iter().map(|crd| crd.group.as_str()).collect();
    assert_eq!(groups, ["a.org", "b.org", "c.org"]);
    assert_eq!(read_crds(&[folder.path()]).unwrap(), forth);
}

fn xrd(version: &str, scope: &str, more: &str) -> Vec<Crd> {
    let text = format!(
        "apiVersion: apiextensions.crossplane.io/{version}\nkind: CompositeResourceDefinition\nspec:\n  group: example.org\n{scope}{more}  \
         names: {{kind: XA, plural: xas}}\n  versions:\n  - name: v1\n    referenceable: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        \
         properties: {{spec: {{type: object, required: [size], properties: {{size: {{type: integer}}}}}}}}\n"
    );
    parse_crds("x.yaml", &text).unwrap()
}

fn spec_fields(crd: &Crd) -> Vec<&str> {
    crd.versions[0].schema.properties["spec"]
        .properties
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn an_xrd_is_read_as_the_crd_crossplane_makes() {
    let crds = xrd("v2", "", "");
    assert_eq!(
        (crds.len(), crds[0].scope, crds[0].origin),
        (1, Scope::Namespaced, Origin::Composite)
    );
    assert_eq!(spec_fields(&crds[0]), ["crossplane", "size"]);
    let schema = &crds[0].versions[0].schema;
    let references = &schema.properties["spec"].properties["crossplane"].properties["resourceRefs"];
    assert!(
        !references
            .items
            .as_ref()
            .unwrap()
            .properties
            .contains_key("namespace")
    );
    assert_eq!(
        schema.properties["metadata"].properties["name"].max_length,
        Some(63)
    );
    assert_eq!(schema.required, ["spec"]);
    assert!(
        schema.properties["status"]
            .properties
            .contains_key("conditions")
    );
}

#[test]
fn a_cluster_scoped_xr_may_compose_in_any_namespace() {
    let crds = xrd("v2", "  scope: Cluster\n", "");
    let crossplane = &crds[0].versions[0].schema.properties["spec"].properties["crossplane"];
    let references = crossplane.properties["resourceRefs"]
        .items
        .as_ref()
        .unwrap();
    assert!(references.properties.contains_key("namespace"));
}

#[test]
fn a_legacy_xrd_gives_composite_and_claim() {
    let crds = xrd("v1", "", "  claimNames: {kind: A, plural: as}\n");
    let found: Vec<(&str, Origin, Scope)> = crds
        .iter()
        .map(|crd| (crd.names.kind.as_str(), crd.origin, crd.scope))
        .collect();
    assert_eq!(
        found,
        [
            ("XA", Origin::Composite, Scope::Cluster),
            ("A", Origin::Claim, Scope::Namespaced)
        ]
    );
    assert!(spec_fields(&crds[0]).contains(&"claimRef"));
    assert!(spec_fields(&crds[1]).contains(&"compositeDeletePolicy"));
}
