//! The text of a query: `deps(//a:b, 1) - kind("test", //...)`.
//!
//! The grammar is Buck2's (`app/buck2_query_parser/src/lib.rs`): binary operators have one
//! precedence and bind to the left.

/// An expression and where it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// What it says.
    pub kind: Kind,
    /// Byte offsets of its first and after its last character.
    pub span: (usize, usize),
}

/// What an expression says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A pattern, a regular expression, a name: what it is depends on who reads it.
    Word(String),
    /// A number.
    Integer(u32),
    /// `name(…)`
    Call(String, Vec<Expression>),
    /// `set(a b)`
    Set(Vec<String>),
    /// `a + b - c`
    Sequence(Box<Expression>, Vec<(Operator, Expression)>),
}

/// What joins two sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`, `union`
    Union,
    /// `-`, `except`
    Except,
    /// `^`, `intersect`
    Intersect,
}

/// Why a text is no query, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Byte offset into the text.
    pub at: usize,
    /// What was expected there.
    pub expected: &'static str,
}

type Parsed<T> = Result<T, SyntaxError>;

/// Reads a query.
pub fn parse(text: &str) -> Parsed<Expression> {
    let mut parser = Parser { text, at: 0 };
    let expression = parser.expression()?;
    match parser.rest() {
        "" => Ok(expression),
        _ => parser.fail("an operator (`+`, `-`, `^`, `union`, `except`, `intersect`) or the end"),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn fail<T>(&self, expected: &'static str) -> Parsed<T> {
        Err(SyntaxError {
            at: self.at,
            expected,
        })
    }

    fn spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Steps over `token` if it comes next.
    fn take(&mut self, token: &str) -> bool {
        let comes = self.rest().starts_with(token);
        if comes {
            self.at += token.len();
        }
        comes
    }

    fn while_in(&mut self, allowed: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !allowed(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn expression(&mut self) -> Parsed<Expression> {
        self.spaces();
        let start = self.at;
        let first = self.single()?;
        let mut others = Vec::new();
        while let Some(operator) = self.operator() {
            others.push((operator, self.single()?));
        }
        let span = (start, self.at);
        self.spaces();
        Ok(match others.is_empty() {
            true => first,
            false => Expression {
                kind: Kind::Sequence(Box::new(first), others),
                span,
            },
        })
    }

    /// An operator and the spaces around it; a word needs a space on both sides.
    fn operator(&mut self) -> Option<Operator> {
        let before = self.at;
        self.spaces();
        let spaced = self.at > before;
        for (symbol, word, operator) in [
            ("^", "intersect", Operator::Intersect),
            ("-", "except", Operator::Except),
            ("+", "union", Operator::Union),
        ] {
            let word_fits = self
                .rest()
                .strip_prefix(word)
                .is_some_and(|rest| rest.starts_with(char::is_whitespace));
            if self.take(symbol) || (spaced && word_fits && self.take(word)) {
                self.spaces();
                return Some(operator);
            }
        }
        self.at = before;
        None
    }

    fn single(&mut self) -> Parsed<Expression> {
        let start = self.at;
        let kind = if self.take("(") {
            let inner = self.expression()?;
            if !self.take(")") {
                return self.fail("`)`");
            }
            return Ok(inner);
        } else if self.rest().starts_with("set(") {
            self.at += "set(".len();
            Kind::Set(self.words()?)
        } else if let Some(name) = self.function_name() {
            Kind::Call(name, self.arguments()?)
        } else if let Some(quote) = ['\'', '"']
            .into_iter()
            .find(|quote| self.rest().starts_with(*quote))
        {
            Kind::Word(self.quoted(quote)?)
        } else {
            self.bare()?
        };
        Ok(Expression {
            kind,
            span: (start, self.at),
        })
    }

    /// A name with a `(` after it.
    fn function_name(&mut self) -> Option<String> {
        let before = self.at;
        let name = self.while_in(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if is_name && self.take("(") {
            return Some(name.to_owned());
        }
        self.at = before;
        None
    }

    fn arguments(&mut self) -> Parsed<Vec<Expression>> {
        let mut arguments = Vec::new();
        self.spaces();
        if self.take(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if self.take(")") {
                return Ok(arguments);
            }
            if !self.take(",") {
                return self.fail("`,` or `)`");
            }
        }
    }

    fn words(&mut self) -> Parsed<Vec<String>> {
        let mut words = Vec::new();
        loop {
            self.spaces();
            if self.take(")") {
                return Ok(words);
            }
            let word = match ['\'', '"']
                .into_iter()
                .find(|quote| self.rest().starts_with(*quote))
            {
                Some(quote) => self.quoted(quote)?,
                None => match self.bare_word() {
                    "" => return self.fail("a target or `)`"),
                    word => word.to_owned(),
                },
            };
            words.push(word);
        }
    }

    fn quoted(&mut self, quote: char) -> Parsed<String> {
        self.at += 1;
        let inner = self.while_in(|c| c != quote);
        match self.take(&quote.to_string()) {
            true => Ok(inner.to_owned()),
            false => self.fail("the quote that ends this text"),
        }
    }

    fn bare_word(&mut self) -> &'t str {
        self.while_in(|c| c.is_ascii_alphanumeric() || "*/@.-_:$#%".contains(c))
    }

    fn bare(&mut self) -> Parsed<Kind> {
        match self.bare_word() {
            "" => self.fail("a target, a pattern or a function"),
            word => Ok(match word.parse::<u32>() {
                Ok(number) if !(word.len() > 1 && word.starts_with('0')) => Kind::Integer(number),
                _ => Kind::Word(word.to_owned()),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expression with all its brackets.
    fn shape(expression: &Expression) -> String {
        match &expression.kind {
            Kind::Word(word) => word.clone(),
            Kind::Integer(number) => number.to_string(),
            Kind::Set(words) => format!("set({})", words.join(" ")),
            Kind::Call(name, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(shape).collect();
                format!("{name}({})", arguments.join(", "))
            }
            Kind::Sequence(first, others) => {
                others.iter().fold(shape(first), |left, (operator, right)| {
                    format!("({left} {operator:?} {})", shape(right))
                })
            }
        }
    }

    #[test]
    fn every_form_of_query_is_read() {
        let cases = [
            ("//a:b", "//a:b"),
            (" deps( //a:b , 12 ) ", "deps(//a:b, 12)"),
            ("a - b + c", "((a Except b) Union c)"),
            ("a union (b except c)", "(a Union (b Except c))"),
            ("a ^ b intersect c", "((a Intersect b) Intersect c)"),
            ("set(//a:b \"c d\")", "set(//a:b c d)"),
            ("kind('^(x|y)$', //...)", "kind(^(x|y)$, //...)"),
            ("f()", "f()"),
            ("//union:except", "//union:except"),
            ("007", "007"),
        ];
        for (text, expected) in cases {
            assert_eq!(
                parse(text).map(|parsed| shape(&parsed)),
                Ok(expected.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_query_says_where() {
        let cases = [
            ("", 0),
            ("deps(a", 6),
            ("a * b", 2),
            ("a +", 3),
            ("\"a", 2),
            ("set(a", 5),
            ("(a", 2),
            ("f(a b)", 4),
        ];
        for (text, at) in cases {
            assert_eq!(parse(text).map_err(|error| error.at), Err(at), "{text}");
        }
    }
}
