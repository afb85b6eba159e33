//! The classes of a kind: what of a model becomes which class and which field.

use super::names::{self, ClassNames, class_part};
use crate::analysis::{Field, Model, Object, Shape, TypeRef, Value};
use std::collections::HashMap;

/// A kind and its classes.
#[derive(Debug)]
pub struct Kind<'m> {
    /// The kind.
    pub model: &'m Model,
    /// Every class after those that it mentions; the last one is the kind's.
    pub classes: Vec<Class<'m>>,
    /// Classes of other modules that it mentions.
    pub imports: Vec<Import>,
    /// Whether it is one of Kubernetes' own, whose names follow rules of each.
    pub is_built_in: bool,
}

/// A class of another module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// The module, relative to the one that imports it.
    pub from: String,
    /// The class there.
    pub class: String,
    /// The class here.
    pub alias: String,
}

/// Says how types with names of their own are written.
pub trait References {
    /// The type in Python, once what it needs is imported.
    fn hint(&self, reference: &TypeRef, imports: &mut Vec<Import>) -> Hint<'static>;
}

/// The models of CRDs have no such types.
struct NoReferences;

impl References for NoReferences {
    fn hint(&self, _: &TypeRef, _: &mut Vec<Import>) -> Hint<'static> {
        Hint::Anything
    }
}

/// A class.
#[derive(Debug)]
pub struct Class<'m> {
    /// `HelmReleaseSpec`.
    pub name: String,
    /// Where it stands in the resource, `spec.parts[]`; the resource itself is empty.
    pub path: String,
    /// What it is a class of.
    pub object: &'m Object,
    /// What else is said of it, unless it is the resource itself.
    pub value: Option<&'m Value>,
    /// Its fields, in the order of the class.
    pub fields: Vec<Attribute<'m>>,
}

/// A field of a class.
#[derive(Debug)]
pub struct Attribute<'m> {
    /// `source_ref`.
    pub name: String,
    /// Where it stands in the resource.
    pub path: String,
    /// What the API says of it.
    pub field: &'m Field,
    /// Its type.
    pub slot: Slot<'m>,
}

/// A place for a value.
#[derive(Debug)]
pub struct Slot<'m> {
    /// What the API says of it.
    pub value: &'m Value,
    /// Its type.
    pub hint: Hint<'m>,
}

/// A type in Python, as far as it is more than the shape says.
#[derive(Debug)]
pub enum Hint<'m> {
    /// What the shape says.
    Plain,
    /// Whatever the shape says, anything.
    Anything,
    /// The class of this name.
    Class(String),
    /// One of the classes of these names.
    OneOf(Vec<String>),
    /// A list or a map of these.
    Of(Box<Slot<'m>>),
}

/// The kinds of one module of the API, with names that are not used twice.
pub fn kinds<'m>(models: &[&'m Model]) -> Vec<Kind<'m>> {
    let mut names = ClassNames::default();
    let roots: Vec<String> = models.iter().map(|model| names.take(&model.kind)).collect();
    models
        .iter()
        .zip(roots)
        .map(|(model, root)| {
            let mut planner = Planner {
                names: &mut names,
                classes: Vec::new(),
                references: &NoReferences,
                imports: Vec::new(),
            };
            planner.class(root, "", &model.root, None);
            Kind {
                model,
                classes: planner.classes,
                imports: Vec::new(),
                is_built_in: false,
            }
        })
        .collect()
}

/// The classes of a type of a library. `value` is what it is, unless it is a resource.
pub fn of_type<'m>(
    model: &'m Model,
    class: &str,
    object: &'m Object,
    value: Option<&'m Value>,
    references: &impl References,
) -> Kind<'m> {
    let mut names = ClassNames::default();
    let mut planner = Planner {
        names: &mut names,
        classes: Vec::new(),
        references,
        imports: Vec::new(),
    };
    let root = planner.names.take(class);
    planner.class(root, "", object, value);
    let Planner {
        classes,
        mut imports,
        ..
    } = planner;
    imports.sort();
    Kind {
        model,
        classes,
        imports,
        is_built_in: true,
    }
}

struct Planner<'n, 'm> {
    names: &'n mut ClassNames,
    classes: Vec<Class<'m>>,
    references: &'n dyn References,
    imports: Vec<Import>,
}

impl<'m> Planner<'_, 'm> {
    fn class(&mut self, name: String, path: &str, object: &'m Object, value: Option<&'m Value>) {
        let fields = sorted(object, value.is_none());
        let written: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let attributes = names::fields(&written, value.is_none());
        let fields = fields
            .into_iter()
            .zip(attributes)
            .map(|(field, attribute)| {
                let path = match path {
                    "" => field.name.clone(),
                    path => format!("{path}.{}", field.name),
                };
                let class = format!("{name}{}", class_part(&field.name));
                Attribute {
                    slot: self.slot(&field.value, &class, &path),
                    name: attribute,
                    path,
                    field,
                }
            })
            .collect();
        self.classes.push(Class {
            name,
            path: path.to_owned(),
            object,
            value,
            fields,
        });
    }

    fn slot(&mut self, value: &'m Value, class: &str, path: &str) -> Slot<'m> {
        let hint = match &value.shape {
            Shape::Object(object) => {
                let name = self.names.take(class);
                self.class(name.clone(), path, object, Some(value));
                Hint::Class(name)
            }
            Shape::List(element) => Hint::Of(Box::new(self.slot(
                element,
                &format!("{class}Item"),
                &format!("{path}[]"),
            ))),
            Shape::Map(entry) => Hint::Of(Box::new(self.slot(
                entry,
                &format!("{class}Value"),
                &format!("{path}{{}}"),
            ))),
            Shape::Named(reference) => self.references.hint(reference, &mut self.imports),
            _ => Hint::Plain,
        };
        Slot { value, hint }
    }
}

/// apiVersion, kind and metadata first, as people write them.
fn sorted(object: &Object, is_resource: bool) -> Vec<&Field> {
    let mut fields: Vec<&Field> = object.fields.iter().collect();
    if is_resource {
        let rank = |field: &Field| match field.name.as_str() {
            "apiVersion" => 0,
            "kind" => 1,
            "metadata" => 2,
            _ => 3,
        };
        fields.sort_by_key(|field| rank(field));
    }
    fields
}

impl<'m> Kind<'m> {
    /// The class of the resource.
    pub fn root(&self) -> Option<&Class<'m>> {
        self.classes.last()
    }

    /// The names of its classes, in their order.
    pub fn class_names(&self) -> String {
        let names: Vec<&str> = self
            .classes
            .iter()
            .map(|class| class.name.as_str())
            .collect();
        names.join(" ")
    }

    /// The names of an object's fields in Python, by those of the API.
    pub fn attributes(&self) -> Attributes<'_> {
        let classes = self.classes.iter();
        let named = classes.map(|class| (std::ptr::from_ref(class.object), class.names()));
        Attributes(named.collect())
    }
}

impl Class<'_> {
    fn names(&self) -> HashMap<&str, &str> {
        let fields = self.fields.iter();
        let named = fields.map(|found| (found.field.name.as_str(), found.name.as_str()));
        named.collect()
    }
}

/// The names of fields in Python.
#[derive(Debug)]
pub struct Attributes<'p>(HashMap<*const Object, HashMap<&'p str, &'p str>>);

impl Attributes<'_> {
    /// What an object's field is called.
    pub fn name(&self, object: &Object, field: &str) -> Option<&str> {
        let fields = self.0.get(&std::ptr::from_ref(object))?;
        fields.get(field).copied()
    }
}
