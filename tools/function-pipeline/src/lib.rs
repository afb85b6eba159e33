//! What Crossplane does with a composition, without a cluster: the loop over
//! its functions, function-kcl's semantics, the resources that come out. No
//! I/O lives here: what a reconcile sees is in its [`Reconcile`], and KCL and
//! foreign functions are handed in.
//!
//! - [`Reconcile`], [`Outcome`], [`Reconciler`]: one reconcile, value in, value out
//! - [`Simulator`]: core's reconciler in Rust
//! - [`Function`], [`Functions`]: what a pipeline calls
//! - [`kcl`]: function-kcl over an evaluator; [`AutoReady`]: function-auto-ready
//! - [`protocol`]: the function protocol as plain data
//! - [`go`], [`object`], [`base64`]: values and objects as Go's programs see them
//!
//! The rules are those of crossplane core 2.4.0; where a module follows one of
//! its files, its first lines name it.

mod auto_ready;
pub mod base64;
mod compose;
mod composition;
mod conditions;
mod field_path;
mod function;
pub mod go;
pub mod kcl;
mod merge;
mod names;
pub mod object;
mod observe;
pub mod protocol;
mod reconcile;
mod requirements;
mod schemas;
mod simulator;
mod store;

pub use auto_ready::AutoReady;
pub use composition::{
    Composition, CompositionSpec, CredentialsReference, FunctionReference, Metadata,
    RequiredResource, RequiredSchema, SecretReference, Step, StepRequirements, TypeReference,
};
pub use conditions::{NOW, fix_times};
pub use function::{Function, FunctionError, Functions};
pub use merge::merge;
pub use reconcile::{Event, Outcome, Reconcile, ReconcileError, Reconciler, StepItems, Warning};
pub use schemas::Schemas;
pub use simulator::Simulator;
