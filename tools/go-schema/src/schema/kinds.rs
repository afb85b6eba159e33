//! Which types are kinds of an API.

use super::{Generator, Object};
use crate::constants::Value;
use crate::error::Error;
use crate::package::Package;
use crate::types::{Field, Named, Scope, Type};
use serde_json::json;
use std::rc::Rc;

/// What every kind embeds.
const TYPE_META: &str = "k8s.io/apimachinery/pkg/apis/meta/v1.TypeMeta";
/// The group of the kinds that are served beside those of every other one.
const META_GROUP: &str = "meta.k8s.io";

impl Generator<'_> {
    /// Adds the group, version and kind of a type that is one: a struct that embeds
    /// TypeMeta and that `runtime.Object` is generated for
    /// (`+k8s:deepcopy-gen:interfaces`) or that `+kubebuilder:object:root` marks. The
    /// group is what `+groupName` before the `package` clause says, else the package's
    /// constant `GroupName`; the version is the last part of the import path.
    pub(super) fn add_kind(
        &self,
        named: &Named,
        package: &Rc<Package>,
        schema: &mut Object,
    ) -> Result<(), Error> {
        let Type::Struct(fields) = self.program.underlying(named)? else {
            return Ok(());
        };
        let is_type_meta = |field: &Field| match &field.value {
            Type::Named(named) => field.is_embedded && named.full_name() == TYPE_META,
            _ => false,
        };
        if !fields.iter().any(is_type_meta) {
            return Ok(());
        }
        let version = package.path.rsplit('/').next().unwrap_or_default();
        if let Some(group) = self.group(package).filter(|group| group != META_GROUP) {
            let kind = json!([{"group": group, "kind": &*named.name, "version": version}]);
            schema.insert("x-kubernetes-group-version-kind".to_owned(), kind);
        }
        Ok(())
    }

    fn group(&self, package: &Rc<Package>) -> Option<String> {
        if let Some(group) = package.marker("groupName") {
            return Some(group.to_owned());
        }
        let (file, constant) = package.constant("GroupName")?;
        let scope = Scope::new(package, file);
        match self.program.constant_value(constant, &scope).ok()? {
            Value::Text(group) => Some(group),
            _ => None,
        }
    }
}
