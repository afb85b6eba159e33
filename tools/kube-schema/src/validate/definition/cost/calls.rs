//! What calling a function costs at most, and how large its result is: by
//! whichever of these knows it first.
//!
//! - `lists`: cel-go's lists and sets
//! - `kubernetes`: Kubernetes' libraries, and what these say of cel-go's texts
//! - `language`: CEL's operators and standard functions

mod kubernetes;
mod language;
mod lists;

use super::size::Size;
use super::tree::{Form, Node};
use super::walk::{Seen, Walk};
use cel_frontend::{Literal, Type};

/// One way to call a function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Called<'a, 't, 'e> {
    pub node: &'t Node<'e>,
    pub function: &'e str,
    /// The types of its parameters, that of the target first.
    pub overload: &'static [Type],
    pub parts: Parts<'a, 't, 'e>,
}

/// What a function is called on and with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a, 't, 'e> {
    pub target: Option<&'a Seen<'t, 'e>>,
    pub arguments: &'a [Seen<'t, 'e>],
    /// What the arguments cost.
    pub costs: &'a [u64],
}

/// What a call costs beside its arguments, and the size of its result.
#[derive(Debug, Clone, Copy)]
struct Estimate {
    cost: u64,
    size: Option<Size>,
}

impl Estimate {
    fn cost(cost: u64) -> Self {
        Self { cost, size: None }
    }

    fn sized(cost: u64, size: Size) -> Self {
        Self {
            cost,
            size: Some(size),
        }
    }
}

impl<'t, 'e> Called<'_, 't, 'e> {
    /// With what the arguments cost.
    pub fn estimate(self, walk: &mut Walk<'t, 'e>) -> (u64, Option<Size>) {
        let known = self
            .of_lists(walk)
            .or_else(|| self.of_kubernetes(walk))
            .or_else(|| self.of_language(walk));
        let estimate = known.unwrap_or(Estimate::cost(1));
        let arguments = match (self.function, self.parts.costs) {
            ("_?_:_", [condition, yes, no]) => condition.saturating_add(*yes.max(no)),
            (_, costs) => costs.iter().copied().fold(0, u64::saturating_add),
        };
        (estimate.cost.saturating_add(arguments), estimate.size)
    }
}

/// The size that was found when the node was looked at, or is found now.
fn size(walk: &Walk<'_, '_>, seen: &Seen<'_, '_>) -> Size {
    let declared = || walk.declared(&seen.path);
    seen.size.or_else(declared).unwrap_or(Size::UNKNOWN)
}

/// The number that an argument is, if it is written down.
fn written_int(seen: &Seen<'_, '_>) -> Option<i64> {
    match &seen.node.form {
        Form::Literal(literal) => match literal.as_ref() {
            Literal::Int(value) => Some(*value),
            _ => None,
        },
        _ => None,
    }
}
