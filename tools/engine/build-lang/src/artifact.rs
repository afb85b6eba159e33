//! `Artifact` values: files and folders that actions read and make.

use std::fmt;
use std::sync::{Arc, OnceLock};

use allocative::Allocative;
use build_graph::{ActionId, Output, OutputKind};
use starlark::environment::{Methods, MethodsBuilder};
use starlark::values::none::NoneOr;
use starlark::values::{
    NoSerialize, ProvidesStaticType, StarlarkPagablePanic, StarlarkValue, Value, starlark_value,
};
use starlark::{starlark_module, starlark_simple_value};

use crate::cmd_args::Associated;
use crate::error::raise;
use crate::label::Label;

/// The file or folder behind an `Artifact` value.
#[derive(Debug)]
pub(crate) struct File {
    /// Path below the project root.
    pub path: Arc<str>,
    /// Path below the package, or as it was declared.
    pub short_path: String,
    /// What makes it; `None` for a file of the repository.
    pub declared: Option<Declared>,
    /// The folder that it was projected out of.
    pub within: Option<Arc<File>>,
}

/// The part of a [`File`] that only outputs have.
#[derive(Debug)]
pub(crate) struct Declared {
    /// The target that declared it.
    pub owner: Label,
    /// File or directory.
    pub kind: OutputKind,
    /// The action that makes it, once it is known.
    pub bound: Arc<OnceLock<ActionId>>,
}

impl File {
    /// The artifact of the graph; an error while no action makes it.
    pub fn as_input(&self) -> starlark::Result<build_graph::Artifact> {
        if let Some(folder) = &self.within {
            return folder.as_input();
        }
        let path = self.path.clone();
        let Some(declared) = &self.declared else {
            return Ok(build_graph::Artifact::Source { path });
        };
        match declared.bound.get() {
            Some(action) => Ok(build_graph::Artifact::Built {
                path,
                action: *action,
            }),
            None => raise(format!(
                "Artifact must be bound by now: no action makes `{}` yet. If it is meant as an output, add `.as_output()`",
                self.short_path
            )),
        }
    }

    /// Makes `action` the one that makes this output.
    pub fn bind(&self, action: ActionId) -> starlark::Result<Output> {
        if self.within.is_some() {
            return raise(format!(
                "`{}` is a part of another output; the whole of it is made by one action",
                self.short_path
            ));
        }
        let Some(declared) = &self.declared else {
            return raise(format!(
                "source artifact `{}` may not be used as an output",
                self.short_path
            ));
        };
        if declared.bound.set(action).is_err() {
            return raise(format!(
                "artifact `{}` was already bound: two actions can't make it",
                self.short_path
            ));
        }
        Ok(Output {
            path: self.path.clone(),
            kind: declared.kind,
        })
    }
}

/// An artifact, as rules see it.
#[derive(Debug, Clone, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct Artifact(
    #[allocative(skip)] pub Arc<File>,
    /// What its content names.
    #[allocative(skip)]
    pub Option<Associated>,
);
starlark_simple_value!(Artifact);

impl Artifact {
    /// A file or folder of the repository.
    pub fn source(path: String, short_path: &str) -> Artifact {
        Artifact::of(File {
            path: path.into(),
            short_path: short_path.to_owned(),
            declared: None,
            within: None,
        })
    }

    /// The artifact of a file.
    pub fn of(file: File) -> Artifact {
        Artifact(Arc::new(file), None)
    }
}

impl fmt::Display for Artifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.declared {
            Some(declared) if declared.bound.get().is_some() => write!(
                f,
                "<build artifact {} bound to {}>",
                self.0.short_path, declared.owner
            ),
            Some(_) => write!(f, "<build artifact {}>", self.0.short_path),
            None => write!(f, "<source artifact {}>", self.0.short_path),
        }
    }
}

#[starlark_value(type = "Artifact")]
impl<'v> StarlarkValue<'v> for Artifact {
    fn get_methods() -> Option<&'static Methods> {
        Some(ARTIFACT_METHODS.methods())
    }

    fn equals(&self, other: Value<'v>) -> starlark::Result<bool> {
        Ok(
            <&Artifact as starlark::values::UnpackValue>::unpack_value(other)?
                .is_some_and(|other| other.0.path == self.0.path),
        )
    }

    fn write_hash(
        &self,
        hasher: &mut starlark::collections::StarlarkHasher,
    ) -> starlark::Result<()> {
        std::hash::Hash::hash(&self.0.path, hasher);
        Ok(())
    }
}

starlark::methods_static!(ARTIFACT_METHODS = artifact_methods);

fn basename(file: &File) -> &str {
    file.path.rsplit('/').next().unwrap_or(&file.path)
}

#[starlark_module]
fn artifact_methods(builder: &mut MethodsBuilder) {
    #[starlark(attribute)]
    fn basename(this: &Artifact) -> starlark::Result<String> {
        Ok(crate::artifact::basename(&this.0).to_owned())
    }

    /// With the dot; empty when there is none.
    #[starlark(attribute)]
    fn extension(this: &Artifact) -> starlark::Result<String> {
        let name = crate::artifact::basename(&this.0);
        Ok(match name.rfind('.') {
            Some(dot) if dot > 0 => name[dot..].to_owned(),
            _ => String::new(),
        })
    }

    #[starlark(attribute)]
    fn short_path(this: &Artifact) -> starlark::Result<String> {
        Ok(this.0.short_path.clone())
    }

    #[starlark(attribute)]
    fn is_source(this: &Artifact) -> starlark::Result<bool> {
        Ok(this.0.declared.is_none())
    }

    #[starlark(attribute)]
    fn owner(this: &Artifact) -> starlark::Result<NoneOr<Label>> {
        Ok(NoneOr::from_option(
            this.0
                .declared
                .as_ref()
                .map(|declared| declared.owner.clone()),
        ))
    }

    /// A file inside of this folder, for commands that name it.
    fn project(
        this: &Artifact,
        #[starlark(require = pos)] path: &str,
        #[starlark(require = named, default = false)] hide_prefix: bool,
    ) -> starlark::Result<Artifact> {
        crate::artifact::check_path(path)?;
        let whole = &this.0;
        let short_path = match hide_prefix {
            true => path.to_owned(),
            false => format!("{}/{path}", whole.short_path),
        };
        let declared = whole.declared.as_ref().map(|declared| Declared {
            owner: declared.owner.clone(),
            kind: OutputKind::File,
            bound: declared.bound.clone(),
        });
        Ok(Artifact::of(File {
            path: format!("{}/{path}", whole.path).into(),
            short_path,
            declared,
            within: Some(whole.within.clone().unwrap_or_else(|| whole.clone())),
        }))
    }

    /// The same artifact, without what its content names.
    fn without_associated_artifacts(this: &Artifact) -> starlark::Result<Artifact> {
        Ok(Artifact(this.0.clone(), None))
    }

    /// The same artifact, to be made by the action whose arguments name it.
    fn as_output(this: &Artifact) -> starlark::Result<OutputArtifact> {
        match &this.0.declared {
            None => raise(format!(
                "source artifact `{}` may not be declared as an output",
                this.0.short_path
            )),
            Some(declared) if declared.bound.get().is_some() => raise(format!(
                "artifact `{}` was already bound, it may not be used as an output again",
                this.0.short_path
            )),
            Some(_) => Ok(OutputArtifact(this.0.clone())),
        }
    }
}

/// What `artifact.as_output()` gives.
#[derive(Debug, Clone, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct OutputArtifact(#[allocative(skip)] pub Arc<File>);
starlark_simple_value!(OutputArtifact);

impl fmt::Display for OutputArtifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<output {}>", self.0.short_path)
    }
}

#[starlark_value(type = "OutputArtifact")]
impl<'v> StarlarkValue<'v> for OutputArtifact {}

/// Refuses what is no plain relative path.
pub(crate) fn check_path(path: &str) -> starlark::Result<()> {
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return raise(format!("`{path}`: a plain relative path is wanted"));
    }
    Ok(())
}
