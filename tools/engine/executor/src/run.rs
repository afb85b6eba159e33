//! Carries out an action that runs a command.

use build_graph::{Action, ActionKind};
use store::Content;

use crate::inputs::{Artifacts, Problem};
use crate::{Cancel, FailureKind, Options};

/// Why a command gave nothing.
pub(crate) enum RunError {
    /// What went wrong, and what the command had printed.
    Problem(Problem, String),
    /// The build was stopped.
    Cancelled,
}

/// Runs commands.
pub(crate) struct Runner {
    path: String,
}

impl Runner {
    pub(crate) fn new(options: &Options) -> Runner {
        Runner {
            path: options.host.path.clone(),
        }
    }

    /// Runs the action's command; gives what each output holds, and what it printed.
    pub(crate) fn run(
        &self,
        action: &Action,
        artifacts: &Artifacts<'_>,
        _cancel: &Cancel,
    ) -> Result<(Vec<Content>, String), RunError> {
        let fail = |kind: FailureKind| RunError::Problem(kind.into(), String::new());
        let ActionKind::Run(run) = &action.kind else {
            return Err(fail(FailureKind::Setup("no command".to_owned())));
        };
        let work = artifacts.store.fresh_path().join("build");
        let setup = |error: std::io::Error| fail(FailureKind::setup("staging", error));
        for input in &action.inputs {
            let staged = artifacts.stage(input);
            for staged in staged.map_err(|problem| RunError::Problem(problem, String::new()))? {
                let path = work.join(&staged.path);
                match staged.item {
                    crate::inputs::StagedItem::Directory => {
                        std::fs::create_dir_all(path).map_err(setup)?
                    }
                    crate::inputs::StagedItem::Symlink(target) => {
                        std::os::unix::fs::symlink(target, path).map_err(setup)?
                    }
                    crate::inputs::StagedItem::File {
                        host, executable, ..
                    } => {
                        std::fs::create_dir_all(path.parent().unwrap_or(&work)).map_err(setup)?;
                        std::fs::copy(host, &path).map_err(setup)?;
                        use std::os::unix::fs::PermissionsExt;
                        std::fs::set_permissions(
                            &path,
                            std::fs::Permissions::from_mode(if executable { 0o555 } else { 0o444 }),
                        )
                        .map_err(setup)?;
                    }
                }
            }
        }
        for output in &action.outputs {
            let path = work.join(&*output.path);
            std::fs::create_dir_all(path.parent().unwrap_or(&work)).map_err(setup)?;
        }
        std::fs::create_dir_all(work.join("buck-out/v2/tmp/action")).map_err(setup)?;
        let ran = std::process::Command::new(&run.argv[0])
            .args(&run.argv[1..])
            .env_clear()
            .env("PATH", &self.path)
            .env("BUCK_SCRATCH_PATH", "buck-out/v2/tmp/action")
            .envs(run.env.iter().cloned())
            .current_dir(&work)
            .output()
            .map_err(setup)?;
        let mut text = String::from_utf8_lossy(&ran.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&ran.stderr));
        if !ran.status.success() {
            let kind = FailureKind::Exit(ran.status.code().unwrap_or(-1));
            return Err(RunError::Problem(kind.into(), text));
        }
        let collected = crate::outputs::collect(&work, action, artifacts.store, artifacts.files);
        collected
            .map(|contents| (contents, text.clone()))
            .map_err(|kind| RunError::Problem(kind.into(), text))
    }
}
