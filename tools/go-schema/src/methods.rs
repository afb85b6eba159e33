//! Methods: which a type has, also from what it embeds, and which interfaces it
//! implements (go.dev/ref/spec#Method_sets, go.dev/ref/spec#Selectors).

use crate::error::Error;
use crate::known;
use crate::package::Program;
use crate::source::Site;
use crate::types::{Basic, Interface, Named, Scope, Signature, Type};
use std::collections::{BTreeMap, HashSet};

/// A method that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where it is declared; nothing if it is of a package that is not given.
    pub site: Option<Site>,
    /// Its types; nothing if they are not known.
    pub signature: Option<Signature>,
}

/// How a type writes its JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Marshaler {
    /// By a method of its own, of this name.
    Json(&'static str, Found),
    /// As the text that a method of its own gives.
    Text,
}

impl Program {
    /// How a type writes its JSON, if by methods of its own: encoding/json asks for
    /// (Un)MarshalJSON first, then for (Un)MarshalText, on the type and on a pointer to it.
    pub(crate) fn marshaler(&self, named: &Named) -> Result<Option<Marshaler>, Error> {
        let value = Type::Named(named.clone());
        for name in ["UnmarshalJSON", "MarshalJSON"] {
            if let Some(found) = self.method(&value, name)? {
                return Ok(Some(Marshaler::Json(name, found)));
            }
        }
        for name in ["UnmarshalText", "MarshalText"] {
            if self.method(&value, name)?.is_some() {
                return Ok(Some(Marshaler::Text));
            }
        }
        Ok(None)
    }

    /// A method of a type or of a pointer to it: the one at the shallowest depth, none if
    /// there are two of them, or a field of that name.
    pub(crate) fn method(&self, value: &Type, name: &str) -> Result<Option<Found>, Error> {
        let mut level = vec![value.clone()];
        let mut visited: HashSet<Named> = HashSet::new();
        while !level.is_empty() {
            let mut found: Vec<Option<Found>> = Vec::new();
            let mut next = Vec::new();
            for value in &level {
                self.look_for(name, value, &mut visited, &mut found, &mut next)?;
            }
            match found.as_slice() {
                [] => level = next,
                [only] => return Ok(only.clone()),
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Looks at one type: what it declares itself, else what its form brings.
    fn look_for(
        &self,
        name: &str,
        value: &Type,
        visited: &mut HashSet<Named>,
        found: &mut Vec<Option<Found>>,
        next: &mut Vec<Type>,
    ) -> Result<(), Error> {
        let value = match value {
            Type::Pointer(to) => to,
            other => other,
        };
        match value {
            Type::Named(named) if !visited.insert(named.clone()) => Ok(()),
            Type::Named(named) => match self.declared_method(named, name)? {
                Some(method) => {
                    found.push(Some(method));
                    Ok(())
                }
                None => self.look_into_shape(name, &self.underlying(named)?, found, next),
            },
            Type::Foreign(foreign) => {
                let unknown = Found {
                    site: None,
                    signature: None,
                };
                found.extend(known::has_method(foreign, name).then_some(Some(unknown)));
                Ok(())
            }
            other => self.look_into_shape(name, other, found, next),
        }
    }

    /// An interface has its methods, a struct those of what it embeds; a field that hides
    /// methods of its name counts as a find that is none.
    fn look_into_shape(
        &self,
        name: &str,
        shape: &Type,
        found: &mut Vec<Option<Found>>,
        next: &mut Vec<Type>,
    ) -> Result<(), Error> {
        match shape {
            Type::Interface(interface) => {
                let methods = self.interface_methods(interface)?;
                found.extend(methods.get(name).map(|signature| {
                    Some(Found {
                        site: None,
                        signature: Some(signature.clone()),
                    })
                }));
            }
            Type::Struct(fields) => {
                let hides = fields.iter().any(|field| field.name == name);
                found.extend(hides.then_some(None));
                let embedded = fields.iter().filter(|field| field.is_embedded);
                next.extend(embedded.map(|field| field.value.clone()));
            }
            _ => {}
        }
        Ok(())
    }

    /// A method that is declared for a type itself.
    fn declared_method(&self, named: &Named, name: &str) -> Result<Option<Found>, Error> {
        let package = self.needed_package(&named.package, None)?;
        let mut methods = package.methods(&named.name);
        let Some((file, method)) = methods.find(|(_, method)| method.name == name) else {
            return Ok(None);
        };
        let scope = Scope::new(&package, file).by_name();
        let scope = scope.bound(&method.receiver_parameters, &named.arguments);
        Ok(Some(Found {
            site: Some(method.site.clone()),
            signature: Some(self.resolve_signature(&method.signature, &scope)?),
        }))
    }

    /// All methods of an interface, also of those it embeds.
    pub(crate) fn interface_methods(
        &self,
        interface: &Interface,
    ) -> Result<BTreeMap<String, Signature>, Error> {
        let mut methods: BTreeMap<String, Signature> = interface.methods.iter().cloned().collect();
        for embedded in &interface.embedded {
            match self.shape(embedded)? {
                Type::Interface(inner) => methods.extend(self.interface_methods(&inner)?),
                Type::Basic(Basic::Error) => {
                    let text = Signature {
                        results: vec![Type::Basic(Basic::Text)],
                        ..Signature::default()
                    };
                    methods.insert("Error".to_owned(), text);
                }
                _ => {}
            }
        }
        Ok(methods)
    }

    /// Whether a pointer to a type has all of these methods.
    pub(crate) fn implements(
        &self,
        value: &Type,
        methods: &BTreeMap<String, Signature>,
    ) -> Result<bool, Error> {
        for (name, signature) in methods {
            let has = self
                .method(value, name)?
                .is_some_and(|found| found.signature.as_ref().is_none_or(|own| own == signature));
            if !has {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
