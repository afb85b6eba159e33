//! The values of constants (go.dev/ref/spec#Constants), as far as enums, array lengths,
//! defaults and registries need them.

use crate::error::{Error, Kind};
use crate::package::Program;
use crate::source::Site;
use crate::syntax::{Constant, Expression, TypeExpression, TypeName};
use crate::types::{Basic, Scope, Type};
use serde_json::Value as Json;

/// A constant's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// An integer or a rune.
    Int(i128),
    /// A floating point number.
    Float(f64),
    /// true or false.
    Bool(bool),
}

impl Value {
    /// In JSON; nothing if JSON has no such number.
    pub fn to_json(&self) -> Option<Json> {
        match self {
            Self::Text(text) => Some(Json::from(text.as_str())),
            Self::Int(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                (Ok(number), _) => Some(Json::from(number)),
                (_, Ok(number)) => Some(Json::from(number)),
                _ => None,
            },
            Self::Float(number) => serde_json::Number::from_f64(*number).map(Json::Number),
            Self::Bool(flag) => Some(Json::from(*flag)),
        }
    }
}

/// No constant of a program that compiles is defined by others through so many.
const DEEPEST: usize = 50;
/// No longer text is taken for a constant, in bytes.
const LONGEST: usize = 1 << 16;

impl Program {
    /// The value of an expression.
    ///
    /// # Errors
    /// If it is no constant, or one that this does not know how to evaluate.
    pub fn evaluate(
        &self,
        expression: &Expression,
        scope: &Scope,
        iota: i128,
    ) -> Result<Value, Error> {
        let evaluation = Evaluation {
            program: self,
            scope,
            iota,
            depth: 0,
        };
        evaluation.value(expression)
    }

    /// The value of a constant that a package declares.
    ///
    /// # Errors
    /// As [`Program::evaluate`].
    pub fn constant_value(&self, constant: &Constant, scope: &Scope) -> Result<Value, Error> {
        self.constant_at_depth(constant, scope, 0)
    }

    fn constant_at_depth(
        &self,
        constant: &Constant,
        scope: &Scope,
        depth: usize,
    ) -> Result<Value, Error> {
        let fault = || Kind::Constant(constant.name.clone()).at(constant.site.clone());
        let expression = constant.value.as_ref().ok_or_else(fault)?;
        let key = (scope.package.path.clone(), constant.name.clone());
        if let Some(value) = self.values.borrow().get(&key) {
            return Ok(value.clone());
        }
        if depth == DEEPEST {
            return Err(fault());
        }
        let evaluation = Evaluation {
            program: self,
            scope,
            iota: constant.iota,
            depth,
        };
        let value = evaluation.value(expression)?;
        let value = match &constant.declared_type {
            Some(declared) => evaluation.converted(value, declared, &constant.site)?,
            None => value,
        };
        if constant.name != "_" {
            self.values.borrow_mut().insert(key, value.clone());
        }
        Ok(value)
    }

    /// The type that a constant is declared to have, or that its expression converts to.
    ///
    /// # Errors
    /// If that type is not there.
    pub fn constant_type(&self, constant: &Constant, scope: &Scope) -> Result<Option<Type>, Error> {
        let written = match (&constant.declared_type, &constant.value) {
            (Some(declared), _) => declared,
            (None, Some(Expression::Conversion(to, _))) => to,
            _ => return Ok(None),
        };
        // Most constants are of a type of their own package or of none.
        let is_local = |t: &TypeExpression| match t {
            TypeExpression::Name(name) => name.qualifier.is_none(),
            _ => false,
        };
        if !is_local(written) {
            return Ok(None);
        }
        self.resolve(written, scope).map(Some)
    }
}

struct Evaluation<'p> {
    program: &'p Program,
    scope: &'p Scope,
    iota: i128,
    depth: usize,
}

impl Evaluation<'_> {
    fn value(&self, expression: &Expression) -> Result<Value, Error> {
        let unknown = |site: &Site, what: &str| Kind::Constant(what.to_owned()).at(site.clone());
        match expression {
            Expression::Number(site, text) => number(text).ok_or_else(|| unknown(site, text)),
            Expression::Text(text) => Ok(Value::Text(text.clone())),
            Expression::Rune(rune) => Ok(Value::Int(i128::from(u32::from(*rune)))),
            Expression::Iota => Ok(Value::Int(self.iota)),
            Expression::Name(name) => self.name(name),
            Expression::Conversion(to, inner) => {
                let value = self.value(inner)?;
                let site = to.site().cloned();
                match site {
                    Some(site) => self.converted(value, to, &site),
                    None => Ok(value),
                }
            }
            Expression::Length(of) => match self.value(of)? {
                Value::Text(text) => Ok(Value::Int(text.len() as i128)),
                _ => Err(Kind::Constant("len".to_owned()).into_error()),
            },
            Expression::Unary(site, sign, inner) => {
                let value = self.value(inner)?;
                unary(sign, value).ok_or_else(|| unknown(site, sign))
            }
            Expression::Binary(site, sign, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                binary(sign, left, right).ok_or_else(|| unknown(site, sign))
            }
            Expression::Other(site) => Err(unknown(site, "the expression")),
        }
    }

    fn name(&self, name: &TypeName) -> Result<Value, Error> {
        let unknown = || Kind::Constant(name.name.clone()).at(name.site.clone());
        let (package, bare) = match &name.qualifier {
            None => (self.scope.package.clone(), true),
            Some(_) => {
                let path = self.program.import_path(name, self.scope)?;
                let site = Some(&name.site);
                (self.program.needed_package(&path, site)?, false)
            }
        };
        match package.constant(&name.name) {
            Some((file, constant)) => {
                let scope = Scope::new(&package, file);
                self.program
                    .constant_at_depth(constant, &scope, self.depth + 1)
            }
            None if bare && name.name == "true" => Ok(Value::Bool(true)),
            None if bare && name.name == "false" => Ok(Value::Bool(false)),
            None => Err(unknown()),
        }
    }

    /// A value as another type has it: a whole number may become a floating point one
    /// and back, and a rune a string.
    fn converted(&self, value: Value, to: &TypeExpression, site: &Site) -> Result<Value, Error> {
        let to = self.program.resolve(to, self.scope)?;
        let fault = || Kind::Constant(format!("a conversion to {to}")).at(site.clone());
        let shape = match &to {
            Type::Foreign(name) if &**name == "time.Duration" => Type::Basic(Basic::Int(64)),
            other => self.program.shape(other)?,
        };
        Ok(match (shape, value) {
            (Type::Basic(Basic::Text), Value::Int(rune)) => {
                let rune = u32::try_from(rune).ok().and_then(char::from_u32);
                Value::Text(rune.ok_or_else(fault)?.to_string())
            }
            (Type::Basic(Basic::Float(_)), Value::Int(number)) => Value::Float(number as f64),
            (Type::Basic(Basic::Int(_) | Basic::Uint(_)), Value::Float(number)) => {
                Value::Int(number as i128)
            }
            (Type::Basic(_), value) => value,
            _ => return Err(fault()),
        })
    }
}

/// A number literal: also `0x1F`, `0b1`, `0o7`, `017` and `1_000`.
fn number(text: &str) -> Option<Value> {
    let digits = text.replace('_', "").to_ascii_lowercase();
    let radix = |prefix: &str, base: u32| {
        let rest = digits.strip_prefix(prefix)?;
        i128::from_str_radix(rest, base).ok().map(Value::Int)
    };
    let based = radix("0x", 16)
        .or_else(|| radix("0b", 2))
        .or_else(|| radix("0o", 8));
    if based.is_some() {
        return based;
    }
    if digits.len() > 1 && digits.bytes().all(|b| b.is_ascii_digit()) && digits.starts_with('0') {
        return i128::from_str_radix(&digits, 8).ok().map(Value::Int);
    }
    match digits.parse::<i128>() {
        Ok(number) => Some(Value::Int(number)),
        Err(_) => digits.parse().ok().map(Value::Float),
    }
}

fn unary(sign: &str, value: Value) -> Option<Value> {
    Some(match (sign, value) {
        ("+", value @ (Value::Int(_) | Value::Float(_))) => value,
        ("-", Value::Int(number)) => Value::Int(number.checked_neg()?),
        ("-", Value::Float(number)) => Value::Float(-number),
        ("^", Value::Int(number)) => Value::Int(!number),
        ("!", Value::Bool(flag)) => Value::Bool(!flag),
        _ => return None,
    })
}

fn binary(sign: &str, left: Value, right: Value) -> Option<Value> {
    Some(match (sign, left, right) {
        ("+", Value::Text(a), Value::Text(b)) if a.len() + b.len() <= LONGEST => {
            Value::Text(a + &b)
        }
        (sign, Value::Int(a), Value::Int(b)) => Value::Int(integers(sign, a, b)?),
        (sign, Value::Float(a), Value::Float(b)) => Value::Float(floats(sign, a, b)?),
        (sign, Value::Int(a), Value::Float(b)) => Value::Float(floats(sign, a as f64, b)?),
        (sign, Value::Float(a), Value::Int(b)) => Value::Float(floats(sign, a, b as f64)?),
        _ => return None,
    })
}

fn integers(sign: &str, a: i128, b: i128) -> Option<i128> {
    let count = || u32::try_from(b).ok();
    match sign {
        "+" => a.checked_add(b),
        "-" => a.checked_sub(b),
        "*" => a.checked_mul(b),
        "/" => a.checked_div(b),
        "%" => a.checked_rem(b),
        "<<" => 1i128
            .checked_shl(count()?)
            .and_then(|factor| a.checked_mul(factor)),
        ">>" => a.checked_shr(count()?),
        "&" => Some(a & b),
        "|" => Some(a | b),
        "^" => Some(a ^ b),
        "&^" => Some(a & !b),
        _ => None,
    }
}

fn floats(sign: &str, a: f64, b: f64) -> Option<f64> {
    match sign {
        "+" => Some(a + b),
        "-" => Some(a - b),
        "*" => Some(a * b),
        "/" => Some(a / b),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_base() {
        for (text, value) in [
            ("42", Value::Int(42)),
            ("1_000", Value::Int(1000)),
            ("0x1F", Value::Int(31)),
            ("0b101", Value::Int(5)),
            ("0o17", Value::Int(15)),
            ("017", Value::Int(15)),
            ("1.5e3", Value::Float(1500.0)),
        ] {
            assert_eq!(number(text), Some(value), "{text}");
        }
    }

    #[test]
    fn operators_never_overflow() {
        let int = Value::Int;
        assert_eq!(binary("<<", int(1), int(10)), Some(int(1024)));
        assert_eq!(binary("<<", int(1), int(200)), None);
        assert_eq!(binary("/", int(1), int(0)), None);
        assert_eq!(unary("^", int(0)), Some(int(-1)));
    }
}
