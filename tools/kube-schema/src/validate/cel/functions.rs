//! The functions that rules may call (apiserver, `pkg/cel/environment/base.go`):
//! those of CEL, of its extensions, and of Kubernetes' own libraries.

mod convert;
mod format;
mod lists;
mod named;
mod network;
mod quantity;
mod semver;
mod strings;
mod time;

pub(super) use named::Format;
pub(super) use network::Cidr;
pub(super) use quantity::Quantity;
pub(super) use semver::Version;

use super::operators;
use super::value::{Cel, Evaluated, Failure, Library};
use crate::validate::pattern::Patterns;
use std::rc::Rc;

/// Everything that can be called.
#[derive(Default)]
pub(super) struct Functions {
    patterns: Patterns,
}

impl Functions {
    /// A function, by its full name, or an operator.
    pub fn call(&self, name: &str, arguments: &[Cel]) -> Evaluated {
        let libraries = [
            operators::apply,
            network::call,
            quantity::call,
            semver::call,
            named::call,
        ];
        if let Some(done) = libraries.iter().find_map(|call| call(name, arguments)) {
            return done;
        }
        match (name, arguments) {
            ("dyn", [value]) => Ok(value.clone()),
            ("type", [value]) => value.type_name().map(Cel::Type),
            ("size", [value]) => size(value),
            ("matches", [value, pattern]) => self.matches(value, pattern),
            ("optional.none", []) => Ok(Cel::Optional(None)),
            ("optional.of", [value]) => Ok(some(value)),
            ("optional.ofNonZeroValue", [value]) if value.is_zero() => Ok(Cel::Optional(None)),
            ("optional.ofNonZeroValue", [value]) => Ok(some(value)),
            ("optional.unwrap", [Cel::List(list)]) => Ok(lists::unwrapped(list)),
            ("strings.quote", [Cel::Text(text)]) => Ok(strings::quoted(text).into()),
            ("lists.range", [Cel::Int(count)]) => lists::range(*count),
            (name, [a, b]) if name.starts_with("sets.") => lists::sets(name, a, b),
            (name, [value]) if convert::NAMES.contains(&name) => convert::convert(name, value),
            _ => Err(unknown(name)),
        }
    }

    /// A function that is called on a value.
    pub fn method(&self, name: &str, target: &Cel, arguments: &[Cel]) -> Evaluated {
        match (name, target, arguments) {
            ("size", value, []) => size(value),
            ("matches", value, [pattern]) => self.matches(value, pattern),
            ("find", Cel::Text(text), [Cel::Text(pattern)]) => {
                let found = self.found(text, pattern, 1)?;
                Ok(found.into_iter().next().unwrap_or_else(|| "".into()))
            }
            ("findAll", Cel::Text(text), [Cel::Text(pattern)]) => {
                self.found(text, pattern, usize::MAX).map(Cel::from)
            }
            ("findAll", Cel::Text(text), [Cel::Text(pattern), Cel::Int(limit)]) => {
                let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
                self.found(text, pattern, limit).map(Cel::from)
            }
            ("hasValue", Cel::Optional(value), []) => Ok(Cel::Bool(value.is_some())),
            ("value", Cel::Optional(Some(value)), []) => Ok(value.as_ref().clone()),
            ("value", Cel::Optional(None), []) => {
                Err(Failure::error("optional.none() dereference"))
            }
            (_, Cel::Library(value), _) => library_method(name, value, arguments),
            (_, Cel::Text(text), _) => strings::method(name, text, arguments),
            (_, Cel::List(list), _) => lists::method(name, list, arguments),
            (_, Cel::Timestamp(at), _) => time::of_timestamp(name, *at, arguments),
            (_, Cel::Duration(length), []) => time::of_duration(name, *length),
            _ => Err(unknown(name)),
        }
    }

    fn matches(&self, value: &Cel, pattern: &Cel) -> Evaluated {
        let (Cel::Text(text), Cel::Text(pattern)) = (value, pattern) else {
            return Err(Failure::no_overload());
        };
        let matched = self.patterns.is_match(pattern, text);
        matched.map(Cel::Bool).map_err(Failure::Unknown)
    }

    fn found(&self, text: &str, pattern: &str, limit: usize) -> Result<Vec<Cel>, Failure> {
        let found = self.patterns.find_all(pattern, text, limit);
        let found = found.map_err(Failure::Unknown)?;
        Ok(found.into_iter().map(Cel::from).collect())
    }
}

fn library_method(name: &str, value: &Library, arguments: &[Cel]) -> Evaluated {
    match (value, arguments) {
        (Library::Url(url), []) => network::url_method(name, url),
        (Library::Ip(address), []) => network::ip_method(name, *address),
        (Library::Cidr(network), _) => network::cidr_method(name, *network, arguments),
        (Library::Quantity(quantity), _) => quantity::method(name, *quantity, arguments),
        (Library::Version(version), _) => semver::method(name, version, arguments),
        (Library::Format(format), [Cel::Text(text)]) if name == "validate" => {
            Ok(named::validate(*format, text))
        }
        _ => Err(unknown(name)),
    }
}

/// What is called is not known here; had it not been known to the server, it had
/// refused the definition.
fn unknown(name: &str) -> Failure {
    Failure::Unknown(format!("{name}() with such values"))
}

fn some(value: &Cel) -> Cel {
    Cel::Optional(Some(Rc::new(value.clone())))
}

fn size(value: &Cel) -> Evaluated {
    let size = match value {
        Cel::Text(text) => text.chars().count(),
        Cel::Bytes(bytes) => bytes.len(),
        Cel::List(list) => list.items.len(),
        Cel::Map(map) => map.len(),
        _ => return Err(Failure::no_overload()),
    };
    Ok(int(size))
}

fn int(size: usize) -> Cel {
    Cel::Int(i64::try_from(size).unwrap_or(i64::MAX))
}
