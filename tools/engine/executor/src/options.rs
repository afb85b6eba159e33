//! What the caller decides about a build.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use store::DEFAULT_LIMIT;

/// What of the host an action may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostTools {
    /// PATH of every action. It is no part of an action's key: what a rule runs from it stands in
    /// the rule's own arguments, by version.
    pub path: String,
    /// Folders an action may read besides the system's: toolchain prefixes such as rustc's sysroot.
    pub roots: Vec<PathBuf>,
}

/// How to build.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder that artifacts' paths start from.
    pub project_root: PathBuf,
    /// The user's cache folder; clones and processes share it.
    pub cache_dir: PathBuf,
    /// How many actions run at once.
    pub jobs: usize,
    /// Whether to go on with what does not need a failed action.
    pub keep_going: bool,
    /// What of the host an action may use.
    pub host: HostTools,
    /// How long one action may take.
    pub timeout: Option<Duration>,
    /// How many bytes the store may hold.
    pub cache_limit: u64,
    /// The user's environment, of which `fetch_` actions see HOME and the clients' variables.
    pub environment: BTreeMap<String, String>,
    /// The program that sets the sandbox up when it is run with [`crate::SANDBOX_ARGUMENT`]; the
    /// running one if `None`.
    pub sandbox_program: Option<PathBuf>,
    /// The strongest sandbox to use, for tests of the weaker ones; what the machine gives if `None`.
    pub sandbox: Option<crate::Capabilities>,
}

impl Options {
    /// The defaults: as many jobs as cores, no timeout, 20 GB, this process's environment.
    pub fn new(project_root: impl Into<PathBuf>, cache_dir: impl Into<PathBuf>) -> Options {
        Options {
            project_root: project_root.into(),
            cache_dir: cache_dir.into(),
            jobs: std::thread::available_parallelism().map_or(1, Into::into),
            keep_going: false,
            host: HostTools::default(),
            timeout: None,
            cache_limit: DEFAULT_LIMIT,
            environment: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
            sandbox_program: None,
            sandbox: None,
        }
    }
}
