//! Models of types that refer to one another, and what they accept.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use crd_models::analysis::{Library, Shape, library};
use crd_models::{json_schema, kcl};
use kcl_engine::EngineError;
use kube_schema::{Definitions, read_json_schemas, read_openapi};
use pretty_assertions::assert_eq;
use support::Trial;

const GARDEN: &str = "tests/fixtures/types/garden.json";

fn garden() -> Definitions {
    read_json_schemas(&[GARDEN]).unwrap()
}

fn shape<'l>(types: &'l Library, name: &str) -> &'l Shape {
    let mut all = types.types.iter();
    &all.find(|named| named.short_name() == name)
        .unwrap()
        .value
        .shape
}

#[test]
fn objects_and_unions_keep_their_names() {
    let types = library(&garden());
    let names: Vec<&str> = types.types.iter().map(|named| named.short_name()).collect();
    assert_eq!(
        names,
        ["Branch", "Flower", "Garden", "Plant", "Tree", "Soil"]
    );
    let union = shape(&types, "Plant").union().unwrap();
    assert_eq!(union.discriminator, "type");
    let alternatives = union.alternatives.iter();
    let alternatives: Vec<(&str, &str)> = alternatives
        .map(|one| (one.values[0].as_str(), one.object.name()))
        .collect();
    assert_eq!(
        alternatives,
        [
            ("tree", "org.example.garden.v1.Tree"),
            ("flower", "org.example.garden.v1.Flower"),
        ]
    );
}

#[test]
fn a_recursive_type_knows_itself() {
    let types = library(&garden());
    let branch = shape(&types, "Branch").object().unwrap();
    let field = branch.fields.iter().find(|field| field.name == "branches");
    let Shape::List(element) = &field.unwrap().value.shape else {
        panic!("branches is a list");
    };
    assert_eq!(element.shape.object(), Some(branch));
}

#[test]
fn aliases_without_end_hold_for_everything() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("loop.json");
    let text = r##"{"$defs": {
        "A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"},
        "C": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}},
              "not": {"properties": {"a": {"$ref": "#/$defs/C"}}}}
    }}"##;
    std::fs::write(&file, text).unwrap();
    let types = library(&read_json_schemas(&[file]).unwrap());
    let field = &shape(&types, "C").object().unwrap().fields[0];
    assert_eq!(field.value.shape, Shape::Any);
    assert_eq!(types.types[0].value.also.conditions, []);
}

#[test]
fn openapi_gives_the_same_types_as_json_schema() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.json");
    let text = std::fs::read_to_string(GARDEN).unwrap();
    let text = text
        .replace("#/$defs/", "#/definitions/")
        .replace("\"$defs\"", "\"swagger\": \"2.0\", \"definitions\"");
    std::fs::write(&file, text).unwrap();
    assert_eq!(library(&read_openapi(&file).unwrap()), library(&garden()));
}

/// The generated package, to be tried.
struct Generated(Trial);

impl Generated {
    fn new(lean: bool) -> Self {
        let options = kcl::LibraryOptions {
            package: "garden",
            root: "org.example",
            k8s_package: None,
            lean,
        };
        let trial = Trial::new();
        let package = kcl::library(&library(&garden()), &options);
        trial.add("garden", &package.files);
        Self(trial)
    }

    fn run(&self, fields: &str) -> Result<String, EngineError> {
        let text = format!(
            "import garden.garden.v1 as g\nimport garden.soil\nmade = g.Garden {{{fields}}}\n"
        );
        self.0.run(&text, &[("garden", "garden")])
    }
}

/// In both layouts, what is refused and for what words; no words if it is not.
#[test]
fn kcl_takes_what_the_types_say() {
    let cases = [
        ("", None),
        (
            "plants = [g.Tree {height = 3}, g.Flower {colour = \"red\"}]",
            None,
        ),
        ("plants = [{type = \"tree\", height = 3}]", None),
        (
            "plants = [{type = \"tree\", height = 300}]",
            Some("height: <= 100"),
        ),
        ("plants = [g.Tree {height = 300}]", Some("height: <= 100")),
        ("plants = [{type = \"tree\"}]", Some("height: required")),
        ("plants = [{type = \"flower\"}]", Some("colour: required")),
        (
            "plants = [{type = \"tree\", height = 3, colour = \"red\"}]",
            Some("colour"),
        ),
        ("plants = [{type = \"weed\"}]", Some("weed")),
        ("plants = [{height = 3}]", Some("type")),
        ("plants = [None]", Some("no element may be null")),
        ("plants = [soil.Soil {}]", Some("Soil")),
        (
            "favourite = {type = \"tree\", height = \"3\"}",
            Some("expect float, got str"),
        ),
        (
            "favourite = g.Flower {colour = \"blue\"}",
            Some("one of \"red\""),
        ),
        (
            "favourite = {type = \"tree\", height = 1, beneath = {type = \"tree\", height = 101}}",
            Some("height: <= 100"),
        ),
        (
            "byPlace = {pond = {type = \"flower\", colour = \"red\"}}",
            None,
        ),
        (
            "byPlace = {pond = {type = \"flower\", colour = \"blue\"}}",
            Some("one of \"red\""),
        ),
        (
            "plants = [g.Tree {height = 1, branches = [{branches = [{leaves = 2}]}]}]",
            None,
        ),
        (
            "plants = [g.Tree {height = 1, branches = [{branches = [{leaves = -1}]}]}]",
            Some("leaves: >= 0"),
        ),
        ("season = \"winter\"", Some("winter")),
        ("soil = {depth = 20, layers = [{depth = 1}]}", None),
        ("soil = {depth = 5}", Some("soil: ")),
        ("soil = {layers = []}", Some("soil: ")),
        ("signs = {way = \"out\"}", None),
        ("signs = {Way = \"out\"}", Some("signs: a field has a name")),
        ("size = 3", None),
        ("size = 3.5", None),
        ("size = \"3m2\"", None),
        ("size = \"3\"", Some("size: must match")),
        ("size = True", Some("bool")),
    ];
    for lean in [false, true] {
        let trial = Generated::new(lean);
        for (fields, words) in cases {
            let said = trial.run(fields);
            match (words, said) {
                (None, said) => {
                    said.unwrap_or_else(|error| panic!("{fields}: {error}"));
                }
                (Some(words), Ok(json)) => panic!("{fields}: {words:?}: accepted as {json}"),
                (Some(words), Err(error)) => {
                    let error = error.to_string();
                    assert!(
                        error.contains(words),
                        "{fields}: {words:?} is not in {error}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_lean_package_has_a_file_a_folder_and_no_texts() {
    let options = kcl::LibraryOptions {
        package: "garden",
        root: "org.example",
        k8s_package: None,
        lean: true,
    };
    let files = kcl::library(&library(&garden()), &options).files;
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["garden/v1/v1.k", "kcl.mod", "report.json", "soil/soil.k"]
    );
    assert!(!files["garden/v1/v1.k"].contains("A garden"));
}

#[test]
fn json_schemas_judge_as_the_definitions_do() {
    let files = json_schema::definitions(&garden());
    let mut document: serde_json::Value = serde_json::from_str(&files["definitions.json"]).unwrap();
    document["$ref"] = "#/$defs/org.example.garden.v1.Garden".into();
    let validator = jsonschema::validator_for(&document).unwrap();
    for (text, is_valid) in [
        (r#"{"plants": [{"type": "tree", "height": 3}]}"#, true),
        (r#"{"plants": [{"type": "tree", "height": 300}]}"#, false),
        (r#"{"plants": [{"type": "tree"}]}"#, false),
        (r#"{"favourite": null}"#, true),
        (r#"{"season": "winter"}"#, false),
        (r#"{"soil": {"depth": 20, "layers": [{"depth": 1}]}}"#, true),
        (r#"{"soil": {"depth": 5}}"#, false),
        (r#"{"signs": {"Way": "out"}}"#, false),
        (r#"{"size": "3"}"#, false),
        (r#"{"beds": 3}"#, false),
    ] {
        let value = serde_json::from_str(text).unwrap();
        assert_eq!(validator.is_valid(&value), is_valid, "{text}");
    }
}

#[test]
fn each_kind_has_a_json_schema_where_kinds_are_looked_for() {
    let definitions = read_json_schemas(&["tests/fixtures/types/k8s.json"]).unwrap();
    let files = json_schema::definitions(&definitions);
    let kind: serde_json::Value = serde_json::from_str(&files["apps/deployment_v1.json"]).unwrap();
    assert_eq!(
        kind["$ref"],
        "../definitions.json#/$defs/io.k8s.api.apps.v1.Deployment"
    );
}
