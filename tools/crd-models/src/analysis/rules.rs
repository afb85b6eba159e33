use cel_frontend::{Expr, Type};
use kube_schema::{Schema, cel_rule, cel_type};

/// A CEL rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// As the schema has it.
    pub source: kube_schema::Rule,
    /// With the type of every node, or why it has none: such a rule holds for
    /// nothing that the API server would take.
    pub tree: Result<Expr<Type>, cel_frontend::Error>,
    /// The type of `self`.
    pub this: Type,
}

impl Rule {
    /// Whether it compares with an earlier state, which a single resource has not.
    pub fn is_transition(&self) -> bool {
        let mentions = self
            .tree
            .as_ref()
            .is_ok_and(|tree| tree.mentions("oldSelf"));
        mentions && !self.source.optional_old_self.unwrap_or_default()
    }
}

pub(super) fn rules(schema: &Schema, is_resource: bool, path: &str) -> Vec<Rule> {
    if schema.rules.is_empty() {
        return Vec::new();
    }
    let Some(this) = cel_type(schema, is_resource, path) else {
        return Vec::new();
    };
    schema
        .rules
        .iter()
        .map(|rule| Rule {
            source: rule.clone(),
            tree: cel_rule(rule, &this),
            this: this.clone(),
        })
        .collect()
}
