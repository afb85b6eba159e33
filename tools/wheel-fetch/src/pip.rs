//! Downloads the wheel with the host's pip, which checks the hash.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::Arch;

/// The Python tag of the wheel, whatever Python the host has.
const PYTHON_VERSION: &str = "311";
const ABI: &str = "cp311";

/// What to download.
pub(crate) struct Request<'a> {
    pub(crate) python: &'a Path,
    pub(crate) pins: &'a Path,
    pub(crate) arch: Arch,
}

/// Why there is no wheel.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PipError {
    #[error("{0} cannot be started: {1}")]
    NoPython(PathBuf, io::Error),
    #[error("{0} has no pip")]
    NoPip(PathBuf),
    #[error("the wheel is not the pinned one: {0}")]
    WrongHash(String),
    #[error("a pin has no hash: {0}")]
    NoHash(String),
    #[error("the package index cannot be reached: {0}")]
    NoNetwork(String),
    #[error("there is no such wheel: {0}")]
    NotFound(String),
    #[error("pip failed: {0}")]
    Other(String),
    #[error("pip downloaded {0} wheels, not one")]
    Wheels(usize),
    #[error("the downloaded wheel cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl PipError {
    /// What to do about it.
    pub(crate) fn hint(&self, pins: &str) -> String {
        match self {
            Self::NoPython(..) => "install Python 3 with pip, or name one with --python".to_owned(),
            Self::NoPip(python) => {
                format!(
                    "install pip for {} (`python3 -m ensurepip`)",
                    python.display()
                )
            }
            Self::WrongHash(_) => format!(
                "if the wheel was meant to change, put the hash of the new one into {pins}; if \
                 not, do not trust this index"
            ),
            Self::NoHash(_) => format!("add --hash=sha256:… to every requirement in {pins}"),
            Self::NoNetwork(_) => "check the network, PIP_INDEX_URL and the proxy variables; what \
                 was fetched before stays in the build's cache"
                .to_owned(),
            Self::NotFound(_) => format!(
                "check name and version in {pins}, and that the index has the wheel for cp311 and \
                 manylinux2014 of this architecture"
            ),
            Self::Wheels(_) => format!("keep exactly one requirement in {pins}"),
            Self::Other(_) | Self::Io(_) => format!("check {pins} and pip's words above"),
        }
    }
}

/// Downloads the wheel into `folder` and gives its path.
pub(crate) fn download(request: &Request, folder: &Path) -> Result<PathBuf, PipError> {
    let output = command(request, folder)
        .output()
        .map_err(|error| PipError::NoPython(request.python.into(), error))?;
    if !output.status.success() {
        return Err(classify(
            request.python,
            &String::from_utf8_lossy(&output.stderr),
        ));
    }
    let mut wheels = Vec::new();
    for entry in fs::read_dir(folder)? {
        wheels.push(entry?.path());
    }
    match wheels.as_slice() {
        [wheel] => Ok(wheel.clone()),
        _ => Err(PipError::Wheels(wheels.len())),
    }
}

fn command(request: &Request, folder: &Path) -> Command {
    let mut command = Command::new(request.python);
    command
        .args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-input",
            "--no-color",
            "--retries=2",
        ])
        .args([
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
        ])
        .args(["--only-binary=:all:", "--implementation=cp"])
        .arg(format!("--python-version={PYTHON_VERSION}"))
        .arg(format!("--abi={ABI}"))
        .arg(format!("--platform=manylinux2014_{}", request.arch.name()))
        .arg("--dest")
        .arg(folder)
        .arg("--requirement")
        .arg(request.pins)
        .stdin(Stdio::null());
    command
}

/// Finds the reason in pip's stderr.
fn classify(python: &Path, stderr: &str) -> PipError {
    let errors = || errors(stderr);
    if stderr.contains("No module named pip") {
        PipError::NoPip(python.into())
    } else if stderr.contains("DO NOT MATCH THE HASHES") {
        PipError::WrongHash(hashes(stderr))
    } else if stderr.contains("must have hashes") || stderr.contains("Hashes are required") {
        PipError::NoHash(errors())
    } else if NETWORK.iter().any(|word| stderr.contains(word)) {
        PipError::NoNetwork(network_words(stderr))
    } else if stderr.contains("No matching distribution") {
        PipError::NotFound(errors())
    } else {
        PipError::Other(errors())
    }
}

/// What pip and urllib3 write when a connection fails.
const NETWORK: [&str; 7] = [
    "NewConnectionError",
    "ConnectTimeoutError",
    "NameResolutionError",
    "ProxyError",
    "Max retries exceeded",
    "ReadTimeoutError",
    "SSLError",
];

/// The innermost reason of urllib3's nested ones.
fn network_words(stderr: &str) -> String {
    let is_network = |line: &&str| NETWORK.iter().any(|word| line.contains(word));
    let line = stderr.lines().find(is_network).unwrap_or_default().trim();
    let reason = line.split("broken by ").last().unwrap_or(line);
    let reason = reason.rsplit("object at ").next().unwrap_or(reason);
    reason
        .split_once(">: ")
        .map_or(reason, |(_, reason)| reason)
        .to_owned()
}

/// pip's `Expected sha256 …` and `Got …` lines in one.
fn hashes(stderr: &str) -> String {
    let words = stderr.lines().map(str::trim).filter(|line| {
        ["Expected sha256", "or", "Got"]
            .iter()
            .any(|start| line.split_whitespace().next() == start.split(' ').next())
            && line
                .split_whitespace()
                .last()
                .is_some_and(|word| word.len() == 64)
    });
    let lines: Vec<String> = words
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    lines.join(", ")
}

/// pip's `ERROR:` lines, else its last line.
fn errors(stderr: &str) -> String {
    let lines: Vec<&str> = stderr
        .lines()
        .filter_map(|line| line.trim().strip_prefix("ERROR: "))
        .collect();
    if lines.is_empty() {
        return stderr
            .trim()
            .lines()
            .last()
            .unwrap_or("no message")
            .to_owned();
    }
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn reason(stderr: &str) -> String {
        classify("python3".as_ref(), stderr).to_string()
    }

    #[test]
    fn pips_words_are_condensed() {
        let expected = "a".repeat(64);
        let got = "b".repeat(64);
        let words = format!(
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have \
             updated …\n    kcl-lib==0.13.2 from file:///x.whl:\n        Expected sha256 {expected}\n             Got        {got}\n\n"
        );
        assert_eq!(
            reason(&words),
            format!("the wheel is not the pinned one: Expected sha256 {expected}, Got {got}")
        );
        assert_eq!(
            reason("/usr/bin/python3: No module named pip\n"),
            "python3 has no pip"
        );
        assert_eq!(
            reason(
                "ERROR: Could not find a version\nERROR: No matching distribution found for x\n"
            ),
            "there is no such wheel: Could not find a version; No matching distribution found for x"
        );
    }

    #[test]
    fn a_failed_connection_is_named_as_such() {
        let words = "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)': /simple/\nERROR: Could not find a version\nERROR: No matching distribution found for x\n";
        assert!(matches!(
            classify("python3".as_ref(), words),
            PipError::NoNetwork(_)
        ));
    }
}
