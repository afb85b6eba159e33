//! What KCL says of the generated schemas: they compile, accept what the API
//! server accepts, and refuse what breaks a bound that KCL can state.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use crd_models::{analysis, kcl, output};
use std::path::{Path, PathBuf};
use support::Trial;

impl Trial {
    /// Generates the package `name` below `below`; gives its modules.
    fn generate(&self, crds: &[&str], name: &str, below: &str) -> Vec<String> {
        self.generate_with(crds, name, below, None)
    }

    fn generate_with(
        &self,
        crds: &[&str],
        name: &str,
        below: &str,
        k8s_package: Option<&str>,
    ) -> Vec<String> {
        let models = analysis::models(&kube_schema::read_crds(crds).unwrap());
        let options = kcl::Options {
            package: name,
            k8s_package,
        };
        let files = kcl::package(&models, &options).files;
        self.add(&format!("{below}/{name}"), &files);
        files
            .keys()
            .filter(|path| path.starts_with("models/v") && path.ends_with(".k"))
            .map(|path| format!("{name}.{}", path.trim_end_matches(".k").replace('/', ".")))
            .collect()
    }
}

fn oddity(fields: &str) -> String {
    format!(
        "import odd.models.v1.odd_example_org_v1_oddity as odd\na = odd.Oddity {{\n    metadata.name = \"o\"\n    spec = {{\n        nullableRequired = None\n{fields}\n    }}\n}}\n"
    )
}

#[test]
fn odd_schemas_compile_and_accept_what_is_valid() {
    let trial = Trial::new();
    trial.generate(&["tests/fixtures/oddity.yaml"], "odd", ".");
    for (valid, contains) in [
        ("", r#""defaulted": 3"#),
        ("", r#""text": "a \"b\" \\c ${d}""#),
        ("", r#""list": [["a"], ["b", "c"]]"#),
        (
            r#"type = "ab", $filter = "a", $lambda = "abc", $any = "x", $assert = "x", $mixin = "m""#,
            r#""type": "ab""#,
        ),
        (
            r#"len = "abc", str = "b", regex = "c", isunique = ["a", "b"], v1 = "x""#,
            r#""len": "abc""#,
        ),
        (
            r#""$ref" = "r", "foo-bar" = "x", "a.b/c" = "y", "größe" = "z", "9lives" = "9""#,
            r#""$ref": "r""#,
        ),
        (
            r#"foo_bar = {a = "1"}, fooBar = {b = "2"}, Oddity = {x = "3"}"#,
            r#""b": "2""#,
        ),
        (
            r#"proxyProtocol = {version = 2}, useMixin = {version = 1}"#,
            r#""version": 2"#,
        ),
        (r#"quoted = "c\\d""#, r#""quoted": "c\\d""#),
        (r#"quoted = "line\nbreak""#, "quoted"),
        (
            "negative = -1, fractions = 1, structured = {a = 1}, listed = [\"x\"], flag = True, empty = \"\"",
            "negative",
        ),
        ("huge = 5.5, tenth = 0.3, umlauts = \"äöü\"", "umlauts"),
        (
            "nested = [[1, 9], []], nestedMap = {a = {b = \"c-d\"}}, both = \"xy\", port = \"80%\"",
            "nested",
        ),
        ("port = 100", r#""port": 100"#),
        (
            "free = {}, anything = [1], open = {undeclared = 1, more = 2}",
            r#""more": 2"#,
        ),
        (
            "embedded = {apiVersion = \"v1\", kind = \"Pod\", spec = {}}",
            r#""spec": {}"#,
        ),
        ("things = {a = {deep = [{x = \"1\"}]}}", r#""x": "1""#),
        (
            "type = None, port = None, nested = None, nestedMap = {a = None}",
            "nested",
        ),
    ] {
        match trial.run(&oddity(&format!("        {valid}")), &[("odd", "odd")]) {
            Ok(json) => assert!(
                json.contains(contains),
                "{valid}: {contains} is not in {json}"
            ),
            Err(error) => panic!("{valid}: refused: {error:?}"),
        }
    }
}

#[test]
fn broken_bounds_are_refused_in_words() {
    let trial = Trial::new();
    trial.generate(&["tests/fixtures/oddity.yaml"], "odd", ".");
    for (invalid, words) in [
        (r#"type = "a""#, "type: at least 2 characters"),
        (r#"$filter = "b""#, "filter: must match ^a"),
        (r#"len = "abcd""#, "len: at most 3 characters"),
        (r#"umlauts = "äöüß""#, "umlauts: 2 to 3 characters"),
        (r#"umlauts = "ä""#, "umlauts: 2 to 3 characters"),
        (r#"isunique = ["a", "a"]"#, "isunique: no element twice"),
        ("proxyProtocol = {version = 3}", "version: from 1 to 2"),
        (r#"quoted = "x""#, "quoted: one of"),
        ("negative = 2", "negative: one of -1, 0, 1"),
        ("listed = [\"z\"]", "got [str(z)]"),
        (
            "nested = [[1, 2, 3]]",
            "nested: each element: at most 2 elements",
        ),
        (
            "nested = [[10]]",
            "nested: each element: each element: <= 9",
        ),
        (
            "nestedMap = {a = {b = \"c d\"}}",
            "nestedMap: each value: each value: must match",
        ),
        ("both = \"xz\"", "both: must match y$"),
        ("port = \"12345\"", "port: at most 4 characters"),
        ("port = 101", "port: <= 100"),
        ("things = {a = {deep = [], nope = 1}}", "nope"),
        (
            "nullEnum = None",
            "nullEnum: null is none of the permitted values",
        ),
        ("big = 5", "big: no number passes"),
        ("tenth = 3", "tenth: a multiple of 0.1"),
        ("tenth = 0.35", "tenth: a multiple of 0.1"),
        ("huge = 2e30", "huge: <= 1e30"),
        ("huge = 5", "huge: <= 1e30"),
        ("free = {a = 1}", "free: no field is declared"),
        ("free = 1", "free: an object"),
        ("fractions = 2", "fractions: one of 0.5, 1"),
        ("structured = {a = 2}", "structured: one of"),
        ("flag = False", "flag: one of true"),
        ("listed = [None]", "listed, nested: no element may be null"),
        (
            "nestedMap = {a = {}, b = {}, c = {}}",
            "nestedMap: at most 2 fields",
        ),
        (r#""foo-bar" = "long""#, "foo-bar: at most 3 characters"),
        (r#""\x24{x}" = 1"#, "${x}: has another type"),
        (r#"notDeclared = 1"#, "a field that is not declared"),
        ("open = {known = \"a\"}", "undeclared"),
        (
            "embedded = {apiVersion = \"a/b/c\", kind = \"Pod\"}",
            "embedded: a resource",
        ),
        (
            "embedded = {apiVersion = \"v1\", kind = \"Pod\", metadata.labels = {a = \"b c\"}}",
            "embedded: a resource",
        ),
    ] {
        let error = trial
            .run(&oddity(&format!("        {invalid}")), &[("odd", "odd")])
            .expect_err(invalid);
        let said = format!("{error:?}");
        assert!(
            said.contains(words),
            "{invalid}: {words:?} is not in {said}"
        );
    }
}

#[test]
fn a_required_null_must_be_written() {
    let trial = Trial::new();
    trial.generate(&["tests/fixtures/oddity.yaml"], "odd", ".");
    let program = "import odd.models.v1.odd_example_org_v1_oddity as odd\na = odd.Oddity {metadata.name = \"o\", spec = {}}\n";
    let error = format!("{:?}", trial.run(program, &[("odd", "odd")]).unwrap_err());
    assert!(
        error.contains("nullableRequired: required, though it may be null"),
        "{error}"
    );
}

#[test]
fn a_package_works_at_its_own_name_and_deeper() {
    let trial = Trial::new();
    let crds = ["tests/fixtures/widget.yaml"];
    trial.generate(&crds, "shop_kcl", ".");
    trial.generate(&crds, "shop_kcl", "lib/schemas/kcl");
    let text = "import PLACE.models.v1.shop_example_corp_org_v1_widget as widget\n\
                a = widget.Widget {metadata = {name = \"w\", labels = {a = \"b\"}}, spec = {type = \"round\", parts = [{name = \"p\"}]}}\n";
    for (place, mount) in [
        ("shop_kcl", ("shop_kcl", "shop_kcl")),
        ("schemas.kcl.shop_kcl", ("schemas", "lib/schemas")),
    ] {
        let json = trial.run(&text.replace("PLACE", place), &[mount]).unwrap();
        assert!(json.contains(r#""size": 10"#), "{json}");
    }
}

#[test]
fn metadata_is_typed_and_limited() {
    let trial = Trial::new();
    trial.generate(&["tests/fixtures/widget.yaml"], "shop_kcl", ".");
    let text = "import shop_kcl.models.v1.shop_example_corp_org_v1_widget as widget\n\
                a = widget.Widget {metadata.name = \"w\" * 41, spec = {type = \"round\", parts = [{name = \"p\"}]}}\n";
    let error = format!(
        "{:?}",
        trial.run(text, &[("shop_kcl", "shop_kcl")]).unwrap_err()
    );
    assert!(
        error.contains("metadata.name: at most 40 characters"),
        "{error}"
    );
}

#[test]
fn metadata_is_checked_as_the_server_does() {
    let trial = Trial::new();
    trial.generate(&["tests/fixtures/widget.yaml"], "shop_kcl", ".");
    let run = |metadata: &str| {
        let text = format!(
            "import shop_kcl.models.v1.shop_example_corp_org_v1_widget as widget\n\
             a = widget.Widget {{metadata = {{{metadata}}}, spec = {{type = \"round\", parts = [{{name = \"p\"}}]}}}}\n"
        );
        trial.run(&text, &[("shop_kcl", "shop_kcl")])
    };
    for valid in [
        "name = \"a.b-c\", namespace = \"n\"",
        "generateName = \"a-\"",
        "annotations = {a = \"a\"}",
        "name = \"a\", labels = {\"example.org/a_b\" = \"\", c = \"D\"}, annotations = {\"Example.org/a\" = \"any {thing}\"}",
        "name = \"a\", finalizers = [\"example.org/f\"], ownerReferences = [{apiVersion = \"v1\", kind = \"K\", name = \"n\", uid = \"u\"}]",
        "name = \"a\", creationTimestamp = \"2026-01-01T00:00:00Z\"",
    ] {
        run(valid).unwrap_or_else(|error| panic!("{valid}: {error:?}"));
    }
    for (invalid, words) in [
        (
            "name = \"a_b\"",
            "metadata.name: must be a lower-case DNS name",
        ),
        ("generateName = \"A\"", "metadata.generateName: must begin"),
        (
            "name = \"a\", namespace = \"a.b\"",
            "metadata.namespace: must be",
        ),
        (
            "name = \"a\", labels = {\"-a\" = \"b\"}",
            "labels: keys must be",
        ),
        (
            "name = \"a\", labels = {a = \"b\\nc=d\"}",
            "labels: keys must be",
        ),
        (
            "name = \"a\", annotations = {\"a/b/c\" = \"d\"}",
            "annotations: keys must be",
        ),
        (
            "name = \"a\", finalizers = [\"not valid\"]",
            "finalizers: must be",
        ),
        (
            "name = \"a\", creationTimestamp = \"today\"",
            "creationTimestamp, deletionTimestamp: must be",
        ),
        (
            "name = \"a\", ownerReferences = [{apiVersion = \"a/b/c\", kind = \"K\", name = \"n\", uid = \"u\"}]",
            "apiVersion: must be",
        ),
    ] {
        let said = format!("{:?}", run(invalid).expect_err(invalid));
        assert!(
            said.contains(words),
            "{invalid}: {words:?} is not in {said}"
        );
    }
}

fn k8s_package() -> output::Files {
    let definitions = kube_schema::read_json_schemas(&["tests/fixtures/types/k8s.json"]).unwrap();
    let options = kcl::LibraryOptions {
        package: "k8s",
        root: "io.k8s",
        k8s_package: None,
        lean: true,
    };
    kcl::library(&analysis::library(&definitions), &options).files
}

#[test]
fn packages_share_the_schemas_of_one_k8s_package() {
    let trial = Trial::new();
    trial.add("k8s", &k8s_package());
    trial.generate_with(
        &["tests/fixtures/widget.yaml"],
        "shop_kcl",
        ".",
        Some("k8s"),
    );
    trial.generate_with(&["tests/fixtures/clusters.yaml"], "two", ".", Some("k8s"));
    let text = "import k8s.apimachinery.pkg.apis.meta.v1 as meta\n\
                import shop_kcl.models.k8s.apimachinery.pkg.apis.meta.v1 as alias\n\
                import two.models.k8s.apimachinery.pkg.apis.meta.v1.object_meta as file\n\
                import shop_kcl.models.v1.shop_example_corp_org_v1_widget as widget\n\
                import two.models.v1.db_example_org_v1_cluster as db\n\
                m: meta.ObjectMeta = alias.ObjectMeta {name = \"w\"}\n\
                n: alias.ObjectMeta = file.ObjectMeta {name = \"x\"}\n\
                a = widget.Widget {metadata = n, spec = {type = \"round\", parts = [{name = \"p\"}]}}\n\
                b = db.Cluster {metadata = m, spec = {engine = \"pg\"}}\n";
    let packages = [("k8s", "k8s"), ("shop_kcl", "shop_kcl"), ("two", "two")];
    let json = trial.run(text, &packages).unwrap();
    assert!(json.contains(r#""metadata": {"name": "w"}"#), "{json}");
    let wrong = text.replace("\"x\"", "\"x\", labels = {\"-a\" = \"b\"}");
    let said = format!("{:?}", trial.run(&wrong, &packages).unwrap_err());
    assert!(said.contains("labels: keys must be"), "{said}");
}

#[test]
fn two_kinds_of_one_name_do_not_clash() {
    let trial = Trial::new();
    let modules = trial.generate(&["tests/fixtures/clusters.yaml"], "two", ".");
    assert!(
        modules.contains(&"two.models.v1.db_example_org_v1_cluster".to_owned()),
        "{modules:?}"
    );
    let text = "import two.models.v1\n\
                import two.models.v1.db_example_org_v1_cluster as db\n\
                import two.models.v1.k8s_example_org_v1_cluster as k8s\n\
                m = {name = \"x\"}\n\
                a = db.Cluster {metadata = m, spec = {engine = \"pg\"}}\nb = k8s.Cluster {metadata = m, spec = {nodes = 3}}\n\
                c = v1.DbExampleOrgV1Cluster {metadata = m, spec = {engine = \"pg\"}}\nd = v1.Node {metadata = m}\n";
    let json = trial.run(text, &[("two", "two")]).unwrap();
    assert!(
        json.contains(r#""engine": "pg""#) && json.contains(r#""nodes": 3"#),
        "{json}"
    );
}

#[test]
fn a_composite_resource_has_crossplanes_fields() {
    let trial = Trial::new();
    trial.generate(&["tests/fixtures/xrd.yaml"], "xr", ".");
    let text = "import xr.models.v1.net_example_org_v1_gateway as gateway\n\
                a = gateway.Gateway {\n    metadata = {name = \"g\", namespace = \"n\"}\n    spec = {\n        region = \"fra1\"\n        \
                crossplane = {compositionRef.name = \"c\", resourceRefs = [{apiVersion = \"v1\", kind = \"Pod\", name = \"p\"}]}\n    }\n    \
                status = {address = \"10.0.0.1\", conditions = [{type = \"Ready\", status = \"True\", reason = \"Ok\", lastTransitionTime = \"2026-01-01T00:00:00Z\"}]}\n}\n";
    let json = trial.run(text, &[("xr", "xr")]).unwrap();
    assert!(json.contains(r#""compositionRef""#), "{json}");
    let too_long = text.replace("\"g\"", "\"g\" * 64");
    assert!(
        format!("{:?}", trial.run(&too_long, &[("xr", "xr")]).unwrap_err()).contains("at most 63")
    );
}

#[test]
fn every_fixture_compiles_by_itself() {
    let trial = Trial::new();
    let fixtures: Vec<PathBuf> = std::fs::read_dir(Path::new("tests/fixtures"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    for fixture in fixtures.iter().filter(|path| path.is_file()) {
        for module in trial.generate(&[fixture.to_str().unwrap()], "one", ".") {
            let text = format!("import {module} as m\na = 1\n");
            trial
                .run(&text, &[("one", "one")])
                .unwrap_or_else(|error| panic!("{module}: {error:?}"));
        }
    }
}
