//! CEL as the API server reads it: a syntax tree, and the types that the
//! server's checker gives it. Nothing is evaluated here.
//!
//! - [`parse`]: text to tree ([`Expr`])
//! - [`check`]: tree to tree with types, by the names that are declared
//! - [`Type`], [`ObjectType`]: what a value may be
//! - [`Overload`], [`overloads`]: the ways to call a function
//! - [`escape`]: how a rule writes the name of a field
//!
//! The language is that of cel-go v0.29 with the libraries that the API server
//! v1.37 loads for new expressions (`pkg/cel/environment/base.go`, those
//! introduced in 1.36 or before).

mod ast;
mod check;
mod error;
mod escape;
mod lexer;
mod library;
mod literal;
mod parser;
mod types;
mod unify;

pub use ast::{Access, Call, Element, Entry, Expr, Index, Kind, Literal, Loop, LoopKind, Select};
pub use check::{Declarations, check};
pub use error::Error;
pub use escape::escape;
pub use library::{Overload, overloads};
pub use parser::parse;
pub use types::{Field, ObjectType, Type};
