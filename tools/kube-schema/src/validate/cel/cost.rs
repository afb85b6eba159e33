//! What evaluating costs (cel-go, `interpreter/runtimecost.go`; apiserver,
//! `pkg/apis/cel/config.go`), so that a rule that would run long is ended.
//!
//! Steps of the language cost what they do on the server. Of functions those of
//! strings and lists are counted by the size of their values, others as one step.

use super::value::{Cel, Failure};
use cel_frontend::{Access, Kind, LoopKind};
use std::cell::Cell;

/// The most that one expression may cost.
const PER_CALL: u64 = 1_000_000;

/// The most that all rules of a resource may cost.
pub(super) const BUDGET: u64 = 10_000_000;

/// What making a list costs, and a map (cel-go, `common/cost.go`).
pub(in crate::validate) const LIST: u64 = 10;
pub(in crate::validate) const MAP: u64 = 30;

/// What an expression has cost so far.
#[derive(Debug, Default)]
pub(super) struct Cost(Cell<u64>);

impl Cost {
    /// Counts, and fails beyond the limit.
    pub fn spend(&self, more: u64) -> Result<(), Failure> {
        self.0.set(self.0.get().saturating_add(more));
        match self.is_exceeded() {
            true => Err(Failure::Limit),
            false => Ok(()),
        }
    }

    /// Also where `||` swallowed the failure.
    pub fn is_exceeded(&self) -> bool {
        self.0.get() > PER_CALL
    }

    pub fn total(&self) -> u64 {
        self.0.get()
    }
}

/// What a node costs by itself.
pub(super) fn of(kind: &Kind<()>) -> u64 {
    match kind {
        Kind::Name(_) | Kind::Index(_) => 1,
        Kind::Select(select) => u64::from(select.access != Access::Presence),
        Kind::List(_) => LIST,
        Kind::Map(_) => MAP,
        Kind::Literal(_) | Kind::Call(_) | Kind::Loop(_) => 0,
    }
}

/// What one turn of a loop costs beside its body.
pub(super) fn of_turn(kind: LoopKind) -> u64 {
    match kind {
        LoopKind::All | LoopKind::Exists => 3,
        LoopKind::ExistsOne => 4,
        LoopKind::OptMap | LoopKind::OptFlatMap => 0,
        _ => 12,
    }
}

/// What a call costs, by the sizes of what it looks at.
pub(super) fn of_call(name: &str, target: Option<&Cel>, arguments: &[Cel]) -> u64 {
    let size = |at: usize| arguments.get(at).map_or(0, size_of);
    let target = target.map_or(0, size_of);
    match name {
        "_==_" | "_!=_" | "_<_" | "_<=_" | "_>_" | "_>=_" => tenth(size(0).min(size(1))).max(1),
        "_+_" => tenth(size(0) + size(1)).max(1),
        "@in" => size(1).max(1),
        "startsWith" | "endsWith" => tenth(size(0)).max(1),
        "contains" | "indexOf" | "lastIndexOf" => (tenth(target) * tenth(size(0))).max(1),
        "matches" | "find" | "findAll" if target == 0 => {
            (tenth(size(0) + 1) * quarter(size(1))).max(1)
        }
        "matches" | "find" | "findAll" => (tenth(target + 1) * quarter(size(0))).max(1),
        "sum" | "min" | "max" | "isSorted" | "sort" | "distinct" | "reverse" | "flatten" => {
            target.max(1)
        }
        "split" | "replace" | "join" | "lowerAscii" | "upperAscii" | "trim" | "substring" => {
            tenth(target).max(1)
        }
        name if name.starts_with("sets.") => (size(0) * size(1)).max(1),
        _ => 1,
    }
}

/// In code points, bytes or elements; other values count as one.
fn size_of(value: &Cel) -> u64 {
    let size = match value {
        Cel::Text(text) => text.chars().count(),
        Cel::Bytes(bytes) => bytes.len(),
        Cel::List(list) => list.items.len(),
        Cel::Map(map) => map.len(),
        _ => 1,
    };
    size as u64
}

fn tenth(size: u64) -> u64 {
    size.div_ceil(10)
}

fn quarter(size: u64) -> u64 {
    size.div_ceil(4)
}
