//! The types of rules, and of the values that they see.

use crate::declared::Declared;
use crate::{Rule, Schema};
use cel_frontend::{Declarations, Expr, Type as Cel, check, parse};

/// The type of `self` in the rules of `schema`, none if no rule can see the
/// value. `is_resource`: whether it is a whole or an embedded resource, whose
/// apiVersion, kind and name rules always see. `name` tells its object types
/// apart from those of other schemas.
pub fn cel_type(schema: &Schema, is_resource: bool, name: &str) -> Option<Cel> {
    Declared::of(schema, is_resource, name).map(|declared| declared.ty)
}

/// The syntax tree of a rule on a value of this type.
///
/// # Errors
/// What is wrong with the rule; the API server refuses its CRD.
pub fn cel_rule(rule: &Rule, this: &Cel) -> Result<Expr<Cel>, cel_frontend::Error> {
    let old = if rule.optional_old_self.unwrap_or_default() {
        Cel::optional(this.clone())
    } else {
        this.clone()
    };
    let declared = Declarations::default()
        .with("self", this.clone())
        .with("oldSelf", old);
    let typed = check(&parse(&rule.rule)?, &declared)?;
    match typed.ty {
        Cel::Bool => Ok(typed),
        _ => Err(cel_frontend::Error {
            at: typed.at,
            message: "must evaluate to a bool".to_owned(),
        }),
    }
}
