//! The functions and types that every file finds.
#![allow(
    clippy::too_many_arguments,
    unused_variables,
    non_upper_case_globals,
    reason = "Starlark's names; `#[starlark_module]` keeps no attribute"
)]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use starlark::environment::{Globals, GlobalsBuilder, LibraryExtension};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::dict::{DictRef, UnpackDictEntries};
use starlark::values::list::ListRef;
use starlark::values::list_or_tuple::UnpackListOrTuple;
use starlark::values::none::NoneType;
use starlark::values::starlark_value_as_type::StarlarkValueAsType;
use starlark::values::tuple::UnpackTuple;
use starlark::values::typing::TypeCompiled;
use starlark::values::{
    FrozenValue, NoSerialize, ProvidesStaticType, StarlarkPagablePanic, StarlarkValue, Value,
    starlark_value,
};

use crate::artifact::{Artifact, OutputArtifact};
use crate::attrs::{Attribute, DepKind};
use crate::cmd_args::{FrozenCmdArgs, PathOptions};
use crate::context::{AnalysisActions, FrozenAnalysisContext, FrozenDependency};
use crate::error::raise;
use crate::label::{Folder, Label, RawTarget};
use crate::package::{PackageDefaults, Scope, Visibility};
use crate::pattern::Pattern;
use crate::provider::{
    BUILTIN, Definition, Field, FrozenProviderCollection, FrozenProviderInstance, Holds,
    ProviderCallable,
};
use crate::rule::{IMPLICIT, Rule, RuleDefinition, RuleKind};
use crate::select::{FrozenSelector, Selector};

/// Everything that a BUCK or `.bzl` file may use without loading it.
pub(crate) static GLOBALS: LazyLock<Globals> = LazyLock::new(|| {
    use LibraryExtension::{
        CallStack, Debug, EnumType, Filter, Json, Map, NamespaceType, Partial, Pprint, Print,
        RecordType, SetType, StructType, Typing,
    };
    let mut builder = GlobalsBuilder::standard().with(types).with(functions);
    for extension in [
        CallStack,
        Debug,
        EnumType,
        Filter,
        Json,
        Map,
        NamespaceType,
        Partial,
        Pprint,
        Print,
        RecordType,
        SetType,
        StructType,
        Typing,
    ] {
        extension.add(&mut builder);
    }
    builder.namespace("attrs", |builder| {
        crate::attrs::attrs_namespace(builder);
        crate::unsupported::attrs(builder);
    });
    crate::unsupported::globals(&mut builder);
    for provider in [
        &BUILTIN.default_info,
        &BUILTIN.run_info,
        &BUILTIN.test_info,
        &BUILTIN.platform_info,
        &BUILTIN.constraint_setting_info,
        &BUILTIN.constraint_value_info,
        &BUILTIN.configuration_info,
        &BUILTIN.execution_platform_info,
        &BUILTIN.execution_platform_registration_info,
    ] {
        builder.set(provider.0.name(), provider.clone());
    }
    builder.build()
});

#[starlark_module]
fn types(builder: &mut GlobalsBuilder) {
    const Artifact: StarlarkValueAsType<Artifact> = StarlarkValueAsType::new();
    const Provider: StarlarkValueAsType<FrozenProviderInstance> = StarlarkValueAsType::new();
    const AnalysisContext: StarlarkValueAsType<FrozenAnalysisContext> = StarlarkValueAsType::new();
    const Dependency: StarlarkValueAsType<FrozenDependency> = StarlarkValueAsType::new();
    const Label: StarlarkValueAsType<Label> = StarlarkValueAsType::new();
    const TargetLabel: StarlarkValueAsType<RawTarget> = StarlarkValueAsType::new();
    const Attr: StarlarkValueAsType<Attribute> = StarlarkValueAsType::new();
    const AnalysisActions: StarlarkValueAsType<AnalysisActions> = StarlarkValueAsType::new();
    const OutputArtifact: StarlarkValueAsType<OutputArtifact> = StarlarkValueAsType::new();
    const ProviderCollection: StarlarkValueAsType<FrozenProviderCollection> =
        StarlarkValueAsType::new();
    const CellRoot: StarlarkValueAsType<Folder> = StarlarkValueAsType::new();
    const Select: StarlarkValueAsType<FrozenSelector> = StarlarkValueAsType::new();
}

/// `CommandExecutorConfig(…)`: where actions run. The embedded engine runs them here, whatever it says.
#[derive(Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, allocative::Allocative)]
struct ExecutorConfig;
starlark::starlark_simple_value!(ExecutorConfig);

impl std::fmt::Display for ExecutorConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CommandExecutorConfig(…)")
    }
}

#[starlark_value(type = "CommandExecutorConfig")]
impl<'v> StarlarkValue<'v> for ExecutorConfig {}

/// What `provider_field()` gives.
#[derive(Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, allocative::Allocative)]
struct ProviderField {
    #[allocative(skip)]
    holds: Holds,
    #[allocative(skip)]
    default: Option<FrozenValue>,
}
starlark::starlark_simple_value!(ProviderField);

impl std::fmt::Display for ProviderField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("provider_field(…)")
    }
}

#[starlark_value(type = "ProviderField")]
impl<'v> StarlarkValue<'v> for ProviderField {}

fn holds<'v>(ty: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Holds> {
    if let Some(provider) = ProviderCallable::from_value(ty) {
        return Ok(Holds::Provider(provider.0.id, provider.0.name().to_owned()));
    }
    match TypeCompiled::new(ty, eval.heap()) {
        Ok(compiled) => Ok(Holds::Type(compiled.to_frozen(eval.frozen_heap()))),
        Err(error) => raise(format!("provider field: {error}")),
    }
}

/// A default that nobody can change: None, a bool, a number, a string, an empty list or dict.
fn immutable_default<'v>(
    value: Value<'v>,
    eval: &Evaluator<'v, '_, '_>,
) -> starlark::Result<FrozenValue> {
    if let Some(frozen) = value.unpack_frozen() {
        return Ok(frozen);
    }
    let heap = eval.frozen_heap();
    if let Some(text) = value.unpack_str() {
        return Ok(heap.alloc(text));
    }
    if ListRef::from_value(value).is_some_and(|list| list.is_empty()) {
        return Ok(heap.alloc(Vec::<FrozenValue>::new()));
    }
    if DictRef::from_value(value).is_some_and(|dict| dict.is_empty()) {
        return Ok(heap.alloc(starlark::values::dict::AllocDict::EMPTY));
    }
    raise(format!(
        "provider_field: a default has to be immutable or empty, got `{value}`"
    ))
}

fn provider_fields<'v>(
    fields: Value<'v>,
    eval: &mut Evaluator<'v, '_, '_>,
) -> starlark::Result<Vec<Field>> {
    let name = |value: Value<'v>| match value.unpack_str() {
        Some(name) => Ok(name.to_owned()),
        None => raise(format!(
            "the names of a provider's fields are strings, got `{value}`"
        )),
    };
    if let Some(list) = ListRef::from_value(fields) {
        return list
            .iter()
            .map(|item| Ok(Field::optional(&name(item)?)))
            .collect::<starlark::Result<Vec<Field>>>()
            .and_then(distinct);
    }
    let Some(dict) = DictRef::from_value(fields) else {
        return raise(format!(
            "`fields` is a list of names or a dict of names to types, got `{fields}`"
        ));
    };
    let entries: Vec<(Value<'v>, Value<'v>)> = dict.iter().collect();
    let mut made = Vec::new();
    for (key, value) in entries {
        let name = name(key)?;
        made.push(match ProviderField::from_value(value) {
            Some(field) => Field {
                name,
                holds: field.holds.clone(),
                default: field.default,
            },
            None => Field {
                name,
                holds: holds(value, eval)?,
                default: None,
            },
        });
    }
    Ok(made)
}

/// Refuses a name that stands twice.
fn distinct(fields: Vec<Field>) -> starlark::Result<Vec<Field>> {
    let mut seen = std::collections::HashSet::new();
    match fields.iter().find(|field| !seen.insert(&field.name)) {
        Some(field) => raise(format!("provider: the field `{}` stands twice", field.name)),
        None => Ok(fields),
    }
}

#[starlark_module]
fn functions(builder: &mut GlobalsBuilder) {
    fn rule<'v>(
        #[starlark(require = named)] r#impl: Value<'v>,
        #[starlark(require = named)] attrs: UnpackDictEntries<&'v str, &'v Attribute>,
        #[starlark(require = named, default = "")] doc: &str,
        #[starlark(require = named, default = false)] is_toolchain_rule: bool,
        #[starlark(require = named, default = false)] is_configuration_rule: bool,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Rule<'v>> {
        let Scope::Bzl(file) = Scope::of(eval)? else {
            return raise("`rule` may only be called in .bzl files");
        };
        let kind = match (is_toolchain_rule, is_configuration_rule) {
            (true, true) => {
                return raise("a rule can't be a toolchain rule and a configuration rule at once");
            }
            (true, false) => RuleKind::Toolchain,
            (false, true) => RuleKind::Configuration,
            (false, false) => RuleKind::Normal,
        };
        let mut specs = BTreeMap::new();
        for (name, attribute) in attrs.entries {
            if IMPLICIT.contains(&name) {
                return raise(format!(
                    "`{name}` is an attribute that every rule has; a rule can't define it"
                ));
            }
            let ty = &attribute.0.ty;
            if kind == RuleKind::Toolchain && ty.has_dep(DepKind::Target) {
                return raise(format!(
                    "attribute `{name}`: a toolchain rule takes `attrs.exec_dep` or `attrs.toolchain_dep`, not `attrs.dep`"
                ));
            }
            specs.insert(name.to_owned(), attribute.0.clone());
        }
        let definition = RuleDefinition {
            file: file.id.clone(),
            name: OnceLock::new(),
            kind,
            attrs: specs,
        };
        Ok(Rule {
            implementation: r#impl,
            definition: Arc::new(definition),
        })
    }

    fn provider<'v>(
        #[starlark(require = named)] fields: Value<'v>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<ProviderCallable> {
        Ok(ProviderCallable(Arc::new(Definition::new(
            provider_fields(fields, eval)?,
        ))))
    }

    fn provider_field<'v>(
        #[starlark(require = pos)] ty: Value<'v>,
        #[starlark(require = named)] default: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<ProviderField> {
        let default = default
            .map(|default| immutable_default(default, eval))
            .transpose()?;
        Ok(ProviderField {
            holds: holds(ty, eval)?,
            default,
        })
    }

    fn select<'v>(
        #[starlark(require = pos)] branches: Value<'v>,
    ) -> starlark::Result<Selector<'v>> {
        if DictRef::from_value(branches).is_none() {
            return raise(format!(
                "`select()` takes a dict of configuration settings to values, got `{}` (value was `{branches}`)",
                branches.get_type()
            ));
        }
        Ok(Selector {
            value: branches,
            plus: Value::new_none(),
            is_sum: false,
        })
    }

    /// The only quoting is `quote = "shell"`.
    #[starlark(as_type = FrozenCmdArgs)]
    fn cmd_args<'v>(
        #[starlark(args)] args: UnpackTuple<Value<'v>>,
        #[starlark(require = named)] hidden: Option<Value<'v>>,
        #[starlark(require = named)] delimiter: Option<String>,
        #[starlark(require = named)] format: Option<String>,
        #[starlark(require = named)] prepend: Option<String>,
        #[starlark(require = named)] quote: Option<&str>,
        #[starlark(require = named, default = false)] ignore_artifacts: bool,
        #[starlark(require = named)] absolute_prefix: Option<String>,
        #[starlark(require = named)] absolute_suffix: Option<String>,
        #[starlark(require = named, default = 0)] parent: u32,
        #[starlark(require = named)] relative_to: Option<Value<'v>>,
        #[starlark(require = named)] replace_regex: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let quote = match quote {
            None => false,
            Some("shell") => true,
            Some(other) => {
                return raise(format!(
                    "cmd_args: unknown quoting `{other}`; there is `shell`"
                ));
            }
        };
        let paths = PathOptions {
            relative_to: relative_to.map(crate::cmd_args::origin).transpose()?,
            absolute_prefix,
            absolute_suffix,
            parent,
        };
        let replacements = replace_regex
            .map(crate::cmd_args::replacements)
            .transpose()?;
        let options = crate::cmd_args::Options {
            paths,
            delimiter,
            format,
            prepend,
            quote,
            ignore_artifacts,
            replacements: replacements.unwrap_or_default(),
        };
        Ok(eval
            .heap()
            .alloc(crate::cmd_args::make(&args.items, hidden, options)?))
    }

    fn glob<'v>(
        #[starlark(require = pos)] include: UnpackListOrTuple<String>,
        #[starlark(require = named, default = UnpackListOrTuple::default())]
        exclude: UnpackListOrTuple<String>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Vec<String>> {
        let Scope::Buck(package) = Scope::of(eval)? else {
            return raise("`glob` may only be called while a BUCK file is evaluated");
        };
        crate::glob::glob(package, &include.items, &exclude.items)
    }

    fn package_name<'v>(eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<String> {
        match Scope::of(eval)? {
            Scope::Buck(package) => Ok(package.package.to_string()),
            _ => raise("`package_name` may only be called while a BUCK file is evaluated"),
        }
    }

    fn get_cell_name<'v>(eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<String> {
        Ok(Scope::of(eval)?.cell().0.to_owned())
    }

    fn read_config<'v>(
        #[starlark(require = pos)] section: &str,
        #[starlark(require = pos)] key: &str,
        #[starlark(require = pos)] default: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let (cell, cells) = Scope::of(eval)?.cell();
        let value = cells
            .get(cell)
            .and_then(|cell| cell.config.get(section, key));
        Ok(value.map_or_else(
            || default.unwrap_or_else(Value::new_none),
            |value| eval.heap().alloc(value),
        ))
    }

    fn read_root_config<'v>(
        #[starlark(require = pos)] section: &str,
        #[starlark(require = pos)] key: &str,
        #[starlark(require = pos)] default: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let (_, cells) = Scope::of(eval)?.cell();
        let value = cells
            .get(cells.root_cell())
            .and_then(|cell| cell.config.get(section, key));
        Ok(value.map_or_else(
            || default.unwrap_or_else(Value::new_none),
            |value| eval.heap().alloc(value),
        ))
    }

    fn package<'v>(
        #[starlark(require = named, default = false)] inherit: bool,
        #[starlark(require = named, default = UnpackListOrTuple::default())]
        visibility: UnpackListOrTuple<String>,
        #[starlark(require = named, default = UnpackListOrTuple::default())]
        within_view: UnpackListOrTuple<String>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let Scope::Package(scope) = Scope::of(eval)? else {
            return raise("`package` may only be called in a PACKAGE file");
        };
        let read =
            |texts: &[String]| Visibility::read_in(texts, scope.cells, &scope.cell, &scope.package);
        let visibility = read(&visibility.items)?;
        let within_view = read(&within_view.items)?.or_public_if_empty();
        if scope
            .declared
            .borrow_mut()
            .replace(PackageDefaults {
                inherit,
                visibility,
                within_view,
            })
            .is_some()
        {
            return raise("`package` was called twice in one PACKAGE file");
        }
        Ok(NoneType)
    }

    /// Its arguments tell Buck2 where actions run; they are not looked at here.
    fn CommandExecutorConfig<'v>(
        #[starlark(require = named)] local_enabled: bool,
        #[starlark(require = named)] remote_enabled: bool,
        #[starlark(kwargs)] others: Value<'v>,
    ) -> starlark::Result<ExecutorConfig> {
        Ok(ExecutorConfig)
    }

    /// Whether a pattern matches somewhere in a text.
    fn regex_match<'v>(
        #[starlark(require = pos)] pattern: &str,
        #[starlark(require = pos)] text: &str,
    ) -> starlark::Result<bool> {
        Ok(crate::pattern::compile(pattern)?.is_match(text))
    }

    fn regex<'v>(
        #[starlark(require = pos)] pattern: &str,
        #[starlark(require = named, default = false)] fancy: bool,
    ) -> starlark::Result<Pattern> {
        if fancy {
            return raise("regex: the embedded engine does not support `fancy`");
        }
        Ok(Pattern(crate::pattern::compile(pattern)?))
    }

    /// The same `select()` with each of its values mapped; any other value itself.
    fn select_map<'v>(
        #[starlark(require = pos)] value: Value<'v>,
        #[starlark(require = pos)] function: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        crate::select::map(value, function, eval)
    }

    /// Whether the function says so of one of the values of a `select()`.
    fn select_test<'v>(
        #[starlark(require = pos)] value: Value<'v>,
        #[starlark(require = pos)] function: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<bool> {
        crate::select::test(value, function, eval)
    }

    fn warning<'v>(#[starlark(require = pos)] text: &str) -> starlark::Result<NoneType> {
        eprintln!("warning: {text}");
        Ok(NoneType)
    }
}
