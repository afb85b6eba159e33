//! KCL's error texts as values.

use diagnostics::{Diagnostic, Place, Position};

use crate::paths::{PathNames, SourceLines};

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

/// An import that is not found makes every use of its names an error too, and
/// looks unused.
fn without_consequences(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let missing: Vec<&str> = found
        .iter()
        .filter_map(|diagnostic| diagnostic.message.strip_prefix(MISSING_MODULE))
        .collect();
    let consequences: Vec<[String; 2]> = missing
        .into_iter()
        .map(|module| {
            let name = module.rsplit('.').next().unwrap_or(module);
            [
                format!("not found in 'module '{module}''"),
                format!("Module '{name}' imported but unused"),
            ]
        })
        .collect();
    let follows = |diagnostic: &Diagnostic| {
        consequences
            .iter()
            .flatten()
            .any(|end| diagnostic.message.ends_with(end.as_str()))
    };
    found
        .into_iter()
        .filter(|diagnostic| !follows(diagnostic))
        .collect()
}

/// How our message about an import that is not found starts.
pub(crate) const MISSING_MODULE: &str = "cannot find the module ";

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
        let advice = ["suggestion: ", "note: "]
            .iter()
            .find_map(|word| line.strip_prefix(word));
        if let Some(suggestion) = advice.filter(|_| !self.in_message) {
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
    /// Where it is, and the text of that line.
    fn locate(
        &self,
        names: &PathNames,
        lines: &mut SourceLines,
    ) -> Option<(Place, Option<String>)> {
        let line = usize::try_from(self.line).ok().filter(|line| *line > 0)?;
        if self.file.is_empty() {
            return None;
        }
        let file = names.file(&self.file);
        let text = names.locate(&file).and_then(|path| lines.line(&path, line));
        let text = text.or_else(|| self.source_line.clone());
        let column = column(self.column, text.as_deref());
        Some((Place::at(file, Position::new(line, column)), text))
    }

    fn message(&self, names: &PathNames) -> String {
        names.text(self.message.join("\n").trim_end())
    }
}

fn writing_hint(message: &str) -> Option<String> {
    let denied = message.ends_with("Permission denied (os error 13)");
    denied.then(|| "a program only gives a result: it makes, changes and removes no files".into())
}

/// KCL says 1 where it knows only the line: point to its first word then.
fn column(reported: u64, line: Option<&str>) -> usize {
    let column = usize::try_from(reported).unwrap_or(1).max(1);
    let blank = line.map_or(0, |line| {
        line.chars().take_while(|c| c.is_whitespace()).count()
    });
    if column == 1 { blank + 1 } else { column }
}

impl RawDiagnostic {
    fn finish(self, names: &PathNames, lines: &mut SourceLines) -> Diagnostic {
        let loose = names.text(self.loose.join("\n").trim());
        let message = self
            .places
            .first()
            .map_or(loose, |place| place.message(names));
        let module = missing_module(&self.kind, &message);
        let message = match &module {
            Some(module) => format!("{MISSING_MODULE}{module}"),
            None => self.in_plain_words(message, names),
        };
        let hint = module.map(|module| package_hint(&module));
        let hint = hint.or_else(|| writing_hint(&message));
        let message = message + &self.notes(names, lines);
        let mut diagnostic = if self.warning {
            Diagnostic::warning(message)
        } else {
            Diagnostic::error(message)
        };
        let first = self
            .places
            .first()
            .and_then(|place| place.locate(names, lines));
        if let Some((place, line)) = first {
            diagnostic.place = Some(place);
            diagnostic.offending_line = line;
        }
        diagnostic.hint = hint.or_else(|| useful(self.suggestions));
        diagnostic
    }

    /// What the schema's author or the failing function said comes first.
    fn in_plain_words(&self, message: String, names: &PathNames) -> String {
        if message == "Instance check failed"
            && let [_, check, ..] = self.places.as_slice()
        {
            return check.message(names).replacen(CHECK, "check failed", 1);
        }
        // KCL passes panics of its Rust parts on as they are.
        match message.strip_prefix("called `Result::unwrap()` on an `Err` value: ") {
            Some(reason) => format!("KCL cannot evaluate this: {reason}"),
            None => message,
        }
    }

    /// The places after the first, a line each.
    fn notes(&self, names: &PathNames, lines: &mut SourceLines) -> String {
        let mut notes = String::new();
        for place in self.places.iter().skip(1) {
            let note = place.message(names);
            let note = if note.starts_with(CHECK) {
                "the check"
            } else {
                &note
            };
            match place.locate(names, lines) {
                Some((place, _)) => notes.push_str(&format!("\n{place}: {note}")),
                None => notes.push_str(&format!("\n{note}")),
            }
        }
        notes
    }
}

/// How KCL's message about a failed `check:` starts.
const CHECK: &str = "Check failed on the condition";

/// A parse error as `ParseFile` gives it.
pub(crate) fn from_parser(message: &crate::spec::ParseMessage, names: &PathNames) -> Diagnostic {
    let position = message.position.clone().unwrap_or_default();
    let place = RawPlace {
        file: position.file,
        line: u64::try_from(position.line).unwrap_or_default(),
        column: u64::try_from(position.column).unwrap_or_default(),
        message: vec![message.text.clone()],
        source_line: None,
    };
    let raw = RawDiagnostic {
        places: vec![place],
        ..RawDiagnostic::default()
    };
    raw.finish(names, &mut SourceLines::default())
}

/// The module that KCL's import error is about.
fn missing_module(kind: &str, message: &str) -> Option<String> {
    if !kind.ends_with("CannotFindModule") {
        return None;
    }
    let starts = ["pkgpath ", "Cannot find the module "];
    let rest = starts
        .iter()
        .find_map(|start| message.strip_prefix(start))?;
    rest.split_whitespace().next().map(str::to_owned)
}

fn package_hint(module: &str) -> String {
    let package = module
        .trim_start_matches('.')
        .split('.')
        .next()
        .unwrap_or_default();
    format!(
        "declare the library that holds package {package} in `deps` (or pass --package \
         {package}=FOLDER), or check the path of {module} below the root"
    )
}

/// KCL's suggestions, but for those to download something: nothing downloads here.
fn useful(suggestions: Vec<String>) -> Option<String> {
    let downloads = |text: &String| text.contains("kcl mod add") || text.contains("artifacthub");
    suggestions.into_iter().find(|text| !downloads(text))
}

/// `text` without terminal colours: some of KCL's parts ignore `NO_COLOR`.
pub(crate) fn strip_ansi(text: &str) -> String {
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

    fn at(file: &str, line: usize, column: usize) -> Option<Place> {
        Some(Place::at(file, Position::new(line, column)))
    }

    #[test]
    fn a_type_error_keeps_place_line_and_note() {
        let text = "\nerror[E2G22]: TypeError\n --> /nowhere/app/main.k:5:9\n  |\n\
            5 | a = A { x = \"1\" }\n  |         ^ expected int, got str(1)\n  |\n\n \
            --> /nowhere/lib/a.k:2:5\n  |\n2 |     x: int\n  |     ^ variable is defined here\n  |\n\n";
        let found = parse(text, &names());
        assert_eq!(found.len(), 1);
        let message = "expected int, got str(1)
shared/a.k:2:5: variable is defined here";
        assert_eq!(found[0].message, message);
        assert_eq!(found[0].place, at("main.k", 5, 9));
        assert_eq!(
            found[0].offending_line.as_deref(),
            Some("a = A { x = \"1\" }")
        );
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
        assert_eq!(found[0].place, None);
    }

    #[test]
    fn no_absolute_path_is_left() {
        let text = "EvaluationError\n --> /elsewhere/y.k:2:1\n  |\n2 | a\n  |  cannot read /nowhere/app/data/x\n  |\n\n";
        let shown = diagnostics::render_text(&parse(text, &names())[0]);
        assert!(
            !shown.contains("/nowhere") && !shown.contains("/elsewhere"),
            "{shown}"
        );
    }
}
