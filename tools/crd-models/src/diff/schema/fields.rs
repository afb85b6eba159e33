//! The fields of an object: which there are, and which must be there. crdify has
//! `existingFieldRemoval` and `required`.

use super::kind::name as kind_name;
use super::others::keeps_others;
use super::path::Path;
use super::{Pair, Part};
use crate::diff::change::{Findings, Values, breaking, compatible};
use kube_schema::Schema;
use std::collections::BTreeSet;

pub(super) const NEW_FIELD: &str = "a client reads a field that it does not know";

impl Pair<'_> {
    pub(super) fn fields(&self, out: &mut Findings<'_>) {
        let (old, new) = (&self.old.properties, &self.new.properties);
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            let path = self.path.field(name);
            match (old.get(name), new.get(name)) {
                (Some(old), Some(new)) => self.field(name, old, new, &path).compare(out),
                (None, Some(new)) => self.added_field(name, new, &path, out),
                (Some(old), None) => self.removed_field(name, old, &path, out),
                (None, None) => {}
            }
        }
        self.required(out);
    }

    fn added_field(&self, name: &str, new: &Schema, path: &Path, out: &mut Findings<'_>) {
        let absent = self.absent(name, new);
        let pair = self.field(name, &absent, new, path);
        if self.part != Part::Structure || self.is_implied(name) {
            return pair.compare(out);
        }
        let must_be_given =
            self.new.required.iter().any(|one| one == name) && new.default.is_none();
        let verdict = if must_be_given {
            breaking("an object without it becomes invalid")
        } else if keeps_others(self.old) && !is_free(new) {
            breaking("an object that holds another kind of value under this name becomes invalid")
        } else if new.default.is_some() && self.new.max_properties.is_some() {
            breaking(
                "every object gets the default: one with as many fields as it may have becomes invalid",
            )
        } else if new.default.is_some() {
            compatible(
                "every object gets the default, and a client reads a field that it does not know",
            )
        } else {
            compatible(NEW_FIELD)
        };
        pair.say("field", Values::added(kind_name(new)), verdict, out);
    }

    fn removed_field(&self, name: &str, old: &Schema, path: &Path, out: &mut Findings<'_>) {
        let absent = self.absent(name, old);
        let pair = self.field(name, old, &absent, path);
        if self.part != Part::Structure || self.is_implied(name) {
            return pair.compare(out);
        }
        let verdict = if keeps_others(self.new) {
            breaking(
                "a client with generated types can no longer name it, and its value is no longer checked",
            )
        } else {
            breaking(
                "an object loses it at the next write, and a client that reads it finds nothing",
            )
        };
        pair.say("field", Values::removed(kind_name(old)), verdict, out);
    }

    /// Of metadata everything is declared elsewhere.
    fn field<'p>(&self, name: &str, old: &'p Schema, new: &'p Schema, path: &'p Path) -> Pair<'p> {
        let pair = self.below(old, new, path);
        let is_metadata = name == "metadata" && self.is_implied(name);
        let part = if is_metadata {
            self.part.max(Part::Branch)
        } else {
            self.part
        };
        Pair { part, ..pair }
    }

    /// What a field is that a schema does not name, of the type that is declared
    /// elsewhere if it is.
    fn absent(&self, name: &str, present: &Schema) -> Schema {
        let is_declared = self.part != Part::Structure || self.is_implied(name);
        Schema {
            value_type: present.value_type.filter(|_| is_declared),
            ..Schema::default()
        }
    }

    /// Whether every object has the field, declared or not.
    fn is_implied(&self, name: &str) -> bool {
        let is_resource =
            self.path.is_root() || (self.old.embedded_resource && self.new.embedded_resource);
        is_resource && matches!(name, "apiVersion" | "kind" | "metadata")
    }

    /// Of fields that came or went, enough is said already.
    fn required(&self, out: &mut Findings<'_>) {
        let old: BTreeSet<&String> = self.old.required.iter().collect();
        let new: BTreeSet<&String> = self.new.required.iter().collect();
        for name in old.symmetric_difference(&new) {
            let fields = [self.old, self.new].map(|schema| schema.property(name));
            let is_told =
                fields[0].is_some() != fields[1].is_some() && self.part == Part::Structure;
            if is_told {
                continue;
            }
            let is_required = new.contains(name);
            let has_default = fields[1].is_some_and(|field| field.default.is_some());
            let verdict = match (is_required, has_default) {
                (true, false) => breaking("an object without it becomes invalid"),
                (true, true) => compatible("the default fills it in where an object leaves it out"),
                (false, _) => compatible(
                    "all that was valid still is; a client may read an object without it",
                ),
            };
            let path = self.path.field(name);
            let empty = Schema::default();
            let pair = self.below(&empty, fields[1].unwrap_or(&empty), &path);
            pair.say(
                "required",
                Values::both(!is_required, is_required),
                verdict,
                out,
            );
        }
    }
}

/// Whether it lets every value through.
fn is_free(schema: &Schema) -> bool {
    let free = Schema {
        description: schema.description.clone(),
        title: schema.title.clone(),
        external_docs: schema.external_docs.clone(),
        example: schema.example.clone(),
        default: schema.default.clone(),
        nullable: schema.nullable,
        preserve_unknown: schema.preserve_unknown,
        ..Schema::default()
    };
    *schema == free
}
