//! KCL's error texts as values.

use std::fmt;

use crate::paths::{PathNames, SourceLines};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The program gives no result.
    Error,
    /// The program runs.
    Warning,
}

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Path below the root, or `<package>/<path>`; never absolute.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1; KCL says 1 where it knows only the line.
    pub column: u64,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A further place that explains a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub location: Option<Location>,
    /// What KCL says about it.
    pub message: String,
}

/// One thing that KCL says about a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// KCL's code and name of the error, such as `E2G22 TypeError`.
    pub kind: String,
    /// What is wrong.
    pub message: String,
    /// Where, if KCL knows.
    pub location: Option<Location>,
    /// The line of the source.
    pub source_line: Option<String>,
    /// Other places that explain it.
    pub notes: Vec<Note>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let kind = if self.kind.is_empty() {
            String::new()
        } else {
            format!("[{}]", self.kind)
        };
        writeln!(
            f,
            "{severity}{kind}: {}",
            self.message.replace('\n', "\n  ")
        )?;
        if let Some(location) = &self.location {
            writeln!(f, "  --> {location}")?;
            if let Some(line) = &self.source_line {
                fmt_source(f, location, line)?;
            }
        }
        for note in &self.notes {
            match &note.location {
                Some(location) => writeln!(f, "  note: {location}: {}", note.message)?,
                None => writeln!(f, "  note: {}", note.message)?,
            }
        }
        match &self.hint {
            Some(hint) => writeln!(f, "  hint: {hint}"),
            None => Ok(()),
        }
    }
}

fn fmt_source(f: &mut fmt::Formatter<'_>, location: &Location, line: &str) -> fmt::Result {
    let number = location.line.to_string();
    let margin = " ".repeat(number.len());
    writeln!(f, " {number} | {line}")?;
    let column = usize::try_from(location.column)
        .unwrap_or(1)
        .saturating_sub(1);
    // KCL's column 1 also stands for "somewhere in this line".
    let start = if column == 0 {
        line.len() - line.trim_start().len()
    } else {
        column
    };
    let pad: String = line
        .chars()
        .take(start)
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    writeln!(f, " {margin} | {pad}^")
}

/// Reads KCL's text into diagnostics: duplicates and mere consequences of
/// others are left out, paths are named by `names`.
pub(crate) fn parse(text: &str, names: &PathNames) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut reader = Reader::default();
    for line in strip_ansi(text).lines() {
        reader.line(line);
    }
    let mut lines = SourceLines::default();
    for raw in reader.finish() {
        let diagnostic = raw.finish(names, &mut lines);
        if !found.contains(&diagnostic) {
            found.push(diagnostic);
        }
    }
    without_consequences(found)
}

/// An import that is not found makes every use of its names an error too.
fn without_consequences(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let missing: Vec<String> = found
        .iter()
        .filter_map(|d| missing_module(&d.kind, &d.message))
        .collect();
    let follows = |diagnostic: &Diagnostic| {
        missing.iter().any(|module| {
            diagnostic
                .message
                .ends_with(&format!("not found in 'module '{module}''"))
        })
    };
    found
        .into_iter()
        .filter(|diagnostic| !follows(diagnostic))
        .collect()
}

#[derive(Debug, Default)]
struct RawPlace {
    file: String,
    line: u64,
    column: u64,
    source_line: Option<String>,
    message: Vec<String>,
}

#[derive(Debug, Default)]
struct RawDiagnostic {
    warning: bool,
    kind: String,
    places: Vec<RawPlace>,
    loose: Vec<String>,
    suggestions: Vec<String>,
}

/// Reads the emitter's layout line by line.
#[derive(Debug, Default)]
struct Reader {
    done: Vec<RawDiagnostic>,
    current: Option<RawDiagnostic>,
    in_message: bool,
}

impl Reader {
    fn line(&mut self, line: &str) {
        if let Some((warning, kind)) = header(line).filter(|_| !self.in_message) {
            self.done.extend(self.current.take());
            self.current = Some(RawDiagnostic {
                warning,
                kind,
                ..RawDiagnostic::default()
            });
            return;
        }
        let current = self.current.get_or_insert_default();
        if let Some(place) = arrow(line) {
            current.places.push(place);
            self.in_message = false;
            return;
        }
        if let Some(suggestion) = line.strip_prefix("suggestion: ") {
            current.suggestions.push(suggestion.to_owned());
            return;
        }
        let Some(place) = current.places.last_mut() else {
            current.loose.push(line.to_owned());
            return;
        };
        self.in_message = place_line(place, line, self.in_message);
    }

    fn finish(mut self) -> Vec<RawDiagnostic> {
        self.done.extend(self.current.take());
        let has_words = |raw: &RawDiagnostic| {
            !raw.places.is_empty() || raw.loose.iter().any(|line| !line.trim().is_empty())
        };
        self.done.into_iter().filter(has_words).collect()
    }
}

/// Takes a line below an arrow; says whether a message is still open.
fn place_line(place: &mut RawPlace, line: &str, in_message: bool) -> bool {
    let Some((number, rest)) = gutter(line) else {
        if in_message {
            place.message.push(line.to_owned());
        }
        return in_message;
    };
    if number {
        place.source_line = Some(rest.to_owned());
        return false;
    }
    let text = rest.trim_start().trim_start_matches('^').trim_start();
    if text.is_empty() {
        return false;
    }
    place.message.push(text.to_owned());
    true
}

/// `error[E1001]: InvalidSyntax`, or a bare `EvaluationError`.
fn header(line: &str) -> Option<(bool, String)> {
    for (word, warning) in [("error", false), ("warning", true)] {
        if let Some(rest) = line
            .strip_prefix(word)
            .and_then(|rest| rest.strip_prefix('['))
            && let Some((code, name)) = rest.split_once("]: ")
        {
            return Some((warning, format!("{code} {name}")));
        }
    }
    let bare = line.ends_with("Error") || line.ends_with("Warning");
    let word = !line.is_empty() && line.chars().all(|c| c.is_ascii_alphanumeric());
    (bare && word).then(|| (line.ends_with("Warning"), line.to_owned()))
}

/// ` --> /folder/main.k:3:6`
fn arrow(line: &str) -> Option<RawPlace> {
    let place = line.trim_start().strip_prefix("--> ")?;
    let (rest, column) = place.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some(RawPlace {
        file: file.to_owned(),
        line: line.parse().ok()?,
        column: column.parse().ok()?,
        ..RawPlace::default()
    })
}

/// `3 | text` gives true and the text, `  | text` false and the text.
fn gutter(line: &str) -> Option<(bool, &str)> {
    let (margin, rest) = line.split_once('|')?;
    let number = margin.trim();
    if !number.chars().all(|c| c.is_ascii_digit()) || !margin.ends_with(' ') {
        return None;
    }
    Some((!number.is_empty(), rest.strip_prefix(' ').unwrap_or(rest)))
}

impl RawPlace {
    fn location(&self, names: &PathNames) -> Option<Location> {
        let known = !self.file.is_empty() && self.line > 0;
        known.then(|| Location {
            file: names.file(&self.file),
            line: self.line,
            column: self.column.max(1),
        })
    }

    fn message(&self, names: &PathNames) -> String {
        names.text(self.message.join("\n").trim_end())
    }
}

impl RawDiagnostic {
    fn finish(self, names: &PathNames, lines: &mut SourceLines) -> Diagnostic {
        let first = self.places.first();
        let location = first.and_then(|place| place.location(names));
        let loose = names.text(self.loose.join("\n").trim());
        let message = first.map_or(loose, |place| place.message(names));
        let message = match missing_module(&self.kind, &message) {
            Some(module) => format!("cannot find the module {module}"),
            None => message,
        };
        let source_line = location
            .as_ref()
            .and_then(|place| lines.line(&names.locate(&place.file)?, place.line))
            .or_else(|| first.and_then(|place| place.source_line.clone()));
        let notes = self.places.iter().skip(1).map(|place| Note {
            location: place.location(names),
            message: place.message(names),
        });
        Diagnostic {
            severity: if self.warning {
                Severity::Warning
            } else {
                Severity::Error
            },
            hint: hint(&self.kind, &message, &self.suggestions),
            notes: notes.collect(),
            kind: self.kind,
            message,
            location,
            source_line,
        }
    }
}

impl Diagnostic {
    /// A parse error as `ParseFile` gives it.
    pub(crate) fn from_parser(
        code: &str,
        message: &crate::spec::ParseMessage,
        names: &PathNames,
    ) -> Self {
        let position = message.position.clone().unwrap_or_default();
        let place = RawPlace {
            file: position.file,
            line: u64::try_from(position.line).unwrap_or_default(),
            column: u64::try_from(position.column).unwrap_or_default(),
            message: vec![message.text.clone()],
            source_line: None,
        };
        let raw = RawDiagnostic {
            kind: code.to_owned(),
            places: vec![place],
            ..RawDiagnostic::default()
        };
        raw.finish(names, &mut SourceLines::default())
    }
}

/// The module that an import error is about.
fn missing_module(kind: &str, message: &str) -> Option<String> {
    if !kind.ends_with("CannotFindModule") {
        return None;
    }
    let rest = [
        "pkgpath ",
        "Cannot find the module ",
        "cannot find the module ",
    ]
    .iter()
    .find_map(|start| message.strip_prefix(start))?;
    rest.split_whitespace().next().map(str::to_owned)
}

fn hint(kind: &str, message: &str, suggestions: &[String]) -> Option<String> {
    if let Some(module) = missing_module(kind, message) {
        let package = module
            .trim_start_matches('.')
            .split('.')
            .next()
            .unwrap_or_default();
        return Some(format!(
            "declare the library that holds package {package} in `deps` (or pass --package \
             {package}=FOLDER), or check the path of {module} below the root"
        ));
    }
    // KCL's other suggestions about packages are of no use here: it downloads nothing.
    let useful = suggestions
        .iter()
        .find(|text| !text.contains("kcl mod add"))?;
    (!useful.contains("artifacthub")).then(|| useful.clone())
}

/// `text` without terminal colours: some of KCL's parts ignore `NO_COLOR`.
fn strip_ansi(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("\u{1b}[") {
        plain.push_str(&rest[..start]);
        let sequence = &rest[start + 2..];
        let end = sequence.find(|c: char| ('@'..='~').contains(&c));
        rest = end.map_or("", |end| &sequence[end + 1..]);
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn names() -> PathNames {
        let mut names = PathNames::default();
        names.add("/nowhere/app".as_ref(), "");
        names.add("/nowhere/lib".as_ref(), "shared");
        names
    }

    fn at(file: &str, line: u64, column: u64) -> Option<Location> {
        Some(Location {
            file: file.into(),
            line,
            column,
        })
    }

    #[test]
    fn a_type_error_keeps_place_line_and_note() {
        let text = "\nerror[E2G22]: TypeError\n --> /nowhere/app/main.k:5:9\n  |\n\
            5 | a = A { x = \"1\" }\n  |         ^ expected int, got str(1)\n  |\n\n \
            --> /nowhere/lib/a.k:2:5\n  |\n2 |     x: int\n  |     ^ variable is defined here\n  |\n\n";
        let found = parse(text, &names());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, "E2G22 TypeError");
        assert_eq!(found[0].message, "expected int, got str(1)");
        assert_eq!(found[0].location, at("main.k", 5, 9));
        assert_eq!(found[0].source_line.as_deref(), Some("a = A { x = \"1\" }"));
        assert_eq!(found[0].notes[0].location, at("shared/a.k", 2, 5));
        assert_eq!(found[0].notes[0].message, "variable is defined here");
    }

    #[test]
    fn colours_are_gone_and_duplicates_count_once() {
        let one = "error[E1001]: InvalidSyntax\n \u{1b}[1;38;5;12m-->\u{1b}[0m /nowhere/app/s.k:3:6\n\
            \u{1b}[1;38;5;12m  |\u{1b}[0m\n\u{1b}[1;38;5;12m3 |\u{1b}[0m   c = \n\
            \u{1b}[1;38;5;12m  |\u{1b}[0m\u{1b}[1;38;5;9m      ^\u{1b}[0m \u{1b}[1;38;5;9munexpected\u{1b}[0m\n  |\n\n\n";
        let found = parse(&format!("{one}{one}"), &names());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "unexpected");
    }

    #[test]
    fn a_message_of_several_lines_stays_whole() {
        let text = "EvaluationError\n --> /nowhere/app/main.k:2:1\n  |\n2 | assert a\n  |  no\nway\nError\n  |\n\n";
        let found = parse(text, &names());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "no\nway\nError");
    }

    #[test]
    fn an_unknown_import_says_what_to_declare_and_hides_its_consequences() {
        let place = " --> /nowhere/app/i.k:1:1\n  |\n1 | import foo.bar\n  |";
        let text = format!(
            "error[E2F04]: CannotFindModule\n{place} ^ pkgpath foo.bar not found in the program\n  |\n\n\n\
             suggestion: try 'kcl mod add foo' to download the missing package\n\n\n\
             error[E2F04]: CannotFindModule\n{place} ^ Cannot find the module foo.bar from /nowhere/app/foo/bar\n  |\n\n\n\
             suggestion: try 'kcl mod add foo' to download the missing package\n\n\n\
             error[E2G22]: TypeError\n --> /nowhere/app/i.k:3:5\n  |\n3 | a = bar.X {{}}\n  |     ^ attribute 'X' not found in 'module 'foo.bar''\n  |\n\n"
        );
        let found = parse(&text, &names());
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].message, "cannot find the module foo.bar");
        assert!(
            found[0]
                .hint
                .as_deref()
                .is_some_and(|hint| hint.contains("--package foo=FOLDER"))
        );
    }

    #[test]
    fn a_text_without_layout_is_a_message() {
        let found = parse(
            "Cannot find the kcl file, please check the file path /nowhere/app/x.k",
            &names(),
        );
        assert_eq!(
            found[0].message,
            "Cannot find the kcl file, please check the file path x.k"
        );
        assert_eq!(found[0].location, None);
    }

    #[test]
    fn no_absolute_path_is_left() {
        let text = "EvaluationError\n --> /elsewhere/y.k:2:1\n  |\n2 | a\n  |  cannot read /nowhere/app/data/x\n  |\n\n";
        let shown = parse(text, &names())[0].to_string();
        assert!(
            !shown.contains("/nowhere") && !shown.contains("/elsewhere"),
            "{shown}"
        );
    }
}
