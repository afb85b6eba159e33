//! Reads an expression where it can be broken.

/// An expression.
#[derive(Debug)]
pub enum Tree<'t> {
    /// What has no parts.
    Atom(&'t str),
    /// A text literal.
    Text(&'t str),
    /// What stands side by side: `a.b`, and the brackets after it.
    Chain(Vec<Tree<'t>>),
    /// `(a, b)`.
    Brackets(Brackets<'t>),
    /// Operators of one rank.
    Binary {
        /// The first value.
        first: Box<Tree<'t>>,
        /// Each operator with the value after it.
        rest: Vec<(&'t str, Tree<'t>)>,
    },
    /// `not a`.
    Not(Box<Tree<'t>>),
    /// `then if condition else otherwise`.
    Choice([Box<Tree<'t>>; 3]),
    /// Something before a value that belongs to it: `-a`, `name=a`, `key: a`, `lambda x: a`.
    Prefixed(Vec<Tree<'t>>),
    /// `element for x in values if condition`.
    Loop {
        /// What comes out.
        element: Box<Tree<'t>>,
        /// `for x in `, `if `, each with what follows.
        clauses: Vec<(&'t str, Tree<'t>)>,
    },
}

/// Brackets with what is in them.
#[derive(Debug)]
pub struct Brackets<'t> {
    /// What they are.
    pub kind: Kind,
    /// `(`.
    pub open: &'t str,
    /// What is between the commas.
    pub items: Vec<Tree<'t>>,
    /// `)`.
    pub close: &'t str,
}

/// What brackets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of a call or a definition.
    Call,
    /// `a[b]`.
    Index,
    /// A list, a map, a set.
    Display,
    /// Values with a comma after each.
    Tuple,
    /// Around one value.
    Group,
}

impl Tree<'_> {
    /// Whether it is broken inside of its own brackets, never put in others.
    pub fn has_brackets(&self) -> bool {
        match self {
            Self::Brackets(_) => true,
            Self::Chain(parts) => parts.iter().any(|part| matches!(part, Self::Brackets(_))),
            Self::Prefixed(parts) => parts.iter().any(Self::has_brackets),
            _ => false,
        }
    }

    /// Whether an expression with operators can be broken inside of the
    /// brackets that it begins or ends with: only if it has one operator.
    pub fn breaks_inside(&self) -> bool {
        match self {
            Self::Binary { rest, .. } => {
                rest.len() == 1 && (self.starts_with_brackets() || self.ends_in_brackets())
            }
            Self::Not(value) => value.breaks_inside() && value.ends_in_brackets(),
            Self::Choice(_) | Self::Loop { .. } | Self::Text(_) | Self::Atom(_) => false,
            _ => self.ends_in_brackets(),
        }
    }

    fn starts_with_brackets(&self) -> bool {
        match self {
            Self::Binary { first, .. } => first.starts_with_brackets(),
            Self::Brackets(brackets) => !brackets.items.is_empty(),
            _ => false,
        }
    }

    fn ends_in_brackets(&self) -> bool {
        match self {
            Self::Brackets(brackets) => !brackets.items.is_empty(),
            Self::Chain(parts) | Self::Prefixed(parts) => {
                parts.last().is_some_and(Self::ends_in_brackets)
            }
            Self::Binary { rest, .. } => {
                rest.last().is_some_and(|(_, last)| last.ends_in_brackets())
            }
            Self::Not(value) => value.ends_in_brackets(),
            _ => false,
        }
    }
}

/// A whole expression.
pub fn parse(text: &str) -> Option<Tree<'_>> {
    let mut reader = Reader { text, at: 0 };
    let tree = reader.expression()?;
    (reader.at == text.len()).then_some(tree)
}

/// The name or names before `: ` or ` = `, and what follows.
pub fn target(text: &str) -> Option<(&str, &str)> {
    let end = text.find(": ").into_iter().chain(text.find(" = ")).min()?;
    Some(text.split_at(end))
}

/// The expression that a text begins with, and the rest.
pub fn annotation(text: &str) -> Option<(Tree<'_>, &str)> {
    let mut reader = Reader { text, at: 0 };
    let tree = reader.expression()?;
    Some((tree, &text[reader.at..]))
}

/// The brackets of a definition, and the rest.
pub fn brackets(text: &str) -> Option<(Tree<'_>, &str)> {
    let mut reader = Reader { text, at: 0 };
    let tree = reader.brackets(Kind::Call)?;
    Some((tree, &text[reader.at..]))
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

const COMPARISONS: [&str; 10] = [
    " == ", " != ", " <= ", " >= ", " < ", " > ", " in ", " not in ", " is not ", " is ",
];
/// Operators by rank, `or` and `and` aside.
const RANKS: [&[&str]; 4] = [
    &COMPARISONS,
    &[" | "],
    &[" + ", " - "],
    &[" // ", " * ", " / ", " % "],
];

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn take(&mut self, expected: &str) -> Option<&'t str> {
        let found = self.rest().get(..expected.len())?;
        (found == expected).then(|| {
            self.at += expected.len();
            found
        })
    }

    fn take_any(&mut self, expected: &[&str]) -> Option<&'t str> {
        expected.iter().find_map(|expected| self.take(expected))
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn expression(&mut self) -> Option<Tree<'t>> {
        if let Some(header) = self.lambda() {
            let body = self.expression()?;
            return Some(Tree::Prefixed(vec![Tree::Atom(header), body]));
        }
        let then = self.any()?;
        if self.take(" if ").is_none() {
            return Some(then);
        }
        let condition = self.any()?;
        self.take(" else ")?;
        let otherwise = self.expression()?;
        Some(Tree::Choice([then, condition, otherwise].map(Box::new)))
    }

    fn lambda(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let end = rest.starts_with("lambda").then(|| rest.find(": "))??;
        self.at += end + 2;
        Some(&rest[..end + 2])
    }

    /// `and` and `or` are broken as if they were of one rank.
    fn any(&mut self) -> Option<Tree<'t>> {
        let first = self.negation()?;
        let mut rest = Vec::new();
        while let Some(sign) = self.take_any(&[" or ", " and "]) {
            rest.push((sign.trim(), self.negation()?));
        }
        Some(binary(first, rest))
    }

    fn negation(&mut self) -> Option<Tree<'t>> {
        if self.take("not ").is_some() {
            return Some(Tree::Not(Box::new(self.negation()?)));
        }
        self.ranked(&RANKS)
    }

    fn ranked(&mut self, ranks: &[&[&str]]) -> Option<Tree<'t>> {
        let Some((signs, tighter)) = ranks.split_first() else {
            return self.unary();
        };
        let first = self.ranked(tighter)?;
        let mut rest = Vec::new();
        while let Some(sign) = self.take_any(signs) {
            rest.push((sign.trim(), self.ranked(tighter)?));
        }
        Some(binary(first, rest))
    }

    fn unary(&mut self) -> Option<Tree<'t>> {
        match self.take_any(&["-", "**", "*"]) {
            // Also what stands for itself in the arguments of a definition.
            Some(sign) if self.rest().starts_with([',', ')']) => Some(Tree::Atom(sign)),
            Some(sign) => Some(Tree::Prefixed(vec![Tree::Atom(sign), self.unary()?])),
            None => self.chain(),
        }
    }

    fn chain(&mut self) -> Option<Tree<'t>> {
        let mut parts = vec![self.atom()?];
        loop {
            let rest = self.rest();
            if rest.starts_with('(') {
                parts.push(self.brackets(Kind::Call)?);
            } else if rest.starts_with('[') {
                parts.push(self.brackets(Kind::Index)?);
            } else if rest.starts_with('.') {
                parts.push(Tree::Atom(self.take_while(is_name)));
            } else {
                break;
            }
        }
        match parts.len() {
            1 => parts.pop(),
            _ => Some(Tree::Chain(parts)),
        }
    }

    fn atom(&mut self) -> Option<Tree<'t>> {
        let rest = self.rest();
        if let Some(end) = end_of_text(rest) {
            self.at += end;
            return Some(Tree::Text(&rest[..end]));
        }
        match rest.chars().next()? {
            '(' | '[' | '{' => self.brackets(Kind::Display),
            '/' => self.take("/").map(Tree::Atom),
            _ => {
                self.take_while(is_name);
                if self.text[..self.at].ends_with('e')
                    && rest.starts_with(|c: char| c.is_ascii_digit())
                {
                    // `1e-07`
                    self.take_any(&["-", "+"]);
                    self.take_while(is_name);
                }
                let end = rest.len() - self.rest().len();
                (end > 0).then_some(Tree::Atom(&rest[..end]))
            }
        }
    }

    fn brackets(&mut self, kind: Kind) -> Option<Tree<'t>> {
        let open = self.take_any(&["(", "[", "{"])?;
        let mut items = Vec::new();
        let mut is_tuple = false;
        loop {
            if let Some(close) = self.take_any(&[")", "]", "}"]) {
                let kind = match (kind, open) {
                    (Kind::Display, "(") if items.len() == 1 && !is_tuple => Kind::Group,
                    (Kind::Display, "(") => Kind::Tuple,
                    _ => kind,
                };
                return Some(Tree::Brackets(Brackets {
                    kind,
                    open,
                    items,
                    close,
                }));
            }
            items.push(self.item()?);
            is_tuple = self.take(",").is_some();
            self.take(" ");
        }
    }

    /// What is between two commas: a value, perhaps with a key or a loop.
    fn item(&mut self) -> Option<Tree<'t>> {
        let mut parts = vec![self.expression()?];
        while let Some(sign) = self.take_any(&[": ", " = ", "=", ":"]) {
            parts.push(Tree::Atom(sign));
            if !self.rest().starts_with([']', ')']) {
                parts.push(self.expression()?);
            }
        }
        let element = match parts.len() {
            1 => parts.pop()?,
            _ => Tree::Prefixed(parts),
        };
        let mut clauses = Vec::new();
        loop {
            let rest = self.rest();
            let end = if rest.starts_with(" for ") {
                rest.find(" in ")? + " in ".len()
            } else if rest.starts_with(" if ") && !clauses.is_empty() {
                " if ".len()
            } else {
                break;
            };
            self.at += end;
            clauses.push((&rest[1..end], self.any()?));
        }
        Some(match clauses.is_empty() {
            true => element,
            false => Tree::Loop {
                element: Box::new(element),
                clauses,
            },
        })
    }
}

fn binary<'t>(first: Tree<'t>, rest: Vec<(&'t str, Tree<'t>)>) -> Tree<'t> {
    if rest.is_empty() {
        first
    } else {
        Tree::Binary {
            first: Box::new(first),
            rest,
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.' || !c.is_ascii()
}

/// Where a text literal ends that begins here.
fn end_of_text(text: &str) -> Option<usize> {
    let prefix = text.find(|c: char| !matches!(c, 'r' | 'b' | 'R' | 'B'))?;
    let quote = text[prefix..]
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\''))?;
    let mut chars = text.char_indices().skip(prefix + 1);
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == quote {
            return Some(at + 1);
        }
    }
    None
}
