//! `minimum` and `maximum`, as the API server understands them (kube-openapi
//! v0.37, `pkg/validation/validate/values.go`): it keeps every bound as a float
//! and cuts its fraction off for whole numbers.

use super::Pair;
use crate::diff::change::{Findings, Values, Verdict, breaking, wider};
use kube_schema::{Number, Schema, Type};
use serde_json::Value as Json;
use std::cmp::Ordering;

/// Which end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Least,
    Most,
}

/// The end of a range. The number and whether it is out itself make one thing.
#[derive(Debug, Clone, Copy)]
struct Bound {
    number: Number,
    is_out: bool,
    /// int64 cannot hold the float that the API server makes of the number, as of
    /// the common 9223372036854775807.
    refuses_all: bool,
}

impl Pair<'_> {
    pub(super) fn range(&self, end: End, out: &mut Findings<'_>) {
        let (old, new) = (Bound::of(self.old, end), Bound::of(self.new, end));
        let Some(verdict) = verdict(end, old, new) else {
            return;
        };
        let [number, is_out] = match end {
            End::Least => ["minimum", "exclusiveMinimum"],
            End::Most => ["maximum", "exclusiveMaximum"],
        };
        match (old, new) {
            (Some(old), Some(new)) if compare(old.number, new.number) == Ordering::Equal => {
                self.say(is_out, Values::both(old.is_out, new.is_out), verdict, out);
            }
            _ => {
                let json = |bound: Option<Bound>| bound.map(|bound| number_json(bound.number));
                self.say(number, Values::of(json(old), json(new)), verdict, out);
            }
        }
    }
}

impl Bound {
    fn of(schema: &Schema, end: End) -> Option<Self> {
        const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
        let (number, is_out) = match end {
            End::Least => (schema.minimum?, schema.exclusive_minimum),
            End::Most => (schema.maximum?, schema.exclusive_maximum),
        };
        let is_whole = schema.value_type == Some(Type::Integer);
        Some(Bound {
            number,
            is_out,
            refuses_all: is_whole && number.as_f64().abs() >= TWO_TO_63,
        })
    }
}

/// None if the same numbers are let through.
fn verdict(end: End, old: Option<Bound>, new: Option<Bound>) -> Option<Verdict> {
    let Some(new) = new else {
        return old.map(|_| wider());
    };
    let refused_all = old.is_some_and(|old| old.refuses_all);
    match (refused_all, new.refuses_all, old) {
        (true, true, _) => None,
        (true, false, _) => Some(wider()),
        (false, true, _) => Some(breaking(
            "the API server keeps bounds as floats, and refuses every whole number under this one",
        )),
        (false, false, None) => Some(narrower(end, new)),
        (false, false, Some(old)) => match tightness(end, old, new) {
            Ordering::Equal => None,
            Ordering::Less => Some(wider()),
            Ordering::Greater => Some(narrower(end, new)),
        },
    }
}

fn narrower(end: End, bound: Bound) -> Verdict {
    let words = match (end, bound.is_out) {
        (End::Most, false) => "more than",
        (End::Most, true) => "not less than",
        (End::Least, false) => "less than",
        (End::Least, true) => "not more than",
    };
    breaking(format!(
        "an object that holds {words} {} becomes invalid",
        bound.number
    ))
}

/// Greater: the new bound lets less through, be it of any numbers or of whole
/// ones: under an exclusive 0.5 the API server refuses 0.
fn tightness(end: End, old: Bound, new: Bound) -> Ordering {
    let by = |cut: fn(Number) -> Number| {
        let numbers = match end {
            End::Least => compare(cut(new.number), cut(old.number)),
            End::Most => compare(cut(old.number), cut(new.number)),
        };
        numbers.then(new.is_out.cmp(&old.is_out))
    };
    match by(|number| Number::from(number.as_f64().trunc())) {
        Ordering::Greater => Ordering::Greater,
        _ => by(|number| number),
    }
}

fn compare(a: Number, b: Number) -> Ordering {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => a.cmp(&b),
        // Both are finite.
        _ => a
            .as_f64()
            .partial_cmp(&b.as_f64())
            .unwrap_or(Ordering::Equal),
    }
}

pub(super) fn number_json(number: Number) -> Json {
    match number.as_i64() {
        Some(whole) => Json::from(whole),
        None => Json::from(number.as_f64()),
    }
}
