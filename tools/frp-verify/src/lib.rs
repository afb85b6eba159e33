//! Judges FRP configurations: what FRP's own `verify` says, whether a client's and a
//! server's fit one another, and what a schema says. Nothing of FRP is reimplemented
//! that `verify` checks.
//!
//! - [`Config`]: a file as FRP reads it
//! - [`Program`]: the real frpc or frps
//! - [`agree`]: what both sides have to agree on
//! - [`cases`]: recorded configurations with their verdicts
//! - [`Types`]: a JSON Schema document of FRP's types
//! - [`Schemas`]: KCL schemas of them

pub mod agree;
pub mod cases;
mod config;
mod schemas;
mod settings;
mod types;
mod verify;

pub use config::{Config, ConfigError, Format};
pub use schemas::{Schemas, SchemasError};
pub use settings::Settings;
pub use types::{Types, TypesError};
pub use verify::{Program, Verdict, VerifyError};
