//! Interfaces, as the union of their implementations.
//!
//! JSON has no interfaces, so a program that reads one needs to know which type to make.
//! Programs say so by a discriminator: a property whose value stands for a type, and a
//! registry, a package-level `map[K]reflect.Type`, that holds which. Two forms are known:
//!
//! ```go
//! // A wrapper with methods of its own: a string field and one interface, embedded or not.
//! type TypedShape struct {
//!     Type string `json:"type"`
//!     Shape
//! }
//!
//! // A field of the interface's type.
//! Shape Shape `json:"shape"`
//! ```
//!
//! The registry of an interface is the one in its own package, or in the wrapper's, all
//! of whose types implement it; implementations that are not registered cannot be read.

use super::{Generator, Object, object};
use crate::error::{Error, Kind};
use crate::package::Package;
use crate::syntax::Registry;
use crate::tags::JsonTag;
use crate::types::{Basic, Field, Interface, Named, Scope, Signature, Type};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What an implementation's discriminator is.
#[derive(Debug)]
pub(super) struct Discriminator {
    /// The implementation's name in the schema.
    definition: String,
    property: String,
    value: Json,
}

/// An implementation and its value of the discriminator.
struct Branch {
    value: Json,
    named: Named,
}

impl Generator<'_> {
    /// A struct with methods of its own that is a string and an interface.
    pub(super) fn union_of_wrapper(&mut self, wrapper: &Named) -> Result<Option<Object>, Error> {
        let Type::Struct(fields) = self.program.underlying(wrapper)? else {
            return Ok(None);
        };
        let Some((property, held)) = self.wrapper_parts(&fields)? else {
            return Ok(None);
        };
        let Type::Interface(interface) = self.program.underlying(&held)? else {
            return Ok(None);
        };
        let mut places = vec![self.program.needed_package(&held.package, None)?];
        if held.package != wrapper.package {
            places.push(self.program.needed_package(&wrapper.package, None)?);
        }
        let branches = self.branches(&held, &interface, &places)?;
        self.union(&property, branches).map(Some)
    }

    /// The name of the string field in JSON, and the interface; nothing if there is more.
    fn wrapper_parts(&self, fields: &Rc<Vec<Field>>) -> Result<Option<(String, Named)>, Error> {
        let mut discriminator = None;
        let mut held = None;
        for field in fields.iter() {
            let tag = JsonTag::of(&field.tag);
            let shape = match &field.value {
                Type::Foreign(_) => return Ok(None),
                value => self.program.shape(value)?,
            };
            match (shape, &field.value) {
                (Type::Basic(Basic::Text), _) if discriminator.is_none() => {
                    discriminator = Some(tag.name.unwrap_or_else(|| field.name.clone()));
                }
                (Type::Interface(_), Type::Named(named)) if held.is_none() => {
                    held = Some(named.clone());
                }
                _ if tag.is_ignored => {}
                _ => return Ok(None),
            }
        }
        Ok(discriminator.zip(held))
    }

    /// A declared interface.
    pub(super) fn union_of_interface(
        &mut self,
        named: &Named,
        interface: &Interface,
    ) -> Result<Object, Error> {
        let methods = self.program.interface_methods(interface)?;
        if methods.is_empty() && !interface.is_constraint {
            return Ok(Object::new());
        }
        let place = self.program.needed_package(&named.package, None)?;
        let branches = self.branches(named, interface, &[place])?;
        let property = self.shared_property(named, &branches)?;
        self.union(&property, branches)
    }

    fn union(&mut self, property: &str, branches: Vec<Branch>) -> Result<Object, Error> {
        let mut parts = Vec::new();
        for branch in branches {
            let reference = self.reference(&branch.named, None)?;
            let target = reference
                .get("$ref")
                .and_then(Json::as_str)
                .unwrap_or_default();
            self.discriminators.push(Discriminator {
                definition: target.trim_start_matches("#/$defs/").to_owned(),
                property: property.to_owned(),
                value: branch.value,
            });
            let part = Json::Object(reference);
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        Ok(object(json!({
            "oneOf": parts,
            "discriminator": {"propertyName": property}
        })))
    }

    /// The implementations of an interface, in the order of its registry.
    fn branches(
        &self,
        named: &Named,
        interface: &Interface,
        places: &[Rc<Package>],
    ) -> Result<Vec<Branch>, Error> {
        let methods = self.program.interface_methods(interface)?;
        let mut found = Vec::new();
        for package in places {
            for (file, registry) in package.registries() {
                let scope = Scope::new(package, file);
                let branches = self.registered(registry, &scope, &methods)?;
                found.extend(branches.map(|branches| (registry, branches)));
            }
        }
        let fault = |reason: String| Kind::Interface {
            name: named.full_name(),
            reason,
        };
        match found.len() {
            1 => Ok(found
                .pop()
                .map(|(_, branches)| branches)
                .unwrap_or_default()),
            0 => Err(fault(self.without_registry(&methods, places)?).into_error()),
            _ => {
                let names: Vec<&str> = found.iter().map(|(r, _)| r.name.as_str()).collect();
                let reason = format!("each of {} could be its registry", names.join(", "));
                Err(fault(reason).at(found[0].0.site.clone()))
            }
        }
    }

    /// What a registry holds, if all of it implements the interface.
    fn registered(
        &self,
        registry: &Registry,
        scope: &Scope,
        methods: &BTreeMap<String, Signature>,
    ) -> Result<Option<Vec<Branch>>, Error> {
        let mut branches = Vec::new();
        for (key, implementation) in &registry.entries {
            let value = self.program.resolve(implementation, scope)?;
            let Type::Named(named) = &value else {
                return Ok(None);
            };
            if !self.program.implements(&value, methods)? {
                return Ok(None);
            }
            let key = self.program.evaluate(key, scope, 0)?;
            let fault = || Kind::Constant(registry.name.clone()).at(registry.site.clone());
            branches.push(Branch {
                value: key.to_json().ok_or_else(fault)?,
                named: named.clone(),
            });
        }
        Ok((!branches.is_empty()).then_some(branches))
    }

    /// Why there is no union: what would be in it.
    fn without_registry(
        &self,
        methods: &BTreeMap<String, Signature>,
        places: &[Rc<Package>],
    ) -> Result<String, Error> {
        let mut names = Vec::new();
        for package in places {
            for name in package.type_names() {
                let value = Type::Named(super::named(&package.path, name));
                let is_generic = package
                    .declaration(name)
                    .is_some_and(|(_, d)| !d.parameters.is_empty() || d.is_alias);
                if is_generic {
                    continue;
                }
                let is_interface = matches!(self.program.shape(&value)?, Type::Interface(_));
                if !is_interface && self.program.implements(&value, methods)? {
                    names.push(name.to_owned());
                }
            }
        }
        Ok(match names.is_empty() {
            true => "no type beside it implements it".to_owned(),
            false => format!(
                "it is implemented by {}, yet no package-level map[…]reflect.Type says which value stands for which",
                names.join(", ")
            ),
        })
    }

    /// The property of text that all implementations have: `type`, or the only one.
    fn shared_property(&self, named: &Named, branches: &[Branch]) -> Result<String, Error> {
        let mut shared: Option<Vec<String>> = None;
        for branch in branches {
            let own = self.text_properties(&branch.named)?;
            shared = Some(match shared {
                None => own,
                Some(before) => before.into_iter().filter(|p| own.contains(p)).collect(),
            });
        }
        let shared = shared.unwrap_or_default();
        match shared.as_slice() {
            [only] => Ok(only.clone()),
            several if several.iter().any(|name| name == "type") => Ok("type".to_owned()),
            several => Err(Kind::Interface {
                name: named.full_name(),
                reason: match several.is_empty() {
                    true => {
                        "its implementations share no property of text that could tell them apart"
                            .to_owned()
                    }
                    false => format!(
                        "{} could tell its implementations apart",
                        several.join(", ")
                    ),
                },
            }
            .into_error()),
        }
    }

    fn text_properties(&self, named: &Named) -> Result<Vec<String>, Error> {
        let Type::Struct(fields) = self.program.underlying(named)? else {
            return Ok(Vec::new());
        };
        let mut names = Vec::new();
        for property in self.program.properties(Some(named), &fields)? {
            let is_text = match &property.field.value {
                Type::Foreign(_) => false,
                value => self.program.shape(value)? == Type::Basic(Basic::Text),
            };
            names.extend(is_text.then_some(property.name));
        }
        Ok(names)
    }

    /// Gives each implementation its value of the discriminator.
    pub(super) fn discriminate(&mut self) {
        let mut values: BTreeMap<(String, String), Vec<Json>> = BTreeMap::new();
        for found in self.discriminators.drain(..) {
            let known = values
                .entry((found.definition, found.property))
                .or_default();
            if !known.contains(&found.value) {
                known.push(found.value);
            }
        }
        for ((definition, property), values) in values {
            if let Some(schema) = self.definitions.get_mut(&definition) {
                fix(schema, &property, values);
            }
        }
    }
}

/// Fixes a property of an object to its values.
fn fix(schema: &mut Object, property: &str, mut values: Vec<Json>) {
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    if let Json::Object(properties) = properties {
        let fixed = properties
            .entry(property)
            .or_insert_with(|| json!({"type": "string"}));
        if let (Json::Object(fixed), Some(last)) = (fixed, values.pop()) {
            match values.is_empty() {
                true => fixed.insert("const".to_owned(), last),
                false => {
                    values.push(last);
                    fixed.insert("enum".to_owned(), Json::Array(values))
                }
            };
        }
    }
    let required = schema.entry("required").or_insert_with(|| json!([]));
    if let Json::Array(required) = required {
        let name = json!(property);
        if !required.contains(&name) {
            required.push(name);
            required.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        }
    }
}
