//! The child's side: one request on stdin, one reply on stdout, then the end.

use std::{
    ffi::CString,
    fs::File,
    io::{self, Read, Write},
    os::fd::OwnedFd,
    path::PathBuf,
    process, thread,
};

use landlock::{Access, RulesetAttr};
use nix::{
    sys::{
        resource::{Resource, setrlimit},
        signal::Signal,
    },
    unistd::{dup, dup2_stdout},
};

use crate::{
    binding::{LibKcl, Reply},
    limits::Limits,
};

/// First argument of a worker process.
pub(crate) const WORKER_ARGUMENT: &str = "__kcl-worker";
/// What a reply starts with, so that other words on stdout are never taken for one.
pub(crate) const REPLY_MARK: &[u8; 8] = b"KCLREPLY";

/// What a reply's second part says; the byte after the mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum ReplyKind {
    /// An encoded message.
    Message = 0,
    /// KCL's error text.
    Error = 1,
    /// Why the library does not load.
    NotLoaded = 2,
}

impl ReplyKind {
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        [Self::Message, Self::Error, Self::NotLoaded]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
    }
}

/// What the parent passes on the command line.
#[derive(Debug, PartialEq, Eq)]
struct WorkerArguments {
    library: PathBuf,
    memory: u64,
    processor_seconds: u64,
    stack: u64,
    parent: i32,
}

/// The command line of a worker, after its first argument.
pub(crate) fn command_line(library: &std::path::Path, limits: &Limits) -> [std::ffi::OsString; 5] {
    [
        library.into(),
        limits.memory.to_string().into(),
        limits.processor_seconds().to_string().into(),
        limits.stack.to_string().into(),
        process::id().to_string().into(),
    ]
}

impl WorkerArguments {
    fn parse(mut words: impl Iterator<Item = std::ffi::OsString>) -> Option<Self> {
        let library = PathBuf::from(words.next()?);
        let mut number = || words.next()?.into_string().ok()?.parse::<u64>().ok();
        let (memory, processor_seconds, stack) = (number()?, number()?, number()?);
        let parent = i32::try_from(number()?).ok()?;
        Some(Self {
            library,
            memory,
            processor_seconds,
            stack,
            parent,
        })
    }
}

/// Becomes the worker process if this process was started as one, and does not
/// return then. Call it first thing in `main`.
pub fn worker_main_if_requested() {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_none_or(|word| word != WORKER_ARGUMENT) {
        return;
    }
    let code = match WorkerArguments::parse(words) {
        Some(arguments) => run(arguments),
        None => Err(io::Error::other("the worker's arguments are malformed")),
    };
    if let Err(error) = code {
        eprintln!("{error}");
        process::exit(1);
    }
    process::exit(0);
}

fn run(arguments: WorkerArguments) -> io::Result<()> {
    end_with_parent(arguments.parent)?;
    set_limits(&arguments)?;
    let mut reply_to = take_stdout()?;
    let request = read_request()?;
    let stack = usize::try_from(arguments.stack).map_err(io::Error::other)?;
    let evaluator = thread::Builder::new()
        .name("kcl".to_owned())
        .stack_size(stack)
        .spawn(move || {
            let (kind, bytes) = answer(&arguments.library, &request);
            reply_to.write_all(REPLY_MARK)?;
            reply_to.write_all(&[kind as u8])?;
            reply_to.write_all(&bytes)?;
            // The end of the process frees everything faster than drops would.
            process::exit(0)
        })?;
    evaluator
        .join()
        .map_err(|_| io::Error::other("the evaluator panicked"))?
}

/// The worker must not outlive a parent that is killed.
fn end_with_parent(parent: i32) -> io::Result<()> {
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
    if nix::unistd::getppid().as_raw() != parent {
        return Err(io::Error::other("the parent is gone"));
    }
    Ok(())
}

fn set_limits(arguments: &WorkerArguments) -> io::Result<()> {
    let limits = [
        (Resource::RLIMIT_AS, arguments.memory),
        (Resource::RLIMIT_CPU, arguments.processor_seconds),
        (Resource::RLIMIT_CORE, 0),
        // A program gives a result; it writes no files. Pipes are not concerned.
        (Resource::RLIMIT_FSIZE, 0),
    ];
    for (resource, limit) in limits {
        setrlimit(resource, limit, limit)?;
    }
    Ok(())
}

/// Keeps stdout for the reply and gives what else writes to it stderr instead.
fn take_stdout() -> io::Result<File> {
    let reply_to: OwnedFd = dup(io::stdout())?;
    dup2_stdout(io::stderr())?;
    Ok(File::from(reply_to))
}

/// The method and its encoded argument.
struct Request {
    method: CString,
    arguments: Vec<u8>,
}

/// A request as the parent writes it: the method, NUL, the argument.
pub(crate) fn encode_request(method: &str, arguments: &[u8]) -> Vec<u8> {
    [method.as_bytes(), b"\0", arguments].concat()
}

fn read_request() -> io::Result<Request> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    let end = bytes.iter().position(|byte| *byte == 0);
    let end = end.ok_or_else(|| io::Error::other("the request is cut short"))?;
    let arguments = bytes.split_off(end + 1);
    let method = CString::from_vec_with_nul(bytes).map_err(io::Error::other)?;
    Ok(Request { method, arguments })
}

fn answer(library: &std::path::Path, request: &Request) -> (ReplyKind, Vec<u8>) {
    let mut kcl = match LibKcl::load(library) {
        Ok(kcl) => kcl,
        Err(error) => return (ReplyKind::NotLoaded, load_failure(&error).into_bytes()),
    };
    if let Err(error) = forbid_writes() {
        return (ReplyKind::NotLoaded, error.to_string().into_bytes());
    }
    let reply = kcl.call(&request.method, &request.arguments);
    std::mem::forget(kcl);
    match reply {
        Reply::Message(bytes) => (ReplyKind::Message, bytes),
        Reply::Error(text) => (ReplyKind::Error, text.into_bytes()),
    }
}

/// From here on no file can be made, changed or removed, and no TCP connection
/// opened: a program gives a result and nothing else. Kernels without Landlock
/// still have the limit on the size of files.
fn forbid_writes() -> Result<(), landlock::RulesetError> {
    let abi = landlock::ABI::V5;
    landlock::Ruleset::default()
        .handle_access(landlock::AccessFs::from_write(abi))?
        .handle_access(landlock::AccessNet::from_all(abi))?
        .create()?
        .restrict_self()?;
    Ok(())
}

/// libloading's own text names the function; the loader's words are its source.
fn load_failure(error: &libloading::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workers_command_line_is_read_back() {
        let limits = Limits::default();
        let words = command_line("/lib/libkcl.so".as_ref(), &limits);
        let arguments = WorkerArguments::parse(words.into_iter());
        let arguments = arguments.expect("parses");
        assert_eq!(arguments.library, PathBuf::from("/lib/libkcl.so"));
        assert_eq!(arguments.memory, 4 << 30);
        assert_eq!(arguments.processor_seconds, 61);
    }

    #[test]
    fn a_short_command_line_is_refused() {
        assert_eq!(WorkerArguments::parse(["x".into()].into_iter()), None);
    }
}
