//! Types whose constants are all their values.

use super::{Enums, Generator, Object, describe, type_name};
use crate::error::Error;
use crate::markers::{self, Said};
use crate::package::Package;
use crate::syntax::{Constant, Expression};
use crate::types::{Basic, Named, Scope, Type};
use serde_json::{Value as Json, json};
use std::rc::Rc;

impl Generator<'_> {
    /// Adds the constants of a type as the values that it has.
    pub(super) fn add_enum(
        &self,
        named: &Named,
        said: &Said,
        form: &mut Object,
        schema: &mut Object,
    ) -> Result<(), Error> {
        if said.keywords.contains_key("enum") || !self.takes_constants(said) {
            return Ok(());
        }
        let package = self.program.needed_package(&named.package, None)?;
        let mut values: Vec<Json> = Vec::new();
        let mut lines: Vec<String> = Vec::new();
        let mut are_bits = false;
        for (file, constant) in self.constants_of(named, &package)? {
            are_bits |= constant.value.as_ref().is_some_and(is_shift);
            let scope = Scope::new(&package, file);
            let value = self.program.constant_value(constant, &scope)?;
            let Some(value) = value.to_json() else {
                continue;
            };
            if !values.contains(&value) {
                let doc = &constant.comments.doc;
                lines.push(describe::enum_value(&value, &constant.name, doc));
                values.push(value);
            }
        }
        if values.is_empty() || (are_bits && !said.is_enum) {
            return Ok(());
        }
        form.insert("enum".to_owned(), json!(values));
        let before = schema.get("description").and_then(Json::as_str);
        let before = before.map(|text| format!("{text}\n\n")).unwrap_or_default();
        let text = format!("{before}Possible enum values:\n{}", lines.join("\n"));
        schema.insert("description".to_owned(), json!(text));
        Ok(())
    }

    fn takes_constants(&self, said: &Said) -> bool {
        said.is_enum || self.options.enums == Enums::Constants
    }

    /// Whether a type of strings has only some values.
    pub(super) fn is_enum(&self, named: &Named) -> Result<bool, Error> {
        let package = self.program.needed_package(&named.package, None)?;
        let Some((_, declaration)) = package.declaration(&named.name) else {
            return Ok(false);
        };
        let said = markers::read(&declaration.comments)?;
        let is_text = self.program.underlying(named)? == Type::Basic(Basic::Text);
        let has_values = said.keywords.contains_key("enum")
            || (self.takes_constants(&said) && !self.constants_of(named, &package)?.is_empty());
        Ok(is_text && has_values)
    }

    /// The constants that a type's own package declares with that type.
    fn constants_of<'c>(
        &self,
        named: &Named,
        package: &'c Rc<Package>,
    ) -> Result<Vec<(usize, &'c Constant)>, Error> {
        let wanted = Type::Named(named.clone());
        let mut found = Vec::new();
        for (file, constant) in package.constants() {
            let written = match (&constant.declared_type, &constant.value) {
                (Some(declared), _) => type_name(declared),
                (None, Some(Expression::Conversion(to, _))) => type_name(to),
                _ => None,
            };
            if written.is_none_or(|name| name.name != *named.name) || constant.name == "_" {
                continue;
            }
            let scope = Scope::new(package, file);
            if self.program.constant_type(constant, &scope)? == Some(wanted.clone()) {
                found.push((file, constant));
            }
        }
        Ok(found)
    }
}

fn is_shift(expression: &Expression) -> bool {
    match expression {
        Expression::Binary(_, sign, left, right) => {
            sign == "<<" || is_shift(left) || is_shift(right)
        }
        Expression::Unary(_, _, inner) | Expression::Conversion(_, inner) => is_shift(inner),
        _ => false,
    }
}
