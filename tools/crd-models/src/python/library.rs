//! Classes of types that refer to one another: `<package>/api/core/v1.py` offers
//! those of a package of types, `_v1/pod_spec.py` beside it holds one, and imports
//! what it mentions.
//!
//! A type that holds itself, be it through others, holds anything there: pydantic
//! builds the schema of a class from those of its fields.

use super::names::{self, ClassNames};
use super::plan::{self, Hint, Import, Kind, References};
use super::{Made, free, lookup, source, stub, version};
use crate::analysis::{Library, Model, NamedType, Object, Shape, TypeRef, Value};
use crate::output::{Files, Memory};
use kube_schema::Scope;
use std::collections::{BTreeMap, BTreeSet};

/// The files of the package called `package` (with dots), by path below a folder of
/// the Python path. What begins with `root` lies below the package without it.
pub fn library(library: &Library, package: &str, root: &str) -> Files {
    let homes = homes(library, root);
    let mut made = Made::new(&package.replace('.', "/"));
    let mut groups: BTreeMap<(&[String], &str), Vec<&NamedType>> = BTreeMap::new();
    for named in &library.types {
        let home = &homes[named.name.as_str()];
        let group = groups.entry((&home.folders, &home.module)).or_default();
        group.push(named);
    }
    for types in groups.values() {
        write(&mut made, types, &homes);
    }
    let Ok(files) = made.finish(&mut Memory);
    files
}

/// Where the class of a type is.
#[derive(Debug)]
struct Home {
    /// `api`, `core`.
    folders: Vec<String>,
    /// `v1`.
    module: String,
    /// `pod_spec`.
    file: String,
    /// `PodSpec`.
    class: String,
}

type Homes<'l> = BTreeMap<&'l str, Home>;

fn homes<'l>(library: &'l Library, root: &str) -> Homes<'l> {
    let mut taken: BTreeMap<Vec<String>, (ClassNames, BTreeSet<String>)> = BTreeMap::new();
    let mut homes = Homes::new();
    for named in &library.types {
        let name = named.name.as_str();
        let rest = name.strip_prefix(root).unwrap_or(name);
        let mut folders: Vec<String> = rest
            .trim_start_matches('.')
            .split('.')
            .map(names::identifier)
            .collect();
        folders.pop();
        let (classes, files) = taken.entry(folders.clone()).or_default();
        let home = Home {
            class: classes.take(named.short_name()),
            file: free(names::kind_module(named.short_name()), files),
            module: folders.pop().unwrap_or_else(|| "types".to_owned()),
            folders,
        };
        homes.insert(name, home);
    }
    homes
}

/// The modules of one package of types.
fn write(made: &mut Made<String>, types: &[&NamedType], homes: &Homes<'_>) {
    let Some(Home {
        folders, module, ..
    }) = types.first().map(|named| &homes[named.name.as_str()])
    else {
        return;
    };
    let folder = std::iter::once(made.root.as_str())
        .chain(folders.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join("/");
    let dots = ".".repeat(folders.len() + 1);
    let hidden = format!("_{module}");
    let models: Vec<(&NamedType, Model)> = types
        .iter()
        .filter_map(|named| Some((*named, model(named)?)))
        .collect();
    let kinds: Vec<(&Home, Kind<'_>)> = models
        .iter()
        .map(|(named, model)| {
            let home = &homes[named.name.as_str()];
            let references = Named {
                of: named,
                homes,
                dots: &dots,
            };
            (home, kind(named, model, home, &references))
        })
        .collect();
    for (home, kind) in &kinds {
        let path = format!("{folder}/{hidden}/{}", home.file);
        let (text, report) = source::module(kind, &format!("{dots}."));
        let stub = stub::module(kind, &format!("{dots}."));
        made.files.insert(format!("{path}.py"), text);
        made.files.insert(format!("{path}.pyi"), stub);
        made.report.not_checked.extend(report.not_checked);
        made.report.rules.extend(report.rules);
    }
    for ((_, model), (home, kind)) in models.iter().zip(&kinds) {
        if kind.root().is_some_and(|class| class.value.is_none()) {
            made.found.push(lookup::Found {
                kind: model.kind.clone(),
                api_version: model.api_version(),
                module: format!(".{}.{module}", folders.join(".")),
                class: home.class.clone(),
            });
        }
    }
    let title = types[0].package();
    let homes: Vec<version::Home> = kinds
        .iter()
        .map(|(home, kind)| version::Home {
            module: home.file.clone(),
            classes: kind.class_names(),
        })
        .collect();
    let text = version::module(title, &hidden, &homes, &dots);
    made.files.insert(format!("{folder}/{module}.py"), text);
}

/// The type as a kind, which classes are made of; none of a union, whose objects
/// have classes.
fn model(named: &NamedType) -> Option<Model> {
    let Shape::Object(object) = &named.value.shape else {
        return None;
    };
    let (group, version, kind) = match &named.kind {
        Some(kind) => (kind.group.as_str(), kind.version.as_str(), &*kind.kind),
        None => {
            let (group, version) = named.package().rsplit_once('.').unwrap_or_default();
            (group, version, named.short_name())
        }
    };
    Some(Model {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        scope: Scope::Namespaced,
        deprecated: false,
        root: with_metadata(object),
        name_limits: Default::default(),
        metadata: Default::default(),
        scale: None,
        limits: Default::default(),
        also: Default::default(),
    })
}

/// The object with its metadata as that of every resource.
fn with_metadata(object: &Object) -> Object {
    let mut object = object.clone();
    for field in &mut object.fields {
        if field.name == "metadata" && is_object_meta(&field.value) {
            field.value.shape = Shape::ObjectMeta;
        }
    }
    object
}

fn is_object_meta(value: &Value) -> bool {
    match &value.shape {
        Shape::Named(reference) => reference.name().ends_with(".meta.v1.ObjectMeta"),
        _ => false,
    }
}

fn kind<'m>(
    named: &'m NamedType,
    model: &'m Model,
    home: &Home,
    references: &Named<'_>,
) -> Kind<'m> {
    let is_resource = named.kind.is_some()
        && model
            .root
            .fields
            .iter()
            .any(|field| field.value.shape == Shape::ObjectMeta);
    match (&named.value.shape, is_resource) {
        (Shape::Object(object), false) => {
            plan::of_type(model, &home.class, object, Some(&named.value), references)
        }
        _ => plan::of_type(model, &home.class, &model.root, None, references),
    }
}

/// How a type's module refers to others.
struct Named<'h> {
    of: &'h NamedType,
    homes: &'h Homes<'h>,
    dots: &'h str,
}

impl References for Named<'_> {
    fn hint(&self, reference: &TypeRef, imports: &mut Vec<Import>) -> Hint<'static> {
        let objects: Vec<&TypeRef> = match reference.value().and_then(|value| value.shape.union()) {
            Some(union) => union.alternatives.iter().map(|one| &one.object).collect(),
            None => vec![reference],
        };
        if objects.iter().any(|object| leads_to(object, &self.of.name)) {
            return Hint::Anything;
        }
        let classes = objects.iter().map(|object| self.import(object, imports));
        match classes.collect::<Vec<_>>().as_slice() {
            [only] => Hint::Class(only.clone()),
            several => Hint::OneOf(several.to_vec()),
        }
    }
}

impl Named<'_> {
    /// The name of a type's class in the module, once it is imported.
    fn import(&self, object: &TypeRef, imports: &mut Vec<Import>) -> String {
        let Some(home) = self.homes.get(object.name()) else {
            return "_t.Any".to_owned();
        };
        let mut path = home.folders.clone();
        path.extend([format!("_{}", home.module), home.file.clone()]);
        // The module lies in a folder of its own below the package's folders.
        let from = format!("{}.{}", self.dots, path.join("."));
        if let Some(known) = imports
            .iter()
            .find(|import| import.from == from && import.class == home.class)
        {
            return known.alias.clone();
        }
        let is_taken = imports.iter().any(|import| import.alias == home.class);
        let is_own = self.homes[self.of.name.as_str()].class == home.class;
        let alias = match is_taken || is_own {
            true => format!("{}{}", home.class, imports.len() + 2),
            false => home.class.clone(),
        };
        imports.push(Import {
            from,
            class: home.class.clone(),
            alias: alias.clone(),
        });
        alias
    }
}

/// Whether the type is, or holds, the one of this name.
fn leads_to(reference: &TypeRef, name: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut pending = vec![reference];
    while let Some(reference) = pending.pop() {
        if reference.name() == name {
            return true;
        }
        if seen.insert(reference.name())
            && let Some(value) = reference.value()
        {
            mentioned(value, &mut pending);
        }
    }
    false
}

fn mentioned<'v>(value: &'v Value, found: &mut Vec<&'v TypeRef>) {
    match &value.shape {
        Shape::Named(reference) => found.push(reference),
        Shape::Union(union) => found.extend(union.alternatives.iter().map(|one| &one.object)),
        Shape::List(inner) | Shape::Map(inner) => mentioned(inner, found),
        Shape::Object(object) => {
            for field in &object.fields {
                mentioned(&field.value, found);
            }
        }
        _ => {}
    }
}
