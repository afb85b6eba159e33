//! Types for a tree, after cel-go's `checker/checker.go`.

use crate::ast::{
    Access, Call, Element, Entry, Expr, Index, Kind, Literal, Loop, LoopKind, Select,
};
use crate::library::{self, Overload};
use crate::unify::{Substitutions, most_general};
use crate::{Error, Type};
use std::collections::HashMap;

/// The names that an expression may use.
#[derive(Debug, Clone, Default)]
pub struct Declarations {
    variables: HashMap<String, Type>,
}

impl Declarations {
    /// With one more variable.
    #[must_use]
    pub fn with(mut self, name: &str, ty: Type) -> Self {
        self.variables.insert(name.to_owned(), ty);
        self
    }
}

/// Finds the type of every node.
///
/// # Errors
/// The first name that is not declared, or use that no declaration allows.
pub fn check(expr: &Expr, declarations: &Declarations) -> Result<Expr<Type>, Error> {
    let mut checker = Checker {
        scopes: vec![declarations.variables.clone()],
        mixed: false,
        known: Substitutions::default(),
    };
    let mut typed = checker.expr(expr)?;
    finish(&mut typed, &checker.known);
    Ok(typed)
}

struct Checker {
    scopes: Vec<HashMap<String, Type>>,
    /// Whether the elements of a list may differ in type: in what `format` takes.
    mixed: bool,
    known: Substitutions,
}

type Checked = Result<Expr<Type>, Error>;

impl Checker {
    fn expr(&mut self, expr: &Expr) -> Checked {
        let at = expr.at;
        match &expr.kind {
            Kind::Literal(literal) => Ok(node(
                at,
                literal_type(literal),
                Kind::Literal(literal.clone()),
            )),
            Kind::Name(name) => self.name(at, name),
            Kind::Select(select) => self.select(expr, select),
            Kind::Index(index) => self.index(at, index),
            Kind::Call(call) => self.call(at, call),
            Kind::List(elements) => self.list(at, elements),
            Kind::Map(entries) => self.map(at, entries),
            Kind::Loop(bound) => self.bound(at, bound),
        }
    }

    fn variable(&self, name: &str) -> Option<&Type> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    fn name(&mut self, at: usize, name: &str) -> Checked {
        let ty = match self.variable(name) {
            Some(ty) => ty.clone(),
            None if library::is_type_name(name) => Type::Type,
            None => return Err(Error::new(at, format!("undeclared reference to '{name}'"))),
        };
        Ok(node(at, ty, Kind::Name(name.to_owned())))
    }

    fn select(&mut self, expr: &Expr, select: &Select) -> Checked {
        if let Some(name) = expr.qualified() {
            let root = name.split('.').next().unwrap_or_default();
            if library::is_type_name(&name) && self.variable(root).is_none() {
                return Ok(node(expr.at, Type::Type, Kind::Name(name)));
            }
        }
        let of = self.expr(&select.of)?;
        let of_type = self.known.apply(&of.ty);
        let (target, is_optional) = match &of_type {
            Type::Optional(value) => ((**value).clone(), true),
            other => (other.clone(), false),
        };
        let field = self.field(expr.at, &target, &select.field)?;
        let ty = match select.access {
            Access::Presence => Type::Bool,
            Access::Optional => Type::optional(field),
            Access::Value if is_optional => Type::optional(field),
            Access::Value => field,
        };
        let select = Select {
            of: Box::new(of),
            field: select.field.clone(),
            access: select.access,
        };
        Ok(node(expr.at, ty, Kind::Select(select)))
    }

    fn field(&mut self, at: usize, target: &Type, field: &str) -> Result<Type, Error> {
        match target {
            Type::Map(_, value) => Ok((**value).clone()),
            Type::Object(object) => match object.field(field) {
                Some(field) => Ok(field.ty.clone()),
                None => Err(Error::new(at, format!("undefined field '{field}'"))),
            },
            Type::Dyn => Ok(Type::Dyn),
            Type::Param(_) => {
                self.known
                    .assignable(&[Type::Dyn], std::slice::from_ref(target));
                Ok(Type::Dyn)
            }
            other => Err(Error::new(
                at,
                format!("type '{other}' does not support field selection"),
            )),
        }
    }

    fn index(&mut self, at: usize, index: &Index) -> Checked {
        let of = self.expr(&index.of)?;
        let key = self.expr(&index.key)?;
        let function = if index.optional { "_[?_]" } else { "_[_]" };
        let (ty, overloads) = self.resolve(at, function, false, &[&of, &key])?;
        let index = Index {
            of: Box::new(of),
            key: Box::new(key),
            optional: index.optional,
            overloads,
        };
        Ok(node(at, ty, Kind::Index(index)))
    }

    fn call(&mut self, at: usize, call: &Call) -> Checked {
        let (function, target) = match &call.target {
            Some(target) => match self.namespaced(target, &call.function) {
                Some(function) => (function, None),
                None => (call.function.clone(), Some(self.expr(target)?)),
            },
            None => (call.function.clone(), None),
        };
        let outside = std::mem::replace(&mut self.mixed, function == "format");
        let arguments: Result<Vec<_>, _> = call.arguments.iter().map(|a| self.expr(a)).collect();
        self.mixed = outside;
        let arguments = arguments?;
        let given: Vec<&Expr<Type>> = target.iter().chain(&arguments).collect();
        let (ty, overloads) = self.resolve(at, &function, target.is_some(), &given)?;
        let call = Call {
            function,
            target: target.map(Box::new),
            arguments,
            overloads,
        };
        Ok(node(at, ty, Kind::Call(call)))
    }

    /// `sets.contains`: a function of that name wins over a variable `sets`.
    fn namespaced(&self, target: &Expr, function: &str) -> Option<String> {
        let name = format!("{}.{function}", target.qualified()?);
        library::overloads(&name).map(|_| name)
    }

    /// The type of a call, and the ways to call it that fit.
    fn resolve(
        &mut self,
        at: usize,
        function: &str,
        is_member: bool,
        given: &[&Expr<Type>],
    ) -> Result<(Type, Vec<&'static Overload>), Error> {
        let Some(overloads) = library::overloads(function) else {
            return Err(undeclared_function(at, function));
        };
        let types: Vec<Type> = given.iter().map(|expr| expr.ty.clone()).collect();
        let mut result: Option<Type> = None;
        let mut fitting = Vec::new();
        for overload in overloads.iter().filter(|o| o.member == is_member) {
            let Overload {
                parameters,
                result: made,
                ..
            } = self.instantiate(overload);
            if !self.known.assignable(&types, &parameters) {
                continue;
            }
            fitting.push(overload);
            let made = self.known.apply(&made);
            result = Some(match result {
                Some(earlier) if earlier != made => Type::Dyn,
                _ => made,
            });
        }
        result.map(|result| (result, fitting)).ok_or_else(|| {
            let types: Vec<String> = types
                .iter()
                .map(|ty| self.known.finish(ty).to_string())
                .collect();
            let applied = match (is_member, types.split_first()) {
                (true, Some((target, rest))) => format!("{target}.({})", rest.join(", ")),
                _ => format!("({})", types.join(", ")),
            };
            let message =
                format!("found no matching overload for '{function}' applied to '{applied}'");
            Error::new(at, message)
        })
    }

    fn instantiate(&mut self, overload: &Overload) -> Overload {
        let fresh = [self.known.fresh(), self.known.fresh()];
        Overload {
            member: overload.member,
            parameters: overload
                .parameters
                .iter()
                .map(|ty| with_parameters(ty, &fresh))
                .collect(),
            result: with_parameters(&overload.result, &fresh),
        }
    }

    fn list(&mut self, at: usize, elements: &[Element]) -> Checked {
        let mut joined: Option<Type> = None;
        let mut typed = Vec::new();
        for element in elements {
            let value = self.expr(&element.value)?;
            let ty = self.unwrapped(&value, element.optional)?;
            joined = Some(self.join(value.at, joined, &ty)?);
            typed.push(Element {
                optional: element.optional,
                value,
            });
        }
        let element = joined.unwrap_or_else(|| self.known.fresh());
        Ok(node(at, Type::list(element), Kind::List(typed)))
    }

    fn map(&mut self, at: usize, entries: &[Entry]) -> Checked {
        let (mut keys, mut values): (Option<Type>, Option<Type>) = (None, None);
        let mut typed = Vec::new();
        for entry in entries {
            let key = self.expr(&entry.key)?;
            let value = self.expr(&entry.value)?;
            keys = Some(self.join(key.at, keys, &key.ty)?);
            let ty = self.unwrapped(&value, entry.optional)?;
            values = Some(self.join(value.at, values, &ty)?);
            typed.push(Entry {
                optional: entry.optional,
                key,
                value,
            });
        }
        let key = keys.unwrap_or_else(|| self.known.fresh());
        let value = values.unwrap_or_else(|| self.known.fresh());
        Ok(node(at, Type::map(key, value), Kind::Map(typed)))
    }

    /// The value of `?value`, which has to be an optional.
    fn unwrapped(&self, value: &Expr<Type>, optional: bool) -> Result<Type, Error> {
        let ty = self.known.apply(&value.ty);
        match (optional, &ty) {
            (false, _) | (true, Type::Dyn) => Ok(ty),
            (true, Type::Optional(inner)) => Ok((**inner).clone()),
            (true, other) => Err(Error::new(
                value.at,
                format!("expected type 'optional_type' but found '{other}'"),
            )),
        }
    }

    /// The elements of a literal have one type (`cel.ValidateHomogeneousAggregateLiterals`).
    fn join(&mut self, at: usize, before: Option<Type>, ty: &Type) -> Result<Type, Error> {
        let Some(before) = before else {
            return Ok(ty.clone());
        };
        let agree = self
            .known
            .assignable(std::slice::from_ref(&before), std::slice::from_ref(ty));
        let (was, is) = (self.known.finish(&before), self.known.finish(ty));
        let one_is_open = (was == Type::Dyn) != (is == Type::Dyn);
        match (agree, self.mixed) {
            (true, mixed) if mixed || !one_is_open => Ok(most_general(&before, ty).clone()),
            (false, true) => Ok(Type::Dyn),
            _ => Err(Error::new(
                at,
                format!("expected type '{was}' but found '{is}'"),
            )),
        }
    }

    fn bound(&mut self, at: usize, bound: &Loop) -> Checked {
        let range = self.expr(&bound.range)?;
        let types = self.variable_types(bound, &range)?;
        let scope = bound.variables.iter().cloned().zip(types).collect();
        self.scopes.push(scope);
        let filter = bound.filter.as_ref().map(|f| self.expr(f)).transpose();
        let body = self.expr(&bound.body);
        self.scopes.pop();
        let (filter, body) = (filter?, body?);
        if let Some(filter) = &filter {
            self.expect_bool(filter)?;
        }
        let ty = self.bound_type(bound.kind, &range, &body)?;
        let typed = Loop {
            kind: bound.kind,
            range,
            variables: bound.variables.clone(),
            filter,
            body,
        };
        Ok(node(at, ty, Kind::Loop(Box::new(typed))))
    }

    fn variable_types(&mut self, bound: &Loop, range: &Expr<Type>) -> Result<Vec<Type>, Error> {
        let is_optional = matches!(bound.kind, LoopKind::OptMap | LoopKind::OptFlatMap);
        let ty = self.known.apply(&range.ty);
        let types = match (&ty, is_optional) {
            (Type::Optional(value), true) => vec![(**value).clone()],
            (Type::List(element), false) if bound.variables.len() == 1 => {
                vec![(**element).clone()]
            }
            (Type::List(element), false) => vec![Type::Int, (**element).clone()],
            (Type::Map(key, value), false) => vec![(**key).clone(), (**value).clone()],
            (Type::Dyn | Type::Param(_), _) => vec![Type::Dyn, Type::Dyn],
            (other, _) => {
                let message =
                    format!("expression of type '{other}' cannot be range of a comprehension");
                return Err(Error::new(range.at, message));
            }
        };
        Ok(types)
    }

    fn bound_type(
        &mut self,
        kind: LoopKind,
        range: &Expr<Type>,
        body: &Expr<Type>,
    ) -> Result<Type, Error> {
        let of = self.known.apply(&range.ty);
        let key = match &of {
            Type::Map(key, _) => (**key).clone(),
            Type::List(_) => Type::Int,
            _ => Type::Dyn,
        };
        Ok(match kind {
            LoopKind::All | LoopKind::Exists | LoopKind::ExistsOne => {
                self.expect_bool(body)?;
                Type::Bool
            }
            LoopKind::Filter => {
                self.expect_bool(body)?;
                match of {
                    Type::Map(key, _) => Type::List(key),
                    Type::List(element) => Type::List(element),
                    _ => Type::list(Type::Dyn),
                }
            }
            LoopKind::Map | LoopKind::TransformList => Type::list(body.ty.clone()),
            LoopKind::TransformMap => Type::map(key, body.ty.clone()),
            LoopKind::TransformMapEntry => {
                let map = Type::map(self.known.fresh(), self.known.fresh());
                self.expect(body, map, "map")?
            }
            LoopKind::SortBy => {
                let keys = Type::list(body.ty.clone());
                let keys = node(body.at, keys, Kind::List(Vec::new()));
                self.resolve(body.at, "sort", true, &[&keys])?;
                of
            }
            LoopKind::OptMap => Type::optional(body.ty.clone()),
            LoopKind::OptFlatMap => {
                let optional = Type::optional(self.known.fresh());
                let optional = self.expect(body, optional, "optional_type")?;
                most_general(&self.known.apply(&body.ty), &optional).clone()
            }
        })
    }

    /// The wanted type, with what the expression says of its parameters.
    fn expect(&mut self, expr: &Expr<Type>, wanted: Type, name: &str) -> Result<Type, Error> {
        let given = [expr.ty.clone()];
        if self.known.assignable(&given, std::slice::from_ref(&wanted)) {
            return Ok(self.known.apply(&wanted));
        }
        let found = self.known.finish(&expr.ty);
        let message = format!("expected type '{name}' but found '{found}'");
        Err(Error::new(expr.at, message))
    }

    fn expect_bool(&mut self, expr: &Expr<Type>) -> Result<(), Error> {
        let given = [expr.ty.clone()];
        if self.known.assignable(&given, &[Type::Bool]) {
            return Ok(());
        }
        let found = self.known.finish(&expr.ty);
        let message = format!("expected type 'bool' but found '{found}'");
        Err(Error::new(expr.at, message))
    }
}

fn node(at: usize, ty: Type, kind: Kind<Type>) -> Expr<Type> {
    Expr { at, ty, kind }
}

fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Uint(_) => Type::Uint,
        Literal::Double(_) => Type::Double,
        Literal::String(_) => Type::String,
        Literal::Bytes(_) => Type::Bytes,
    }
}

fn with_parameters(ty: &Type, fresh: &[Type; 2]) -> Type {
    match ty {
        Type::Param(index) => fresh[*index as usize % 2].clone(),
        Type::List(element) => Type::list(with_parameters(element, fresh)),
        Type::Map(key, value) => {
            Type::map(with_parameters(key, fresh), with_parameters(value, fresh))
        }
        Type::Optional(value) => Type::optional(with_parameters(value, fresh)),
        other => other.clone(),
    }
}

fn undeclared_function(at: usize, function: &str) -> Error {
    let mut message = format!("undeclared reference to '{function}'");
    let is_near = |known: &&str| known.eq_ignore_ascii_case(function);
    if let Some(near) = library::names().find(is_near) {
        message.push_str(&format!("; did you mean '{near}'?"));
    }
    Error::new(at, message)
}

fn finish(expr: &mut Expr<Type>, known: &Substitutions) {
    expr.ty = known.finish(&expr.ty);
    match &mut expr.kind {
        Kind::Literal(_) | Kind::Name(_) => {}
        Kind::Select(select) => finish(&mut select.of, known),
        Kind::Index(index) => {
            finish(&mut index.of, known);
            finish(&mut index.key, known);
        }
        Kind::Call(call) => {
            let parts = call.target.as_deref_mut().into_iter();
            parts
                .chain(&mut call.arguments)
                .for_each(|part| finish(part, known));
        }
        Kind::List(elements) => elements
            .iter_mut()
            .for_each(|e| finish(&mut e.value, known)),
        Kind::Map(entries) => {
            for entry in entries {
                finish(&mut entry.key, known);
                finish(&mut entry.value, known);
            }
        }
        Kind::Loop(bound) => {
            finish(&mut bound.range, known);
            bound
                .filter
                .iter_mut()
                .for_each(|filter| finish(filter, known));
            finish(&mut bound.body, known);
        }
    }
}
