//! `rule()`: what it gives, and what calling that in a BUCK file does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::sync::{Arc, OnceLock};

use allocative::Allocative;
use build_graph::TargetLabel;
use starlark::any::ProvidesStaticType;
use starlark::codemap::FileSpan;
use starlark::coerce::Coerce;
use starlark::eval::{Arguments, Evaluator};
use starlark::starlark_complex_value;
use starlark::values::dict::DictRef;
use starlark::values::list::ListRef;
use starlark::values::list_or_tuple::UnpackListOrTuple;
use starlark::values::{
    Freeze, NoSerialize, StarlarkPagablePanic, StarlarkValue, Trace, UnpackValue, Value,
    ValueLifetimeless, ValueLike, starlark_value,
};

use crate::attrs::{AttrSpec, AttrType, Coerced};
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
    /// The attributes that its BUCK file gives.
    pub given: BTreeSet<String>,
    pub visibility: Visibility,
    pub within_view: Visibility,
    pub compatibility: Compatibility,
    pub metadata: serde_json::Value,
    /// What it is built for when it is asked for.
    pub default_target_platform: Option<TargetLabel>,
    /// Tests to run with it.
    pub tests: Vec<ProvidersLabel>,
    /// `path/BUCK:line:column`.
    pub place: String,
}

/// Where a target can be built: lists of configuration settings.
#[derive(Debug)]
pub(crate) struct Compatibility {
    /// `target_compatible_with`: all of them hold.
    pub all: Coerced,
    /// `compatible_with`: one of them holds, if there are any.
    pub any: Coerced,
    /// `exec_compatible_with`: all of them hold where its actions run.
    pub execution: Coerced,
}

/// Attributes that every rule has, so that none may define them
/// (<https://buck2.build/docs/api/build/#rule>).
pub(crate) const IMPLICIT: [&str; 10] = [
    "name",
    "default_target_platform",
    "target_compatible_with",
    "compatible_with",
    "exec_compatible_with",
    "visibility",
    "within_view",
    "metadata",
    "tests",
    "modifiers",
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
        let place = buck_place(eval, package).or_else(|| place.as_ref().map(place_of));
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
    frame.map(place_of)
}

/// `file:line:column`
fn place_of(span: &FileSpan) -> String {
    let begin = span.resolve_span().begin;
    format!(
        "{}:{}:{}",
        span.filename(),
        begin.line + 1,
        begin.column + 1
    )
}

/// What a call of a rule gives, by name; None means not given.
struct Given<'a, 'v>(&'a [(String, Value<'v>)]);

impl<'v> Given<'_, 'v> {
    fn get(&self, name: &str) -> Option<Value<'v>> {
        let given = self
            .0
            .iter()
            .find(|(given, value)| given == name && !value.is_none());
        given.map(|(_, value)| *value)
    }

    fn names(&self) -> BTreeSet<String> {
        let given = self.0.iter().filter(|(_, value)| !value.is_none());
        given.map(|(name, _)| name.clone()).collect()
    }

    fn strings(&self, name: &str) -> starlark::Result<Option<Vec<String>>> {
        self.get(name).map(|value| strings(name, value)).transpose()
    }
}

fn declare(
    rule: &Arc<RuleDefinition>,
    given: &[(String, Value<'_>)],
    package: &PackageScope<'_>,
    place: String,
) -> starlark::Result<Target> {
    let rule_name = rule.name.get().map_or("", String::as_str);
    let values = Given(given);
    let Some(name) = values.get("name").and_then(|name| name.unpack_str()) else {
        return raise(format!("{rule_name}: `name` is missing, or is no string"));
    };
    if let Err(error) = TargetLabel::check_name(name) {
        return raise(format!("{rule_name}: {error}"));
    }
    let label = package.label(name);
    check_names(rule, given, &label)?;
    let attrs = own_attributes(rule, &values, package, &label)?;
    let visibility = match values.strings("visibility")? {
        Some(texts) => Visibility::read(&texts, package)?,
        None => package.defaults.visibility.clone(),
    };
    let within_view = match values.strings("within_view")? {
        Some(texts) => Visibility::read(&texts, package)?.or_public_if_empty(),
        None => package.defaults.within_view.clone(),
    };
    for (name, coerced) in &attrs {
        if values.get(name).is_some()
            && let Some(dep) = coerced.outside(&within_view, &label)
        {
            return raise(format!(
                "{label}: attribute `{name}`: `within_view` does not allow the dependency {dep}; it allows: {}",
                within_view.texts().join(", ")
            ));
        }
    }
    let tests = match values.strings("tests")? {
        Some(texts) => package.labels(&texts)?,
        None => Vec::new(),
    };
    Ok(Target {
        rule: rule.clone(),
        attrs,
        given: values.names(),
        visibility,
        within_view,
        tests,
        compatibility: compatibility(&values, package, &label)?,
        metadata: metadata(values.get("metadata"), &label)?,
        default_target_platform: default_platform(&values, package)?,
        place,
        label,
    })
}

/// Refuses what the rule does not know.
fn check_names(
    rule: &RuleDefinition,
    given: &[(String, Value<'_>)],
    label: &TargetLabel,
) -> starlark::Result<()> {
    for (name, value) in given {
        let is_empty =
            value.is_none() || ListRef::from_value(*value).is_some_and(|list| list.is_empty());
        if name == "modifiers" && !is_empty {
            return raise(format!(
                "{label}: the embedded engine does not support the attribute `modifiers`"
            ));
        }
        if !IMPLICIT.contains(&name.as_str()) && !rule.attrs.contains_key(name) {
            let known: Vec<&str> = rule
                .attrs
                .keys()
                .map(String::as_str)
                .filter(|name| !name.starts_with('_'))
                .collect();
            return raise(format!(
                "{label}: `{}` has no attribute `{name}`; it has: name, {}",
                rule.name.get().map_or("", String::as_str),
                known.join(", ")
            ));
        }
    }
    Ok(())
}

/// Every attribute of the rule, given or by default.
fn own_attributes(
    rule: &RuleDefinition,
    values: &Given<'_, '_>,
    package: &PackageScope<'_>,
    label: &TargetLabel,
) -> starlark::Result<Vec<(String, Coerced)>> {
    let scope = package.coercion();
    let mut attrs = Vec::with_capacity(rule.attrs.len());
    for (name, spec) in &rule.attrs {
        let coerced = match (values.get(name), &spec.default) {
            (Some(value), _) => match scope.attribute(spec, value) {
                Ok(coerced) => coerced,
                Err(reason) => return raise(format!("{label}: attribute `{name}`: {reason}")),
            },
            (None, Some(default)) => default.clone(),
            (None, None) => {
                return raise(format!(
                    "{label}: `{}` needs the attribute `{name}`",
                    rule.name.get().map_or("", String::as_str)
                ));
            }
        };
        attrs.push((name.clone(), coerced));
    }
    Ok(attrs)
}

/// Keys of `metadata` are `some.key`, its values what JSON can say.
fn metadata(value: Option<Value<'_>>, label: &TargetLabel) -> starlark::Result<serde_json::Value> {
    let Some(value) = value else {
        return Ok(serde_json::Value::Object(serde_json::Map::new()));
    };
    let Some(dict) = DictRef::from_value(value) else {
        return raise(format!("{label}: `metadata` takes a dict, got `{value}`"));
    };
    let is_key = |key: &Value<'_>| {
        key.unpack_str()
            .is_some_and(|key| key.matches('.').count() == 1)
    };
    match dict.keys().find(|key| !is_key(key)) {
        Some(key) => raise(format!(
            "{label}: `metadata`: a key holds exactly one dot, got `{key}`"
        )),
        None => crate::json::to_json(value),
    }
}

fn compatibility(
    values: &Given<'_, '_>,
    package: &PackageScope<'_>,
    label: &TargetLabel,
) -> starlark::Result<Compatibility> {
    let settings = AttrType::List(Box::new(AttrType::Label));
    let read = |name: &str| match values.get(name) {
        None => Ok(Coerced::List(Vec::new())),
        Some(value) => package
            .coercion()
            .coerce(&settings, value)
            .or_else(|reason| raise(format!("{label}: attribute `{name}`: {reason}"))),
    };
    let compatibility = Compatibility {
        all: read("target_compatible_with")?,
        any: read("compatible_with")?,
        execution: read("exec_compatible_with")?,
    };
    let nothing = Coerced::List(Vec::new());
    if compatibility.all != nothing && compatibility.any != nothing {
        return raise(format!(
            "{label} has both `target_compatible_with` and `compatible_with`; it may have one of them"
        ));
    }
    Ok(compatibility)
}

fn default_platform(
    values: &Given<'_, '_>,
    package: &PackageScope<'_>,
) -> starlark::Result<Option<TargetLabel>> {
    let Some(value) = values.get("default_target_platform") else {
        return Ok(None);
    };
    match value.unpack_str() {
        Some(text) => Ok(package
            .labels(&[text.to_owned()])?
            .pop()
            .map(|label| label.target)),
        None => raise(format!(
            "`default_target_platform` takes a label, got `{value}`"
        )),
    }
}

/// A list of strings, or an error that names the attribute.
pub(crate) fn strings(name: &str, value: Value<'_>) -> starlark::Result<Vec<String>> {
    match UnpackListOrTuple::<String>::unpack_value(value)? {
        Some(list) => Ok(list.items),
        None => raise(format!("`{name}` takes a list of strings, got `{value}`")),
    }
}
