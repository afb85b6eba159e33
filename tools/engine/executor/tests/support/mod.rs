//! A checkout, a cache and a graph, for tests to fill.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Mutex;

use build_graph::{
    Action, ActionGraph, ActionId, ActionKind, Artifact, Output, OutputKind, RunAction, TargetLabel,
};
use executor::{Cancel, Event, Executor, Finish, Options, Outcome, Progress, Silent};
use tempfile::TempDir;

/// Where the tests' outputs are declared.
pub const OUT: &str = "buck-out/v2/art/test";

pub struct Project {
    pub root: TempDir,
    pub cache: PathBuf,
    pub graph: ActionGraph,
    pub jobs: usize,
    pub adjust: Box<dyn Fn(&mut Options) + Sync>,
    _cache: Option<TempDir>,
}

impl Project {
    pub fn new() -> Project {
        let cache = TempDir::new().unwrap();
        let mut project = Project::with_cache(cache.path().to_owned());
        project._cache = Some(cache);
        project
    }

    pub fn with_cache(cache: PathBuf) -> Project {
        Project {
            root: TempDir::new().unwrap(),
            cache,
            graph: ActionGraph::default(),
            jobs: 2,
            adjust: Box::new(|_| {}),
            _cache: None,
        }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// Writes a source file.
    pub fn source(&self, path: &str, text: &str) -> Artifact {
        let host = self.path(path);
        std::fs::create_dir_all(host.parent().unwrap()).unwrap();
        std::fs::write(host, text).unwrap();
        Artifact::Source { path: path.into() }
    }

    pub fn add(
        &mut self,
        category: &str,
        kind: ActionKind,
        mut inputs: Vec<Artifact>,
        outputs: &[(&str, OutputKind)],
    ) -> Vec<Artifact> {
        let id = ActionId(self.graph.actions.len());
        inputs.sort_by(|a, b| a.path().cmp(b.path()));
        inputs.dedup();
        let outputs: Vec<Output> = outputs
            .iter()
            .map(|(path, kind)| Output {
                path: format!("{OUT}/{path}").into(),
                kind: *kind,
            })
            .collect();
        let artifacts = outputs.iter().map(|output| Artifact::Built {
            path: output.path.clone(),
            action: id,
        });
        let artifacts = artifacts.collect();
        self.graph.actions.push(Action {
            owner: TargetLabel {
                cell: "hermetic".into(),
                package: "test".into(),
                name: format!("t{}", id.0).into(),
            },
            category: category.to_owned(),
            identifier: None,
            inputs,
            outputs,
            kind,
        });
        artifacts
    }

    /// A shell script with one output file, which is `$1` to it.
    pub fn sh(&mut self, script: &str, inputs: &[&Artifact], output: &str) -> Artifact {
        self.sh_as("test_action", script, inputs, (output, OutputKind::File))
    }

    pub fn sh_as(
        &mut self,
        category: &str,
        script: &str,
        inputs: &[&Artifact],
        output: (&str, OutputKind),
    ) -> Artifact {
        let run = RunAction {
            argv: vec![
                "sh".to_owned(),
                "-ec".to_owned(),
                script.to_owned(),
                "sh".to_owned(),
                format!("{OUT}/{}", output.0),
            ],
            env: vec![("GREETING".to_owned(), "hello".to_owned())],
        };
        let inputs = inputs.iter().map(|input| (*input).clone()).collect();
        self.add(category, ActionKind::Run(run), inputs, &[output])
            .remove(0)
    }

    /// A Python script with one output file, which is `sys.argv[1]` to it.
    pub fn python(&mut self, category: &str, script: &str, output: &str) -> Artifact {
        let run = RunAction {
            argv: vec![
                "python3".to_owned(),
                "-Ic".to_owned(),
                script.to_owned(),
                format!("{OUT}/{output}"),
            ],
            env: Vec::new(),
        };
        let outputs = [(output, OutputKind::File)];
        self.add(category, ActionKind::Run(run), Vec::new(), &outputs)
            .remove(0)
    }

    pub fn options(&self) -> Options {
        let mut options = Options::new(self.root.path(), &self.cache);
        options.jobs = self.jobs;
        options.host.path = "/usr/local/bin:/usr/bin:/bin".to_owned();
        options.sandbox_program = Some(test_report::testing::binary("action-sandbox"));
        (self.adjust)(&mut options);
        options
    }

    pub fn build_with(
        &self,
        wanted: &[&Artifact],
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Outcome {
        let wanted: Vec<Artifact> = wanted.iter().map(|artifact| (*artifact).clone()).collect();
        let executor = Executor::new(self.options()).unwrap();
        executor
            .build(&self.graph, &wanted, progress, cancel)
            .unwrap()
    }

    pub fn try_build(&self, wanted: &[&Artifact]) -> Outcome {
        self.build_with(wanted, &Silent, &Cancel::default())
    }

    /// Builds, and fails the test unless everything succeeded.
    #[track_caller]
    pub fn build(&self, wanted: &[&Artifact]) -> Outcome {
        let outcome = self.try_build(wanted);
        let failures: Vec<String> = outcome.failures.iter().map(ToString::to_string).collect();
        assert!(outcome.is_success(), "{}", failures.join("\n"));
        outcome
    }

    /// Builds one artifact and reads it.
    #[track_caller]
    pub fn text(&self, wanted: &Artifact) -> String {
        self.build(&[wanted]);
        self.read(wanted)
    }

    pub fn read(&self, artifact: &Artifact) -> String {
        std::fs::read_to_string(self.path(artifact.path())).unwrap()
    }

    pub fn mode(&self, path: &str) -> u32 {
        let found = std::fs::symlink_metadata(self.path(path)).unwrap();
        found.permissions().mode() & 0o7777
    }
}

/// What an action printed when it failed; the test fails if it did not.
#[track_caller]
pub fn failure(outcome: &Outcome) -> &executor::ActionFailure {
    assert_eq!(outcome.failures.len(), 1, "{:?}", outcome.failures);
    &outcome.failures[0]
}

/// Keeps every event's text.
#[derive(Default)]
pub struct Recorder(pub Mutex<Vec<String>>);

impl Progress for Recorder {
    fn event(&self, event: Event<'_>) {
        let text = match event {
            Event::Planned { actions } => format!("planned {actions}"),
            Event::Started { action, .. } => format!("started {action}"),
            Event::Finished { action, finish, .. } => {
                let how = match finish {
                    Finish::Cached => "cached",
                    Finish::Executed => "executed",
                    Finish::Failed => "failed",
                };
                format!("{how} {action}")
            }
            Event::WeakSandbox(capabilities) => format!("weak: {capabilities}"),
            Event::Waiting => return,
        };
        self.0.lock().unwrap().push(text);
    }
}
