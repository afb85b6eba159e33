//! Types with their names resolved.

use crate::constants::Value;
use crate::error::{Error, Kind};
use crate::package::{Package, Program};
use crate::source::Site;
use crate::syntax::{self, Comments, TypeExpression, TypeName};
use diagnostics::suggest;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// One that Go has itself.
    Basic(Basic),
    /// One that a package of the given modules declares.
    Named(Named),
    /// One of another package.
    Foreign(Rc<str>),
    /// `*T`.
    Pointer(Rc<Type>),
    /// `[]T`.
    Slice(Rc<Type>),
    /// `[N]T`.
    Array(u64, Rc<Type>),
    /// `map[K]V`.
    Map(Rc<Type>, Rc<Type>),
    /// `struct { … }`.
    Struct(Rc<Vec<Field>>),
    /// `interface { … }`.
    Interface(Rc<Interface>),
    /// `func(…) …`.
    Function(Rc<Signature>),
    /// `chan T`.
    Channel,
}

/// A declared type, with the arguments for its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Named {
    /// The import path of its package.
    pub package: Rc<str>,
    /// Its name.
    pub name: Rc<str>,
    /// What its parameters are.
    pub arguments: Vec<Type>,
}

/// Go's own types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Basic {
    Bool,
    Text,
    /// An integer with sign, of so many bits.
    Int(u8),
    /// One without.
    Uint(u8),
    /// A floating point number of so many bits.
    Float(u8),
    Complex,
    Error,
    UnsafePointer,
}

/// A field of a struct.
#[derive(Debug, Clone)]
pub struct Field {
    /// Where it stands.
    pub site: Site,
    /// Its name.
    pub name: String,
    /// Whether it has no name of its own.
    pub is_embedded: bool,
    /// Its type.
    pub value: Type,
    /// Its tag.
    pub tag: String,
    /// Its comments.
    pub comments: Rc<Comments>,
}

/// Two structs are one type if their fields are (go.dev/ref/spec#Type_identity).
impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.is_embedded, &self.value, &self.tag)
            == (&other.name, other.is_embedded, &other.value, &other.tag)
    }
}

impl Eq for Field {}

impl std::hash::Hash for Field {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.name, &self.value, &self.tag).hash(state);
    }
}

/// An interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Interface {
    /// The methods it lists.
    pub methods: Vec<(String, Signature)>,
    /// The interfaces it embeds.
    pub embedded: Vec<Type>,
    /// Whether it only constrains type parameters.
    pub is_constraint: bool,
}

/// A function's types.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Signature {
    /// Of its parameters.
    pub parameters: Vec<Type>,
    /// Of its results.
    pub results: Vec<Type>,
    /// Whether the last parameter may come any number of times.
    pub is_variadic: bool,
}

impl Type {
    /// How deep types are nested in it.
    fn depth(&self) -> usize {
        let deepest = |inner: &mut dyn Iterator<Item = &Type>| inner.map(Type::depth).max();
        let inner = match self {
            Self::Named(named) => deepest(&mut named.arguments.iter()),
            Self::Pointer(inner) | Self::Slice(inner) | Self::Array(_, inner) => {
                Some(inner.depth())
            }
            Self::Map(key, value) => Some(key.depth().max(value.depth())),
            Self::Struct(fields) => deepest(&mut fields.iter().map(|field| &field.value)),
            Self::Function(signature) => {
                let types = signature.parameters.iter().chain(&signature.results);
                deepest(&mut types.into_iter())
            }
            _ => None,
        };
        1 + inner.unwrap_or_default()
    }
}

impl Named {
    /// `import/path.Name`, without arguments.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.package, self.name)
    }
}

/// As Go writes it.
impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Basic(basic) => f.write_str(&basic.name()),
            Self::Named(named) => {
                f.write_str(&named.full_name())?;
                let arguments: Vec<String> = named.arguments.iter().map(Type::to_string).collect();
                match arguments.is_empty() {
                    true => Ok(()),
                    false => write!(f, "[{}]", arguments.join(", ")),
                }
            }
            Self::Foreign(name) => f.write_str(name),
            Self::Pointer(inner) => write!(f, "*{inner}"),
            Self::Slice(inner) => write!(f, "[]{inner}"),
            Self::Array(length, inner) => write!(f, "[{length}]{inner}"),
            Self::Map(key, value) => write!(f, "map[{key}]{value}"),
            Self::Struct(_) => f.write_str("struct"),
            Self::Interface(_) => f.write_str("interface"),
            Self::Function(_) => f.write_str("func"),
            Self::Channel => f.write_str("chan"),
        }
    }
}

impl Basic {
    /// The name that Go gives it; `int` is of 64 bits on amd64.
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "bool" => Self::Bool,
            "string" => Self::Text,
            "int" | "int64" => Self::Int(64),
            "int8" => Self::Int(8),
            "int16" => Self::Int(16),
            "int32" | "rune" => Self::Int(32),
            "uint" | "uint64" | "uintptr" => Self::Uint(64),
            "uint8" | "byte" => Self::Uint(8),
            "uint16" => Self::Uint(16),
            "uint32" => Self::Uint(32),
            "float32" => Self::Float(32),
            "float64" => Self::Float(64),
            "complex64" | "complex128" => Self::Complex,
            "error" => Self::Error,
            _ => return None,
        })
    }

    /// The same back.
    pub fn name(self) -> String {
        match self {
            Self::Bool => "bool".to_owned(),
            Self::Text => "string".to_owned(),
            Self::Int(bits) => format!("int{bits}"),
            Self::Uint(bits) => format!("uint{bits}"),
            Self::Float(bits) => format!("float{bits}"),
            Self::Complex => "complex".to_owned(),
            Self::Error => "error".to_owned(),
            Self::UnsafePointer => "unsafe.Pointer".to_owned(),
        }
    }
}

/// Where a type is written: the file, and what its type parameters stand for.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The package.
    pub package: Rc<Package>,
    /// The number of its file.
    pub file: usize,
    /// What type parameters stand for.
    pub bindings: Rc<BTreeMap<String, Type>>,
    /// How many aliases led here.
    depth: usize,
    /// Whether types of other packages are taken by name, without looking at them.
    by_name: bool,
}

/// More aliases of aliases than anyone writes.
const DEEPEST: usize = 100;
/// Deeper than anyone nests type arguments; a type that instantiates itself with ever
/// larger ones, which Go refuses, never ends.
const DEEPEST_ARGUMENTS: usize = 16;

impl Scope {
    /// A file of a package, outside of anything with type parameters.
    pub fn new(package: &Rc<Package>, file: usize) -> Self {
        Self {
            package: package.clone(),
            file,
            bindings: Rc::default(),
            depth: 0,
            by_name: false,
        }
    }

    /// The same with bindings.
    pub fn bound(self, names: &[String], arguments: &[Type]) -> Self {
        let pairs = names.iter().cloned().zip(arguments.iter().cloned());
        Self {
            bindings: Rc::new(pairs.collect()),
            ..self
        }
    }

    /// The same, without looking at other packages: enough to tell signatures apart.
    pub fn by_name(self) -> Self {
        Self {
            by_name: true,
            ..self
        }
    }
}

impl Program {
    /// A type that is written in a scope.
    ///
    /// # Errors
    /// If a name in it stands for nothing.
    pub fn resolve(&self, written: &TypeExpression, scope: &Scope) -> Result<Type, Error> {
        let inner = |inner: &TypeExpression| self.resolve(inner, scope).map(Rc::new);
        Ok(match written {
            TypeExpression::Name(name) => return self.resolve_name(name, scope),
            TypeExpression::Pointer(to) => Type::Pointer(inner(to)?),
            TypeExpression::Slice(of) => Type::Slice(inner(of)?),
            TypeExpression::Array(length, of) => {
                let length = match self.evaluate(length, scope, 0)? {
                    Value::Int(length) => u64::try_from(length).ok(),
                    _ => None,
                };
                let fault = || Kind::Constant("an array's length".to_owned()).at_some(of.site());
                Type::Array(length.ok_or_else(fault)?, inner(of)?)
            }
            TypeExpression::Map(key, value) => Type::Map(inner(key)?, inner(value)?),
            TypeExpression::Struct(fields) => {
                let fields = fields.iter().map(|field| self.resolve_field(field, scope));
                Type::Struct(Rc::new(fields.collect::<Result<_, _>>()?))
            }
            TypeExpression::Interface(interface) => {
                Type::Interface(Rc::new(self.resolve_interface(interface, scope)?))
            }
            TypeExpression::Function(signature) => {
                Type::Function(Rc::new(self.resolve_signature(signature, scope)?))
            }
            TypeExpression::Channel(_) => Type::Channel,
        })
    }

    fn resolve_field(&self, field: &syntax::Field, scope: &Scope) -> Result<Field, Error> {
        Ok(Field {
            site: field.site.clone(),
            name: field.name.clone(),
            is_embedded: field.is_embedded,
            value: self.resolve(&field.value, scope)?,
            tag: field.tag.clone(),
            comments: Rc::new(field.comments.clone()),
        })
    }

    fn resolve_interface(
        &self,
        interface: &syntax::Interface,
        scope: &Scope,
    ) -> Result<Interface, Error> {
        let by_name = scope.clone().by_name();
        let methods = interface.methods.iter().map(|(name, signature)| {
            Ok((name.clone(), self.resolve_signature(signature, &by_name)?))
        });
        let embedded = interface.embedded.iter().map(|t| self.resolve(t, &by_name));
        Ok(Interface {
            methods: methods.collect::<Result<_, Error>>()?,
            embedded: embedded.collect::<Result<_, _>>()?,
            is_constraint: interface.is_constraint,
        })
    }

    /// A function's types.
    ///
    /// # Errors
    /// If a name in them stands for nothing.
    pub fn resolve_signature(
        &self,
        signature: &syntax::Signature,
        scope: &Scope,
    ) -> Result<Signature, Error> {
        let all = |types: &[TypeExpression]| {
            let types = types.iter().map(|t| self.resolve(t, scope));
            types.collect::<Result<Vec<_>, _>>()
        };
        Ok(Signature {
            parameters: all(&signature.parameters)?,
            results: all(&signature.results)?,
            is_variadic: signature.is_variadic,
        })
    }

    fn resolve_name(&self, name: &TypeName, scope: &Scope) -> Result<Type, Error> {
        let arguments = name.arguments.iter().map(|a| self.resolve(a, scope));
        let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
        if name.qualifier.is_some() {
            return self.resolve_qualified(name, arguments, scope);
        }
        if let Some(bound) = scope.bindings.get(&name.name) {
            return Ok(bound.clone());
        }
        if scope.package.declaration(&name.name).is_some() {
            return self.declared(&scope.package, name, arguments, scope);
        }
        for package in self.dot_imports(scope)? {
            if package.declaration(&name.name).is_some() {
                return self.declared(&package, name, arguments, scope);
            }
        }
        match name.name.as_str() {
            "any" => Ok(Type::Interface(Rc::default())),
            "comparable" => Ok(Type::Interface(Rc::new(Interface {
                is_constraint: true,
                ..Interface::default()
            }))),
            other => match Basic::named(other) {
                Some(basic) => Ok(Type::Basic(basic)),
                None => Err(no_type(&scope.package, &name.name).at(name.site.clone())),
            },
        }
    }

    fn dot_imports(&self, scope: &Scope) -> Result<Vec<Rc<Package>>, Error> {
        let imports = scope.package.files[scope.file].imports.iter();
        let dots = imports.filter(|import| import.alias.as_deref() == Some("."));
        let packages = dots.map(|import| {
            let package = self.package(&import.path);
            package.map_err(|error| error.or_at(Some(&import.site)))
        });
        Ok(packages
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    fn resolve_qualified(
        &self,
        name: &TypeName,
        arguments: Vec<Type>,
        scope: &Scope,
    ) -> Result<Type, Error> {
        let path = self.import_path(name, scope)?;
        let full_name = format!("{path}.{}", name.name);
        if full_name == "unsafe.Pointer" {
            return Ok(Type::Basic(Basic::UnsafePointer));
        }
        if scope.by_name && self.module_of(&path).is_some() {
            return Ok(Type::Named(Named {
                package: path.as_str().into(),
                name: name.name.as_str().into(),
                arguments,
            }));
        }
        match self.package(&path).map_err(|e| e.or_at(Some(&name.site)))? {
            Some(package) => self.declared(&package, name, arguments, scope),
            None => Ok(Type::Foreign(full_name.into())),
        }
    }

    /// The import path that a file means by a name before a dot.
    ///
    /// # Errors
    /// If it imports no such package.
    pub fn import_path(&self, name: &TypeName, scope: &Scope) -> Result<String, Error> {
        let imports = &scope.package.files[scope.file].imports;
        let qualifier = name.qualifier.as_deref().unwrap_or_default();
        let aliased = imports
            .iter()
            .find(|i| i.alias.as_deref() == Some(qualifier));
        if let Some(import) = aliased {
            return Ok(import.path.clone());
        }
        let plain = || imports.iter().filter(|import| import.alias.is_none());
        for index in 0..2 {
            let is_named = |path: &str| usual_names(path)[index] == Some(qualifier);
            if let Some(import) = plain().find(|import| is_named(&import.path)) {
                return Ok(import.path.clone());
            }
        }
        for import in plain().filter(|import| self.module_of(&import.path).is_some()) {
            let package = self
                .package(&import.path)
                .map_err(|e| e.or_at(Some(&import.site)))?;
            if package.is_some_and(|package| package.name == qualifier) {
                return Ok(import.path.clone());
            }
        }
        let is_likely = |path: &str| {
            path.rsplit('/')
                .take(2)
                .any(|part| part.contains(qualifier))
        };
        let likely = plain().find(|import| is_likely(&import.path));
        match likely {
            Some(import) => Ok(import.path.clone()),
            None => Err(Kind::NoImport(qualifier.to_owned()).at(name.site.clone())),
        }
    }

    /// A type that a package declares; an alias is what it stands for.
    fn declared(
        &self,
        package: &Rc<Package>,
        name: &TypeName,
        arguments: Vec<Type>,
        scope: &Scope,
    ) -> Result<Type, Error> {
        let Some((file, declaration)) = package.declaration(&name.name) else {
            return Err(no_type(package, &name.name).at(name.site.clone()));
        };
        if declaration.parameters.len() != arguments.len() {
            let kind = Kind::TypeArguments {
                name: name.name.clone(),
                expected: declaration.parameters.len(),
                found: arguments.len(),
            };
            return Err(kind.at(name.site.clone()));
        }
        if arguments.iter().map(Type::depth).max() > Some(DEEPEST_ARGUMENTS) {
            return Err(Kind::InstantiationCycle(name.name.clone()).at(name.site.clone()));
        }
        if !declaration.is_alias {
            return Ok(Type::Named(Named {
                package: package.path.as_str().into(),
                name: name.name.as_str().into(),
                arguments,
            }));
        }
        if scope.depth == DEEPEST {
            return Err(Kind::AliasCycle(name.name.clone()).at(name.site.clone()));
        }
        let inside = Scope {
            depth: scope.depth + 1,
            by_name: scope.by_name,
            ..Scope::new(package, file).bound(&declaration.parameters, &arguments)
        };
        self.resolve(&declaration.value, &inside)
    }

    /// What a declared type is made of: never a named type.
    ///
    /// # Errors
    /// If it stands for nothing.
    pub fn underlying(&self, named: &Named) -> Result<Type, Error> {
        let mut named = named.clone();
        for _ in 0..DEEPEST {
            let package = self.needed_package(&named.package, None)?;
            let Some((file, declaration)) = package.declaration(&named.name) else {
                return Err(no_type(&package, &named.name).into_error());
            };
            let scope = Scope::new(&package, file).bound(&declaration.parameters, &named.arguments);
            match self.resolve(&declaration.value, &scope)? {
                Type::Named(next) => named = next,
                other => return Ok(other),
            }
        }
        Err(Kind::AliasCycle(named.name.to_string()).into_error())
    }

    /// The same for any type.
    ///
    /// # Errors
    /// As [`Program::underlying`].
    pub fn shape(&self, value: &Type) -> Result<Type, Error> {
        match value {
            Type::Named(named) => self.underlying(named),
            other => Ok(other.clone()),
        }
    }
}

fn no_type(package: &Package, name: &str) -> Kind {
    Kind::NoType {
        name: name.to_owned(),
        package: package.path.clone(),
        nearest: suggest::nearest(name, package.type_names()).map(str::to_owned),
    }
}

/// The names that a package may have by its path: the last part, without the version
/// of gopkg.in, or the part before one that is a major version.
fn usual_names(path: &str) -> [Option<&str>; 2] {
    let is_version = |part: &str| {
        let digits = part.strip_prefix('v').unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or(path);
    let name = match last.rsplit_once('.') {
        Some((name, version)) if is_version(version) => name,
        _ => last,
    };
    [Some(name), parts.next().filter(|_| is_version(last))]
}

#[cfg(test)]
mod tests {
    use super::usual_names;

    #[test]
    fn packages_have_their_usual_names() {
        for (path, names) in [
            ("fmt", [Some("fmt"), None]),
            ("k8s.io/api/core/v1", [Some("v1"), Some("core")]),
            ("gopkg.in/inf.v0", [Some("inf"), None]),
            ("math/rand/v2", [Some("v2"), Some("rand")]),
        ] {
            assert_eq!(usual_names(path), names, "{path}");
        }
    }
}
