//! What the samples of a kind are to show.

use crate::fault::{Fault, METADATA};
use crate::feature::Feature;
use crate::kind::Kind;
use crate::path::{SchemaPath, Step, places, schema_at};
use crate::random::Random;
use std::collections::BTreeMap;

/// What a sample is to show, and where.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub place: SchemaPath,
    pub aim: Aim,
}

#[derive(Debug, Clone)]
pub(super) enum Aim {
    Feature(Feature),
    Fault(Fault),
}

impl Aim {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Feature(feature) => feature.name(),
            Self::Fault(fault) => fault.name(),
        }
    }

    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Fault(_))
    }
}

/// Everything that the schema states, in an order where every constraint's
/// kind comes early, whatever the place.
pub(super) fn all(kind: &Kind<'_>, random: &mut Random) -> Vec<Target> {
    let mut found = Vec::new();
    let schema = &kind.schema;
    for place in places(schema) {
        if let Some(at) = schema_at(schema, &place)
            && !is_meta(&place)
        {
            let is_item = place.last() == Some(&Step::Item);
            let features = Feature::of(at).into_iter().map(Aim::Feature);
            let faults = Fault::of(at, is_item).into_iter().map(Aim::Fault);
            let aims = features.chain(faults);
            let aims = aims.filter(|aim| !is_given(&place, aim));
            found.extend(aims.map(|aim| Target {
                place: place.clone(),
                aim,
            }));
        }
    }
    found.extend((0..METADATA).map(|i| Target {
        place: vec![Step::Field("metadata".to_owned())],
        aim: Aim::Fault(Fault::Metadata(i)),
    }));
    found.extend(scale(kind));
    random.shuffle(&mut found);
    interleaved(found)
}

fn scale(kind: &Kind<'_>) -> Option<Target> {
    let paths = kind.version.subresources.scale.as_ref()?;
    let steps = paths.spec_replicas_path.trim_start_matches('.').split('.');
    Some(Target {
        place: steps.map(|name| Step::Field(name.to_owned())).collect(),
        aim: Aim::Fault(Fault::Scale),
    })
}

/// What lies in the fields that every resource has.
fn is_meta(place: &[Step]) -> bool {
    matches!(place.first(), Some(Step::Field(name)) if matches!(name.as_str(), "apiVersion" | "kind" | "metadata"))
}

/// What would make the resource itself none: it must be an object with a kind.
fn is_given(place: &[Step], aim: &Aim) -> bool {
    place.is_empty()
        && match aim {
            Aim::Fault(Fault::Type) => true,
            Aim::Fault(Fault::Required(name)) => is_meta(&[Step::Field(name.clone())]),
            Aim::Feature(feature) => !feature.is_whole(),
            Aim::Fault(_) => false,
        }
}

/// `spec.items[].name`.
pub(super) fn described(place: &[Step]) -> String {
    let mut text = String::new();
    for step in place {
        match step {
            Step::Field(name) if text.is_empty() => text += name,
            Step::Field(name) => text += &format!(".{name}"),
            Step::Item => text += "[]",
            Step::Value => text += ".*",
        }
    }
    if text.is_empty() {
        text += "the resource";
    }
    text
}

/// One of each kind in turn, until none is left.
fn interleaved(targets: Vec<Target>) -> Vec<Target> {
    let mut groups: BTreeMap<(bool, &'static str), Vec<Target>> = BTreeMap::new();
    for target in targets {
        let key = (!target.aim.is_fault(), target.aim.name());
        groups.entry(key).or_default().push(target);
    }
    let mut found = Vec::new();
    while !groups.is_empty() {
        for group in groups.values_mut() {
            found.extend(group.pop());
        }
        groups.retain(|_, group| !group.is_empty());
    }
    found
}
