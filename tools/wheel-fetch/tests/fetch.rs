//! What `wheel-fetch` does with a wheel from a folder of wheels: no network.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use sha2::{Digest, Sha256};
use test_report::testing::binary;

const WHEEL: &str = "kcl_lib-0.13.2-cp311-cp311-manylinux2014_x86_64.whl";

/// A smallest library that counts as KCL's: it exports one function and needs
/// one of Python's. Sections: `.dynsym` at 64, `.dynstr` behind it.
fn library() -> Vec<u8> {
    let strings = b"\0kcl_service_call_with_length\0PyList_New\0";
    let symbols = [(1u32, 0x12u8, 7u16), (30, 0x12, 0)];
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(64, 0);
    for (name, info, section) in symbols {
        file.extend(name.to_le_bytes());
        file.extend([info, 0]);
        file.extend(section.to_le_bytes());
        file.extend([0; 16]);
    }
    let strings_at = file.len() as u64;
    file.extend(strings);
    let headers_at = file.len() as u64;
    for (kind, at, size, link) in [
        (11u32, 64u64, 48u64, 1u32),
        (3, strings_at, strings.len() as u64, 0),
    ] {
        let mut header = [0u8; 64];
        header[4..8].copy_from_slice(&kind.to_le_bytes());
        header[24..32].copy_from_slice(&at.to_le_bytes());
        header[32..40].copy_from_slice(&size.to_le_bytes());
        header[40..44].copy_from_slice(&link.to_le_bytes());
        file.extend(header);
    }
    file[0x12..0x14].copy_from_slice(&62u16.to_le_bytes());
    file[0x28..0x30].copy_from_slice(&headers_at.to_le_bytes());
    file[0x3a..0x3c].copy_from_slice(&64u16.to_le_bytes());
    file[0x3c..0x3e].copy_from_slice(&2u16.to_le_bytes());
    file
}

/// Writes the wheel; gives its SHA-256 in hex.
fn write_wheel(folder: &Path, members: &[(&str, &[u8])]) -> String {
    let mut wheel = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let metadata = b"Metadata-Version: 2.1\nName: kcl-lib\nVersion: 0.13.2\n".as_slice();
    let tags =
        b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-manylinux2014_x86_64\n"
            .as_slice();
    let standard = [
        ("kcl_lib-0.13.2.dist-info/METADATA", metadata),
        ("kcl_lib-0.13.2.dist-info/WHEEL", tags),
        ("kcl_lib-0.13.2.dist-info/RECORD", b"".as_slice()),
    ];
    for (name, bytes) in members.iter().chain(&standard) {
        wheel
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        wheel.write_all(bytes).unwrap();
    }
    let bytes = wheel.finish().unwrap().into_inner();
    fs::write(folder.join(WHEEL), &bytes).unwrap();
    Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

struct Case {
    folder: tempfile::TempDir,
    out: PathBuf,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("wheels")).unwrap();
        let out = folder.path().join("libkcl.so");
        Self { folder, out }
    }

    fn wheels(&self) -> PathBuf {
        self.folder.path().join("wheels")
    }

    fn fetch(&self, pins: &str) -> Output {
        let file = self.folder.path().join("pins.txt");
        fs::write(&file, pins).unwrap();
        Command::new(binary("wheel-fetch"))
            .args(["--arch", "x86_64", "--pins"])
            .arg(&file)
            .arg("--out")
            .arg(&self.out)
            .env("PIP_NO_INDEX", "1")
            .env("PIP_FIND_LINKS", self.wheels())
            .env("PIP_CONFIG_FILE", "/dev/null")
            .output()
            .unwrap()
    }
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// These tests need a Python with pip; without one they fail.
#[track_caller]
fn require_pip() {
    let pip = Command::new("python3")
        .args(["-m", "pip", "--version"])
        .output();
    assert!(
        pip.is_ok_and(|pip| pip.status.success()),
        "this test needs python3 with pip on PATH"
    );
}

#[test]
fn the_pinned_wheels_library_comes_out_with_python_made_weak() {
    require_pip();
    let case = Case::new();
    let hash = write_wheel(
        &case.wheels(),
        &[(
            "kcl_lib/_kcl_lib.cpython-311-x86_64-linux-gnu.so",
            &library(),
        )],
    );
    let output = case.fetch(&format!("kcl-lib==0.13.2 --hash=sha256:{hash}\n"));
    assert!(output.status.success(), "{}", words(&output));
    let mut expected = library();
    expected[64 + 24 + 4] = 0x22;
    assert_eq!(fs::read(&case.out).unwrap(), expected);
}

#[test]
fn a_wheel_with_another_hash_is_refused_and_the_pins_are_named() {
    require_pip();
    let case = Case::new();
    let hash = write_wheel(&case.wheels(), &[("kcl_lib/_kcl_lib.so", &library())]);
    let pinned = "0".repeat(64);
    let output = case.fetch(&format!("kcl-lib==0.13.2 --hash=sha256:{pinned}\n"));
    let words = words(&output);
    assert_eq!(output.status.code(), Some(3), "{words}");
    assert!(words.contains("not the pinned one"), "{words}");
    assert!(
        words.contains(&hash) && words.contains(&pinned) && words.contains("pins.txt"),
        "{words}"
    );
    assert!(!case.out.exists());
}

#[test]
fn a_pin_without_hash_is_refused() {
    require_pip();
    let case = Case::new();
    write_wheel(&case.wheels(), &[("kcl_lib/_kcl_lib.so", &library())]);
    let output = case.fetch("kcl-lib==0.13.2\n");
    assert_eq!(output.status.code(), Some(3));
    assert!(
        words(&output).contains("a pin has no hash"),
        "{}",
        words(&output)
    );
}

#[test]
fn a_wheel_that_is_not_there_is_named() {
    require_pip();
    let case = Case::new();
    let output = case.fetch(&format!(
        "kcl-lib==9.9.9 --hash=sha256:{}\n",
        "0".repeat(64)
    ));
    assert_eq!(output.status.code(), Some(3));
    assert!(
        words(&output).contains("kcl-lib==9.9.9"),
        "{}",
        words(&output)
    );
}

#[test]
fn a_wheel_without_the_library_is_refused() {
    require_pip();
    let case = Case::new();
    let hash = write_wheel(&case.wheels(), &[("kcl_lib/__init__.py", b"")]);
    let output = case.fetch(&format!("kcl-lib==0.13.2 --hash=sha256:{hash}\n"));
    assert_eq!(output.status.code(), Some(3));
    assert!(
        words(&output).contains("holds no file kcl_lib/_kcl_lib*.so"),
        "{}",
        words(&output)
    );
}

#[test]
fn missing_pins_and_a_missing_python_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let pins = folder.path().join("pins.txt");
    let run = |arguments: &[&str]| {
        Command::new(binary("wheel-fetch"))
            .arg("--out")
            .arg(folder.path().join("x.so"))
            .args(arguments)
            .output()
            .unwrap()
    };
    let output = run(&["--pins", "nowhere.txt", "--arch", "x86_64"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        words(&output).contains("the pins nowhere.txt cannot be read"),
        "{}",
        words(&output)
    );
    fs::write(&pins, "").unwrap();
    let output = run(&[
        "--pins",
        pins.to_str().unwrap(),
        "--arch",
        "x86_64",
        "--python",
        "no-such-python",
    ]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        words(&output).contains("no-such-python cannot be started"),
        "{}",
        words(&output)
    );
    assert_eq!(
        run(&["--pins", "x", "--arch", "riscv64"]).status.code(),
        Some(2)
    );
}
