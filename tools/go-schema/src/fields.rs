//! Which properties a struct has in JSON: encoding/json's rules for embedded fields and
//! for names that come twice (`typeFields` in its encode.go).

use crate::error::{Error, Kind};
use crate::known;
use crate::package::Program;
use crate::tags::JsonTag;
use crate::types::{Field, Named, Type};
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

/// A property.
#[derive(Debug, Clone)]
pub(crate) struct Property {
    /// Its name in JSON.
    pub name: String,
    /// The field.
    pub field: Field,
    /// What the field's tag says.
    pub tag: JsonTag,
    /// The struct that declares the field: the type itself, or one that it embeds.
    pub owner: Option<Named>,
    /// The way to the field through embedded ones, which is also its order.
    index: Vec<usize>,
}

/// A struct whose fields are looked at: its type if it has a name, and the way to it.
struct Level {
    named: Option<Named>,
    fields: Rc<Vec<Field>>,
    index: Vec<usize>,
    /// How often it is embedded at this depth: of several copies none counts.
    times: usize,
}

/// What was found so far, and the structs of the next depth.
#[derive(Default)]
struct Found {
    properties: Vec<Property>,
    next: Vec<Level>,
}

impl Found {
    fn add(&mut self, property: Property, level: &Level) {
        let copies = if level.times > 1 { 2 } else { 1 };
        let copies = std::iter::repeat_n(property, copies);
        self.properties.extend(copies);
    }

    fn embed(&mut self, (named, fields): Embedded, index: Vec<usize>) {
        let mut known = self.next.iter_mut();
        let same = known.find(|level| named.is_some() && level.named == named);
        match same {
            Some(level) => level.times += 1,
            None => self.next.push(Level {
                named,
                fields,
                index,
                times: 1,
            }),
        }
    }
}

impl Program {
    /// The properties of a struct, in the order of its fields.
    ///
    /// # Errors
    /// If a field has a tag and is not exported, or a struct embeds itself.
    pub(crate) fn properties(
        &self,
        named: Option<&Named>,
        fields: &Rc<Vec<Field>>,
    ) -> Result<Vec<Property>, Error> {
        let mut found = Found::default();
        found.embed((named.cloned(), fields.clone()), Vec::new());
        let mut visited: HashSet<Named> = HashSet::new();
        while !found.next.is_empty() {
            for level in std::mem::take(&mut found.next) {
                let is_new = |named: &Named| visited.insert(named.clone());
                if level.named.as_ref().is_none_or(is_new) {
                    self.look_into(&level, &mut found)?;
                }
            }
        }
        Ok(dominant(found.properties))
    }

    /// Looks at the fields of one struct.
    fn look_into(&self, level: &Level, found: &mut Found) -> Result<(), Error> {
        for (number, field) in level.fields.iter().enumerate() {
            let mut index = level.index.clone();
            index.push(number);
            match self.look_at(field)? {
                Look::Nothing => {}
                Look::Embedded(embedded) => found.embed(embedded, index),
                Look::Property(name, tag) => {
                    let property = Property {
                        name,
                        field: field.clone(),
                        tag,
                        owner: level.named.clone(),
                        index,
                    };
                    found.add(property, level);
                }
            }
        }
        Ok(())
    }

    /// What a field is in JSON.
    fn look_at(&self, field: &Field) -> Result<Look, Error> {
        let tag = JsonTag::of(&field.tag);
        let target = match &field.value {
            Type::Pointer(to) => to,
            other => other,
        };
        let embedded = match field.is_embedded {
            true => self.embedded_struct(target, field)?,
            false => None,
        };
        let is_exported = field.name.chars().next().is_some_and(char::is_uppercase);
        if !is_exported && embedded.is_none() {
            return match tag.is_there && !tag.is_ignored {
                false => Ok(Look::Nothing),
                true => Err(Kind::UnexportedTag {
                    name: field.name.clone(),
                    tag: crate::tags::lookup(&field.tag, "json").unwrap_or_default(),
                }
                .at(field.site.clone())),
            };
        }
        if tag.is_ignored {
            return Ok(Look::Nothing);
        }
        Ok(match (&tag.name, embedded) {
            (None, Some(embedded)) => Look::Embedded(embedded),
            (Some(name), _) => Look::Property(name.clone(), tag),
            (None, None) => Look::Property(field.name.clone(), tag),
        })
    }

    /// The fields of an embedded struct.
    fn embedded_struct(&self, target: &Type, field: &Field) -> Result<Option<Embedded>, Error> {
        let named = match target {
            Type::Named(named) => named,
            Type::Foreign(name) => {
                return match known::embedded(name) {
                    Some(known::Embedded::Nothing) => Ok(Some((None, Rc::default()))),
                    Some(known::Embedded::Property) => Ok(None),
                    None => Err(self.foreign(name).at(field.site.clone())),
                };
            }
            _ => return Ok(None),
        };
        let shape = self
            .underlying(named)
            .map_err(|e| e.or_at(Some(&field.site)))?;
        Ok(match shape {
            Type::Struct(fields) => Some((Some(named.clone()), fields)),
            _ => None,
        })
    }

    /// The error for a type of a package that is not given.
    pub(crate) fn foreign(&self, name: &str) -> Kind {
        let package = name.rsplit_once('.').map_or(name, |(package, _)| package);
        let is_standard = !package.split('/').next().unwrap_or_default().contains('.');
        if is_standard {
            return Kind::StandardType(name.to_owned());
        }
        Kind::UnpinnedType {
            name: name.to_owned(),
            module: self.required_for(package),
        }
    }

    /// Refuses a struct that holds itself through embedded fields, which Go refuses too.
    ///
    /// # Errors
    /// If it does.
    pub(crate) fn refuse_recursive_embedding(
        &self,
        named: &Named,
        open: &mut Vec<Named>,
    ) -> Result<(), Error> {
        let Type::Struct(fields) = self.underlying(named)? else {
            return Ok(());
        };
        open.push(named.clone());
        for field in fields.iter().filter(|field| field.is_embedded) {
            let Type::Named(inner) = &field.value else {
                continue;
            };
            if let Some(start) = open.iter().position(|other| other == inner) {
                let cycle = open[start..].iter().chain([inner]);
                let cycle = cycle.map(|named| named.name.to_string()).collect();
                return Err(Kind::EmbeddingCycle(cycle).at(field.site.clone()));
            }
            self.refuse_recursive_embedding(inner, open)?;
        }
        open.pop();
        Ok(())
    }
}

/// A struct that is embedded: its type if it has a name, and its fields.
type Embedded = (Option<Named>, Rc<Vec<Field>>);

enum Look {
    Nothing,
    Property(String, JsonTag),
    Embedded(Embedded),
}

/// Of the fields with one name the one that Go's rules for embedded fields choose, where
/// a name from a tag wins over one without; none if two are equally good.
fn dominant(found: Vec<Property>) -> Vec<Property> {
    let mut by_name: BTreeMap<String, Vec<Property>> = BTreeMap::new();
    for property in found {
        by_name
            .entry(property.name.clone())
            .or_default()
            .push(property);
    }
    let rank = |p: &Property| (p.index.len(), p.tag.name.is_none());
    let mut chosen: Vec<Property> = Vec::new();
    for mut rivals in by_name.into_values() {
        rivals.sort_by(|a, b| (rank(a), &a.index).cmp(&(rank(b), &b.index)));
        let is_tie = rivals.len() > 1 && rank(&rivals[0]) == rank(&rivals[1]);
        if !is_tie {
            chosen.extend(rivals.into_iter().next());
        }
    }
    chosen.sort_by(|a, b| a.index.cmp(&b.index));
    chosen
}
