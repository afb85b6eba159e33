//! Providers: what a target hands to those that depend on it.

use std::fmt::{self, Display};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

use allocative::Allocative;
use starlark::any::ProvidesStaticType;
use starlark::coerce::Coerce;
use starlark::eval::{Arguments, Evaluator};
use starlark::typing::{Ty, TyStarlarkValue, TyUser, TyUserFields, TyUserParams};
use starlark::values::dict::{AllocDict, DictRef};
use starlark::values::list::ListRef;
use starlark::values::typing::{TypeCompiled, TypeInstanceId};
use starlark::values::{
    Freeze, FrozenValue, Heap, NoSerialize, StarlarkPagablePanic, StarlarkValue, Trace, Value,
    ValueLifetimeless, ValueLike, starlark_value,
};
use starlark::{starlark_complex_value, starlark_simple_value};

use crate::cmd_args::Options;
use crate::error::raise;

/// Tells providers apart: two with the same name are different ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Allocative)]
pub(crate) struct ProviderId(u64);

static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// A field of a provider.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// Its name.
    pub name: String,
    /// What it may hold.
    pub holds: Holds,
    /// What it is when it is not given; `None` makes it mandatory.
    pub default: Option<FrozenValue>,
}

/// What a field may hold.
#[derive(Debug, Clone)]
pub(crate) enum Holds {
    /// Anything.
    Anything,
    /// An instance of a provider.
    Provider(ProviderId, String),
    /// A value of a Starlark type.
    Type(TypeCompiled<FrozenValue>),
}

/// A provider's definition.
#[derive(Debug)]
pub(crate) struct Definition {
    pub id: ProviderId,
    pub name: OnceLock<String>,
    pub fields: Vec<Field>,
    constructor: Constructor,
    ty: OnceLock<Ty>,
}

/// How the arguments of a provider's call become its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Constructor {
    /// One argument a field.
    Fields,
    /// `DefaultInfo(default_output | default_outputs, other_outputs, sub_targets)`.
    DefaultInfo,
    /// `RunInfo(args)`, also by position.
    RunInfo,
}

impl Definition {
    pub fn new(fields: Vec<Field>) -> Definition {
        let id = ProviderId(NEXT_ID.fetch_add(1, Ordering::Relaxed));
        Definition {
            id,
            name: OnceLock::new(),
            fields,
            constructor: Constructor::Fields,
            ty: OnceLock::new(),
        }
    }

    pub fn name(&self) -> &str {
        self.name
            .get()
            .map_or("<a provider without a name>", String::as_str)
    }

    fn ty(&self) -> Ty {
        self.ty
            .get_or_init(|| {
                let fields = self
                    .fields
                    .iter()
                    .map(|field| (field.name.clone(), Ty::any()))
                    .collect();
                let params = TyUserParams {
                    fields: TyUserFields {
                        known: fields,
                        unknown: false,
                    },
                    ..TyUserParams::default()
                };
                TyUser::new(
                    self.name().to_owned(),
                    TyStarlarkValue::new::<FrozenProviderInstance>(),
                    TypeInstanceId::r#gen(),
                    params,
                )
                .map_or_else(|_| Ty::any(), Ty::custom)
            })
            .clone()
    }
}

/// What `provider()` gives, and the built-in ones: called, it makes an instance.
#[derive(Debug, Clone, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct ProviderCallable(#[allocative(skip)] pub Arc<Definition>);
starlark_simple_value!(ProviderCallable);

impl Display for ProviderCallable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

#[starlark_value(type = "ProviderCallable")]
impl<'v> StarlarkValue<'v> for ProviderCallable {
    fn export_as(&self, name: &str, _eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<()> {
        // A second name for the same provider is an alias of it.
        let _ = self.0.name.set(name.to_owned());
        Ok(())
    }

    fn invoke(
        &self,
        _me: Value<'v>,
        args: &Arguments<'v, '_>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        if self.0.name.get().is_none() {
            return raise(
                "this provider was not assigned to a variable of a .bzl file, so it can't be called",
            );
        }
        match self.0.constructor {
            Constructor::DefaultInfo => return self.default_info(args, eval.heap()),
            Constructor::RunInfo => return self.run_info(args, eval.heap()),
            Constructor::Fields => args.no_positional_args(eval.heap())?,
        }
        let given = args.names_map()?;
        let fields = &self.0.fields;
        let mut values: Vec<Option<Value<'v>>> = vec![None; fields.len()];
        for (name, value) in given.iter() {
            match fields.iter().position(|field| field.name == name.as_str()) {
                Some(index) => values[index] = Some(*value),
                None => {
                    let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
                    return raise(format!(
                        "{self} has no field `{}`; it has: {}",
                        name.as_str(),
                        known.join(", ")
                    ));
                }
            }
        }
        let mut filled = Vec::with_capacity(fields.len());
        for (field, value) in fields.iter().zip(values) {
            let value = match (value, field.default) {
                (Some(value), _) => value,
                (None, Some(default)) => default.to_value(),
                (None, None) => {
                    return raise(format!("{self}: the field `{}` is missing", field.name));
                }
            };
            field.check(value, self)?;
            filled.push(value);
        }
        Ok(eval.heap().alloc(ProviderInstance {
            definition: self.0.clone(),
            values: filled,
        }))
    }

    fn eval_type(&self) -> Option<Ty> {
        Some(self.0.ty())
    }
}

impl ProviderCallable {
    fn default_info<'v>(
        &self,
        args: &Arguments<'v, '_>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        args.no_positional_args(heap)?;
        let (mut one, mut many, mut other, mut sub_targets) = (None, None, None, None);
        for (name, value) in args.names_map()?.iter() {
            let slot = match name.as_str() {
                "default_output" => &mut one,
                "default_outputs" => &mut many,
                "other_outputs" => &mut other,
                "sub_targets" => &mut sub_targets,
                name => {
                    return raise(format!(
                        "DefaultInfo has no field `{name}`; it has: default_output, default_outputs, other_outputs, sub_targets"
                    ));
                }
            };
            *slot = (!value.is_none()).then_some(*value);
        }
        let outputs = match (one, many) {
            (Some(_), Some(_)) => {
                return raise("DefaultInfo takes `default_output` or `default_outputs`, not both");
            }
            (Some(one), None) => heap.alloc(vec![one]),
            (None, many) => list_of_artifacts("default_outputs", many, heap)?,
        };
        if let Some(one) = one {
            expect_artifact("default_output", one)?;
        }
        let other = other.unwrap_or_else(|| heap.alloc(Vec::<Value>::new()));
        let sub_targets = sub_target_map(sub_targets, heap)?;
        Ok(heap.alloc(ProviderInstance {
            definition: self.0.clone(),
            values: vec![sub_targets, outputs, other],
        }))
    }

    fn run_info<'v>(
        &self,
        args: &Arguments<'v, '_>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        let by_position: Vec<Value<'v>> = args.positions(heap)?.collect();
        let by_name = args.names_map()?;
        let given: Vec<Value<'v>> = by_position
            .into_iter()
            .chain(by_name.values().copied())
            .collect();
        match (
            given.as_slice(),
            by_name.keys().find(|name| name.as_str() != "args"),
        ) {
            (_, Some(name)) => raise(format!(
                "RunInfo has no field `{}`; it has: args",
                name.as_str()
            )),
            ([args], None) => {
                let args = match args.get_type() {
                    "cmd_args" => *args,
                    _ => heap.alloc(crate::cmd_args::make(&[*args], None, Options::default())?),
                };
                Ok(heap.alloc(ProviderInstance {
                    definition: self.0.clone(),
                    values: vec![args],
                }))
            }
            _ => raise("RunInfo takes one argument, `args`"),
        }
    }
}

fn expect_artifact(field: &str, value: Value<'_>) -> starlark::Result<()> {
    match crate::artifact::Artifact::from_value(value) {
        Some(_) => Ok(()),
        None => raise(format!(
            "DefaultInfo: `{field}` takes an artifact, got `{}` (value was `{value}`)",
            value.get_type()
        )),
    }
}

fn list_of_artifacts<'v>(
    field: &str,
    value: Option<Value<'v>>,
    heap: Heap<'v>,
) -> starlark::Result<Value<'v>> {
    let Some(value) = value else {
        return Ok(heap.alloc(Vec::<Value>::new()));
    };
    let Some(list) = ListRef::from_value(value) else {
        return raise(format!(
            "DefaultInfo: `{field}` takes a list of artifacts, got `{}`",
            value.get_type()
        ));
    };
    list.iter()
        .try_for_each(|item| expect_artifact(field, item))?;
    Ok(value)
}

/// Checks `sub_targets`: names to lists of providers.
fn sub_target_map<'v>(value: Option<Value<'v>>, heap: Heap<'v>) -> starlark::Result<Value<'v>> {
    let Some(value) = value else {
        return Ok(heap.alloc(AllocDict::EMPTY));
    };
    let Some(dict) = DictRef::from_value(value) else {
        return raise(format!(
            "DefaultInfo: `sub_targets` takes a dict of names to lists of providers, got `{}`",
            value.get_type()
        ));
    };
    let mut collections = Vec::new();
    for (name, given) in dict.iter() {
        let is_list = ListRef::from_value(given).is_some_and(|list| {
            list.iter()
                .all(|item| ProviderInstance::from_value(item).is_some())
        });
        let providers = match ProviderCollection::from_value(given) {
            Some(collection) => collection.providers,
            None => given,
        };
        if name.unpack_str().is_none()
            || !(is_list || ProviderCollection::from_value(given).is_some())
        {
            return raise(format!(
                "DefaultInfo: `sub_targets` takes a dict of names to lists of providers, got `{name}: {given}`"
            ));
        }
        collections.push((name, heap.alloc(ProviderCollection { providers })));
    }
    Ok(heap.alloc(AllocDict(collections)))
}

/// The providers of a sub-target: indexed by provider, as a dependency is.
#[derive(
    Debug, Trace, Freeze, Coerce, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative,
)]
#[repr(C)]
pub(crate) struct ProviderCollectionGen<V: ValueLifetimeless> {
    /// A list of provider instances.
    pub providers: V,
}
starlark_complex_value!(pub(crate) ProviderCollection);

impl<V: ValueLifetimeless + Display> Display for ProviderCollectionGen<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "providers({})", self.providers)
    }
}

#[starlark_value(type = "ProviderCollection")]
impl<'v, V: ValueLike<'v>> StarlarkValue<'v> for ProviderCollectionGen<V>
where
    Self: ProvidesStaticType<'v>,
{
    type Canonical = FrozenProviderCollection;

    fn at(&self, index: Value<'v>, _heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        let wanted = callable(index)?;
        match find(self.providers.to_value(), wanted.0.id) {
            Some(instance) => Ok(instance),
            None => raise(format!(
                "there is no `{wanted}` among {}",
                names(self.providers.to_value())
            )),
        }
    }

    fn is_in(&self, index: Value<'v>) -> starlark::Result<bool> {
        Ok(find(self.providers.to_value(), callable(index)?.0.id).is_some())
    }
}

/// The provider type that a value is, or an error.
pub(crate) fn callable(value: Value<'_>) -> starlark::Result<&ProviderCallable> {
    match ProviderCallable::from_value(value) {
        Some(callable) => Ok(callable),
        None => raise(format!(
            "a provider type is wanted here, got `{}` (value was `{value}`)",
            value.get_type()
        )),
    }
}

/// The names of the providers in a list of them, for messages.
pub(crate) fn names(providers: Value<'_>) -> String {
    let names = ListRef::from_value(providers)
        .into_iter()
        .flat_map(|list| list.iter());
    let names: Vec<String> = names
        .filter_map(|value| {
            ProviderInstance::from_value(value)
                .map(|instance| instance.definition.name().to_owned())
        })
        .collect();
    names.join(", ")
}

impl Field {
    /// A field that holds anything and is None when not given.
    pub fn optional(name: &str) -> Field {
        Field {
            name: name.to_owned(),
            holds: Holds::Anything,
            default: Some(FrozenValue::new_none()),
        }
    }

    /// A field that holds anything and has to be given.
    pub fn mandatory(name: &str) -> Field {
        Field {
            name: name.to_owned(),
            holds: Holds::Anything,
            default: None,
        }
    }

    fn check(&self, value: Value<'_>, provider: &ProviderCallable) -> starlark::Result<()> {
        let (fits, wanted) = match &self.holds {
            Holds::Anything => return Ok(()),
            Holds::Provider(id, name) => (
                ProviderInstance::from_value(value)
                    .is_some_and(|instance| instance.definition.id == *id),
                name.clone(),
            ),
            Holds::Type(ty) => (ty.matches(value), ty.to_string()),
        };
        if fits {
            return Ok(());
        }
        raise(format!(
            "{provider}: the field `{}` takes `{wanted}`, got `{}` (value was `{value}`)",
            self.name,
            value.get_type()
        ))
    }
}

/// An instance of a provider.
#[derive(
    Debug, Trace, Freeze, Coerce, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative,
)]
#[repr(C)]
pub(crate) struct ProviderInstanceGen<V: ValueLifetimeless> {
    #[freeze(identity)]
    #[trace(unsafe_ignore)]
    #[allocative(skip)]
    pub definition: Arc<Definition>,
    pub values: Vec<V>,
}
starlark_complex_value!(pub(crate) ProviderInstance);

impl<V: ValueLifetimeless + Display> Display for ProviderInstanceGen<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.definition.name())?;
        for (index, (field, value)) in self.definition.fields.iter().zip(&self.values).enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{}={value}", field.name)?;
        }
        f.write_str(")")
    }
}

#[starlark_value(type = "Provider")]
impl<'v, V: ValueLike<'v>> StarlarkValue<'v> for ProviderInstanceGen<V>
where
    Self: ProvidesStaticType<'v>,
{
    type Canonical = FrozenProviderInstance;

    fn get_attr(&self, name: &str, _heap: Heap<'v>) -> Option<Value<'v>> {
        let index = self
            .definition
            .fields
            .iter()
            .position(|field| field.name == name)?;
        Some(self.values[index].to_value())
    }

    fn dir_attr(&self) -> Vec<String> {
        self.definition
            .fields
            .iter()
            .map(|field| field.name.clone())
            .collect()
    }
}

impl<'v> ProviderInstance<'v> {
    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<Value<'v>> {
        let index = self
            .definition
            .fields
            .iter()
            .position(|field| field.name == name)?;
        self.values.get(index).copied()
    }
}

/// The instance of a provider in a target's list of them.
pub(crate) fn find<'v>(providers: Value<'v>, id: ProviderId) -> Option<Value<'v>> {
    let list = ListRef::from_value(providers)?;
    list.iter().find(|value| {
        ProviderInstance::from_value(*value).is_some_and(|instance| instance.definition.id == id)
    })
}

fn builtin(name: &str, fields: Vec<Field>) -> ProviderCallable {
    let constructor = match name {
        "DefaultInfo" => Constructor::DefaultInfo,
        "RunInfo" => Constructor::RunInfo,
        _ => Constructor::Fields,
    };
    let definition = Definition {
        constructor,
        ..Definition::new(fields)
    };
    let _ = definition.name.set(name.to_owned());
    ProviderCallable(Arc::new(definition))
}

/// The providers that the language itself knows.
pub(crate) struct Builtin {
    pub default_info: ProviderCallable,
    pub run_info: ProviderCallable,
    pub test_info: ProviderCallable,
    pub platform_info: ProviderCallable,
    pub constraint_setting_info: ProviderCallable,
    pub constraint_value_info: ProviderCallable,
    pub configuration_info: ProviderCallable,
    pub execution_platform_info: ProviderCallable,
    pub execution_platform_registration_info: ProviderCallable,
}

/// One of each.
pub(crate) static BUILTIN: LazyLock<Builtin> = LazyLock::new(|| {
    let mandatory = |names: &[&str]| {
        names
            .iter()
            .map(|name| Field::mandatory(name))
            .collect::<Vec<_>>()
    };
    let optional = |names: &[&str]| {
        names
            .iter()
            .map(|name| Field::optional(name))
            .collect::<Vec<_>>()
    };
    let mut test_fields = mandatory(&["type"]);
    test_fields.extend(optional(&[
        "command",
        "env",
        "labels",
        "contacts",
        "use_project_relative_paths",
        "run_from_project_root",
    ]));
    Builtin {
        default_info: builtin(
            "DefaultInfo",
            optional(&["sub_targets", "default_outputs", "other_outputs"]),
        ),
        run_info: builtin("RunInfo", mandatory(&["args"])),
        test_info: builtin("ExternalRunnerTestInfo", test_fields),
        constraint_setting_info: builtin("ConstraintSettingInfo", mandatory(&["label"])),
        constraint_value_info: builtin("ConstraintValueInfo", mandatory(&["setting", "label"])),
        platform_info: builtin("PlatformInfo", mandatory(&["label", "configuration"])),
        configuration_info: builtin("ConfigurationInfo", mandatory(&["constraints", "values"])),
        execution_platform_info: builtin(
            "ExecutionPlatformInfo",
            mandatory(&["label", "configuration", "executor_config"]),
        ),
        execution_platform_registration_info: builtin(
            "ExecutionPlatformRegistrationInfo",
            mandatory(&["platforms"]),
        ),
    }
});
