//! What the server works out of constants when it compiles an expression, so that
//! a CRD is refused for what would fail whenever the rule runs (cel-go,
//! `cel/validator.go`, `ext/formatting.go`, `interpreter/decorators.go`).

use super::evaluate::literal_value;
use super::functions::Functions;
use super::value::{Cel, Failure, Key};
use crate::validate::pattern::Patterns;
use cel_frontend::{Call, Entry, Expr, Kind, Literal, Loop, Type};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Why an expression is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::validate) enum Refused {
    /// What is wrong at this place, in bytes.
    Compiled { at: usize, why: String },
    /// Why no program can be made of it.
    Planned(String),
}

/// Looks for constants that cannot be what they stand for.
pub(in crate::validate) fn check(expr: &Expr<Type>) -> Result<(), Refused> {
    let constants = Constants::default();
    constants.expr(expr).map(drop)
}

/// The value of an expression that is one.
type Constant = Result<Option<Cel>, Refused>;

#[derive(Default)]
struct Constants {
    functions: Functions,
    patterns: Patterns,
}

impl Constants {
    fn expr(&self, expr: &Expr<Type>) -> Constant {
        match &expr.kind {
            Kind::Literal(literal) => Ok(Some(literal_value(literal))),
            Kind::Name(_) => Ok(None),
            Kind::Select(select) => self.expr(&select.of).map(|_| None),
            Kind::Index(index) => {
                self.expr(&index.of)?;
                self.expr(&index.key).map(|_| None)
            }
            Kind::Call(call) => self.call(expr, call),
            Kind::List(elements) => {
                let values = self.all(elements.iter().map(|element| &element.value))?;
                let values: Option<Vec<Cel>> = values.into_iter().collect();
                Ok(values.map(Cel::from))
            }
            Kind::Map(entries) => self.map(entries),
            Kind::Loop(bound) => self.bound(bound).map(|()| None),
        }
    }

    fn all<'e>(
        &self,
        parts: impl Iterator<Item = &'e Expr<Type>>,
    ) -> Result<Vec<Option<Cel>>, Refused> {
        parts.map(|part| self.expr(part)).collect()
    }

    fn map(&self, entries: &[Entry<Type>]) -> Constant {
        let mut map = Some(BTreeMap::new());
        for entry in entries {
            let (key, value) = (self.expr(&entry.key)?, self.expr(&entry.value)?);
            let both = key
                .zip(value)
                .and_then(|(key, value)| Some((Key::of(&key).ok()?, value)));
            match (&mut map, both) {
                (Some(map), Some((key, value))) => drop(map.insert(key, value)),
                _ => map = None,
            }
        }
        Ok(map.map(|map| Cel::Map(Rc::new(map))))
    }

    fn bound(&self, bound: &Loop<Type>) -> Result<(), Refused> {
        self.expr(&bound.range)?;
        for part in bound.filter.iter().chain([&bound.body]) {
            self.expr(part)?;
        }
        Ok(())
    }

    fn call(&self, expr: &Expr<Type>, call: &Call<Type>) -> Constant {
        let target = call.target.as_deref();
        let target_value = target.map(|target| self.expr(target)).transpose()?;
        let arguments = self.all(call.arguments.iter())?;
        match (call.function.as_str(), &arguments[..]) {
            ("matches" | "find" | "findAll", [.., Some(Cel::Text(pattern))])
            | ("matches" | "findAll", [Some(Cel::Text(pattern)), _]) => self.pattern(call, pattern),
            ("format", [_]) => {
                let text = target_value.flatten();
                check_format(expr, call, text.as_ref()).map(|()| None)
            }
            (name, [Some(value)]) if target.is_none() && is_conversion(name) => {
                self.converted(call, value)
            }
            _ => Ok(None),
        }
    }

    /// Of `matches` the server looks at the first argument before all else,
    /// though that is the text where the function stands before both.
    fn pattern(&self, call: &Call<Type>, pattern: &str) -> Constant {
        if let ("matches", Some(first)) = (call.function.as_str(), call.arguments.first())
            && let Kind::Literal(Literal::String(text)) = &first.kind
            && self.patterns.is_match(text, "").is_err()
        {
            return Err(invalid_argument(call));
        }
        match self.patterns.is_match(pattern, "") {
            Ok(_) => Ok(None),
            Err(why) => Err(Refused::Planned(format!("error parsing regexp: {why}"))),
        }
    }

    fn converted(&self, call: &Call<Type>, value: &Cel) -> Constant {
        match self
            .functions
            .call(&call.function, std::slice::from_ref(value))
        {
            Ok(value) => Ok(Some(value)),
            Err(Failure::Error(why)) => Err(match (call.function.as_str(), &call.arguments[..]) {
                ("duration" | "timestamp", [argument]) if is_literal(argument) => {
                    invalid_argument(call)
                }
                _ => Refused::Planned(why),
            }),
            Err(Failure::Unknown(_) | Failure::Limit) => Ok(None),
        }
    }
}

/// Functions that the server runs on a constant when it compiles
/// (`IsTypeConversionFunction`).
fn is_conversion(name: &str) -> bool {
    matches!(
        name,
        "bool" | "bytes" | "double" | "duration" | "dyn" | "int" | "string" | "timestamp" | "uint"
    )
}

fn is_literal(expr: &Expr<Type>) -> bool {
    matches!(expr.kind, Kind::Literal(_))
}

fn invalid_argument(call: &Call<Type>) -> Refused {
    Refused::Compiled {
        at: call.arguments.first().map_or(0, |argument| argument.at),
        why: format!("invalid {} argument", call.function),
    }
}

/// Whether a format that is written down fits the values that are listed after it.
fn check_format(expr: &Expr<Type>, call: &Call<Type>, text: Option<&Cel>) -> Result<(), Refused> {
    let is_written = call.target.as_deref().is_some_and(is_literal);
    let (Some(Cel::Text(text)), true) = (text, is_written) else {
        return Ok(());
    };
    let Some(Kind::List(values)) = call.arguments.first().map(|list| &list.kind) else {
        return Ok(());
    };
    let values: Vec<&Expr<Type>> = values.iter().map(|element| &element.value).collect();
    format_clauses(text, &values).map_err(|why| Refused::Compiled { at: expr.at, why })
}

/// Whether each clause has a value that it can show, and each value a clause.
fn format_clauses(text: &str, values: &[&Expr<Type>]) -> Result<(), String> {
    let mut rest = text;
    let mut taken = 0;
    while let Some((_, after)) = rest.split_once('%') {
        if let Some(after) = after.strip_prefix('%') {
            rest = after;
            continue;
        }
        if after.is_empty() {
            return Err("unexpected end of string".to_owned());
        }
        let value = values.get(taken);
        let value = value.ok_or_else(|| format!("index {taken} out of range"))?;
        let after = without_precision(after)?;
        let mut chars = after.chars();
        let verb = chars.next().unwrap_or_default();
        check_clause(verb, value)?;
        rest = chars.as_str();
        taken += 1;
    }
    if values.len() > taken {
        let given = values.len();
        return Err(format!(
            "too many arguments supplied to string.format (expected {taken}, got {given})"
        ));
    }
    Ok(())
}

/// What stands behind `.2`.
fn without_precision(text: &str) -> Result<&str, String> {
    let Some(digits) = text.strip_prefix('.') else {
        return Ok(text);
    };
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let why = match digits.len() - rest.len() {
        _ if rest.is_empty() => "could not find end of precision specifier",
        0 => "error while converting precision to integer",
        _ => return Ok(rest),
    };
    Err(format!(
        "could not parse formatting clause: error while parsing precision: {why}"
    ))
}

fn check_clause(verb: char, value: &Expr<Type>) -> Result<(), String> {
    let ty = &value.ty;
    let (fits, takes) = match verb {
        's' => (
            is_text_like(value),
            "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
        ),
        'd' => (
            matches!(ty, Type::Int | Type::Uint),
            "decimal clause can only be used on integers",
        ),
        'f' => (
            matches!(ty, Type::Double | Type::String),
            "fixed-point clause can only be used on doubles",
        ),
        'e' => (
            matches!(ty, Type::Double | Type::String),
            "scientific clause can only be used on doubles",
        ),
        'b' => (
            matches!(ty, Type::Int | Type::Uint | Type::Bool),
            "only integers and bools can be formatted as binary",
        ),
        'x' | 'X' => (
            matches!(ty, Type::Int | Type::Uint | Type::String | Type::Bytes),
            "only integers, byte buffers, and strings can be formatted as hex",
        ),
        'o' => (
            matches!(ty, Type::Int | Type::Uint),
            "octal clause can only be used on integers",
        ),
        verb => {
            return Err(format!(
                "could not parse formatting clause: unrecognized formatting clause \"{verb}\""
            ));
        }
    };
    match fits || *ty == Type::Dyn {
        true => Ok(()),
        false => Err(format!("error during formatting: {takes}, was given {ty}")),
    }
}

/// Whether it has a text, and so has everything that is listed in it.
fn is_text_like(value: &Expr<Type>) -> bool {
    let has_text = !matches!(
        value.ty,
        Type::Optional(_) | Type::Object(_) | Type::Opaque(_)
    );
    has_text
        && match &value.kind {
            Kind::List(elements) => elements.iter().all(|e| is_text_like(&e.value)),
            Kind::Map(entries) => entries
                .iter()
                .all(|entry| is_text_like(&entry.key) && is_text_like(&entry.value)),
            _ => true,
        }
}
