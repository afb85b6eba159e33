//! `rule()`: what it gives, and what calling that in a BUCK file does.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::sync::{Arc, OnceLock};

use allocative::Allocative;
use build_graph::TargetLabel;
use starlark::any::ProvidesStaticType;
use starlark::coerce::Coerce;
use starlark::eval::{Arguments, Evaluator};
use starlark::starlark_complex_value;
use starlark::values::list_or_tuple::UnpackListOrTuple;
use starlark::values::{
    Freeze, NoSerialize, StarlarkPagablePanic, StarlarkValue, Trace, UnpackValue, Value,
    ValueLifetimeless, ValueLike, starlark_value,
};

use crate::attrs::{AttrSpec, Coerced};
use crate::error::raise;
use crate::label::ProvidersLabel;
use crate::package::{PackageScope, Scope, Visibility};

/// What sort of rule it is: it decides which kinds of dependency it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuleKind {
    Normal,
    Toolchain,
    Configuration,
}

/// A rule's definition.
#[derive(Debug)]
pub(crate) struct RuleDefinition {
    /// The file, as `cell//path/file.bzl`.
    pub file: String,
    /// The variable that it was assigned to.
    pub name: OnceLock<String>,
    pub kind: RuleKind,
    pub attrs: BTreeMap<String, Arc<AttrSpec>>,
}

/// What `rule()` gives.
#[derive(
    Debug, Trace, Freeze, Coerce, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative,
)]
#[repr(C)]
pub(crate) struct RuleGen<V: ValueLifetimeless> {
    /// The implementation.
    pub implementation: V,
    #[freeze(identity)]
    #[trace(unsafe_ignore)]
    #[allocative(skip)]
    pub definition: Arc<RuleDefinition>,
}
starlark_complex_value!(pub(crate) Rule);

impl<V: ValueLifetimeless> Display for RuleGen<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            self.definition
                .name
                .get()
                .map_or("<a rule without a name>", String::as_str),
        )
    }
}

/// A target as its BUCK file declares it.
#[derive(Debug)]
pub(crate) struct Target {
    pub label: TargetLabel,
    pub rule: Arc<RuleDefinition>,
    /// Every attribute of the rule, sorted by name.
    pub attrs: Vec<(String, Coerced)>,
    pub visibility: Visibility,
    /// Tests to run with it.
    pub tests: Vec<ProvidersLabel>,
    /// `path/BUCK:line`.
    pub place: String,
}

/// Attributes that every rule has in Buck2 and that this engine does not implement.
const UNSUPPORTED: [&str; 7] = [
    "within_view",
    "modifiers",
    "target_compatible_with",
    "compatible_with",
    "exec_compatible_with",
    "default_target_platform",
    "incoming_transition",
];

#[starlark_value(type = "Rule")]
impl<'v, V: ValueLike<'v>> StarlarkValue<'v> for RuleGen<V>
where
    Self: ProvidesStaticType<'v>,
{
    fn export_as(&self, name: &str, _eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<()> {
        // A second name for the same rule is an alias of it.
        let _ = self.definition.name.set(name.to_owned());
        Ok(())
    }

    fn invoke(
        &self,
        _me: Value<'v>,
        args: &Arguments<'v, '_>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        if self.definition.name.get().is_none() {
            return raise(
                "this rule was not assigned to a variable of a .bzl file, so it can't be called",
            );
        }
        let Scope::Buck(package) = Scope::of(eval)? else {
            return raise(format!(
                "`{self}` makes a target, so it may only be called while a BUCK file is evaluated"
            ));
        };
        args.no_positional_args(eval.heap())?;
        let place = eval
            .call_stack_nth_location(0)
            .or_else(|| eval.call_stack_top_location());
        let place = buck_place(eval, package).or_else(|| {
            place.map(|span| format!("{}:{}", span.filename(), span.resolve_span().begin.line + 1))
        });
        let given: Vec<(String, Value<'v>)> = args
            .names_map()?
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), *value))
            .collect();
        let target = declare(&self.definition, &given, package, place.unwrap_or_default())?;
        package.add(target)?;
        Ok(Value::new_none())
    }
}

/// The line of the BUCK file that led to this call, also through macros.
fn buck_place(eval: &Evaluator<'_, '_, '_>, package: &PackageScope<'_>) -> Option<String> {
    let stack = eval.call_stack();
    let frame = stack
        .frames
        .iter()
        .filter_map(|frame| frame.location.as_ref())
        .find(|span| span.filename() == package.file);
    frame.map(|span| format!("{}:{}", span.filename(), span.resolve_span().begin.line + 1))
}

fn declare(
    rule: &Arc<RuleDefinition>,
    given: &[(String, Value<'_>)],
    package: &PackageScope<'_>,
    place: String,
) -> starlark::Result<Target> {
    let rule_name = rule.name.get().map_or("", String::as_str);
    let value = |name: &str| {
        given
            .iter()
            .find(|(given, value)| given == name && !value.is_none())
            .map(|(_, value)| *value)
    };
    let Some(name) = value("name").and_then(|name| name.unpack_str()) else {
        return raise(format!("{rule_name}: `name` is missing, or is no string"));
    };
    if let Err(error) = TargetLabel::check_name(name) {
        return raise(format!("{rule_name}: {error}"));
    }
    let label = package.label(name);
    for (given, _) in given {
        let implicit = matches!(given.as_str(), "name" | "visibility" | "tests" | "metadata");
        if UNSUPPORTED.contains(&given.as_str()) {
            return raise(format!(
                "{label}: the embedded engine does not support the attribute `{given}`"
            ));
        }
        if !implicit && !rule.attrs.contains_key(given) {
            let known: Vec<&str> = rule
                .attrs
                .keys()
                .map(String::as_str)
                .filter(|name| !name.starts_with('_'))
                .collect();
            return raise(format!(
                "{label}: `{rule_name}` has no attribute `{given}`; it has: name, {}",
                known.join(", ")
            ));
        }
    }
    let scope = package.coercion();
    let mut attrs = Vec::with_capacity(rule.attrs.len());
    for (name, spec) in &rule.attrs {
        let coerced = match (value(name), &spec.default) {
            (Some(value), _) => match scope.coerce(&spec.ty, value) {
                Ok(coerced) => coerced,
                Err(reason) => return raise(format!("{label}: attribute `{name}`: {reason}")),
            },
            (None, Some(default)) => default.clone(),
            (None, None) => {
                return raise(format!(
                    "{label}: `{rule_name}` needs the attribute `{name}`"
                ));
            }
        };
        attrs.push((name.clone(), coerced));
    }
    let visibility = match value("visibility") {
        Some(value) => Visibility::read(&strings("visibility", value)?, package)?,
        None => package.default_visibility.clone(),
    };
    let tests = match value("tests") {
        Some(value) => package.labels(&strings("tests", value)?)?,
        None => Vec::new(),
    };
    Ok(Target {
        label,
        rule: rule.clone(),
        attrs,
        visibility,
        tests,
        place,
    })
}

/// A list of strings, or an error that names the attribute.
pub(crate) fn strings(name: &str, value: Value<'_>) -> starlark::Result<Vec<String>> {
    match UnpackListOrTuple::<String>::unpack_value(value)? {
        Some(list) => Ok(list.items),
        None => raise(format!("`{name}` takes a list of strings, got `{value}`")),
    }
}
