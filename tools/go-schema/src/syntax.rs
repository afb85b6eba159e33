//! What a Go file declares, as it is written: nothing is resolved yet.

use crate::source::{Site, Source};
use std::sync::Arc;

/// One file of a package.
#[derive(Debug)]
pub struct File {
    /// Where it came from.
    pub source: Arc<Source>,
    /// The name after `package`.
    pub package: String,
    /// Where that name stands.
    pub site: Site,
    /// The comments before `package`.
    pub heading: Vec<CommentLine>,
    /// What it imports.
    pub imports: Vec<Import>,
    /// Its types.
    pub types: Vec<TypeDeclaration>,
    /// Its constants.
    pub constants: Vec<Constant>,
    /// Its methods, without their bodies.
    pub methods: Vec<Method>,
    /// Its package-level maps from a value to a `reflect.Type`.
    pub registries: Vec<Registry>,
}

/// One import.
#[derive(Debug, Clone)]
pub struct Import {
    /// Where the path stands.
    pub site: Site,
    /// The import path.
    pub path: String,
    /// The name it has here, if the file says one: also `.` and `_`.
    pub alias: Option<String>,
}

/// The comments of a declaration.
#[derive(Debug, Clone, Default)]
pub struct Comments {
    /// Those directly above it.
    pub doc: Vec<CommentLine>,
    /// Those one empty line further up, where people also put markers.
    pub above: Vec<CommentLine>,
}

/// A line of a comment, without the signs around it.
#[derive(Debug, Clone)]
pub struct CommentLine {
    /// Where it stands.
    pub site: Site,
    /// What it says.
    pub text: String,
}

/// A type with a name.
#[derive(Debug)]
pub struct TypeDeclaration {
    /// Where the name stands.
    pub site: Site,
    /// The name.
    pub name: String,
    /// The names of its type parameters.
    pub parameters: Vec<String>,
    /// Whether it is another name for a type: `type A = B`.
    pub is_alias: bool,
    /// What it is.
    pub value: TypeExpression,
    /// Its comments.
    pub comments: Comments,
}

/// A type, as it is written.
#[derive(Debug, Clone)]
pub enum TypeExpression {
    /// `Name`, `pkg.Name`, `Name[Args]`.
    Name(TypeName),
    /// `*T`.
    Pointer(Box<TypeExpression>),
    /// `[]T`.
    Slice(Box<TypeExpression>),
    /// `[N]T`.
    Array(Box<Expression>, Box<TypeExpression>),
    /// `map[K]V`.
    Map(Box<TypeExpression>, Box<TypeExpression>),
    /// `struct { … }`.
    Struct(Vec<Field>),
    /// `interface { … }`.
    Interface(Interface),
    /// `func(…) …`.
    Function(Signature),
    /// `chan T`.
    Channel(Site),
}

/// A type by its name.
#[derive(Debug, Clone)]
pub struct TypeName {
    /// Where it stands.
    pub site: Site,
    /// The package's name in this file.
    pub qualifier: Option<String>,
    /// The type's name.
    pub name: String,
    /// What its type parameters are.
    pub arguments: Vec<TypeExpression>,
}

/// One field of a struct.
#[derive(Debug, Clone)]
pub struct Field {
    /// Where it stands.
    pub site: Site,
    /// Its name; an embedded field has that of its type.
    pub name: String,
    /// Whether it has no name of its own.
    pub is_embedded: bool,
    /// Its type.
    pub value: TypeExpression,
    /// What stands after the type, unquoted.
    pub tag: String,
    /// Its comments.
    pub comments: Comments,
}

/// `interface { … }`.
#[derive(Debug, Clone, Default)]
pub struct Interface {
    /// The methods it lists.
    pub methods: Vec<(String, Signature)>,
    /// The interfaces it embeds.
    pub embedded: Vec<TypeExpression>,
    /// Whether it is a union of types, which only constrains type parameters.
    pub is_constraint: bool,
}

/// The types of a function's parameters and results.
#[derive(Debug, Clone, Default)]
pub struct Signature {
    /// The parameters; one after the other, also where they share their type.
    pub parameters: Vec<TypeExpression>,
    /// The results.
    pub results: Vec<TypeExpression>,
    /// Whether the last parameter may come any number of times.
    pub is_variadic: bool,
}

/// A method's head.
#[derive(Debug)]
pub struct Method {
    /// Where its name stands.
    pub site: Site,
    /// The name of the type it belongs to.
    pub receiver: String,
    /// The names that it gives to the type's parameters.
    pub receiver_parameters: Vec<String>,
    /// Its name.
    pub name: String,
    /// Its parameters and results.
    pub signature: Signature,
}

/// One name of a constant declaration.
#[derive(Debug)]
pub struct Constant {
    /// Where the name stands.
    pub site: Site,
    /// The name.
    pub name: String,
    /// The type that is written there, or further up in the group for a line that
    /// repeats it.
    pub declared_type: Option<TypeExpression>,
    /// The expression, likewise.
    pub value: Option<Expression>,
    /// What `iota` is.
    pub iota: i128,
    /// Its comments.
    pub comments: Comments,
}

/// An expression, as far as constants need it.
#[derive(Debug, Clone)]
pub enum Expression {
    /// A number; the text is that of the source.
    Number(Site, String),
    /// A string, unquoted.
    Text(String),
    /// A rune.
    Rune(char),
    /// `iota`.
    Iota,
    /// `name` or `pkg.Name`.
    Name(TypeName),
    /// `T(x)`.
    Conversion(Box<TypeExpression>, Box<Expression>),
    /// `len(x)`, if x is a constant.
    Length(Box<Expression>),
    /// `-x`, `+x`, `^x`, `!x`.
    Unary(Site, String, Box<Expression>),
    /// `x + y` and so on.
    Binary(Site, String, Box<Expression>, Box<Expression>),
    /// Anything else.
    Other(Site),
}

/// A package-level map from a value to a `reflect.Type`.
#[derive(Debug)]
pub struct Registry {
    /// Where the variable's name stands.
    pub site: Site,
    /// The variable's name.
    pub name: String,
    /// What it holds.
    pub entries: Vec<(Expression, TypeExpression)>,
}

impl TypeExpression {
    /// Where it begins, if that is known.
    pub fn site(&self) -> Option<&Site> {
        match self {
            Self::Name(name) => Some(&name.site),
            Self::Pointer(inner) | Self::Slice(inner) | Self::Array(_, inner) => inner.site(),
            Self::Map(key, _) => key.site(),
            Self::Struct(fields) => fields.first().map(|field| &field.site),
            Self::Interface(_) | Self::Function(_) => None,
            Self::Channel(site) => Some(site),
        }
    }
}
