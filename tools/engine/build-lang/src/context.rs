//! `ctx`, `ctx.actions` and `Dependency`: what a rule's implementation is given.
#![allow(
    clippy::too_many_arguments,
    unused_variables,
    reason = "arguments that only matter to remote execution; `#[starlark_module]` keeps no attribute"
)]

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt::{self, Display};
use std::sync::{Arc, OnceLock};

use allocative::Allocative;
use build_graph::{
    Action, ActionGraph, ActionId, ActionKind, Artifact as Input, OutputKind, RunAction,
};
use starlark::any::ProvidesStaticType;
use starlark::coerce::Coerce;
use starlark::environment::{Methods, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::values::dict::UnpackDictEntries;
use starlark::values::none::{NoneOr, NoneType};
use starlark::values::structs::StructRef;
use starlark::values::{
    Freeze, Heap, NoSerialize, StarlarkPagablePanic, StarlarkValue, Trace, Value,
    ValueLifetimeless, ValueLike, ValueOfUnchecked, starlark_value,
};
use starlark::{starlark_complex_value, starlark_module, starlark_simple_value};

use crate::artifact::{Artifact, Declared, File, OutputArtifact, check_path};
use crate::cells::{Cells, join};
use crate::cmd_args::{Artifacts, CommandLine};
use crate::error::raise;
use crate::label::{Label, ProvidersLabel};
use crate::package::Scope;
use crate::provider::{self, BUILTIN, ProviderCollection, ProviderInstance};

/// The analysis of one target.
#[derive(Debug)]
pub(crate) struct AnalysisScope<'a> {
    pub cells: &'a Cells,
    pub label: Label,
    /// The folder of its configuration, in `buck-out`.
    pub folder: Option<String>,
    pub graph: &'a RefCell<ActionGraph>,
    pub declared: RefCell<Vec<Arc<File>>>,
    pub categories: RefCell<HashSet<(String, Option<String>)>>,
}

impl<'a> AnalysisScope<'a> {
    pub fn new(
        cells: &'a Cells,
        label: Label,
        folder: Option<String>,
        graph: &'a RefCell<ActionGraph>,
    ) -> AnalysisScope<'a> {
        AnalysisScope {
            cells,
            label,
            folder,
            graph,
            declared: RefCell::default(),
            categories: RefCell::default(),
        }
    }

    /// An output that was declared and that no action makes.
    pub fn unbound(&self) -> Option<Arc<File>> {
        let declared = self.declared.borrow();
        let unbound = |file: &&Arc<File>| {
            file.declared
                .as_ref()
                .is_some_and(|declared| declared.bound.get().is_none())
        };
        declared.iter().find(unbound).cloned()
    }

    fn declare(&self, short_path: &str, kind: OutputKind) -> starlark::Result<Artifact> {
        check_path(short_path)?;
        let within =
            |outer: &str, inner: &str| inner == outer || inner.starts_with(&format!("{outer}/"));
        let mut declared = self.declared.borrow_mut();
        if let Some(other) = declared.iter().find(|other| {
            within(&other.short_path, short_path) || within(short_path, &other.short_path)
        }) {
            return raise(format!(
                "output `{short_path}` conflicts with the output `{}` of the same target",
                other.short_path
            ));
        }
        let target = &self.label.0.target;
        let own = join(&target.package, &format!("__{}__", target.name));
        let below = self
            .folder
            .as_deref()
            .map_or(own.clone(), |folder| join(folder, &own));
        let folder = format!("buck-out/v2/art/{}/{below}", target.cell);
        let file = Arc::new(File {
            path: format!("{folder}/{short_path}").into(),
            short_path: short_path.to_owned(),
            declared: Some(Declared {
                owner: self.label.clone(),
                kind,
                bound: Arc::new(OnceLock::new()),
            }),
            within: None,
        });
        declared.push(file.clone());
        Ok(Artifact(file, None))
    }

    /// An output argument: a name to declare, or an artifact that was declared.
    fn output(&self, value: Value<'_>, kind: OutputKind) -> starlark::Result<Artifact> {
        if let Some(name) = value.unpack_str() {
            self.declare(name, kind)
        } else if let Some(artifact) = Artifact::from_value(value) {
            Ok(artifact.clone())
        } else if let Some(output) = OutputArtifact::from_value(value) {
            Ok(Artifact(output.0.clone(), None))
        } else {
            raise(format!(
                "an output is a name or a declared artifact, got `{}` (value was `{value}`)",
                value.get_type()
            ))
        }
    }

    /// An action that writes a text that is known now.
    fn write(
        &self,
        category: &str,
        output: Value<'_>,
        text: String,
        executable: bool,
    ) -> starlark::Result<Artifact> {
        let output = self.output(output, OutputKind::File)?;
        let artifacts = Artifacts {
            inputs: Vec::new(),
            outputs: vec![output.0.clone()],
        };
        let kind = ActionKind::Write {
            content: text.into_bytes(),
            executable,
        };
        self.register(category, Some(&output.0.short_path), artifacts, kind)?;
        Ok(output)
    }

    fn register(
        &self,
        category: &str,
        identifier: Option<&str>,
        artifacts: Artifacts,
        kind: ActionKind,
    ) -> starlark::Result<()> {
        let mut graph = self.graph.borrow_mut();
        let id = ActionId(graph.actions.len());
        let mut files = artifacts.outputs;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        if files.is_empty() {
            return raise(format!(
                "the action `{category}` needs at least one output; did you forget `.as_output()`?"
            ));
        }
        if let Some(foreign) = files.iter().find(|file| {
            file.declared
                .as_ref()
                .is_none_or(|declared| declared.owner != self.label)
        }) {
            return raise(format!(
                "the action `{category}` can't make `{}`: it is not an output of {}",
                foreign.path, self.label
            ));
        }
        let outputs = files
            .iter()
            .map(|file| file.bind(id))
            .collect::<starlark::Result<_>>()?;
        let mut inputs = artifacts.inputs;
        inputs.sort_by(|a, b| a.path().cmp(b.path()));
        inputs.dedup();
        graph.actions.push(Action {
            owner: self.label.0.target.clone(),
            category: category.to_owned(),
            identifier: identifier.map(str::to_owned),
            inputs,
            outputs,
            kind,
        });
        Ok(())
    }

    fn check_category(&self, category: &str, identifier: Option<&str>) -> starlark::Result<()> {
        let word = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        let starts = category.starts_with(|c: char| c.is_ascii_lowercase());
        if !(starts && category.split('_').all(word)) {
            return raise(format!(
                "action category `{category}`: lower-case words joined by `_` are wanted, such as `kcl_render`"
            ));
        }
        let key = (category.to_owned(), identifier.map(str::to_owned));
        let mut categories = self.categories.borrow_mut();
        let clash = match identifier {
            None => categories.iter().any(|(other, _)| other == category),
            Some(_) => {
                categories.contains(&key) || categories.contains(&(category.to_owned(), None))
            }
        };
        if clash {
            return raise(format!(
                "two actions of {} have the category `{category}`{}; give each an `identifier` of its own",
                self.label,
                identifier
                    .map(|identifier| format!(" and the identifier `{identifier}`"))
                    .unwrap_or_default()
            ));
        }
        categories.insert(key);
        Ok(())
    }
}

/// `ctx`.
#[derive(
    Debug, Trace, Freeze, Coerce, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative,
)]
#[repr(C)]
pub(crate) struct AnalysisContextGen<V: ValueLifetimeless> {
    pub attrs: V,
    pub actions: V,
    pub label: V,
}
starlark_complex_value!(pub(crate) AnalysisContext);

impl<V: ValueLifetimeless + Display> Display for AnalysisContextGen<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<ctx of {}>", self.label)
    }
}

#[starlark_value(type = "AnalysisContext")]
impl<'v, V: ValueLike<'v>> StarlarkValue<'v> for AnalysisContextGen<V>
where
    Self: ProvidesStaticType<'v>,
{
    type Canonical = FrozenAnalysisContext;

    fn get_methods() -> Option<&'static Methods> {
        Some(CONTEXT_METHODS.methods())
    }
}

starlark::methods_static!(CONTEXT_METHODS = context_methods);

#[starlark_module]
fn context_methods(builder: &mut MethodsBuilder) {
    #[starlark(attribute)]
    fn attrs<'v>(
        this: &AnalysisContext<'v>,
    ) -> starlark::Result<ValueOfUnchecked<'v, StructRef<'v>>> {
        Ok(ValueOfUnchecked::new(this.attrs))
    }

    #[starlark(attribute)]
    fn actions<'v>(
        this: &AnalysisContext<'v>,
    ) -> starlark::Result<ValueOfUnchecked<'v, &'v AnalysisActions>> {
        Ok(ValueOfUnchecked::new(this.actions))
    }

    #[starlark(attribute)]
    fn label<'v>(this: &AnalysisContext<'v>) -> starlark::Result<ValueOfUnchecked<'v, &'v Label>> {
        Ok(ValueOfUnchecked::new(this.label))
    }
}

/// `ctx.actions`.
#[derive(Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct AnalysisActions;
starlark_simple_value!(AnalysisActions);

impl Display for AnalysisActions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<ctx.actions>")
    }
}

#[starlark_value(type = "AnalysisActions")]
impl<'v> StarlarkValue<'v> for AnalysisActions {
    fn get_methods() -> Option<&'static Methods> {
        Some(ACTIONS_METHODS.methods())
    }
}

fn analysis<'x, 'e>(eval: &Evaluator<'_, 'x, 'e>) -> starlark::Result<&'x AnalysisScope<'e>> {
    match Scope::of(eval)? {
        Scope::Analysis(scope) => Ok(scope),
        _ => raise("`ctx.actions` is only available in a rule's implementation"),
    }
}

fn reads(input: Input, output: &Artifact) -> Artifacts {
    Artifacts {
        inputs: vec![input],
        outputs: vec![output.0.clone()],
    }
}

fn copy(
    scope: &AnalysisScope<'_>,
    category: &str,
    dest: Value<'_>,
    src: &Artifact,
    kind: OutputKind,
) -> starlark::Result<Artifact> {
    let input = whole(category, src)?;
    let output = scope.output(dest, kind)?;
    scope.register(
        category,
        Some(&output.0.short_path),
        reads(input.clone(), &output),
        ActionKind::Copy(input),
    )?;
    Ok(output)
}

/// The artifact of the graph, which is no part of another one.
fn whole(category: &str, artifact: &Artifact) -> starlark::Result<Input> {
    if artifact.0.within.is_some() {
        return raise(format!(
            "{category}: `{}` is a part of a folder; the embedded engine takes those in commands only, such as `cp`",
            artifact.0.short_path
        ));
    }
    artifact.0.as_input()
}

/// An action that makes a folder of files and folders at the given paths.
fn folder_of(
    scope: &AnalysisScope<'_>,
    category: &str,
    output: Value<'_>,
    srcs: Vec<(&str, &Artifact)>,
) -> starlark::Result<Artifact> {
    let mut entries: Vec<(String, Input)> = Vec::new();
    for (path, artifact) in srcs {
        check_path(path)?;
        entries.push((path.to_owned(), whole(category, artifact)?));
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    for pair in entries.windows(2) {
        if let [(outer, _), (inner, _)] = pair
            && (inner == outer || inner.starts_with(&format!("{outer}/")))
        {
            return raise(format!(
                "{category}: `{inner}` and `{outer}` can't both be there"
            ));
        }
    }
    let output = scope.output(output, OutputKind::Directory)?;
    let artifacts = Artifacts {
        inputs: entries.iter().map(|(_, input)| input.clone()).collect(),
        outputs: vec![output.0.clone()],
    };
    scope.register(
        category,
        Some(&output.0.short_path),
        artifacts,
        ActionKind::CopiedDir(entries),
    )?;
    Ok(output)
}

fn refuse_absolute(function: &str, absolute: bool) -> starlark::Result<()> {
    match absolute {
        true => raise(format!(
            "{function}: the embedded engine does not support `absolute`: no output may hold a path of one machine"
        )),
        false => Ok(()),
    }
}

/// What `write_json(…, with_inputs = True)` gives: the file, for command lines only.
#[derive(Debug, Clone, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct JsonArgument(pub Artifact);
starlark_simple_value!(JsonArgument);

impl Display for JsonArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, f)
    }
}

#[starlark_value(type = "WriteJsonCliArgs")]
impl<'v> StarlarkValue<'v> for JsonArgument {}

starlark::methods_static!(ACTIONS_METHODS = actions_methods);

#[starlark_module]
fn actions_methods(builder: &mut MethodsBuilder) {
    fn declare_output<'v>(
        this: &AnalysisActions,
        #[starlark(require = pos)] prefix: &str,
        #[starlark(require = pos)] filename: Option<&str>,
        #[starlark(require = named, default = false)] dir: bool,
        #[starlark(require = named, default = NoneOr::None)] has_content_based_path: NoneOr<bool>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Artifact> {
        let short_path = filename.map_or_else(|| prefix.to_owned(), |name| join(prefix, name));
        let kind = if dir {
            OutputKind::Directory
        } else {
            OutputKind::File
        };
        analysis(eval)?.declare(&short_path, kind)
    }

    /// With `with_inputs`, what the content names comes along with the file; with `allow_args`, the
    /// files that its macros write come second.
    fn write<'v>(
        this: &AnalysisActions,
        #[starlark(require = pos)] output: Value<'v>,
        #[starlark(require = pos)] content: Value<'v>,
        #[starlark(require = named, default = false)] is_executable: bool,
        #[starlark(require = named, default = false)] allow_args: bool,
        #[starlark(require = named, default = false)] with_inputs: bool,
        #[starlark(require = named, default = false)] absolute: bool,
        #[starlark(require = named, default = NoneOr::None)] has_content_based_path: NoneOr<bool>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        refuse_absolute("write", absolute)?;
        let scope = analysis(eval)?;
        let line = CommandLine::of(content)?;
        if !allow_args && line.has_argument() {
            return raise(
                "write: the content holds a value of `attrs.arg()`; say `allow_args = True`, which gives the file and those that its macros write",
            );
        }
        let text = line.render()?.join("\n");
        let mut written = scope.write("write", output, text, is_executable)?;
        if with_inputs {
            written.1 = Some(crate::cmd_args::association(content)?);
        }
        let heap = eval.heap();
        Ok(match allow_args {
            true => heap.alloc((written, Vec::<Value<'v>>::new())),
            false => heap.alloc(written),
        })
    }

    /// With `with_inputs`, what the content names comes along with the file.
    fn write_json<'v>(
        this: &AnalysisActions,
        #[starlark(require = pos)] output: Value<'v>,
        #[starlark(require = pos)] content: Value<'v>,
        #[starlark(require = named, default = false)] with_inputs: bool,
        #[starlark(require = named, default = false)] pretty: bool,
        #[starlark(require = named, default = false)] absolute: bool,
        #[starlark(require = named, default = NoneOr::None)] has_content_based_path: NoneOr<bool>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        refuse_absolute("write_json", absolute)?;
        let scope = analysis(eval)?;
        let json = crate::json::to_json(content)?;
        let text = if pretty {
            serde_json::to_string_pretty(&json).map(|text| text + "\n")
        } else {
            serde_json::to_string(&json)
        };
        let text = text.or_else(|error| raise(format!("write_json: {error}")))?;
        let written = scope.write("write_json", output, text, false)?;
        let heap = eval.heap();
        Ok(match with_inputs {
            true => heap.alloc(JsonArgument(Artifact(
                written.0,
                Some(crate::json::association(content)?),
            ))),
            false => heap.alloc(written),
        })
    }

    fn copy_file<'v>(
        this: &AnalysisActions,
        #[starlark(require = pos)] dest: Value<'v>,
        #[starlark(require = pos)] src: &'v Artifact,
        #[starlark(require = named, default = NoneOr::None)] has_content_based_path: NoneOr<bool>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Artifact> {
        copy(analysis(eval)?, "copy_file", dest, src, OutputKind::File)
    }

    fn copy_dir<'v>(
        this: &AnalysisActions,
        #[starlark(require = pos)] dest: Value<'v>,
        #[starlark(require = pos)] src: &'v Artifact,
        #[starlark(require = named, default = NoneOr::None)] has_content_based_path: NoneOr<bool>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Artifact> {
        copy(
            analysis(eval)?,
            "copy_dir",
            dest,
            src,
            OutputKind::Directory,
        )
    }

    fn copied_dir<'v>(
        this: &AnalysisActions,
        #[starlark(require = pos)] output: Value<'v>,
        #[starlark(require = pos)] srcs: UnpackDictEntries<&'v str, &'v Artifact>,
        #[starlark(require = named, default = NoneOr::None)] has_content_based_path: NoneOr<bool>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Artifact> {
        folder_of(analysis(eval)?, "copied_dir", output, srcs.entries)
    }

    /// A folder of copies: what it links to would not be there in a sandbox.
    fn symlinked_dir<'v>(
        this: &AnalysisActions,
        #[starlark(require = pos)] output: Value<'v>,
        #[starlark(require = pos)] srcs: UnpackDictEntries<&'v str, &'v Artifact>,
        #[starlark(require = named, default = NoneOr::None)] has_content_based_path: NoneOr<bool>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Artifact> {
        folder_of(analysis(eval)?, "symlinked_dir", output, srcs.entries)
    }

    /// A copy: what it links to would not be there in a sandbox.
    fn symlink_file<'v>(
        this: &AnalysisActions,
        #[starlark(require = pos)] dest: Value<'v>,
        #[starlark(require = pos)] src: &'v Artifact,
        #[starlark(require = named, default = NoneOr::None)] has_content_based_path: NoneOr<bool>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Artifact> {
        copy(analysis(eval)?, "symlink_file", dest, src, OutputKind::File)
    }

    fn run<'v>(
        this: &AnalysisActions,
        #[starlark(require = pos)] arguments: Value<'v>,
        #[starlark(require = named)] category: &str,
        #[starlark(require = named, default = NoneOr::None)] identifier: NoneOr<&str>,
        #[starlark(require = named)] env: Option<UnpackDictEntries<&'v str, Value<'v>>>,
        #[starlark(require = named, default = false)] local_only: bool,
        #[starlark(require = named, default = false)] prefer_local: bool,
        #[starlark(require = named, default = NoneOr::None)] allow_cache_upload: NoneOr<bool>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let scope = analysis(eval)?;
        let identifier = identifier.into_option();
        scope.check_category(category, identifier)?;
        let command = CommandLine::of(arguments)?;
        let mut artifacts = Artifacts::default();
        command.artifacts(&mut artifacts)?;
        let argv = command.render()?;
        if argv.is_empty() {
            return raise(format!("the action `{category}` has an empty command"));
        }
        let mut variables = Vec::new();
        for (name, value) in env.map(|env| env.entries).unwrap_or_default() {
            let value = CommandLine::of(value)?;
            value.artifacts(&mut artifacts)?;
            variables.push((name.to_owned(), value.render()?.join(" ")));
        }
        variables.sort();
        scope.register(
            category,
            identifier,
            artifacts,
            ActionKind::Run(RunAction {
                argv,
                env: variables,
            }),
        )?;
        Ok(NoneType)
    }
}

/// A dependency, as `ctx.attrs` holds it.
#[derive(
    Debug, Trace, Freeze, Coerce, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative,
)]
#[repr(C)]
pub(crate) struct DependencyGen<V: ValueLifetimeless> {
    #[freeze(identity)]
    #[trace(unsafe_ignore)]
    #[allocative(skip)]
    pub label: Arc<Label>,
    /// A list of provider instances.
    pub providers: V,
}
starlark_complex_value!(pub(crate) Dependency);

impl<V: ValueLifetimeless> Display for DependencyGen<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<dependency {}>", self.label)
    }
}

#[starlark_value(type = "Dependency")]
impl<'v, V: ValueLike<'v>> StarlarkValue<'v> for DependencyGen<V>
where
    Self: ProvidesStaticType<'v>,
{
    type Canonical = FrozenDependency;

    fn at(&self, index: Value<'v>, _heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        let wanted = provider::callable(index)?;
        match provider::find(self.providers.to_value(), wanted.0.id) {
            Some(instance) => Ok(instance),
            None => raise(format!(
                "{} has no `{wanted}`; it has: {}",
                self.label,
                provider::names(self.providers.to_value())
            )),
        }
    }

    fn is_in(&self, index: Value<'v>) -> starlark::Result<bool> {
        Ok(provider::find(self.providers.to_value(), provider::callable(index)?.0.id).is_some())
    }

    fn get_methods() -> Option<&'static Methods> {
        Some(DEPENDENCY_METHODS.methods())
    }
}

starlark::methods_static!(DEPENDENCY_METHODS = dependency_methods);

#[starlark_module]
fn dependency_methods(builder: &mut MethodsBuilder) {
    #[starlark(attribute)]
    fn label<'v>(this: &Dependency<'v>) -> starlark::Result<Label> {
        Ok((*this.label).clone())
    }

    /// Everything that the target hands out.
    #[starlark(attribute)]
    fn providers<'v>(this: &Dependency<'v>) -> starlark::Result<Value<'v>> {
        Ok(this.providers)
    }

    /// The provider, or None.
    fn get<'v>(
        this: &Dependency<'v>,
        #[starlark(require = pos)] index: Value<'v>,
    ) -> starlark::Result<Value<'v>> {
        Ok(
            provider::find(this.providers, provider::callable(index)?.0.id)
                .unwrap_or_else(Value::new_none),
        )
    }

    /// The part of the target with this name.
    fn sub_target<'v>(
        this: &Dependency<'v>,
        #[starlark(require = pos)] name: &str,
    ) -> starlark::Result<Dependency<'v>> {
        let mut label = (*this.label).clone();
        let providers = sub_target_providers(this.providers, &label.0, name)?;
        label.0.sub_targets.push(name.to_owned());
        Ok(Dependency {
            label: Arc::new(label),
            providers,
        })
    }
}

/// The providers of `name` among the sub-targets in `providers`.
pub(crate) fn sub_target_providers<'v>(
    providers: Value<'v>,
    label: &ProvidersLabel,
    name: &str,
) -> starlark::Result<Value<'v>> {
    let default_info =
        provider::find(providers, BUILTIN.default_info.0.id).and_then(ProviderInstance::from_value);
    let sub_targets = default_info.and_then(|info| info.field("sub_targets"));
    let dict = sub_targets.and_then(starlark::values::dict::DictRef::from_value);
    let found = dict.as_ref().and_then(|dict| dict.get_str(name));
    match found {
        Some(found) => {
            Ok(ProviderCollection::from_value(found)
                .map_or(found, |collection| collection.providers))
        }
        None => {
            let known: Vec<String> = dict
                .iter()
                .flat_map(|dict| dict.keys())
                .filter_map(|key| key.unpack_str().map(str::to_owned))
                .collect();
            let known = if known.is_empty() {
                "it has none".to_owned()
            } else {
                format!("it has: {}", known.join(", "))
            };
            raise(format!("{label} has no sub-target `{name}`; {known}"))
        }
    }
}
