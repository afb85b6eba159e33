//! How lists and maps are merged (Kubernetes' `structured-merge-diff`). crdify
//! calls these changes unhandled.

use super::Pair;
use crate::diff::change::{Findings, Values, Verdict, breaking};
use kube_schema::{ListType, MapType};

impl Pair<'_> {
    pub(super) fn topology(&self, out: &mut Findings<'_>) {
        self.list_type(out);
        self.list_keys(out);
        self.map_type(out);
    }

    /// A list without a type is atomic.
    fn list_type(&self, out: &mut Findings<'_>) {
        let (old, new) = (self.old.list_type, self.new.list_type);
        let effective = |list_type: Option<ListType>| list_type.unwrap_or(ListType::Atomic);
        if effective(old) != effective(new) {
            let verdict = list_verdict(effective(new));
            let values = Values::of(old.map(list_name), new.map(list_name));
            self.say("x-kubernetes-list-type", values, verdict, out);
        }
    }

    /// Their order says nothing.
    fn list_keys(&self, out: &mut Findings<'_>) {
        let sorted = |keys: &[String]| {
            let mut keys = keys.to_vec();
            keys.sort();
            keys
        };
        let old = sorted(&self.old.list_map_keys);
        let new = sorted(&self.new.list_map_keys);
        let are_maps = [self.old, self.new]
            .iter()
            .all(|schema| schema.list_type == Some(ListType::Map));
        if are_maps && old != new {
            let verdict = breaking(
                "elements are told apart otherwise: an object may hold one twice, and appliers patch another one",
            );
            self.say(
                "x-kubernetes-list-map-keys",
                Values::both(old, new),
                verdict,
                out,
            );
        }
    }

    /// A map or object without a type is granular.
    fn map_type(&self, out: &mut Findings<'_>) {
        let (old, new) = (self.old.map_type, self.new.map_type);
        let effective = |map_type: Option<MapType>| map_type.unwrap_or(MapType::Granular);
        if effective(old) != effective(new) {
            let verdict = match effective(new) {
                MapType::Atomic => {
                    breaking("an applier of some fields takes away those of the others")
                }
                MapType::Granular => {
                    breaking("an applier no longer takes away what others have set")
                }
            };
            let values = Values::of(old.map(map_name), new.map(map_name));
            self.say("x-kubernetes-map-type", values, verdict, out);
        }
    }
}

fn list_verdict(new: ListType) -> Verdict {
    breaking(match new {
        ListType::Atomic => "an applier of some elements takes away those of the others",
        ListType::Set => {
            "an object that holds an element twice becomes invalid, and appliers merge elements"
        }
        ListType::Map => {
            "an object that holds two elements of one key becomes invalid, and appliers merge elements"
        }
    })
}

fn list_name(list_type: ListType) -> &'static str {
    match list_type {
        ListType::Atomic => "atomic",
        ListType::Set => "set",
        ListType::Map => "map",
    }
}

fn map_name(map_type: MapType) -> &'static str {
    match map_type {
        MapType::Granular => "granular",
        MapType::Atomic => "atomic",
    }
}
