use super::*;
use crate::syntax::{Expression, TypeExpression};
use pretty_assertions::assert_eq;

fn file(text: &str) -> File {
    parse(&source(text)).unwrap()
}

fn source(text: &str) -> Arc<Source> {
    Arc::new(Source {
        name: "a.go".into(),
        text: text.into(),
    })
}

fn refused(text: &str) -> (String, String) {
    let error = parse(&source(text)).unwrap_err();
    let site = error.site.as_ref().unwrap().to_string();
    (site, error.to_string())
}

fn texts(lines: &[crate::syntax::CommentLine]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

#[test]
fn imports_have_their_names() {
    let file = file("package a\nimport (\n\t. \"x/y\"\n\tm \"z\"\n)\nimport \"fmt\"\n");
    let imports: Vec<_> = file
        .imports
        .iter()
        .map(|i| (i.path.as_str(), i.alias.as_deref()))
        .collect();
    assert_eq!(
        imports,
        [("x/y", Some(".")), ("z", Some("m")), ("fmt", None)]
    );
}

#[test]
fn fields_share_a_type_and_embedded_ones_have_its_name() {
    let file = file(
        "package a\ntype T struct {\n\tA, B int `json:\"x\"`\n\t*m.Emb \"json:\\\",inline\\\"\"\n\tList[string]\n}\n",
    );
    let TypeExpression::Struct(fields) = &file.types[0].value else {
        panic!("a struct");
    };
    let seen: Vec<_> = fields
        .iter()
        .map(|f| (f.name.as_str(), f.is_embedded, f.tag.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            ("A", false, "json:\"x\""),
            ("B", false, "json:\"x\""),
            ("Emb", true, "json:\",inline\""),
            ("List", true, "")
        ]
    );
    assert!(matches!(fields[2].value, TypeExpression::Pointer(_)));
    assert_eq!(fields[1].site.to_string(), "a.go:3:5");
}

#[test]
fn comments_belong_to_what_they_stand_above() {
    let file = file(
        "// license\n\n// +groupName=g\n\n// Package a.\npackage a\n\n// +marker\n\n// T is.\n//\n// More.\n//go:generate x\ntype T struct {\n\tA int // trails\n\t// B is.\n\tB int\n\t// C is.\n\tC int\n}\n",
    );
    assert_eq!(
        texts(&file.heading),
        ["license", "+groupName=g", "Package a."]
    );
    let t = &file.types[0];
    assert_eq!(texts(&t.comments.doc), ["T is.", "", "More."]);
    assert_eq!(texts(&t.comments.above), ["+marker"]);
    let TypeExpression::Struct(fields) = &t.value else {
        panic!("a struct");
    };
    assert_eq!(texts(&fields[0].comments.doc), [""; 0]);
    assert_eq!(texts(&fields[1].comments.doc), ["B is."]);
    assert_eq!(texts(&fields[2].comments.above), [""; 0], "code is between");
}

#[test]
fn a_line_without_expression_repeats_the_one_above() {
    let file = file("package a\nconst (\n\tA K = iota + 1\n\tB\n\n\tC = \"c\"\n)\n");
    let seen: Vec<_> = file
        .constants
        .iter()
        .map(|c| (c.name.as_str(), c.iota, c.declared_type.is_some()))
        .collect();
    assert_eq!(seen, [("A", 0, true), ("B", 1, true), ("C", 2, false)]);
    assert!(matches!(
        file.constants[1].value,
        Some(Expression::Binary(..))
    ));
}

#[test]
fn methods_belong_to_their_receiver() {
    let file = file(
        "package a\nfunc (t *T) M(x, y int, z ...string) (A, error) { return }\nfunc (L[E]) N() {}\n",
    );
    let seen: Vec<_> = file
        .methods
        .iter()
        .map(|m| {
            let s = &m.signature;
            (
                m.receiver.as_str(),
                m.name.as_str(),
                s.parameters.len(),
                s.results.len(),
                s.is_variadic,
            )
        })
        .collect();
    assert_eq!(seen, [("T", "M", 3, 2, true), ("L", "N", 0, 0, false)]);
    assert_eq!(file.methods[1].receiver_parameters, ["E"]);
}

#[test]
fn each_way_to_register_a_type_is_understood() {
    let file = file(
        "package a\nimport r \"reflect\"\nvar all = map[K]r.Type{\n\tA: r.TypeFor[A](),\n\t\"b\": r.TypeFor[m.B](),\n\tK(\"c\"): r.TypeOf(C{}),\n\tD: r.TypeOf((*D)(nil)).Elem(),\n\tm.E: r.TypeOf(&m.E{}),\n}\nvar other = map[string]int{\"a\": int(r.TypeOf(1).Size())}\n",
    );
    assert_eq!(file.registries.len(), 1);
    let types: Vec<String> = file.registries[0]
        .entries
        .iter()
        .map(|(_, t)| match t {
            TypeExpression::Name(name) => name.name.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(types, ["A", "B", "C", "D", "E"]);
}

#[test]
fn what_is_not_go_is_named_with_its_place() {
    for (text, site, message) in [
        (
            "package a\ntype T struct {\n\tA int int\n}\n",
            "a.go:3:8",
            "not Go: unexpected int",
        ),
        (
            "package a\ntype T struct {\n\tA int\n",
            "a.go:2:5",
            "not Go: the declaration that begins here is never closed",
        ),
        (
            "type T int\n",
            "a.go:1:1",
            "not Go: expected `package` and a name",
        ),
        (
            "package a\nfunc (t T) M( {\n}\n",
            "a.go:2:13",
            "not Go: unexpected (",
        ),
        (
            "package a\nconst a = \"x\n",
            "a.go:2:11",
            "not Go: this quote is never closed",
        ),
    ] {
        assert_eq!(
            refused(text),
            (site.to_owned(), message.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn deep_nesting_is_refused_before_it_exhausts_the_stack() {
    for nested in ["[]", "*", "map[int]"] {
        let nested = nested.repeat(10_000);
        let (_, message) = refused(&format!("package a\ntype T {nested}int\n"));
        assert_eq!(message, "not Go: nested more than 200 levels deep");
    }
    let nested = "-".repeat(10_000);
    let (_, message) = refused(&format!("package a\nconst C = {nested}1\n"));
    assert_eq!(message, "not Go: nested more than 200 levels deep");
}

#[test]
fn a_long_sum_is_read_and_not_looked_at() {
    let sum = "1 + ".repeat(10_000);
    let file = file(&format!("package a\nconst C = {sum}1\ntype T int\n"));
    assert!(matches!(
        file.constants[0].value,
        Some(Expression::Other(_))
    ));
    assert_eq!(file.types.len(), 1);
}
