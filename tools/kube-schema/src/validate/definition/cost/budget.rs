//! How often an expression may be evaluated for one resource, and what all may
//! cost (apiextensions-apiserver, `pkg/apis/apiextensions/validation`:
//! `cel_validation.go`, `getExpressionCost`, `getCostErrorMessage`).

use crate::declared::REQUEST_BYTES;
use crate::validate::definition::place::Place;
use crate::validate::error::FieldError;
use crate::{Additional, Schema, Type};

/// The most that one expression may cost in a resource.
pub const PER_EXPRESSION: u64 = 10_000_000;
/// The most that all expressions of a version may.
pub const PER_SCHEMA: u64 = 100_000_000;

/// How many of the dearest expressions are named if all cost too much.
const NAMED: usize = 4;

/// How many values of a schema one resource may hold; none if its lists and maps
/// set no limit.
#[derive(Debug, Clone, Copy)]
pub(in crate::validate::definition) struct Cardinality(Option<u64>);

impl Cardinality {
    pub const ROOT: Self = Self(Some(1));

    /// Of what stands directly below a value of this schema.
    pub fn below(self, schema: &Schema) -> Self {
        let limit = |most: Option<i64>| most.map(|most| most.max(0) as u64);
        let each = match (schema.value_type, &schema.additional_properties) {
            (Some(Type::Array), _) => limit(schema.max_items),
            (Some(Type::Object), Some(Additional::Allowed(_) | Additional::Schema(_))) => {
                limit(schema.max_properties)
            }
            _ => Some(1),
        };
        Self(
            self.0
                .zip(each)
                .map(|(above, each)| above.saturating_mul(each)),
        )
    }

    /// Without a limit as many as fit into a request (`maxCardinality`).
    fn times(self, least_bytes: i64) -> u64 {
        let fit = || (REQUEST_BYTES / (least_bytes + 1)) as u64;
        self.0.unwrap_or_else(fit)
    }

    /// What a rule costs in a resource: `once` for each value.
    pub fn cost(self, once: u64, least_bytes: i64) -> u64 {
        once.saturating_mul(self.times(least_bytes))
    }
}

/// What an expression may cost in a resource, by the server's estimate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// The field that holds the expression, as the server names it.
    pub field: String,
    /// In the server's units.
    pub cost: u64,
}

impl Estimate {
    pub(in crate::validate::definition) fn new(at: &Place, cost: u64) -> Self {
        Self {
            field: at.to_string(),
            cost,
        }
    }

    /// `what` is the server's word for the sort of expression.
    pub(in crate::validate::definition) fn exceeded(&self, what: &str) -> Option<FieldError> {
        let text = exceeded(what, self.cost, PER_EXPRESSION)?;
        Some(FieldError::forbidden(&self.field, &text))
    }
}

/// What is said if all expressions of the schema at `at` cost too much.
pub(in crate::validate::definition) fn total_exceeded(
    estimates: &[Estimate],
    at: &Place,
) -> Vec<FieldError> {
    let costs = estimates.iter().map(|estimate| estimate.cost);
    let total = costs.fold(0, u64::saturating_add);
    let what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
    let Some(text) = exceeded(what, total, PER_SCHEMA) else {
        return Vec::new();
    };
    let mut dearest: Vec<&Estimate> = estimates
        .iter()
        .filter(|estimate| estimate.cost >= PER_SCHEMA / 100)
        .collect();
    dearest.sort_by_key(|estimate| std::cmp::Reverse(estimate.cost));
    let said =
        "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
    let named = dearest.into_iter().take(NAMED);
    let named = named.map(|estimate| FieldError::forbidden(&estimate.field, said));
    let whole = FieldError::forbidden(at, &text);
    named.chain([whole]).collect()
}

fn exceeded(what: &str, cost: u64, limit: u64) -> Option<String> {
    let factor = cost as f64 / limit as f64;
    let shown = match factor {
        _ if cost <= limit => return None,
        factor if factor > 100.0 => "more than 100x".to_owned(),
        factor if factor < 1.5 => format!("{factor:.6}x"),
        factor => format!("{factor:.1}x"),
    };
    Some(format!(
        "{what} exceeds budget by factor of {shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_is_worded_as_by_the_server() {
        let factor = |cost: u64| {
            let text = exceeded("x", cost, PER_EXPRESSION)?;
            let rest = text.strip_prefix("x exceeds budget by factor of ")?;
            rest.split_once(" (").map(|(factor, _)| factor.to_owned())
        };
        assert_eq!(factor(PER_EXPRESSION), None);
        assert_eq!(factor(PER_EXPRESSION + 1).as_deref(), Some("1.000000x"));
        assert_eq!(factor(12_345_678).as_deref(), Some("1.234568x"));
        assert_eq!(factor(15_000_000).as_deref(), Some("1.5x"));
        assert_eq!(factor(1_000_000_000).as_deref(), Some("100.0x"));
        assert_eq!(factor(1_000_000_001).as_deref(), Some("more than 100x"));
        assert_eq!(factor(u64::MAX).as_deref(), Some("more than 100x"));
    }

    #[test]
    fn only_the_dearest_are_named() {
        let costs = [3, 60_000_000, 999_999, 1_000_000, 2_000_000, 50_000_000];
        let estimates: Vec<Estimate> = (0..)
            .zip(costs)
            .map(|(i, cost)| Estimate::new(&Place::new(&i.to_string()), cost))
            .collect();
        let named = |estimates: &[Estimate]| {
            let errors = total_exceeded(estimates, &Place::new("all"));
            let fields = errors.into_iter().map(|error| error.field);
            fields.collect::<Vec<_>>()
        };
        assert_eq!(named(&estimates), ["1", "5", "4", "3", "all"]);
        assert_eq!(named(&estimates[..5]), [""; 0]);
    }
}
