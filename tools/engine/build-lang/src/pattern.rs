//! `regex()` and `regex_match()`: patterns.

use std::fmt;

use allocative::Allocative;
use regex::Regex;
use starlark::environment::{Methods, MethodsBuilder};
use starlark::values::{
    NoSerialize, ProvidesStaticType, StarlarkPagablePanic, StarlarkValue, Value, starlark_value,
};
use starlark::{starlark_module, starlark_simple_value};

use crate::error::raise;

/// What `regex()` gives.
#[derive(Debug, Clone, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct Pattern(#[allocative(skip)] pub Regex);
starlark_simple_value!(Pattern);

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0.as_str())
    }
}

#[starlark_value(type = "BuckRegex")]
impl<'v> StarlarkValue<'v> for Pattern {
    fn get_methods() -> Option<&'static Methods> {
        Some(PATTERN_METHODS.methods())
    }
}

starlark::methods_static!(PATTERN_METHODS = pattern_methods);

#[starlark_module]
fn pattern_methods(builder: &mut MethodsBuilder) {
    /// Whether it matches somewhere in the text.
    fn r#match(this: &Pattern, #[starlark(require = pos)] text: &str) -> starlark::Result<bool> {
        Ok(this.0.is_match(text))
    }
}

/// Reads a pattern; the syntax is the `regex` crate's, as in Buck2.
pub(crate) fn compile(text: &str) -> starlark::Result<Regex> {
    Regex::new(text).or_else(|error| raise(format!("`{text}` is no regular expression: {error}")))
}

/// A pattern given as a string or by `regex()`.
pub(crate) fn pattern(value: Value<'_>) -> starlark::Result<Regex> {
    if let Some(pattern) = Pattern::from_value(value) {
        return Ok(pattern.0.clone());
    }
    match value.unpack_str() {
        Some(text) => compile(text),
        None => raise(format!(
            "a regular expression is a string or `regex(…)`, got `{value}`"
        )),
    }
}
