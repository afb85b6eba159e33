//! Lets the go command download a module and check it against go.sum.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use diagnostics::{Diagnostic, Place};
use serde::Deserialize;
use tempfile::TempDir;

use crate::pins::{Pin, hash};

/// What to download.
pub(crate) struct Request<'a> {
    pub(crate) go: &'a Path,
    pub(crate) pin: &'a Pin,
    pub(crate) cache: Option<&'a Path>,
}

/// A downloaded module; its folder goes with this value.
pub(crate) struct Downloaded {
    pub(crate) zip: PathBuf,
    _folder: TempDir,
}

/// What `go mod download -json` says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Answer {
    zip: PathBuf,
    sum: String,
    error: String,
}

/// Downloads the module of a pin.
pub(crate) fn module(request: &Request) -> Result<Downloaded, Diagnostic> {
    let folder = tempfile::tempdir().map_err(|error| no_folder(&error))?;
    let output = run(request, folder.path()).map_err(|error| {
        Diagnostic::error(format!(
            "{} cannot be started: {error}",
            request.go.display()
        ))
        .hint("install Go, or name its command with --go")
    })?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    let answer: Answer = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let reason = if answer.error.is_empty() {
        stderr.trim()
    } else {
        answer.error.trim()
    };
    if !output.status.success() || !answer.error.is_empty() {
        return Err(failure(request.pin, reason));
    }
    check(request.pin, &answer, folder.path())?;
    Ok(Downloaded {
        zip: answer.zip,
        _folder: folder,
    })
}

fn no_folder(error: &io::Error) -> Diagnostic {
    Diagnostic::error(format!("no temporary folder can be made: {error}"))
}

/// Runs go on copies of go.mod and go.sum.
fn run(request: &Request, folder: &Path) -> io::Result<Output> {
    let work = folder.join("pins");
    fs::create_dir(&work)?;
    fs::write(work.join("go.mod"), &request.pin.go_mod.text)?;
    fs::write(work.join("go.sum"), &request.pin.go_sum.text)?;
    let cache = match request.cache {
        Some(cache) => std::path::absolute(cache)?,
        None => folder.join("modules"),
    };
    Command::new(request.go)
        .args(["mod", "download", "-json"])
        .arg(request.pin.to_string())
        .current_dir(&work)
        .env("GOMODCACHE", cache)
        .env("GOPATH", folder.join("path"))
        .env("GOCACHE", folder.join("build"))
        // Writable, so that the temporary folder can be removed.
        .env("GOFLAGS", "-mod=mod -modcacherw")
        .env("GOTOOLCHAIN", "local")
        .env("GOWORK", "off")
        .stdin(Stdio::null())
        .output()
}

/// Go checks too; this makes sure that it checked against our line and added none.
fn check(pin: &Pin, answer: &Answer, folder: &Path) -> Result<(), Diagnostic> {
    if answer.sum != pin.zip_hash {
        return Err(mismatch(
            pin,
            &format!("downloaded {}, go.sum {}", answer.sum, pin.zip_hash),
        ));
    }
    let after =
        fs::read_to_string(folder.join("pins/go.sum")).map_err(|error| no_folder(&error))?;
    let added = after.lines().find(|line| {
        let mut words = line.split_whitespace();
        let (Some(module), Some(version)) = (words.next(), words.next()) else {
            return false;
        };
        hash(&pin.go_sum.text, module, version).is_none()
    });
    match added {
        None => Ok(()),
        Some(line) => Err(
            Diagnostic::error(format!("Go wants a hash that is not pinned: {line}"))
                .at(Place::file(&pin.go_sum.name))
                .hint("if it is right, add this line"),
        ),
    }
}

fn mismatch(pin: &Pin, words: &str) -> Diagnostic {
    Diagnostic::error(format!("{pin} is not the pinned one: {words}"))
        .at(Place::file(&pin.go_sum.name))
        .hint(format!(
            "a published version never changes: find out which hash is right (GOPROXY may serve \
             something else); only then put it into {}",
            pin.go_sum.name
        ))
}

/// Go's reason, condensed, with what to do.
fn failure(pin: &Pin, reason: &str) -> Diagnostic {
    let has = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if has(&["checksum mismatch", "SECURITY ERROR"]) {
        return mismatch(pin, &hashes(reason));
    }
    let (what, hint) = if has(&NETWORK) {
        (
            "the module proxy cannot be reached",
            "check the network, GOPROXY and the proxy variables; what was fetched before stays in \
             the build's cache",
        )
    } else if has(&[
        "404",
        "410 Gone",
        "unknown revision",
        "not found",
        "no such file",
        "does not contain",
    ]) {
        (
            "there is no such version",
            "check the module's path and version in go.mod, and GOPROXY",
        )
    } else if has(&["GOPROXY=off"]) {
        (
            "the network is switched off by GOPROXY=off",
            "unset GOPROXY, or name a proxy",
        )
    } else {
        ("go cannot download it", "go's own words are above")
    };
    Diagnostic::error(format!("{pin}: {what}: {}", one_line(reason)))
        .at(Place::file(&pin.go_mod.name))
        .hint(hint)
}

/// How Go words a failed connection.
const NETWORK: [&str; 8] = [
    "dial tcp",
    "no such host",
    "connection refused",
    "i/o timeout",
    "TLS handshake",
    "proxyconnect",
    "network is unreachable",
    "x509:",
];

/// The `downloaded:` and `go.sum:` lines of a checksum error.
fn hashes(reason: &str) -> String {
    let lines: Vec<String> = reason
        .lines()
        .map(str::trim)
        .filter(|line| line.contains("h1:"))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    lines.join(", ")
}

fn one_line(reason: &str) -> String {
    let lines: Vec<&str> = reason
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;
    use crate::pins::PinFile;

    fn pin() -> Pin {
        let file = |name: &str| PinFile {
            name: name.into(),
            text: String::new(),
        };
        Pin {
            module: "a.b/c".into(),
            version: "v1.0.0".into(),
            zip_hash: "h1:x=".into(),
            go_mod: file("p/go.mod"),
            go_sum: file("p/go.sum"),
        }
    }

    #[test]
    fn gos_words_are_sorted_by_what_to_do() {
        let cases = [
            (
                "verifying a.b/c@v1.0.0: checksum mismatch\n\tdownloaded: h1:a=\n\tgo.sum:     h1:b=\n\nSECURITY ERROR\n",
                "a.b/c@v1.0.0 is not the pinned one: downloaded: h1:a=, go.sum: h1:b=",
            ),
            (
                "Get \"https://p/x\": dial tcp: lookup p: no such host",
                "a.b/c@v1.0.0: the module proxy cannot be reached: Get \"https://p/x\": dial tcp: lookup p: no such host",
            ),
            (
                "reading https://p/x.info: 404 Not Found",
                "a.b/c@v1.0.0: there is no such version: reading https://p/x.info: 404 Not Found",
            ),
        ];
        for (reason, message) in cases {
            assert_eq!(failure(&pin(), reason).message, message);
        }
    }
}
