//! Whole documents of small modules, compared with recorded ones, and read back by the
//! crate that makes models of them.

#![allow(clippy::unwrap_used)]

use go_schema::{Enums, Module, Options, Program, Required, Tables, document};
use kube_schema::read_json_schemas;
use pretty_assertions::assert_eq;
use serde_json::{Value as Json, json};
use std::path::Path;

fn program(folders: &[&str]) -> Program {
    let open = |folder: &&str| Module::open(&Path::new("tests/fixtures").join(folder), None);
    let modules = folders.iter().map(open).collect::<Result<_, _>>();
    Program::new(modules.unwrap())
}

fn made(folders: &[&str], package: &str, types: &[&str], options: &Options) -> Json {
    let types: Vec<String> = types.iter().map(|name| (*name).to_owned()).collect();
    document(&program(folders), &[package.to_owned()], &types, options).unwrap()
}

/// Compares with the recorded document; `UPDATE_GOLDEN=1` records it.
fn is_golden(name: &str, made: &Json) {
    let path = Path::new("tests/golden").join(name);
    let text = serde_json::to_string_pretty(made).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{name}");
    let found = read_json_schemas(&[&path]).unwrap();
    let names = made["$defs"].as_object().unwrap().keys();
    assert_eq!(
        found.types.keys().collect::<Vec<_>>(),
        names.collect::<Vec<_>>(),
        "each type is read back under its name"
    );
}

fn all_constants() -> Options {
    Options {
        required: Required::Kubernetes,
        enums: Enums::Constants,
        tables: Tables::default(),
    }
}

#[test]
fn every_form_of_field_has_its_schema() {
    let made = made(&["shapes"], "./v1", &["Values"], &all_constants());
    is_golden("values.json", &made);
}

#[test]
fn embedded_fields_are_promoted_as_encoding_json_does() {
    let made = made(
        &["shapes"],
        "./v1",
        &["Embedded", "Conflict", "Twice", "Tree"],
        &all_constants(),
    );
    is_golden("embedded.json", &made);
}

#[test]
fn markers_and_kinds_are_read() {
    let made = made(&["api", "apimachinery"], "./...", &[], &Options::default());
    is_golden("api.json", &made);
}

#[test]
fn interfaces_become_unions_of_their_implementations() {
    let made = made(&["unions"], "./v1", &["Drawing"], &Options::default());
    is_golden("unions.json", &made);
}

#[test]
fn a_union_accepts_each_implementation_with_its_own_discriminator() {
    let mut made = made(&["unions"], "./v1", &["Drawing"], &Options::default());
    made["$ref"] = json!("#/$defs/org.example.unions.v1.Drawing");
    let validator = jsonschema::validator_for(&made).unwrap();
    let accepts = |drawing: Json| validator.is_valid(&drawing);
    assert!(accepts(json!({"shapes": [
        {"kind": "circle", "radius": 1},
        {"kind": "square", "side": 1},
        {"kind": "box", "side": 1}
    ], "fill": {"type": "solid", "color": "red"}, "line": {"style": "dashed", "dashes": [1]}})));
    assert!(!accepts(json!({"shapes": [{"kind": "circle", "side": 1}]})));
    assert!(!accepts(
        json!({"shapes": [{"kind": "triangle", "side": 1}]})
    ));
    assert!(!accepts(json!({"shapes": [{"side": 1}]})));
    assert!(!accepts(
        json!({"fill": {"type": "pattern", "color": "red"}})
    ));
    assert!(!accepts(json!({"line": {"dashes": [1]}})));
}

#[test]
fn required_and_enums_follow_their_options() {
    let marked = Options {
        required: Required::Marked,
        ..Options::default()
    };
    let made = made(
        &["api", "apimachinery"],
        "./v1beta1",
        &["WidgetSpec"],
        &marked,
    );
    let spec = &made["$defs"]["org.example.api_types.v1beta1.WidgetSpec"];
    assert_eq!(
        spec["required"],
        json!(["needed"]),
        "only what a marker names"
    );
    let made = made_values(Enums::Marked);
    assert_eq!(
        made["$defs"]["org.example.shapes.other.Mode"].get("enum"),
        None
    );
}

fn made_values(enums: Enums) -> Json {
    let options = Options {
        enums,
        ..Options::default()
    };
    made(&["shapes"], "./v1", &["Values"], &options)
}

#[test]
fn tables_replace_and_add() {
    let tables = json!({
        "map": {"example.org/shapes/other.Shared": {"type": "string"}},
        "also": {
            "example.org/shapes/v1.Deeper": {
                "properties": {"below": {"maximum": 3}},
                "required": ["below"]
            },
            "example.org/shapes/v1.Text": {"minLength": 1}
        }
    });
    let options = Options {
        required: Required::Marked,
        tables: serde_json::from_value(tables).unwrap(),
        ..Options::default()
    };
    let made = made(&["shapes"], "./v1", &["Deep", "Values"], &options);
    let defs = &made["$defs"];
    let deep = &defs["org.example.shapes.v1.Deep"];
    assert_eq!(
        deep["properties"]["below"]["maximum"],
        json!(3),
        "also where it is embedded"
    );
    assert_eq!(deep["required"], json!(["below"]));
    assert_eq!(defs["org.example.shapes.v1.Text"]["minLength"], json!(1));
    assert_eq!(
        defs["org.example.shapes.other.Shared"]["type"],
        json!("string")
    );
}

#[test]
fn the_same_source_gives_the_same_bytes_from_a_folder_and_from_archives() {
    let folder = made(&["shapes"], "./...", &[], &all_constants());
    for archive in [
        tar_of("tests/fixtures/shapes"),
        zip_of("tests/fixtures/shapes"),
    ] {
        let module = Module::open(archive.path(), None).unwrap();
        let program = Program::new(vec![module]);
        let made = document(&program, &["./...".to_owned()], &[], &all_constants()).unwrap();
        assert_eq!(made.to_string(), folder.to_string());
    }
}

fn files(root: &str) -> Vec<(String, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(root).sort_by_file_name();
    let files = entries
        .into_iter()
        .flatten()
        .filter(|e| e.file_type().is_file());
    files
        .map(|entry| {
            let name = entry.path().strip_prefix(root).unwrap();
            let name = name.to_str().unwrap().to_owned();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn tar_of(root: &str) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".tar").tempfile().unwrap();
    let mut tar = tar::Builder::new(file.reopen().unwrap());
    for (name, bytes) in files(root) {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes.as_slice())
            .unwrap();
    }
    tar.finish().unwrap();
    file
}

/// As the module proxy packs it: below `path@version/`.
fn zip_of(root: &str) -> tempfile::NamedTempFile {
    use std::io::Write;
    let file = tempfile::Builder::new().suffix(".zip").tempfile().unwrap();
    let mut zip = zip::ZipWriter::new(file.reopen().unwrap());
    for (name, bytes) in files(root) {
        let name = format!("example.org/shapes@v1.0.0/{name}");
        let options: zip::write::FileOptions<'_, '_, ()> = zip::write::FileOptions::default();
        zip.start_file(name, options).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap();
    file
}
