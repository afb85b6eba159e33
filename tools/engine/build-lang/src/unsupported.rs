//! What Buck2 has and this engine does not: refused by name, where it is used.

use std::fmt;

use allocative::Allocative;
use starlark::environment::GlobalsBuilder;
use starlark::eval::{Arguments, Evaluator};
use starlark::starlark_simple_value;
use starlark::values::{
    NoSerialize, ProvidesStaticType, StarlarkPagablePanic, StarlarkValue, Value, starlark_value,
};

use crate::error::raise;

/// A function, namespace or provider that can be named and not used.
#[derive(Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
struct Unsupported(&'static str);
starlark_simple_value!(Unsupported);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<{}, which the embedded engine does not support>",
            self.0
        )
    }
}

#[starlark_value(type = "Unsupported")]
impl<'v> StarlarkValue<'v> for Unsupported {
    fn invoke(
        &self,
        _me: Value<'v>,
        _args: &Arguments<'v, '_>,
        _eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        raise(format!(
            "the embedded engine does not support `{}`; docs/engines.md says what to use instead",
            self.0
        ))
    }
}

/// Names of the `attrs` namespace, and what messages call them.
const ATTRS: [(&str, &str); 9] = [
    ("configured_dep", "attrs.configured_dep"),
    ("metadata", "attrs.metadata"),
    ("named_set", "attrs.named_set"),
    ("plugin_dep", "attrs.plugin_dep"),
    ("query", "attrs.query"),
    ("split_transition_dep", "attrs.split_transition_dep"),
    ("target_modifiers", "attrs.target_modifiers"),
    ("transition_dep", "attrs.transition_dep"),
    ("versioned", "attrs.versioned"),
];

const GLOBALS: [&str; 14] = [
    "anon_rule",
    "bxl_main",
    "dynamic_actions",
    "host_info",
    "implicit_package_symbol",
    "load_symbols",
    "oncall",
    "plugins",
    "read_package_value",
    "read_parent_package_value",
    "sub_packages",
    "transition",
    "transitive_set",
    "write_package_value",
];

const PROVIDERS: [&str; 6] = [
    "InstallInfo",
    "LocalResourceInfo",
    "TemplatePlaceholderInfo",
    "ValidationInfo",
    "WorkerInfo",
    "WorkerRunInfo",
];

/// Adds what is refused of the `attrs` namespace.
pub(crate) fn attrs(builder: &mut GlobalsBuilder) {
    for (name, shown) in ATTRS {
        builder.set(name, Unsupported(shown));
    }
}

/// Adds what is refused of the global names.
pub(crate) fn globals(builder: &mut GlobalsBuilder) {
    for name in GLOBALS.into_iter().chain(PROVIDERS) {
        builder.set(name, Unsupported(name));
    }
}
