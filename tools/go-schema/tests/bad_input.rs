//! Source that is wrong, and what is said about it: what, where, and what to do.

#![allow(clippy::unwrap_used)]

use diagnostics::render_text;
use go_schema::{Module, Options, Program, Required, document};
use pretty_assertions::assert_eq;
use std::path::Path;

/// The message for a type of a module with these files.
fn refused(files: &[(&str, &str)], wanted: &str) -> String {
    refused_with(files, wanted, &Options::default())
}

fn refused_with(files: &[(&str, &str)], wanted: &str, options: &Options) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut all = vec![(
        "go.mod",
        "module example.org/m\n\nrequire github.com/other/lib v1.2.3\n",
    )];
    all.extend(files);
    for (name, text) in all {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let message = message(folder.path(), wanted, options);
    message.replace(&format!("{}/", folder.path().display()), "")
}

fn message(folder: &Path, wanted: &str, options: &Options) -> String {
    let program = Program::new(vec![Module::open(folder, None).unwrap()]);
    let packages = ["./a".to_owned()];
    let error = document(&program, &packages, &[wanted.to_owned()], options).unwrap_err();
    render_text(&error.into_diagnostic())
}

#[test]
fn source_that_is_not_go() {
    assert_eq!(
        refused(
            &[("a/a.go", "package a\n\ntype T struct {\n\tA []int]\n}\n")],
            "T"
        ),
        "\
error: not Go: unexpected ]
  --> a/a.go:4:9
   |
 4 | \tA []int]
   | \t       ^
  hint: the grammar is that of Go 1.26; does this file compile?
"
    );
}

#[test]
fn a_type_that_is_not_there() {
    assert_eq!(
        refused(
            &[(
                "a/a.go",
                "package a\n\ntype T struct {\n\tA Colour `json:\"a\"`\n}\n\ntype Color string\n"
            )],
            "T"
        ),
        "\
error: there is no type Colour in example.org/m/a
  --> a/a.go:4:4
   |
 4 | \tA Colour `json:\"a\"`
   | \t  ^
  hint: did you mean Color?
"
    );
}

#[test]
fn a_root_that_is_not_there() {
    assert_eq!(
        refused(
            &[("a/a.go", "package a\n\ntype Config struct{}\n")],
            "Confg"
        ),
        "\
error: none of the packages has an exported type Confg
  hint: did you mean Config?
"
    );
}

#[test]
fn packages_that_import_one_another() {
    let a = "package a\n\nimport \"example.org/m/b\"\n\ntype T struct {\n\tB b.B `json:\"b\"`\n}\n\ntype A int\n";
    let b = "package b\n\nimport \"example.org/m/a\"\n\ntype B struct {\n\tA a.A `json:\"a\"`\n}\n";
    assert_eq!(
        refused(&[("a/a.go", a), ("b/b.go", b)], "T"),
        "\
error: import cycle: example.org/m/a imports example.org/m/b imports example.org/m/a
  --> b/b.go:3:8
   |
 3 | import \"example.org/m/a\"
   |        ^
"
    );
}

#[test]
fn a_tag_on_a_field_that_is_not_exported() {
    assert_eq!(
        refused(
            &[(
                "a/a.go",
                "package a\n\ntype T struct {\n\tsize int `json:\"size,omitempty\"`\n}\n"
            )],
            "T"
        ),
        "\
error: field size has the tag json:\"size,omitempty\", yet is not exported: encoding/json ignores it
  --> a/a.go:4:2
   |
 4 | \tsize int `json:\"size,omitempty\"`
   | \t^
  hint: export the field, or remove its tag
"
    );
}

#[test]
fn a_struct_that_embeds_itself() {
    assert_eq!(
        refused(
            &[(
                "a/a.go",
                "package a\n\ntype T struct{ U }\n\ntype U struct {\n\tV\n}\n\ntype V struct {\n\tU\n}\n"
            )],
            "T"
        ),
        "\
error: recursive embedding: U embeds V embeds U
  --> a/a.go:10:2
    |
 10 | \tU
    | \t^
"
    );
}

#[test]
fn a_type_of_a_module_that_is_not_given() {
    let source = "package a\n\nimport \"github.com/other/lib/pkg/x\"\n\ntype T struct {\n\tX x.Thing `json:\"x\"`\n}\n";
    assert_eq!(
        refused(&[("a/a.go", source)], "T"),
        "\
error: github.com/other/lib/pkg/x.Thing is of a module that is not given: github.com/other/lib v1.2.3
  --> a/a.go:6:2
   |
 6 | \tX x.Thing `json:\"x\"`
   | \t^
  hint: give its source: --module github.com/other/lib=DIR (in a BUCK file: add \"github.com/other/lib\" to modules); or say its schema: --map 'github.com/other/lib/pkg/x.Thing={…}' (in a BUCK file: map = {\"github.com/other/lib/pkg/x.Thing\": {…}})
"
    );
}

#[test]
fn a_package_that_its_module_lacks() {
    let source = "package a\n\nimport \"example.org/m/typs\"\n\ntype T struct {\n\tX typs.X `json:\"x\"`\n}\n";
    assert_eq!(
        refused(
            &[
                ("a/a.go", source),
                ("types/x.go", "package types\n\ntype X int\n")
            ],
            "T"
        ),
        "\
error: module example.org/m has no package example.org/m/typs
  --> a/a.go:6:4
   |
 6 | \tX typs.X `json:\"x\"`
   | \t  ^
  hint: did you mean example.org/m/types?
"
    );
}

#[test]
fn a_type_with_a_marshaler_of_its_own() {
    let source = "package a\n\ntype T struct {\n\tM M `json:\"m\"`\n}\n\ntype M struct{ base }\n\ntype base struct{}\n\nfunc (b *base) UnmarshalJSON(data []byte) error { return nil }\n";
    assert_eq!(
        refused(&[("a/a.go", source)], "T"),
        "\
error: example.org/m/a.M has its own UnmarshalJSON: its JSON form cannot be read from its fields
  --> a/a.go:11:16
    |
 11 | func (b *base) UnmarshalJSON(data []byte) error { return nil }
    |                ^
  hint: say its schema: --map 'example.org/m/a.M={…}' (in a BUCK file: map = {\"example.org/m/a.M\": {…}})
"
    );
}

#[test]
fn a_type_of_the_standard_library_that_is_not_known() {
    let source =
        "package a\n\nimport \"net/mail\"\n\ntype T struct {\n\tA *mail.Address `json:\"a\"`\n}\n";
    assert_eq!(
        refused(&[("a/a.go", source)], "T"),
        "\
error: nothing is known about the JSON form of net/mail.Address, a type of Go's standard library
  --> a/a.go:6:2
   |
 6 | \tA *mail.Address `json:\"a\"`
   | \t^
  hint: say its schema: --map 'net/mail.Address={…}' (in a BUCK file: map = {\"net/mail.Address\": {…}})
"
    );
}

#[test]
fn an_interface_without_registry() {
    let source = "package a\n\ntype T struct {\n\tS Shape `json:\"s\"`\n}\n\ntype Shape interface{ Area() int }\n\ntype Square struct{ Side int }\n\nfunc (Square) Area() int { return 1 }\n";
    assert_eq!(
        refused(&[("a/a.go", source)], "T"),
        "\
error: the interface example.org/m/a.Shape cannot be told from JSON: it is implemented by Square, yet no package-level map[…]reflect.Type says which value stands for which
  --> a/a.go:7:6
   |
 7 | type Shape interface{ Area() int }
   |      ^
  hint: say its schema: --map 'example.org/m/a.Shape={…}' (in a BUCK file: map = {\"example.org/m/a.Shape\": {…}})
"
    );
}

#[test]
fn what_json_does_not_have() {
    for (field, what) in [
        ("F func()", "a function has no JSON form"),
        ("C chan int", "a channel has no JSON form"),
        ("Z complex128", "complex has no JSON form"),
        ("E error", "error has no JSON form"),
        (
            "M map[bool]int",
            "a map with keys of type bool has no JSON form: keys are strings, integers or text marshalers",
        ),
    ] {
        let source = format!("package a\n\ntype T struct {{\n\t{field}\n}}\n");
        let said = refused(&[("a/a.go", &source)], "T");
        assert!(
            said.starts_with(&format!("error: {what}\n  --> a/a.go:4:2\n")),
            "{said}"
        );
        assert!(
            said.contains("hint: a field that JSON does not hold is tagged"),
            "{said}"
        );
    }
}

#[test]
fn two_packages_in_one_folder() {
    assert_eq!(
        refused(
            &[
                ("a/a.go", "package a\n\ntype T int\n"),
                ("a/b.go", "package b\n")
            ],
            "T"
        ),
        "\
error: package b in a folder whose other files are package a
  --> a/b.go:1:9
   |
 1 | package b
   |         ^
"
    );
}

#[test]
fn names_that_stand_for_nothing() {
    for (source, said) in [
        (
            "package a\n\ntype T struct {\n\tX q.X\n}\n",
            "error: q is no package that this file imports\n  --> a/a.go:4:4\n",
        ),
        (
            "package a\n\ntype T struct {\n\tX G[int, int]\n}\n\ntype G[E any] struct{ E E }\n",
            "error: G takes 1 type arguments, not 2\n  --> a/a.go:4:4\n",
        ),
        (
            "package a\n\ntype T struct {\n\tX A\n}\n\ntype A = B\n\ntype B = A\n",
            "error: the type A is an alias of itself\n  --> a/a.go:9:10\n",
        ),
        (
            "package a\n\ntype T struct {\n\tX G[int]\n}\n\ntype G[E any] struct{ X *G[[]E] }\n",
            "error: G instantiates itself without end\n  --> a/a.go:7:26\n",
        ),
        (
            "package a\n\ntype T struct {\n\tX [N]int\n}\n\nconst N = A + A\n\nconst A = B + B\n\nconst B = \"b\" + 1\n",
            "error: this is no constant that can be evaluated: +\n  --> a/a.go:11:11\n",
        ),
        (
            "package a\n\ntype T struct {\n\tX [N]int\n}\n\nconst N = M + 1\n\nconst M = N\n",
            "error: this is no constant that can be evaluated: M\n  --> a/a.go:9:7\n",
        ),
    ] {
        let shown = refused(&[("a/a.go", source)], "T");
        assert!(shown.starts_with(said), "{shown}");
    }
}

#[test]
fn tables_that_name_what_is_not_there() {
    let source = "package a\n\ntype T struct {\n\tPort int `json:\"port\"`\n}\n";
    let refused = |tables: serde_json::Value| {
        let options = Options {
            required: Required::Kubernetes,
            tables: serde_json::from_value(tables).unwrap(),
            ..Options::default()
        };
        refused_with(&[("a/a.go", source)], "T", &options)
    };
    assert_eq!(
        refused(serde_json::json!({"also": {"example.org/m/a.T": {"properties": {"prot": {}}}}})),
        "error: also of example.org/m/a.T: it has no property prot (did you mean port?)\n  --> a/a.go:3:6\n   |\n 3 | type T struct {\n   |      ^\n"
    );
    assert_eq!(
        refused(serde_json::json!({"map": {"example.org/m/a.U": {}}})),
        "error: map of example.org/m/a.U: nothing that is asked for needs such a type\n"
    );
}

#[test]
fn a_module_without_name() {
    let folder = tempfile::tempdir().unwrap();
    let error = Module::open(folder.path(), None).unwrap_err();
    let said = render_text(&error.into_diagnostic());
    assert!(
        said.contains("holds no go.mod that names its module"),
        "{said}"
    );
    assert!(
        said.contains("hint: --module-dir names a module's root"),
        "{said}"
    );
}
