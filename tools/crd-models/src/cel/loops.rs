//! The macros that bind variables.

use super::{Code, Level, Place, Reason, Term, Translator, all_defined};
use crate::analysis::{Shape, Value};
use cel_frontend::{Expr, Kind, Loop, LoopKind, Type};
use std::collections::HashMap;

/// A loop whose range and variables are translated.
struct Opened<'m> {
    range: Term<'m>,
    variables: Vec<String>,
}

impl<'m> Translator<'_, 'm> {
    /// When a loop with a boolean result is `wanted`.
    pub(super) fn decide_loop(&mut self, bound: &Loop<Type>, wanted: bool) -> Result<Code, Reason> {
        let opened = self.open(bound)?;
        let decided = match bound.kind {
            LoopKind::All | LoopKind::Exists => {
                // `all` holds if the body holds for all, is false if it is false for any.
                let for_all = (bound.kind == LoopKind::All) == wanted;
                let body = self.decide(&bound.body, wanted)?;
                let (variables, range) = (&opened.variables, &opened.range);
                self.target.quantify(for_all, variables, range, &body)
            }
            LoopKind::ExistsOne => self.exactly_one(bound, &opened, wanted)?,
            _ => return Err("a loop as a condition".to_owned()),
        };
        self.scopes.pop();
        Ok(Code::all(opened.range.defined.into_iter().chain([decided])))
    }

    /// `exists_one` swallows no error: the body must be defined for every element.
    fn exactly_one(
        &mut self,
        bound: &Loop<Type>,
        opened: &Opened<'m>,
        wanted: bool,
    ) -> Result<Code, Reason> {
        let (holds, is_false) = (self.holds(&bound.body)?, self.is_false(&bound.body)?);
        let (variables, range) = (&opened.variables, &opened.range);
        let known = Code::any([holds.clone(), is_false]);
        let known = self.target.quantify(true, variables, range, &known);
        let one = Code::atom("1");
        let list = self.target.collect(variables, range, Some(&holds), &one);
        let sign = if wanted { "==" } else { "!=" };
        let count = Code::binary(Level::Comparison, &self.target.count(&list), sign, &one);
        Ok(Code::all([known, count]))
    }

    /// A loop with another result.
    pub(super) fn loop_value(
        &mut self,
        expr: &Expr<Type>,
        bound: &Loop<Type>,
    ) -> Result<Term<'m>, Reason> {
        match bound.kind {
            LoopKind::All | LoopKind::Exists | LoopKind::ExistsOne => return self.truth(expr),
            LoopKind::OptMap | LoopKind::OptFlatMap => {
                return Err("an optional value that is not resolved".to_owned());
            }
            _ => {}
        }
        let opened = self.open(bound)?;
        let made = match bound.kind {
            LoopKind::SortBy => self.sorted(expr, bound, &opened),
            _ => self.collected(expr, bound, &opened),
        };
        self.scopes.pop();
        Ok(made?.given(&opened.range.defined))
    }

    fn sorted(
        &mut self,
        expr: &Expr<Type>,
        bound: &Loop<Type>,
        opened: &Opened<'m>,
    ) -> Result<Term<'m>, Reason> {
        let (variables, range) = (&opened.variables, &opened.range);
        let body = self.value(&bound.body)?;
        let keys = self.target.collect(variables, range, None, &body.code);
        let known = Code::all(body.defined);
        let known = self.target.quantify(true, variables, range, &known);
        let made = self.target.sorted(range, &keys)?;
        let term = Term {
            place: range.place,
            ..Term::new(made.code, expr.ty.clone())
        };
        Ok(term.given(&made.defined).given(&[known]))
    }

    fn collected(
        &mut self,
        expr: &Expr<Type>,
        bound: &Loop<Type>,
        opened: &Opened<'m>,
    ) -> Result<Term<'m>, Reason> {
        let (variables, range) = (&opened.variables, &opened.range);
        if bound.kind == LoopKind::Filter {
            let (holds, is_false) = (self.holds(&bound.body)?, self.is_false(&bound.body)?);
            let known = Code::any([holds.clone(), is_false]);
            let known = self.target.quantify(true, variables, range, &known);
            let element = Code::atom(variables[0].clone());
            let code = self
                .target
                .collect(variables, range, Some(&holds), &element);
            let place = match range.ty {
                Type::List(_) => range.place,
                _ => None,
            };
            let made = Term {
                place,
                ..Term::new(code, expr.ty.clone())
            };
            return Ok(made.given(&[known]));
        }
        let mut known = Vec::new();
        let filter = match &bound.filter {
            Some(filter) => {
                let (holds, is_false) = (self.holds(filter)?, self.is_false(filter)?);
                known.push(Code::any([holds.clone(), is_false]));
                Some(holds)
            }
            None => None,
        };
        let (code, defined) = self.body(bound, opened, filter.as_ref())?;
        let skipped = filter.iter().map(Code::negated);
        known.push(Code::any(skipped.chain([Code::all(defined)])));
        let known = self
            .target
            .quantify(true, variables, range, &Code::all(known));
        Ok(Term::new(code, expr.ty.clone()).given(&[known]))
    }

    /// What the loop makes, and when the body is defined for one element.
    fn body(
        &mut self,
        bound: &Loop<Type>,
        opened: &Opened<'m>,
        filter: Option<&Code>,
    ) -> Result<(Code, Vec<Code>), Reason> {
        let (variables, range) = (&opened.variables, &opened.range);
        match bound.kind {
            LoopKind::TransformMap => {
                let value = self.value(&bound.body)?;
                let key = Code::atom(variables[0].clone());
                let entry = (&key, &value.code);
                let code = self.target.collect_map(variables, range, filter, entry);
                Ok((code, value.defined))
            }
            LoopKind::TransformMapEntry => {
                let entry = match &bound.body.kind {
                    Kind::Map(entries) if entries.len() == 1 => &entries[0],
                    _ => return Err("transformMapEntry without one entry".to_owned()),
                };
                let (key, value) = (self.value(&entry.key)?, self.value(&entry.value)?);
                let pair = (&key.code, &value.code);
                let code = self.target.collect_map(variables, range, filter, pair);
                Ok((code, all_defined(&[key, value])))
            }
            _ => {
                let value = self.value(&bound.body)?;
                let code = self.target.collect(variables, range, filter, &value.code);
                Ok((code, value.defined))
            }
        }
    }

    /// Opens a scope with the loop's variables; the caller closes it.
    fn open(&mut self, bound: &Loop<Type>) -> Result<Opened<'m>, Reason> {
        let range = self.value(&bound.range)?;
        let (key, value) = match &range.ty {
            Type::List(element) => (Type::Int, (**element).clone()),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            ty => return Err(format!("a loop over a value of type {ty}")),
        };
        let depth = self.scopes.len();
        let variables: Vec<String> = bound
            .variables
            .iter()
            .map(|name| self.target.variable(depth, name))
            .collect();
        let below = range.place.and_then(below);
        let named = |index: usize, ty: Type, place: Option<&'m Value>| Term {
            place: place.map(Place::Value),
            ..Term::new(Code::atom(variables[index].clone()), ty)
        };
        let terms = match (bound.variables.len(), &range.ty) {
            (1, Type::List(_)) => vec![named(0, value, below)],
            (1, _) => vec![named(0, key, None)],
            _ => vec![named(0, key, None), named(1, value, below)],
        };
        let scope: HashMap<String, Term<'m>> = bound.variables.iter().cloned().zip(terms).collect();
        self.scopes.push(scope);
        Ok(Opened { range, variables })
    }
}

/// What the schema says of the elements of a list or the values of a map.
pub(super) fn below(place: Place<'_>) -> Option<&Value> {
    match place {
        Place::Value(value) => match &value.shape {
            Shape::List(element) => Some(element),
            Shape::Map(entry) => Some(entry),
            _ => None,
        },
        Place::Object(_) | Place::Metadata => None,
    }
}
