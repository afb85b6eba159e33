//! What `module-fetch` does with a module proxy in a folder: no network.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use pretty_assertions::assert_eq;
use test_report::testing::binary;

const MODULE: &str = "example.com/door/v2";
const VERSION: &str = "v2.1.0";

/// A module proxy as files (go.dev/ref/mod#goproxy-protocol), and pins for it.
struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let case = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        case.publish("kind: Door\n");
        fs::create_dir(case.pins()).unwrap();
        let go_mod = format!("module pins\n\ngo 1.21\n\nrequire {MODULE} {VERSION}\n");
        fs::write(case.pins().join("go.mod"), go_mod).unwrap();
        case.pin();
        case
    }

    fn pins(&self) -> PathBuf {
        self.folder.path().join("pins")
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn proxy(&self) -> String {
        format!("file://{}", self.folder.path().join("proxy").display())
    }

    fn publish(&self, door: &str) {
        let versions = self.folder.path().join("proxy").join(MODULE).join("@v");
        fs::create_dir_all(&versions).unwrap();
        let go_mod = format!("module {MODULE}\n\ngo 1.21\n");
        fs::write(versions.join(format!("{VERSION}.mod")), &go_mod).unwrap();
        let info = format!("{{\"Version\":\"{VERSION}\",\"Time\":\"2026-01-01T00:00:00Z\"}}");
        fs::write(versions.join(format!("{VERSION}.info")), info).unwrap();
        let files = [
            ("go.mod", go_mod.as_str()),
            ("config/crd/door.yaml", door),
            ("config/crd/window.yaml", "kind: Window\n"),
            ("config/crd/old/door.yaml", "kind: OldDoor\n"),
            ("api/v1/types.go", "package v1\n"),
        ];
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in files {
            let name = format!("{MODULE}@{VERSION}/{name}");
            zip.start_file(name, zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        fs::write(versions.join(format!("{VERSION}.zip")), bytes).unwrap();
    }

    /// Lets Go write go.sum, as a maintainer would.
    fn pin(&self) {
        let output = Command::new("go")
            .args(["mod", "download", &format!("{MODULE}@{VERSION}")])
            .current_dir(self.pins())
            .envs(self.environment())
            .env("GOFLAGS", "-mod=mod -modcacherw")
            .env("GOMODCACHE", self.folder.path().join("maintainer"))
            .output()
            .expect("this test needs the go command on PATH");
        assert!(output.status.success(), "{}", words(&output));
    }

    fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("GOPROXY", self.proxy()),
            ("GOSUMDB", "off".into()),
            ("GOTOOLCHAIN", "local".into()),
            ("GOENV", "off".into()),
        ]
    }

    fn fetch(&self, arguments: &[&str]) -> Output {
        Command::new(binary("module-fetch"))
            .arg("--pins")
            .arg(self.pins())
            .arg("--out")
            .arg(self.out())
            .args(arguments)
            .envs(self.environment())
            .env("TMPDIR", self.temporary())
            .output()
            .unwrap()
    }

    fn temporary(&self) -> PathBuf {
        let folder = self.folder.path().join("tmp");
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn edit(&self, file: &str, change: impl Fn(String) -> String) {
        let path = self.pins().join(file);
        fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
    }
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn files(folder: &Path) -> Vec<String> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            entry
                .path()
                .strip_prefix(folder)
                .unwrap()
                .display()
                .to_string()
        })
        .collect()
}

#[track_caller]
fn refused(output: &Output, parts: &[&str]) {
    let words = words(output);
    assert_eq!(output.status.code(), Some(3), "{words}");
    for part in parts {
        assert!(words.contains(part), "no `{part}` in:\n{words}");
    }
}

const CRDS: [&str; 4] = ["--module", MODULE, "--include", "config/crd/*.yaml"];

#[test]
fn the_matching_files_keep_their_paths_and_nothing_is_left_behind() {
    use std::os::unix::fs::PermissionsExt;
    let case = Case::new();
    let output = case.fetch(&[CRDS.as_slice(), &["--include", "api/**"]].concat());
    assert!(output.status.success(), "{}", words(&output));
    let expected = [
        "api/v1/types.go",
        "config/crd/door.yaml",
        "config/crd/window.yaml",
    ];
    assert_eq!(files(&case.out()), expected);
    let door = case.out().join("config/crd/door.yaml");
    assert_eq!(fs::read_to_string(&door).unwrap(), "kind: Door\n");
    assert_eq!(
        fs::metadata(&door).unwrap().permissions().mode() & 0o777,
        0o644
    );
    assert_eq!(files(&case.temporary()), Vec::<String>::new());
}

#[test]
fn one_tar_holds_the_files_in_order_and_says_no_time() {
    let case = Case::new();
    let make = |name: &str| {
        let tar = case.folder.path().join(name);
        let output = Command::new(binary("module-fetch"))
            .arg("--pins")
            .arg(case.pins())
            .arg("--tar")
            .arg(&tar)
            .args([
                "--module",
                MODULE,
                "--include",
                "**/*.yaml",
                "--include",
                "go.mod",
            ])
            .args(["--exclude", "**/old/*"])
            .envs(case.environment())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", words(&output));
        fs::read(tar).unwrap()
    };
    let bytes = make("a.tar");
    assert_eq!(make("b.tar"), bytes);
    let mut archive = tar::Archive::new(bytes.as_slice());
    let entries = archive.entries().unwrap().map(Result::unwrap);
    let found: Vec<_> = entries
        .map(|entry| {
            let path = entry.path().unwrap().display().to_string();
            (path, entry.header().mtime().unwrap())
        })
        .collect();
    let expected = ["config/crd/door.yaml", "config/crd/window.yaml", "go.mod"];
    assert_eq!(found, expected.map(|name| (name.to_owned(), 0)));
}

#[test]
fn a_module_that_changed_after_it_was_pinned_is_refused() {
    let case = Case::new();
    case.publish("kind: Trapdoor\n");
    refused(
        &case.fetch(&CRDS),
        &["not the pinned one", "downloaded", "h1:", "go.sum"],
    );
    assert!(!case.out().exists());
}

#[test]
fn a_missing_hash_is_an_error_though_go_would_add_it() {
    for suffix in [format!("{VERSION} "), format!("{VERSION}/go.mod ")] {
        let case = Case::new();
        case.edit("go.sum", |text| {
            let keep = text
                .lines()
                .filter(|line| !line.contains(&format!(" {suffix}")));
            keep.map(|line| format!("{line}\n")).collect()
        });
        refused(
            &case.fetch(&CRDS),
            &["is not pinned", "go.sum", "go mod download"],
        );
    }
}

#[test]
fn a_module_that_go_mod_does_not_require_is_refused() {
    let case = Case::new();
    let output = case.fetch(&["--module", "example.com/door", "--include", "*"]);
    refused(&output, &["requires no module example.com/door", MODULE]);
}

#[test]
fn a_pattern_that_matches_nothing_is_refused() {
    let case = Case::new();
    let output = case.fetch(&[CRDS.as_slice(), &["--include", "config/crds/*.yaml"]].concat());
    refused(
        &output,
        &["no file matches `config/crds/*.yaml`", "config holds crd"],
    );
}

#[test]
fn a_version_that_the_proxy_lacks_is_named() {
    let case = Case::new();
    for file in ["go.mod", "go.sum"] {
        case.edit(file, |text| text.replace(VERSION, "v2.9.9"));
    }
    refused(
        &case.fetch(&CRDS),
        &["example.com/door/v2@v2.9.9", "there is no such version"],
    );
}

#[test]
fn a_proxy_that_cannot_be_reached_is_named_as_such() {
    let case = Case::new();
    let output = Command::new(binary("module-fetch"))
        .arg("--pins")
        .arg(case.pins())
        .arg("--out")
        .arg(case.out())
        .args(CRDS)
        .envs(case.environment())
        .env("GOPROXY", "http://127.0.0.1:1")
        .output()
        .unwrap();
    refused(&output, &["the module proxy cannot be reached"]);
}

#[test]
fn missing_pins_and_a_missing_go_are_named() {
    let case = Case::new();
    let output = case.fetch(&[CRDS.as_slice(), &["--go", "no-such-go"]].concat());
    refused(&output, &["no-such-go cannot be started"]);
    fs::remove_file(case.pins().join("go.sum")).unwrap();
    refused(&case.fetch(&CRDS), &["go.sum cannot be read"]);
}

#[test]
fn a_folder_that_holds_something_is_not_replaced() {
    let case = Case::new();
    fs::create_dir(case.out()).unwrap();
    assert!(
        case.fetch(&CRDS).status.success(),
        "an empty folder is fine"
    );
    refused(&case.fetch(&CRDS), &["out cannot be written"]);
}
