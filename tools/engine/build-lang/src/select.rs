//! `select()`: a value that the configuration decides.

use std::fmt::{self, Display};

use allocative::Allocative;
use starlark::coerce::Coerce;
use starlark::eval::Evaluator;
use starlark::starlark_complex_value;
use starlark::values::dict::{AllocDict, DictRef};
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

/// The values of a `select()`, or of a sum with some in it, each mapped by a function.
pub(crate) fn map<'v>(
    value: Value<'v>,
    function: Value<'v>,
    eval: &mut Evaluator<'v, '_, '_>,
) -> starlark::Result<Value<'v>> {
    let Some(selector) = Selector::from_value(value) else {
        return eval.eval_function(function, &[value], &[]);
    };
    let mapped = if selector.is_sum {
        let (left, right) = (selector.value, selector.plus);
        Selector {
            value: map(left, function, eval)?,
            plus: map(right, function, eval)?,
            is_sum: true,
        }
    } else {
        let mut branches = Vec::new();
        for (key, value) in branches_of(selector.value) {
            branches.push((key, map(value, function, eval)?));
        }
        Selector {
            value: eval.heap().alloc(AllocDict(branches)),
            plus: Value::new_none(),
            is_sum: false,
        }
    };
    Ok(eval.heap().alloc(mapped))
}

/// Whether a function is true of one of the values of a `select()`.
pub(crate) fn test<'v>(
    value: Value<'v>,
    function: Value<'v>,
    eval: &mut Evaluator<'v, '_, '_>,
) -> starlark::Result<bool> {
    let Some(selector) = Selector::from_value(value) else {
        return Ok(eval.eval_function(function, &[value], &[])?.to_bool());
    };
    if selector.is_sum {
        let (left, right) = (selector.value, selector.plus);
        return Ok(test(left, function, eval)? || test(right, function, eval)?);
    }
    for (_, value) in branches_of(selector.value) {
        if test(value, function, eval)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn branches_of<'v>(dict: Value<'v>) -> Vec<(Value<'v>, Value<'v>)> {
    let dict = DictRef::from_value(dict);
    dict.iter().flat_map(|dict| dict.iter()).collect()
}
