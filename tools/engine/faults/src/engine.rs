//! The engine as a user meets it: a command in a checkout, with an exit code and messages.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

/// No build of the small checkout takes so long.
const HANGS: Duration = Duration::from_secs(180);

/// The engine's program.
#[derive(Debug, Clone)]
pub struct Engine {
    program: PathBuf,
    env: BTreeMap<&'static str, OsString>,
}

/// A command that may still run.
pub struct Running {
    child: Child,
    what: String,
}

/// What a command said when it ended.
#[derive(Debug)]
pub struct Said {
    what: String,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Engine {
    pub fn new(program: &Path) -> Engine {
        Engine {
            program: program.to_owned(),
            env: BTreeMap::new(),
        }
    }

    /// Sets a variable for the commands from here on.
    pub fn set_env(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.env.insert(name, value.into());
    }

    /// Starts a command in a checkout.
    pub fn start(
        &self,
        checkout: &Path,
        cache: &Path,
        arguments: &[&str],
    ) -> anyhow::Result<Running> {
        let child = Command::new(&self.program)
            .args(arguments)
            .current_dir(checkout)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HERMETIC_CACHE", cache)
            .env("RUST_BACKTRACE", "0")
            .envs(&self.env)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))?;
        Ok(Running {
            child,
            what: arguments.join(" "),
        })
    }

    /// Runs a command to its end.
    pub fn run(&self, checkout: &Path, cache: &Path, arguments: &[&str]) -> anyhow::Result<Said> {
        self.start(checkout, cache, arguments)?.end()
    }
}

impl Running {
    /// Kills the engine, and nothing but the engine.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.kill()?)
    }

    /// Waits for the end; what it said is decent whatever was done to it.
    pub fn end(mut self) -> anyhow::Result<Said> {
        let stdout = reader(self.child.stdout.take());
        let stderr = reader(self.child.stderr.take());
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if started.elapsed() > HANGS {
                self.child.kill()?;
                bail!("`{}` hangs", self.what);
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let text = |thread: std::thread::JoinHandle<String>| thread.join().unwrap_or_default();
        let said = Said {
            what: self.what,
            code: status.code(),
            stdout: text(stdout),
            stderr: text(stderr),
        };
        said.is_decent()?;
        Ok(said)
    }
}

fn reader(from: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut from) = from {
            let _ = from.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

impl Said {
    /// A failure says what is wrong, in words.
    fn is_decent(&self) -> anyhow::Result<()> {
        for word in [
            "panicked at",
            "RUST_BACKTRACE",
            "Traceback (most recent call last)",
        ] {
            ensure!(!self.stderr.contains(word), "{self} has `{word}`");
        }
        let is_told = match self.code {
            None | Some(0) => true,
            Some(_) => self.stderr.contains("error: "),
        };
        ensure!(is_told, "{self} says nothing of an error");
        Ok(())
    }

    /// An error unless it succeeded.
    pub fn success(self) -> anyhow::Result<Said> {
        ensure!(self.code == Some(0), "{self} should have succeeded");
        Ok(self)
    }

    /// How many actions ran, by the engine's own count.
    pub fn executed(&self) -> anyhow::Result<usize> {
        let after = self.stderr.split("executed: ").nth(1);
        let number = after.and_then(|rest| rest.split(',').next());
        let number = number.with_context(|| format!("{self} has no count"))?;
        Ok(number.parse()?)
    }

    /// Where the outputs lie that it lists.
    pub fn outputs(&self) -> Vec<PathBuf> {
        let lines = self.stdout.lines();
        lines
            .filter_map(|line| Some(PathBuf::from(line.split_once(' ')?.1)))
            .collect()
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "`{}` (exit {:?}):\n{}\n",
            self.what,
            self.code,
            self.stderr.trim_end()
        )
    }
}
