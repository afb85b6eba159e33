//! JSON Schema out of the source of Go types, without running a line of Go. What the
//! schemas are used for, and in which language, does not live here.
//!
//! - [`Module`], [`Program`]: where the source is; packages are read when a type needs them
//! - [`parse`], [`syntax`]: what a file declares, as it is written
//! - [`types`]: the same with its names resolved
//! - [`document`]: types as one JSON Schema document
//!
//! The properties of a struct are those that encoding/json gives it. Bodies of functions
//! are not looked at: what a method does is known for some types, and said by the user
//! for others ([`Tables`]).

mod build_constraints;
pub mod constants;
mod error;
mod fields;
mod known;
mod markers;
mod methods;
mod module;
mod names;
mod package;
mod parse;
mod scan;
mod schema;
mod source;
pub mod syntax;
mod tables;
mod tags;
pub mod types;

pub use error::{Error, Kind};
pub use module::Module;
pub use package::{Package, Program};
pub use parse::parse;
pub use schema::{Enums, Options, Required, document};
pub use source::{Site, Source};
pub use tables::Tables;
