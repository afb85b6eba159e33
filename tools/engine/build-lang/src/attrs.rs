//! Attributes of rules: their types (`attrs.*`) and the values that files give them.
#![allow(
    unused_variables,
    reason = "`doc` is for readers; `#[starlark_module]` keeps no attribute on its functions"
)]

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use allocative::Allocative;
use build_graph::TargetLabel;
use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::values::dict::DictRef;
use starlark::values::list::ListRef;
use starlark::values::list_or_tuple::UnpackListOrTuple;
use starlark::values::tuple::{TupleRef, UnpackTuple};
use starlark::values::{
    NoSerialize, ProvidesStaticType, StarlarkPagablePanic, StarlarkValue, Value, starlark_value,
};
use starlark::{starlark_module, starlark_simple_value};

use crate::cells::Cells;
use crate::error::raise;
use crate::label::{ProvidersLabel, read_label};
use crate::macros::Part;
use crate::package::{Scope, Visibility};
use crate::provider::{ProviderCallable, ProviderId};
use crate::select::Selector;

/// A type that an attribute's values have.
#[derive(Debug, Clone)]
pub(crate) enum AttrType {
    String,
    Int,
    Bool,
    Any,
    Label,
    Source {
        allow_directory: bool,
    },
    Enum(Vec<String>),
    /// A regular expression, as a string.
    Regex,
    /// A text with macros.
    Arg,
    Dep {
        kind: DepKind,
        providers: Vec<(ProviderId, String)>,
    },
    List(Box<AttrType>),
    Tuple(Vec<AttrType>),
    Dict {
        key: Box<AttrType>,
        value: Box<AttrType>,
        /// Whether the rule gets it sorted by key.
        sorted: bool,
    },
    Option(Box<AttrType>),
    OneOf(Vec<AttrType>),
    DefaultOnly(Box<AttrType>),
}

/// On whose behalf a dependency is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DepKind {
    /// `attrs.dep`: for the target itself.
    Target,
    /// `attrs.exec_dep`: for the machine that runs the actions.
    Exec,
    /// `attrs.toolchain_dep`: a toolchain rule.
    Toolchain,
    /// `attrs.configuration_label`: a part of a configuration.
    Configuration,
}

/// A value of an attribute, checked against its type, before the configuration is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Coerced {
    None,
    Bool(bool),
    Int(i64),
    String(String),
    /// A file or folder, as a path below the package.
    Source(String),
    /// The outputs of a target where files are wanted.
    SourceTarget(ProvidersLabel),
    Label(ProvidersLabel),
    Arg(Vec<Part>),
    Dep(ProvidersLabel, DepKind, Arc<Vec<(ProviderId, String)>>),
    List(Vec<Coerced>),
    Tuple(Vec<Coerced>),
    Dict(Vec<(Coerced, Coerced)>),
    Select(Vec<(SelectKey, Coerced)>),
    /// A branch of a `select()` that stands for the attribute's default.
    Unset,
    Sum(Box<Coerced>, Box<Coerced>),
}

/// A key of `select()`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SelectKey {
    Default,
    Setting(ProvidersLabel),
}

/// What `attrs.string()` and its siblings give.
#[derive(Debug, Clone, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct Attribute(#[allocative(skip)] pub Arc<AttrSpec>);
starlark_simple_value!(Attribute);

/// An attribute's type, default and documentation.
#[derive(Debug)]
pub(crate) struct AttrSpec {
    pub ty: AttrType,
    pub default: Option<Coerced>,
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "attrs.{}", self.0.ty)
    }
}

#[starlark_value(type = "Attribute")]
impl<'v> StarlarkValue<'v> for Attribute {}

impl fmt::Display for AttrType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = |f: &mut fmt::Formatter<'_>, name: &str, inner: &[AttrType]| {
            let inner: Vec<String> = inner.iter().map(ToString::to_string).collect();
            write!(f, "{name}({})", inner.join(", "))
        };
        match self {
            AttrType::String => f.write_str("string()"),
            AttrType::Int => f.write_str("int()"),
            AttrType::Bool => f.write_str("bool()"),
            AttrType::Any => f.write_str("any()"),
            AttrType::Label => f.write_str("label()"),
            AttrType::Source { .. } => f.write_str("source()"),
            AttrType::Enum(variants) => write!(f, "enum({variants:?})"),
            AttrType::Regex => f.write_str("regex()"),
            AttrType::Arg => f.write_str("arg()"),
            AttrType::Dep { kind, .. } => f.write_str(match kind {
                DepKind::Target => "dep()",
                DepKind::Exec => "exec_dep()",
                DepKind::Toolchain => "toolchain_dep()",
                DepKind::Configuration => "configuration_label()",
            }),
            AttrType::List(inner) => write!(f, "list({inner})"),
            AttrType::Tuple(inner) => many(f, "tuple", inner),
            AttrType::Dict { key, value, .. } => write!(f, "dict({key}, {value})"),
            AttrType::Option(inner) => write!(f, "option({inner})"),
            AttrType::OneOf(inner) => many(f, "one_of", inner),
            AttrType::DefaultOnly(inner) => write!(f, "default_only({inner})"),
        }
    }
}

impl AttrType {
    /// Whether the type, or one inside it, is a dependency of this kind.
    pub fn has_dep(&self, wanted: DepKind) -> bool {
        match self {
            AttrType::Dep { kind, .. } => *kind == wanted,
            AttrType::List(inner) | AttrType::Option(inner) | AttrType::DefaultOnly(inner) => {
                inner.has_dep(wanted)
            }
            AttrType::Dict { key, value, .. } => key.has_dep(wanted) || value.has_dep(wanted),
            AttrType::Tuple(inner) | AttrType::OneOf(inner) => {
                inner.iter().any(|inner| inner.has_dep(wanted))
            }
            _ => false,
        }
    }
}

/// Where a value is written: it decides what labels and paths in it mean.
pub(crate) struct CoercionScope<'a> {
    pub cells: &'a Cells,
    pub cell: &'a str,
    /// The package and its folder; `None` in a `.bzl` file.
    pub package: Option<(&'a str, &'a Path)>,
}

impl fmt::Display for SelectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SelectKey::Default => f.write_str("DEFAULT"),
            SelectKey::Setting(label) => write!(f, "{label}"),
        }
    }
}

impl Coerced {
    /// A dependency in it that a target may not have, by its `within_view`.
    pub fn outside(&self, within_view: &Visibility, from: &TargetLabel) -> Option<&ProvidersLabel> {
        let is_outside = |label: &&ProvidersLabel| {
            let dep = &label.target;
            let own = dep.cell == from.cell && dep.package == from.package;
            !own && !within_view.includes(dep)
        };
        match self {
            Coerced::Dep(label, ..) | Coerced::SourceTarget(label) => {
                Some(label).filter(is_outside)
            }
            Coerced::Arg(parts) => {
                let deps = parts.iter().filter_map(Part::dep);
                deps.map(|(label, _)| label).find(is_outside)
            }
            _ => {
                let inner = self.inner().into_iter();
                inner
                    .flat_map(|inner| inner.outside(within_view, from))
                    .next()
            }
        }
    }

    /// The values right inside of this one, of a `select()` those of all branches.
    pub fn inner(&self) -> Vec<&Coerced> {
        match self {
            Coerced::List(items) | Coerced::Tuple(items) => items.iter().collect(),
            Coerced::Dict(entries) => {
                let entries = entries.iter();
                entries.flat_map(|(key, value)| [key, value]).collect()
            }
            Coerced::Select(branches) => branches.iter().map(|(_, value)| value).collect(),
            Coerced::Sum(left, right) => vec![left, right],
            _ => Vec::new(),
        }
    }

    /// Puts the default where a `select()` asks for it; None when there is no default.
    fn fill(self, default: Option<&Coerced>) -> Option<Coerced> {
        Some(match self {
            Coerced::Unset => default?.clone(),
            Coerced::Select(branches) => {
                let filled = branches
                    .into_iter()
                    .map(|(key, value)| Some((key, value.fill(default)?)));
                Coerced::Select(filled.collect::<Option<_>>()?)
            }
            Coerced::Sum(left, right) => Coerced::Sum(
                Box::new(left.fill(default)?),
                Box::new(right.fill(default)?),
            ),
            other => other,
        })
    }
}

type Coercion<T> = std::result::Result<T, String>;

impl CoercionScope<'_> {
    fn label(&self, text: &str) -> Coercion<ProvidersLabel> {
        read_label(
            text,
            self.cells,
            self.cell,
            self.package.map(|(name, _)| name),
        )
        .map_err(|error| error.to_string())
    }

    /// Checks the value of an attribute.
    pub fn attribute(&self, spec: &AttrSpec, value: Value<'_>) -> Coercion<Coerced> {
        let coerced = self.coerce(&spec.ty, value)?;
        let filled = coerced.fill(spec.default.as_ref());
        filled
            .ok_or_else(|| "a branch of the `select()` is None, and there is no default".to_owned())
    }

    /// Checks a value against a type.
    pub fn coerce(&self, ty: &AttrType, value: Value<'_>) -> Coercion<Coerced> {
        if let Some(selector) = Selector::from_value(value) {
            return self.coerce_select(ty, selector);
        }
        let wrong = || {
            Err(format!(
                "expected a value of type `{ty}`, got `{}` (value was `{value}`)",
                value.get_type()
            ))
        };
        match ty {
            AttrType::String => value
                .unpack_str()
                .map_or_else(wrong, |text| Ok(Coerced::String(text.to_owned()))),
            AttrType::Int => unpack_int(value).map_or_else(wrong, |int| Ok(Coerced::Int(int))),
            AttrType::Bool => value
                .unpack_bool()
                .map_or_else(wrong, |bool| Ok(Coerced::Bool(bool))),
            AttrType::Any => self.coerce_any(value),
            AttrType::Label => match value.unpack_str() {
                Some(text) => Ok(Coerced::Label(self.label(text)?)),
                None => wrong(),
            },
            AttrType::Source { allow_directory } => match value.unpack_str() {
                Some(text) => self.coerce_source(text, *allow_directory),
                None => wrong(),
            },
            AttrType::Enum(variants) => match value.unpack_str() {
                Some(text) if variants.iter().any(|variant| variant == text) => {
                    Ok(Coerced::String(text.to_owned()))
                }
                _ => Err(format!("expected one of {variants:?}, got `{value}`")),
            },
            AttrType::Arg => match value.unpack_str() {
                Some(text) => {
                    let source = |path: &str| match self.coerce_source(path, true)? {
                        Coerced::Source(path) => Ok(path),
                        _ => Err(format!("`{path}`: a file of the package is wanted")),
                    };
                    crate::macros::read(text, |text| self.label(text), source).map(Coerced::Arg)
                }
                None => wrong(),
            },
            AttrType::Regex => match value.unpack_str() {
                Some(text) => match regex::Regex::new(text) {
                    Ok(_) => Ok(Coerced::String(text.to_owned())),
                    Err(error) => Err(format!("`{text}` is no regular expression: {error}")),
                },
                None => wrong(),
            },
            AttrType::Dep { kind, providers } => match value.unpack_str() {
                Some(text) => {
                    let providers = Arc::new(providers.clone());
                    Ok(Coerced::Dep(self.label(text)?, *kind, providers))
                }
                None => wrong(),
            },
            AttrType::List(inner) => match sequence(value) {
                Some(items) => self.coerce_all(inner, &items).map(Coerced::List),
                None => wrong(),
            },
            AttrType::Tuple(inner) => match sequence(value) {
                Some(items) if items.len() == inner.len() => {
                    let items = inner
                        .iter()
                        .zip(items)
                        .map(|(ty, item)| self.coerce(ty, item));
                    items.collect::<Coercion<_>>().map(Coerced::Tuple)
                }
                _ => wrong(),
            },
            AttrType::Dict {
                key,
                value: inner,
                sorted,
            } => match DictRef::from_value(value) {
                Some(dict) => {
                    let entries = dict
                        .iter()
                        .map(|(k, v)| Ok((self.coerce(key, k)?, self.coerce(inner, v)?)));
                    let mut entries = entries.collect::<Coercion<Vec<_>>>()?;
                    if *sorted {
                        entries.sort_by_cached_key(|(key, _)| format!("{key:?}"));
                    }
                    Ok(Coerced::Dict(entries))
                }
                None => wrong(),
            },
            AttrType::Option(_) if value.is_none() => Ok(Coerced::None),
            AttrType::Option(inner) => self.coerce(inner, value),
            AttrType::OneOf(types) => {
                let mut reasons = Vec::new();
                for ty in types {
                    match self.coerce(ty, value) {
                        Ok(coerced) => return Ok(coerced),
                        Err(reason) => reasons.push(reason),
                    }
                }
                Err(reasons.join("; or "))
            }
            AttrType::DefaultOnly(_) => {
                Err("this attribute can't be set: it only has its default".to_owned())
            }
        }
    }

    fn coerce_all(&self, ty: &AttrType, items: &[Value<'_>]) -> Coercion<Vec<Coerced>> {
        items.iter().map(|item| self.coerce(ty, *item)).collect()
    }

    fn coerce_any(&self, value: Value<'_>) -> Coercion<Coerced> {
        if value.is_none() {
            Ok(Coerced::None)
        } else if let Some(bool) = value.unpack_bool() {
            Ok(Coerced::Bool(bool))
        } else if let Some(int) = unpack_int(value) {
            Ok(Coerced::Int(int))
        } else if let Some(text) = value.unpack_str() {
            Ok(Coerced::String(text.to_owned()))
        } else if let Some(tuple) = TupleRef::from_value(value) {
            self.coerce_all(&AttrType::Any, tuple.content())
                .map(Coerced::Tuple)
        } else if let Some(list) = ListRef::from_value(value) {
            self.coerce_all(&AttrType::Any, list.content())
                .map(Coerced::List)
        } else if let Some(dict) = DictRef::from_value(value) {
            let entries = dict
                .iter()
                .map(|(k, v)| Ok((self.coerce_any(k)?, self.coerce_any(v)?)));
            entries.collect::<Coercion<_>>().map(Coerced::Dict)
        } else {
            Err(format!(
                "`attrs.any()` takes None, bool, int, str, and lists, tuples and dicts of them, got `{}` (value was `{value}`)",
                value.get_type()
            ))
        }
    }

    fn coerce_source(&self, text: &str, allow_directory: bool) -> Coercion<Coerced> {
        if text.contains(':') {
            return Ok(Coerced::SourceTarget(self.label(text)?));
        }
        let Some((package, folder)) = self.package else {
            return Err(format!(
                "`{text}`: a source path has no meaning in a .bzl file; use a label"
            ));
        };
        let parts: Vec<&str> = text.split('/').collect();
        if parts.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return Err(format!(
                "`{text}`: a source has to be a plain path below its package"
            ));
        }
        // A folder with a BUCK file of its own is another package, and another cell's a cell.
        let mut inner = folder.to_owned();
        let mut below = self.cells.project_path(self.cell, package);
        for part in &parts {
            inner.push(part);
            below = crate::cells::join(&below, part);
            if *self.cells.locate(&below).0 != *self.cell {
                return Err(format!(
                    "`{text}` is not a file of `//{package}`: `{part}` is a cell of its own"
                ));
            }
            if self.cells.is_package(&inner) {
                return Err(format!(
                    "`{text}` is not a file of `//{package}`: `{part}` is a package of its own"
                ));
            }
        }
        let found = std::fs::metadata(&inner);
        if found.as_ref().is_ok_and(|found| found.is_dir()) {
            if allow_directory {
                return Ok(Coerced::Source(text.to_owned()));
            }
            return Err(format!(
                "source `{text}` is a folder; this attribute takes files only"
            ));
        }
        if !found.is_ok_and(|found| found.is_file()) {
            return Err(format!(
                "source file `{text}` does not exist in package `//{package}`"
            ));
        }
        Ok(Coerced::Source(text.to_owned()))
    }

    fn coerce_select(&self, ty: &AttrType, selector: &Selector<'_>) -> Coercion<Coerced> {
        if selector.is_sum {
            let left = self.coerce(ty, selector.value)?;
            return Ok(Coerced::Sum(
                Box::new(left),
                Box::new(self.coerce(ty, selector.plus)?),
            ));
        }
        let Some(dict) = DictRef::from_value(selector.value) else {
            return Err(format!(
                "`select()` takes a dict, got `{}`",
                selector.value.get_type()
            ));
        };
        let mut branches = Vec::new();
        for (key, value) in dict.iter() {
            let Some(text) = key.unpack_str() else {
                return Err(format!("the keys of `select()` are strings, got `{key}`"));
            };
            let key = if text == "DEFAULT" {
                SelectKey::Default
            } else {
                SelectKey::Setting(self.label(text)?)
            };
            let coerced = match value.is_none() {
                true => Coerced::Unset,
                false => self.coerce(ty, value)?,
            };
            branches.push((key, coerced));
        }
        Ok(Coerced::Select(branches))
    }
}

fn unpack_int(value: Value<'_>) -> Option<i64> {
    <i64 as starlark::values::UnpackValue>::unpack_value(value)
        .ok()
        .flatten()
}

fn sequence<'v>(value: Value<'v>) -> Option<Vec<Value<'v>>> {
    let list = ListRef::from_value(value).map(|list| list.content().to_vec());
    list.or_else(|| TupleRef::from_value(value).map(|tuple| tuple.content().to_vec()))
}

/// Makes an attribute; its default is read as the `.bzl` file at hand writes it.
fn make<'v>(
    ty: AttrType,
    default: Option<Value<'v>>,
    eval: &Evaluator<'v, '_, '_>,
) -> starlark::Result<Attribute> {
    let Scope::Bzl(file) = Scope::of(eval)? else {
        return raise("`attrs` may only be used in .bzl files");
    };
    let checked = match &ty {
        AttrType::DefaultOnly(inner) => inner,
        ty => ty,
    };
    let scope = CoercionScope {
        cells: file.cells,
        cell: &file.cell,
        package: None,
    };
    let default = match default
        .map(|default| scope.coerce(checked, default))
        .transpose()
    {
        Ok(default) => default,
        Err(reason) => return raise(format!("the default of an attribute: {reason}")),
    };
    Ok(Attribute(Arc::new(AttrSpec { ty, default })))
}

fn provider_ids(
    providers: UnpackListOrTuple<Value<'_>>,
) -> starlark::Result<Vec<(ProviderId, String)>> {
    let one = |value: Value<'_>| match ProviderCallable::from_value(value) {
        Some(callable) => Ok((callable.0.id, callable.0.name().to_owned())),
        None => raise(format!(
            "`providers` is a list of provider types, got `{}` (value was `{value}`)",
            value.get_type()
        )),
    };
    providers.items.into_iter().map(one).collect()
}

fn dep<'v>(
    kind: DepKind,
    providers: UnpackListOrTuple<Value<'v>>,
    default: Option<Value<'v>>,
    eval: &Evaluator<'v, '_, '_>,
) -> starlark::Result<Attribute> {
    make(
        AttrType::Dep {
            kind,
            providers: provider_ids(providers)?,
        },
        default,
        eval,
    )
}

/// The functions of the `attrs` namespace. `doc` is for the reader of the rule.
#[starlark_module]
pub(crate) fn attrs_namespace(builder: &mut GlobalsBuilder) {
    fn string<'v>(
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        make(AttrType::String, default, eval)
    }

    fn int<'v>(
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        make(AttrType::Int, default, eval)
    }

    fn bool<'v>(
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        make(AttrType::Bool, default, eval)
    }

    fn any<'v>(
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        make(AttrType::Any, default, eval)
    }

    fn label<'v>(
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        make(AttrType::Label, default, eval)
    }

    /// A text with macros: `$(location //a:b)`, `$(exe //a:b)`, `$(exe_target //a:b)`, `$(source f)`.
    fn arg<'v>(
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        make(AttrType::Arg, default, eval)
    }

    fn regex<'v>(
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        make(AttrType::Regex, default, eval)
    }

    /// A dependency on a constraint value, setting or platform.
    fn configuration_label<'v>(
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        crate::attrs::dep(
            DepKind::Configuration,
            UnpackListOrTuple::default(),
            default,
            eval,
        )
    }

    fn source<'v>(
        #[starlark(require = named, default = false)] allow_directory: bool,
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        make(AttrType::Source { allow_directory }, default, eval)
    }

    fn dep<'v>(
        #[starlark(require = named, default = UnpackListOrTuple::default())]
        providers: UnpackListOrTuple<Value<'v>>,
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        crate::attrs::dep(DepKind::Target, providers, default, eval)
    }

    fn exec_dep<'v>(
        #[starlark(require = named, default = UnpackListOrTuple::default())]
        providers: UnpackListOrTuple<Value<'v>>,
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        crate::attrs::dep(DepKind::Exec, providers, default, eval)
    }

    fn toolchain_dep<'v>(
        #[starlark(require = named, default = UnpackListOrTuple::default())]
        providers: UnpackListOrTuple<Value<'v>>,
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        crate::attrs::dep(DepKind::Toolchain, providers, default, eval)
    }

    fn list<'v>(
        #[starlark(require = pos)] inner: &Attribute,
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        make(AttrType::List(Box::new(inner.0.ty.clone())), default, eval)
    }

    /// A list to the rule, as it is in Buck2; repetitions stay.
    fn set<'v>(
        #[starlark(require = pos)] inner: &Attribute,
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        make(AttrType::List(Box::new(inner.0.ty.clone())), default, eval)
    }

    fn tuple<'v>(
        #[starlark(args)] inner: UnpackTuple<&Attribute>,
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        make(
            AttrType::Tuple(inner.items.iter().map(|inner| inner.0.ty.clone()).collect()),
            default,
            eval,
        )
    }

    fn dict<'v>(
        key: &Attribute,
        value: &Attribute,
        #[starlark(require = named, default = false)] sorted: bool,
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        make(
            AttrType::Dict {
                key: Box::new(key.0.ty.clone()),
                value: Box::new(value.0.ty.clone()),
                sorted,
            },
            default,
            eval,
        )
    }

    fn option<'v>(
        #[starlark(require = pos)] inner: &Attribute,
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        if let Some(default) = default
            && !default.is_none()
        {
            return raise(format!(
                "`attrs.option` takes `default = None` or none, got `{default}`"
            ));
        }
        make(
            AttrType::Option(Box::new(inner.0.ty.clone())),
            default,
            eval,
        )
    }

    fn r#enum<'v>(
        #[starlark(require = pos)] variants: UnpackListOrTuple<String>,
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        let mut variants = variants.items;
        let count = variants.len();
        let mut seen = std::collections::HashSet::new();
        variants.retain(|variant| seen.insert(variant.clone()));
        if variants.len() < count {
            return raise(format!(
                "`attrs.enum`: a variant stands twice in {variants:?}"
            ));
        }
        make(AttrType::Enum(variants), default, eval)
    }

    fn one_of<'v>(
        #[starlark(args)] types: UnpackTuple<&Attribute>,
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        make(
            AttrType::OneOf(types.items.iter().map(|inner| inner.0.ty.clone()).collect()),
            default,
            eval,
        )
    }

    fn default_only<'v>(
        #[starlark(require = pos)] inner: &Attribute,
        #[starlark(require = named)] default: Option<Value<'v>>,
        #[starlark(require = named, default = "")] doc: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Attribute> {
        let ty = AttrType::DefaultOnly(Box::new(inner.0.ty.clone()));
        match (default, &inner.0.default) {
            (Some(default), _) => make(ty, Some(default), eval),
            (None, Some(default)) => Ok(Attribute(Arc::new(AttrSpec {
                ty,
                default: Some(default.clone()),
            }))),
            (None, None) => raise("`attrs.default_only` needs an attribute with a default"),
        }
    }
}
