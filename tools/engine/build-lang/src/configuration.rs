//! Configurations: what a target is built for, and what `select()` and compatibility look at.
//!
//! A target is configured for the platform that it names itself, else the command line, else
//! `[parser] target_platform_detector_spec`; its tools for the first of the platforms behind
//! `[build] execution_platforms` that fits (<https://buck2.build/docs/concepts/configurations/>).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use build_graph::{TargetLabel, TargetPattern};
use starlark::environment::Module;
use starlark::values::Value;
use starlark::values::dict::DictRef;
use starlark::values::list::ListRef;

use crate::attrs::{Coerced, DepKind, SelectKey};
use crate::error::raise;
use crate::label::{ProvidersLabel, RawTarget};
use crate::macros::Part;
use crate::project::Project;
use crate::provider::{self, BUILTIN, ProviderCallable, ProviderInstance};
use crate::rule::{RuleKind, Target};
use crate::{Error, Result};

/// A constraint setting's label to that of its value.
type Constraints = BTreeMap<TargetLabel, TargetLabel>;

/// What targets are built for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Configuration {
    name: String,
    /// `None` when no platform was named, so that nothing may depend on one.
    constraints: Option<Constraints>,
}

/// What a target and its tools are built for; the tools' platform is set for toolchains alone,
/// which are built on behalf of the target that uses them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Configured {
    pub target: TargetLabel,
    pub configuration: Arc<Configuration>,
    pub execution: Option<Arc<Configuration>>,
}

/// What a configuration setting asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    constraints: Constraints,
    values: BTreeMap<String, String>,
}

impl fmt::Display for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Configuration {
    /// That of configuration rules, which configurations are made of.
    pub fn unbound() -> Configuration {
        Configuration {
            name: "<unbound>".to_owned(),
            constraints: None,
        }
    }

    fn unspecified() -> Configuration {
        Configuration {
            name: "<unspecified>".to_owned(),
            constraints: None,
        }
    }
}

impl Configured {
    /// A folder name for what it is built for: the same for the same platforms, wherever and
    /// whenever; 64 bits of FNV-1a.
    pub fn folder(&self) -> String {
        let text = format!("{:?} {:?}", self.configuration, self.execution);
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{hash:016x}")
    }
}

impl Setting {
    /// Whether it asks for all that `other` asks for, and for more.
    fn refines(&self, other: &Setting) -> bool {
        let includes = other
            .constraints
            .iter()
            .all(|(key, value)| self.constraints.get(key) == Some(value))
            && other
                .values
                .iter()
                .all(|(key, value)| self.values.get(key) == Some(value));
        includes && self != other
    }
}

impl Project {
    /// What a requested target is built for.
    pub(crate) fn configuration_of(&self, target: &Target) -> Result<Arc<Configuration>> {
        if target.rule.kind == RuleKind::Configuration {
            return Ok(Arc::new(Configuration::unbound()));
        }
        let platform = match (
            &target.default_target_platform,
            self.target_platform.borrow().as_ref(),
        ) {
            (_, Some(platform)) | (Some(platform), None) => Some(platform.clone()),
            (None, None) => self.detected_platform(&target.label)?,
        };
        match platform {
            Some(platform) => self.platform(&platform),
            None => Ok(Arc::new(Configuration::unspecified())),
        }
    }

    /// Whether outputs for this configuration lie where a checkout with one platform has them.
    pub(crate) fn is_primary(&self, configuration: &Configuration) -> Result<bool> {
        if configuration.constraints.is_none() {
            return Ok(true);
        }
        let root = TargetLabel {
            cell: self.cells().root_cell().clone(),
            package: "".into(),
            name: "".into(),
        };
        Ok(match self.detected_platform(&root)? {
            Some(platform) => *self.platform(&platform)? == *configuration,
            None => false,
        })
    }

    /// The first platform of `target_platform_detector_spec` whose pattern the target matches.
    fn detected_platform(&self, target: &TargetLabel) -> Result<Option<TargetLabel>> {
        let root = self.cells().root_cell();
        let spec = self
            .root_value("parser", "target_platform_detector_spec")
            .unwrap_or_default();
        for entry in spec.split_whitespace() {
            let parts = entry
                .strip_prefix("target:")
                .and_then(|rest| rest.split_once("->"));
            let Some((pattern, platform)) = parts else {
                return Err(Error::message(format!(
                    ".buckconfig: [parser] target_platform_detector_spec: expected `target:PATTERN->PLATFORM`, got `{entry}`"
                )));
            };
            let TargetPattern::Recursive { cell, package } = TargetPattern::parse(pattern)? else {
                return Err(Error::message(format!(
                    ".buckconfig: [parser] target_platform_detector_spec: `{pattern}` has to end with `...`"
                )));
            };
            let cell = self
                .cells()
                .resolve(cell.as_deref().unwrap_or(root), root)?;
            let package = package.unwrap_or_default();
            let below = package.is_empty()
                || *target.package == *package
                || target.package.starts_with(&format!("{package}/"));
            if cell == target.cell && below {
                return Ok(Some(self.root_label(platform)?.target));
            }
        }
        Ok(None)
    }

    fn root_value(&self, section: &str, key: &str) -> Option<String> {
        let root = self.cells().get(self.cells().root_cell())?;
        root.config.get(section, key)
    }

    /// A label as the root cell writes it.
    pub(crate) fn root_label(&self, text: &str) -> Result<ProvidersLabel> {
        crate::label::read_label(text, self.cells(), self.cells().root_cell(), None)
    }

    /// The configuration behind a target with a PlatformInfo.
    fn platform(&self, label: &TargetLabel) -> Result<Arc<Configuration>> {
        if let Some(found) = self.platforms.borrow().get(label) {
            return Ok(found.clone());
        }
        let label_of = ProvidersLabel::of(label.clone());
        let made = self.with_info(&label_of, &BUILTIN.platform_info, |info| {
            let name = info
                .field("label")
                .and_then(|name| name.unpack_str().map(str::to_owned));
            let configuration = info
                .field("configuration")
                .and_then(ProviderInstance::from_value);
            match (name, configuration) {
                (Some(name), Some(configuration)) => Ok(Configuration {
                    name,
                    constraints: Some(constraints(configuration)?),
                }),
                _ => raise(format!(
                    "{label}: its PlatformInfo has no label or configuration"
                )),
            }
        })?;
        let made = Arc::new(made);
        self.platforms
            .borrow_mut()
            .insert(label.clone(), made.clone());
        Ok(made)
    }

    /// The platforms that actions may run on, in order of preference.
    fn execution_platforms(&self) -> Result<Vec<Arc<Configuration>>> {
        if let Some(found) = self.executions.borrow().as_ref() {
            return Ok(found.clone());
        }
        let platforms = match self.root_value("build", "execution_platforms") {
            None => Vec::new(),
            Some(text) => {
                let label = self.root_label(text.trim())?;
                self.with_info(
                    &label,
                    &BUILTIN.execution_platform_registration_info,
                    |info| {
                        let platforms = info.field("platforms").and_then(ListRef::from_value);
                        let Some(platforms) = platforms else {
                            return raise(format!("{label}: `platforms` is no list"));
                        };
                        platforms.iter().map(execution_platform).collect()
                    },
                )?
            }
        };
        *self.executions.borrow_mut() = Some(platforms.clone());
        Ok(platforms)
    }

    /// What a configuration setting asks for.
    pub(crate) fn setting(&self, label: &ProvidersLabel) -> Result<Setting> {
        if let Some(found) = self.settings.borrow().get(label) {
            return Ok(found.clone());
        }
        let setting = self.with_info(label, &BUILTIN.configuration_info, |info| {
            let values = info.field("values").and_then(DictRef::from_value);
            let mut read = BTreeMap::new();
            for (key, value) in values.iter().flat_map(|dict| dict.iter()) {
                match (key.unpack_str(), value.unpack_str()) {
                    (Some(key), Some(value)) if key.contains('.') => {
                        read.insert(key.to_owned(), value.to_owned());
                    }
                    _ => {
                        return raise(format!("{label}: `values` holds `section.key` to a string"));
                    }
                }
            }
            Ok(Setting {
                constraints: constraints(info)?,
                values: read,
            })
        })?;
        self.settings
            .borrow_mut()
            .insert(label.clone(), setting.clone());
        Ok(setting)
    }

    /// Calls `read` with a provider of a configuration rule's target.
    fn with_info<T>(
        &self,
        label: &ProvidersLabel,
        wanted: &ProviderCallable,
        read: impl for<'v> Fn(&ProviderInstance<'v>) -> starlark::Result<T>,
    ) -> Result<T> {
        if self.target(&label.target)?.rule.kind != RuleKind::Configuration {
            return Err(Error::message(format!(
                "{label} is used as a part of a configuration, but its rule has no `is_configuration_rule = True`"
            )));
        }
        let configured = Configured {
            target: label.target.clone(),
            configuration: Arc::new(Configuration::unbound()),
            execution: None,
        };
        let analysis = self.analyse(&configured)?;
        Ok(Module::with_temp_heap(|module| {
            let providers = self.providers_of(label, &analysis, module.heap())?;
            match provider::find(providers, wanted.0.id).and_then(ProviderInstance::from_value) {
                Some(info) => read(info),
                None => raise(format!(
                    "{label} has no `{wanted}`, which is needed here; it has: {}",
                    provider::names(providers)
                )),
            }
        })?)
    }

    /// Whether a configuration has what a setting asks for.
    fn has(
        &self,
        configuration: &Configuration,
        setting: &Setting,
        label: &ProvidersLabel,
    ) -> Result<bool> {
        let Some(constraints) = &configuration.constraints else {
            return Err(Error::message(format!(
                "{label} is asked for, but nothing is known of the configuration `{configuration}`: name a platform in `[parser] target_platform_detector_spec`"
            )));
        };
        let as_configured = |(name, value): (&String, &String)| {
            let actual = name
                .split_once('.')
                .and_then(|(section, key)| self.root_value(section, key));
            actual.as_ref() == Some(value)
        };
        Ok(setting
            .constraints
            .iter()
            .all(|(key, value)| constraints.get(key) == Some(value))
            && setting.values.iter().all(as_configured))
    }

    /// The branch of a `select()` for a configuration: of those that match, the one that asks for most.
    pub(crate) fn branch<'c>(
        &self,
        branches: &'c [(SelectKey, Coerced)],
        configuration: &Configuration,
    ) -> Result<&'c Coerced> {
        let mut default = None;
        let mut best: Option<(&ProvidersLabel, Setting, &Coerced)> = None;
        for (key, value) in branches {
            let SelectKey::Setting(label) = key else {
                default = Some(value);
                continue;
            };
            let setting = self.setting(label)?;
            if !self.has(configuration, &setting, label)? {
                continue;
            }
            best = match best {
                Some(known) if known.1.refines(&setting) || *known.2 == *value => Some(known),
                Some(known) if !setting.refines(&known.1) => {
                    return Err(Error::message(format!(
                        "both `{}` and `{label}` match the configuration `{configuration}`, and neither asks for more than the other: add a key for both together",
                        known.0
                    )));
                }
                _ => Some((label, setting, value)),
            };
        }
        best.map(|(_, _, value)| value).or(default).ok_or_else(|| {
            let keys: Vec<String> = branches.iter().map(|(key, _)| key.to_string()).collect();
            Error::message(format!(
                "no key of the `select()` matches the configuration `{configuration}`, and there is no `DEFAULT`; its keys are: {}",
                keys.join(", ")
            ))
        })
    }

    /// The labels in a compatibility attribute, its `select()`s decided.
    fn labels_for(
        &self,
        coerced: &Coerced,
        configuration: &Configuration,
    ) -> Result<Vec<ProvidersLabel>> {
        Ok(match coerced {
            Coerced::Label(label) => vec![label.clone()],
            Coerced::Select(branches) => {
                self.labels_for(self.branch(branches, configuration)?, configuration)?
            }
            _ => {
                let inner = coerced.inner().into_iter();
                let lists = inner.map(|inner| self.labels_for(inner, configuration));
                lists.collect::<Result<Vec<_>>>()?.concat()
            }
        })
    }

    /// The first of these settings that a configuration has not, and the number of those it has.
    fn unsatisfied(
        &self,
        wanted: &Coerced,
        configuration: &Configuration,
    ) -> Result<(Option<ProvidersLabel>, usize)> {
        let mut missing = None;
        let mut satisfied = 0;
        for label in self.labels_for(wanted, configuration)? {
            if self.has(configuration, &self.setting(&label)?, &label)? {
                satisfied += 1;
            } else {
                missing = missing.or(Some(label));
            }
        }
        Ok((missing, satisfied))
    }

    /// Why a target can't be built for a configuration, if so.
    pub(crate) fn incompatibility(
        &self,
        target: &Target,
        configuration: &Configuration,
    ) -> Result<Option<String>> {
        let why = |label: &ProvidersLabel| {
            Some(format!(
                "{} is incompatible with `{configuration}`: `{label}` is not satisfied",
                target.label
            ))
        };
        let (missing, _) = self.unsatisfied(&target.compatibility.all, configuration)?;
        if let Some(label) = missing {
            return Ok(why(&label));
        }
        let (missing, satisfied) = self.unsatisfied(&target.compatibility.any, configuration)?;
        Ok(missing.filter(|_| satisfied == 0).as_ref().and_then(why))
    }

    /// The platform that a target's actions run on and its tools are built for.
    pub(crate) fn execution_of(
        &self,
        target: &Target,
        configuration: &Arc<Configuration>,
    ) -> Result<Arc<Configuration>> {
        let platforms = self.execution_platforms()?;
        if platforms.is_empty() {
            return Ok(configuration.clone());
        }
        let mut skipped = Vec::new();
        for platform in &platforms {
            match self.unfit(target, configuration, platform)? {
                None => return Ok(platform.clone()),
                Some(reason) => skipped.push(format!("`{platform}` because {reason}")),
            }
        }
        Err(Error::message(format!(
            "{}: no compatible execution platform; skipped {}",
            target.label,
            skipped.join("; ")
        )))
    }

    /// Why a target's actions can't run on a platform, if so.
    fn unfit(
        &self,
        target: &Target,
        configuration: &Arc<Configuration>,
        platform: &Arc<Configuration>,
    ) -> Result<Option<String>> {
        let (missing, _) = self.unsatisfied(&target.compatibility.execution, platform)?;
        if let Some(label) = missing {
            return Ok(Some(format!("`exec_compatible_with` asks for `{label}`")));
        }
        let mut tools = Vec::new();
        for (_, coerced) in &target.attrs {
            self.tools(coerced, configuration, &mut tools)?;
        }
        for (kind, label) in tools {
            let tool = self.target(&label.target)?;
            let reason = match kind {
                DepKind::Exec => self.incompatibility(&tool, platform)?,
                _ => self.unfit(&tool, configuration, platform)?,
            };
            if reason.is_some() {
                return Ok(reason);
            }
        }
        Ok(None)
    }

    /// The exec and toolchain dependencies in an attribute, its `select()`s decided.
    fn tools(
        &self,
        coerced: &Coerced,
        configuration: &Configuration,
        into: &mut Vec<(DepKind, ProvidersLabel)>,
    ) -> Result<()> {
        match coerced {
            Coerced::Dep(label, kind @ (DepKind::Exec | DepKind::Toolchain), _) => {
                into.push((*kind, label.clone()));
                Ok(())
            }
            Coerced::Arg(parts) => {
                let deps = parts.iter().filter_map(Part::dep);
                let tools = deps.filter(|(_, kind)| *kind == DepKind::Exec);
                into.extend(tools.map(|(label, kind)| (kind, label.clone())));
                Ok(())
            }
            Coerced::Select(branches) => {
                self.tools(self.branch(branches, configuration)?, configuration, into)
            }
            _ => {
                let mut inner = coerced.inner().into_iter();
                inner.try_for_each(|inner| self.tools(inner, configuration, into))
            }
        }
    }
}

/// The constraints of a ConfigurationInfo.
fn constraints(info: &ProviderInstance<'_>) -> starlark::Result<Constraints> {
    let dict = info.field("constraints").and_then(DictRef::from_value);
    let mut read = Constraints::new();
    for (setting, value) in dict.iter().flat_map(|dict| dict.iter()) {
        let value = ProviderInstance::from_value(value)
            .filter(|value| value.definition.id == BUILTIN.constraint_value_info.0.id)
            .and_then(|value| value.field("label"));
        match (
            RawTarget::from_value(setting),
            value.and_then(RawTarget::from_value),
        ) {
            (Some(setting), Some(value)) => read.insert(setting.0.clone(), value.0.clone()),
            _ => {
                return raise(format!(
                    "ConfigurationInfo: `constraints` holds labels of settings to ConstraintValueInfo, got `{setting}`"
                ));
            }
        };
    }
    Ok(read)
}

fn execution_platform(value: Value<'_>) -> starlark::Result<Arc<Configuration>> {
    let info = ProviderInstance::from_value(value)
        .filter(|info| info.definition.id == BUILTIN.execution_platform_info.0.id);
    let name = info.and_then(|info| info.field("label"));
    let configuration = info
        .and_then(|info| info.field("configuration"))
        .and_then(ProviderInstance::from_value);
    match (name, configuration) {
        (Some(name), Some(configuration)) => Ok(Arc::new(Configuration {
            name: name.to_str(),
            constraints: Some(constraints(configuration)?),
        })),
        _ => raise(format!(
            "`platforms` holds ExecutionPlatformInfo, got `{value}`"
        )),
    }
}
