//! Starts the sandbox, feeds it, and waits for it: or ends it when the time or the build is over.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::sandbox::{INNER, Network, OUTER, OUTER_HOST_NETWORK, SANDBOX_ARGUMENT, Spec, Status};
use crate::{Cancel, FileIsolation};

/// How often a running action looks whether the build is cancelled.
const TICK: Duration = Duration::from_millis(25);

/// How long the output may stay open after the sandbox is gone.
const GRACE: Duration = Duration::from_secs(2);

/// How much of an action's output is kept, from its end.
const OUTPUT_LIMIT: usize = 1 << 20;

/// A sandboxed command that has ended, with all that it started.
pub(crate) struct Ran {
    pub(crate) ended: Ended,
    /// What it printed.
    pub(crate) printed: String,
    /// The sandbox itself, which may take a moment longer.
    pub(crate) rest: Rest,
}

/// A sandbox that is about to end; waited for when this is dropped.
pub(crate) struct Rest(Child);

impl Drop for Rest {
    fn drop(&mut self) {
        let _ = self.0.wait();
    }
}

/// How a sandboxed command ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Status(Status),
    TimedOut(Duration),
    Cancelled,
}

/// Runs `spec` by running `program` as the sandbox.
pub(crate) fn run(
    program: &Path,
    spec: &Spec,
    timeout: Option<Duration>,
    cancel: &Cancel,
) -> io::Result<Ran> {
    let (mut socket, theirs) = UnixStream::pair()?;
    let (output, writer) = io::pipe()?;
    let part = match (spec.files, spec.network) {
        (FileIsolation::MountNamespace, Network::Loopback) => OUTER,
        (FileIsolation::MountNamespace, _) => OUTER_HOST_NETWORK,
        _ => INNER,
    };
    let child = Command::new(program)
        .args([SANDBOX_ARGUMENT, part])
        .env_clear()
        .stdin(OwnedFd::from(theirs))
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()?;
    // If the sandbox ends before it has read all, its status says why.
    let _ = spec.write(&mut socket);
    let mut running = Running {
        child,
        socket: Some(socket),
        output: Some(output),
        answer: Vec::new(),
        printed: Tail::default(),
        deadline: timeout.and_then(|time| Instant::now().checked_add(time)),
    };
    let stopped = running.wait(cancel)?;
    let printed = running.printed.text();
    let ended = match (stopped, timeout) {
        (Some(Stop::Cancelled), _) => Ended::Cancelled,
        (Some(Stop::Deadline), timeout) => Ended::TimedOut(timeout.unwrap_or_default()),
        (None, _) => Ended::Status(running.status()),
    };
    Ok(Ran {
        ended,
        printed,
        rest: Rest(running.child),
    })
}

/// The program that is run as the sandbox: the given one, or this one.
pub(crate) fn program(given: Option<&PathBuf>) -> PathBuf {
    given.map_or_else(|| PathBuf::from("/proc/self/exe"), Clone::clone)
}

enum Stop {
    Cancelled,
    Deadline,
}

struct Running {
    child: Child,
    /// While it is open, the action may run.
    socket: Option<UnixStream>,
    output: Option<io::PipeReader>,
    answer: Vec<u8>,
    printed: Tail,
    deadline: Option<Instant>,
}

impl Running {
    fn wait(&mut self, cancel: &Cancel) -> io::Result<Option<Stop>> {
        let stop = loop {
            if self.answer.ends_with(b"\n") {
                self.read_what_is_left()?;
                break None;
            }
            if self.socket.is_none() && self.output.is_none() {
                break None;
            }
            if cancel.is_cancelled() {
                break Some(Stop::Cancelled);
            }
            if self
                .deadline
                .is_some_and(|deadline| deadline <= Instant::now())
            {
                break self.socket.is_some().then_some(Stop::Deadline);
            }
            self.read_some()?;
        };
        if let Some(socket) = self.socket.take() {
            let _ = socket.shutdown(Shutdown::Both);
        }
        if stop.is_some() {
            self.child.wait()?;
        }
        Ok(stop)
    }

    /// Once there is an answer, nobody is left to print, and what was printed is in the pipe.
    fn read_what_is_left(&mut self) -> io::Result<()> {
        while self.poll(PollTimeout::ZERO)?.1 {
            self.read_output();
        }
        Ok(())
    }

    fn read_output(&mut self) {
        let mut buffer = [0; 64 * 1024];
        let Some(output) = &mut self.output else {
            return;
        };
        match output.read(&mut buffer) {
            Ok(count) if count > 0 => self.printed.add(&buffer[..count]),
            _ => self.output = None,
        }
    }

    fn read_some(&mut self) -> io::Result<()> {
        let mut buffer = [0; 1024];
        let tick = PollTimeout::try_from(TICK).unwrap_or(PollTimeout::ZERO);
        let (from_socket, from_output) = self.poll(tick)?;
        if from_socket && let Some(socket) = &mut self.socket {
            match socket.read(&mut buffer) {
                Ok(count) if count > 0 => self.answer.extend(&buffer[..count]),
                _ => {
                    self.socket = None;
                    // Whoever still has the output open is not waited for.
                    self.deadline = Instant::now().checked_add(GRACE);
                }
            }
        }
        if from_output {
            self.read_output();
        }
        Ok(())
    }

    /// Waits for a time; tells which of socket and output has something to read or has ended.
    fn poll(&self, timeout: PollTimeout) -> io::Result<(bool, bool)> {
        let mut fds = Vec::with_capacity(2);
        if let Some(socket) = &self.socket {
            fds.push(PollFd::new(socket.as_fd(), PollFlags::POLLIN));
        }
        if let Some(output) = &self.output {
            fds.push(PollFd::new(output.as_fd(), PollFlags::POLLIN));
        }
        match poll(&mut fds, timeout) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut ready = fds
            .iter()
            .map(|fd| fd.revents().is_some_and(|events| !events.is_empty()));
        let socket = self.socket.is_some() && ready.next().unwrap_or(false);
        let output = self.output.is_some() && ready.next().unwrap_or(false);
        Ok((socket, output))
    }

    fn status(&self) -> Status {
        serde_json::from_slice(&self.answer).unwrap_or_else(|_| {
            Status::Setup(
                "the sandbox ended without an answer; was it killed, or out of memory?".to_owned(),
            )
        })
    }
}

/// The end of a long output.
#[derive(Default)]
struct Tail {
    bytes: Vec<u8>,
    dropped: usize,
}

impl Tail {
    fn add(&mut self, bytes: &[u8]) {
        let _ = self.bytes.write_all(bytes);
        if self.bytes.len() > 2 * OUTPUT_LIMIT {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let extra = self.bytes.len().saturating_sub(OUTPUT_LIMIT);
        self.bytes.drain(..extra);
        self.dropped += extra;
    }

    fn text(&mut self) -> String {
        self.cut();
        let text = String::from_utf8_lossy(&self.bytes);
        match self.dropped {
            0 => text.into_owned(),
            dropped => format!("[{dropped} bytes before this are left out]\n{text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_output_the_end_is_kept() {
        let mut tail = Tail::default();
        for number in 0..400_000 {
            tail.add(format!("line {number}\n").as_bytes());
        }
        let text = tail.text();
        assert!(text.len() < OUTPUT_LIMIT + 100);
        assert!(text.starts_with('['), "{}", &text[..60]);
        assert!(text.ends_with("line 399999\n"));
    }
}
