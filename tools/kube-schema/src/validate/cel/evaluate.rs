//! Evaluates expressions (cel-go, `interpreter`): `&&` and `||` swallow an error
//! that does not matter, and so do the macros built on them.

use super::functions::Functions;
use super::operators;
use super::value::{Cel, Evaluated, Failure, Key};
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedEntryExpr, IdedExpr, ListExpr, LiteralValue,
    SelectExpr, operators as op,
};
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

/// Evaluates with these functions.
pub(super) struct Evaluator<'l> {
    pub functions: &'l Functions,
}

impl Evaluator<'_> {
    pub fn eval(&self, expr: &IdedExpr, scope: &Scope<'_>) -> Evaluated {
        match &expr.expr {
            Expr::Literal(literal) => Ok(literal_value(literal)),
            Expr::Ident(name) => match scope.get(name) {
                Some(value) => value.clone()?.checked(),
                None => type_of_name(name),
            },
            Expr::Select(select) => self.select(select, scope),
            Expr::Call(call) => self.call(call, scope),
            Expr::List(list) => self.list(list, scope),
            Expr::Map(map) => self.map(&map.entries, scope),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, scope),
            Expr::Struct(_) | Expr::Unspecified => {
                Err(Failure::Unknown("such an expression".to_owned()))
            }
        }
    }

    /// `a.b`, and `has(a.b)`.
    fn select(&self, select: &SelectExpr, scope: &Scope<'_>) -> Evaluated {
        if let Some(name) = qualified_type(select) {
            return Ok(Cel::Type(name));
        }
        let operand = self.eval(&select.operand, scope)?;
        let key = Cel::from(select.field.as_str());
        if select.test {
            return operators::present(&operand, &key).map(Cel::Bool);
        }
        match operand {
            Cel::Optional(_) => operators::optional_index(&operand, &key),
            _ => operators::index(&operand, &key),
        }
    }

    fn list(&self, list: &ListExpr, scope: &Scope<'_>) -> Evaluated {
        let mut items = Vec::with_capacity(list.elements.len());
        for (i, element) in list.elements.iter().enumerate() {
            match self.eval(element, scope)? {
                Cel::Optional(value) if list.optional_indices.contains(&i) => {
                    items.extend(value.map(|value| value.as_ref().clone()));
                }
                value => items.push(value),
            }
        }
        Ok(items.into())
    }

    fn map(&self, entries: &[IdedEntryExpr], scope: &Scope<'_>) -> Evaluated {
        let mut map = BTreeMap::new();
        for entry in entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else {
                return Err(Failure::Unknown("such an expression".to_owned()));
            };
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

    fn call(&self, call: &CallExpr, scope: &Scope<'_>) -> Evaluated {
        match (call.func_name.as_str(), &call.args[..]) {
            (op::CONDITIONAL, [condition, yes, no]) => {
                if self.condition(condition, scope)? {
                    self.eval(yes, scope)
                } else {
                    self.eval(no, scope)
                }
            }
            (op::LOGICAL_AND, [a, b]) => self.logical(a, b, false, scope),
            (op::LOGICAL_OR, [a, b]) => self.logical(a, b, true, scope),
            (op::NOT_STRICTLY_FALSE, [value]) => {
                let is_false = matches!(self.eval(value, scope), Ok(Cel::Bool(false)));
                Ok(Cel::Bool(!is_false))
            }
            (op::OPT_SELECT | op::OPT_INDEX, [operand, key]) => {
                let operand = self.eval(operand, scope)?;
                operators::optional_index(&operand, &self.eval(key, scope)?)
            }
            _ => match &call.target {
                Some(target) => self.method(call, target, scope),
                None => {
                    let arguments = self.arguments(&call.args, scope)?;
                    self.functions.call(&call.func_name, &arguments)
                }
            },
        }
    }

    fn arguments(&self, args: &[IdedExpr], scope: &Scope<'_>) -> Result<Vec<Cel>, Failure> {
        args.iter().map(|arg| self.eval(arg, scope)).collect()
    }

    fn condition(&self, condition: &IdedExpr, scope: &Scope<'_>) -> Result<bool, Failure> {
        match self.eval(condition, scope)? {
            Cel::Bool(value) => Ok(value),
            _ => Err(Failure::no_overload()),
        }
    }

    /// `&&` and `||`: whichever side decides, whatever the other is.
    fn logical(&self, a: &IdedExpr, b: &IdedExpr, decides: bool, scope: &Scope<'_>) -> Evaluated {
        let left = self.condition(a, scope);
        if left == Ok(decides) {
            return Ok(Cel::Bool(decides));
        }
        let right = self.condition(b, scope);
        match (left, right) {
            (_, Ok(value)) if value == decides => Ok(Cel::Bool(decides)),
            (Err(Failure::Error(_)), Err(unknown @ Failure::Unknown(_))) => Err(unknown),
            (Err(failure), _) | (Ok(_), Err(failure)) => Err(failure),
            (Ok(_), Ok(_)) => Ok(Cel::Bool(!decides)),
        }
    }

    /// A function of a library by its full name, a macro, or a method.
    fn method(&self, call: &CallExpr, target: &IdedExpr, scope: &Scope<'_>) -> Evaluated {
        if let Expr::Ident(prefix) = &target.expr
            && scope.get(prefix).is_none()
        {
            let name = format!("{prefix}.{}", call.func_name);
            return self
                .functions
                .call(&name, &self.arguments(&call.args, scope)?);
        }
        if let Some(done) = self.long_macro(call, target, scope) {
            return done;
        }
        let target = self.eval(target, scope)?;
        match (call.func_name.as_str(), &target, &call.args[..]) {
            // Only looked at if it is needed.
            ("orValue", Cel::Optional(value), [other]) => match value {
                Some(value) => Ok(value.as_ref().clone()),
                None => self.eval(other, scope),
            },
            ("or", Cel::Optional(value), [other]) => match value {
                Some(_) => Ok(target),
                None => self.eval(other, scope),
            },
            _ => {
                let arguments = self.arguments(&call.args, scope)?;
                self.functions.method(&call.func_name, &target, &arguments)
            }
        }
    }

    /// The macros that the parser does not know: those of two variables, those on
    /// optional values, `sortBy`.
    fn long_macro(
        &self,
        call: &CallExpr,
        target: &IdedExpr,
        scope: &Scope<'_>,
    ) -> Option<Evaluated> {
        let name = call.func_name.as_str();
        let done = match (name, &call.args[..]) {
            ("optMap" | "optFlatMap" | "sortBy", [variable, body]) => {
                let variable = ident(variable)?;
                match name {
                    "sortBy" => self.sort_by(target, variable, body, scope),
                    _ => self.optional_map(target, variable, body, name == "optMap", scope),
                }
            }
            ("all" | "exists" | "existsOne" | "exists_one", [first, second, body]) => {
                let variables = (ident(first)?, ident(second)?);
                self.quantify(name, target, variables, body, scope)
            }
            (
                "transformList" | "transformMap" | "transformMapEntry",
                [first, second, rest @ ..],
            ) => {
                let variables = (ident(first)?, ident(second)?);
                let (filter, body) = match rest {
                    [body] => (None, body),
                    [filter, body] => (Some(filter), body),
                    _ => return None,
                };
                self.transform(name, target, variables, filter, body, scope)
            }
            _ => return None,
        };
        Some(done)
    }

    fn optional_map(
        &self,
        target: &IdedExpr,
        variable: &str,
        body: &IdedExpr,
        wraps: bool,
        scope: &Scope<'_>,
    ) -> Evaluated {
        let Cel::Optional(value) = self.eval(target, scope)? else {
            return Err(Failure::no_overload());
        };
        let Some(value) = value else {
            return Ok(Cel::Optional(None));
        };
        let mapped = self.eval(body, &scope.with(variable, Ok(value.as_ref().clone())))?;
        Ok(if wraps {
            Cel::Optional(Some(Rc::new(mapped)))
        } else {
            mapped
        })
    }

    fn sort_by(
        &self,
        target: &IdedExpr,
        variable: &str,
        body: &IdedExpr,
        scope: &Scope<'_>,
    ) -> Evaluated {
        let Cel::List(list) = self.eval(target, scope)? else {
            return Err(Failure::no_overload());
        };
        let keys: Result<Vec<Cel>, Failure> = list
            .items
            .iter()
            .map(|item| self.eval(body, &scope.with(variable, item.clone().checked())))
            .collect();
        operators::sorted(&list.items, &keys?)
    }

    fn quantify(
        &self,
        name: &str,
        target: &IdedExpr,
        variables: (&str, &str),
        body: &IdedExpr,
        scope: &Scope<'_>,
    ) -> Evaluated {
        let (mut failure, mut count) = (None, 0);
        for (first, second) in pairs(&self.eval(target, scope)?)? {
            let outer = scope.with(variables.0, first.checked());
            let holds = self.condition(body, &outer.with(variables.1, second.checked()));
            match (name, holds) {
                ("all", Ok(false)) => return Ok(Cel::Bool(false)),
                ("exists", Ok(true)) => return Ok(Cel::Bool(true)),
                ("all" | "exists", Ok(_)) => {}
                ("all" | "exists", Err(error)) => failure = failure.or(Some(error)),
                (_, holds) => count += usize::from(holds?),
            }
        }
        match (name, failure) {
            (_, Some(failure)) => Err(failure),
            ("all", None) => Ok(Cel::Bool(true)),
            ("exists", None) => Ok(Cel::Bool(false)),
            (_, None) => Ok(Cel::Bool(count == 1)),
        }
    }

    fn transform(
        &self,
        name: &str,
        target: &IdedExpr,
        variables: (&str, &str),
        filter: Option<&IdedExpr>,
        body: &IdedExpr,
        scope: &Scope<'_>,
    ) -> Evaluated {
        let (mut list, mut map) = (Vec::new(), BTreeMap::new());
        for (first, second) in pairs(&self.eval(target, scope)?)? {
            let outer = scope.with(variables.0, first.clone().checked());
            let inner = outer.with(variables.1, second.checked());
            if let Some(filter) = filter
                && !self.condition(filter, &inner)?
            {
                continue;
            }
            match (name, self.eval(body, &inner)?) {
                ("transformList", value) => list.push(value),
                ("transformMap", value) => drop(map.insert(Key::of(&first)?, value)),
                (_, Cel::Map(entries)) => {
                    for (key, value) in entries.iter() {
                        if map.insert(key.clone(), value.clone()).is_some() {
                            let text = format!("insert failed: key {key} already exists");
                            return Err(Failure::Error(text));
                        }
                    }
                }
                _ => return Err(Failure::no_overload()),
            }
        }
        Ok(match name {
            "transformList" => list.into(),
            _ => Cel::Map(Rc::new(map)),
        })
    }

    /// The macros that the parser turned into loops.
    fn comprehension(&self, loops: &ComprehensionExpr, scope: &Scope<'_>) -> Evaluated {
        let range = self.eval(&loops.iter_range, scope)?;
        let mut result = self.eval(&loops.accu_init, scope);
        for item in items(&range)? {
            let inner = scope.with(&loops.accu_var, result.clone());
            if !self.condition(&loops.loop_cond, &inner)? {
                break;
            }
            let inner = inner.with(&loops.iter_var, item.checked());
            result = self.eval(&loops.loop_step, &inner);
        }
        self.eval(&loops.result, &scope.with(&loops.accu_var, result))
    }
}

fn ident(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Ident(name) => Some(name),
        _ => None,
    }
}

/// What a loop runs over: elements, or keys.
fn items(range: &Cel) -> Result<Vec<Cel>, Failure> {
    match range {
        Cel::List(list) => Ok(list.items.to_vec()),
        Cel::Map(map) => Ok(map.keys().map(Key::value).collect()),
        _ => Err(Failure::no_overload()),
    }
}

/// Elements with their index, or values with their key.
fn pairs(range: &Cel) -> Result<Vec<(Cel, Cel)>, Failure> {
    match range {
        Cel::List(list) => Ok((0..)
            .map(Cel::Int)
            .zip(list.items.iter().cloned())
            .collect()),
        Cel::Map(map) => Ok(map
            .iter()
            .map(|(key, value)| (key.value(), value.clone()))
            .collect()),
        _ => Err(Failure::no_overload()),
    }
}

fn literal_value(literal: &LiteralValue) -> Cel {
    match literal {
        LiteralValue::Boolean(value) => Cel::Bool(*value.inner()),
        LiteralValue::Bytes(value) => Cel::Bytes(value.inner().into()),
        LiteralValue::Double(value) => Cel::Double(*value.inner()),
        LiteralValue::Int(value) => Cel::Int(*value.inner()),
        LiteralValue::Null => Cel::Null,
        LiteralValue::String(value) => value.inner().into(),
        LiteralValue::UInt(value) => Cel::Uint(*value.inner()),
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
fn qualified_type(select: &SelectExpr) -> Option<&'static str> {
    let Expr::Select(inner) = &select.operand.expr else {
        return None;
    };
    let is_well_known =
        inner.field == "protobuf" && ident(&inner.operand).is_some_and(|name| name == "google");
    match select.field.as_str() {
        "Timestamp" if is_well_known => Some("google.protobuf.Timestamp"),
        "Duration" if is_well_known => Some("google.protobuf.Duration"),
        _ => None,
    }
}
