//! Kubernetes schemas in one intermediate form: what a CRD or an XRD says about
//! its kinds, whoever asks. No target language's syntax or names live here.
//!
//! - [`read_crds`], [`for_each_crd`]: CRDs and XRDs from files and folders
//! - [`read_openapi`], [`read_json_schemas`]: types from OpenAPI documents and JSON Schemas
//! - [`Crd`], [`CrdVersion`]: what is defined
//! - [`Schema`]: the structural schema of one value
//! - [`validate`]: judges resources as the API server does
//! - [`Error`]: what is wrong with an input, where, and what to do

mod cel_type;
mod crd;
mod declared;
mod document;
mod error;
mod foreign;
mod names;
mod number;
mod read;
mod schema;
pub mod validate;
mod xrd;

pub use cel_type::{cel_rule, cel_type};
pub use crd::{
    ColumnType, Conversion, Crd, CrdVersion, Names, Origin, PrinterColumn, Scale, Scope,
    Subresources, Webhook, WebhookClient,
};
pub use error::{Error, Spot};
pub use foreign::{
    Definition, Definitions, GroupVersionKind, read_definitions, read_json_schemas, read_openapi,
};
pub use number::Number;
pub use read::{for_each_crd, parse_crds, read_crds};
pub use schema::{Additional, ExternalDocs, ListType, MapType, Mark, Rule, Schema, Type};
