//! How much there may be. A bound that gets tighter breaks objects, one that
//! gets looser breaks nobody: crdify's `minLength`, `maxItems`, ….

use super::Pair;
use super::range::End::{self, Least, Most};
use super::range::number_json;
use crate::diff::change::{Findings, Values, Verdict, breaking, wider};
use kube_schema::Number;

impl Pair<'_> {
    pub(super) fn bounds(&self, out: &mut Findings<'_>) {
        self.counts(out);
        self.range(Least, out);
        self.range(Most, out);
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
        let (a, b) = (self.old, self.new);
        let (characters, elements, fields) = ("characters", "elements", "fields");
        for (property, end, unit, old, new) in [
            ("minLength", Least, characters, a.min_length, b.min_length),
            ("maxLength", Most, characters, a.max_length, b.max_length),
            ("minItems", Least, elements, a.min_items, b.min_items),
            ("maxItems", Most, elements, a.max_items, b.max_items),
            (
                "minProperties",
                Least,
                fields,
                a.min_properties,
                b.min_properties,
            ),
            (
                "maxProperties",
                Most,
                fields,
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

    fn factor(&self, out: &mut Findings<'_>) {
        let (old, new) = (self.old.multiple_of, self.new.multiple_of);
        if old == new {
            return;
        }
        let verdict = match (old, new) {
            (_, None) => wider(),
            (Some(Number::Int(old)), Some(Number::Int(new))) if new != 0 && old % new == 0 => {
                wider()
            }
            (_, Some(new)) => breaking(format!(
                "an object that holds no multiple of {new} becomes invalid"
            )),
        };
        let values = Values::of(old.map(number_json), new.map(number_json));
        self.say("multipleOf", values, verdict, out);
    }
}

fn count_verdict(end: End, unit: &str, old: Option<i64>, new: Option<i64>) -> Verdict {
    match (old, new, end) {
        (_, None, _) => wider(),
        (Some(old), Some(new), Most) if new > old => wider(),
        (Some(old), Some(new), Least) if new < old => wider(),
        (_, Some(new), Most) => breaking(format!(
            "an object that holds more than {new} {unit} becomes invalid"
        )),
        (_, Some(new), Least) => breaking(format!(
            "an object that holds fewer than {new} {unit} becomes invalid"
        )),
    }
}
