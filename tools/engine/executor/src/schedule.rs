//! The build: which actions run, when, and what becomes of their results.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use build_graph::{Action, ActionGraph, ActionId, ActionKind, Artifact};
use store::{Content, Digest, Entry, EntryOutput, FileDigests, Lock, Store};

use crate::inputs::{Artifacts, Problem};
use crate::janitor::Janitor;
use crate::key::action_key;
use crate::local::run_local;
use crate::materialize::Materializer;
use crate::run::{RunError, Runner};
use crate::sources::{Sources, read_sources};
use crate::{
    ActionFailure, Cancel, Event, ExecutorError, FailureKind, Finish, Options, Outcome, Progress,
    parallel,
};

/// Where the engine keeps what belongs to one checkout.
pub(crate) const STATE: &str = "buck-out/v2/engine";

/// Builds artifacts; one value serves any number of builds of one checkout.
pub struct Executor {
    options: Options,
    root: PathBuf,
    runner: Runner,
}

impl Executor {
    /// An executor; touches nothing but the project root's path.
    pub fn new(mut options: Options) -> Result<Executor, ExecutorError> {
        if let Ok(absolute) = std::path::absolute(&options.cache_dir) {
            options.cache_dir = absolute;
        }
        let root = std::fs::canonicalize(&options.project_root);
        let root = root.map_err(|source| ExecutorError::Root {
            path: options.project_root.display().to_string(),
            source,
        })?;
        Ok(Executor {
            runner: Runner::new(&options),
            options,
            root,
        })
    }

    /// Makes every artifact of `wanted`, and copies the built ones into the checkout.
    ///
    /// A failed action is no error but part of the outcome; an error means that nothing could be
    /// built, or that the checkout cannot be written.
    pub fn build(
        &self,
        graph: &ActionGraph,
        wanted: &[Artifact],
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<Outcome, ExecutorError> {
        let state = self.root.join(STATE);
        let _alone = lock(&state, progress)?;
        let half = state.join("half");
        store::remove(&half).map_err(|source| ExecutorError::Output {
            path: half.display().to_string(),
            source,
        })?;
        let files = FileDigests::load(&state.join("files"));
        let needed = graph.closure(wanted.iter().filter_map(|artifact| match artifact {
            Artifact::Built { action, .. } => Some(*action),
            Artifact::Source { .. } => None,
        }));
        progress.event(Event::Planned {
            actions: needed.len(),
        });
        let sources = self.sources(graph, &needed, wanted, &files);
        let cache = Cache::new(&self.options, &self.root, &self.runner)?;
        let reported = Mutex::default();
        let build = |cache: &Cache| -> Result<Built, ExecutorError> {
            let store = Store::open(&cache.folder)?;
            let build = Build {
                executor: self,
                graph,
                needed: &needed,
                sources: &sources,
                store: &store,
                is_private: cache.is_private,
                files: &files,
                half: &half,
                progress,
                cancel,
                janitor: Janitor::default(),
                reported: &reported,
            };
            let built = build.run(wanted)?;
            drop(build);
            // The build is done; that the cache grows a day longer is no reason to fail it.
            let _ = store.evict_sometimes(self.options.cache_limit);
            Ok(built)
        };
        let mut built = build(&cache)?;
        if let Built::NeedsPrivateCache = built {
            let found = self
                .runner
                .capabilities()
                .map_err(|source| ExecutorError::Probe { source })?;
            progress.event(Event::WeakSandbox(found));
            built = build(&cache.into_private())?;
        }
        files.save().map_err(|source| ExecutorError::Output {
            path: state.join("files").display().to_string(),
            source,
        })?;
        Ok(match built {
            Built::Outcome(outcome) => *outcome,
            Built::NeedsPrivateCache => Outcome::default(),
        })
    }

    fn sources(
        &self,
        graph: &ActionGraph,
        needed: &[ActionId],
        wanted: &[Artifact],
        files: &FileDigests,
    ) -> Sources {
        let mut paths: Vec<Arc<str>> = Vec::new();
        let mut add = |artifact: &Artifact| {
            if let Artifact::Source { path } = artifact {
                paths.push(path.clone());
            }
        };
        wanted.iter().for_each(&mut add);
        for id in needed {
            used(graph.action(*id)).into_iter().for_each(&mut add);
        }
        paths.sort();
        paths.dedup();
        read_sources(&self.root, &paths, self.options.jobs, files)
    }
}

/// The artifacts whose content an action depends on.
fn used(action: &Action) -> Vec<&Artifact> {
    match &action.kind {
        ActionKind::Run(_) => action.inputs.iter().collect(),
        ActionKind::Write { .. } => Vec::new(),
        ActionKind::Copy(artifact) => vec![artifact],
        ActionKind::CopiedDir(entries) => entries.iter().map(|(_, artifact)| artifact).collect(),
    }
}

/// The lock of the checkout; waits for the build that has it.
pub(crate) fn lock(state: &Path, progress: &dyn Progress) -> Result<Lock, ExecutorError> {
    let path = state.join("lock");
    let locked = match Lock::try_exclusive(&path) {
        Ok(None) => {
            progress.event(Event::Waiting);
            Lock::exclusive(&path)
        }
        Ok(Some(lock)) => Ok(lock),
        Err(error) => Err(error),
    };
    locked.map_err(|source| ExecutorError::Output {
        path: path.display().to_string(),
        source,
    })
}

/// The folder of the cache: the shared one, unless the sandbox is too weak for it.
struct Cache {
    folder: PathBuf,
    private: PathBuf,
    is_private: bool,
}

impl Cache {
    /// Trying the sandbox takes longer than a build of nothing, so it is only done where a build
    /// before this one found it weak; else the first command finds out.
    fn new(options: &Options, root: &Path, runner: &Runner) -> Result<Cache, ExecutorError> {
        let private = root.join(STATE).join("private-cache");
        let is_private = private.is_dir()
            && !runner
                .capabilities()
                .map_err(|source| ExecutorError::Probe { source })?
                .is_strong();
        let cache = Cache {
            folder: options.cache_dir.clone(),
            private,
            is_private: false,
        };
        Ok(if is_private {
            cache.into_private()
        } else {
            cache
        })
    }

    fn into_private(self) -> Cache {
        Cache {
            folder: self.private.clone(),
            private: self.private,
            is_private: true,
        }
    }
}

/// How the passes of a build ended.
enum Built {
    Outcome(Box<Outcome>),
    /// A command has to run, and the sandbox is too weak for the shared cache.
    NeedsPrivateCache,
}

/// One build; its passes repeat if the store loses something on the way.
struct Build<'a> {
    executor: &'a Executor,
    graph: &'a ActionGraph,
    needed: &'a [ActionId],
    sources: &'a Sources,
    store: &'a Store,
    is_private: bool,
    files: &'a FileDigests,
    /// Where outputs are until they are whole.
    half: &'a Path,
    progress: &'a dyn Progress,
    cancel: &'a Cancel,
    janitor: Janitor,
    /// How each action ended that the progress knows to be done.
    reported: &'a Mutex<BTreeMap<ActionId, Finish>>,
}

/// How one pass over the graph went.
#[derive(Default)]
struct Pass {
    failures: Vec<ActionFailure>,
    lost: HashSet<ActionId>,
    keys: BTreeMap<ActionId, Digest>,
    needs_private_cache: bool,
}

impl Build<'_> {
    fn run(&self, wanted: &[Artifact]) -> Result<Built, ExecutorError> {
        let mut passes = 0;
        loop {
            let results: Vec<OnceLock<Vec<Content>>> = (0..self.graph.actions.len())
                .map(|_| OnceLock::new())
                .collect();
            let artifacts = Artifacts {
                graph: self.graph,
                sources: self.sources,
                results: &results,
                store: self.store,
                files: self.files,
            };
            let mut pass = self.pass(&artifacts);
            if pass.needs_private_cache {
                return Ok(Built::NeedsPrivateCache);
            }
            let is_lost = pass.lost.is_empty();
            if is_lost {
                self.materialize(wanted, &artifacts, &mut pass)?;
            }
            if pass.lost.is_empty() || self.cancel.is_cancelled() {
                let outcome = self.outcome(pass, wanted, &results);
                return Ok(Built::Outcome(Box::new(outcome)));
            }
            passes += 1;
            self.forget(&pass, passes)?;
        }
    }

    /// Removes the entries of the actions whose outputs the store has lost, so that they run again.
    fn forget(&self, pass: &Pass, passes: usize) -> Result<(), ExecutorError> {
        for id in &pass.lost {
            if passes > self.needed.len() + 3 {
                let name = self.graph.action(*id).to_string();
                return Err(ExecutorError::Unstable(name));
            }
            if let Some(key) = pass.keys.get(id) {
                let removed = self.store.remove_entry(*key);
                removed.map_err(|source| ExecutorError::Output {
                    path: "the cache's entry".to_owned(),
                    source,
                })?;
            }
        }
        Ok(())
    }

    fn pass(&self, artifacts: &Artifacts<'_>) -> Pass {
        let schedule = Schedule::new(self.graph, self.needed);
        std::thread::scope(|scope| {
            for _ in 0..self.executor.options.jobs.max(1).min(self.needed.len()) {
                scope.spawn(|| self.work(&schedule, artifacts));
            }
        });
        let state = schedule.state.into_inner();
        let mut pass = state.unwrap_or_else(PoisonError::into_inner).pass;
        pass.failures.sort_by_key(|failure| failure.action);
        pass
    }

    /// One thread's work: take an action, do it, tell what came of it.
    fn work(&self, schedule: &Schedule, artifacts: &Artifacts<'_>) {
        while let Some(id) = schedule.next(self.cancel) {
            let done = self.action(id, artifacts, schedule);
            let keep_going = self.executor.options.keep_going;
            match done {
                Ok(contents) => {
                    let _ = artifacts.results[id.0].set(contents);
                    schedule.done(id);
                }
                Err(Ended::Failed(failure)) => schedule.failed(*failure, keep_going),
                Err(Ended::Lost(lost)) => schedule.lost(lost),
                Err(Ended::Cancelled) => schedule.ended(),
                Err(Ended::NeedsPrivateCache) => schedule.needs_private_cache(),
            }
        }
    }

    fn action(
        &self,
        id: ActionId,
        artifacts: &Artifacts<'_>,
        schedule: &Schedule,
    ) -> Result<Vec<Content>, Ended> {
        let action = self.graph.action(id);
        let started = Instant::now();
        let failed = |kind: FailureKind, output: String| {
            let finish = Finish::Failed;
            self.report(id, finish, started, &output);
            Ended::Failed(Box::new(ActionFailure {
                action: id,
                name: action.to_string(),
                kind,
                command: command(action),
                output,
            }))
        };
        let ended = |problem: Problem| match problem {
            Problem::Failed(kind) => failed(kind, String::new()),
            Problem::Lost(lost) => Ended::Lost(lost),
        };
        let key = self.key(action, artifacts).map_err(ended)?;
        schedule.key(id, key);
        if let Some(contents) = self.cached(action, key) {
            self.report(id, Finish::Cached, started, "");
            return Ok(contents);
        }
        if matches!(action.kind, ActionKind::Run(_)) && !self.is_private {
            let found = self.executor.runner.capabilities();
            let found = found.map_err(|error| {
                failed(
                    FailureKind::setup("trying the sandbox", error),
                    String::new(),
                )
            })?;
            if !found.is_strong() {
                return Err(Ended::NeedsPrivateCache);
            }
        }
        self.progress.event(Event::Started { id, action });
        let (contents, output) = match run_local(action, artifacts).map_err(ended)? {
            Some(contents) => (contents, String::new()),
            None => match self.run_command(action, artifacts) {
                Ok(ran) => ran,
                Err(RunError::Problem(problem, output)) => {
                    return Err(match problem {
                        Problem::Failed(kind) => failed(kind, output),
                        Problem::Lost(lost) => Ended::Lost(lost),
                    });
                }
                Err(RunError::Cancelled) => return Err(Ended::Cancelled),
            },
        };
        self.remember(action, key, &contents, artifacts)
            .map_err(|error| failed(FailureKind::setup("the cache", error), String::new()))?;
        self.report(id, Finish::Executed, started, &output);
        Ok(contents)
    }

    fn run_command(
        &self,
        action: &Action,
        artifacts: &Artifacts<'_>,
    ) -> Result<(Vec<Content>, String), RunError> {
        let runner = &self.executor.runner;
        runner.run(action, artifacts, &self.janitor, self.cancel)
    }

    fn key(&self, action: &Action, artifacts: &Artifacts<'_>) -> Result<Digest, Problem> {
        let mut contents = BTreeMap::new();
        for artifact in used(action) {
            contents.insert(artifact.path().clone(), artifacts.content(artifact)?);
        }
        Ok(action_key(action, &|artifact| contents[artifact.path()]))
    }

    fn cached(&self, action: &Action, key: Digest) -> Option<Vec<Content>> {
        let entry = self.store.entry(key)?;
        let declared = action.outputs.iter().map(|output| &*output.path);
        declared
            .eq(entry.outputs.iter().map(|output| output.path.as_str()))
            .then(|| entry.outputs.iter().map(|output| output.content).collect())
    }

    /// Keeps the result, unless a source changed while the action was reading it.
    fn remember(
        &self,
        action: &Action,
        key: Digest,
        contents: &[Content],
        artifacts: &Artifacts<'_>,
    ) -> std::io::Result<()> {
        let changed = used(action).into_iter().any(|artifact| match artifact {
            Artifact::Source { path } => artifacts
                .source(path)
                .is_ok_and(|source| !source.is_unchanged()),
            Artifact::Built { .. } => false,
        });
        if changed {
            return Ok(());
        }
        let outputs = action.outputs.iter().zip(contents);
        let entry = Entry {
            outputs: outputs
                .map(|(output, content)| EntryOutput {
                    path: output.path.to_string(),
                    content: *content,
                })
                .collect(),
        };
        self.store.put_entry(key, &entry)
    }

    /// Tells the progress how an action ended, the first time it does.
    fn report(&self, id: ActionId, finish: Finish, started: Instant, output: &str) {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let before = reported.get(&id).copied();
        if before != Some(Finish::Executed) {
            reported.insert(id, finish);
        }
        drop(reported);
        if before.is_none() {
            self.progress.event(Event::Finished {
                id,
                action: self.graph.action(id),
                finish,
                time: started.elapsed(),
                output,
            });
        }
    }

    /// Copies the wanted outputs of the actions that are done into the checkout.
    fn materialize(
        &self,
        wanted: &[Artifact],
        artifacts: &Artifacts<'_>,
        pass: &mut Pass,
    ) -> Result<(), ExecutorError> {
        let materializer = Materializer {
            root: &self.executor.root,
            half: self.half,
            store: self.store,
            files: self.files,
            parents: Mutex::default(),
        };
        let mut built: Vec<(Arc<str>, ActionId, Content)> = Vec::new();
        for artifact in wanted {
            let Artifact::Built { path, action } = artifact else {
                continue;
            };
            match artifacts.content(artifact) {
                Ok(content) => built.push((path.clone(), *action, content)),
                Err(Problem::Lost(id)) => {
                    pass.lost.insert(id);
                }
                Err(Problem::Failed(_)) => {}
            }
        }
        built.sort_by(|a, b| a.0.cmp(&b.0));
        built.dedup_by(|a, b| a.0 == b.0);
        let put = parallel::map(self.executor.options.jobs, &built, |(path, _, content)| {
            materializer.put(path, *content)
        });
        for ((path, id, _), put) in built.iter().zip(put) {
            match put {
                Ok(true) => {}
                Ok(false) => {
                    pass.lost.insert(*id);
                }
                Err(source) => {
                    return Err(ExecutorError::Output {
                        path: path.to_string(),
                        source,
                    });
                }
            }
        }
        let _ = std::fs::remove_dir(self.half);
        Ok(())
    }

    fn outcome(
        &self,
        pass: Pass,
        wanted: &[Artifact],
        results: &[OnceLock<Vec<Content>>],
    ) -> Outcome {
        let reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let count = |finish| reported.values().filter(|found| **found == finish).count();
        let mut outcome = Outcome {
            executed: count(Finish::Executed),
            cached: count(Finish::Cached),
            failures: pass.failures,
            cancelled: self.cancel.is_cancelled(),
            ..Outcome::default()
        };
        for id in self.needed {
            let action = self.graph.action(*id);
            match results[id.0].get() {
                Some(contents) => outcome.outputs.extend(
                    action
                        .outputs
                        .iter()
                        .map(|output| output.path.clone())
                        .zip(contents.iter().copied()),
                ),
                None if outcome.failures.iter().all(|failure| failure.action != *id) => {
                    outcome.not_run.push(*id);
                }
                None => {}
            }
        }
        for artifact in wanted {
            if let Artifact::Source { path } = artifact
                && let Some(Ok(source)) = self.sources.get(path)
            {
                outcome.outputs.insert(path.clone(), source.content);
            }
        }
        outcome
    }
}

fn command(action: &Action) -> Option<Vec<String>> {
    match &action.kind {
        ActionKind::Run(run) => Some(run.argv.clone()),
        _ => None,
    }
}

/// Why an action gave nothing.
enum Ended {
    Failed(Box<ActionFailure>),
    Lost(ActionId),
    Cancelled,
    NeedsPrivateCache,
}

/// Which actions may start; shared by the working threads.
struct Schedule {
    state: Mutex<State>,
    changed: Condvar,
    dependents: Vec<Vec<ActionId>>,
}

struct State {
    /// Earlier in the graph first, so that the order does not depend on who was quicker.
    ready: BinaryHeap<Reverse<ActionId>>,
    /// For each action, how many it still waits for.
    waiting: Vec<usize>,
    running: usize,
    stopped: bool,
    pass: Pass,
}

impl Schedule {
    fn new(graph: &ActionGraph, needed: &[ActionId]) -> Schedule {
        let mut dependents = vec![Vec::new(); graph.actions.len()];
        let mut waiting = vec![0; graph.actions.len()];
        let mut ready = BinaryHeap::new();
        for id in needed {
            let inputs = &graph.action(*id).inputs;
            let before: HashSet<ActionId> = inputs.iter().filter_map(maker).collect();
            for earlier in &before {
                dependents[earlier.0].push(*id);
            }
            waiting[id.0] = before.len();
            if before.is_empty() {
                ready.push(Reverse(*id));
            }
        }
        Schedule {
            state: Mutex::new(State {
                ready,
                waiting,
                running: 0,
                stopped: false,
                pass: Pass::default(),
            }),
            changed: Condvar::new(),
            dependents,
        }
    }

    /// The next action to do; `None` when there will be none.
    fn next(&self, cancel: &Cancel) -> Option<ActionId> {
        let mut state = self.lock();
        loop {
            if state.stopped || cancel.is_cancelled() {
                return None;
            }
            if let Some(Reverse(id)) = state.ready.pop() {
                state.running += 1;
                return Some(id);
            }
            if state.running == 0 {
                return None;
            }
            let woken = self.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn done(&self, id: ActionId) {
        let mut state = self.lock();
        for dependent in &self.dependents[id.0] {
            state.waiting[dependent.0] -= 1;
            if state.waiting[dependent.0] == 0 {
                state.ready.push(Reverse(*dependent));
            }
        }
        self.end(state);
    }

    fn failed(&self, failure: ActionFailure, keep_going: bool) {
        let mut state = self.lock();
        state.pass.failures.push(failure);
        state.stopped |= !keep_going;
        self.end(state);
    }

    fn lost(&self, id: ActionId) {
        let mut state = self.lock();
        state.pass.lost.insert(id);
        self.end(state);
    }

    fn needs_private_cache(&self) {
        let mut state = self.lock();
        state.pass.needs_private_cache = true;
        state.stopped = true;
        self.end(state);
    }

    fn ended(&self) {
        let state = self.lock();
        self.end(state);
    }

    fn key(&self, id: ActionId, key: Digest) {
        self.lock().pass.keys.insert(id, key);
    }

    fn end(&self, mut state: std::sync::MutexGuard<'_, State>) {
        state.running -= 1;
        drop(state);
        self.changed.notify_all();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn maker(artifact: &Artifact) -> Option<ActionId> {
    match artifact {
        Artifact::Built { action, .. } => Some(*action),
        Artifact::Source { .. } => None,
    }
}
