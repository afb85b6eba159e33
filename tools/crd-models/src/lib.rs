//! Typed models of Kubernetes kinds, from their CRDs and XRDs, and of types that
//! refer to one another, from OpenAPI, JSON Schema or Go.
//!
//! - [`analysis`]: what a kind or a type is made of, in no language
//! - [`cel`]: CEL rules as expressions, as far as the languages agree
//! - [`kcl`], [`python`], [`json_schema`]: one module a target language
//! - [`diff`]: what a new definition of a kind breaks
//! - [`output`]: folders that appear whole
//! - [`report`]: what of the rules the models check

pub mod analysis;
pub mod cel;
pub mod diff;
pub mod json_schema;
pub mod kcl;
pub mod output;
pub mod pattern;
pub mod python;
pub mod report;
