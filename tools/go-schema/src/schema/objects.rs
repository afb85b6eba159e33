//! Structs.

use super::{Generator, Object, Required, describe, object};
use crate::error::Error;
use crate::fields::Property;
use crate::markers::Said;
use crate::tables;
use crate::types::{Field, Named, Scope, Type};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A declared struct and its fields.
type Struct = (Named, Rc<Vec<Field>>);

impl Generator<'_> {
    /// A struct as an object.
    pub(super) fn object(
        &mut self,
        named: Option<&Named>,
        fields: &Rc<Vec<Field>>,
        keeps_unknown: bool,
    ) -> Result<Object, Error> {
        let found = self.program.properties(named, fields)?;
        let mut properties = Object::new();
        let mut required: Vec<&str> = Vec::new();
        for property in &found {
            let said = self.said(&property.field.comments)?;
            if self.is_required(property, &said)? {
                required.push(&property.name);
            }
            let schema = self.property(property, &said)?;
            properties.insert(property.name.clone(), Json::Object(schema));
        }
        required.sort_unstable();
        let mut schema = object(json!({"type": "object"}));
        schema.insert("properties".to_owned(), Json::Object(properties));
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        if !keeps_unknown {
            schema.insert("additionalProperties".to_owned(), json!(false));
        }
        self.add_also(named, &found, &mut schema)?;
        Ok(schema)
    }

    /// Adds what the user says about the struct and those that it embeds.
    fn add_also(
        &self,
        named: Option<&Named>,
        properties: &[Property],
        schema: &mut Object,
    ) -> Result<(), Error> {
        let mut owners: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for property in properties {
            if let Some(owner) = property
                .owner
                .as_ref()
                .filter(|owner| Some(*owner) != named)
            {
                let own = owners.entry(owner.full_name()).or_default();
                own.push(&property.name);
            }
        }
        if let Some(named) = named {
            let all = properties.iter().map(|property| property.name.as_str());
            owners.insert(named.full_name(), all.collect());
        }
        for (owner, own) in owners {
            if let Some(overlay) = self.options.tables.also(&owner)? {
                tables::merge_struct(schema, &owner, overlay, &own)?;
            }
        }
        Ok(())
    }

    /// Whether a property has to be there.
    ///
    /// A marker decides; else kube-openapi asks whether the tag has `omitempty`
    /// (`isOptional` in pkg/generators/openapi.go), controller-gen also for `omitzero` and
    /// for the package's own default (pkg/crd/schema.go).
    fn is_required(&self, property: &Property, said: &Said) -> Result<bool, Error> {
        if let Some(required) = said.required.or(said.required_by_kubebuilder) {
            return Ok(required);
        }
        if self.options.required == Required::Marked {
            return Ok(false);
        }
        if property.tag.omit_empty || property.tag.omit_zero {
            return Ok(false);
        }
        if let Some(required) = said.required_by_validation {
            return Ok(required);
        }
        let Some(owner) = &property.owner else {
            return Ok(true);
        };
        let package = self.program.needed_package(&owner.package, None)?;
        Ok(package.marker("kubebuilder:validation:Optional").is_none())
    }

    fn property(&mut self, property: &Property, said: &Said) -> Result<Object, Error> {
        let field = &property.field;
        let form = self.property_form(property, said);
        let mut form = form.map_err(|error| error.or_at(Some(&field.site)))?;
        if let Some(owner) = &property.owner {
            let package = self.program.needed_package(&owner.package, None)?;
            let scope = Scope::new(&package, 0);
            self.apply(said, &mut form, &scope)?;
        }
        let mut schema = Object::new();
        let text = describe::description(&field.comments.doc);
        if !text.is_empty() {
            schema.insert("description".to_owned(), json!(text));
        }
        for (keyword, value) in form {
            schema.entry(keyword).or_insert(value);
        }
        Ok(schema)
    }

    fn property_form(&mut self, property: &Property, said: &Said) -> Result<Object, Error> {
        let field = &property.field;
        if property.tag.is_quoted
            && let Some(quoted) = self.quoted(&field.value)?
        {
            return Ok(quoted);
        }
        if said.keeps_unknown
            && let Some((named, fields)) = self.plain_struct(&field.value)?
        {
            return self.object(Some(&named), &fields, true);
        }
        self.value(&field.value, Some(&field.site))
    }

    /// The struct that a field holds, if it is one without marshaler: where it keeps what
    /// is not declared it cannot share the closed schema of its type.
    fn plain_struct(&self, value: &Type) -> Result<Option<Struct>, Error> {
        let named = match value {
            Type::Pointer(to) => match &**to {
                Type::Named(named) => named,
                _ => return Ok(None),
            },
            Type::Named(named) => named,
            _ => return Ok(None),
        };
        let is_known = crate::known::schema(&named.full_name()).is_some();
        if is_known || self.program.marshaler(named)?.is_some() {
            return Ok(None);
        }
        Ok(match self.program.underlying(named)? {
            Type::Struct(fields) => Some((named.clone(), fields)),
            _ => None,
        })
    }
}
