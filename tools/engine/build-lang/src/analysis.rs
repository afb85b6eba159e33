//! Analysis: running rules' implementations, dependencies first.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use build_graph::{Artifact as GraphArtifact, TargetLabel};
use starlark::environment::{FrozenModule, Module};
use starlark::eval::Evaluator;
use starlark::values::dict::{AllocDict, DictRef};
use starlark::values::list::{AllocList, ListRef};
use starlark::values::structs::AllocStruct;
use starlark::values::tuple::AllocTuple;
use starlark::values::{Heap, OwnedFrozenValue, Value};

use crate::artifact::Artifact;
use crate::attrs::{AttrType, Coerced, DepKind, SelectKey};
use crate::cells::join;
use crate::cmd_args::{Artifacts, CommandLine};
use crate::configuration::{Configuration, Configured};
use crate::context::{
    AnalysisActions, AnalysisContext, AnalysisScope, Dependency, sub_target_providers,
};
use crate::error::raise;
use crate::label::{Label, ProvidersLabel};
use crate::macros::{Argument, Part};
use crate::package::Scope;
use crate::project::{Project, Requested};
use crate::provider::{self, BUILTIN, ProviderInstance};
use crate::rule::{Rule, RuleKind, Target};
use crate::{Error, Result};

/// What analysis of a target gave.
#[derive(Debug)]
pub(crate) struct Analysis {
    /// A list of provider instances.
    providers: OwnedFrozenValue,
    /// Keeps the values alive.
    _module: FrozenModule,
}

/// What there is to build, run or test of a requested target.
#[derive(Debug, Clone, Default)]
pub struct TargetOutputs {
    /// What `build` makes and `--show-output` shows.
    pub default: Vec<GraphArtifact>,
    /// What `build` makes besides.
    pub other: Vec<GraphArtifact>,
    /// The command of `run`; its paths are absolute, since it starts in the caller's folder.
    pub run: Option<Command>,
    /// The test, if the target is one.
    pub test: Option<TestSpec>,
    /// The names of its sub-targets.
    pub sub_targets: Vec<String>,
}

/// A command and what has to be built before it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Variables set for it.
    pub env: Vec<(String, String)>,
    /// What it reads.
    pub inputs: Vec<GraphArtifact>,
}

/// A test, from `ExternalRunnerTestInfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestSpec {
    /// What runs it; its paths stand below the project root.
    pub command: Command,
    /// Its labels, for `--include` and `--exclude`.
    pub labels: Vec<String>,
}

impl Project {
    /// Analyses a target, and what it depends on; its actions join the graph.
    pub fn outputs(&self, requested: &Requested) -> Result<TargetOutputs> {
        let label = requested.providers_label();
        let configured = Configured {
            target: label.target.clone(),
            configuration: self.configuration_of(&*self.target(&label.target)?)?,
            execution: None,
        };
        let analysis = self.analyse(&configured)?;
        Module::with_temp_heap(|module| {
            let providers = self.providers_of(label, &analysis, module.heap())?;
            read_outputs(providers, &self.root_prefix())
        })
        .map_err(|error: starlark::Error| Error::from(error).context(format!("in target {label}")))
    }

    fn root_prefix(&self) -> String {
        format!("{}/", self.cells().root.display())
    }

    pub(crate) fn providers_of<'v>(
        &self,
        label: &ProvidersLabel,
        analysis: &Analysis,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        let mut providers = heap.access_owned_frozen_value(&analysis.providers);
        let mut reached = ProvidersLabel::of(label.target.clone());
        for name in &label.sub_targets {
            providers = sub_target_providers(providers, &reached, name)?;
            reached.sub_targets.push(name.clone());
        }
        Ok(providers)
    }

    pub(crate) fn analyse(&self, configured: &Configured) -> Result<Rc<Analysis>> {
        if let Some(found) = self.analyses.borrow().get(configured) {
            return Ok(found.clone());
        }
        self.refuse_cycle(configured)?;
        let target = self.target(&configured.target)?;
        self.analysing.borrow_mut().push(configured.clone());
        let analysis = self.run_compatible(&target, configured);
        self.analysing.borrow_mut().pop();
        let analysis = Rc::new(analysis.map_err(|error| {
            error.context(format!(
                "in target {}, declared at {}",
                target.label, target.place
            ))
        })?);
        self.analyses
            .borrow_mut()
            .insert(configured.clone(), analysis.clone());
        Ok(analysis)
    }

    /// A target that is being analysed is needed by something that it needs.
    fn refuse_cycle(&self, configured: &Configured) -> Result<()> {
        let open = self.analysing.borrow();
        let Some(start) = open.iter().position(|open| open == configured) else {
            return Ok(());
        };
        let cycle: Vec<String> = open[start..]
            .iter()
            .chain([configured])
            .map(|configured| configured.target.to_string())
            .collect();
        Err(Error::message(format!(
            "dependency cycle: {}; a target can't need itself",
            cycle.join(" -> ")
        )))
    }

    fn run_compatible(&self, target: &Target, configured: &Configured) -> Result<Analysis> {
        match self.incompatibility(target, &configured.configuration)? {
            Some(reason) => Err(Error::message(reason)),
            None => self.run_implementation(target, configured),
        }
    }

    /// The folder in `buck-out` between cell and package: none for the one platform that most
    /// projects have.
    fn output_folder(&self, configured: &Configured) -> Result<Option<String>> {
        let mut primary = self.is_primary(&configured.configuration)?;
        if let Some(execution) = &configured.execution {
            primary &= self.is_primary(execution)?;
        }
        Ok((!primary).then(|| configured.folder()))
    }

    fn run_implementation(&self, target: &Target, configured: &Configured) -> Result<Analysis> {
        let rule_name = target.rule.name.get().map_or("", String::as_str);
        let rule_module = self.module(&target.rule.file)?;
        let (rule, _) = rule_module
            .get_any_visibility(rule_name)
            .map_err(|error| Error::message(error.to_string()))?;
        let scope = Scope::Analysis(AnalysisScope::new(
            self.cells(),
            Label::new(ProvidersLabel::of(target.label.clone()), self.cells()),
            self.output_folder(configured)?,
            &self.graph,
        ));
        let frozen = Module::with_temp_heap(|module| -> starlark::Result<FrozenModule> {
            let heap = module.heap();
            let Some(rule) = Rule::from_value(heap.access_owned_frozen_value(&rule)) else {
                return raise(format!(
                    "`{rule_name}` of {} is no rule any more",
                    target.rule.file
                ));
            };
            let context = self.context(target, configured, heap)?;
            let providers = {
                let mut eval = Evaluator::new(&module);
                eval.extra = Some(&scope);
                eval.eval_function(rule.implementation, &[context], &[])?
            };
            check_result(providers, &target.label)?;
            module.set_extra_value(providers);
            module
                .freeze()
                .map_err(|error| starlark::Error::new_other(anyhow::anyhow!("{error:?}")))
        })?;
        if let Scope::Analysis(scope) = &scope
            && let Some(file) = scope.unbound()
        {
            return Err(Error::message(format!(
                "artifact must be bound by now: the output `{}` was declared, but no action makes it",
                file.short_path
            )));
        }
        let providers = frozen
            .owned_extra_value()
            .ok_or_else(|| Error::message("the rule gave no providers"))?;
        Ok(Analysis {
            providers,
            _module: frozen,
        })
    }

    fn context<'v>(
        &self,
        target: &Target,
        configured: &Configured,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        let resolver = Resolver {
            project: self,
            target,
            configured,
            execution: OnceCell::new(),
            heap,
        };
        if target.compatibility.execution != Coerced::List(Vec::new()) {
            resolver.execution()?;
        }
        let mut fields: Vec<(String, Value<'v>)> = vec![
            ("name".to_owned(), heap.alloc(&*target.label.name)),
            (
                "visibility".to_owned(),
                heap.alloc(target.visibility.texts()),
            ),
            (
                "within_view".to_owned(),
                heap.alloc(target.within_view.texts()),
            ),
        ];
        for (name, coerced) in &target.attrs {
            let ty = target.rule.attrs.get(name).map(|spec| &spec.ty);
            let value = match ty {
                Some(ty) => resolver.value(ty, coerced),
                None => continue,
            };
            let value = value.map_err(|error| {
                starlark::Error::from(Error::from(error).context(format!("attribute `{name}`")))
            })?;
            fields.push((name.clone(), value));
        }
        Ok(heap.alloc(AnalysisContext {
            attrs: heap.alloc(AllocStruct(fields)),
            actions: heap.alloc(AnalysisActions),
            label: heap.alloc(Label::new(
                ProvidersLabel::of(target.label.clone()),
                self.cells(),
            )),
        }))
    }
}

/// Makes the values of a target's attributes.
struct Resolver<'a, 'v> {
    project: &'a Project,
    target: &'a Target,
    configured: &'a Configured,
    /// What its tools are built for, once one is needed.
    execution: OnceCell<Arc<Configuration>>,
    heap: Heap<'v>,
}

impl<'v> Resolver<'_, 'v> {
    fn execution(&self) -> Result<Arc<Configuration>> {
        if let Some(found) = self.execution.get().or(self.configured.execution.as_ref()) {
            return Ok(found.clone());
        }
        let configuration = &self.configured.configuration;
        let found = self.project.execution_of(self.target, configuration)?;
        Ok(self.execution.get_or_init(|| found).clone())
    }

    /// A dependency with what it is built for.
    fn configure(&self, label: &TargetLabel, kind: DepKind) -> Result<Configured> {
        let (configuration, execution) = match (self.project.target(label)?.rule.kind, kind) {
            (RuleKind::Configuration, _) => (Arc::new(Configuration::unbound()), None),
            (_, DepKind::Exec) => (self.execution()?, None),
            (_, DepKind::Toolchain) => (
                self.configured.configuration.clone(),
                Some(self.execution()?),
            ),
            _ => (self.configured.configuration.clone(), None),
        };
        Ok(Configured {
            target: label.clone(),
            configuration,
            execution,
        })
    }

    fn value(&self, ty: &AttrType, coerced: &Coerced) -> starlark::Result<Value<'v>> {
        let heap = self.heap;
        Ok(match (ty, coerced) {
            (_, Coerced::Select(branches)) => return self.value(ty, self.select(branches)?),
            (_, Coerced::Sum(left, right)) => {
                let (left, right) = (self.value(ty, left)?, self.value(ty, right)?);
                return left.add(right, heap);
            }
            (AttrType::Option(inner), coerced) if *coerced != Coerced::None => {
                return self.value(inner, coerced);
            }
            (AttrType::DefaultOnly(inner), coerced) => return self.value(inner, coerced),
            (AttrType::OneOf(types), coerced) => {
                let ty = types
                    .iter()
                    .find(|ty| fits(ty, coerced))
                    .unwrap_or(&AttrType::Any);
                return self.value(ty, coerced);
            }
            (AttrType::Dep { .. }, Coerced::Dep(label, kind, wanted)) => {
                return self.dependency(*kind, label, wanted);
            }
            (AttrType::List(inner), Coerced::List(items))
                if matches!(**inner, AttrType::Source { .. }) =>
            {
                let mut values = Vec::new();
                for item in items {
                    match item {
                        Coerced::SourceTarget(label) => values.extend(self.target_files(label)?),
                        item => values.push(self.value(inner, item)?),
                    }
                }
                heap.alloc(AllocList(values))
            }
            (AttrType::List(inner), Coerced::List(items)) => {
                let values = items
                    .iter()
                    .map(|item| self.value(inner, item))
                    .collect::<starlark::Result<Vec<_>>>()?;
                heap.alloc(AllocList(values))
            }
            (AttrType::Tuple(types), Coerced::Tuple(items)) => {
                let values = types
                    .iter()
                    .zip(items)
                    .map(|(ty, item)| self.value(ty, item));
                heap.alloc(AllocTuple(values.collect::<starlark::Result<Vec<_>>>()?))
            }
            (
                AttrType::Dict {
                    key, value: inner, ..
                },
                Coerced::Dict(entries),
            ) => {
                let entries = entries
                    .iter()
                    .map(|(k, v)| Ok((self.value(key, k)?, self.value(inner, v)?)));
                heap.alloc(AllocDict(entries.collect::<starlark::Result<Vec<_>>>()?))
            }
            (_, Coerced::Arg(parts)) => heap.alloc(self.argument(parts)?),
            (_, Coerced::SourceTarget(label)) => {
                let files = self.target_files(label)?;
                match files.as_slice() {
                    [file] => *file,
                    files => {
                        return raise(format!(
                            "`{label}` stands for one file here, but has {} default outputs",
                            files.len()
                        ));
                    }
                }
            }
            (_, Coerced::Source(path)) => heap.alloc(self.source(path)),
            (_, coerced) => return self.plain(coerced),
        })
    }

    fn source(&self, path: &str) -> Artifact {
        let label = &self.target.label;
        let cells = self.project.cells();
        let project_path = cells.project_path(&label.cell, &join(&label.package, path));
        Artifact::source(project_path, path)
    }

    /// A text with its macros replaced.
    fn argument(&self, parts: &[Part]) -> starlark::Result<Argument> {
        let mut line = CommandLine::argument();
        for part in parts {
            match part {
                Part::Text(text) => line.text(text),
                Part::Source(path) => {
                    line.append(CommandLine::of(self.heap.alloc(self.source(path)))?)
                }
                Part::Location(label) => {
                    let mut files = CommandLine::joined(" ");
                    for file in self.target_files(label)? {
                        files.append(CommandLine::of(file)?);
                    }
                    line.append(files);
                }
                Part::Command(label, kind) => {
                    let providers = self.providers(label, *kind)?;
                    let info = provider::find(providers, BUILTIN.run_info.0.id);
                    let Some(info) = info else {
                        return raise(format!("{label} has no RunInfo, which `{part}` needs"));
                    };
                    let mut command = CommandLine::joined(" ");
                    command.append(CommandLine::of(info)?);
                    line.append(command);
                }
                Part::Unknown(_) => {
                    return raise(format!(
                        "there is no macro `{part}`; there are: $(location //a:b), $(exe //a:b), $(exe_target //a:b), $(source file)"
                    ));
                }
            }
        }
        let shown = parts.iter().map(ToString::to_string).collect();
        Ok(Argument(Arc::new(line), shown))
    }

    /// A value of `attrs.any()` and of the simple types.
    fn plain(&self, coerced: &Coerced) -> starlark::Result<Value<'v>> {
        let heap = self.heap;
        Ok(match coerced {
            Coerced::Bool(bool) => Value::new_bool(*bool),
            Coerced::Int(int) => heap.alloc(*int),
            Coerced::String(text) => heap.alloc(text.as_str()),
            Coerced::Label(label) => heap.alloc(Label::new(label.clone(), self.project.cells())),
            Coerced::List(items) => heap.alloc(AllocList(
                items
                    .iter()
                    .map(|item| self.plain(item))
                    .collect::<starlark::Result<Vec<_>>>()?,
            )),
            Coerced::Tuple(items) => heap.alloc(AllocTuple(
                items
                    .iter()
                    .map(|item| self.plain(item))
                    .collect::<starlark::Result<Vec<_>>>()?,
            )),
            Coerced::Dict(entries) => {
                let entries = entries
                    .iter()
                    .map(|(k, v)| Ok((self.plain(k)?, self.plain(v)?)));
                heap.alloc(AllocDict(entries.collect::<starlark::Result<Vec<_>>>()?))
            }
            Coerced::Select(branches) => return self.plain(self.select(branches)?),
            _ => Value::new_none(),
        })
    }

    fn select<'c>(&self, branches: &'c [(SelectKey, Coerced)]) -> starlark::Result<&'c Coerced> {
        Ok(self
            .project
            .branch(branches, &self.configured.configuration)?)
    }

    fn providers(&self, label: &ProvidersLabel, kind: DepKind) -> starlark::Result<Value<'v>> {
        let declared = self.project.target(&label.target)?;
        if !declared
            .visibility
            .allows(&label.target, &self.target.label)
        {
            return raise(format!(
                "{label} is not visible to {}: its `visibility` (at {}) or its PACKAGE file does not name it",
                self.target.label, declared.place
            ));
        }
        let analysis = self
            .project
            .analyse(&self.configure(&label.target, kind)?)?;
        self.project.providers_of(label, &analysis, self.heap)
    }

    fn dependency(
        &self,
        kind: DepKind,
        label: &ProvidersLabel,
        wanted: &[(provider::ProviderId, String)],
    ) -> starlark::Result<Value<'v>> {
        let rule_kind = self.project.target(&label.target)?.rule.kind;
        match (kind, rule_kind) {
            (DepKind::Toolchain, RuleKind::Toolchain) => {}
            (DepKind::Toolchain, _) => {
                return raise(format!(
                    "{label} is no toolchain; `attrs.toolchain_dep` takes targets of toolchain rules"
                ));
            }
            (_, RuleKind::Toolchain) => {
                return raise(format!(
                    "{label} is a toolchain; it is depended on by `attrs.toolchain_dep`"
                ));
            }
            _ => {}
        }
        let providers = self.providers(label, kind)?;
        for (id, name) in wanted {
            if provider::find(providers, *id).is_none() {
                return raise(format!(
                    "{label} has no {name}, which is needed here; it has: {}",
                    provider::names(providers)
                ));
            }
        }
        Ok(self.heap.alloc(Dependency {
            label: Arc::new(Label::new(label.clone(), self.project.cells())),
            providers,
        }))
    }

    fn target_files(&self, label: &ProvidersLabel) -> starlark::Result<Vec<Value<'v>>> {
        let providers = self.providers(label, DepKind::Target)?;
        let info = provider::find(providers, BUILTIN.default_info.0.id)
            .and_then(ProviderInstance::from_value);
        let outputs = info
            .and_then(|info| info.field("default_outputs"))
            .and_then(ListRef::from_value);
        Ok(outputs
            .map(|outputs| outputs.content().to_vec())
            .unwrap_or_default())
    }
}

/// Whether a value was coerced by this type of a `one_of`.
fn fits(ty: &AttrType, coerced: &Coerced) -> bool {
    match (ty, coerced) {
        (AttrType::String | AttrType::Enum(_) | AttrType::Regex, Coerced::String(_))
        | (AttrType::Arg, Coerced::Arg(_))
        | (AttrType::Int, Coerced::Int(_))
        | (AttrType::Bool, Coerced::Bool(_))
        | (AttrType::Label, Coerced::Label(_))
        | (AttrType::Source { .. }, Coerced::Source(_) | Coerced::SourceTarget(_))
        | (AttrType::Dep { .. }, Coerced::Dep(..))
        | (AttrType::Option(_), Coerced::None) => true,
        (AttrType::List(inner), Coerced::List(items)) => items.iter().all(|item| fits(inner, item)),
        (AttrType::Tuple(types), Coerced::Tuple(items)) => {
            types.len() == items.len() && types.iter().zip(items).all(|(ty, item)| fits(ty, item))
        }
        (
            AttrType::Dict {
                key, value: inner, ..
            },
            Coerced::Dict(entries),
        ) => entries.iter().all(|(k, v)| fits(key, k) && fits(inner, v)),
        (AttrType::Option(inner), coerced) => fits(inner, coerced),
        (AttrType::OneOf(types), coerced) => types.iter().any(|ty| fits(ty, coerced)),
        (AttrType::Any, _) => true,
        _ => false,
    }
}

fn check_result(providers: Value<'_>, label: &TargetLabel) -> starlark::Result<()> {
    let Some(list) = ListRef::from_value(providers) else {
        return raise(format!(
            "the rule of {label} has to return a list of providers, got `{}`",
            providers.get_type()
        ));
    };
    let mut seen = Vec::new();
    for item in list.iter() {
        let Some(instance) = ProviderInstance::from_value(item) else {
            return raise(format!(
                "the rule of {label} has to return a list of providers; `{item}` is none"
            ));
        };
        if seen.contains(&instance.definition.id) {
            return raise(format!(
                "the rule of {label} returns two `{}`",
                instance.definition.name()
            ));
        }
        seen.push(instance.definition.id);
    }
    if !seen.contains(&BUILTIN.default_info.0.id) {
        return raise(format!("the rule of {label} has to return a DefaultInfo"));
    }
    Ok(())
}

fn read_outputs(providers: Value<'_>, root: &str) -> starlark::Result<TargetOutputs> {
    let mut outputs = TargetOutputs::default();
    if let Some(info) =
        provider::find(providers, BUILTIN.default_info.0.id).and_then(ProviderInstance::from_value)
    {
        outputs.default = artifacts(info.field("default_outputs"))?;
        outputs.other = artifacts(info.field("other_outputs"))?;
        let names = info.field("sub_targets").and_then(DictRef::from_value);
        outputs.sub_targets = names
            .iter()
            .flat_map(|dict| dict.keys())
            .filter_map(|name| name.unpack_str().map(str::to_owned))
            .collect();
    }
    if let Some(info) =
        provider::find(providers, BUILTIN.run_info.0.id).and_then(ProviderInstance::from_value)
        && let Some(args) = info.field("args")
    {
        outputs.run = Some(command(args, None, root)?);
    }
    if let Some(info) =
        provider::find(providers, BUILTIN.test_info.0.id).and_then(ProviderInstance::from_value)
    {
        let given = |name: &str| info.field(name).filter(|value| !value.is_none());
        let Some(args) = given("command") else {
            return raise("ExternalRunnerTestInfo has no `command`");
        };
        let labels = given("labels")
            .map(|labels| crate::rule::strings("labels", labels))
            .transpose()?;
        outputs.test = Some(TestSpec {
            command: command(args, given("env"), "")?,
            labels: labels.unwrap_or_default(),
        });
    }
    Ok(outputs)
}

fn artifacts(list: Option<Value<'_>>) -> starlark::Result<Vec<GraphArtifact>> {
    let Some(list) = list.and_then(ListRef::from_value) else {
        return Ok(Vec::new());
    };
    let mut found = Artifacts::default();
    for item in list.iter() {
        CommandLine::of(item)?.artifacts(&mut found)?;
    }
    Ok(found.inputs)
}

fn command(args: Value<'_>, env: Option<Value<'_>>, root: &str) -> starlark::Result<Command> {
    let mut found = Artifacts::default();
    let line = CommandLine::of(args)?;
    line.artifacts(&mut found)?;
    let mut variables = Vec::new();
    if let Some(env) = env
        && DictRef::from_value(env).is_none()
    {
        return raise(format!(
            "ExternalRunnerTestInfo: `env` takes a dict, got `{env}`"
        ));
    }
    for (name, value) in env
        .and_then(DictRef::from_value)
        .iter()
        .flat_map(|dict| dict.iter())
    {
        let value = CommandLine::of(value)?;
        value.artifacts(&mut found)?;
        variables.push((
            name.unpack_str().unwrap_or_default().to_owned(),
            value.render()?.join(" "),
        ));
    }
    Ok(Command {
        argv: line.render_below(root)?,
        env: variables,
        inputs: found.inputs,
    })
}
