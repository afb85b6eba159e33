//! Whether two renders of a composition say the same. What renders does not
//! live here.
//!
//! - [`compare`]: two outputs of `crossplane composition render`

mod compare;

pub use compare::compare;
