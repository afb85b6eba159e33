//! What can be broken where, and the printer that breaks no more than it must.
//!
//! The printer is the one of Oppen and Wadler: a group is printed on one line
//! if it fits, else each of its own breaks becomes a line end.

use super::tree::{Brackets, Kind, Tree};
use super::{WIDTH, width};

/// The longest part of a text literal that is broken.
const PART: usize = 120;

/// Something to print.
#[derive(Debug)]
pub enum Doc {
    /// As it is.
    Text(String),
    /// A line end in a group that is broken, or else this.
    Break(&'static str),
    /// One after the other.
    List(Vec<Doc>),
    /// Broken as a whole or not at all.
    Group(Box<Doc>),
    /// Four more columns for the lines that begin inside.
    Indent(Box<Doc>),
    /// Only in a group that is broken.
    IfBroken(Box<Doc>),
    /// Only in a group that is not.
    IfFlat(String),
}

impl Doc {
    /// As it is.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// One after the other.
    pub fn list(docs: impl IntoIterator<Item = Self>) -> Self {
        Self::List(docs.into_iter().collect())
    }

    fn group(docs: impl IntoIterator<Item = Self>) -> Self {
        Self::Group(Box::new(Self::list(docs)))
    }
}

/// Brackets around something, which are broken with it.
pub fn in_brackets(inside: Doc) -> Doc {
    bracketed("(", inside, ")")
}

fn bracketed(open: &str, inside: Doc, close: &str) -> Doc {
    Doc::group([
        Doc::text(open),
        Doc::Indent(Box::new(Doc::list([Doc::Break(""), inside]))),
        Doc::Break(""),
        Doc::text(close),
    ])
}

/// An expression; what has operators can be broken if it stands in brackets.
pub fn of(tree: &Tree<'_>, in_brackets: bool) -> Doc {
    match tree {
        Tree::Atom(text) | Tree::Text(text) => Doc::text(text),
        Tree::Chain(parts) | Tree::Prefixed(parts) => {
            Doc::list(parts.iter().map(|part| of(part, in_brackets)))
        }
        Tree::Brackets(brackets) => of_brackets(brackets),
        Tree::Not(value) => Doc::list([Doc::text("not "), of(value, in_brackets)]),
        Tree::Binary { first, rest } => {
            let mut docs = vec![of(first, in_brackets)];
            for (sign, value) in rest {
                docs.extend([
                    space(in_brackets),
                    Doc::text(sign),
                    Doc::text(" "),
                    of(value, in_brackets),
                ]);
            }
            Doc::group(docs)
        }
        Tree::Choice(_) => {
            let mut docs = Vec::new();
            choice(tree, in_brackets, &mut docs);
            Doc::group(docs)
        }
        Tree::Loop { element, clauses } => {
            let mut docs = vec![Doc::group([of(element, true)])];
            for (start, value) in clauses {
                docs.extend([Doc::Break(" "), Doc::text(start), of(value, true)]);
            }
            Doc::group(docs)
        }
    }
}

/// A choice between choices is broken with them.
fn choice(tree: &Tree<'_>, in_brackets: bool, docs: &mut Vec<Doc>) {
    let Tree::Choice([then, condition, otherwise]) = tree else {
        docs.push(of(tree, in_brackets));
        return;
    };
    docs.extend([
        of(then, in_brackets),
        space(in_brackets),
        Doc::text("if "),
        of(condition, in_brackets),
    ]);
    docs.extend([space(in_brackets), Doc::text("else ")]);
    choice(otherwise, in_brackets, docs);
}

fn space(in_brackets: bool) -> Doc {
    if in_brackets {
        Doc::Break(" ")
    } else {
        Doc::text(" ")
    }
}

fn of_brackets(brackets: &Brackets<'_>) -> Doc {
    let Brackets {
        kind,
        open,
        items,
        close,
    } = brackets;
    let inside = match items.as_slice() {
        [] => return Doc::Text(format!("{open}{close}")),
        [only] if is_alone(*kind, only) => item(only, *kind),
        several => match kind {
            Kind::Call | Kind::Index => Doc::group([listed(several, *kind)]),
            Kind::Display | Kind::Tuple | Kind::Group => listed(several, *kind),
        },
    };
    bracketed(open, inside, close)
}

/// Whether no comma may follow the only thing in brackets.
fn is_alone(kind: Kind, only: &Tree<'_>) -> bool {
    matches!(kind, Kind::Index | Kind::Group) || matches!(only, Tree::Loop { .. })
}

fn listed(items: &[Tree<'_>], kind: Kind) -> Doc {
    let mut docs = Vec::new();
    for (index, one) in items.iter().enumerate() {
        if index > 0 {
            docs.extend([Doc::text(","), Doc::Break(" ")]);
        }
        docs.push(item(one, kind));
    }
    let comma = Doc::text(",");
    let is_tuple_of_one = kind == Kind::Tuple && items.len() == 1;
    docs.push(match is_tuple_of_one {
        true => comma,
        false => Doc::IfBroken(Box::new(comma)),
    });
    Doc::list(docs)
}

fn item(tree: &Tree<'_>, kind: Kind) -> Doc {
    match tree {
        Tree::Text(text) if kind != Kind::Group && width(text) > PART => parts(text),
        _ => of(tree, true),
    }
}

/// A text literal, which can be broken into several.
pub fn parts(text: &str) -> Doc {
    let start = text.find(['"', '\'']).unwrap_or(0);
    let (prefix, quote) = (&text[..start], &text[start..=start]);
    let mut docs = vec![];
    for part in cut(&text[start + 1..text.len() - 1], prefix.contains('r')) {
        if !docs.is_empty() {
            docs.push(Doc::Break(""));
        }
        docs.push(Doc::Text(format!("{prefix}{quote}{part}{quote}")));
    }
    let broken = Doc::IfBroken(Box::new(Doc::list(docs)));
    Doc::group([Doc::IfFlat(text.to_owned()), broken])
}

/// What is between the quotes, in parts that end where a word does.
fn cut(text: &str, is_raw: bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut good) = (0, 0);
    let mut columns = 0;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if columns >= PART {
            let end = if good > start { good } else { at };
            parts.push(&text[start..end]);
            (start, columns) = (end, width(&text[end..at]));
        }
        columns += width(c.encode_utf8(&mut [0; 4]));
        if c == '\\' {
            // What is escaped stays with what escapes it.
            columns += escaped(&mut chars, is_raw);
        }
        if c == ' ' {
            good = at + 1;
        }
    }
    parts.push(&text[start..]);
    parts
}

fn escaped(chars: &mut std::str::CharIndices<'_>, is_raw: bool) -> usize {
    let count = match chars.next() {
        Some((_, 'u')) if !is_raw => 4,
        Some((_, 'x')) if !is_raw => 2,
        _ => 0,
    };
    1 + chars.by_ref().take(count).count()
}

/// The text of a document, with the line end.
pub fn print(doc: &Doc, indent: usize) -> String {
    let mut printer = Printer {
        out: " ".repeat(indent),
        column: indent,
        stack: vec![Step {
            doc,
            indent,
            is_flat: false,
        }],
    };
    while let Some(step) = printer.stack.pop() {
        printer.step(step);
    }
    printer.out.push('\n');
    printer.out
}

#[derive(Debug, Clone, Copy)]
struct Step<'d> {
    doc: &'d Doc,
    indent: usize,
    is_flat: bool,
}

struct Printer<'d> {
    out: String,
    column: usize,
    stack: Vec<Step<'d>>,
}

impl<'d> Printer<'d> {
    fn step(&mut self, step: Step<'d>) {
        let Step {
            doc,
            indent,
            is_flat,
        } = step;
        match doc {
            Doc::Text(text) => self.text(text),
            Doc::IfFlat(text) if is_flat => self.text(text),
            Doc::Break(text) if is_flat => self.text(text),
            Doc::Break(_) => {
                self.out.push('\n');
                self.out.push_str(&" ".repeat(indent));
                self.column = indent;
            }
            Doc::List(docs) => {
                let steps = docs.iter().rev().map(|doc| Step { doc, ..step });
                self.stack.extend(steps);
            }
            Doc::Indent(inner) => self.stack.push(Step {
                doc: inner,
                indent: indent + 4,
                is_flat,
            }),
            Doc::Group(inner) => {
                let flat = Step {
                    doc: inner,
                    indent,
                    is_flat: true,
                };
                let is_flat = is_flat || self.fits(flat);
                self.stack.push(Step { is_flat, ..flat });
            }
            Doc::IfBroken(inner) if !is_flat => self.stack.push(Step { doc: inner, ..step }),
            Doc::IfFlat(_) | Doc::IfBroken(_) => {}
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += width(text);
    }

    /// Whether what comes, up to the next line end, has its place on this line.
    fn fits(&self, next: Step<'d>) -> bool {
        let mut left = WIDTH.saturating_sub(self.column);
        let mut stack = vec![next];
        let mut below = self.stack.iter().rev();
        while let Some(step) = stack.pop().or_else(|| below.next().copied()) {
            let text = match step.doc {
                Doc::Text(text) => text.as_str(),
                Doc::IfFlat(text) if step.is_flat => text,
                Doc::Break(text) if step.is_flat => text,
                Doc::Break(_) => return true,
                Doc::List(docs) => {
                    stack.extend(docs.iter().rev().map(|doc| Step { doc, ..step }));
                    continue;
                }
                // Groups after this one may still be broken.
                Doc::Group(inner) | Doc::Indent(inner) => {
                    stack.push(Step { doc: inner, ..step });
                    continue;
                }
                Doc::IfBroken(inner) if !step.is_flat => {
                    stack.push(Step { doc: inner, ..step });
                    continue;
                }
                Doc::IfFlat(_) | Doc::IfBroken(_) => continue,
            };
            match left.checked_sub(width(text)) {
                Some(rest) => left = rest,
                None => return false,
            }
        }
        true
    }
}
