//! Which types go together, after cel-go's `checker/types.go`.

use crate::Type;
use std::collections::HashMap;
use std::sync::Arc;

/// What is known of the type parameters so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Substitutions {
    known: HashMap<u32, Type>,
    fresh: u32,
}

impl Substitutions {
    pub fn fresh(&mut self) -> Type {
        self.fresh += 1;
        Type::Param(self.fresh)
    }

    /// Whether each of `given` can be used as each of `wanted`; what that says of
    /// type parameters is kept if it is so.
    pub fn assignable(&mut self, given: &[Type], wanted: &[Type]) -> bool {
        let mut attempt = self.clone();
        let fits = given.len() == wanted.len()
            && given
                .iter()
                .zip(wanted)
                .all(|(given, wanted)| attempt.fits(given, wanted));
        if fits {
            *self = attempt;
        }
        fits
    }

    fn fits(&mut self, a: &Type, b: &Type) -> bool {
        if let Type::Param(param) = b {
            match self.substitution_fits(a, *param) {
                (true, _) => return true,
                (false, true) => return false,
                (false, false) => {}
            }
        }
        if let Type::Param(param) = a {
            return self.substitution_fits(b, *param).0;
        }
        match (a, b) {
            (Type::Dyn, _) | (_, Type::Dyn) => true,
            (Type::Null, other) | (other, Type::Null) => takes_null(other),
            (Type::List(a), Type::List(b)) | (Type::Optional(a), Type::Optional(b)) => {
                self.fits(a, b)
            }
            (Type::Map(a_key, a), Type::Map(b_key, b)) => {
                self.fits(a_key, b_key) && self.fits(a, b)
            }
            (a, b) => a == b,
        }
    }

    /// Whether `param` may stand for `ty`, and whether it already stands for something.
    fn substitution_fits(&mut self, ty: &Type, param: u32) -> (bool, bool) {
        if *ty == Type::Param(param) {
            return (true, true);
        }
        if let Some(known) = self.known.get(&param).cloned() {
            if *ty == known {
                return (true, true);
            }
            if self.fits(ty, &known) {
                let general = most_general(ty, &known).clone();
                if !self.mentions(&general, param) {
                    self.known.insert(param, general);
                }
                return (true, true);
            }
            return (false, true);
        }
        if self.mentions(ty, param) {
            return (false, false);
        }
        self.known.insert(param, ty.clone());
        (true, false)
    }

    fn mentions(&self, ty: &Type, param: u32) -> bool {
        match ty {
            Type::Param(found) if *found == param => true,
            Type::Param(found) => match self.known.get(found) {
                Some(known) => self.mentions(known, param),
                None => false,
            },
            Type::List(inner) | Type::Optional(inner) => self.mentions(inner, param),
            Type::Map(key, value) => self.mentions(key, param) || self.mentions(value, param),
            _ => false,
        }
    }

    /// The type with what is known put in.
    pub fn apply(&self, ty: &Type) -> Type {
        let inner = |ty: &Arc<Type>| Arc::new(self.apply(ty));
        match ty {
            Type::Param(param) => match self.known.get(param) {
                Some(known) => self.apply(known),
                None => ty.clone(),
            },
            Type::List(element) => Type::List(inner(element)),
            Type::Map(key, value) => Type::Map(inner(key), inner(value)),
            Type::Optional(value) => Type::Optional(inner(value)),
            other => other.clone(),
        }
    }

    /// The same, and whatever is still unknown may be anything.
    pub fn finish(&self, ty: &Type) -> Type {
        match self.apply(ty) {
            Type::Param(_) => Type::Dyn,
            Type::List(element) => Type::list(self.finish(&element)),
            Type::Map(key, value) => Type::map(self.finish(&key), self.finish(&value)),
            Type::Optional(value) => Type::optional(self.finish(&value)),
            other => other,
        }
    }
}

fn takes_null(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Null
            | Type::Object(_)
            | Type::Opaque(_)
            | Type::Optional(_)
            | Type::Duration
            | Type::Timestamp
    )
}

pub(crate) fn most_general<'a>(a: &'a Type, b: &'a Type) -> &'a Type {
    if less_specific(a, b) { a } else { b }
}

fn less_specific(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Dyn | Type::Param(_), _) => true,
        (_, Type::Dyn | Type::Param(_)) => false,
        (Type::List(a), Type::List(b)) | (Type::Optional(a), Type::Optional(b)) => {
            less_specific(a, b)
        }
        (Type::Map(a_key, a), Type::Map(b_key, b)) => {
            less_specific(a_key, b_key) && less_specific(a, b)
        }
        (a, b) => a == b,
    }
}
