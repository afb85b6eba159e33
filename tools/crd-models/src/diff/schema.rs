//! Compares two schemas of one value, and all below them.

mod bounds;
mod branches;
mod fields;
mod kind;
mod others;
mod path;
mod range;
mod rules;
mod topology;
mod values;

use super::change::{Class, Findings, Values, Verdict, breaking, docs};
use kube_schema::{CrdVersion, Mark, Schema};
use path::Path;
use serde_json::json;

/// What objects and clients of the version `old` notice of `new`.
pub(super) fn compare(old: &CrdVersion, new: &CrdVersion, out: &mut Findings<'_>) {
    let pair = Pair {
        old: &old.schema,
        new: &new.schema,
        path: &Path::root(),
        mark: new.schema.mark,
        part: Part::Structure,
    };
    pair.compare(out);
}

/// What a schema is a part of, which decides what a change of it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// It declares a value: what it leaves out is dropped.
    Structure,
    /// In an `allOf` or `anyOf`: it only bounds what is declared elsewhere.
    Branch,
    /// In a `oneOf` or `not`: what it lets through more, the whole may refuse.
    Exact,
}

/// The old and the new schema of one value.
#[derive(Clone, Copy)]
struct Pair<'a> {
    old: &'a Schema,
    new: &'a Schema,
    path: &'a Path,
    /// Where the new definition has the value, or what it is in.
    mark: Mark,
    part: Part,
}

impl<'a> Pair<'a> {
    fn compare(&self, out: &mut Findings<'_>) {
        if self.old == self.new {
            return;
        }
        self.texts(out);
        if self.kind(out) {
            return;
        }
        self.values(out);
        self.bounds(out);
        self.topology(out);
        self.fields(out);
        self.others(out);
        self.items(out);
        self.branches(out);
        self.rules(out);
    }

    /// The schemas of a part of the value.
    fn below<'p>(&self, old: &'p Schema, new: &'p Schema, path: &'p Path) -> Pair<'p> {
        let is_known = new.mark.line > 0;
        Pair {
            old,
            new,
            path,
            mark: if is_known { new.mark } else { self.mark },
            part: self.part,
        }
    }

    fn say(
        &self,
        property: &'static str,
        values: Values,
        verdict: Verdict,
        out: &mut Findings<'_>,
    ) {
        let verdict = match (self.part, verdict.class) {
            (Part::Exact, Class::Compatible) => breaking(
                "what fits it now and did not before may no longer fit the oneOf or not around it",
            ),
            _ => verdict,
        };
        out.put(
            Some(self.path.to_string()),
            self.mark,
            property,
            values,
            verdict,
        );
    }

    fn texts(&self, out: &mut Findings<'_>) {
        let text = |text: &str| (!text.is_empty()).then(|| json!(text));
        let link = |schema: &Schema| {
            let docs = schema.external_docs.as_ref()?;
            Some(json!({"description": docs.description, "url": docs.url}))
        };
        let (old, new) = (self.old, self.new);
        for (property, old, new) in [
            (
                "description",
                text(&old.description),
                text(&new.description),
            ),
            ("title", text(&old.title), text(&new.title)),
            ("externalDocs", link(old), link(new)),
            ("example", old.example.clone(), new.example.clone()),
        ] {
            if old != new {
                self.say(property, Values { old, new }, docs(), out);
            }
        }
    }

    fn items(&self, out: &mut Findings<'_>) {
        let empty = Schema::default();
        let old = self.old.items.as_deref().unwrap_or(&empty);
        let new = self.new.items.as_deref().unwrap_or(&empty);
        self.below(old, new, &self.path.element()).compare(out);
    }
}

/// A new field of [`Schema`] does not compile here before somebody has thought
/// about what its changes mean: compare it in one of the modules above.
#[allow(dead_code)]
fn nothing_is_forgotten(schema: Schema) {
    let Schema {
        mark: _,
        // A CRD has none.
        reference: _,
        property_names: _,
        // kind
        value_type: _,
        int_or_string: _,
        // texts
        description: _,
        title: _,
        external_docs: _,
        example: _,
        // values
        format: _,
        nullable: _,
        default: _,
        enumeration: _,
        pattern: _,
        // range
        minimum: _,
        maximum: _,
        exclusive_minimum: _,
        exclusive_maximum: _,
        // bounds
        multiple_of: _,
        min_length: _,
        max_length: _,
        min_items: _,
        max_items: _,
        min_properties: _,
        max_properties: _,
        unique_items: _,
        // topology
        list_type: _,
        list_map_keys: _,
        map_type: _,
        // items
        items: _,
        // fields
        properties: _,
        required: _,
        // others
        additional_properties: _,
        preserve_unknown: _,
        embedded_resource: _,
        // branches
        all_of: _,
        any_of: _,
        one_of: _,
        not: _,
        // rules
        rules: _,
    } = schema;
}
