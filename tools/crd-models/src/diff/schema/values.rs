//! Which values there are: enum, default, null, format, pattern. crdify has
//! validations of all but the format, which it calls unhandled.
//!
//! Who reads a value goes by its form: so another form breaks readers, also
//! where it only lets more through. A bound is no form, nor is a combinator.

use super::{Pair, Part};
use crate::diff::change::{Findings, Values, Verdict, breaking, wider};
use serde_json::Value as Json;

impl Pair<'_> {
    pub(super) fn values(&self, out: &mut Findings<'_>) {
        self.enumeration(out);
        self.default(out);
        self.nullable(out);
        self.form(
            "format",
            self.old.format.as_deref(),
            self.new.format.as_deref(),
            out,
        );
        self.form(
            "pattern",
            self.old.pattern.as_deref(),
            self.new.pattern.as_deref(),
            out,
        );
    }

    fn enumeration(&self, out: &mut Findings<'_>) {
        let (old, new) = (&self.old.enumeration, &self.new.enumeration);
        let lacks = |list: &Option<Vec<Json>>, other: &Option<Vec<Json>>| -> Vec<Json> {
            let other = other.as_deref().unwrap_or_default();
            let list = list.iter().flatten();
            list.filter(|value| !other.iter().any(|one| same(one, value)))
                .cloned()
                .collect()
        };
        let (removed, added) = (lacks(old, new), lacks(new, old));
        let verdict = match (old, new) {
            (None, Some(_)) => breaking("an object that holds any other value becomes invalid"),
            (Some(_), None) => {
                self.other_form("a client that knows the listed values may read another")
            }
            _ if !removed.is_empty() => breaking(format!(
                "an object that holds {} becomes invalid",
                listed(&removed)
            )),
            _ if !added.is_empty() => self.other_form(&format!(
                "a client that knows the old values may read {}",
                listed(&added)
            )),
            _ => return,
        };
        let values = Values::of(old.clone(), new.clone());
        self.say("enum", values, verdict, out);
    }

    fn default(&self, out: &mut Findings<'_>) {
        let (old, new) = (&self.old.default, &self.new.default);
        let reason = match (old, new) {
            (Some(old), Some(new)) if !same(old, new) => {
                "an object that leaves it out means another value"
            }
            (None, Some(_)) => {
                "an object that leaves it out gets a value: who told the two apart no longer can"
            }
            (Some(_), None) => "an object that leaves it out no longer gets the value",
            _ => return,
        };
        let values = Values::of(old.clone(), new.clone());
        self.say("default", values, breaking(reason), out);
    }

    /// Values of a form that no client has seen yet.
    pub(super) fn other_form(&self, reason: &str) -> Verdict {
        match self.part {
            Part::Structure => breaking(reason),
            Part::Branch | Part::Exact => wider(),
        }
    }

    fn nullable(&self, out: &mut Findings<'_>) {
        let (old, new) = (self.old.nullable, self.new.nullable);
        if old != new {
            let verdict = if new {
                self.other_form("a client that reads a value may now get null")
            } else {
                breaking("an object that holds null loses it or becomes invalid")
            };
            self.say("nullable", Values::both(old, new), verdict, out);
        }
    }

    fn form(
        &self,
        property: &'static str,
        old: Option<&str>,
        new: Option<&str>,
        out: &mut Findings<'_>,
    ) {
        let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let (old, new) = (given(old), given(new));
        if old != new {
            let verdict = match new {
                Some(_) => breaking(format!(
                    "an object whose value does not fit the {property} becomes invalid"
                )),
                None => self.other_form(&format!(
                    "a client that parses it by the {property} may read what does not fit"
                )),
            };
            self.say(property, Values::of(old, new), verdict, out);
        }
    }
}

fn listed(values: &[Json]) -> String {
    let texts: Vec<String> = values.iter().take(3).map(Json::to_string).collect();
    let more = if values.len() > 3 { ", …" } else { "" };
    format!("{}{more}", texts.join(" or "))
}

/// Equality as the API server sees it: numbers by value.
pub(super) fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(x), Json::Number(y)) => x == y || x.as_f64() == y.as_f64(),
        (Json::Array(x), Json::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(a, b)| same(a, b))
        }
        (Json::Object(x), Json::Object(y)) => {
            let has = |(name, a): (&String, &Json)| y.get(name).is_some_and(|b| same(a, b));
            x.len() == y.len() && x.iter().all(has)
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::same;
    use serde_json::json;

    #[test]
    fn numbers_are_equal_by_value_and_fields_in_any_order() {
        assert!(same(
            &json!({"a": [1, 2.0], "b": 0}),
            &json!({"b": 0.0, "a": [1.0, 2]})
        ));
        assert!(!same(&json!(1), &json!("1")));
        assert!(!same(&json!({"a": 1}), &json!({"b": 1})));
        assert!(!same(&json!([1]), &json!([1, 1])));
    }
}
