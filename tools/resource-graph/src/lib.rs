//! Resources as files hold them. Knows YAML and what every Kubernetes object
//! has in common, and no schema.
//!
//! - [`yaml`]: documents as nodes that know their place in the file
//! - [`Resource`], [`ResourceId`], [`read_file`], [`read_paths`]: resources and who they are
//! - [`FieldPath`]: `spec.rules[0].host`, also with `[*]`
//! - [`partial`]: whether an object has at least what a pattern says
//! - [`Selector`]: which resources are meant, and what came near

pub mod partial;
mod path;
mod resource;
mod selector;
pub mod yaml;

pub use path::{FieldPath, PathError, Segment};
pub use resource::{
    ReadError, Resource, ResourceId, files, read_file, read_part, read_paths, read_text,
};
pub use selector::{Selector, plural};
