//! What is generated for a small CRD, to the byte. `UPDATE_GOLDEN=1 cargo test
//! -p crd-models --test golden` writes the expected files anew.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use crd_models::output::Files;
use crd_models::{analysis, json_schema, kcl, python};
use pretty_assertions::assert_eq;
use std::path::Path;

fn matches_golden(folder: &str, files: &Files, shown: &[&str]) {
    for name in shown {
        let path = Path::new("tests/golden")
            .join(folder)
            .join(name.rsplit('/').next().unwrap());
        let text = &files[*name];
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!("{}: {error}; run with UPDATE_GOLDEN=1", path.display())
        });
        assert_eq!(*text, expected, "{}", path.display());
    }
}

#[test]
fn kcl_is_as_agreed() {
    let crds = kube_schema::read_crds(&["tests/fixtures/widget.yaml"]).unwrap();
    let options = kcl::Options {
        package: "shop_kcl",
        k8s_package: None,
    };
    let package = kcl::package(&analysis::models(&crds), &options);
    matches_golden(
        "kcl",
        &package.files,
        &["models/v1/shop_example_corp_org_v1_widget.k", "kcl.mod"],
    );
}

#[test]
fn kcl_of_types_is_as_agreed() {
    let definitions =
        kube_schema::read_json_schemas(&["tests/fixtures/types/garden.json"]).unwrap();
    let options = kcl::LibraryOptions {
        package: "garden",
        root: "org.example",
        k8s_package: None,
        lean: false,
    };
    let package = kcl::library(&analysis::library(&definitions), &options);
    let shown = [
        "garden/v1/garden.k",
        "garden/v1/plant.k",
        "garden/v1/tree.k",
    ];
    matches_golden("kcl_types", &package.files, &shown);
}

#[test]
fn python_is_as_agreed() {
    let crds = kube_schema::read_crds(&["tests/fixtures/widget.yaml"]).unwrap();
    let files = python::files(&analysis::models(&crds), "models.shop");
    let shown = [
        "models/shop/org/example_corp/shop/v1.py",
        "models/shop/_lookup.py",
        "models/shop/__init__.py",
    ];
    matches_golden("python", &files, &shown);
}

#[test]
fn json_schema_is_as_agreed() {
    let crds = kube_schema::read_crds(&["tests/fixtures/widget.yaml"]).unwrap();
    let files = json_schema::files(&crds);
    matches_golden(
        "jsonschema",
        &files,
        &["shop.example-corp.org/widget_v1.json"],
    );
}

#[test]
fn python_of_types_is_as_agreed() {
    let definitions =
        kube_schema::read_json_schemas(&["tests/fixtures/types/garden.json"]).unwrap();
    let types = analysis::library(&definitions);
    let files = python::library(&types, "models", "org.example");
    let shown = [
        "models/garden/v1.py",
        "models/garden/_v1/garden.py",
        "models/garden/_v1/tree.py",
        "models/garden/_v1/tree.pyi",
    ];
    matches_golden("python_types", &files, &shown);
}
