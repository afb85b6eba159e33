//! What one run of a KCL program may use.

use std::time::Duration;

const MIB: u64 = 1 << 20;

/// The limits of one worker process. The defaults suit every program that a
/// person would write and stop the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Wall-clock time, and processor time too. Default: 60 s.
    pub time: Duration,
    /// Address space in bytes, stack and library included. Default: 4 GiB.
    pub memory: u64,
    /// Stack in bytes of the thread that evaluates. Default: 256 MiB.
    pub stack: u64,
    /// Size in bytes of the reply. Default: 512 MiB.
    pub reply: u64,
    /// What a worker that is used again may grow by, in bytes, before a new one
    /// takes its place. Default: 64 MiB.
    pub growth: u64,
    /// Whether a program may use what gives another value at each run: the
    /// clock, random numbers, the machine's name. Default: no.
    pub impure: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(60),
            memory: 4096 * MIB,
            stack: 256 * MIB,
            reply: 512 * MIB,
            growth: 64 * MIB,
            impure: false,
        }
    }
}

impl Limits {
    /// Processor seconds for `RLIMIT_CPU`: the time limit rounded up, plus one,
    /// so that the wall clock is what normally ends a run.
    pub(crate) fn processor_seconds(&self) -> u64 {
        self.time.as_secs() + u64::from(self.time.subsec_nanos() > 0) + 1
    }
}
