use crate::{junit, write_whole};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The `schema` of every report.
pub const SCHEMA: &str = "hermetic.dev/test-report/v1";

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It held.
    Passed,
    /// It did not.
    Failed,
    /// It was not judged; the message says why.
    Skipped,
}

/// One test case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name, unique within the suite by custom.
    pub name: String,
    /// How it ended.
    pub status: Status,
    /// Why it failed or was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// `file:line` of the assertion, the file as the user would name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

impl Case {
    /// A case that held.
    pub fn passed(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            status: Status::Passed,
            message: None,
            location: None,
        }
    }

    /// A case that did not hold, and why.
    pub fn failed(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status: Status::Failed,
            message: Some(message.into()),
            ..Self::passed(name)
        }
    }

    /// A case that was not judged, and why.
    pub fn skipped(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status: Status::Skipped,
            message: Some(message.into()),
            ..Self::passed(name)
        }
    }

    /// Says where the assertion stands, as `file:line`.
    #[must_use]
    pub fn at(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }
}

/// How many cases ended how. Shown as `N passed, N failed, N skipped`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Cases that held.
    pub passed: usize,
    /// Cases that did not.
    pub failed: usize,
    /// Cases not judged.
    pub skipped: usize,
}

impl Counts {
    /// All cases.
    pub fn total(self) -> usize {
        self.passed + self.failed + self.skipped
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

/// What a suite's run came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    schema: String,
    /// The suite's name.
    pub suite: String,
    /// Its cases, in the order to show them.
    pub cases: Vec<Case>,
}

/// Why a report could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The file cannot be read.
    #[error("{}: cannot read the report: {source}", path.display())]
    Read {
        /// The report.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no report.
    #[error("{}:{}:{}: not a test report: {source}", path.display(), source.line(), source.column())]
    Parse {
        /// The report.
        path: PathBuf,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// The report is of another version.
    #[error("{}: the report's schema is {found:?}, this tool reads {SCHEMA:?}", path.display())]
    Schema {
        /// The report.
        path: PathBuf,
        /// Its schema.
        found: String,
    },
    /// The file cannot be written.
    #[error("{}: cannot write: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Report {
    /// A report without cases yet.
    pub fn new(suite: impl Into<String>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            suite: suite.into(),
            cases: Vec::new(),
        }
    }

    /// How many cases ended how.
    pub fn counts(&self) -> Counts {
        let count = |status| {
            self.cases
                .iter()
                .filter(|case| case.status == status)
                .count()
        };
        Counts {
            passed: count(Status::Passed),
            failed: count(Status::Failed),
            skipped: count(Status::Skipped),
        }
    }

    /// Whether it is a success: at least one case, and none failed.
    pub fn is_success(&self) -> bool {
        !self.cases.is_empty() && self.counts().failed == 0
    }

    /// The report as indented JSON with a final line end.
    pub fn to_json(&self) -> String {
        // Strings and lists of strings always serialize.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The report as JUnit XML.
    pub fn to_junit(&self) -> String {
        junit::render(self)
    }

    /// What `test-report show` prints: the failed cases, then the counts.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for case in self
            .cases
            .iter()
            .filter(|case| case.status == Status::Failed)
        {
            let place = case
                .location
                .as_ref()
                .map(|l| format!(" ({l})"))
                .unwrap_or_default();
            out += &format!("FAILED {}: {}{place}\n", self.suite, case.name);
            for line in case.message.iter().flat_map(|message| message.lines()) {
                out += format!("    {line}").trim_end();
                out.push('\n');
            }
        }
        if self.cases.is_empty() {
            out += &format!("{}: no test cases ran\n", self.suite);
        }
        out + &format!("{}\n", self.counts())
    }

    /// Reads a report.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let text = std::fs::read_to_string(path).map_err(|source| ReportError::Read {
            path: path.to_owned(),
            source,
        })?;
        let report: Self = serde_json::from_str(&text).map_err(|source| ReportError::Parse {
            path: path.to_owned(),
            source,
        })?;
        if report.schema == SCHEMA {
            Ok(report)
        } else {
            Err(ReportError::Schema {
                path: path.to_owned(),
                found: report.schema,
            })
        }
    }

    /// Writes the JSON and JUnit files that are asked for, each under a
    /// temporary name first.
    pub fn write(&self, json: Option<&Path>, junit: Option<&Path>) -> Result<(), ReportError> {
        let put = |path: &Path, text: String| {
            write_whole(path, text.as_bytes()).map_err(|source| ReportError::Write {
                path: path.to_owned(),
                source,
            })
        };
        json.map_or(Ok(()), |path| put(path, self.to_json()))?;
        junit.map_or(Ok(()), |path| put(path, self.to_junit()))
    }
}
