//! Text to tokens, after cel-go's `parser/gen/CEL.g4`.

use crate::literal;
use crate::{Error, Literal};

/// Words that are no names.
pub(crate) const RESERVED: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Name(String),
    Literal(Literal),
    /// As it is written, without a sign.
    Number(String),
    Sign(&'static str),
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spanned {
    pub at: usize,
    pub token: Token,
}

/// Longer signs first.
const SIGNS: [&str; 24] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "-", "+", "*", "/", "%", "?", ":", ".", ",",
    "(", ")", "[", "]", "{", "}",
];

pub(crate) fn tokens(text: &str) -> Result<Vec<Spanned>, Error> {
    let mut found = Vec::new();
    let mut at = skip_space(text, 0);
    while at < text.len() {
        let (token, end) = token(text, at)?;
        found.push(Spanned { at, token });
        at = skip_space(text, end);
    }
    found.push(Spanned {
        at: text.len(),
        token: Token::End,
    });
    Ok(found)
}

fn skip_space(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{c}']);
        at += rest.len() - trimmed.len();
        if !trimmed.starts_with("//") {
            return at;
        }
        at += trimmed.find('\n').unwrap_or(trimmed.len());
    }
}

fn token(text: &str, at: usize) -> Result<(Token, usize), Error> {
    let rest = &text[at..];
    if let Some(start) = literal::string_start(rest) {
        let (value, length) = literal::string(rest, start).map_err(|e| shifted(e, at))?;
        return Ok((Token::Literal(value), at + length));
    }
    let first = rest.chars().next().unwrap_or_default();
    let begins_fraction = first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit());
    if first.is_ascii_digit() || begins_fraction {
        let length = literal::number_length(rest);
        return Ok((Token::Number(rest[..length].to_owned()), at + length));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        return Ok((word(&rest[..end]), at + end));
    }
    match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        Some(sign) => Ok((Token::Sign(sign), at + sign.len())),
        None => Err(Error::new(at, format!("{first:?} means nothing here"))),
    }
}

fn word(word: &str) -> Token {
    match word {
        "true" => Token::Literal(Literal::Bool(true)),
        "false" => Token::Literal(Literal::Bool(false)),
        "null" => Token::Literal(Literal::Null),
        "in" => Token::Sign("in"),
        _ => Token::Name(word.to_owned()),
    }
}

fn shifted(error: Error, by: usize) -> Error {
    Error {
        at: error.at + by,
        ..error
    }
}
