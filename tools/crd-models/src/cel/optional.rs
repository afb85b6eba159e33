//! Optional values: `a.?b`, `a[?k]`, `optional.of`, and what becomes of them.
//! None is ever made in the target language; they are resolved where they are used.

use super::loops::below;
use super::{Code, Place, Reason, Term, Translator, arguments, field_type};
use cel_frontend::{Access, Call, Element, Expr, Kind, Literal, Loop, LoopKind, Type};
use std::collections::HashMap;

/// A value that may not be there.
#[derive(Debug, Clone)]
pub(super) struct Optional<'m> {
    /// When it is known whether there is a value.
    pub defined: Vec<Code>,
    /// When there is one; each may rely on those before it, and on `defined`.
    pub some: Vec<Code>,
    /// The value, if there is one.
    value: Option<Term<'m>>,
}

impl<'m> Optional<'m> {
    fn of(value: Term<'m>) -> Self {
        Self {
            defined: value.defined.clone(),
            some: Vec::new(),
            value: Some(Term {
                defined: Vec::new(),
                ..value
            }),
        }
    }

    fn none() -> Self {
        Self {
            defined: Vec::new(),
            some: vec![Code::bool(false)],
            value: None,
        }
    }

    /// When it is known whether there is a value, when there is one, and the value.
    pub fn parts(self) -> (Vec<Code>, Code, Option<Code>) {
        let value = self.value.map(|value| value.code);
        (self.defined, Code::all(self.some), value)
    }

    pub fn or_value(self, otherwise: Term<'m>) -> Term<'m> {
        let some = Code::all(self.some);
        let Some(value) = self.value else {
            return otherwise.given(&self.defined);
        };
        let needs_other = Code::all(otherwise.defined);
        let known = Code::any([some.clone(), needs_other]);
        let code = Code::choice(&some, &value.code, &otherwise.code);
        Term::new(code, otherwise.ty)
            .given(&[known])
            .given(&self.defined)
    }

    /// When a part of this is missing, or what must be true of the part is.
    fn unless_none(&self, of_part: Option<Code>) -> Option<Code> {
        let missing = Code::all(self.some.clone()).negated();
        of_part.map(|code| Code::any([missing, code]))
    }

    pub fn value(self) -> Term<'m> {
        match self.value {
            Some(value) => value.given(&self.some).given(&self.defined),
            None => Term::new(Code::atom("None"), Type::Dyn).given(&self.some),
        }
    }
}

pub(super) fn translate<'m>(
    translator: &mut Translator<'_, 'm>,
    expr: &Expr<Type>,
) -> Result<Optional<'m>, Reason> {
    match &expr.kind {
        Kind::Select(select) if select.access != Access::Presence => {
            translator.optional_field(&select.of, &select.field)
        }
        Kind::Index(index) => {
            let of = translator.base(&index.of)?;
            let key = translator.value(&index.key)?;
            let Some(value) = &of.value else {
                return Ok(of);
            };
            let part = translator.at(value, &key)?;
            let mut known = key.defined;
            known.extend(of.unless_none(translator.unless_unreadable(&part, &inner(&expr.ty))));
            let part = translator.found(value.clone(), part, &inner(&expr.ty));
            Ok(step(of.clone(), part, known))
        }
        Kind::Call(call) => translator.optional_call(call),
        // Of the earlier state there is none.
        Kind::Name(name) if name == "oldSelf" && translator.variable(name).is_err() => {
            Ok(Optional::none())
        }
        Kind::Loop(bound) => translator.mapped(bound),
        _ => Err("this optional value".to_owned()),
    }
}

impl<'m> Translator<'_, 'm> {
    /// `of.?field`, or `.field` of an optional value.
    pub(super) fn optional_field(
        &mut self,
        of: &Expr<Type>,
        field: &str,
    ) -> Result<Optional<'m>, Reason> {
        let of = self.base(of)?;
        let Some(value) = &of.value else {
            return Ok(of);
        };
        let part = self.part(value, field)?;
        let ty = field_type(&value.ty, field);
        let known = of.unless_none(self.unless_unreadable(&part, &ty));
        let part = self.found(value.clone(), part, &ty);
        Ok(step(of.clone(), part, known.into_iter().collect()))
    }

    /// What `.?` or `[?]` is applied to: an optional as it is, any other value as one that is there.
    fn base(&mut self, expr: &Expr<Type>) -> Result<Optional<'m>, Reason> {
        match expr.ty {
            Type::Optional(_) => translate(self, expr),
            _ => Ok(Optional::of(self.value(expr)?)),
        }
    }

    fn optional_call(&mut self, call: &Call<Type>) -> Result<Optional<'m>, Reason> {
        let given: Vec<&Expr<Type>> = arguments(call).collect();
        match (call.function.as_str(), given.as_slice()) {
            ("optional.of", [value]) => Ok(Optional::of(self.value(value)?)),
            ("optional.none", _) => Ok(Optional::none()),
            ("_?_:_", [condition, then, otherwise]) => self.chosen(condition, then, otherwise),
            ("optional.ofNonZeroValue", [value]) => {
                let value = self.value(value)?;
                let some = vec![self.is_not_zero(&value)?];
                Ok(Optional {
                    some,
                    ..Optional::of(value)
                })
            }
            ("or", [a, b]) => {
                let (a, b) = (translate(self, a)?, translate(self, b)?);
                let a_some = Code::all(a.some.clone());
                let Some(other) = b.value.clone() else {
                    return Ok(a);
                };
                let Some(value) = a.value.clone() else {
                    return Ok(b);
                };
                let mut defined = a.defined;
                defined.push(Code::any([a_some.clone(), Code::all(b.defined)]));
                let code = Code::choice(&a_some, &value.code, &other.code);
                Ok(Optional {
                    defined,
                    some: vec![Code::any([a_some, Code::all(b.some)])],
                    value: Some(Term::new(code, value.ty)),
                })
            }
            (function @ ("first" | "last"), [list]) => {
                let list = self.value(list)?;
                let position = if function == "first" { "0" } else { "-1" };
                let ty = match &list.ty {
                    Type::List(element) => (**element).clone(),
                    _ => Type::Dyn,
                };
                let count = self.target.count(&list.code);
                let code = Code::atom(format!("{}[{position}]", list.code.at(super::Level::Atom)));
                let zero = Code::atom("0");
                let value = Term {
                    place: list.place.and_then(below).map(Place::Value),
                    ..Term::new(code, ty)
                };
                Ok(Optional {
                    defined: list.defined,
                    some: vec![Code::binary(super::Level::Comparison, &count, ">", &zero)],
                    value: Some(value),
                })
            }
            (function, _) => self.optional_result(function, &given),
        }
    }

    /// Whether a defined value is another one than its type's zero.
    fn is_not_zero(&self, value: &Term<'m>) -> Result<Code, Reason> {
        let zero = match value.ty {
            Type::Bool => Literal::Bool(false),
            Type::Int => Literal::Int(0),
            Type::Uint => Literal::Uint(0),
            Type::Double => Literal::Double(0.0),
            Type::String => Literal::String(String::new()),
            Type::List(_) => {
                let (count, zero) = (self.target.count(&value.code), Code::atom("0"));
                return Ok(Code::binary(super::Level::Comparison, &count, ">", &zero));
            }
            ref ty => return Err(format!("the zero of the type {ty}")),
        };
        let zero = Term::new(self.target.literal(&zero)?, value.ty.clone());
        Ok(self.target.equal(value, &zero)?.negated())
    }

    /// Two optionals are equal if neither has a value or both have the same.
    pub(super) fn decide_equal_optionals(
        &mut self,
        a: &Expr<Type>,
        b: &Expr<Type>,
        wanted: bool,
    ) -> Result<Code, Reason> {
        let (a, b) = (self.base(a)?, self.base(b)?);
        let (some_a, some_b) = (Code::all(a.some), Code::all(b.some));
        let equal = match (&a.value, &b.value) {
            (Some(a), Some(b)) => self.target.equal(a, b)?,
            _ => Code::bool(false),
        };
        let both = Code::all([some_a.clone(), some_b.clone()]);
        let decided = if wanted {
            let neither = Code::all([some_a.negated(), some_b.negated()]);
            Code::any([neither, Code::all([both, equal])])
        } else {
            Code::any([
                Code::all([some_a.clone(), some_b.negated()]),
                Code::all([some_a.negated(), some_b.clone()]),
                Code::all([both, equal.negated()]),
            ])
        };
        let defined = a.defined.into_iter().chain(b.defined);
        Ok(Code::all(defined.chain([decided])))
    }

    /// `[a, ?b]`: a sum of lists, some of them empty.
    pub(super) fn list_of_optionals(
        &mut self,
        expr: &Expr<Type>,
        elements: &[Element<Type>],
    ) -> Result<Term<'m>, Reason> {
        let mut defined = Vec::new();
        let mut sum: Option<Code> = None;
        for element in elements {
            let of = match element.optional {
                true => translate(self, &element.value)?,
                false => Optional::of(self.value(&element.value)?),
            };
            defined.extend(of.defined);
            let one: Vec<Code> = of.value.iter().map(|value| value.code.clone()).collect();
            let (one, none) = (self.target.list(&one), self.target.list(&[]));
            let part = Code::choice(&Code::all(of.some), &one, &none);
            sum = Some(match sum {
                None => part,
                Some(sum) => Code::binary(super::Level::Sum, &sum, "+", &part),
            });
        }
        let code = sum.unwrap_or_else(|| self.target.list(&[]));
        Ok(Term::new(code, expr.ty.clone()).given(&defined))
    }

    /// A function of the target that gives an optional: none is null there.
    fn optional_result(
        &mut self,
        function: &str,
        given: &[&Expr<Type>],
    ) -> Result<Optional<'m>, Reason> {
        let mut terms = Vec::new();
        for argument in given {
            terms.push(self.value(argument)?);
        }
        let made = self.target.call(function, &terms, &Type::Dyn)?;
        let mut defined = super::all_defined(&terms);
        defined.extend(made.defined);
        Ok(Optional {
            defined,
            some: vec![self.target.is_there(&made.code)],
            value: Some(Term::new(made.code, Type::Dyn)),
        })
    }

    /// `c ? a : b` of optional values.
    fn chosen(
        &mut self,
        condition: &Expr<Type>,
        then: &Expr<Type>,
        otherwise: &Expr<Type>,
    ) -> Result<Optional<'m>, Reason> {
        let (holds, is_false) = (self.holds(condition)?, self.is_false(condition)?);
        let (then, otherwise) = (translate(self, then)?, translate(self, otherwise)?);
        let either = |then: Vec<Code>, otherwise: Vec<Code>| {
            Code::any([
                Code::all([holds.clone()].into_iter().chain(then)),
                Code::all([is_false.clone()].into_iter().chain(otherwise)),
            ])
        };
        let value = match (then.value, otherwise.value) {
            (Some(then), Some(otherwise)) => {
                let code = Code::choice(&holds, &then.code, &otherwise.code);
                Some(Term::new(code, then.ty))
            }
            (then, otherwise) => then.or(otherwise),
        };
        Ok(Optional {
            defined: vec![either(then.defined, otherwise.defined)],
            some: vec![either(then.some, otherwise.some)],
            value,
        })
    }

    /// `optional.optMap(x, …)`: the value's expression takes the variable's place.
    fn mapped(&mut self, bound: &Loop<Type>) -> Result<Optional<'m>, Reason> {
        let of = translate(self, &bound.range)?;
        let Some(value) = of.value.clone() else {
            return Ok(of);
        };
        let name = bound.variables.first().cloned().unwrap_or_default();
        self.scopes.push(HashMap::from([(name, value)]));
        let body = match bound.kind {
            LoopKind::OptFlatMap => translate(self, &bound.body),
            _ => self.value(&bound.body).map(Optional::of),
        };
        self.scopes.pop();
        let body = body?;
        let some = Code::all(of.some.clone());
        let mut defined = of.defined;
        defined.push(Code::any([some.negated(), Code::all(body.defined)]));
        Ok(Optional {
            defined,
            some: of.some.into_iter().chain(body.some).collect(),
            value: body.value,
        })
    }
}

/// One step into a value that may not be there: it is there if the part is.
fn step<'m>(of: Optional<'m>, part: Term<'m>, key: Vec<Code>) -> Optional<'m> {
    let mut defined = of.defined;
    defined.extend(key);
    let mut some = of.some;
    some.extend(part.defined);
    Optional {
        defined,
        some,
        value: Some(Term {
            defined: Vec::new(),
            code: part.code,
            ty: part.ty,
            place: part.place,
        }),
    }
}

fn inner(ty: &Type) -> Type {
    match ty {
        Type::Optional(value) => (**value).clone(),
        other => other.clone(),
    }
}
