//! Schemas of what breaks one constraint of a schema and keeps the others.

use crate::fault::Fault;
use kube_schema::{Rule, Schema};

impl Fault {
    /// The schema with the constraint turned into its opposite; none if no schema
    /// says that.
    pub fn inverse(&self, schema: &Schema) -> Option<Schema> {
        let mut inverse = schema.clone();
        self.relax(&mut inverse);
        match self {
            Self::Minimum | Self::ExclusiveMinimum => {
                (inverse.maximum, inverse.exclusive_maximum) =
                    (schema.minimum, !schema.exclusive_minimum);
            }
            Self::Maximum | Self::ExclusiveMaximum => {
                (inverse.minimum, inverse.exclusive_minimum) =
                    (schema.maximum, !schema.exclusive_maximum);
            }
            Self::MinLength => inverse.max_length = less(schema.min_length?, schema.max_length),
            Self::MaxLength => inverse.min_length = more(schema.max_length?, schema.min_length),
            Self::MinItems => inverse.max_items = less(schema.min_items?, schema.max_items),
            Self::MaxItems => inverse.min_items = more(schema.max_items?, schema.min_items),
            Self::MinProperties => {
                inverse.max_properties = less(schema.min_properties?, schema.max_properties);
            }
            Self::MaxProperties => {
                inverse.min_properties = more(schema.max_properties?, schema.min_properties);
            }
            Self::Rule(i) => {
                let rule = schema.rules.get(*i)?;
                inverse.rules.push(Rule {
                    rule: format!("!({})", rule.rule),
                    ..rule.clone()
                });
            }
            Self::Not => inverse.all_of.push(schema.not.as_deref()?.clone()),
            _ => inverse.all_of.push(not(self.alone(schema)?)),
        }
        Some(inverse)
    }

    /// A schema with nothing but the constraint.
    fn alone(&self, schema: &Schema) -> Option<Schema> {
        let mut alone = Schema::default();
        match self {
            Self::Enum => alone.enumeration.clone_from(&schema.enumeration),
            Self::MultipleOf => alone.multiple_of = schema.multiple_of,
            Self::Pattern => alone.pattern.clone_from(&schema.pattern),
            Self::OneOf => alone.one_of.clone_from(&schema.one_of),
            Self::AnyOf => alone.any_of.clone_from(&schema.any_of),
            Self::AllOf(i) => return schema.all_of.get(*i).cloned(),
            _ => return None,
        }
        Some(alone)
    }
}

fn less(bound: i64, other: Option<i64>) -> Option<i64> {
    let below = bound.saturating_sub(1);
    Some(other.map_or(below, |other| other.min(below)))
}

fn more(bound: i64, other: Option<i64>) -> Option<i64> {
    let above = bound.saturating_add(1);
    Some(other.map_or(above, |other| other.max(above)))
}

fn not(schema: Schema) -> Schema {
    Schema {
        not: Some(Box::new(schema)),
        ..Schema::default()
    }
}
