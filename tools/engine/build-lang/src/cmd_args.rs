//! `cmd_args`: command lines, and the artifacts in them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use allocative::Allocative;
use build_graph::Artifact as Input;
use starlark::environment::{Methods, MethodsBuilder};
use starlark::values::list::ListRef;
use starlark::values::tuple::{TupleRef, UnpackTuple};
use starlark::values::{
    AllocValue, Freeze, FreezeResult, Freezer, Heap, NoSerialize, ProvidesStaticType,
    StarlarkPagablePanic, StarlarkValue, Trace, Value, ValueLike, starlark_value,
};
use starlark::{starlark_module, starlark_simple_value};

use crate::artifact::{Artifact, File, OutputArtifact};
use crate::error::raise;
use crate::label::{Label, RawTarget};
use crate::provider::{BUILTIN, ProviderInstance};

/// One element of a command line.
#[derive(Debug, Clone)]
enum Element {
    Text(String),
    Input(Arc<File>),
    Output(Arc<File>),
    Nested(Shared),
}

/// A `cmd_args` that several values share, as they do in Starlark.
type Shared = Arc<Mutex<CommandLine>>;

/// How the elements of a `cmd_args` are rendered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub delimiter: Option<String>,
    pub format: Option<String>,
    pub prepend: Option<String>,
    pub quote: bool,
    pub ignore_artifacts: bool,
    pub absolute_prefix: Option<String>,
    pub absolute_suffix: Option<String>,
    pub parent: u32,
}

/// The elements of a `cmd_args` and how they are rendered.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommandLine {
    elements: Vec<Element>,
    hidden: Vec<Element>,
    options: Options,
}

/// What a command line reads and makes.
#[derive(Debug, Default)]
pub(crate) struct Artifacts {
    pub inputs: Vec<Input>,
    pub outputs: Vec<Arc<File>>,
}

impl CommandLine {
    /// A command line of one value.
    pub fn of(value: Value<'_>) -> starlark::Result<CommandLine> {
        let mut line = CommandLine::default();
        collect(value, &mut line.elements)?;
        Ok(line)
    }

    /// The arguments; paths stand below the project root.
    pub fn render(&self) -> Vec<String> {
        self.render_below("")
    }

    /// The arguments, with `root` before each path.
    pub fn render_below(&self, root: &str) -> Vec<String> {
        let mut parts = Vec::new();
        for element in &self.elements {
            match element {
                Element::Text(text) => parts.push(text.clone()),
                Element::Input(file) | Element::Output(file) => {
                    parts.push(self.options.path(&format!("{root}{}", file.path)))
                }
                Element::Nested(nested) => parts.extend(lock(nested).render_below(root)),
            }
        }
        self.options.apply(parts)
    }

    /// What stands in the arguments and in `hidden`; before the outputs are bound.
    pub fn artifacts(&self, into: &mut Artifacts) -> starlark::Result<()> {
        if self.options.ignore_artifacts {
            return Ok(());
        }
        for element in self.elements.iter().chain(&self.hidden) {
            match element {
                Element::Text(_) => {}
                Element::Input(file) => into.inputs.push(file.as_input()?),
                Element::Output(file) => into.outputs.push(file.clone()),
                Element::Nested(nested) => lock(nested).artifacts(into)?,
            }
        }
        Ok(())
    }
}

impl Options {
    fn path(&self, path: &str) -> String {
        let mut path = if path.contains('/') {
            path.to_owned()
        } else {
            format!("./{path}")
        };
        for _ in 0..self.parent {
            path = path
                .rsplit_once('/')
                .map_or(String::new(), |(folder, _)| folder.to_owned());
        }
        let prefix = self.absolute_prefix.as_deref().unwrap_or_default();
        let suffix = self.absolute_suffix.as_deref().unwrap_or_default();
        format!("{prefix}{path}{suffix}")
    }

    fn apply(&self, mut parts: Vec<String>) -> Vec<String> {
        if let Some(format) = &self.format {
            parts = parts
                .iter()
                .map(|part| format.replace("{}", part))
                .collect();
        }
        if self.quote {
            parts = parts.iter().map(|part| shell_quote(part)).collect();
        }
        if let Some(prepend) = &self.prepend {
            parts = match self.delimiter {
                Some(_) => parts
                    .iter()
                    .map(|part| format!("{prepend}{part}"))
                    .collect(),
                None => parts
                    .into_iter()
                    .flat_map(|part| [prepend.clone(), part])
                    .collect(),
            };
        }
        match &self.delimiter {
            Some(delimiter) if !parts.is_empty() => vec![parts.join(delimiter)],
            Some(_) => Vec::new(),
            None => parts,
        }
    }
}

/// Quotes for a POSIX shell, with double quotes, as Buck2 does.
fn shell_quote(text: &str) -> String {
    let bare = |c: char| c.is_alphanumeric() || "-_=/,.+:@".contains(c);
    if !text.is_empty() && text.chars().all(bare) {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

fn lock(shared: &Shared) -> std::sync::MutexGuard<'_, CommandLine> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Refuses what can't stand in a command line.
pub(crate) fn check(value: Value<'_>) -> starlark::Result<()> {
    collect(value, &mut Vec::new())
}

fn collect(value: Value<'_>, into: &mut Vec<Element>) -> starlark::Result<()> {
    if let Some(text) = value.unpack_str() {
        into.push(Element::Text(text.to_owned()));
    } else if let Some(artifact) = Artifact::from_value(value) {
        into.push(Element::Input(artifact.0.clone()));
    } else if let Some(output) = OutputArtifact::from_value(value) {
        into.push(Element::Output(output.0.clone()));
    } else if let Some(nested) = shared(value) {
        into.push(Element::Nested(nested));
    } else if let Some(label) = Label::from_value(value) {
        into.push(Element::Text(label.to_string()));
    } else if let Some(target) = RawTarget::from_value(value) {
        into.push(Element::Text(target.to_string()));
    } else if let Some(list) = ListRef::from_value(value) {
        list.iter().try_for_each(|item| collect(item, into))?;
    } else if let Some(tuple) = TupleRef::from_value(value) {
        tuple.iter().try_for_each(|item| collect(item, into))?;
    } else if let Some(instance) = ProviderInstance::from_value(value)
        && instance.definition.id == BUILTIN.run_info.0.id
    {
        instance
            .values
            .iter()
            .try_for_each(|item| collect(*item, into))?;
    } else {
        return raise(format!(
            "a command line takes str, Artifact, cmd_args, RunInfo, Label and lists of them, got `{}` (value was `{value}`)",
            value.get_type()
        ));
    }
    Ok(())
}

fn shared(value: Value<'_>) -> Option<Shared> {
    match value.downcast_ref::<CmdArgs>() {
        Some(mutable) => Some(mutable.0.clone()),
        None => value
            .downcast_ref::<FrozenCmdArgs>()
            .map(|frozen| frozen.0.clone()),
    }
}

/// A `cmd_args` that can still be added to.
#[derive(Debug, Trace, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct CmdArgs(
    #[allocative(skip)]
    #[trace(unsafe_ignore)]
    Shared,
);

/// A `cmd_args` of a file or target that has been evaluated.
#[derive(Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct FrozenCmdArgs(#[allocative(skip)] Shared);
starlark_simple_value!(FrozenCmdArgs);

impl Freeze for CmdArgs {
    type Frozen = FrozenCmdArgs;

    fn freeze(self, _freezer: &Freezer) -> FreezeResult<FrozenCmdArgs> {
        Ok(FrozenCmdArgs(self.0))
    }
}

impl<'v> AllocValue<'v> for CmdArgs {
    fn alloc_value(self, heap: Heap<'v>) -> Value<'v> {
        heap.alloc_complex(self)
    }
}

impl fmt::Display for CmdArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cmd_args({})", lock(&self.0).render().join(", "))
    }
}

impl fmt::Display for FrozenCmdArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cmd_args({})", lock(&self.0).render().join(", "))
    }
}

#[starlark_value(type = "cmd_args")]
impl<'v> StarlarkValue<'v> for CmdArgs {
    type Canonical = FrozenCmdArgs;

    fn get_methods() -> Option<&'static Methods> {
        Some(CMD_ARGS_METHODS.methods())
    }
}

#[starlark_value(type = "cmd_args")]
impl<'v> StarlarkValue<'v> for FrozenCmdArgs {
    type Canonical = Self;

    fn get_methods() -> Option<&'static Methods> {
        Some(CMD_ARGS_METHODS.methods())
    }
}

starlark::methods_static!(CMD_ARGS_METHODS = cmd_args_methods);

#[starlark_module]
fn cmd_args_methods(builder: &mut MethodsBuilder) {
    /// Appends; gives the same `cmd_args` back.
    fn add<'v>(
        this: Value<'v>,
        #[starlark(args)] args: UnpackTuple<Value<'v>>,
    ) -> starlark::Result<Value<'v>> {
        let Some(target) = this.downcast_ref::<CmdArgs>() else {
            return raise(
                "cmd_args is immutable here: the file or target that made it has been evaluated",
            );
        };
        let mut added = Vec::new();
        for arg in args.items {
            collect(arg, &mut added)?;
        }
        lock(&target.0).elements.extend(added);
        Ok(this)
    }
}

/// Makes the value of `cmd_args(*args, hidden, …)`.
pub(crate) fn make(
    args: &[Value<'_>],
    hidden: Option<Value<'_>>,
    options: Options,
) -> starlark::Result<CmdArgs> {
    let mut line = CommandLine {
        options,
        ..CommandLine::default()
    };
    for arg in args {
        collect(*arg, &mut line.elements)?;
    }
    if let Some(hidden) = hidden {
        collect(hidden, &mut line.hidden)?;
    }
    Ok(CmdArgs(Arc::new(Mutex::new(line))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(options: Options, texts: &[&str]) -> Vec<String> {
        let elements = texts
            .iter()
            .map(|text| Element::Text((*text).to_owned()))
            .collect();
        CommandLine {
            elements,
            hidden: Vec::new(),
            options,
        }
        .render()
    }

    #[test]
    fn options_render_as_buck2_renders_them() {
        let delimiter = Some(" ".to_owned());
        let prepend = Some("-I".to_owned());
        assert_eq!(
            render(
                Options {
                    prepend: prepend.clone(),
                    ..Options::default()
                },
                &["a", "b"]
            ),
            ["-I", "a", "-I", "b"]
        );
        assert_eq!(
            render(
                Options {
                    prepend,
                    delimiter: delimiter.clone(),
                    ..Options::default()
                },
                &["a", "b"]
            ),
            ["-Ia -Ib"]
        );
        assert_eq!(
            render(
                Options {
                    format: Some("--x={}".to_owned()),
                    ..Options::default()
                },
                &["a", "b"]
            ),
            ["--x=a", "--x=b"]
        );
        assert_eq!(
            render(
                Options {
                    quote: true,
                    ..Options::default()
                },
                &["$var", "é", "a b", ""]
            ),
            ["\"\\$var\"", "é", "\"a b\"", "\"\""]
        );
        assert!(
            render(
                Options {
                    delimiter,
                    ..Options::default()
                },
                &[]
            )
            .is_empty()
        );
    }

    #[test]
    fn a_file_of_the_root_package_stands_with_a_dot() {
        assert_eq!(Options::default().path("f.txt"), "./f.txt");
        assert_eq!(Options::default().path("p/f.txt"), "p/f.txt");
        assert_eq!(
            Options {
                parent: 1,
                ..Options::default()
            }
            .path("p/q/f.txt"),
            "p/q"
        );
        let absolute = Options {
            absolute_prefix: Some("$DIR/".to_owned()),
            ..Options::default()
        };
        assert_eq!(absolute.path("p/f.txt"), "$DIR/p/f.txt");
    }
}
