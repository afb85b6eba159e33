//! The syntax tree. Macros stay what the author wrote: a loop is a [`Loop`] and
//! no fold. `T` is what is known of a node's type: nothing, or a [`crate::Type`].

use crate::Overload;

/// A node.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr<T = ()> {
    /// Where it begins in the text, in bytes.
    pub at: usize,
    /// Its type.
    pub ty: T,
    /// What it is.
    pub kind: Kind<T>,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind<T = ()> {
    /// A constant.
    Literal(Literal),
    /// A variable, or the name of a type.
    Name(String),
    /// `of.field`, and what looks like it.
    Select(Select<T>),
    /// `of[key]`, `of[?key]`.
    Index(Index<T>),
    /// A function or an operator, by cel-go's names: `_&&_`, `!_`, `@in`, `_?_:_`.
    Call(Call<T>),
    /// `[a, ?b]`.
    List(Vec<Element<T>>),
    /// `{k: v, ?k: v}`.
    Map(Vec<Entry<T>>),
    /// A macro that binds variables.
    Loop(Box<Loop<T>>),
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(String),
    Bytes(Vec<u8>),
}

/// A field of a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Select<T = ()> {
    /// The value.
    pub of: Box<Expr<T>>,
    /// The field, as the rule writes it.
    pub field: String,
    /// What is asked of it.
    pub access: Access,
}

/// What is asked of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its value: `a.b`.
    Value,
    /// Whether it is there: `has(a.b)`.
    Presence,
    /// Its value if it is there: `a.?b`.
    Optional,
}

/// An element of a list or an entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Index<T = ()> {
    /// The list or map.
    pub of: Box<Expr<T>>,
    /// Position or key.
    pub key: Box<Expr<T>>,
    /// `of[?key]`.
    pub optional: bool,
    /// The ways to read it that fit, in the server's order; none before types are known.
    pub overloads: Vec<&'static Overload>,
}

/// A call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call<T = ()> {
    /// The function's full name.
    pub function: String,
    /// What a member function is called on.
    pub target: Option<Box<Expr<T>>>,
    /// In order.
    pub arguments: Vec<Expr<T>>,
    /// The ways to call it that fit, in the server's order; none before types are known.
    pub overloads: Vec<&'static Overload>,
}

/// An element of a list literal.
#[derive(Debug, Clone, PartialEq)]
pub struct Element<T = ()> {
    /// `?value`: an optional, left out if it is empty.
    pub optional: bool,
    /// The value.
    pub value: Expr<T>,
}

/// An entry of a map literal.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T = ()> {
    /// `?key: value`: an optional, left out if it is empty.
    pub optional: bool,
    /// The key.
    pub key: Expr<T>,
    /// The value.
    pub value: Expr<T>,
}

/// A macro that binds variables.
#[derive(Debug, Clone, PartialEq)]
pub struct Loop<T = ()> {
    /// Which one.
    pub kind: LoopKind,
    /// What is looped over.
    pub range: Expr<T>,
    /// One variable (element or key), or two (index or key, and value).
    pub variables: Vec<String>,
    /// Of `map` and the transforming ones: which elements take part.
    pub filter: Option<Expr<T>>,
    /// What is evaluated for each.
    pub body: Expr<T>,
}

/// The macros that bind variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LoopKind {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
    TransformList,
    TransformMap,
    TransformMapEntry,
    SortBy,
    OptMap,
    OptFlatMap,
}

impl Expr {
    pub(crate) fn new(at: usize, kind: Kind) -> Self {
        Self { at, ty: (), kind }
    }

    pub(crate) fn call(at: usize, function: &str, arguments: Vec<Expr>) -> Self {
        let call = Call {
            function: function.to_owned(),
            target: None,
            arguments,
            overloads: Vec::new(),
        };
        Self::new(at, Kind::Call(call))
    }

    /// `a.b.c`, if it is nothing but names.
    pub(crate) fn qualified(&self) -> Option<String> {
        match &self.kind {
            Kind::Name(name) => Some(name.clone()),
            Kind::Select(select) if select.access == Access::Value => {
                Some(format!("{}.{}", select.of.qualified()?, select.field))
            }
            _ => None,
        }
    }
}

impl<T> Expr<T> {
    /// Whether the variable `name` stands anywhere in it, unless a macro binds it there.
    pub fn mentions(&self, name: &str) -> bool {
        match &self.kind {
            Kind::Literal(_) => false,
            Kind::Name(found) => found == name,
            Kind::Select(select) => select.of.mentions(name),
            Kind::Index(index) => index.of.mentions(name) || index.key.mentions(name),
            Kind::Call(call) => {
                let target = call.target.as_deref();
                target
                    .into_iter()
                    .chain(&call.arguments)
                    .any(|part| part.mentions(name))
            }
            Kind::List(elements) => elements.iter().any(|e| e.value.mentions(name)),
            Kind::Map(entries) => {
                let mut parts = entries.iter().flat_map(|entry| [&entry.key, &entry.value]);
                parts.any(|part| part.mentions(name))
            }
            Kind::Loop(bound) => {
                let inner = bound.filter.iter().chain([&bound.body]);
                let is_bound = bound.variables.iter().any(|variable| variable == name);
                bound.range.mentions(name)
                    || (!is_bound && inner.into_iter().any(|part| part.mentions(name)))
            }
        }
    }
}
