//! What `kcl-render` writes and says.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use pretty_assertions::assert_eq;
use test_report::testing::{binary, libkcl};

/// A folder of KCL files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = folder.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(binary("kcl-render"))
            .current_dir(self.0.path())
            .env("HERMETIC_LIBKCL", libkcl())
            .env("SECRET", "of the caller")
            .args(arguments)
            .output()
            .unwrap()
    }

    #[track_caller]
    fn renders(&self, arguments: &[&str], expected: &str) {
        let output = self.run(arguments);
        assert_eq!(words(&output), "");
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
        assert_eq!(output.status.code(), Some(0));
    }

    #[track_caller]
    fn refuses(&self, arguments: &[&str], code: i32, parts: &[&str]) {
        let output = self.run(arguments);
        let words = words(&output);
        assert_eq!(output.status.code(), Some(code), "{words}");
        for part in parts {
            assert!(words.contains(part), "no `{part}` in:\n{words}");
        }
        let absolute = self.0.path().display().to_string();
        assert!(!words.contains(&absolute), "an absolute path in:\n{words}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    }
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_document_items_or_a_stream_give_the_resources() {
    let folder = Folder::new(&[
        (
            "document.k",
            "kind = \"Door\"\nspec = {open = \"yes\", height = 2.0}\n_hidden = 1\n",
        ),
        (
            "items.k",
            "items = [{kind = \"A\"}, None, {kind = \"B\"}]\nother = 1\n",
        ),
        (
            "stream.k",
            "import manifests\nmanifests.yaml_stream([{kind = \"A\"}, {kind = \"B\"}])\nx = 1\n",
        ),
    ]);
    folder.renders(
        &["document.k"],
        "kind: Door\nspec:\n  open: \"yes\"\n  height: 2.0\n",
    );
    folder.renders(&["items.k"], "kind: A\n---\nkind: B\n");
    folder.renders(&["stream.k"], "kind: A\n---\nkind: B\n");
}

#[test]
fn out_names_the_format() {
    let folder = Folder::new(&[("a.k", "items = [{a = 1}]\n")]);
    folder.renders(&["a.k", "--out", "x.yaml"], "");
    assert_eq!(fs::read_to_string(folder.path("x.yaml")).unwrap(), "a: 1\n");
    folder.renders(&["a.k", "--out", "x.json"], "");
    let json = "{\n  \"items\": [\n    {\n      \"a\": 1\n    }\n  ]\n}\n";
    assert_eq!(fs::read_to_string(folder.path("x.json")).unwrap(), json);
    folder.refuses(&["a.k", "--out", "x.txt"], 2, &["x.txt says no format"]);
    folder.refuses(
        &["a.k", "--out", "no/x.yaml"],
        3,
        &["no/x.yaml cannot be written"],
    );
}

#[test]
fn params_reach_the_program_as_they_are() {
    let params = "int: 1\nbig: 9007199254740993\nfloat: 1.5\nyes: true\nnone: null\nmap: {}\nlist: []\n\
        text: \"12\"\ndeep: {a: [{b: null, c: {}}]}\n";
    let folder = Folder::new(&[
        ("a.k", "p = option(\"params\")\n"),
        ("p.yaml", params),
        (
            "p.json",
            "{\"int\": 1, \"float\": 2.0, \"text\": \"1e3\", \"date\": \"2026-01-01\"}",
        ),
        ("empty.yaml", "# nothing\n"),
    ]);
    folder.renders(
        &["a.k", "--params", "p.yaml"],
        "p:\n  int: 1\n  big: 9007199254740993\n  float: 1.5\n  \"true\": true\n  none: null\n  map: {}\n  list: []\n  text: \"12\"\n  deep:\n    a:\n    - b: null\n      c: {}\n",
    );
    folder.renders(
        &["a.k", "--params", "p.json"],
        "p:\n  int: 1\n  float: 2.0\n  text: \"1e3\"\n  date: \"2026-01-01\"\n",
    );
    folder.renders(&["a.k", "--params", "empty.yaml"], "p: {}\n");
    folder.refuses(
        &["a.k", "--params", "p.yaml", "-D", "params=1"],
        3,
        &["keep one of them"],
    );
}

#[test]
fn definitions_are_json_or_else_text() {
    let folder = Folder::new(&[("a.k", "x = option(\"x\")\nt = typeof(x)\n")]);
    for (value, expected) in [
        ("12", "x: 12\nt: int\n"),
        ("\"12\"", "x: \"12\"\nt: str\n"),
        ("eu west", "x: eu west\nt: str\n"),
        ("[true]", "x:\n- true\nt: list\n"),
    ] {
        folder.renders(&["a.k", "-D", &format!("x={value}")], expected);
    }
    folder.refuses(&["a.k", "-D", "x"], 2, &["`x` is not NAME=VALUE"]);
}

#[test]
fn overrides_change_the_result_and_no_file() {
    let source = "app = {replicas = 1, name = \"a\"}\n";
    let folder = Folder::new(&[("a.k", source)]);
    folder.renders(
        &["a.k", "--override", "app.replicas=3"],
        "app:\n  replicas: 3\n  name: a\n",
    );
    assert_eq!(fs::read_to_string(folder.path("a.k")).unwrap(), source);
    folder.refuses(
        &["a.k", "-O", "app.replicas"],
        2,
        &["`app.replicas` is none of path=value"],
    );
    folder.refuses(
        &["a.k", "-O", "ap.replicas=3"],
        3,
        &[
            "no entry defines the variable `ap`",
            "the entries define app",
        ],
    );
}

#[test]
fn several_entries_are_one_program_and_packages_come_by_name() {
    let folder = Folder::new(&[
        ("app/a.k", "import shared\na = shared.one + b\n"),
        ("app/b.k", "b = 2\n"),
        ("lib/s.k", "one = 1\n"),
    ]);
    let arguments = [
        "app/a.k",
        "app/b.k",
        "--root",
        "app",
        "--package",
        "shared=lib",
    ];
    folder.renders(&arguments, "a: 3\nb: 2\n");
    folder.refuses(
        &["a.k", "b.k", "--root", "app"],
        3,
        &[
            "cannot find the module shared",
            "app/a.k:1:1",
            "--package shared=FOLDER",
        ],
    );
}

#[test]
fn what_a_kcl_mod_depends_on_must_be_declared() {
    let dependencies = "[package]\nname = \"app\"\n\n[dependencies]\nk8s = \"1.31\"\n\
                        my-lib = { git = \"https://example.org/lib\", tag = \"v2\" }\n";
    let folder = Folder::new(&[
        ("app/kcl.mod", dependencies),
        ("app/a.k", "import my_lib\na = my_lib.one\n"),
        ("lib/s.k", "one = 1\n"),
    ]);
    let flags = ["app/a.k", "--root", "app", "--package", "my_lib=lib"];
    folder.refuses(
        &flags,
        3,
        &[
            "the dependency `k8s` 1.31 is not declared, and nothing is fetched",
            "--> app/kcl.mod:5:7",
            "declare the library that holds it in `deps`, or pass --package k8s=FOLDER",
        ],
    );
    folder.refuses(
        &flags[..3],
        3,
        &[
            "`my-lib` v2 from https://example.org/lib",
            "--package my_lib=FOLDER",
        ],
    );
    let declared = [&flags[..], &["--package", "k8s=lib"]].concat();
    folder.renders(&declared, "a: 1\n");
    fs::write(folder.path("app/kcl.mod"), "[dependencies]\nk8s =\n").unwrap();
    folder.refuses(&flags, 3, &["this is no kcl.mod", "app/kcl.mod:2:"]);
}

#[test]
fn what_the_kcl_mod_of_a_package_depends_on_must_be_declared_too() {
    let folder = Folder::new(&[
        ("app/a.k", "import lib\na = lib.one\n"),
        ("lib/s.k", "one = 1\n"),
        (
            "lib/kcl.mod",
            "[dependencies]\nk8s = \"1.31\"\nlib = { path = \".\" }\n",
        ),
    ]);
    let flags = ["app/a.k", "--root", "app", "--package", "lib=lib"];
    folder.refuses(
        &flags,
        3,
        &[
            "the dependency `k8s` 1.31 of the package `lib` is not declared, and nothing is fetched",
            "--> lib/kcl.mod:2:7",
            "declare the library that holds it in `deps`, or pass --package k8s=FOLDER",
        ],
    );
    folder.renders(&[&flags[..], &["--package", "k8s=lib"]].concat(), "a: 1\n");
}

#[test]
fn errors_say_where_and_why() {
    let folder = Folder::new(&[
        ("syntax.k", "a = 1\nb = {\n  c =\n}\n"),
        ("type.k", "schema A:\n    x: int\n\na = A {x = \"1\"}\n"),
        (
            "check.k",
            "schema A:\n    x: int\n\n    check:\n        x > 3, \"x must be bigger\"\n\na = A {x = 1}\n",
        ),
        ("run.k", "a = [1][option(\"i\") or 5]\n"),
    ]);
    folder.refuses(&["syntax.k"], 3, &["syntax.k:3:", "c ="]);
    folder.refuses(
        &["type.k"],
        3,
        &[
            "expected int, got str(1)",
            "type.k:4:8",
            "type.k:2:5: variable is defined here",
        ],
    );
    folder.refuses(
        &["check.k"],
        3,
        &[
            "error: check failed: x must be bigger",
            "check.k:5:9: the check",
            "check.k:7:5",
        ],
    );
    folder.refuses(&["run.k"], 3, &["list index out of range: 5", "run.k:1"]);
}

#[test]
fn machines_get_errors_as_json() {
    let folder = Folder::new(&[("a.k", "a = nobody\n")]);
    folder.refuses(
        &["a.k", "--format", "json"],
        3,
        &[
            "\"message\":\"name 'nobody' is not defined\"",
            "\"line\":1,\"column\":5",
        ],
    );
}

#[test]
fn missing_and_misplaced_inputs_are_named() {
    let folder = Folder::new(&[
        ("app/a.k", "a = 1\n"),
        ("b.k", "b = 1\n"),
        ("bad.yaml", "a: 1\nb: [\n"),
        ("list.yaml", "- 1\n"),
    ]);
    folder.refuses(&["nowhere.k"], 3, &["nowhere.k cannot be read"]);
    folder.refuses(&["app/a.k", "--root", "nowhere"], 3, &["nowhere"]);
    folder.refuses(&["b.k", "--root", "app"], 3, &["b.k lies outside the root"]);
    folder.refuses(
        &["b.k", "--package", "x=nowhere"],
        3,
        &["the folder of package x nowhere cannot be read"],
    );
    folder.refuses(
        &["b.k", "--params", "nowhere.yaml"],
        3,
        &["the params file nowhere.yaml cannot be read"],
    );
    folder.refuses(&["b.k", "--params", "bad.yaml"], 3, &["bad.yaml:"]);
    folder.refuses(
        &["b.k", "--params", "list.yaml"],
        3,
        &["list.yaml:1:1", "not a map"],
    );
    folder.refuses(
        &["b.k", "--libkcl", "nowhere.so"],
        3,
        &["the KCL library nowhere.so cannot be read"],
    );
    folder.refuses(&["b.k", "--libkcl", "bad.yaml"], 3, &["does not load"]);
    folder.refuses(&[], 2, &["ENTRY.k"]);
}

#[test]
fn without_a_library_the_tool_says_how_to_get_one() {
    let output = Command::new(binary("kcl-render"))
        .arg("a.k")
        .env_remove("HERMETIC_LIBKCL")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        words(&output).contains("toolchains//:libkcl"),
        "{}",
        words(&output)
    );
}

#[test]
fn a_program_that_never_ends_or_grows_without_bound_is_stopped() {
    let folder = Folder::new(&[
        ("loop.k", "f = lambda n { f(n + 1) }\na = f(1)\n"),
        ("grow.k", "a = [1] * 200000000\n"),
    ]);
    folder.refuses(
        &["loop.k", "--timeout", "1"],
        3,
        &["loop.k was stopped after 1 s"],
    );
    folder.refuses(
        &["grow.k", "--memory", "600"],
        3,
        &["grow.k needed more than 600 MiB"],
    );
}

#[test]
fn a_program_sees_no_environment_and_changes_no_file() {
    let folder = Folder::new(&[
        (
            "env.k",
            "import file\nsecret = file.read_env(\"SECRET\") or \"none\"\n",
        ),
        ("write.k", "import file\nfile.write(\"made.txt\", \"x\")\n"),
        ("delete.k", "import file\nfile.delete(\"env.k\")\n"),
        ("read.k", "import file\na = file.read(\"/etc/hostname\")\n"),
    ]);
    folder.renders(&["env.k"], "secret: none\n");
    folder.refuses(
        &["write.k"],
        3,
        &["write.k:2:1", "changes and removes no files"],
    );
    assert!(!folder.path("made.txt").exists());
    folder.refuses(&["delete.k"], 3, &["delete.k:2:1"]);
    assert!(folder.path("env.k").exists());
    folder.refuses(&["read.k"], 3, &["escapes"]);
}

#[test]
fn what_the_program_prints_is_no_part_of_the_result() {
    let folder = Folder::new(&[("a.k", "print(\"hello\")\na = 1\n")]);
    let output = folder.run(&["a.k"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "a: 1\n");
    assert_eq!(words(&output), "hello\n");
}

#[test]
fn the_same_program_gives_the_same_bytes() {
    let folder = Folder::new(&[(
        "a.k",
        "a = {z = 1, m = {\"k${i}\" = i for i in range(50)}, b = 2}\n",
    )]);
    let render = || folder.run(&["a.k"]).stdout;
    let first = render();
    assert!(!first.is_empty());
    for _ in 0..5 {
        assert_eq!(render(), first);
    }
}
