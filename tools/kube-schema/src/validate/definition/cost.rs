//! What evaluating an expression may cost at most, as the API server estimates
//! it when a CRD is created: by the largest values that its schemas allow
//! (cel-go v0.29, `checker/cost.go`; apiserver v0.37, `pkg/cel/library/cost.go`;
//! apiextensions-apiserver v0.37, `pkg/apiserver/schema/cel/compilation.go`).
//!
//! - [`of`]: the estimate of one expression
//! - [`budget`]: how often an expression may be evaluated, and the limits
//! - `tree`: the expression with its macros written out, which is what costs
//! - `walk`: cost and size of each node
//! - `calls`: cost of each function
//! - `size`: sizes, and products that never overflow
//! - `path`: where in the schemas a value stands
//!
//! cel-go also keeps the least that an expression costs, which decides nothing.

pub(super) mod budget;
mod calls;
mod path;
mod size;
mod tree;
mod walk;

use crate::declared::Declared;
use cel_frontend::{Expr, Type};

/// What evaluating `expr` once costs at most, all that there is if it is too large
/// to tell. `this` is what `self` and `oldSelf` stand for.
pub(super) fn of(expr: &Expr<Type>, this: &Declared) -> u64 {
    let cost = |tree| walk::Walk::new(&tree, this).cost();
    tree::expand(expr).map_or(u64::MAX, cost)
}
