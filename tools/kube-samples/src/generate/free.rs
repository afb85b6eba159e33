//! Values of which the schema says little or nothing.

use super::Generator;
use crate::demand::Demand;
use serde_json::{Value, json};

impl Generator<'_> {
    /// Any JSON that the parts of the demand let through.
    pub(super) fn anything(&mut self, demand: &Demand<'_>) -> Value {
        for _ in 0..20 {
            let mut value = self.free(2);
            if let Value::Object(map) = &mut value {
                for name in demand.required() {
                    map.insert(name.to_owned(), self.free(0));
                }
            }
            if self.fits(&value, demand) {
                return value;
            }
        }
        Value::from("text")
    }

    /// Any JSON so deep.
    pub(super) fn free(&mut self, depth: usize) -> Value {
        let choices = if depth == 0 { 6 } else { 9 };
        match self.random.below(choices) {
            0 => Value::from("text"),
            1 => Value::from(7),
            2 => Value::from(1.5),
            3 => Value::Bool(true),
            4 => Value::from("π and \"quotes\""),
            5 => json!([]),
            6 => json!([self.free(depth - 1), null]),
            7 => json!({"inner": self.free(depth - 1), "x-y": null}),
            _ => json!({"a": {"b": [self.free(depth - 1)]}}),
        }
    }
}
