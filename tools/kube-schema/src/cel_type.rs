//! What a CEL rule sees of a value with a schema (apiserver,
//! `pkg/cel/common/schemas.go`, `SchemaDeclType`).

use crate::{Additional, Rule, Schema, Type};
use cel_frontend::{Declarations, Expr, Field, ObjectType, Type as Cel, check, parse};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The type of `self` in the rules of `schema`, none if no rule can see the
/// value. `is_resource`: whether it is a whole or an embedded resource, whose
/// apiVersion, kind and name rules always see. `name` tells its object types
/// apart from those of other schemas.
pub fn cel_type(schema: &Schema, is_resource: bool, name: &str) -> Option<Cel> {
    if schema.int_or_string {
        return Some(Cel::Dyn);
    }
    let below = |schema: &Schema, step: &str| {
        cel_type(schema, schema.embedded_resource, &format!("{name}{step}"))
    };
    match schema.value_type {
        Some(Type::Array) => Some(Cel::list(below(schema.items.as_deref()?, "[]")?)),
        Some(Type::Object) => {
            if let Some(Additional::Schema(values)) = &schema.additional_properties {
                return Some(Cel::map(Cel::String, below(values, "{}")?));
            }
            Some(object(schema, is_resource, name))
        }
        Some(Type::String) => Some(text(schema)),
        Some(Type::Boolean) => Some(Cel::Bool),
        Some(Type::Number) => Some(Cel::Double),
        Some(Type::Integer) => Some(Cel::Int),
        None if is_resource => Some(object(schema, is_resource, name)),
        None => None,
    }
}

fn text(schema: &Schema) -> Cel {
    match schema.format.as_deref() {
        Some("byte") => Cel::Bytes,
        Some("duration") => Cel::Duration,
        Some("date" | "date-time") => Cel::Timestamp,
        _ => Cel::String,
    }
}

fn object(schema: &Schema, is_resource: bool, name: &str) -> Cel {
    let mut fields = BTreeMap::new();
    for (property, schema) in &schema.properties {
        let path = format!("{name}.{property}");
        let ty = cel_type(schema, schema.embedded_resource, &path);
        insert(&mut fields, property, ty);
    }
    if is_resource {
        insert(&mut fields, "apiVersion", Some(Cel::String));
        insert(&mut fields, "kind", Some(Cel::String));
        let mut metadata = BTreeMap::new();
        insert(&mut metadata, "name", Some(Cel::String));
        insert(&mut metadata, "generateName", Some(Cel::String));
        let metadata = object_type(format!("{name}.metadata"), metadata);
        insert(&mut fields, "metadata", Some(metadata));
    }
    object_type(name.to_owned(), fields)
}

fn object_type(name: String, fields: BTreeMap<String, Field>) -> Cel {
    Cel::Object(Arc::new(ObjectType { name, fields }))
}

fn insert(fields: &mut BTreeMap<String, Field>, property: &str, ty: Option<Cel>) {
    let (Some(ty), Some(escaped)) = (ty, cel_frontend::escape(property)) else {
        return;
    };
    let name = property.to_owned();
    fields.insert(escaped, Field { name, ty });
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
