//! The parent's side: starts a worker, speaks to it, watches its limits.

use std::{
    io::{self, Read, Write},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::{
    error::Failure,
    limits::Limits,
    worker::{REPLY_MARK, ReplyKind, WORKER_ARGUMENT, command_line, encode_request},
};

/// A worker's heap grows in large steps and gives nothing back: it lives shortly.
const HEAP: &str = "glibc.malloc.top_pad=16777216:glibc.malloc.mmap_threshold=1073741824:\
                    glibc.malloc.trim_threshold=1073741824";
/// How much of a worker's stderr is kept.
const STDERR_LIMIT: u64 = 64 << 10;

/// What a worker was started with.
pub(crate) struct Job<'a> {
    pub(crate) worker: &'a Path,
    pub(crate) library: &'a Path,
    pub(crate) limits: &'a Limits,
    pub(crate) folder: &'a Path,
    /// What the program may read.
    pub(crate) readable: &'a [PathBuf],
}

/// A worker's answer.
pub(crate) struct Answer {
    pub(crate) kind: ReplyKind,
    pub(crate) bytes: Vec<u8>,
}

/// Why a worker gave no answer.
pub(crate) enum NoAnswer {
    /// It could not be started or does not speak our protocol.
    Worker(String),
    /// The program's doing.
    Failure(Failure),
}

impl From<io::Error> for NoAnswer {
    fn from(error: io::Error) -> Self {
        Self::Worker(error.to_string())
    }
}

/// Calls one method in a new worker process.
pub(crate) fn call(job: &Job, method: &str, arguments: &[u8]) -> Result<Answer, NoAnswer> {
    let no_packages = no_packages()?;
    let mut child = command(job, WORKER_ARGUMENT, no_packages.path())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| NoAnswer::Worker(format!("{}: {error}", job.worker.display())))?;
    let outcome = converse(&mut child, job, encode_request(method, arguments));
    if outcome.is_err() {
        // Already ended in most cases; the status was taken then.
        let _ = child.kill();
        let _ = child.wait();
    }
    outcome
}

/// A folder where KCL looks for undeclared packages, and finds none.
pub(crate) fn no_packages() -> io::Result<TempDir> {
    tempfile::Builder::new()
        .prefix("kcl-no-packages-")
        .tempdir()
}

/// What starts a worker whose first argument is `task`.
pub(crate) fn command(job: &Job, task: &str, no_packages: &Path) -> Command {
    let mut command = Command::new(job.worker);
    command
        .arg(task)
        .args(command_line(job.library, job.limits, job.readable))
        .arg(no_packages)
        .env_clear()
        .env("NO_COLOR", "1")
        .env("KCL_PKG_PATH", no_packages)
        .env("GLIBC_TUNABLES", HEAP)
        .current_dir(job.folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

fn converse(child: &mut Child, job: &Job, request: Vec<u8>) -> Result<Answer, NoAnswer> {
    let deadline = Instant::now() + job.limits.time;
    let stderr = read_aside(child.stderr.take(), STDERR_LIMIT);
    let stdout = read_aside(child.stdout.take(), job.limits.reply + 1);
    write_aside(child.stdin.take(), request);
    let timeout = || NoAnswer::Failure(Failure::Timeout(job.limits.time));
    let reply = stdout
        .recv_timeout(left(deadline))
        .map_err(|error| match error {
            RecvTimeoutError::Timeout => timeout(),
            RecvTimeoutError::Disconnected => NoAnswer::Worker("its stdout cannot be read".into()),
        })?;
    if reply.len() as u64 > job.limits.reply {
        return Err(NoAnswer::Failure(Failure::Reply(job.limits.reply)));
    }
    let status = wait_until(child, deadline)?.ok_or_else(timeout)?;
    if let Some(answer) = parse_reply(reply) {
        return Ok(answer);
    }
    let words = stderr
        .recv_timeout(Duration::from_secs(1))
        .unwrap_or_default();
    Err(no_answer(
        status,
        &String::from_utf8_lossy(&words),
        job.limits,
    ))
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

fn read_aside(stream: Option<impl Read + Send + 'static>, limit: u64) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let Some(mut stream) = stream else { return };
        let mut bytes = Vec::new();
        if stream.by_ref().take(limit).read_to_end(&mut bytes).is_ok() {
            // The receiver is gone only when nobody wants the bytes.
            let _ = sender.send(bytes);
            // Keep emptying the pipe: a full one would block the worker.
            let _ = io::copy(&mut stream, &mut io::sink());
        }
    });
    receiver
}

fn write_aside(stream: Option<impl Write + Send + 'static>, request: Vec<u8>) {
    thread::spawn(move || {
        if let Some(mut stream) = stream {
            // A worker that died before it read all says why by its status.
            let _ = stream.write_all(&request);
        }
    });
}

/// Waits for the end of a worker that has closed its stdout, which is due now.
fn wait_until(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_micros(50);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn parse_reply(mut reply: Vec<u8>) -> Option<Answer> {
    let rest = reply.strip_prefix(REPLY_MARK)?;
    let kind = ReplyKind::from_byte(*rest.first()?)?;
    let bytes = reply.split_off(REPLY_MARK.len() + 1);
    Some(Answer { kind, bytes })
}

/// Says what ended a worker, from its status and its last words.
fn no_answer(status: ExitStatus, words: &str, limits: &Limits) -> NoAnswer {
    if words.contains("has overflowed its stack") {
        return NoAnswer::Failure(Failure::Stack(limits.stack));
    }
    if words.contains("memory allocation of") || words.contains("Cannot allocate memory") {
        return NoAnswer::Failure(Failure::Memory(limits.memory));
    }
    let Some(signal) = status.signal() else {
        return without_signal(status, words);
    };
    let failure = match Signal::try_from(signal) {
        Ok(Signal::SIGXCPU) => Failure::Timeout(limits.time),
        Ok(Signal::SIGXFSZ) => Failure::FileWrite,
        Ok(signal) => Failure::Signal(signal.to_string()),
        Err(_) => Failure::Signal(format!("signal {signal}")),
    };
    NoAnswer::Failure(failure)
}

fn without_signal(status: ExitStatus, words: &str) -> NoAnswer {
    if status.success() || status.code() == Some(2) {
        return NoAnswer::Worker(
            "it does not answer; does this program call worker_main_if_requested() first?".into(),
        );
    }
    let last = words
        .trim()
        .lines()
        .last()
        .unwrap_or("no message")
        .to_owned();
    NoAnswer::Failure(Failure::Exit(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(raw_status: i32, words: &str) -> Option<Failure> {
        match no_answer(ExitStatus::from_raw(raw_status), words, &Limits::default()) {
            NoAnswer::Failure(failure) => Some(failure),
            NoAnswer::Worker(_) => None,
        }
    }

    #[test]
    fn last_words_and_signals_tell_what_ended_a_worker() {
        let stack = "thread 'kcl' (7) has overflowed its stack\nfatal runtime error";
        assert_eq!(failure(6, stack), Some(Failure::Stack(256 << 20)));
        let memory = "memory allocation of 3000000000 bytes failed";
        assert_eq!(failure(6, memory), Some(Failure::Memory(4 << 30)));
        assert_eq!(failure(11, ""), Some(Failure::Signal("SIGSEGV".into())));
        assert_eq!(
            failure(24, ""),
            Some(Failure::Timeout(Duration::from_secs(60)))
        );
        assert_eq!(failure(25, ""), Some(Failure::FileWrite));
    }

    #[test]
    fn words_without_the_mark_are_no_reply() {
        assert!(parse_reply(b"running 0 tests".to_vec()).is_none());
        let answer = parse_reply(b"KCLREPLY\x01no".to_vec()).expect("a reply");
        assert_eq!(
            (answer.kind, answer.bytes.as_slice()),
            (ReplyKind::Error, &b"no"[..])
        );
        assert_eq!(failure(0, ""), None);
    }
}
