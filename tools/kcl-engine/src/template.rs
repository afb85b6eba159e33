//! A template, the parent's side.

use std::{
    fs,
    io::{Read, Write},
    process::{Child, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use nix::unistd::{SysconfVar, sysconf};
use prost::Message;
use tempfile::TempDir;

use crate::{
    binding::HANDOVER,
    engine::{Engine, Prepared},
    error::{EngineError, Failure},
    frame::{self, Answer},
    limits::Limits,
    process,
    program::{Argument, Program},
    reach::{self, Narrowed},
    worker::TEMPLATE_ARGUMENT,
};

/// A program that is compiled once and then run with one set of options after
/// the other, each run in a process of its own.
///
/// Of the program's result only one variable is given. Whatever a template
/// cannot tell for sure, such as an error and its place, comes from an ordinary
/// run of the program.
#[derive(Debug)]
pub struct Template {
    engine: Engine,
    program: Program,
    variable: String,
    worker: Option<Worker>,
    /// Whether a worker has answered, so that another one will.
    has_served: bool,
    constant: Option<String>,
}

impl Template {
    /// Begins to compile a program of which only `variable` is wanted.
    pub(crate) fn new(engine: Engine, program: Program, variable: &str) -> Self {
        let mut template = Self {
            engine,
            program,
            variable: variable.to_owned(),
            worker: None,
            has_served: false,
            constant: None,
        };
        template.start();
        template
    }

    fn start(&mut self) {
        self.worker = handing_over(&self.program, &self.variable)
            .and_then(|with_handover| Worker::start(&self.engine, &with_handover));
    }

    /// Runs the program: its result as JSON, of which no more than the variable
    /// needs to be there. A last run saves the copy of the process.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn run(&mut self, options: &[Argument], is_last: bool) -> Result<String, EngineError> {
        match self.told(options, is_last)? {
            Told::Result(json) => Ok(json),
            Told::Failed | Told::Nothing => self.run_whole(options),
        }
    }

    /// Like [`Template::run`] for those who need not know why a program fails:
    /// none then.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn result(
        &mut self,
        options: &[Argument],
        is_last: bool,
    ) -> Result<Option<String>, EngineError> {
        match self.told(options, is_last)? {
            Told::Result(json) => Ok(Some(json)),
            Told::Failed => Ok(None),
            Told::Nothing => match self.run_whole(options) {
                Ok(json) => Ok(Some(json)),
                Err(EngineError::Program(_)) => Ok(None),
                Err(error) => Err(error),
            },
        }
    }

    fn run_whole(&mut self, options: &[Argument]) -> Result<String, EngineError> {
        self.program.arguments = options.to_vec();
        Ok(self.engine.run(&self.program)?.json)
    }

    /// What a copy of the process tells.
    fn told(&mut self, options: &[Argument], is_last: bool) -> Result<Told, EngineError> {
        if let Some(json) = &self.constant {
            return Ok(Told::Result(json.clone()));
        }
        if self.worker.is_none() && self.has_served {
            self.start();
        }
        let Limits { time, growth, .. } = *self.engine.limits();
        let Some(worker) = &mut self.worker else {
            return Ok(Told::Nothing);
        };
        let outcome = worker.run(options, is_last, time);
        let goes_on = matches!(outcome, Outcome::Told(Answer::Result | Answer::Failed, _));
        self.has_served |= goes_on;
        if is_last || !goes_on || worker.has_grown(growth) {
            self.worker = None;
        }
        match outcome {
            Outcome::Told(Answer::Result, json) if json != "{}" => Ok(Told::Result(json)),
            Outcome::Told(Answer::Constant, json) if json != "{}" => {
                Ok(Told::Result(self.constant.insert(json).clone()))
            }
            Outcome::Told(Answer::Failed, _) => Ok(Told::Failed),
            Outcome::OutOfTime => Err(EngineError::Stopped {
                program: self.program.title(),
                failure: Failure::Timeout(time),
            }),
            Outcome::Told(..) | Outcome::Gone => Ok(Told::Nothing),
        }
    }

    /// Bytes that the worker holds, if there is one.
    pub fn resident(&self) -> Option<u64> {
        self.worker.as_ref().and_then(Worker::resident)
    }

    /// Whether another run would have to compile the program again.
    pub fn is_spent(&self) -> bool {
        self.worker.is_none() && self.constant.is_none()
    }
}

/// The program with a last statement that hands the variable over, if it is one
/// that a template can run.
fn handing_over(program: &Program, variable: &str) -> Option<Program> {
    let [source] = program.sources.as_slice() else {
        return None;
    };
    let text = source.text.as_ref()?;
    let is_whole = program.path_selector.is_empty() && !program.show_hidden;
    is_whole.then(|| {
        let mut changed = program.clone();
        let handover = format!("\nprint({HANDOVER:?}, {variable:?}, {variable})\n");
        changed.sources[0].text = Some(text.clone() + &handover);
        changed.arguments.clear();
        changed
    })
}

enum Told {
    Result(String),
    Failed,
    /// Only an ordinary run can tell.
    Nothing,
}

enum Outcome {
    Told(Answer, String),
    OutOfTime,
    Gone,
}

/// The process, and the thread that speaks to it.
#[derive(Debug)]
struct Worker {
    child: Child,
    runs: Sender<Vec<u8>>,
    answers: Receiver<(Answer, Vec<u8>)>,
    /// What it held when it had answered for the first time.
    held: Option<u64>,
    _no_packages: TempDir,
    _narrowed: Option<Narrowed>,
}

impl Worker {
    fn start(engine: &Engine, program: &Program) -> Option<Self> {
        let mut prepared = Prepared::new(program).ok()?;
        let text = program.sources.first()?.text.as_deref()?;
        let narrowed = reach::narrow(text, &prepared.package_folders()).ok()?;
        let files = match &narrowed {
            Some(narrowed) => {
                prepared.allow(narrowed.folder.path());
                frame::encode_files(&narrowed.files)
            }
            None => Vec::new(),
        };
        let arguments = prepared.arguments(program).encode_to_vec();
        let no_packages = process::no_packages().ok()?;
        let job = engine.job(&prepared);
        let mut command = process::command(&job, TEMPLATE_ARGUMENT, no_packages.path());
        let mut child = command.stderr(Stdio::null()).spawn().ok()?;
        let (mut stdin, stdout) = (child.stdin.take()?, child.stdout.take()?);
        let (runs, to_send) = mpsc::channel();
        let (sender, answers) = mpsc::channel();
        let limit = engine.limits().reply;
        thread::spawn(move || {
            let sent = frame::write(&mut stdin, &arguments);
            if sent.and_then(|()| frame::write(&mut stdin, &files)).is_ok() {
                converse(stdin, stdout, &to_send, &sender, limit);
            }
        });
        Some(Self {
            child,
            runs,
            answers,
            held: None,
            _no_packages: no_packages,
            _narrowed: narrowed,
        })
    }

    fn run(&mut self, options: &[Argument], is_last: bool, time: Duration) -> Outcome {
        let run = frame::encode_run(options, is_last);
        if self.runs.send(run).is_err() {
            return Outcome::Gone;
        }
        match self.answers.recv_timeout(time) {
            Ok((answer, bytes)) => {
                String::from_utf8(bytes).map_or(Outcome::Gone, |json| Outcome::Told(answer, json))
            }
            Err(RecvTimeoutError::Timeout) => Outcome::OutOfTime,
            Err(RecvTimeoutError::Disconnected) => Outcome::Gone,
        }
    }

    /// Whether it holds so many bytes more than after its first run. What is kept
    /// for the runs to come, such as patterns, stays for good.
    fn has_grown(&mut self, by: u64) -> bool {
        let Some(now) = self.resident() else {
            return false;
        };
        now.saturating_sub(*self.held.get_or_insert(now)) > by
    }

    /// Bytes in memory, as proc(5) tells them: the second number is of pages.
    fn resident(&self) -> Option<u64> {
        let sizes = fs::read_to_string(format!("/proc/{}/statm", self.child.id())).ok()?;
        let pages: u64 = sizes.split(' ').nth(1)?.parse().ok()?;
        let page = sysconf(SysconfVar::PAGE_SIZE).ok()??;
        Some(pages * u64::try_from(page).ok()?)
    }
}

/// Sends runs and hands on answers until one side is gone.
fn converse(
    mut stdin: impl Write,
    mut stdout: impl Read,
    runs: &Receiver<Vec<u8>>,
    answers: &Sender<(Answer, Vec<u8>)>,
    limit: u64,
) {
    for run in runs {
        // A worker that ended already has said why.
        let _ = frame::write(&mut stdin, &run);
        let Ok(Some(bytes)) = frame::read(&mut stdout, limit) else {
            return;
        };
        let Some(answer) = frame::decode_answer(bytes) else {
            return;
        };
        if answers.send(answer).is_err() {
            return;
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Its copies end with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Source;

    fn program(text: Option<&str>) -> Program {
        Program {
            root: ".".into(),
            sources: vec![Source {
                path: "prog.k".into(),
                text: text.map(str::to_owned),
            }],
            ..Program::default()
        }
    }

    #[test]
    fn the_last_statement_hands_the_variable_over() {
        let changed = handing_over(&program(Some("items = []")), "items").unwrap();
        assert_eq!(
            changed.sources[0].text.as_deref(),
            Some("items = []\nprint(\"hermetic.dev/handover\", \"items\", items)\n")
        );
    }

    #[test]
    fn only_a_text_whose_whole_result_is_wanted_becomes_a_template() {
        assert_eq!(handing_over(&program(None), "items"), None);
        let selected = Program {
            path_selector: vec!["items".into()],
            ..program(Some(""))
        };
        assert_eq!(handing_over(&selected, "items"), None);
    }
}
