//! CEL rules as expressions of a target language.
//!
//! CEL knows errors: a rule that ends in one does not hold, `true || error`
//! does. Target languages would stop instead, so a boolean is translated into
//! two expressions that never fail: when it *holds*, and when it is *false*
//! (neither: it is an error). `a || b` holds if a holds or b holds, and is false
//! if both are false; and so on down to comparisons, which need both sides to be
//! *defined*. Any other value is an expression and the conditions under which
//! it is defined.
//!
//! What is the same in KCL and Python stands here; a [`Target`] knows the rest.

mod code;
mod loops;
mod optional;

pub use code::{Code, Level};

use crate::analysis::{Object, Shape, Value};
use cel_frontend::{Access, Call, Expr, Index, Kind, Literal, Select, Type};
use optional::Optional;
use std::collections::HashMap;

/// Why a rule cannot be said in a language, for people.
pub type Reason = String;

/// A value.
#[derive(Debug, Clone)]
pub struct Term<'m> {
    /// The expression, to be evaluated only where it is defined.
    pub code: Code,
    /// All of these must be true for it to be defined; each may rely on those before it.
    pub defined: Vec<Code>,
    /// Its type.
    pub ty: Type,
    /// What the schema says of it, if it is a part of the resource.
    pub place: Option<Place<'m>>,
}

/// The part of a resource's schema that a term stands for.
#[derive(Debug, Clone, Copy)]
pub enum Place<'m> {
    /// A value, not null.
    Value(&'m Value),
    /// An object: the resource itself, or one whose value is not at hand.
    Object(&'m Object),
    /// The metadata of a resource.
    Metadata,
}

impl<'m> Place<'m> {
    fn object(self) -> Option<&'m Object> {
        match self {
            Place::Object(object) => Some(object),
            Place::Value(value) => match &value.shape {
                Shape::Object(object) => Some(object),
                _ => None,
            },
            Place::Metadata => None,
        }
    }
}

impl<'m> Term<'m> {
    /// A value that is always defined and no part of the resource.
    pub fn new(code: Code, ty: Type) -> Self {
        Self {
            code,
            defined: Vec::new(),
            ty,
            place: None,
        }
    }

    /// A part of the resource.
    pub fn part(code: Code, ty: Type, place: Place<'m>) -> Self {
        Self {
            place: Some(place),
            ..Self::new(code, ty)
        }
    }

    fn given(mut self, conditions: &[Code]) -> Self {
        self.defined.splice(0..0, conditions.iter().cloned());
        self
    }
}

/// A field or an element of a term.
#[derive(Debug, Clone)]
pub struct Part<'m> {
    /// Whether it is there, given that the whole is defined.
    pub present: Code,
    /// The expression, where it is there.
    pub code: Code,
    /// What the schema says of it.
    pub place: Option<Place<'m>>,
}

/// What a call comes to: the expression, and what else must be true for it to
/// be defined, given that its arguments are.
#[derive(Debug, Clone)]
pub struct Made {
    /// The expression.
    pub code: Code,
    /// See [`Term::defined`].
    pub defined: Vec<Code>,
}

impl Made {
    /// An expression that is always defined.
    pub fn always(code: Code) -> Self {
        Self {
            code,
            defined: Vec::new(),
        }
    }
}

/// What a target language does its own way.
pub trait Target<'m> {
    /// A constant.
    fn literal(&self, literal: &Literal) -> Result<Code, Reason>;

    /// The field of an object of the resource, which the API calls `name`.
    fn field(&self, of: &Term<'m>, object: &'m Object, name: &str) -> Result<Part<'m>, Reason>;

    /// `metadata.name` or `metadata.generateName` of the resource.
    fn metadata(&self, of: &Term<'m>, name: &str) -> Result<Part<'m>, Reason>;

    /// The entry `key` of a map, or of an object without declared fields.
    fn entry(&self, of: &Term<'m>, key: &Term<'m>) -> Result<Part<'m>, Reason>;

    /// The element at a position of a list.
    fn element(&self, of: &Term<'m>, position: &Term<'m>) -> Result<Part<'m>, Reason>;

    /// Whether two defined values are equal.
    fn equal(&self, a: &Term<'m>, b: &Term<'m>) -> Result<Code, Reason>;

    /// `a < b` and its like, of two defined values.
    fn compare(&self, sign: &str, a: &Term<'m>, b: &Term<'m>) -> Result<Code, Reason>;

    /// Whether a defined value is in a defined list, or is a key of a defined map.
    fn contains(&self, whole: &Term<'m>, part: &Term<'m>) -> Result<Code, Reason>;

    /// Any other function or operator, by its name; the first argument is what
    /// a member function is called on. Also `_<_` and its like, if the type of a
    /// side is not known.
    fn call(&self, function: &str, arguments: &[Term<'m>], ty: &Type) -> Result<Made, Reason>;

    /// `type(value) == name`.
    fn is_of_type(&self, value: &Term<'m>, name: &str) -> Result<Code, Reason>;

    /// The name of a loop's variable, by its depth and its name in the rule.
    fn variable(&self, depth: usize, name: &str) -> String;

    /// Whether all (or else any) of `range` satisfy `condition`. With two
    /// variables the first is the position in a list or the key of a map, with
    /// one it is the element of a list or the key of a map.
    fn quantify(&self, all: bool, variables: &[String], range: &Term<'m>, condition: &Code)
    -> Code;

    /// The list of `body` for each of `range` that satisfies `filter`.
    fn collect(
        &self,
        variables: &[String],
        range: &Term<'m>,
        filter: Option<&Code>,
        body: &Code,
    ) -> Code;

    /// The map of `key: body` likewise.
    fn collect_map(
        &self,
        variables: &[String],
        range: &Term<'m>,
        filter: Option<&Code>,
        entry: (&Code, &Code),
    ) -> Code;

    /// The map of these entries.
    fn map(&self, entries: &[(Code, Code)]) -> Code;

    /// The number of elements of a list.
    fn count(&self, list: &Code) -> Code;

    // What follows can be left to itself: it says what most languages do, or
    // that the language cannot say it.

    /// The list of these values.
    fn list(&self, elements: &[Code]) -> Code {
        let elements: Vec<String> = elements.iter().map(ToString::to_string).collect();
        Code::atom(format!("[{}]", elements.join(", ")))
    }

    /// What else must be true for a value of this type that is there to be
    /// read: a number may have been written in a way that no rule can read.
    fn readable(&self, part: &Part<'m>, ty: &Type) -> Vec<Code> {
        let _ = (part, ty);
        Vec::new()
    }

    /// Whether a value is not null.
    fn is_there(&self, value: &Code) -> Code {
        Code::binary(Level::Comparison, value, "!=", &Code::atom("None"))
    }

    /// A map of keys and values, some of which are only there under a condition.
    fn map_of_some(&self, entries: &[(Option<Code>, Code, Code)]) -> Result<Code, Reason> {
        let _ = entries;
        Err("a map with optional entries".to_owned())
    }

    /// The elements of a list in the order of their keys.
    fn sorted(&self, range: &Term<'m>, keys: &Code) -> Result<Made, Reason> {
        let _ = (range, keys);
        Err("sortBy".to_owned())
    }

    /// A type as a value.
    fn type_value(&self, name: &str) -> Result<Code, Reason> {
        Err(format!("{name} as a value"))
    }
}

/// When the rule `tree` holds, for the value `this`, of which there is no
/// earlier state.
///
/// # Errors
/// What of it the language cannot say.
pub fn holds<'m>(
    tree: &Expr<Type>,
    this: Term<'m>,
    target: &dyn Target<'m>,
) -> Result<Code, Reason> {
    Translator::new(this, target).holds(tree)
}

/// The value of an expression, for the value `this`.
///
/// # Errors
/// What of it the language cannot say.
pub fn value<'m>(
    tree: &Expr<Type>,
    this: Term<'m>,
    target: &dyn Target<'m>,
) -> Result<Term<'m>, Reason> {
    Translator::new(this, target).value(tree)
}

struct Translator<'t, 'm> {
    target: &'t dyn Target<'m>,
    scopes: Vec<HashMap<String, Term<'m>>>,
}

impl<'t, 'm> Translator<'t, 'm> {
    fn new(this: Term<'m>, target: &'t dyn Target<'m>) -> Self {
        Self {
            target,
            scopes: vec![HashMap::from([("self".to_owned(), this)])],
        }
    }
}

impl<'m> Translator<'_, 'm> {
    fn holds(&mut self, expr: &Expr<Type>) -> Result<Code, Reason> {
        self.decide(expr, true)
    }

    fn is_false(&mut self, expr: &Expr<Type>) -> Result<Code, Reason> {
        self.decide(expr, false)
    }

    /// When the boolean `expr` is `wanted`, and no error.
    fn decide(&mut self, expr: &Expr<Type>, wanted: bool) -> Result<Code, Reason> {
        let polar = |code: Code| if wanted { code } else { code.negated() };
        match &expr.kind {
            Kind::Literal(Literal::Bool(value)) => Ok(Code::bool(*value == wanted)),
            Kind::Call(call) => self.decide_call(expr, call, wanted),
            Kind::Select(select) if select.access == Access::Presence => {
                let (whole, present) = self.presence(select)?;
                Ok(Code::all(whole.into_iter().chain([polar(present)])))
            }
            Kind::Loop(bound) if expr.ty == Type::Bool => self.decide_loop(bound, wanted),
            _ => {
                let term = self.value(expr)?;
                let is_bool = match expr.ty {
                    Type::Bool => Vec::new(),
                    _ => vec![self.target.is_of_type(&term, "bool")?],
                };
                let known = term.defined.into_iter().chain(is_bool);
                Ok(Code::all(known.chain([polar(term.code)])))
            }
        }
    }

    fn decide_call(
        &mut self,
        expr: &Expr<Type>,
        call: &Call<Type>,
        wanted: bool,
    ) -> Result<Code, Reason> {
        let arguments: Vec<&Expr<Type>> = arguments(call).collect();
        match (call.function.as_str(), arguments.as_slice()) {
            ("!_", [operand]) => self.decide(operand, !wanted),
            ("_&&_", [a, b]) => {
                let parts = [self.decide(a, wanted)?, self.decide(b, wanted)?];
                Ok(if wanted {
                    Code::all(parts)
                } else {
                    Code::any(parts)
                })
            }
            ("_||_", [a, b]) => {
                let parts = [self.decide(a, wanted)?, self.decide(b, wanted)?];
                Ok(if wanted {
                    Code::any(parts)
                } else {
                    Code::all(parts)
                })
            }
            ("_?_:_", [condition, then, otherwise]) => {
                let then = [self.holds(condition)?, self.decide(then, wanted)?];
                let otherwise = [self.is_false(condition)?, self.decide(otherwise, wanted)?];
                Ok(Code::any([Code::all(then), Code::all(otherwise)]))
            }
            ("_==_", [a, b]) => self.decide_equal(a, b, wanted),
            ("_!=_", [a, b]) => self.decide_equal(a, b, !wanted),
            ("_<_" | "_<=_" | "_>_" | "_>=_", [a, b]) => {
                let sign = call.function.trim_matches('_');
                let (a, b) = (self.value(a)?, self.value(b)?);
                if a.ty == Type::Dyn || b.ty == Type::Dyn {
                    // Whether they can be compared shows when the values are there.
                    let terms = [a, b];
                    let made = self.target.call(&call.function, &terms, &Type::Bool)?;
                    let compared = if wanted {
                        made.code
                    } else {
                        made.code.negated()
                    };
                    let defined = all_defined(&terms).into_iter().chain(made.defined);
                    return Ok(Code::all(defined.chain([compared])));
                }
                let compared = self.target.compare(sign, &a, &b)?;
                Ok(decided(&[a, b], compared, wanted))
            }
            ("@in", [part, whole]) => {
                let (part, whole) = (self.value(part)?, self.value(whole)?);
                let contained = self.target.contains(&whole, &part)?;
                Ok(decided(&[part, whole], contained, wanted))
            }
            ("hasValue", [optional]) => {
                let optional = self.optional(optional)?;
                let some = Code::all(optional.some);
                let some = if wanted { some } else { some.negated() };
                Ok(Code::all(optional.defined.into_iter().chain([some])))
            }
            _ => {
                let term = self.call(expr, call)?;
                let code = term.code.clone();
                Ok(decided(&[term], code, wanted))
            }
        }
    }

    fn decide_equal(
        &mut self,
        a: &Expr<Type>,
        b: &Expr<Type>,
        wanted: bool,
    ) -> Result<Code, Reason> {
        let named = |expr: &Expr<Type>| match &expr.kind {
            Kind::Name(name) if expr.ty == Type::Type => Some(name.clone()),
            _ => None,
        };
        let asked = |expr: &Expr<Type>| match &expr.kind {
            Kind::Call(call) if call.function == "type" => call.arguments.first().cloned(),
            _ => None,
        };
        let of_type = match (asked(a), named(b)) {
            (Some(value), Some(name)) => Some((value, name)),
            _ => asked(b).zip(named(a)),
        };
        if let Some((value, name)) = of_type {
            let value = self.value(&value)?;
            let is_of_type = self.target.is_of_type(&value, &name)?;
            return Ok(decided(&[value], is_of_type, wanted));
        }
        if matches!(
            (&a.ty, &b.ty),
            (Type::Optional(_), _) | (_, Type::Optional(_))
        ) {
            return self.decide_equal_optionals(a, b, wanted);
        }
        let (a, b) = (self.value(a)?, self.value(b)?);
        let equal = self.target.equal(&a, &b)?;
        Ok(decided(&[a, b], equal, wanted))
    }

    /// The value of an expression.
    fn value(&mut self, expr: &Expr<Type>) -> Result<Term<'m>, Reason> {
        match &expr.kind {
            Kind::Literal(literal) => Ok(Term::new(self.target.literal(literal)?, expr.ty.clone())),
            Kind::Name(name) if expr.ty == Type::Type && self.variable(name).is_err() => {
                Ok(Term::new(self.target.type_value(name)?, Type::Type))
            }
            Kind::Name(name) => self.variable(name),
            Kind::Select(select) if select.access == Access::Value => self.select(expr, select),
            Kind::Index(index) if !index.optional => self.index(expr, index),
            Kind::Call(call) => self.call(expr, call),
            Kind::List(elements) if elements.iter().any(|element| element.optional) => {
                self.list_of_optionals(expr, elements)
            }
            Kind::List(elements) => {
                let mut terms = Vec::new();
                for element in elements {
                    terms.push(self.value(&element.value)?);
                }
                let codes: Vec<Code> = terms.iter().map(|term| term.code.clone()).collect();
                let made = Term::new(self.target.list(&codes), expr.ty.clone());
                Ok(made.given(&all_defined(&terms)))
            }
            Kind::Map(entries) => self.map(expr, entries),
            Kind::Loop(bound) => self.loop_value(expr, bound),
            Kind::Select(select) if select.access == Access::Presence => self.truth(expr),
            Kind::Select(_) | Kind::Index(_) => Err(
                "an optional value that is not resolved by orValue, value or hasValue".to_owned(),
            ),
        }
    }

    /// A condition as a value.
    fn truth(&mut self, expr: &Expr<Type>) -> Result<Term<'m>, Reason> {
        let (holds, is_false) = (self.holds(expr)?, self.is_false(expr)?);
        let known = Code::any([holds.clone(), is_false]);
        Ok(Term::new(holds, Type::Bool).given(&[known]))
    }

    fn variable(&self, name: &str) -> Result<Term<'m>, Reason> {
        let found = self.scopes.iter().rev().find_map(|scope| scope.get(name));
        match found {
            Some(term) => Ok(term.clone()),
            None => Err(format!("{name} as a value")),
        }
    }

    fn presence(&mut self, select: &Select<Type>) -> Result<(Vec<Code>, Code), Reason> {
        if matches!(select.of.ty, Type::Optional(_)) {
            let optional = self.optional_field(&select.of, &select.field)?;
            return Ok((optional.defined, Code::all(optional.some)));
        }
        let of = self.value(&select.of)?;
        let part = self.part(&of, &select.field)?;
        let unread = self.unless_unreadable(&part, &field_type(&of.ty, &select.field));
        Ok((of.defined.into_iter().chain(unread).collect(), part.present))
    }

    /// Whether a part is missing or can be read: one that cannot is an error even where a rule asks whether it is there.
    fn unless_unreadable(&self, part: &Part<'m>, ty: &Type) -> Option<Code> {
        let readable = self.target.readable(part, ty);
        (!readable.is_empty()).then(|| Code::any([part.present.negated(), Code::all(readable)]))
    }

    fn select(&mut self, expr: &Expr<Type>, select: &Select<Type>) -> Result<Term<'m>, Reason> {
        let of = self.value(&select.of)?;
        let part = self.part(&of, &select.field)?;
        Ok(self.found(of, part, &expr.ty))
    }

    /// A part of a value, defined where it is there and can be read.
    fn found(&self, of: Term<'m>, part: Part<'m>, ty: &Type) -> Term<'m> {
        let mut defined = of.defined;
        let readable = self.target.readable(&part, ty);
        defined.push(part.present);
        defined.extend(readable);
        Term {
            code: part.code,
            defined,
            ty: ty.clone(),
            place: part.place,
        }
    }

    /// The field that a rule calls `field`.
    fn part(&self, of: &Term<'m>, field: &str) -> Result<Part<'m>, Reason> {
        let key = |name: &str| -> Result<Term<'m>, Reason> {
            let literal = Literal::String(name.to_owned());
            Ok(Term::new(self.target.literal(&literal)?, Type::String))
        };
        match (&of.ty, of.place) {
            (Type::Object(_), Some(Place::Metadata)) => self.target.metadata(of, field),
            (Type::Object(object), Some(place)) => {
                let declared = object.field(field);
                let name = declared.map_or(field, |declared| declared.name.as_str());
                match place.object() {
                    Some(object) => self.target.field(of, object, name),
                    None => self.target.entry(of, &key(name)?),
                }
            }
            // An object that stands for several places, or for none.
            (Type::Object(object), None) => {
                let declared = object.field(field);
                let name = declared.map_or(field, |declared| declared.name.as_str());
                self.target.entry(of, &key(name)?)
            }
            (Type::Map(..), _) => self.target.entry(of, &key(field)?),
            (ty, _) => Err(format!("the field {field} of a value of type {ty}")),
        }
    }

    fn index(&mut self, expr: &Expr<Type>, index: &Index<Type>) -> Result<Term<'m>, Reason> {
        let (of, key) = (self.value(&index.of)?, self.value(&index.key)?);
        let part = self.at(&of, &key)?;
        let defined = key.defined;
        Ok(self.found(of, part, &expr.ty).given(&defined))
    }

    fn at(&self, of: &Term<'m>, key: &Term<'m>) -> Result<Part<'m>, Reason> {
        match &of.ty {
            Type::List(_) => self.target.element(of, key),
            Type::Map(..) => self.target.entry(of, key),
            ty => Err(format!("an element of a value of type {ty}")),
        }
    }

    fn call(&mut self, expr: &Expr<Type>, call: &Call<Type>) -> Result<Term<'m>, Reason> {
        let given: Vec<&Expr<Type>> = arguments(call).collect();
        match (call.function.as_str(), given.as_slice()) {
            (
                "!_" | "_&&_" | "_||_" | "_==_" | "_!=_" | "_<_" | "_<=_" | "_>_" | "_>=_" | "@in"
                | "hasValue",
                _,
            ) => self.truth(expr),
            ("_?_:_", _) if expr.ty == Type::Bool => self.truth(expr),
            ("_?_:_", [condition, then, otherwise]) => {
                let (then, otherwise) = (self.value(then)?, self.value(otherwise)?);
                let (holds, is_false) = (self.holds(condition)?, self.is_false(condition)?);
                let code = Code::choice(&holds, &then.code, &otherwise.code);
                let known = Code::any([
                    Code::all([holds].into_iter().chain(then.defined)),
                    Code::all([is_false].into_iter().chain(otherwise.defined)),
                ]);
                Ok(Term::new(code, expr.ty.clone()).given(&[known]))
            }
            ("dyn", [value]) => Ok(Term {
                ty: Type::Dyn,
                ..self.value(value)?
            }),
            ("orValue", [optional, otherwise]) => {
                let (optional, otherwise) = (self.optional(optional)?, self.value(otherwise)?);
                Ok(optional.or_value(otherwise))
            }
            ("value", [optional]) => Ok(self.optional(optional)?.value()),
            _ => {
                let mut terms = Vec::new();
                for argument in given {
                    terms.push(self.value(argument)?);
                }
                let made = self.target.call(&call.function, &terms, &expr.ty)?;
                let mut defined = all_defined(&terms);
                defined.extend(made.defined);
                Ok(Term::new(made.code, expr.ty.clone()).given(&defined))
            }
        }
    }

    fn map(
        &mut self,
        expr: &Expr<Type>,
        entries: &[cel_frontend::Entry<Type>],
    ) -> Result<Term<'m>, Reason> {
        let mut known = Vec::new();
        let mut found: Vec<(Option<Code>, Code, Code)> = Vec::new();
        for entry in entries {
            let key = self.value(&entry.key)?;
            known.extend(key.defined);
            if entry.optional {
                let (defined, some, value) = self.optional(&entry.value)?.parts();
                known.extend(defined);
                found.extend(value.map(|value| (Some(some), key.code, value)));
            } else {
                let value = self.value(&entry.value)?;
                known.extend(value.defined);
                found.push((None, key.code, value.code));
            }
        }
        let code = if found.iter().any(|(some, ..)| some.is_some()) {
            self.target.map_of_some(&found)?
        } else {
            let pairs = found.into_iter().map(|(_, key, value)| (key, value));
            self.target.map(&pairs.collect::<Vec<_>>())
        };
        Ok(Term::new(code, expr.ty.clone()).given(&known))
    }

    fn optional(&mut self, expr: &Expr<Type>) -> Result<Optional<'m>, Reason> {
        optional::translate(self, expr)
    }
}

/// What a member function is called on, then the arguments.
fn arguments(call: &Call<Type>) -> impl Iterator<Item = &Expr<Type>> {
    call.target.as_deref().into_iter().chain(&call.arguments)
}

/// The type of a field of an object, or of a value of a map.
fn field_type(of: &Type, field: &str) -> Type {
    let ty = match of {
        Type::Object(object) => object.field(field).map(|field| field.ty.clone()),
        Type::Map(_, value) => Some((**value).clone()),
        _ => None,
    };
    ty.unwrap_or(Type::Dyn)
}

fn all_defined(terms: &[Term<'_>]) -> Vec<Code> {
    terms
        .iter()
        .flat_map(|term| term.defined.iter().cloned())
        .collect()
}

/// A condition on defined values.
fn decided(terms: &[Term<'_>], condition: Code, wanted: bool) -> Code {
    let condition = if wanted {
        condition
    } else {
        condition.negated()
    };
    Code::all(all_defined(terms).into_iter().chain([condition]))
}
