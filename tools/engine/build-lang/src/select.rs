//! `select()`: a value that the configuration decides.

use std::fmt::{self, Display};

use allocative::Allocative;
use starlark::coerce::Coerce;
use starlark::starlark_complex_value;
use starlark::values::{
    Freeze, Heap, NoSerialize, ProvidesStaticType, StarlarkPagablePanic, StarlarkValue, Trace,
    Value, ValueLifetimeless, ValueLike, starlark_value,
};

/// `select({…})`, or a sum with such a value in it.
#[derive(
    Debug,
    Clone,
    Trace,
    Freeze,
    Coerce,
    ProvidesStaticType,
    NoSerialize,
    StarlarkPagablePanic,
    Allocative,
)]
#[repr(C)]
pub(crate) struct SelectorGen<V: ValueLifetimeless> {
    /// The dict of a `select()`, or the left side of a sum.
    pub value: V,
    /// The right side of a sum; None for a `select()`.
    pub plus: V,
    /// Whether this is a sum.
    pub is_sum: bool,
}
starlark_complex_value!(pub(crate) Selector);

impl<V: ValueLifetimeless + Display> Display for SelectorGen<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_sum {
            write!(f, "{} + {}", self.value, self.plus)
        } else {
            write!(f, "select({})", self.value)
        }
    }
}

#[starlark_value(type = "Select")]
impl<'v, V: ValueLike<'v>> StarlarkValue<'v> for SelectorGen<V>
where
    Self: ProvidesStaticType<'v>,
{
    fn add(&self, rhs: Value<'v>, heap: Heap<'v>) -> Option<starlark::Result<Value<'v>>> {
        let this = heap.alloc(Selector {
            value: self.value.to_value(),
            plus: self.plus.to_value(),
            is_sum: self.is_sum,
        });
        Some(Ok(heap.alloc(Selector {
            value: this,
            plus: rhs,
            is_sum: true,
        })))
    }

    fn radd(&self, lhs: Value<'v>, heap: Heap<'v>) -> Option<starlark::Result<Value<'v>>> {
        let this = heap.alloc(Selector {
            value: self.value.to_value(),
            plus: self.plus.to_value(),
            is_sum: self.is_sum,
        });
        Some(Ok(heap.alloc(Selector {
            value: lhs,
            plus: this,
            is_sum: true,
        })))
    }
}
