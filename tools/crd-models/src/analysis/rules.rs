use cel_frontend::{Declarations, Error, Expr, Type, check, parse};
use kube_schema::{Schema, cel_rule, cel_type};

/// A CEL rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// As the schema has it.
    pub source: kube_schema::Rule,
    /// With the type of every node, or why it has none: such a rule holds for
    /// nothing that the API server would take.
    pub tree: Result<Expr<Type>, Error>,
    /// The same of the expression of its message, if there is one.
    pub message: Option<Result<Expr<Type>, Error>>,
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
            message: message(rule, &this),
            this: this.clone(),
        })
        .collect()
}

fn message(rule: &kube_schema::Rule, this: &Type) -> Option<Result<Expr<Type>, Error>> {
    let text = rule.message_expression.trim();
    let typed = || {
        let declared = Declarations::default()
            .with("self", this.clone())
            .with("oldSelf", this.clone());
        let typed = check(&parse(text)?, &declared)?;
        match typed.ty {
            Type::String => Ok(typed),
            _ => Err(Error {
                at: typed.at,
                message: "must evaluate to a string".to_owned(),
            }),
        }
    };
    (!text.is_empty()).then(typed)
}
