//! What kind of value it is: crdify's `type`, and int-or-string.

use super::Pair;
use crate::diff::change::{Findings, Values, breaking};
use kube_schema::{Schema, Type};

impl Pair<'_> {
    /// Whether the kind changed. Then nothing else is worth a word: it is another
    /// field under the same name.
    pub(super) fn kind(&self, out: &mut Findings<'_>) -> bool {
        let (old, new) = (name(self.old), name(self.new));
        if old == new {
            return false;
        }
        let values = Values::both(old, new);
        if self.old.int_or_string != self.new.int_or_string {
            let flags = Values::both(self.old.int_or_string, self.new.int_or_string);
            let reason = if self.new.int_or_string {
                format!("a client that reads {old} may now get an integer or a string")
            } else {
                format!("an object that holds anything but {new} becomes invalid")
            };
            self.say("x-kubernetes-int-or-string", flags, breaking(reason), out);
            return true;
        }
        let verdict = match (self.old.value_type, self.new.value_type) {
            (Some(Type::Integer), Some(Type::Number)) => {
                self.other_form("a client that reads an integer may now get a fraction")
            }
            (Some(_), None) => {
                self.other_form(&format!("a client that reads {old} may now get anything"))
            }
            _ => breaking(format!(
                "an object that holds anything but {new} becomes invalid"
            )),
        };
        self.say("type", values, verdict, out);
        true
    }
}

/// What a schema's value is, in a word.
pub(super) fn name(schema: &Schema) -> &'static str {
    match schema.value_type {
        _ if schema.int_or_string => "int-or-string",
        Some(Type::Array) => "array",
        Some(Type::Boolean) => "boolean",
        Some(Type::Integer) => "integer",
        Some(Type::Number) => "number",
        Some(Type::Object) => "object",
        Some(Type::String) => "string",
        None => "any",
    }
}
