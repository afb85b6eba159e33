//! `cmd_args`: command lines, and the artifacts in them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use allocative::Allocative;
use build_graph::Artifact as Input;
use regex::Regex;
use starlark::environment::{Methods, MethodsBuilder};
use starlark::values::list::ListRef;
use starlark::values::tuple::{TupleRef, UnpackTuple};
use starlark::values::{
    AllocValue, Freeze, FreezeResult, Freezer, Heap, NoSerialize, ProvidesStaticType,
    StarlarkPagablePanic, StarlarkValue, Trace, UnpackValue, Value, ValueLike, starlark_value,
};
use starlark::{starlark_module, starlark_simple_value};

use crate::artifact::{Artifact, File, OutputArtifact};
use crate::context::JsonArgument;
use crate::error::raise;
use crate::label::{Folder, Label, RawTarget};
use crate::macros::Argument;
use crate::provider::{BUILTIN, ProviderInstance};

/// One element of a command line.
#[derive(Debug, Clone)]
enum Element {
    Text(String),
    /// A file that is read, and what has to be there besides.
    Input(Arc<File>, Option<Associated>),
    Output(Arc<File>),
    /// A folder below the project root that is named and not read: a cell's or the project's.
    Folder(String),
    Nested(Shared),
}

/// What a file names in its content, so that whoever reads the file may need it.
pub(crate) type Associated = Arc<CommandLine>;

/// A `cmd_args` that several values share, as they do in Starlark.
type Shared = Arc<Mutex<CommandLine>>;

/// How the elements of a `cmd_args` are rendered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub paths: PathOptions,
    pub delimiter: Option<String>,
    pub format: Option<String>,
    pub prepend: Option<String>,
    pub quote: bool,
    pub ignore_artifacts: bool,
    /// Patterns and what replaces each of their matches, in order.
    pub replacements: Vec<(Regex, String)>,
}

/// How paths are rendered, also those in nested `cmd_args`.
#[derive(Debug, Clone, Default)]
pub(crate) struct PathOptions {
    /// The folder below the project root that paths start from.
    pub relative_to: Option<String>,
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
    /// Whether it is a value of `attrs.arg()`.
    is_argument: bool,
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

    /// An empty one that is rendered as one argument.
    pub fn joined(delimiter: &str) -> CommandLine {
        CommandLine {
            options: Options {
                delimiter: Some(delimiter.to_owned()),
                ..Options::default()
            },
            ..CommandLine::default()
        }
    }

    /// An empty one for a value of `attrs.arg()`.
    pub fn argument() -> CommandLine {
        CommandLine {
            is_argument: true,
            ..CommandLine::joined("")
        }
    }

    /// Whether a value of `attrs.arg()` is in it.
    pub fn has_argument(&self) -> bool {
        let is_one = |element: &Element| match element {
            Element::Nested(nested) => lock(nested).has_argument(),
            _ => false,
        };
        self.is_argument || self.elements.iter().any(is_one)
    }

    /// Appends a text.
    pub fn text(&mut self, text: &str) {
        self.elements.push(Element::Text(text.to_owned()));
    }

    /// Appends all of another one.
    pub fn append(&mut self, other: CommandLine) {
        self.elements
            .push(Element::Nested(Arc::new(Mutex::new(other))));
    }

    /// The arguments; paths stand below the project root.
    pub fn render(&self) -> starlark::Result<Vec<String>> {
        self.render_below("")
    }

    /// The arguments, with `root` before each path.
    pub fn render_below(&self, root: &str) -> starlark::Result<Vec<String>> {
        self.render_in(root, &PathOptions::default())
    }

    fn render_in(&self, root: &str, outer: &PathOptions) -> starlark::Result<Vec<String>> {
        let paths = self.options.paths.within(outer);
        let mut parts = Vec::new();
        for element in &self.elements {
            match element {
                Element::Text(text) => parts.push(text.clone()),
                Element::Input(file, _) | Element::Output(file) => {
                    parts.push(paths.render(root, &file.path)?)
                }
                Element::Folder(path) => parts.push(paths.render(root, path)?),
                Element::Nested(nested) => parts.extend(lock(nested).render_in(root, &paths)?),
            }
        }
        Ok(self.options.apply(parts))
    }

    /// Adds what a value names, without an argument for it; nothing for what names nothing.
    pub fn hide(&mut self, value: Value<'_>) {
        let _ = collect(value, &mut self.hidden);
    }

    /// Whether it is one argument whatever its elements are.
    pub fn is_joined(&self) -> bool {
        match self.elements.as_slice() {
            [Element::Nested(nested)] => lock(nested).is_joined(),
            _ => self.options.delimiter.is_some(),
        }
    }

    /// What stands in the arguments and in `hidden`; before the outputs are bound.
    pub fn artifacts(&self, into: &mut Artifacts) -> starlark::Result<()> {
        if self.options.ignore_artifacts {
            return Ok(());
        }
        for element in self.elements.iter().chain(&self.hidden) {
            match element {
                Element::Text(_) | Element::Folder(_) => {}
                Element::Input(file, associated) => {
                    into.inputs.push(file.as_input()?);
                    if let Some(associated) = associated {
                        associated.artifacts(into)?;
                    }
                }
                Element::Output(file) => into.outputs.push(file.clone()),
                Element::Nested(nested) => lock(nested).artifacts(into)?,
            }
        }
        Ok(())
    }

    /// The artifacts of `.inputs`, or of `.outputs`.
    fn named(&self, outputs: bool, into: &mut Vec<Artifact>) {
        if self.options.ignore_artifacts {
            return;
        }
        for element in self.elements.iter().chain(&self.hidden) {
            match element {
                Element::Input(file, associated) if !outputs => {
                    into.push(Artifact(file.clone(), associated.clone()));
                    if let Some(associated) = associated {
                        associated.named(outputs, into);
                    }
                }
                Element::Output(file) if outputs => into.push(Artifact(file.clone(), None)),
                Element::Nested(nested) => lock(nested).named(outputs, into),
                _ => {}
            }
        }
    }
}

impl PathOptions {
    /// These options inside of `outer`: what is set here wins, parents add up.
    fn within(&self, outer: &PathOptions) -> PathOptions {
        let either =
            |inner: &Option<String>, outer: &Option<String>| inner.clone().or(outer.clone());
        PathOptions {
            relative_to: either(&self.relative_to, &outer.relative_to),
            absolute_prefix: either(&self.absolute_prefix, &outer.absolute_prefix),
            absolute_suffix: either(&self.absolute_suffix, &outer.absolute_suffix),
            parent: self.parent + outer.parent,
        }
    }

    /// A path below the project root: its parents go first, then what it starts from is looked at.
    fn render(&self, root: &str, path: &str) -> starlark::Result<String> {
        let folder = ancestor(path, self.parent)?;
        let shown = match &self.relative_to {
            Some(from) => with_dot(relative(from, folder)),
            None if root.is_empty() => with_dot(folder.to_owned()),
            None => format!("{root}{folder}"),
        };
        let prefix = self.absolute_prefix.as_deref().unwrap_or_default();
        let suffix = self.absolute_suffix.as_deref().unwrap_or_default();
        Ok(format!("{prefix}{shown}{suffix}"))
    }
}

/// The folder this many levels above a path.
pub(crate) fn ancestor(path: &str, levels: u32) -> starlark::Result<&str> {
    let mut folder = path;
    for _ in 0..levels {
        if folder.is_empty() {
            return raise(format!("path `{path}` does not have {levels} parent(s)"));
        }
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
    }
    Ok(folder)
}

/// How one gets from the folder `from` to `path`, both below the project root.
fn relative(from: &str, path: &str) -> String {
    let parts = |path: &str| -> Vec<String> {
        path.split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (from, to) = (parts(from), parts(path));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    up.chain(to[common..].iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join("/")
}

/// A path without a slash would be looked up as a program's name.
fn with_dot(path: String) -> String {
    match path.as_str() {
        "" => ".".to_owned(),
        bare if !bare.contains('/') && bare != ".." => format!("./{bare}"),
        _ => path,
    }
}

impl Options {
    fn apply(&self, parts: Vec<String>) -> Vec<String> {
        let mut applied = Vec::with_capacity(parts.len());
        for part in parts {
            let part = self.apply_to_one(part);
            match (&self.prepend, &self.delimiter) {
                (Some(prepend), Some(_)) => applied.push(format!("{prepend}{part}")),
                (Some(prepend), None) => applied.extend([prepend.clone(), part]),
                (None, _) => applied.push(part),
            }
        }
        match &self.delimiter {
            Some(delimiter) => vec![applied.join(delimiter)],
            None => applied,
        }
    }

    /// Replaces, formats and quotes, in this order.
    fn apply_to_one(&self, mut part: String) -> String {
        for (pattern, replacement) in &self.replacements {
            part = pattern.replace_all(&part, replacement).into_owned();
        }
        if let Some(format) = &self.format {
            part = format.replace("{}", &part);
        }
        if self.quote { shell_quote(&part) } else { part }
    }
}

/// Quotes for a POSIX shell, with double quotes and for the same characters as Buck2 does
/// (`app/buck2_build_api/src/interpreter/rule_defs/cmd_args/shlex_quote.rs`).
fn shell_quote(text: &str) -> String {
    if !text.is_empty() && !text.contains(|c| "|&;<>()$`\\\"' \t\r\n*?[#~=%".contains(c)) {
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

fn collect(value: Value<'_>, into: &mut Vec<Element>) -> starlark::Result<()> {
    if let Some(text) = value.unpack_str() {
        into.push(Element::Text(text.to_owned()));
    } else if let Some(artifact) = Artifact::from_value(value) {
        into.push(Element::Input(artifact.0.clone(), artifact.1.clone()));
    } else if let Some(argument) = Argument::from_value(value) {
        let line = CommandLine::clone(&argument.0);
        into.push(Element::Nested(Arc::new(Mutex::new(line))));
    } else if let Some(JsonArgument(artifact)) = JsonArgument::from_value(value) {
        into.push(Element::Input(artifact.0.clone(), artifact.1.clone()));
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
    } else if let Some(folder) = Folder::from_value(value) {
        into.push(Element::Folder(folder.path.clone()));
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

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |elements: &[Element]| {
            let shown: Vec<String> = elements.iter().map(ToString::to_string).collect();
            shown.join(", ")
        };
        let mut parts = Vec::new();
        if !self.elements.is_empty() {
            parts.push(show(&self.elements));
        }
        if !self.hidden.is_empty() {
            parts.push(format!("hidden = [{}]", show(&self.hidden)));
        }
        let text = |name: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("{name} = {value:?}"))
        };
        parts.extend(text("delimiter", &self.options.delimiter));
        parts.extend(text("format", &self.options.format));
        parts.extend(text("prepend", &self.options.prepend));
        parts.extend(self.options.quote.then(|| "quote = \"shell\"".to_owned()));
        write!(f, "cmd_args({})", parts.join(", "))
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Element::Text(text) => write!(f, "{text:?}"),
            Element::Input(file, _) => write!(f, "{}", Artifact(file.clone(), None)),
            Element::Output(file) => write!(f, "{}", OutputArtifact(file.clone())),
            Element::Folder(path) => write!(f, "{path:?}"),
            Element::Nested(nested) => write!(f, "{}", lock(nested)),
        }
    }
}

impl fmt::Display for CmdArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", lock(&self.0))
    }
}

impl fmt::Display for FrozenCmdArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", lock(&self.0))
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

    /// Another `cmd_args` with the same elements and options, to add to.
    fn copy<'v>(this: Value<'v>) -> starlark::Result<CmdArgs> {
        let line = crate::cmd_args::line(this)?;
        Ok(CmdArgs(Arc::new(Mutex::new(line))))
    }

    /// What it reads, also what is hidden.
    #[starlark(attribute)]
    fn inputs<'v>(this: Value<'v>) -> starlark::Result<Vec<Artifact>> {
        let mut named = Vec::new();
        crate::cmd_args::line(this)?.named(false, &mut named);
        Ok(named)
    }

    /// What it makes, also what is hidden.
    #[starlark(attribute)]
    fn outputs<'v>(this: Value<'v>) -> starlark::Result<Vec<Artifact>> {
        let mut named = Vec::new();
        crate::cmd_args::line(this)?.named(true, &mut named);
        Ok(named)
    }
}

fn line(value: Value<'_>) -> starlark::Result<CommandLine> {
    match shared(value) {
        Some(shared) => Ok(lock(&shared).clone()),
        None => raise("a cmd_args is wanted here"),
    }
}

/// The file's content names what is in `line`, so whoever reads it may need that.
pub(crate) fn association(value: Value<'_>) -> starlark::Result<Associated> {
    CommandLine::of(value).map(Arc::new)
}

/// Reads `replace_regex`: a pair of a pattern and what replaces it, or a list of pairs.
pub(crate) fn replacements(value: Value<'_>) -> starlark::Result<Vec<(Regex, String)>> {
    let pairs: Vec<Value<'_>> = match ListRef::from_value(value) {
        Some(list) => list.content().to_vec(),
        None => vec![value],
    };
    pairs.into_iter().map(replacement).collect()
}

fn replacement(value: Value<'_>) -> starlark::Result<(Regex, String)> {
    let pair = TupleRef::from_value(value).map(|pair| pair.content().to_vec());
    let Some([pattern, replacement]) = pair.as_deref() else {
        return raise(format!(
            "cmd_args: `replace_regex` takes a pair of a pattern and its replacement, or a list of pairs, got `{value}`"
        ));
    };
    let Some(replacement) = replacement.unpack_str() else {
        return raise(format!(
            "cmd_args: `replace_regex`: the replacement is a string, got `{replacement}`"
        ));
    };
    Ok((crate::pattern::pattern(*pattern)?, replacement.to_owned()))
}

/// Reads `relative_to`: an artifact, a cell's root or the project's, or one with a number of parents.
pub(crate) fn origin(value: Value<'_>) -> starlark::Result<String> {
    let pair = TupleRef::from_value(value).map(|pair| pair.content().to_vec());
    let (from, levels) = match pair.as_deref() {
        Some([from, levels]) => (
            *from,
            <u32 as UnpackValue>::unpack_value(*levels).ok().flatten(),
        ),
        Some(_) => (value, None),
        None => (value, Some(0)),
    };
    let path = if let Some(artifact) = Artifact::from_value(from) {
        Some(artifact.0.path.to_string())
    } else if let Some(output) = OutputArtifact::from_value(from) {
        Some(output.0.path.to_string())
    } else {
        Folder::from_value(from).map(|folder| folder.path.clone())
    };
    match (path, levels) {
        (Some(path), Some(levels)) => Ok(ancestor(&path, levels)?.to_owned()),
        _ => raise(format!(
            "cmd_args: `relative_to` takes an artifact, `label.cell_root` or `label.project_root`, or a pair of one and a number of parents, got `{}` (value was `{value}`)",
            value.get_type()
        )),
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
            options,
            ..CommandLine::default()
        }
        .render()
        .unwrap()
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
                &["$var", "é", "a b", "", "a=b", "a!{}"]
            ),
            ["\"\\$var\"", "é", "\"a b\"", "\"\"", "\"a=b\"", "a!{}"]
        );
        assert_eq!(
            render(
                Options {
                    delimiter,
                    ..Options::default()
                },
                &[]
            ),
            [""]
        );
    }

    #[test]
    fn a_path_is_rendered_as_buck2_renders_it() {
        let path = |options: PathOptions, path: &str| options.render("", path).unwrap();
        let parent = |parent| PathOptions {
            parent,
            ..PathOptions::default()
        };
        let relative_to = |from: &str| PathOptions {
            relative_to: Some(from.to_owned()),
            ..PathOptions::default()
        };
        assert_eq!(path(parent(0), "f.txt"), "./f.txt");
        assert_eq!(path(parent(0), "p/f.txt"), "p/f.txt");
        assert_eq!(path(parent(1), "p/q/f.txt"), "p/q");
        assert_eq!(path(parent(1), "p/f.txt"), "./p");
        assert_eq!(path(parent(1), "f.txt"), ".");
        assert!(parent(2).render("", "f.txt").is_err());
        assert_eq!(path(relative_to("p/f.txt"), "p/q/g.txt"), "../q/g.txt");
        assert_eq!(path(relative_to("p/q"), "p/q/g.txt"), "./g.txt");
        assert_eq!(path(relative_to("p"), "p"), ".");
        let absolute = PathOptions {
            absolute_prefix: Some("$DIR/".to_owned()),
            ..PathOptions::default()
        };
        assert_eq!(path(absolute, "p/f.txt"), "$DIR/p/f.txt");
    }
}
