//! How much there may be. A bound that gets tighter breaks objects, one that
//! gets looser breaks nobody: crdify's `maximum`, `minLength`, `maxItems`, ….

use super::Pair;
use crate::diff::change::{Findings, Values, Verdict, breaking, wider};
use kube_schema::Number;
use serde_json::Value as Json;
use std::cmp::Ordering;

/// Which end a bound is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Least,
    Most,
}

impl Pair<'_> {
    pub(super) fn bounds(&self, out: &mut Findings<'_>) {
        self.counts(out);
        self.range(End::Least, out);
        self.range(End::Most, out);
        self.factor(out);
        if self.old.unique_items != self.new.unique_items {
            let values = Values::both(self.old.unique_items, self.new.unique_items);
            let verdict = if self.new.unique_items {
                breaking("an object that holds an element twice becomes invalid")
            } else {
                wider()
            };
            self.say("uniqueItems", values, verdict, out);
        }
    }

    fn counts(&self, out: &mut Findings<'_>) {
        use End::{Least, Most};
        let (a, b) = (self.old, self.new);
        for (property, end, unit, old, new) in [
            ("minLength", Least, "characters", a.min_length, b.min_length),
            ("maxLength", Most, "characters", a.max_length, b.max_length),
            ("minItems", Least, "elements", a.min_items, b.min_items),
            ("maxItems", Most, "elements", a.max_items, b.max_items),
            (
                "minProperties",
                Least,
                "fields",
                a.min_properties,
                b.min_properties,
            ),
            (
                "maxProperties",
                Most,
                "fields",
                a.max_properties,
                b.max_properties,
            ),
        ] {
            // Nothing has fewer than none.
            let given = |count: Option<i64>| count.filter(|count| end == Most || *count > 0);
            let (old, new) = (given(old), given(new));
            if old != new {
                let verdict = count_verdict(end, unit, old, new);
                self.say(property, Values::of(old, new), verdict, out);
            }
        }
    }

    /// The bound and whether it is out itself make one thing.
    fn range(&self, end: End, out: &mut Findings<'_>) {
        let (a, b) = (self.old, self.new);
        let (names, old, new) = match end {
            End::Least => (
                ["minimum", "exclusiveMinimum"],
                a.minimum.map(|number| (number, a.exclusive_minimum)),
                b.minimum.map(|number| (number, b.exclusive_minimum)),
            ),
            End::Most => (
                ["maximum", "exclusiveMaximum"],
                a.maximum.map(|number| (number, a.exclusive_maximum)),
                b.maximum.map(|number| (number, b.exclusive_maximum)),
            ),
        };
        let verdict = match (old, new) {
            (None, None) => return,
            (Some(_), None) => wider(),
            (None, Some(new)) => narrower(end, new),
            (Some(old), Some(new)) => match tightness(end, old, new) {
                Ordering::Equal => return,
                Ordering::Less => wider(),
                Ordering::Greater => narrower(end, new),
            },
        };
        let numbers = (old.map(|bound| bound.0), new.map(|bound| bound.0));
        let (name, values) = match (old, new) {
            (Some(old), Some(new)) if compare(old.0, new.0) == Ordering::Equal => {
                (names[1], Values::both(old.1, new.1))
            }
            _ => (
                names[0],
                Values::of(numbers.0.map(json), numbers.1.map(json)),
            ),
        };
        self.say(name, values, verdict, out);
    }

    fn factor(&self, out: &mut Findings<'_>) {
        let (old, new) = (self.old.multiple_of, self.new.multiple_of);
        if old == new {
            return;
        }
        let verdict = match (old, new) {
            (Some(Number::Int(old)), Some(Number::Int(new))) if new != 0 && old % new == 0 => {
                wider()
            }
            (_, None) => wider(),
            (_, Some(new)) => breaking(format!(
                "an object that holds no multiple of {new} becomes invalid"
            )),
        };
        self.say(
            "multipleOf",
            Values::of(old.map(json), new.map(json)),
            verdict,
            out,
        );
    }
}

fn count_verdict(end: End, unit: &str, old: Option<i64>, new: Option<i64>) -> Verdict {
    match (old, new, end) {
        (_, None, _) => wider(),
        (Some(old), Some(new), End::Most) if new > old => wider(),
        (Some(old), Some(new), End::Least) if new < old => wider(),
        (_, Some(new), End::Most) => breaking(format!(
            "an object that holds more than {new} {unit} becomes invalid"
        )),
        (_, Some(new), End::Least) => breaking(format!(
            "an object that holds fewer than {new} {unit} becomes invalid"
        )),
    }
}

fn narrower(end: End, (bound, is_out): (Number, bool)) -> Verdict {
    let words = match (end, is_out) {
        (End::Most, false) => "more than",
        (End::Most, true) => "not less than",
        (End::Least, false) => "less than",
        (End::Least, true) => "not more than",
    };
    breaking(format!(
        "an object that holds {words} {bound} becomes invalid"
    ))
}

/// Greater: the new bound lets less through, of any number or of the whole ones,
/// for which the API server cuts the bound's fraction off (kube-openapi v0.37,
/// `MaximumNativeType`): under an exclusive 0.5 it refuses 0.
fn tightness(end: End, old: (Number, bool), new: (Number, bool)) -> Ordering {
    let by = |cut: fn(Number) -> Number| {
        let numbers = match end {
            End::Least => compare(cut(new.0), cut(old.0)),
            End::Most => compare(cut(old.0), cut(new.0)),
        };
        numbers.then(new.1.cmp(&old.1))
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

fn json(number: Number) -> Json {
    match number.as_i64() {
        Some(whole) => Json::from(whole),
        None => Json::from(number.as_f64()),
    }
}
