//! Evaluates expressions (cel-go, `interpreter`): `&&` and `||` swallow an error
//! that does not matter.

use super::cost::{self, Cost};
use super::functions::Functions;
use super::operators;
use super::value::{Cel, Evaluated, Failure, Key};
use cel_frontend::{Access, Call, Element, Entry, Expr, Index, Kind, Literal, Select};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Variables, the innermost first.
pub(super) struct Scope<'s> {
    name: &'s str,
    /// Some hold an error that may yet not matter.
    value: Evaluated,
    outer: Option<&'s Scope<'s>>,
}

impl<'s> Scope<'s> {
    /// With one variable.
    pub fn new(name: &'s str, value: Evaluated) -> Self {
        Self {
            name,
            value,
            outer: None,
        }
    }

    /// With one more.
    pub fn with<'i>(&'i self, name: &'i str, value: Evaluated) -> Scope<'i>
    where
        's: 'i,
    {
        Scope {
            name,
            value,
            outer: Some(self),
        }
    }

    fn get(&self, name: &str) -> Option<&Evaluated> {
        if self.name == name {
            return Some(&self.value);
        }
        self.outer?.get(name)
    }
}

/// Evaluates with these functions, and counts what it costs.
pub(super) struct Evaluator<'l> {
    pub functions: &'l Functions,
    pub cost: &'l Cost,
}

impl Evaluator<'_> {
    pub fn eval(&self, expr: &Expr, scope: &Scope<'_>) -> Evaluated {
        self.cost.spend(cost::of(&expr.kind))?;
        match &expr.kind {
            Kind::Literal(literal) => Ok(literal_value(literal)),
            Kind::Name(name) => match scope.get(name) {
                Some(value) => value.clone()?.checked(),
                None => type_of_name(name),
            },
            Kind::Select(select) => self.select(select, scope),
            Kind::Index(index) => self.index(index, scope),
            Kind::Call(call) => self.call(call, scope),
            Kind::List(elements) => self.list(elements, scope),
            Kind::Map(entries) => self.map(entries, scope),
            Kind::Loop(bound) => self.bound(bound, scope),
        }
    }

    /// `a.b`, `a.?b` and `has(a.b)`.
    fn select(&self, select: &Select, scope: &Scope<'_>) -> Evaluated {
        if let Some(name) = qualified_type(select) {
            return Ok(Cel::Type(name));
        }
        let operand = self.eval(&select.of, scope)?;
        let key = Cel::from(select.field.as_str());
        match (select.access, &operand) {
            (Access::Presence, _) => operators::present(&operand, &key).map(Cel::Bool),
            (Access::Optional, _) | (_, Cel::Optional(_)) => {
                operators::optional_index(&operand, &key)
            }
            (Access::Value, _) => operators::index(&operand, &key),
        }
    }

    fn index(&self, index: &Index, scope: &Scope<'_>) -> Evaluated {
        let operand = self.eval(&index.of, scope)?;
        let key = self.eval(&index.key, scope)?;
        if index.optional || matches!(operand, Cel::Optional(_)) {
            return operators::optional_index(&operand, &key);
        }
        operators::index(&operand, &key)
    }

    fn list(&self, elements: &[Element], scope: &Scope<'_>) -> Evaluated {
        let mut items = Vec::with_capacity(elements.len());
        for element in elements {
            match self.eval(&element.value, scope)? {
                Cel::Optional(value) if element.optional => {
                    items.extend(value.map(|value| value.as_ref().clone()));
                }
                value => items.push(value),
            }
        }
        Ok(items.into())
    }

    fn map(&self, entries: &[Entry], scope: &Scope<'_>) -> Evaluated {
        let mut map = BTreeMap::new();
        for entry in entries {
            let key = Key::of(&self.eval(&entry.key, scope)?)?;
            match self.eval(&entry.value, scope)? {
                Cel::Optional(value) if entry.optional => {
                    if let Some(value) = value {
                        map.insert(key, value.as_ref().clone());
                    }
                }
                value => {
                    map.insert(key, value);
                }
            }
        }
        Ok(Cel::Map(Rc::new(map)))
    }

    fn call(&self, call: &Call, scope: &Scope<'_>) -> Evaluated {
        match (call.function.as_str(), &call.arguments[..]) {
            ("_?_:_", [condition, yes, no]) => {
                if self.condition(condition, scope)? {
                    self.eval(yes, scope)
                } else {
                    self.eval(no, scope)
                }
            }
            ("_&&_", [a, b]) => self.logical(a, b, false, scope),
            ("_||_", [a, b]) => self.logical(a, b, true, scope),
            (name, arguments) => match &call.target {
                Some(target) => self.method(call, target, scope),
                None => {
                    let arguments = self.arguments(arguments, scope)?;
                    self.cost.spend(cost::of_call(name, None, &arguments))?;
                    self.functions.call(name, &arguments)
                }
            },
        }
    }

    fn arguments(&self, arguments: &[Expr], scope: &Scope<'_>) -> Result<Vec<Cel>, Failure> {
        let each = arguments.iter();
        each.map(|argument| self.eval(argument, scope)).collect()
    }

    /// What must be true or false.
    pub fn condition(&self, condition: &Expr, scope: &Scope<'_>) -> Result<bool, Failure> {
        match self.eval(condition, scope)? {
            Cel::Bool(value) => Ok(value),
            _ => Err(Failure::no_overload()),
        }
    }

    /// `&&` and `||`: whichever side decides, whatever the other is.
    fn logical(&self, a: &Expr, b: &Expr, decides: bool, scope: &Scope<'_>) -> Evaluated {
        let left = self.condition(a, scope);
        if left == Ok(decides) {
            return Ok(Cel::Bool(decides));
        }
        match (left, self.condition(b, scope)) {
            (_, Ok(value)) if value == decides => Ok(Cel::Bool(decides)),
            (Err(first), Err(second)) => Err(first.or(second)),
            (Err(failure), Ok(_)) | (Ok(_), Err(failure)) => Err(failure),
            (Ok(_), Ok(_)) => Ok(Cel::Bool(!decides)),
        }
    }

    /// A function of a library by its full name, or a method.
    fn method(&self, call: &Call, target: &Expr, scope: &Scope<'_>) -> Evaluated {
        if let Kind::Name(prefix) = &target.kind
            && scope.get(prefix).is_none()
        {
            let name = format!("{prefix}.{}", call.function);
            let arguments = self.arguments(&call.arguments, scope)?;
            self.cost.spend(cost::of_call(&name, None, &arguments))?;
            return self.functions.call(&name, &arguments);
        }
        let target = self.eval(target, scope)?;
        match (call.function.as_str(), &target, &call.arguments[..]) {
            // Only looked at if it is needed.
            ("orValue", Cel::Optional(value), [other]) => match value {
                Some(value) => Ok(value.as_ref().clone()),
                None => self.eval(other, scope),
            },
            ("or", Cel::Optional(value), [other]) => match value {
                Some(_) => Ok(target),
                None => self.eval(other, scope),
            },
            (name, target, arguments) => {
                let arguments = self.arguments(arguments, scope)?;
                self.cost
                    .spend(cost::of_call(name, Some(target), &arguments))?;
                self.functions.method(name, target, &arguments)
            }
        }
    }
}

pub(super) fn literal_value(literal: &Literal) -> Cel {
    match literal {
        Literal::Bool(value) => Cel::Bool(*value),
        Literal::Bytes(value) => Cel::Bytes(value.as_slice().into()),
        Literal::Double(value) => Cel::Double(*value),
        Literal::Int(value) => Cel::Int(*value),
        Literal::Null => Cel::Null,
        Literal::String(value) => value.as_str().into(),
        Literal::Uint(value) => Cel::Uint(*value),
    }
}

/// A type's name stands for the type.
fn type_of_name(name: &str) -> Evaluated {
    const NAMES: [&str; 11] = [
        "bool",
        "bytes",
        "double",
        "int",
        "list",
        "map",
        "null_type",
        "string",
        "type",
        "uint",
        "optional_type",
    ];
    let known = NAMES.iter().find(|known| **known == name);
    known.map_or_else(
        || Err(Failure::Unknown(format!("the name {name}"))),
        |known| Ok(Cel::Type(known)),
    )
}

/// `google.protobuf.Timestamp` and its like, which look like fields.
fn qualified_type(select: &Select) -> Option<&'static str> {
    let Kind::Select(inner) = &select.of.kind else {
        return None;
    };
    let is_well_known =
        inner.field == "protobuf" && matches!(&inner.of.kind, Kind::Name(name) if name == "google");
    match select.field.as_str() {
        "Timestamp" if is_well_known => Some("google.protobuf.Timestamp"),
        "Duration" if is_well_known => Some("google.protobuf.Duration"),
        _ => None,
    }
}
