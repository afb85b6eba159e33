//! One JSON Schema object, of any draft or of OpenAPI, as a [`Schema`].

use crate::schema::{Additional, ListType, MapType, Rule, Schema, Type};
use crate::{Error, Number, Spot};
use serde_json::{Map, Value as Json};

/// What a keyword that is absent means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// As the API server reads: an object holds what is declared.
    OpenApi,
    /// An object may hold anything else, unless `additionalProperties` says no.
    JsonSchema,
}

/// Where a schema is in its file, for messages and to resolve references.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub file: &'a str,
    pub dialect: Dialect,
    /// Finds the full name of the type at a pointer: `#/definitions/X`.
    pub names: &'a dyn Fn(&str) -> Option<String>,
}

impl Context<'_> {
    pub fn error(&self, pointer: &str, message: impl std::fmt::Display) -> Error {
        Error::Malformed {
            spot: Spot {
                file: self.file.to_owned(),
                ..Spot::default()
            },
            message: format!("at #{pointer}: {message}"),
        }
    }
}

type Keywords = Map<String, Json>;

/// The schema at `pointer`.
pub(super) fn schema(json: &Json, pointer: &str, context: &Context<'_>) -> Result<Schema, Error> {
    match json {
        Json::Bool(true) => Ok(Schema::default()),
        Json::Bool(false) => Ok(nothing()),
        Json::Object(keywords) => Converter {
            keywords,
            pointer,
            context,
        }
        .schema(),
        other => {
            let message = format!("a schema is an object, true or false, not {other}");
            Err(context.error(pointer, message))
        }
    }
}

/// Holds for no value.
fn nothing() -> Schema {
    Schema {
        not: Some(Box::default()),
        ..Schema::default()
    }
}

struct Converter<'a, 'c> {
    keywords: &'a Keywords,
    pointer: &'a str,
    context: &'a Context<'c>,
}

impl Converter<'_, '_> {
    fn schema(&self) -> Result<Schema, Error> {
        let mut schema = Schema {
            description: self.text("description").unwrap_or_default(),
            title: self.text("title").unwrap_or_default(),
            format: self.text("format"),
            default: self.keywords.get("default").cloned(),
            example: self.keywords.get("example").cloned(),
            pattern: self.text("pattern"),
            ..Schema::default()
        };
        self.reference(&mut schema)?;
        self.types(&mut schema)?;
        self.choices(&mut schema)?;
        self.bounds(&mut schema)?;
        self.children(&mut schema)?;
        self.combinators(&mut schema)?;
        self.extensions(&mut schema)?;
        simplify(&mut schema);
        self.open(&mut schema);
        Ok(schema)
    }

    fn text(&self, keyword: &str) -> Option<String> {
        let text = self.keywords.get(keyword)?.as_str()?;
        Some(text.to_owned())
    }

    fn flag(&self, keyword: &str) -> bool {
        self.keywords.get(keyword) == Some(&Json::Bool(true))
    }

    /// The pointer to a part of this schema.
    fn at(&self, steps: &[&str]) -> String {
        let mut pointer = self.pointer.to_owned();
        for step in steps {
            pointer.push('/');
            pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        }
        pointer
    }

    fn error(&self, keyword: &str, message: impl std::fmt::Display) -> Error {
        self.context.error(&self.at(&[keyword]), message)
    }

    fn reference(&self, schema: &mut Schema) -> Result<(), Error> {
        let Some(target) = self.keywords.get("$ref") else {
            return Ok(());
        };
        let name = target
            .as_str()
            .and_then(|target| (self.context.names)(target));
        let Some(name) = name else {
            let message = format!(
                "$ref {target} names no definition of this document; references to other documents and into schemas are not followed"
            );
            return Err(self.error("$ref", message));
        };
        schema.reference = Some(name);
        Ok(())
    }

    /// `type`, one or several; null is `nullable`, integer beside string is an
    /// int-or-string, any other mixture becomes an anyOf.
    fn types(&self, schema: &mut Schema) -> Result<(), Error> {
        schema.nullable = self.flag("nullable");
        let listed: Vec<&Json> = match self.keywords.get("type") {
            None => return Ok(()),
            Some(Json::Array(types)) => types.iter().collect(),
            Some(one) => vec![one],
        };
        let mut types = Vec::new();
        for name in listed {
            match name.as_str() {
                Some("null") => schema.nullable = true,
                Some(name) => types.push(self.named(name)?),
                None => return Err(self.error("type", format!("{name} is no type"))),
            }
        }
        match types.as_slice() {
            [] => schema.enumeration = Some(Vec::new()),
            [one] => schema.value_type = Some(*one),
            [Type::Integer, Type::String] | [Type::String, Type::Integer] => {
                schema.int_or_string = true;
            }
            several => schema.any_of = several.iter().map(|one| of_type(*one)).collect(),
        }
        if self.text("format").as_deref() == Some("int-or-string") {
            schema.int_or_string = true;
            schema.value_type = None;
            schema.format = None;
        }
        Ok(())
    }

    fn named(&self, name: &str) -> Result<Type, Error> {
        Ok(match name {
            "array" => Type::Array,
            "boolean" => Type::Boolean,
            "integer" => Type::Integer,
            "number" => Type::Number,
            "object" => Type::Object,
            "string" => Type::String,
            other => return Err(self.error("type", format!("{other:?} is no type"))),
        })
    }

    fn choices(&self, schema: &mut Schema) -> Result<(), Error> {
        if let Some(only) = self.keywords.get("const") {
            schema.enumeration = Some(vec![only.clone()]);
        }
        match self.keywords.get("enum") {
            None => Ok(()),
            Some(Json::Array(choices)) => {
                schema.nullable |= choices.contains(&Json::Null) && schema.value_type.is_none();
                schema.enumeration = Some(choices.clone());
                Ok(())
            }
            Some(_) => Err(self.error("enum", "enum is a list")),
        }
    }

    fn bounds(&self, schema: &mut Schema) -> Result<(), Error> {
        let lower = self.bound("minimum", "exclusiveMinimum")?;
        let upper = self.bound("maximum", "exclusiveMaximum")?;
        (schema.minimum, schema.exclusive_minimum) = tighter(lower, |a, b| a > b);
        (schema.maximum, schema.exclusive_maximum) = tighter(upper, |a, b| a < b);
        schema.multiple_of = self.number("multipleOf")?;
        schema.min_length = self.count("minLength")?;
        schema.max_length = self.count("maxLength")?;
        schema.min_items = self.count("minItems")?;
        schema.max_items = self.count("maxItems")?;
        schema.min_properties = self.count("minProperties")?;
        schema.max_properties = self.count("maxProperties")?;
        schema.unique_items = self.flag("uniqueItems");
        Ok(())
    }

    /// The bound that is in, and the one that is out: since draft 6 a number of its
    /// own, before that a flag on the other.
    fn bound(&self, closed: &str, open: &str) -> Result<[Option<Number>; 2], Error> {
        let bound = self.number(closed)?;
        match self.keywords.get(open) {
            Some(Json::Bool(true)) => Ok([None, bound]),
            Some(Json::Bool(false)) | None => Ok([bound, None]),
            Some(_) => Ok([bound, self.number(open)?]),
        }
    }

    fn number(&self, keyword: &str) -> Result<Option<Number>, Error> {
        let Some(value) = self.keywords.get(keyword) else {
            return Ok(None);
        };
        let number = match (value.as_i64(), value.as_u64(), value.as_f64()) {
            (Some(value), _, _) => Number::Int(i128::from(value)),
            (_, Some(value), _) => Number::Int(i128::from(value)),
            (_, _, Some(value)) => Number::from(value),
            _ => return Err(self.error(keyword, format!("{value} is no number"))),
        };
        Ok(Some(number))
    }

    fn count(&self, keyword: &str) -> Result<Option<i64>, Error> {
        match self.number(keyword)? {
            None => Ok(None),
            Some(number) => match number.as_i64() {
                Some(count) => Ok(Some(count)),
                None => Err(self.error(keyword, format!("{number} is no count"))),
            },
        }
    }

    fn child(&self, json: &Json, steps: &[&str]) -> Result<Schema, Error> {
        schema(json, &self.at(steps), self.context)
    }

    fn children(&self, schema: &mut Schema) -> Result<(), Error> {
        if let Some(properties) = self.object("properties")? {
            for (name, property) in properties {
                let property = self.child(property, &["properties", name])?;
                schema.properties.insert(name.clone(), Box::new(property));
            }
        }
        match self.keywords.get("required") {
            None | Some(Json::Bool(_)) => {}
            Some(Json::Array(names)) => {
                let names = names.iter().filter_map(Json::as_str).map(str::to_owned);
                schema.required = names.collect();
            }
            Some(_) => return Err(self.error("required", "required is a list of names")),
        }
        if let Some(items) = self.keywords.get("items").filter(|items| !items.is_array()) {
            schema.items = Some(Box::new(self.child(items, &["items"])?));
        }
        if let Some(names) = self.keywords.get("propertyNames") {
            schema.property_names = Some(Box::new(self.child(names, &["propertyNames"])?));
        }
        schema.additional_properties = match self.keywords.get("additionalProperties") {
            None => self.matching()?,
            Some(Json::Bool(allowed)) => match self.matching()? {
                Some(values) if !allowed => Some(values),
                _ => Some(Additional::Allowed(*allowed)),
            },
            Some(values) => {
                let values = self.child(values, &["additionalProperties"])?;
                Some(Additional::Schema(Box::new(values)))
            }
        };
        Ok(())
    }

    /// `patternProperties` with one pattern: a map, whatever its keys.
    fn matching(&self) -> Result<Option<Additional>, Error> {
        let patterns = self.object("patternProperties")?;
        let Some((pattern, values)) = patterns
            .filter(|all| all.len() == 1)
            .and_then(|all| all.iter().next())
        else {
            return Ok(None);
        };
        if self.keywords.contains_key("properties") {
            return Ok(None);
        }
        let values = self.child(values, &["patternProperties", pattern])?;
        Ok(Some(Additional::Schema(Box::new(values))))
    }

    fn object(&self, keyword: &str) -> Result<Option<&Keywords>, Error> {
        match self.keywords.get(keyword) {
            None => Ok(None),
            Some(Json::Object(object)) => Ok(Some(object)),
            Some(_) => Err(self.error(keyword, format!("{keyword} is an object"))),
        }
    }

    fn combinators(&self, schema: &mut Schema) -> Result<(), Error> {
        schema.all_of = self.parts("allOf")?;
        schema.any_of.extend(self.parts("anyOf")?);
        schema.one_of = self.parts("oneOf")?;
        if let Some(not) = self.keywords.get("not") {
            schema.not = Some(Box::new(self.child(not, &["not"])?));
        }
        if let Some(condition) = self.keywords.get("if") {
            let condition = self.child(condition, &["if"])?;
            if let Some(then) = self.keywords.get("then") {
                let then = self.child(then, &["then"])?;
                schema.all_of.push(either(not(condition.clone()), then));
            }
            if let Some(otherwise) = self.keywords.get("else") {
                let otherwise = self.child(otherwise, &["else"])?;
                schema.all_of.push(either(condition, otherwise));
            }
        }
        for keyword in ["dependentRequired", "dependencies"] {
            for (name, needed) in self.object(keyword)?.into_iter().flatten() {
                if let Json::Array(needed) = needed {
                    let needed = needed.iter().filter_map(Json::as_str).map(str::to_owned);
                    let absent = not(requires(vec![name.clone()]));
                    schema
                        .all_of
                        .push(either(absent, requires(needed.collect())));
                }
            }
        }
        Ok(())
    }

    fn parts(&self, keyword: &str) -> Result<Vec<Schema>, Error> {
        match self.keywords.get(keyword) {
            None => Ok(Vec::new()),
            Some(Json::Array(parts)) => parts
                .iter()
                .enumerate()
                .map(|(index, part)| self.child(part, &[keyword, &index.to_string()]))
                .collect(),
            Some(_) => Err(self.error(keyword, format!("{keyword} is a list of schemas"))),
        }
    }

    fn extensions(&self, schema: &mut Schema) -> Result<(), Error> {
        let flag = |name: &str| self.flag(&format!("x-kubernetes-{name}"));
        schema.preserve_unknown = flag("preserve-unknown-fields");
        schema.embedded_resource = flag("embedded-resource");
        schema.int_or_string |= flag("int-or-string");
        schema.list_type = match self.text("x-kubernetes-list-type").as_deref() {
            Some("map") => Some(ListType::Map),
            Some("set") => Some(ListType::Set),
            Some("atomic") => Some(ListType::Atomic),
            _ => None,
        };
        schema.map_type = match self.text("x-kubernetes-map-type").as_deref() {
            Some("atomic") => Some(MapType::Atomic),
            Some("granular") => Some(MapType::Granular),
            _ => None,
        };
        if let Some(Json::Array(keys)) = self.keywords.get("x-kubernetes-list-map-keys") {
            let keys = keys.iter().filter_map(Json::as_str).map(str::to_owned);
            schema.list_map_keys = keys.collect();
        }
        if let Some(rules) = self.keywords.get("x-kubernetes-validations") {
            let rules = serde_json::from_value::<Vec<Rule>>(rules.clone());
            schema.rules = rules.map_err(|e| self.error("x-kubernetes-validations", e))?;
        }
        Ok(())
    }

    /// Whether fields that are not declared are kept.
    fn open(&self, schema: &mut Schema) {
        let is_object = schema.value_type == Some(Type::Object) || !schema.properties.is_empty();
        let is_open = match (&schema.additional_properties, self.context.dialect) {
            (Some(Additional::Allowed(true)), _) => true,
            (Some(_), _) => false,
            (None, Dialect::OpenApi) => schema.properties.is_empty(),
            (None, Dialect::JsonSchema) => !self.keywords.contains_key("unevaluatedProperties"),
        };
        schema.preserve_unknown |= is_object && is_open && schema.reference.is_none();
    }
}

/// Puts what authors write in combinators where it belongs: a part that is only
/// null makes a value nullable, integer or string is an int-or-string, and an
/// allOf of one part is that part.
fn simplify(schema: &mut Schema) {
    if let [only] = schema.all_of.as_slice()
        && only.reference.is_some()
        && schema.reference.is_none()
        && schema.value_type.is_none()
        && schema.properties.is_empty()
    {
        schema.reference = only.reference.clone();
        schema.all_of.clear();
    }
    let mut nullable = schema.nullable;
    for parts in [&mut schema.any_of, &mut schema.one_of] {
        let before = parts.len();
        parts.retain(|part| !is_null(part));
        nullable |= parts.len() < before;
        let types: Vec<Option<Type>> = parts.iter().map(|part| part.value_type).collect();
        let plain = parts
            .iter()
            .all(|part| *part == part.value_type.map_or_else(Schema::default, of_type));
        let is_union = matches!(
            types.as_slice(),
            [Some(Type::Integer), Some(Type::String)] | [Some(Type::String), Some(Type::Integer)]
        );
        if plain && is_union {
            parts.clear();
            schema.int_or_string = true;
            schema.value_type = None;
        }
    }
    schema.nullable = nullable;
    let is_bare = schema.value_type.is_none() && schema.reference.is_none();
    let only = match (schema.any_of.as_slice(), schema.one_of.as_slice()) {
        ([_], []) if is_bare => schema.any_of.pop(),
        ([], [_]) if is_bare => schema.one_of.pop(),
        _ => None,
    };
    if let Some(only) = only {
        merge(schema, only);
    }
}

/// The only part that is left of a combinator, as the schema itself.
fn merge(schema: &mut Schema, part: Schema) {
    let description = std::mem::take(&mut schema.description);
    let merged = Schema {
        description: if description.is_empty() {
            part.description.clone()
        } else {
            description
        },
        title: if schema.title.is_empty() {
            part.title.clone()
        } else {
            schema.title.clone()
        },
        default: schema.default.clone().or_else(|| part.default.clone()),
        nullable: schema.nullable || part.nullable,
        ..part
    };
    *schema = merged;
}

fn is_null(schema: &Schema) -> bool {
    schema.value_type.is_none() && schema.nullable && schema.enumeration.as_deref() == Some(&[])
}

fn of_type(value_type: Type) -> Schema {
    Schema {
        value_type: Some(value_type),
        ..Schema::default()
    }
}

fn not(schema: Schema) -> Schema {
    Schema {
        not: Some(Box::new(schema)),
        ..Schema::default()
    }
}

fn either(a: Schema, b: Schema) -> Schema {
    Schema {
        any_of: vec![a, b],
        ..Schema::default()
    }
}

fn requires(required: Vec<String>) -> Schema {
    Schema {
        required,
        ..Schema::default()
    }
}

/// The stricter of a bound that is in and one that is out, and whether it is out.
fn tighter(
    [closed, open]: [Option<Number>; 2],
    wins: impl Fn(f64, f64) -> bool,
) -> (Option<Number>, bool) {
    match (closed, open) {
        (Some(closed), Some(open)) if wins(closed.as_f64(), open.as_f64()) => (Some(closed), false),
        (_, Some(open)) => (Some(open), true),
        (closed, None) => (closed, false),
    }
}
