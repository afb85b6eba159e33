//! Carries out an action that runs a command: stages it, runs it in the sandbox, takes its outputs.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use build_graph::{Action, ActionKind, RunAction};
use store::Content;

use crate::capabilities::detect;
use crate::inputs::{Artifacts, Problem, Staged, StagedItem};
use crate::janitor::{Janitor, Rubbish};
use crate::outputs::collect;
use crate::privileges::{Privileges, is_client_variable, names_writable_folder};
use crate::sandbox::{Network, SCRATCH, Spec, Status};
use crate::spawn::{self, Ended};
use crate::{Cancel, Capabilities, FailureKind, FileIsolation, NetworkIsolation, Options};

/// Why a command gave nothing.
pub(crate) enum RunError {
    /// What went wrong, and what the command had printed.
    Problem(Problem, String),
    /// The build was stopped.
    Cancelled,
}

impl<E: Into<Problem>> From<E> for RunError {
    fn from(problem: E) -> RunError {
        RunError::Problem(problem.into(), String::new())
    }
}

/// Runs commands.
pub(crate) struct Runner {
    options: Options,
    program: PathBuf,
    capabilities: OnceLock<Capabilities>,
}

impl Runner {
    pub(crate) fn new(options: &Options) -> Runner {
        Runner {
            options: options.clone(),
            program: spawn::program(options.sandbox_program.as_ref()),
            capabilities: OnceLock::new(),
        }
    }

    /// What the sandbox gives; found out the first time it is asked.
    pub(crate) fn capabilities(&self) -> io::Result<Capabilities> {
        if let Some(known) = self.options.sandbox.or(self.capabilities.get().copied()) {
            return Ok(known);
        }
        let found = detect(&self.program)?;
        Ok(*self.capabilities.get_or_init(|| found))
    }

    /// Runs the action's command; gives what each output holds, and what it printed.
    pub(crate) fn run(
        &self,
        action: &Action,
        artifacts: &Artifacts<'_>,
        janitor: &Janitor,
        cancel: &Cancel,
    ) -> Result<(Vec<Content>, String), RunError> {
        let spec = self.spec(action, artifacts)?;
        let mut rubbish = Rubbish::folder(spec.disk.clone(), janitor);
        prepare(&spec).map_err(|error| FailureKind::setup("staging", error))?;
        let ran = spawn::run(&self.program, &spec, self.options.timeout, cancel);
        let ran = ran.map_err(|error| FailureKind::setup("starting the sandbox", error))?;
        rubbish.add(ran.rest);
        let printed = ran.printed;
        let failure = match ran.ended {
            Ended::Cancelled => return Err(RunError::Cancelled),
            Ended::TimedOut(limit) => FailureKind::Timeout(limit),
            Ended::Status(Status::Exit(0)) => {
                let on_disk = |path: &str| spec.on_disk(path);
                let collected = collect(&on_disk, action, artifacts.store, artifacts.files);
                match collected {
                    Ok(contents) => return Ok((contents, printed)),
                    Err(kind) => kind,
                }
            }
            Ended::Status(Status::Exit(code)) => FailureKind::Exit(code),
            Ended::Status(Status::Signal(signal)) => FailureKind::Signal(signal),
            Ended::Status(Status::Program(reason)) => FailureKind::Program {
                program: spec.argv.first().cloned().unwrap_or_default(),
                reason,
            },
            Ended::Status(Status::Setup(reason)) => FailureKind::Setup(reason),
        };
        Err(RunError::Problem(failure.into(), printed))
    }

    fn spec(&self, action: &Action, artifacts: &Artifacts<'_>) -> Result<Spec, Problem> {
        let ActionKind::Run(run) = &action.kind else {
            return Err(FailureKind::Setup("it runs no command".to_owned()).into());
        };
        if run.argv.is_empty() {
            return Err(FailureKind::Setup("its command is empty".to_owned()).into());
        }
        let mut staged = Vec::new();
        for input in &action.inputs {
            staged.extend(artifacts.stage(input)?);
        }
        let privileges = Privileges::of(&action.category);
        let parents = action.outputs.iter().map(|output| {
            let parent = output.path.rsplit_once('/');
            parent.map_or(String::new(), |(parent, _)| parent.to_owned())
        });
        let mut writable_folders: Vec<String> = parents.collect();
        let writable = common_folder(&writable_folders);
        let scratch = format!("{writable}/{SCRATCH}");
        let scratch = scratch.trim_start_matches('/').to_owned();
        writable_folders.push(scratch.clone());
        let store = artifacts.store;
        let folders = store
            .fresh_path()
            .and_then(|disk| Ok((disk, store.mount_point()?)));
        let (disk, mount_point) =
            folders.map_err(|error| FailureKind::setup("making the action's folder", error))?;
        let (read, write) = self.host_paths(privileges)?;
        let capabilities = self.capabilities();
        let capabilities =
            capabilities.map_err(|error| FailureKind::setup("trying the sandbox", error))?;
        Ok(Spec {
            files: capabilities.files,
            network: network(privileges, capabilities.network),
            disk,
            mount_point,
            writable,
            writable_folders,
            scratch,
            staged,
            read,
            write,
            argv: run.argv.clone(),
            env: self.environment(run, privileges),
        })
    }

    fn client_variables(&self, privileges: Privileges) -> impl Iterator<Item = (&String, &String)> {
        let all = self.options.environment.iter();
        all.filter(move |(name, _)| privileges == Privileges::Fetch && is_client_variable(name))
    }

    /// What of the host the action may read, and what it may write.
    fn host_paths(
        &self,
        privileges: Privileges,
    ) -> Result<(Vec<PathBuf>, Vec<PathBuf>), FailureKind> {
        let mut read = self.options.host.roots.clone();
        let mut write = Vec::new();
        for (name, value) in self.client_variables(privileges) {
            let path = PathBuf::from(value);
            if !path.is_absolute() || value == "/" || !path.exists() {
                continue;
            }
            if names_writable_folder(name) {
                write.push(path);
            } else {
                read.push(path);
            }
        }
        if let Privileges::Compiler(name) = privileges {
            let folder = self.options.cache_dir.join(name);
            fs::create_dir_all(&folder)
                .map_err(|error| FailureKind::setup(folder.display(), error))?;
            write.push(folder);
        }
        Ok((read, write))
    }

    fn environment(&self, run: &RunAction, privileges: Privileges) -> Vec<(String, String)> {
        let mut env = BTreeMap::new();
        env.insert("PATH".to_owned(), self.options.host.path.clone());
        for (name, value) in self.client_variables(privileges) {
            env.insert(name.clone(), value.clone());
        }
        if let Privileges::Compiler(_) = privileges {
            let cache = self.options.cache_dir.to_string_lossy().into_owned();
            env.insert("HERMETIC_CACHE".to_owned(), cache);
        }
        env.extend(run.env.iter().cloned());
        env.into_iter().collect()
    }
}

fn network(privileges: Privileges, isolation: NetworkIsolation) -> Network {
    match (privileges, isolation) {
        (Privileges::Fetch, _) | (_, NetworkIsolation::None) => Network::Host,
        (_, NetworkIsolation::Seccomp) => Network::NoSockets,
        (_, NetworkIsolation::Namespace) => Network::Loopback,
    }
}

/// Makes the folders that the action writes in; without a mount namespace, the inputs as well.
fn prepare(spec: &Spec) -> io::Result<()> {
    for folder in &spec.writable_folders {
        make_folders(&spec.on_disk(folder))?;
    }
    if spec.files == FileIsolation::MountNamespace {
        return Ok(());
    }
    for staged in &spec.staged {
        stage_copy(&spec.disk, staged)?;
    }
    Ok(())
}

fn stage_copy(root: &Path, staged: &Staged) -> io::Result<()> {
    let target = root.join(&staged.path);
    if let StagedItem::Directory = staged.item {
        return make_folders(&target);
    }
    make_folders(target.parent().unwrap_or(root))?;
    match &staged.item {
        StagedItem::Directory => Ok(()),
        StagedItem::Symlink(to) => symlink(to, target),
        StagedItem::File {
            host, executable, ..
        } => {
            fs::copy(host, &target)?;
            let mode = if *executable { 0o555 } else { 0o444 };
            fs::set_permissions(&target, Permissions::from_mode(mode))
        }
    }
}

fn make_folders(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
}

/// The deepest folder that all of `folders` are in, or are.
fn common_folder(folders: &[String]) -> String {
    let mut common: Vec<&str> = folders
        .first()
        .map_or(Vec::new(), |f| f.split('/').collect());
    for folder in folders {
        let parts = folder.split('/');
        let same = common.iter().zip(parts).take_while(|(a, b)| *a == b);
        let length = same.count();
        common.truncate(length);
    }
    common.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_folder_holds_every_folder() {
        let common = |folders: &[&str]| {
            let folders: Vec<String> = folders.iter().map(|f| (*f).to_owned()).collect();
            common_folder(&folders)
        };
        assert_eq!(common(&["a/b/c"]), "a/b/c");
        assert_eq!(common(&["a/b/c", "a/b"]), "a/b");
        assert_eq!(common(&["a/bc", "a/bd"]), "a");
        assert_eq!(common(&["a", "b"]), "");
    }
}
