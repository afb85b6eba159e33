//! The child's side: one request on stdin, one reply on stdout, then the end.
//! As a template (see `copies`) the request is a program without its options.

use std::{
    ffi::{CString, OsString},
    fs::File,
    io::{self, Read, Write},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process, thread,
};

use landlock::{Access, RulesetAttr, RulesetCreatedAttr};
use nix::{
    sys::{
        resource::{Resource, setrlimit},
        signal::Signal,
    },
    unistd::{dup, dup2_stdout},
};
use prost::Message;

use crate::{
    binding::{Changes, LibKcl, Observer, Reply, end_process},
    copies::{Copies, Stage},
    frame::{self, Answer},
    limits::Limits,
    spec,
};

/// First argument of a worker process.
pub(crate) const WORKER_ARGUMENT: &str = "__kcl-worker";
/// First argument of a template.
pub(crate) const TEMPLATE_ARGUMENT: &str = "__kcl-template";
/// The part of the memory limit that is set aside for the library's small blocks;
/// the others have the rest.
const HEAP_SHARE: usize = 4;
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
    refuse_impure: bool,
    parent: i32,
    /// Files and folders that the program may read.
    readable: Vec<PathBuf>,
}

/// The command line of a worker, after its first argument.
pub(crate) fn command_line(library: &Path, limits: &Limits, readable: &[PathBuf]) -> Vec<OsString> {
    let numbers = [
        limits.memory,
        limits.processor_seconds(),
        limits.stack,
        u64::from(!limits.impure),
        u64::from(process::id()),
    ];
    let numbers = numbers.map(|number| OsString::from(number.to_string()));
    let readable = readable.iter().map(OsString::from);
    std::iter::once(library.into())
        .chain(numbers)
        .chain(readable)
        .collect()
}

impl WorkerArguments {
    fn parse(mut words: impl Iterator<Item = OsString>) -> Option<Self> {
        let library = PathBuf::from(words.next()?);
        let mut number = || words.next()?.into_string().ok()?.parse::<u64>().ok();
        Some(Self {
            library,
            memory: number()?,
            processor_seconds: number()?,
            stack: number()?,
            refuse_impure: number()? != 0,
            parent: i32::try_from(number()?).ok()?,
            readable: words.map(PathBuf::from).collect(),
        })
    }
}

/// Becomes the worker process if this process was started as one, and does not
/// return then. Call it first thing in `main`.
pub fn worker_main_if_requested() {
    let mut words = std::env::args_os().skip(1);
    let first = words.next();
    let serve: fn(WorkerArguments, File) -> io::Result<()> = match first.as_deref() {
        Some(word) if word == WORKER_ARGUMENT => answer_once,
        Some(word) if word == TEMPLATE_ARGUMENT => serve_copies,
        _ => return,
    };
    let code = match WorkerArguments::parse(words) {
        Some(arguments) => run(arguments, serve),
        None => Err(io::Error::other("the worker's arguments are malformed")),
    };
    if let Err(error) = code {
        eprintln!("{error}");
        process::exit(1);
    }
    process::exit(0);
}

fn run(
    arguments: WorkerArguments,
    serve: fn(WorkerArguments, File) -> io::Result<()>,
) -> io::Result<()> {
    end_with_parent(arguments.parent)?;
    set_limits(&arguments)?;
    let reply_to = take_stdout()?;
    let stack = usize::try_from(arguments.stack).map_err(io::Error::other)?;
    let evaluator = thread::Builder::new()
        .name("kcl".to_owned())
        .stack_size(stack)
        .spawn(move || {
            serve(arguments, reply_to)?;
            // The end of the process frees everything faster than drops would.
            end_process(0)
        })?;
    evaluator
        .join()
        .map_err(|_| io::Error::other("the evaluator panicked"))?
}

/// Calls one method.
fn answer_once(arguments: WorkerArguments, mut reply_to: File) -> io::Result<()> {
    let request = read_request()?;
    let (kind, bytes) = match load(&arguments, None, Vec::new()) {
        Err(reason) => (ReplyKind::NotLoaded, reason.into_bytes()),
        Ok(mut kcl) => match kcl.call(&request.method, &request.arguments) {
            Reply::Message(bytes) => (ReplyKind::Message, bytes),
            Reply::Error(text) => (ReplyKind::Error, text.into_bytes()),
        },
    };
    reply_to.write_all(REPLY_MARK)?;
    reply_to.write_all(&[kind as u8])?;
    reply_to.write_all(&bytes)
}

/// Compiles a program and serves runs of it.
fn serve_copies(arguments: WorkerArguments, mut reply_to: File) -> io::Result<()> {
    let next = || frame::read(&mut io::stdin(), u64::MAX);
    let program = next()?.unwrap_or_default();
    let instead = frame::decode_pairs(&next()?.unwrap_or_default())?;
    let stage = Stage::default();
    let copies = Copies::new(stage.clone(), io::stdin(), reply_to.try_clone()?);
    let mut answer = Answer::Unknown;
    if let Ok(mut kcl) = load(&arguments, Some(Box::new(copies)), instead) {
        let reply = kcl.call(&c"KclService.ExecProgram".to_owned(), &program);
        // What fails before it has options may fail by the handover.
        if stage.is_run() && is_failure(&reply) {
            answer = Answer::Failed;
        }
    }
    Copies::give_up(&mut reply_to, answer)
}

fn is_failure(reply: &Reply) -> bool {
    match reply {
        Reply::Error(_) => true,
        Reply::Message(bytes) => spec::ExecProgramResult::decode(bytes.as_slice())
            .is_ok_and(|result| !result.error.is_empty()),
    }
}

/// The worker must not outlive a parent that is killed.
pub(crate) fn end_with_parent(parent: i32) -> io::Result<()> {
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

/// The library, with nothing within reach that it does not need.
fn load(
    arguments: &WorkerArguments,
    observer: Option<Box<dyn Observer>>,
    instead: Vec<(CString, CString)>,
) -> Result<LibKcl, String> {
    let kcl = LibKcl::load(&arguments.library).map_err(|error| load_failure(&error))?;
    kcl.change(Changes {
        refuse_impure: arguments.refuse_impure,
        observer,
        instead,
        heap: usize::try_from(arguments.memory).unwrap_or(usize::MAX) / HEAP_SHARE,
    })?;
    forbid(arguments).map_err(|error| error.to_string())?;
    Ok(kcl)
}

/// From here on no file can be made, changed or removed, none be read but what
/// the program may, and no TCP connection opened: a program gives a result and
/// nothing else. Kernels without Landlock still have the limit on the size of
/// files, and KCL's own functions have no sockets.
fn forbid(arguments: &WorkerArguments) -> Result<(), landlock::RulesetError> {
    let abi = landlock::ABI::V5;
    let reading = landlock::AccessFs::from_read(abi);
    let mut readable = arguments.readable.clone();
    if !arguments.refuse_impure {
        readable.extend(["/etc/localtime", "/usr/share/zoneinfo"].map(PathBuf::from));
    }
    landlock::Ruleset::default()
        .handle_access(landlock::AccessFs::from_all(abi))?
        .handle_access(landlock::AccessNet::from_all(abi))?
        .create()?
        .add_rules(landlock::path_beneath_rules(readable, reading))?
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
        let words = command_line("/lib/libkcl.so".as_ref(), &limits, &["/a".into()]);
        let arguments = WorkerArguments::parse(words.into_iter());
        let arguments = arguments.expect("parses");
        assert_eq!(arguments.library, PathBuf::from("/lib/libkcl.so"));
        assert_eq!(arguments.memory, 4 << 30);
        assert_eq!(arguments.processor_seconds, 61);
        assert!(arguments.refuse_impure);
        assert_eq!(arguments.readable, [PathBuf::from("/a")]);
    }

    #[test]
    fn a_short_command_line_is_refused() {
        assert_eq!(WorkerArguments::parse(["x".into()].into_iter()), None);
    }
}
