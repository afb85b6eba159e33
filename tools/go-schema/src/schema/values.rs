//! Types without name: numbers, lists, maps.

use super::{Generator, Object, object};
use crate::error::{Error, Kind};
use crate::known;
use crate::methods::Marshaler;
use crate::source::Site;
use crate::types::{Basic, Type};
use serde_json::{Value as Json, json};

impl Generator<'_> {
    /// The schema of any type.
    pub(super) fn value(&mut self, value: &Type, site: Option<&Site>) -> Result<Object, Error> {
        match value {
            Type::Basic(basic) => self.basic(*basic, site),
            Type::Named(named) => self.reference(named, site),
            Type::Foreign(name) => self.foreign(name, site),
            Type::Pointer(to) => self.value(to, site),
            Type::Slice(of) if self.is_byte(of)? => Ok(object(json!({
                "type": "string",
                "format": "byte",
                "contentEncoding": "base64"
            }))),
            Type::Slice(of) => {
                let items = Json::Object(self.value(of, site)?);
                Ok(object(json!({"type": "array", "items": items})))
            }
            Type::Array(length, of) => {
                let items = Json::Object(self.value(of, site)?);
                Ok(object(json!({
                    "type": "array",
                    "items": items,
                    "minItems": length,
                    "maxItems": length
                })))
            }
            Type::Map(key, value) => self.map(key, value, site),
            Type::Struct(fields) => self.object(None, fields, false),
            Type::Interface(interface) if interface.methods.is_empty() => Ok(Object::new()),
            Type::Interface(_) => {
                Err(Kind::NoJson("an interface without name".to_owned()).at_some(site))
            }
            Type::Function(_) => Err(Kind::NoJson("a function".to_owned()).at_some(site)),
            Type::Channel => Err(Kind::NoJson("a channel".to_owned()).at_some(site)),
        }
    }

    /// Go's own types. Numbers have the format of their size, as in OpenAPI, and bounds
    /// where that has none.
    pub(super) fn basic(&self, basic: Basic, site: Option<&Site>) -> Result<Object, Error> {
        Ok(object(match basic {
            Basic::Bool => json!({"type": "boolean"}),
            Basic::Text => json!({"type": "string"}),
            Basic::Int(bits @ (8 | 16)) => {
                let most = 1i64 << (bits - 1);
                json!({"type": "integer", "format": "int32", "minimum": -most, "maximum": most - 1})
            }
            Basic::Int(bits) => json!({"type": "integer", "format": format!("int{bits}")}),
            Basic::Uint(64) => json!({"type": "integer", "format": "int64", "minimum": 0}),
            Basic::Uint(bits) => {
                let most = (1i64 << bits) - 1;
                json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": most})
            }
            Basic::Float(32) => json!({"type": "number", "format": "float"}),
            Basic::Float(_) => json!({"type": "number", "format": "double"}),
            Basic::Complex | Basic::Error | Basic::UnsafePointer => {
                return Err(Kind::NoJson(basic.name()).at_some(site));
            }
        }))
    }

    /// A number or boolean that is written as text: `json:",string"`.
    pub(super) fn quoted(&self, value: &Type) -> Result<Option<Object>, Error> {
        let value = match value {
            Type::Pointer(to) => to,
            other => other,
        };
        Ok(match self.program.shape(value)? {
            Type::Basic(Basic::Bool) => Some(object(json!({
                "type": "string",
                "enum": ["true", "false"]
            }))),
            Type::Basic(Basic::Int(_)) => Some(object(json!({
                "type": "string",
                "pattern": "^-?[0-9]+$"
            }))),
            Type::Basic(Basic::Uint(_)) => Some(object(json!({
                "type": "string",
                "pattern": "^[0-9]+$"
            }))),
            Type::Basic(Basic::Float(_) | Basic::Text) => Some(object(json!({"type": "string"}))),
            _ => None,
        })
    }

    fn foreign(&self, name: &str, site: Option<&Site>) -> Result<Object, Error> {
        let mapped = self.options.tables.mapped(name);
        match mapped.or_else(|| known::schema(name)) {
            Some(schema) => Ok(object(schema)),
            None => Err(self.program.foreign(name).at_some(site)),
        }
    }

    /// Whether a slice of it is text in base64: a byte without marshaler.
    fn is_byte(&self, value: &Type) -> Result<bool, Error> {
        Ok(match value {
            Type::Named(named) => {
                self.program.underlying(named)? == Type::Basic(Basic::Uint(8))
                    && self.program.marshaler(named)?.is_none()
            }
            other => *other == Type::Basic(Basic::Uint(8)),
        })
    }

    fn map(&mut self, key: &Type, value: &Type, site: Option<&Site>) -> Result<Object, Error> {
        let names = self.key(key, site)?;
        let values = Json::Object(self.value(value, site)?);
        let mut map = object(json!({"type": "object", "additionalProperties": values}));
        if let Some(names) = names {
            map.insert("propertyNames".to_owned(), names);
        }
        Ok(map)
    }

    /// What the keys of a map have to be: strings, integers, or what writes itself as text.
    fn key(&mut self, key: &Type, site: Option<&Site>) -> Result<Option<Json>, Error> {
        let number = || Ok(Some(json!({"pattern": "^-?[0-9]+$"})));
        let refused = || Err(Kind::MapKey(key.to_string()).at_some(site));
        let shape = match key {
            Type::Named(named) => match self.program.marshaler(named)? {
                Some(Marshaler::Text) => return Ok(None),
                _ => self.program.underlying(named)?,
            },
            Type::Foreign(name) => {
                let schema = Json::Object(self.foreign(name, site)?);
                return match schema.get("type").and_then(Json::as_str) {
                    Some("string") => Ok(None),
                    Some("integer") => number(),
                    _ => refused(),
                };
            }
            Type::Pointer(to) => match &**to {
                Type::Named(named) if self.program.marshaler(named)? == Some(Marshaler::Text) => {
                    return Ok(None);
                }
                _ => return refused(),
            },
            other => other.clone(),
        };
        match shape {
            Type::Basic(Basic::Text) => match key {
                Type::Named(named) if self.is_enum(named)? => {
                    Ok(Some(Json::Object(self.reference(named, site)?)))
                }
                _ => Ok(None),
            },
            Type::Basic(Basic::Int(_) | Basic::Uint(_)) => number(),
            _ => refused(),
        }
    }
}
