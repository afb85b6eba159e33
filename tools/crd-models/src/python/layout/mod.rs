//! Code as ruff lays it out: what is too long for a line is broken inside of its
//! brackets, or put in brackets where it has none.
//!
//! Statements are written on one line first; [`tree`] reads one that is too
//! long, [`document`] says where it can be broken, and breaks it. Source of the
//! rules: the Black code style, and ruff's formatter, which follows it.

mod document;
mod tree;

use super::plan::Kind;
use document::Doc;
use std::borrow::Cow;
use std::fmt::Write;
use tree::Tree;

/// The longest line, as in the repository's `ruff.toml`.
pub const WIDTH: usize = 150;

/// A statement, indented, with its line end.
pub fn statement(text: &str, indent: usize) -> String {
    if indent + width(text) <= WIDTH {
        return format!("{:indent$}{text}\n", "");
    }
    broken(text, indent).unwrap_or_else(|| format!("{:indent$}{text}\n", ""))
}

/// The columns of a text: letters of East Asia take two.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let is_wide = |c: char| {
        matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}')
            || matches!(c, '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1f64f}' | '\u{20000}'..='\u{3fffd}')
    };
    text.chars().map(|c| 1 + usize::from(is_wide(c))).sum()
}

/// A statement that is too long for a line; none if it has another form than those that are printed here.
fn broken(text: &str, indent: usize) -> Option<String> {
    if let Some(value) = text.strip_prefix("return ") {
        return assigned("return ", value, indent);
    }
    if let Some(names) = text.strip_prefix("from ") {
        let (module, names) = names.split_once(" import ")?;
        return Some(import(module, names, indent));
    }
    if let Some(header) = text.strip_prefix("class ").or(text.strip_prefix("def ")) {
        return function(text, header, indent);
    }
    let (target, rest) = tree::target(text)?;
    match rest.strip_prefix(": ") {
        Some(annotated) => annotation(target, annotated, indent),
        None => assigned(&format!("{target} = "), rest.strip_prefix(" = ")?, indent),
    }
}

/// `from a import b`: isort puts what it imports in brackets, each name on its line.
fn import(module: &str, names: &str, indent: usize) -> String {
    let mut out = format!("{:indent$}from {module} import (\n", "");
    for name in names.split(", ") {
        let _ = writeln!(out, "{:indent$}    {name},", "");
    }
    let _ = writeln!(out, "{:indent$})", "");
    out
}

/// `def f(…) -> …: ...` and `class C(…):` are broken at their arguments.
fn function(text: &str, header: &str, indent: usize) -> Option<String> {
    let start = text.len() - header.len() + header.find('(')?;
    let (arguments, rest) = tree::brackets(&text[start..])?;
    let doc = Doc::list([
        Doc::text(&text[..start]),
        document::of(&arguments, true),
        Doc::text(rest),
    ]);
    Some(document::print(&doc, indent))
}

/// A value after `return` or `x =`.
fn assigned(before: &str, value: &str, indent: usize) -> Option<String> {
    Some(value_between(before, &tree::parse(value)?, "", indent))
}

/// A value on lines of its own: broken inside of its own brackets, or else put in brackets.
fn value_between(before: &str, value: &Tree<'_>, after: &str, indent: usize) -> String {
    let print = |doc| {
        document::print(
            &Doc::list([Doc::text(before), doc, Doc::text(after)]),
            indent,
        )
    };
    let inline = print(document::of(value, false));
    if value.has_brackets() || (value.breaks_inside() && fits(&inline)) {
        return inline;
    }
    let in_brackets = print(document::in_brackets(document::of(value, true)));
    let is_atom = matches!(value, Tree::Atom(_) | Tree::Chain(_));
    if is_atom && !fits(&in_brackets) {
        inline
    } else {
        in_brackets
    }
}

/// `x: annotation = value`: the value is broken first, if what is before it has its place on a line.
fn annotation(target: &str, text: &str, indent: usize) -> Option<String> {
    let (annotation, rest) = tree::annotation(text)?;
    let value = rest.strip_prefix(" = ");
    if let Some(value) = value.filter(|value| !stays_on_its_line(value)) {
        let flat = format!("{target}: {} = ", &text[..text.len() - rest.len()]);
        let right = assigned(&flat, value, indent)?;
        if fits(&right) {
            return Some(right);
        }
    }
    Some(value_between(
        &format!("{target}: "),
        &annotation,
        rest,
        indent,
    ))
}

/// What ruff puts in no brackets of its own.
fn stays_on_its_line(value: &str) -> bool {
    value == "..." || value.starts_with('-')
}

/// What pyright finds in CEL, whose types are known when the models are made:
/// what may be None has been asked already, in the same expression.
const OF_RULES: &str = "# pyright: reportArgumentType=false, reportOperatorIssue=false, reportOptionalMemberAccess=false\n\
    # pyright: reportOptionalOperand=false, reportOptionalSubscript=false, reportReturnType=false, reportUnknownArgumentType=false\n\
    # pyright: reportUnknownVariableType=false, reportUnnecessaryComparison=false, reportUnnecessaryIsInstance=false, reportUnusedVariable=false\n\n";

/// The rules of ruff and pyright that a module cannot keep, as comments that say
/// so: its names are those of the API, its functions those of the CRD.
pub fn exceptions(kind: &Kind<'_>, text: &str) -> String {
    let is_ambiguous = |name: &str| matches!(name, "I" | "O" | "l");
    let classes = &kind.classes;
    let has_field = classes
        .iter()
        .flat_map(|class| &class.fields)
        .any(|field| is_ambiguous(&field.name));
    let mut codes = Vec::new();
    if !fits(text) {
        codes.push("E501");
    }
    if has_field {
        codes.extend(["E741", "E743"]);
    }
    if classes.iter().any(|class| is_ambiguous(&class.name)) {
        codes.push("E742");
    }
    let mut comments = String::new();
    if !codes.is_empty() {
        comments = format!("# ruff: noqa: {}\n\n", codes.join(", "));
    }
    if text.contains("def _rule") {
        comments.push_str(OF_RULES);
    }
    comments
}

fn fits(text: &str) -> bool {
    text.lines().all(|line| width(line) <= WIDTH)
}

/// The lines of a text, none longer than it may be if it can be broken between words.
pub fn wrapped(text: &str, indent: usize) -> Vec<Cow<'_, str>> {
    text.lines()
        .flat_map(|line| wrap(line, WIDTH - indent))
        .collect()
}

/// One line as several; what follows the first is indented as it is.
fn wrap(line: &str, most: usize) -> Vec<Cow<'_, str>> {
    let line = line.trim_end();
    if width(line) <= most {
        return vec![Cow::Borrowed(line)];
    }
    let margin = &line[..line.len() - line.trim_start().len()];
    let mut lines: Vec<String> = Vec::new();
    for word in line.split(' ') {
        match lines.last_mut() {
            Some(last) if width(last) + 1 + width(word) <= most || last.trim().is_empty() => {
                last.push(' ');
                last.push_str(word);
            }
            Some(_) => lines.push(format!("{margin}{word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines
        .into_iter()
        .map(|line| Cow::Owned(line.trim_end().to_owned()))
        .collect()
}
