//! `allOf`, `anyOf`, `oneOf` and `not`. crdify calls these changes unhandled.

use super::{Pair, Part};
use crate::diff::change::{Findings, Values, Verdict, breaking, wider};
use kube_schema::{Schema, Type};
use serde_json::Value as Json;

/// What one part more or less means.
struct Combinator {
    name: &'static str,
    /// What its parts are a part of.
    part: Part,
    /// The first part, where there was none.
    first: Verdict,
    /// One more.
    more: Verdict,
    /// One less.
    less: Verdict,
    /// The last one goes.
    none: Verdict,
}

impl Pair<'_> {
    pub(super) fn branches(&self, out: &mut Findings<'_>) {
        let refused = || breaking("an object that does not fit it becomes invalid");
        let alone = || breaking("an object that fitted this part alone becomes invalid");
        let all = Combinator {
            name: "allOf",
            part: Part::Branch,
            first: refused(),
            more: refused(),
            less: wider(),
            none: wider(),
        };
        self.combinator(&self.old.all_of, &self.new.all_of, &all, out);
        let any = Combinator {
            name: "anyOf",
            part: Part::Branch,
            first: refused(),
            more: wider(),
            less: alone(),
            none: wider(),
        };
        self.combinator(alternatives(self.old), alternatives(self.new), &any, out);
        let one = Combinator {
            name: "oneOf",
            part: Part::Exact,
            first: refused(),
            more: breaking("an object that fits another part and this one becomes invalid"),
            less: alone(),
            none: wider(),
        };
        self.combinator(&self.old.one_of, &self.new.one_of, &one, out);
        self.not(out);
    }

    fn combinator(
        &self,
        old: &[Schema],
        new: &[Schema],
        combinator: &Combinator,
        out: &mut Findings<'_>,
    ) {
        let (gone, come) = (lacking(old, new), lacking(new, old));
        let verdict = match (old.is_empty(), new.is_empty()) {
            (true, true) => return,
            (true, false) => combinator.first.clone(),
            (false, true) => combinator.none.clone(),
            (false, false) if gone.len() == come.len() => {
                let pairs = gone.into_iter().zip(come);
                return self.changed_parts(pairs, combinator, out);
            }
            (false, false) if gone.len() > come.len() => combinator.less.clone(),
            (false, false) => combinator.more.clone(),
        };
        let is_mixed = !gone.is_empty() && !come.is_empty();
        let verdict = if is_mixed {
            breaking("the parts are others: an object that fitted them may fit none now")
        } else {
            verdict
        };
        let values = Values::both(Json::from(old.len()), Json::from(new.len()));
        self.say(combinator.name, values, verdict, out);
    }

    /// As many go as come: each is taken for the next one's new form.
    fn changed_parts<'s>(
        &self,
        pairs: impl Iterator<Item = ((usize, &'s Schema), (usize, &'s Schema))>,
        combinator: &Combinator,
        out: &mut Findings<'_>,
    ) {
        for ((_, old), (at, new)) in pairs {
            let path = self.path.branch(combinator.name, Some(at));
            let pair = Pair {
                part: self.part.max(combinator.part),
                ..self.below(old, new, &path)
            };
            pair.compare(out);
        }
    }

    fn not(&self, out: &mut Findings<'_>) {
        match (&self.old.not, &self.new.not) {
            (None, None) => {}
            (Some(old), Some(new)) => {
                let path = self.path.branch("not", None);
                let pair = Pair {
                    part: Part::Exact,
                    ..self.below(old, new, &path)
                };
                pair.compare(out);
            }
            (Some(_), None) => self.say("not", Values::both(true, false), wider(), out),
            (None, Some(_)) => {
                let verdict = breaking("an object that fits it becomes invalid");
                self.say("not", Values::both(false, true), verdict, out);
            }
        }
    }
}

/// `anyOf`, but for the integer and string that every int-or-string is anyway.
fn alternatives(schema: &Schema) -> &[Schema] {
    let types: Vec<Option<Type>> = schema.any_of.iter().map(|part| part.value_type).collect();
    let says_the_same = types == [Some(Type::Integer), Some(Type::String)]
        && schema
            .any_of
            .iter()
            .all(|part| *part == of_type(part.value_type));
    if schema.int_or_string && says_the_same {
        return &[];
    }
    &schema.any_of
}

fn of_type(value_type: Option<Type>) -> Schema {
    Schema {
        value_type,
        ..Schema::default()
    }
}

/// The parts of `list` that `other` does not have, with their places.
fn lacking<'s>(list: &'s [Schema], other: &[Schema]) -> Vec<(usize, &'s Schema)> {
    list.iter()
        .enumerate()
        .filter(|(_, part)| !other.contains(part))
        .collect()
}
