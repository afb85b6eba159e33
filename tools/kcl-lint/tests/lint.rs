//! What `kcl-lint` finds and rewrites.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
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
            let path = folder.0.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn lint(&self, arguments: &[&str]) -> Output {
        Command::new(binary("kcl-lint"))
            .current_dir(self.0.path())
            .env("HERMETIC_LIBKCL", libkcl())
            .args(arguments)
            .output()
            .unwrap()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap()
    }
}

#[track_caller]
fn finds(output: &Output, expected: &str) {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    assert_eq!(output.status.code(), Some(i32::from(!expected.is_empty())));
}

#[test]
fn tidy_files_pass() {
    let folder = Folder::new(&[
        ("a.k", "import math\n\na = math.ceil(1.5)\n"),
        ("b/b.k", "b = 1\n"),
    ]);
    finds(&folder.lint(&["."]), "");
}

#[test]
fn layout_is_shown_as_a_difference_and_rewritten() {
    let folder = Folder::new(&[("a.k", "# why\na=1\nb = 2\n")]);
    let expected = "error: the layout is not KCL's\n  @@ line 2\n  -a=1\n  +a = 1\n  --> a.k:2:1\n  hint: kcl-lint --format a.k rewrites it\n";
    finds(&folder.lint(&["--format-check", "a.k"]), expected);
    let rewritten = folder.lint(&["--format", "a.k"]);
    assert_eq!(String::from_utf8_lossy(&rewritten.stdout), "a.k\n");
    assert_eq!(folder.read("a.k"), "# why\na = 1\nb = 2\n");
    finds(&folder.lint(&["--format-check", "a.k"]), "");
    assert_eq!(
        folder.lint(&["--format", "a.k"]).stdout,
        b"",
        "a tidy file is left alone"
    );
}

#[test]
fn an_unused_import_is_found_with_its_line() {
    let folder = Folder::new(&[("lib/a.k", "import math\n\na = 1\n")]);
    let expected = "warning: Module 'math' imported but unused\n  --> lib/a.k:1:1\n   |\n 1 | import math\n   | ^\n  hint: Consider removing this statement\n";
    finds(&folder.lint(&["lib/a.k"]), expected);
    finds(&folder.lint(&["a.k", "--root", "lib"]), expected);
    finds(&folder.lint(&["--format-check", "lib"]), "");
}

#[test]
fn entries_of_one_folder_may_stand_alone_or_belong_together() {
    let folder = Folder::new(&[
        ("alone/one.k", "a: int = 1\n"),
        ("alone/two.k", "a: str = \"x\"\n"),
        ("together/one.k", "a = helper(1)\n"),
        ("together/two.k", "helper = lambda x: int {\n    x\n}\n"),
    ]);
    finds(&folder.lint(&["."]), "");
}

#[test]
fn a_name_that_nobody_defines_is_found() {
    let folder = Folder::new(&[("a.k", "a = nobody\n")]);
    let output = folder.lint(&["a.k", "--diagnostics", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("name 'nobody' is not defined") && text.contains("\"line\":1"),
        "{text}"
    );
}

#[test]
fn imports_come_from_declared_packages() {
    let folder = Folder::new(&[
        ("app/a.k", "import sums\n\na = sums.b\n"),
        ("sums/b.k", "b = 1\n"),
    ]);
    finds(
        &folder.lint(&["app", "--root", "app", "--package", "sums=sums"]),
        "",
    );
    let output = folder.lint(&["app", "--root", "app"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("cannot find the module sums"), "{text}");
}

#[test]
fn what_cannot_be_checked_is_bad_input() {
    let folder = Folder::new(&[("readme.md", "")]);
    for (arguments, message) in [
        (&["."][..], "there is no KCL file in ."),
        (&["nowhere.k"], "nowhere.k cannot be read"),
        (&["/etc/passwd"], "lies outside the root"),
    ] {
        let output = folder.lint(arguments);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{words}");
        assert!(words.contains(message), "{words}");
    }
    assert_eq!(
        folder
            .lint(&["--format", "--format-check", "."])
            .status
            .code(),
        Some(2)
    );
}
