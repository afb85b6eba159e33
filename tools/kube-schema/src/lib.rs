//! Kubernetes schemas in one intermediate form: what a CRD or an XRD says about
//! its kinds, whoever asks. No target language's syntax or names live here.
//!
//! - [`read_crds`]: CRDs and XRDs from files and folders
//! - [`Crd`], [`CrdVersion`]: what is defined
//! - [`Schema`]: the structural schema of one value
//! - [`validate`]: judges resources as the API server does
//! - [`Error`]: what is wrong with an input, where, and what to do

mod crd;
mod document;
mod error;
mod number;
mod read;
mod schema;
pub mod validate;
mod xrd;

pub use crd::{Crd, CrdVersion, Names, Origin, Scale, Scope, Subresources};
pub use error::{Error, Spot};
pub use number::Number;
pub use read::{parse_crds, read_crds};
pub use schema::{Additional, ListType, Rule, Schema, Type};
