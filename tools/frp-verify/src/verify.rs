//! The real frpc and frps.

use crate::Config;
use std::path::{Path, PathBuf};
use std::process::Command;

/// frpc or frps.
#[derive(Debug, Clone)]
pub struct Program {
    /// Where it is.
    path: PathBuf,
    /// What it is called in messages.
    pub name: &'static str,
    /// The features that it allows though they are unsafe (`--allow-unsafe`).
    pub allowed: Vec<String>,
}

/// What a program says about a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is in order.
    pub is_accepted: bool,
    /// Its words, without its own colors and the name of the file.
    pub said: String,
}

/// Why a program gives no verdict.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It does not start.
    #[error("{name} cannot be started: {source}")]
    NotStarted {
        /// frpc or frps.
        name: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// It ends in a way that is no verdict.
    #[error("{name} verify ended without a verdict ({status}): {said}")]
    NoVerdict {
        /// frpc or frps.
        name: &'static str,
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it said.
        said: String,
    },
    /// There is no place for the configuration.
    #[error("no temporary folder can be made: {0}")]
    NoFolder(std::io::Error),
}

impl Program {
    /// A program at a path.
    pub fn new(path: &Path, name: &'static str) -> Self {
        Self {
            path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            name,
            allowed: Vec::new(),
        }
    }

    /// Runs `verify -c` on a configuration, in an empty folder and without the caller's
    /// environment, which templates and defaults would read.
    ///
    /// # Errors
    /// If the program gives no verdict.
    pub fn verify(&self, config: &Config) -> Result<Verdict, VerifyError> {
        let folder = tempfile::tempdir().map_err(VerifyError::NoFolder)?;
        let file = format!("{}.{}", self.name, config.format.extension());
        std::fs::write(folder.path().join(&file), &config.text).map_err(VerifyError::NoFolder)?;
        let mut command = Command::new(&self.path);
        command
            .args(["verify", "-c", &file])
            .current_dir(folder.path())
            .env_clear();
        if !self.allowed.is_empty() {
            command.arg(format!("--allow-unsafe={}", self.allowed.join(",")));
        }
        let output = command.output().map_err(|source| VerifyError::NotStarted {
            name: self.name,
            source,
        })?;
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        // Messages about included files name the folder.
        let place = format!("{}/", folder.path().display());
        let said = said.replace(&place, "").trim().to_owned();
        match output.status.code() {
            Some(0 | 1) => Ok(Verdict {
                is_accepted: output.status.success(),
                said,
            }),
            _ => Err(VerifyError::NoVerdict {
                name: self.name,
                status: output.status,
                said,
            }),
        }
    }
}
