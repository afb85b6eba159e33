//! Whether two renders of a composition say the same, and compositions to try
//! that with. What renders does not live here.
//!
//! - [`compare`]: two outputs of `crossplane composition render`
//! - [`generate`]: pipelines drawn from a seed

mod compare;
mod draw;
mod generate;

pub use compare::compare;
pub use draw::Draw;
pub use generate::{Case, generate};
