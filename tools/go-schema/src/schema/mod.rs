//! Types to JSON Schema, draft 2020-12.

mod describe;
mod enums;
mod kinds;
mod objects;
mod unions;
mod values;

use crate::error::{Error, Kind};
use crate::known;
use crate::markers::{self, DefaultValue, Said};
use crate::methods::Marshaler;
use crate::names::definition_name;
use crate::package::Program;
use crate::source::Site;
use crate::syntax::{Comments, TypeExpression, TypeName};
use crate::tables::{self, Tables};
use crate::types::{Named, Scope, Type};
use diagnostics::suggest;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use unions::Discriminator;

/// A JSON object that is being built.
type Object = Map<String, Json>;

/// When a field is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Required {
    /// Unless `omitempty`, `omitzero` or a marker says otherwise, as kube-openapi and
    /// controller-gen decide.
    #[default]
    Kubernetes,
    /// Only where a marker says so.
    Marked,
}

/// Which types are enums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Enums {
    /// Those with a marker: `+enum`.
    #[default]
    Marked,
    /// Also each string or integer type that has constants, unless these are bits
    /// (`1 << iota`).
    Constants,
}

/// How types are read.
#[derive(Debug, Default)]
pub struct Options {
    /// When a field is required.
    pub required: Required,
    /// Which types are enums.
    pub enums: Enums,
    /// What the user says about types.
    pub tables: Tables,
}

/// Makes one document of types: each under its full name in `$defs`, with all that they
/// refer to. `packages` are patterns ([`Program::packages_of`]); without `types` it is
/// every exported type of them.
///
/// # Errors
/// If the source is wrong, or a type has no JSON form.
pub fn document(
    program: &Program,
    packages: &[String],
    types: &[String],
    options: &Options,
) -> Result<Json, Error> {
    let mut generator = Generator {
        program,
        options,
        names: BTreeMap::new(),
        pending: VecDeque::new(),
        definitions: BTreeMap::new(),
        discriminators: Vec::new(),
        explicit: BTreeSet::new(),
    };
    for root in roots(program, packages, types)? {
        generator.reference(&root, None)?;
    }
    while let Some((named, site)) = generator.pending.pop_front() {
        let definition = generator.definition(&named);
        let definition = definition.map_err(|error| error.or_at(site.as_ref()))?;
        let name = generator.names[&named.to_string()].clone();
        generator.definitions.insert(name, definition);
    }
    generator.discriminate();
    program.refuse_import_cycles()?;
    options.tables.refuse_unused()?;
    let definitions = generator.definitions.into_iter();
    let definitions = definitions.map(|(name, schema)| (name, Json::Object(schema)));
    Ok(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": definitions.collect::<Object>(),
    }))
}

/// The types that are asked for.
fn roots(program: &Program, packages: &[String], types: &[String]) -> Result<Vec<Named>, Error> {
    let mut paths = Vec::new();
    for pattern in packages {
        paths.extend(program.packages_of(pattern)?);
    }
    if !types.is_empty() {
        let roots = types.iter().map(|name| root(program, &paths, name));
        return roots.collect();
    }
    let mut roots = Vec::new();
    for path in &paths {
        let package = program.needed_package(path, None)?;
        for name in package.type_names() {
            if is_exported_value(program, path, name)? {
                roots.push(named(path, name));
            }
        }
    }
    Ok(roots)
}

fn named(package: &str, name: &str) -> Named {
    Named {
        package: package.into(),
        name: name.into(),
        arguments: Vec::new(),
    }
}

/// `Name` in one of the packages, or `import/path.Name`.
fn root(program: &Program, paths: &[String], wanted: &str) -> Result<Named, Error> {
    if let Some((package, name)) = wanted.rsplit_once('.') {
        let package = program.needed_package(package, None)?;
        if package.declaration(name).is_some() {
            return Ok(named(&package.path, name));
        }
    }
    let mut known = Vec::new();
    for path in paths {
        let package = program.needed_package(path, None)?;
        if package.declaration(wanted).is_some() {
            return Ok(named(path, wanted));
        }
        known.extend(package.type_names().map(str::to_owned));
    }
    let nearest = suggest::nearest(wanted, known.iter().map(String::as_str));
    Err(Kind::NoRoot {
        name: wanted.to_owned(),
        nearest: nearest.map(str::to_owned),
    }
    .into_error())
}

/// Whether a type that nobody asked for by name goes into the document: exported, and of
/// a form that JSON has. Generic types have none before they are used.
fn is_exported_value(program: &Program, path: &str, name: &str) -> Result<bool, Error> {
    let package = program.needed_package(path, None)?;
    let Some((_, declaration)) = package.declaration(name) else {
        return Ok(false);
    };
    let is_exported = name.starts_with(char::is_uppercase);
    if !is_exported || declaration.is_alias || !declaration.parameters.is_empty() {
        return Ok(false);
    }
    let shape = program.underlying(&named(path, name))?;
    let is_value = !matches!(
        shape,
        Type::Interface(_) | Type::Function(_) | Type::Channel
    );
    Ok(is_value)
}

struct Generator<'p> {
    program: &'p Program,
    options: &'p Options,
    /// The names of the types that were met, by how Go writes them.
    names: BTreeMap<String, String>,
    /// Those that are still to be defined, and where the first reference stands.
    pending: VecDeque<(NamedType, Option<Site>)>,
    definitions: BTreeMap<String, Object>,
    discriminators: Vec<Discriminator>,
    explicit: BTreeSet<String>,
}

/// A declared type, shown as Go writes it.
#[derive(Debug, Clone)]
struct NamedType(Named);

impl std::fmt::Display for NamedType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Type::Named(self.0.clone()).fmt(f)
    }
}

impl Generator<'_> {
    /// `{"$ref": …}` to a declared type, which is defined later.
    fn reference(&mut self, named: &Named, site: Option<&Site>) -> Result<Object, Error> {
        let named = NamedType(named.clone());
        let written = named.to_string();
        let name = match self.names.get(&written) {
            Some(name) => name.clone(),
            None => {
                let name = definition_name(self.program, &named.0);
                if !self.explicit.insert(name.clone()) {
                    return Err(self.name_twice(name, written).at_some(site));
                }
                self.names.insert(written, name.clone());
                self.pending.push_back((named, site.cloned()));
                name
            }
        };
        Ok(object(json!({"$ref": format!("#/$defs/{name}")})))
    }

    fn name_twice(&self, name: String, second: String) -> Kind {
        let first = self.names.iter().find(|(_, other)| **other == name);
        Kind::NameTwice {
            first: first
                .map(|(written, _)| written.clone())
                .unwrap_or_default(),
            name,
            second,
        }
    }

    /// The schema of a declared type.
    fn definition(&mut self, named: &NamedType) -> Result<Object, Error> {
        let named = &named.0;
        let package = self.program.needed_package(&named.package, None)?;
        let Some((file, declaration)) = package.declaration(&named.name) else {
            return Err(self.program.foreign(&named.full_name()).into_error());
        };
        let said = markers::read(&declaration.comments)?;
        let mut schema = Object::new();
        let text = describe::description(&declaration.comments.doc);
        if !text.is_empty() {
            schema.insert("description".to_owned(), json!(text));
        }
        let scope = Scope::new(&package, file);
        let form = self.form(named, &said, &mut schema);
        let form = form.map_err(|error| error.or_at(Some(&declaration.site)))?;
        let mut form = form;
        self.apply(&said, &mut form, &scope)?;
        for (keyword, value) in form {
            schema.entry(keyword).or_insert(value);
        }
        if said.is_kind {
            self.add_kind(named, &package, &mut schema)?;
        }
        let is_struct = schema.get("properties").is_some();
        if !is_struct && let Some(overlay) = self.options.tables.also(&named.full_name())? {
            tables::merge(&mut schema, overlay);
        }
        Ok(schema)
    }

    /// What a declared type is in JSON, without its markers.
    fn form(&mut self, named: &Named, said: &Said, schema: &mut Object) -> Result<Object, Error> {
        let name = named.full_name();
        if let Some(mapped) = self.options.tables.mapped(&name) {
            return match mapped {
                Json::Object(mapped) => Ok(mapped),
                _ => Err(Kind::Table {
                    table: "map",
                    name,
                    reason: "it is no object".to_owned(),
                }
                .into_error()),
            };
        }
        if let Some(known) = known::schema(&name) {
            return Ok(object(known));
        }
        match self.program.marshaler(named)? {
            Some(Marshaler::Json(method, found)) => {
                if let Some(union) = self.union_of_wrapper(named)? {
                    return Ok(union);
                }
                let method = method.to_owned();
                let kind = Kind::CustomMarshaler { name, method };
                return Err(kind.at_some(found.site.as_ref()));
            }
            Some(Marshaler::Text) => return Ok(object(json!({"type": "string"}))),
            None => {}
        }
        match self.program.underlying(named)? {
            Type::Struct(fields) => {
                self.program
                    .refuse_recursive_embedding(named, &mut Vec::new())?;
                self.object(Some(named), &fields, said.keeps_unknown)
            }
            Type::Interface(interface) => self.union_of_interface(named, &interface),
            Type::Basic(basic) => {
                let mut form = self.basic(basic, None)?;
                self.add_enum(named, said, &mut form, schema)?;
                Ok(form)
            }
            other => self.value(&other, None),
        }
    }

    /// Adds what markers say to a schema.
    fn apply(&self, said: &Said, schema: &mut Object, scope: &Scope) -> Result<(), Error> {
        if said.is_schemaless {
            schema.clear();
            schema.insert(
                "x-kubernetes-preserve-unknown-fields".to_owned(),
                json!(true),
            );
        }
        match said.value_type.as_deref() {
            Some("int-or-string") => {
                *schema = object(json!({
                    "anyOf": [{"type": "integer"}, {"type": "string"}],
                    "x-kubernetes-int-or-string": true
                }));
            }
            Some(value_type) => {
                *schema = object(json!({"type": value_type}));
            }
            None => {}
        }
        if said.keeps_unknown {
            if schema.get("additionalProperties") == Some(&json!(false)) {
                schema.remove("additionalProperties");
            }
            schema.insert(
                "x-kubernetes-preserve-unknown-fields".to_owned(),
                json!(true),
            );
        }
        tables::merge(schema, &said.keywords);
        exclusive(schema, "exclusiveMaximum", "maximum");
        exclusive(schema, "exclusiveMinimum", "minimum");
        if !said.items.is_empty() {
            let items = schema.entry("items").or_insert_with(|| json!({}));
            if let Json::Object(items) = items {
                tables::merge(items, &said.items);
            }
        }
        if let Some(default) = &said.default {
            let value = self.default_value(default, scope)?;
            schema.insert("default".to_owned(), value);
        }
        if said.is_nullable {
            nullable(schema);
        }
        Ok(())
    }

    fn default_value(&self, default: &DefaultValue, scope: &Scope) -> Result<Json, Error> {
        let (site, reference) = match default {
            DefaultValue::Value(value) => return Ok(value.clone()),
            DefaultValue::Constant(site, reference) => (site, reference),
        };
        let fault = || Kind::Constant(reference.clone()).at(site.clone());
        let (package, name) = match reference.rsplit_once('.') {
            Some((path, name)) => (self.program.needed_package(path, Some(site))?, name),
            None => (scope.package.clone(), reference.as_str()),
        };
        let (file, constant) = package.constant(name).ok_or_else(fault)?;
        let scope = Scope::new(&package, file);
        let value = self.program.constant_value(constant, &scope)?;
        value.to_json().ok_or_else(fault)
    }

    /// The comments and markers of a field.
    fn said(&self, comments: &Comments) -> Result<Said, Error> {
        markers::read(comments)
    }
}

/// A bound that is out is a number of its own; markers make it a flag on the other.
fn exclusive(schema: &mut Object, flag: &str, bound: &str) {
    match schema.get(flag) {
        Some(Json::Bool(true)) => {
            if let Some(value) = schema.remove(bound) {
                schema.insert(flag.to_owned(), value);
            }
        }
        Some(Json::Bool(false)) => drop(schema.remove(flag)),
        _ => {}
    }
}

/// Lets null in.
fn nullable(schema: &mut Object) {
    let description = schema.remove("description");
    let default = schema.remove("default");
    match schema.get("type").cloned() {
        Some(Json::String(only)) => {
            let both = json!([only, "null"]);
            schema.insert("type".to_owned(), both);
            if let Some(Json::Array(values)) = schema.get_mut("enum") {
                values.push(Json::Null);
            }
        }
        _ if schema.is_empty() => {}
        _ => {
            let inner = Json::Object(std::mem::take(schema));
            schema.insert("anyOf".to_owned(), json!([inner, {"type": "null"}]));
        }
    }
    for (keyword, value) in [("description", description), ("default", default)] {
        if let Some(value) = value {
            schema.insert(keyword.to_owned(), value);
        }
    }
}

fn object(json: Json) -> Object {
    match json {
        Json::Object(object) => object,
        _ => Object::new(),
    }
}

/// The type that an expression names, without a package before it.
fn type_name(written: &TypeExpression) -> Option<&TypeName> {
    match written {
        TypeExpression::Name(name) => Some(name),
        _ => None,
    }
}
