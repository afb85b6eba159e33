//! Tokens to tree, after cel-go's `parser/gen/CEL.g4` and `parser/macro.go`.

use crate::ast::{
    Access, Call, Element, Entry, Expr, Index, Kind, Literal, Loop, LoopKind, Select,
};
use crate::lexer::{RESERVED, Spanned, Token, tokens};
use crate::{Error, literal};

/// cel-go's limits on the nesting and the length of an expression.
const MAX_DEPTH: usize = 250;
const MAX_CODE_POINTS: usize = 100_000;

/// Reads an expression.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn parse(text: &str) -> Result<Expr, Error> {
    if text.chars().count() > MAX_CODE_POINTS {
        let message = format!("the expression is longer than {MAX_CODE_POINTS} characters");
        return Err(Error::new(0, message));
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
    };
    let expr = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser {
    tokens: Vec<Spanned>,
    next: usize,
    depth: usize,
}

/// Binary operators from the loosest to the tightest, with cel-go's names.
const OPERATORS: [&[(&str, &str)]; 5] = [
    &[("||", "_||_")],
    &[("&&", "_&&_")],
    &[
        ("<", "_<_"),
        ("<=", "_<=_"),
        (">", "_>_"),
        (">=", "_>=_"),
        ("==", "_==_"),
        ("!=", "_!=_"),
        ("in", "@in"),
    ],
    &[("+", "_+_"), ("-", "_-_")],
    &[("*", "_*_"), ("/", "_/_"), ("%", "_%_")],
];

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |t| &t.token)
    }

    fn at(&self) -> usize {
        let last = self.tokens.len().saturating_sub(1);
        self.tokens.get(self.next.min(last)).map_or(0, |t| t.at)
    }

    fn eat(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.peek(), Token::Sign(found) if *found == sign);
        self.next += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, sign: &str) -> Result<(), Error> {
        if self.eat(sign) {
            return Ok(());
        }
        Err(self.unexpected(&format!("`{sign}`")))
    }

    fn unexpected(&self, wanted: &str) -> Error {
        let found = match self.peek() {
            Token::End => "the end".to_owned(),
            Token::Name(name) => format!("`{name}`"),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::Literal(_) | Token::Number(_) => "a constant".to_owned(),
        };
        Error::new(self.at(), format!("{wanted} is missing before {found}"))
    }

    fn expression(&mut self) -> Result<Expr, Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("the expression is nested deeper than {MAX_DEPTH}");
            return Err(Error::new(self.at(), message));
        }
        let at = self.at();
        let condition = self.binary(0)?;
        let expr = if self.eat("?") {
            let then = self.binary(0)?;
            self.expect(":")?;
            let otherwise = self.expression()?;
            Expr::call(at, "_?_:_", vec![condition, then, otherwise])
        } else {
            condition
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn binary(&mut self, level: usize) -> Result<Expr, Error> {
        let Some(operators) = OPERATORS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        loop {
            let Token::Sign(sign) = *self.peek() else {
                return Ok(left);
            };
            let Some((_, function)) = operators.iter().find(|(text, _)| *text == sign) else {
                return Ok(left);
            };
            let at = self.at();
            self.next += 1;
            let right = self.binary(level + 1)?;
            left = Expr::call(at, function, vec![left, right]);
        }
    }

    /// `!!x` and `--x` are one sign written twice; a minus before a number is its sign.
    fn unary(&mut self) -> Result<Expr, Error> {
        let at = self.at();
        for (sign, function) in [("!", "!_"), ("-", "-_")] {
            let mut count = 0;
            while self.eat(sign) {
                count += 1;
            }
            let is_number = matches!(self.peek(), Token::Number(_));
            if sign == "-" && count == 1 && is_number {
                self.next -= 1;
                return self.member();
            }
            if count > 0 {
                let operand = self.member()?;
                return Ok(match count % 2 {
                    0 => operand,
                    _ => Expr::call(at, function, vec![operand]),
                });
            }
        }
        self.member()
    }

    fn member(&mut self) -> Result<Expr, Error> {
        let mut of = self.primary()?;
        loop {
            let at = self.at();
            if self.eat(".") {
                of = self.after_dot(of, at)?;
            } else if self.eat("[") {
                let optional = self.eat("?");
                let key = Box::new(self.expression()?);
                self.expect("]")?;
                let of_value = Box::new(of);
                of = Expr::new(
                    at,
                    Kind::Index(Index {
                        of: of_value,
                        key,
                        optional,
                        overloads: Vec::new(),
                    }),
                );
            } else {
                return Ok(of);
            }
        }
    }

    fn after_dot(&mut self, of: Expr, at: usize) -> Result<Expr, Error> {
        let optional = self.eat("?");
        let field = self.name("the name of a field or a function")?;
        if !optional && self.eat("(") {
            let arguments = self.list_until(")")?;
            return member_call(at, of, field, arguments);
        }
        let access = if optional {
            Access::Optional
        } else {
            Access::Value
        };
        let of = Box::new(of);
        Ok(Expr::new(at, Kind::Select(Select { of, field, access })))
    }

    fn name(&mut self, what: &str) -> Result<String, Error> {
        let Token::Name(name) = self.peek() else {
            return Err(self.unexpected(what));
        };
        let name = name.clone();
        self.next += 1;
        Ok(name)
    }

    fn primary(&mut self) -> Result<Expr, Error> {
        let at = self.at();
        if self.eat("(") {
            let inner = self.expression()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.eat("[") {
            return Ok(Expr::new(at, Kind::List(self.elements()?)));
        }
        if self.eat("{") {
            return Ok(Expr::new(at, Kind::Map(self.entries()?)));
        }
        if let Some(literal) = self.literal()? {
            return Ok(Expr::new(at, Kind::Literal(literal)));
        }
        self.eat(".");
        let name = self.name("a value")?;
        if RESERVED.contains(&name.as_str()) {
            return Err(Error::new(at, format!("`{name}` is reserved")));
        }
        if self.eat("(") {
            let arguments = self.list_until(")")?;
            return call(at, name, arguments);
        }
        Ok(Expr::new(at, Kind::Name(name)))
    }

    fn literal(&mut self) -> Result<Option<Literal>, Error> {
        let at = self.at();
        let sign = if self.eat("-") { "-" } else { "" };
        let literal = match self.peek() {
            Token::Literal(literal) => literal.clone(),
            Token::Number(digits) => literal::number(&format!("{sign}{digits}"))
                .ok_or_else(|| Error::new(at, "the number is out of range"))?,
            _ => return Ok(None),
        };
        self.next += 1;
        Ok(Some(literal))
    }

    fn list_until(&mut self, end: &str) -> Result<Vec<Expr>, Error> {
        let mut found = Vec::new();
        if self.eat(end) {
            return Ok(found);
        }
        loop {
            found.push(self.expression()?);
            if !self.eat(",") {
                self.expect(end)?;
                return Ok(found);
            }
        }
    }

    fn elements(&mut self) -> Result<Vec<Element>, Error> {
        let mut found = Vec::new();
        while !self.eat("]") {
            let optional = self.eat("?");
            let value = self.expression()?;
            found.push(Element { optional, value });
            if !self.eat(",") {
                self.expect("]")?;
                break;
            }
        }
        Ok(found)
    }

    fn entries(&mut self) -> Result<Vec<Entry>, Error> {
        let mut found = Vec::new();
        while !self.eat("}") {
            let optional = self.eat("?");
            let key = self.expression()?;
            self.expect(":")?;
            let value = self.expression()?;
            found.push(Entry {
                optional,
                key,
                value,
            });
            if !self.eat(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok(found)
    }
}

fn call(at: usize, function: String, mut arguments: Vec<Expr>) -> Result<Expr, Error> {
    if function != "has" || arguments.len() != 1 {
        return Ok(Expr::call(at, &function, arguments));
    }
    match arguments.pop().map(|argument| argument.kind) {
        Some(Kind::Select(select)) if select.access == Access::Value => {
            let access = Access::Presence;
            Ok(Expr::new(at, Kind::Select(Select { access, ..select })))
        }
        _ => Err(Error::new(at, "has() asks for a field: has(a.b)")),
    }
}

fn member_call(
    at: usize,
    target: Expr,
    function: String,
    arguments: Vec<Expr>,
) -> Result<Expr, Error> {
    if let Some((kind, variables, has_filter)) = macro_shape(&function, arguments.len()) {
        return bind(at, kind, target, arguments, variables, has_filter);
    }
    let call = Call {
        function,
        target: Some(Box::new(target)),
        arguments,
        overloads: Vec::new(),
    };
    Ok(Expr::new(at, Kind::Call(call)))
}

/// Macro, number of its variables, and whether a filter stands before its body.
fn macro_shape(function: &str, arguments: usize) -> Option<(LoopKind, usize, bool)> {
    Some(match (function, arguments) {
        ("all", 2 | 3) => (LoopKind::All, arguments - 1, false),
        ("exists", 2 | 3) => (LoopKind::Exists, arguments - 1, false),
        ("exists_one", 2 | 3) | ("existsOne", 3) => (LoopKind::ExistsOne, arguments - 1, false),
        ("filter", 2) => (LoopKind::Filter, 1, false),
        ("map", 2 | 3) => (LoopKind::Map, 1, arguments == 3),
        ("transformList", 3 | 4) => (LoopKind::TransformList, 2, arguments == 4),
        ("transformMap", 3 | 4) => (LoopKind::TransformMap, 2, arguments == 4),
        ("transformMapEntry", 3 | 4) => (LoopKind::TransformMapEntry, 2, arguments == 4),
        ("sortBy", 2) => (LoopKind::SortBy, 1, false),
        ("optMap", 2) => (LoopKind::OptMap, 1, false),
        ("optFlatMap", 2) => (LoopKind::OptFlatMap, 1, false),
        _ => return None,
    })
}

fn bind(
    at: usize,
    kind: LoopKind,
    range: Expr,
    arguments: Vec<Expr>,
    variables: usize,
    has_filter: bool,
) -> Result<Expr, Error> {
    let mut rest = arguments.into_iter();
    let variables: Result<Vec<String>, Error> = rest
        .by_ref()
        .take(variables)
        .map(|argument| match argument.kind {
            Kind::Name(name) => Ok(name),
            _ => Err(Error::new(argument.at, "a plain name is wanted here")),
        })
        .collect();
    let variables = variables?;
    if variables.len() == 2 && variables[0] == variables[1] {
        let message = format!("`{}` stands for two things", variables[0]);
        return Err(Error::new(at, message));
    }
    let filter = if has_filter { rest.next() } else { None };
    let missing = || Error::new(at, "the macro has no body");
    let body = rest.next().ok_or_else(missing)?;
    let bound = Loop {
        kind,
        range,
        variables,
        filter,
        body,
    };
    Ok(Expr::new(at, Kind::Loop(Box::new(bound))))
}
