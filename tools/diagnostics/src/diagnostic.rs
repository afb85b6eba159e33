use serde::{Deserialize, Serialize};

/// How much a diagnostic weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The tool cannot do what was asked, or a check failed.
    Error,
    /// It can, yet the author should look.
    Warning,
}

/// A position in a text; both count from 1, the column in code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in code points, from 1.
    pub column: usize,
}

impl Position {
    /// A position; both count from 1.
    pub fn new(line: usize, column: usize) -> Self {
        Self { line, column }
    }
}

/// Where in a file something is. A place without position means the whole file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The file as the user named it; never made absolute.
    pub file: String,
    /// Line and column, if known.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

impl Place {
    /// The whole of `file`.
    pub fn file(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            position: None,
        }
    }

    /// A position in `file`.
    pub fn at(file: impl Into<String>, position: Position) -> Self {
        Self {
            file: file.into(),
            position: Some(position),
        }
    }
}

/// `file:line:column`, or just `file`.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.position {
            Some(Position { line, column }) => write!(f, "{}:{line}:{column}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// How many bytes a line may have that is kept to be shown.
const LONGEST_LINE: usize = 10_000;

/// One finding: what, where, why (in the message) and what to do (the hint).
///
/// ```
/// use diagnostics::{Diagnostic, Place, Position};
/// let d = Diagnostic::error("unknown field `knd`")
///     .at(Place::at("spec.yaml", Position::new(2, 1)))
///     .in_text("apiVersion: v1\nknd: Pod\n")
///     .hint("did you mean `kind`?");
/// assert_eq!(d.offending_line.as_deref(), Some("knd: Pod"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong and why; may have several lines, the first says it all.
    pub message: String,
    /// Where, if it is anywhere.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The source line at that position, without its line end.
    #[serde(
        default,
        rename = "offendingLine",
        skip_serializing_if = "Option::is_none"
    )]
    pub offending_line: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Diagnostic {
    fn new(severity: Severity, message: impl Into<String>) -> Self {
        Self {
            severity,
            message: message.into(),
            place: None,
            offending_line: None,
            hint: None,
        }
    }

    /// An error.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, message)
    }

    /// A warning.
    pub fn warning(message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, message)
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Takes the offending line out of the file's text; call after [`Diagnostic::at`].
    #[must_use]
    pub fn in_text(self, text: &str) -> Self {
        let position = self.place.as_ref().and_then(|place| place.position);
        let line = position.and_then(|p| text.lines().nth(p.line.saturating_sub(1)));
        self.in_line(line)
    }

    /// The same where the line is at hand. One of megabytes, as JSON may be, is left
    /// out: many errors may stand in it.
    #[must_use]
    pub fn in_line(mut self, line: Option<&str>) -> Self {
        let shown = line.filter(|line| line.len() <= LONGEST_LINE);
        self.offending_line = shown.map(str::to_owned);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The order to print in: by file, position, message.
    pub fn sort(diagnostics: &mut [Diagnostic]) {
        diagnostics.sort_by(|a, b| (&a.place, &a.message).cmp(&(&b.place, &b.message)));
    }
}
