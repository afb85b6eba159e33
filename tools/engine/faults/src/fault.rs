//! The faults: each does one thing to a build, and then the next one has to be right.

mod clock;
mod damage;
mod disk;
mod kill;
mod outputs;
mod sources;
mod together;

use crate::world::World;

/// Something that may happen to a build.
pub struct Fault {
    pub name: &'static str,
    pub says: &'static str,
    /// Whether it mounts something.
    pub mounts: bool,
    pub round: fn(&mut World) -> anyhow::Result<()>,
}

const fn fault(
    name: &'static str,
    round: fn(&mut World) -> anyhow::Result<()>,
    says: &'static str,
) -> Fault {
    Fault {
        name,
        says,
        mounts: false,
        round,
    }
}

const fn mounting(fault: Fault) -> Fault {
    Fault {
        mounts: true,
        ..fault
    }
}

/// All of them.
pub const FAULTS: &[Fault] = &[
    fault("kill", kill::round, "SIGKILL at any time of a build"),
    mounting(fault(
        "full-disk",
        disk::full,
        "no space for the cache, the outputs or both",
    )),
    mounting(fault(
        "read-only",
        disk::read_only,
        "a cache or an output folder that cannot be written",
    )),
    fault(
        "damage",
        damage::at_rest,
        "entries of the store cut, swapped, flipped, replaced, removed",
    ),
    fault(
        "loss",
        damage::under_use,
        "files of the store removed while it is in use",
    ),
    fault(
        "outputs",
        outputs::round,
        "outputs edited, deleted, added and replaced by hand",
    ),
    fault(
        "sources",
        sources::round,
        "sources that change during their actions",
    ),
    fault(
        "together",
        together::round,
        "two to eight commands at once, in two checkouts",
    ),
    fault("eviction", together::eviction, "evictions while builds run"),
    fault(
        "format",
        damage::old_format,
        "what older and newer versions left",
    ),
    fault(
        "clock",
        clock::round,
        "times in the past and the future, equal stamps of other content",
    ),
    fault(
        "clock-jumps",
        clock::jumps,
        "a clock that is set forth and back, also during builds",
    ),
];
