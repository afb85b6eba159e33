//! Fields without a name in the schema: whether they are kept, and what they may
//! hold. crdify calls these changes unhandled.

use super::Pair;
use super::fields::NEW_FIELD;
use super::kind::name as kind_name;
use crate::diff::change::{Findings, Values, breaking, compatible, wider};
use kube_schema::{Additional, Schema};
use serde_json::{Value as Json, json};

impl Pair<'_> {
    pub(super) fn others(&self, out: &mut Findings<'_>) {
        self.additional(out);
        self.preserve_unknown(out);
        self.embedded(out);
    }

    fn additional(&self, out: &mut Findings<'_>) {
        let (old, new) = (others(self.old), others(self.new));
        if let (Others::Typed(old), Others::Typed(new)) = (old, new) {
            return self.below(old, new, &self.path.value()).compare(out);
        }
        if old == new {
            return;
        }
        let verdict = match (old, new) {
            (Others::Dropped, Others::Typed(_)) if self.old.preserve_unknown => {
                breaking("an object that holds another kind of value becomes invalid")
            }
            (Others::Dropped, _) => compatible(NEW_FIELD),
            (_, Others::Dropped) if !self.new.preserve_unknown => {
                breaking("an object loses every field that the schema does not name")
            }
            (Others::Typed(old), _) => breaking(format!(
                "a client that reads {} under any name may get anything",
                kind_name(old)
            )),
            (Others::Any, Others::Typed(_)) => {
                breaking("an object that holds another kind of value becomes invalid")
            }
            (Others::Any, _) => wider(),
        };
        let values = Values {
            old: old.json(),
            new: new.json(),
        };
        self.say("additionalProperties", values, verdict, out);
    }

    fn preserve_unknown(&self, out: &mut Findings<'_>) {
        let (old, new) = (self.old.preserve_unknown, self.new.preserve_unknown);
        if old != new {
            let verdict = if new {
                compatible(NEW_FIELD)
            } else {
                breaking("an object loses every field that the schema does not name")
            };
            self.say(
                "x-kubernetes-preserve-unknown-fields",
                Values::both(old, new),
                verdict,
                out,
            );
        }
    }

    fn embedded(&self, out: &mut Findings<'_>) {
        let (old, new) = (self.old.embedded_resource, self.new.embedded_resource);
        if old == new {
            return;
        }
        let verdict = match (new, self.new.preserve_unknown) {
            (true, _) => breaking(
                "an object without apiVersion, kind and valid metadata there becomes invalid",
            ),
            (false, true) => wider(),
            (false, false) => breaking(
                "an object loses apiVersion, kind and metadata there unless the schema names them",
            ),
        };
        self.say(
            "x-kubernetes-embedded-resource",
            Values::both(old, new),
            verdict,
            out,
        );
    }
}

/// What becomes of fields without a name in the schema.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Others<'s> {
    Dropped,
    Any,
    Typed(&'s Schema),
}

impl Others<'_> {
    fn json(self) -> Option<Json> {
        match self {
            Others::Dropped => None,
            Others::Any => Some(json!(true)),
            Others::Typed(schema) => Some(json!(kind_name(schema))),
        }
    }
}

fn others(schema: &Schema) -> Others<'_> {
    match &schema.additional_properties {
        None | Some(Additional::Allowed(false)) => Others::Dropped,
        Some(Additional::Allowed(true)) => Others::Any,
        Some(Additional::Schema(values)) => Others::Typed(values),
    }
}

pub(super) fn keeps_others(schema: &Schema) -> bool {
    schema.preserve_unknown || others(schema) != Others::Dropped
}
