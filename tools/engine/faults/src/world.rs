//! What the rounds of one fault share: a checkout, a cache, the draws, and what clean builds made.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail, ensure};
use fastrand::Rng;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::checkout::{Checkout, Snapshot, snapshot};
use crate::engine::{Engine, Said};
use crate::namespace;

/// The size of the disk that a fault may fill.
const SMALL_DISK: u64 = 512 << 20;

/// The build that every round is about.
pub const BUILD: &[&str] = &["build", "//...", "--show-output"];

pub struct World {
    pub rng: Rng,
    pub engine: Engine,
    pub checkout: Checkout,
    pub cache: PathBuf,
    /// How long a build takes that has something to do.
    pub time: Duration,
    small: bool,
    jumps: String,
    clean: HashMap<Vec<Vec<u8>>, Snapshot>,
    folder: TempDir,
}

impl World {
    /// A checkout that was built once; on a small disk of its own if `small`.
    pub fn new(engine: Engine, small: bool) -> anyhow::Result<World> {
        let folder = tempfile::Builder::new().prefix("engine-faults").tempdir()?;
        let home = std::fs::canonicalize(folder.path())?.join("disk");
        std::fs::create_dir(&home)?;
        if small {
            namespace::small_disk(&home, SMALL_DISK)?;
        }
        let mut world = World {
            small,
            jumps: String::new(),
            rng: Rng::new(),
            engine,
            checkout: Checkout::create(&home.join("checkout"))?,
            cache: home.join("cache"),
            time: Duration::ZERO,
            clean: HashMap::new(),
            folder,
        };
        let started = Instant::now();
        world.build()?.success()?;
        world.time = started.elapsed();
        Ok(world)
    }

    /// The disk that everything is on.
    pub fn disk(&self) -> &Path {
        self.cache.parent().unwrap_or(&self.cache)
    }

    /// Makes the draws those of one round.
    pub fn draw_from(&mut self, seed: &str) {
        let digest = Sha256::digest(seed);
        let number = digest
            .iter()
            .take(8)
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        self.rng = Rng::with_seed(number);
    }

    /// Lets the clock jump at a time; it stays there until the next jump.
    pub fn jump(&mut self, when: SystemTime, by: i64) -> anyhow::Result<()> {
        let when = when.duration_since(UNIX_EPOCH)?.as_nanos();
        write!(self.jumps, " {when} {by}")?;
        self.engine.set_env("CLOCK_JUMPS", &self.jumps);
        Ok(())
    }

    /// Builds everything.
    pub fn build(&self) -> anyhow::Result<Said> {
        self.engine.run(&self.checkout.root, &self.cache, BUILD)
    }

    /// A time at which a build may be about anything.
    pub fn some_time(&mut self) -> Duration {
        self.time.mul_f64(self.rng.f64() * 1.1)
    }

    /// The next build is right: it succeeds, its outputs are those of a clean build, the sources are
    /// left alone, and the build after it has nothing to do.
    pub fn is_right(&mut self) -> anyhow::Result<()> {
        let sources = self.checkout.sources()?;
        let said = self.build()?.success()?;
        self.is_clean(&said)?;
        ensure!(self.checkout.sources()? == sources, "a source changed");
        let again = self.build()?.success()?;
        ensure!(
            again.executed()? == 0,
            "a second build ran something: {again}"
        );
        self.is_clean(&again)
    }

    /// With the sources of an earlier build, nothing runs: its results are still there.
    pub fn is_kept(&mut self, earlier: &[Vec<u8>]) -> anyhow::Result<()> {
        self.checkout.restore(earlier)?;
        let said = self.build()?.success()?;
        ensure!(
            said.executed()? == 0,
            "results of an earlier build are lost: {said}"
        );
        self.is_clean(&said)
    }

    fn is_clean(&mut self, said: &Said) -> anyhow::Result<()> {
        let made = snapshot(&self.checkout.root, &said.outputs())?;
        let expected = self.clean()?;
        for (path, what) in expected {
            match made.get(path) {
                Some(found) if found == what => {}
                found => bail!(
                    "{} is {found:?}, a clean build makes {what}",
                    path.display()
                ),
            }
        }
        for path in made.keys() {
            ensure!(
                expected.contains_key(path),
                "{} is no output",
                path.display()
            );
        }
        Ok(())
    }

    /// What a new checkout with these sources and an empty cache gives.
    fn clean(&mut self) -> anyhow::Result<&Snapshot> {
        let sources = self.checkout.sources()?;
        if !self.clean.contains_key(&sources) {
            let home = tempfile::tempdir_in(self.folder.path())?;
            let other = Checkout::create(&home.path().join("clean"))?;
            other.restore(&sources)?;
            let said = self
                .engine
                .run(&other.root, &home.path().join("cache"), BUILD);
            let said = said?.success().context("a clean build")?;
            let made = snapshot(&other.root, &said.outputs())?;
            ensure!(
                made.len() > 40,
                "a clean build makes too little: {}",
                made.len()
            );
            self.clean.insert(sources.clone(), made);
        }
        self.clean.get(&sources).context("a clean build")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if self.small {
            namespace::take_away(self.disk());
        }
    }
}
