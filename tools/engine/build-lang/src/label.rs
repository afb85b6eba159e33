//! `Label` and `TargetLabel` values, and labels as files write them.

use std::fmt;
use std::sync::Arc;

use allocative::Allocative;
use build_graph::{LabelError, TargetLabel, TargetPattern};
use starlark::environment::{Methods, MethodsBuilder};
use starlark::values::none::NoneOr;
use starlark::values::{
    NoSerialize, ProvidesStaticType, StarlarkPagablePanic, StarlarkValue, starlark_value,
};
use starlark::{starlark_module, starlark_simple_value};

use crate::Result;
use crate::cells::Cells;

/// A target, and the sub-target of it that is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ProvidersLabel {
    /// The target.
    pub target: TargetLabel,
    /// Sub-targets, outermost first; none for the target itself.
    pub sub_targets: Vec<String>,
}

impl ProvidersLabel {
    /// The target itself.
    pub fn of(target: TargetLabel) -> ProvidersLabel {
        ProvidersLabel {
            target,
            sub_targets: Vec::new(),
        }
    }
}

impl fmt::Display for ProvidersLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.target)?;
        self.sub_targets
            .iter()
            .try_for_each(|sub| write!(f, "[{sub}]"))
    }
}

/// Reads a label as a file in `cell` writes it; `package` is `None` in a `.bzl` file.
pub(crate) fn read_label(
    text: &str,
    cells: &Cells,
    cell: &str,
    package: Option<&str>,
) -> Result<ProvidersLabel> {
    let not_one = || LabelError::NotOne(text.to_owned());
    if !text.contains(':') && !text.contains("//") {
        return Err(LabelError::Shape(text.to_owned()).into());
    }
    match TargetPattern::parse(text)? {
        TargetPattern::Target {
            cell: alias,
            package: written,
            name,
            sub_targets,
        } => {
            if written.is_some() && !text.contains("//") {
                return Err(LabelError::Shape(text.to_owned()).into());
            }
            let named = match &alias {
                Some(alias) => cells.resolve(alias, cell)?,
                None => cells.resolve(cell, cell)?,
            };
            let package = written.as_deref().or(package).ok_or_else(not_one)?;
            let target = TargetLabel {
                cell: named,
                package: package.into(),
                name: name.into(),
            };
            Ok(ProvidersLabel {
                target,
                sub_targets,
            })
        }
        _ => Err(not_one().into()),
    }
}

/// `ctx.label`, `dep.label`: a configured target with its sub-target.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Hash,
    ProvidesStaticType,
    NoSerialize,
    StarlarkPagablePanic,
    Allocative,
)]
pub(crate) struct Label(
    #[allocative(skip)] pub ProvidersLabel,
    /// The folder of its cell, below the project root.
    #[allocative(skip)]
    pub Arc<str>,
);
starlark_simple_value!(Label);

impl Label {
    /// The label of a target in one of these cells.
    pub fn new(label: ProvidersLabel, cells: &Cells) -> Label {
        let folder = cells.project_path(&label.target.cell, "");
        Label(label, folder.into())
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[starlark_value(type = "Label")]
impl<'v> StarlarkValue<'v> for Label {
    fn get_methods() -> Option<&'static Methods> {
        Some(LABEL_METHODS.methods())
    }

    fn equals(&self, other: starlark::values::Value<'v>) -> starlark::Result<bool> {
        Ok(
            <&Label as starlark::values::UnpackValue>::unpack_value(other)?
                .is_some_and(|other| other == self),
        )
    }

    fn write_hash(
        &self,
        hasher: &mut starlark::collections::StarlarkHasher,
    ) -> starlark::Result<()> {
        std::hash::Hash::hash(self, hasher);
        Ok(())
    }
}

starlark::methods_static!(LABEL_METHODS = label_methods);

#[starlark_module]
fn label_methods(builder: &mut MethodsBuilder) {
    #[starlark(attribute)]
    fn name(this: &Label) -> starlark::Result<String> {
        Ok(this.0.target.name.to_string())
    }

    #[starlark(attribute)]
    fn package(this: &Label) -> starlark::Result<String> {
        Ok(this.0.target.package.to_string())
    }

    #[starlark(attribute)]
    fn cell(this: &Label) -> starlark::Result<String> {
        Ok(this.0.target.cell.to_string())
    }

    #[starlark(attribute)]
    fn sub_target(this: &Label) -> starlark::Result<NoneOr<Vec<String>>> {
        Ok(NoneOr::from_option(
            (!this.0.sub_targets.is_empty()).then(|| this.0.sub_targets.clone()),
        ))
    }

    /// Its cell's folder, for `relative_to`.
    #[starlark(attribute)]
    fn cell_root(this: &Label) -> starlark::Result<Folder> {
        Ok(Folder {
            kind: "CellRoot",
            path: this.1.to_string(),
        })
    }

    /// The project's folder, for `relative_to`.
    #[starlark(attribute)]
    fn project_root(this: &Label) -> starlark::Result<Folder> {
        Ok(Folder {
            kind: "ProjectRoot",
            path: String::new(),
        })
    }

    /// The target without its configuration.
    fn raw_target(this: &Label) -> starlark::Result<RawTarget> {
        Ok(RawTarget(this.0.target.clone()))
    }
}

/// What `label.raw_target()` gives: `cell//package:name`.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Hash,
    ProvidesStaticType,
    NoSerialize,
    StarlarkPagablePanic,
    Allocative,
)]
pub(crate) struct RawTarget(#[allocative(skip)] pub TargetLabel);
starlark_simple_value!(RawTarget);

impl fmt::Display for RawTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[starlark_value(type = "TargetLabel")]
impl<'v> StarlarkValue<'v> for RawTarget {
    fn compare(&self, other: starlark::values::Value<'v>) -> starlark::Result<std::cmp::Ordering> {
        match <&RawTarget as starlark::values::UnpackValue>::unpack_value(other)? {
            Some(other) => Ok(self.0.cmp(&other.0)),
            None => crate::error::raise(format!("a TargetLabel can't be compared with `{other}`")),
        }
    }

    fn get_methods() -> Option<&'static Methods> {
        Some(RAW_TARGET_METHODS.methods())
    }

    fn equals(&self, other: starlark::values::Value<'v>) -> starlark::Result<bool> {
        Ok(
            <&RawTarget as starlark::values::UnpackValue>::unpack_value(other)?
                .is_some_and(|other| other == self),
        )
    }

    fn write_hash(
        &self,
        hasher: &mut starlark::collections::StarlarkHasher,
    ) -> starlark::Result<()> {
        std::hash::Hash::hash(self, hasher);
        Ok(())
    }
}

starlark::methods_static!(RAW_TARGET_METHODS = raw_target_methods);

#[starlark_module]
fn raw_target_methods(builder: &mut MethodsBuilder) {
    #[starlark(attribute)]
    fn name(this: &RawTarget) -> starlark::Result<String> {
        Ok(this.0.name.to_string())
    }

    #[starlark(attribute)]
    fn package(this: &RawTarget) -> starlark::Result<String> {
        Ok(this.0.package.to_string())
    }

    #[starlark(attribute)]
    fn cell(this: &RawTarget) -> starlark::Result<String> {
        Ok(this.0.cell.to_string())
    }
}

/// What `label.cell_root` and `label.project_root` give: a folder below the project root.
#[derive(Debug, Clone, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct Folder {
    kind: &'static str,
    pub path: String,
}
starlark_simple_value!(Folder);

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?})", self.kind, self.path)
    }
}

#[starlark_value(type = "CellRoot")]
impl<'v> StarlarkValue<'v> for Folder {}
