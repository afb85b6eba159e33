//! Runs the action, and sees to it that nothing of it is left when it ends or has to end.

use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{Pid, write};

use super::{PROJECT, Spec, Status};
use crate::FileIsolation;

/// Tells the executor how it went.
pub(super) fn tell(status: &Status) {
    if let Ok(mut text) = serde_json::to_vec(status) {
        text.push(b'\n');
        let _ = write(std::io::stdin(), &text);
    }
}

/// Ends this process, and all it has started, when the executor closes the socket.
pub(super) fn end_with_executor(is_process_1: bool) {
    std::thread::spawn(move || {
        let mut rest = [0; 1];
        while std::io::stdin()
            .read(&mut rest)
            .is_ok_and(|count| count > 0)
        {}
        if !is_process_1 {
            kill_descendants();
        }
        std::process::exit(1);
    });
}

/// Runs the action to its end.
pub(super) fn run(spec: &Spec) -> Status {
    let Some(name) = spec.argv.first() else {
        return Status::Exit(0);
    };
    let program = match find_program(name, &spec.env) {
        Ok(program) => program,
        Err(reason) => return Status::Program(reason),
    };
    let mut command = Command::new(program);
    command
        .args(&spec.argv[1..])
        .env_clear()
        .env("BUCK_SCRATCH_PATH", &spec.scratch)
        .env("TMPDIR", scratch(spec))
        .envs(spec.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null());
    let child = match start(&mut command) {
        Ok(child) => child,
        Err(error) => return Status::Program(format!("cannot be started: {error}")),
    };
    let status = reap(Pid::from_raw(child.id().cast_signed()));
    // The executor takes the outputs as soon as it is told, so whatever could write is gone by then.
    if spec.files == FileIsolation::MountNamespace {
        let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
        while !matches!(waitpid(None, None), Err(Errno::ECHILD)) {}
    } else {
        kill_descendants();
    }
    status
}

/// Starts a command. The executor may have written the program a moment ago while another thread of
/// it was starting a process, which has the file open for writing until it is what it is to become.
fn start(command: &mut Command) -> io::Result<Child> {
    for _ in 0..100 {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
    command.spawn()
}

fn scratch(spec: &Spec) -> PathBuf {
    match spec.files {
        FileIsolation::MountNamespace => Path::new(PROJECT).join(&spec.scratch),
        _ => spec.disk.join(&spec.scratch),
    }
}

fn find_program(name: &str, env: &[(String, String)]) -> Result<PathBuf, String> {
    if name.contains('/') {
        return match std::fs::metadata(name) {
            Ok(found) if is_executable(&found) => Ok(PathBuf::from(name)),
            Ok(_) => Err("is not executable".to_owned()),
            Err(_) if name.starts_with('/') => {
                Err("is not in the sandbox; its folder has to be one of the toolchain's".to_owned())
            }
            Err(_) => Err("is not among the action's inputs".to_owned()),
        };
    }
    let path = env.iter().rev().find(|(variable, _)| variable == "PATH");
    let path = path.map_or("", |(_, value)| value.as_str());
    let found = path.split(':').filter(|folder| !folder.is_empty());
    found
        .map(|folder| Path::new(folder).join(name))
        .find(|file| std::fs::metadata(file).is_ok_and(|found| is_executable(&found)))
        .ok_or_else(|| {
            format!(
                "is in no folder of the sandbox's PATH ({path}); install it, or name it by an input"
            )
        })
}

fn is_executable(found: &std::fs::Metadata) -> bool {
    found.is_file() && found.permissions().mode() & 0o111 != 0
}

/// Waits for the action, and on the way for every orphan that this process inherits.
fn reap(action: Pid) -> Status {
    loop {
        match waitpid(None, None) {
            Ok(WaitStatus::Exited(pid, code)) if pid == action => return Status::Exit(code),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == action => {
                return Status::Signal(signal as i32);
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Status::Setup(format!("waiting for the command: {error}")),
        }
    }
}

/// Kills what this process has started, and what that has, until there is nothing left.
///
/// Orphans become children of this process, so each round finds those that a killed one leaves.
fn kill_descendants() {
    for _ in 0..1000 {
        let all = descendants(std::process::id());
        if all.is_empty() {
            return;
        }
        for pid in all {
            let _ = kill(Pid::from_raw(pid.cast_signed()), Signal::SIGKILL);
        }
        while waitpid(None, Some(nix::sys::wait::WaitPidFlag::WNOHANG))
            .is_ok_and(|status| status != WaitStatus::StillAlive)
        {}
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn descendants(of: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut open = vec![of];
    while let Some(pid) = open.pop() {
        for child in children(pid) {
            found.push(child);
            open.push(child);
        }
    }
    found
}

/// The children of every thread of a process.
fn children(pid: u32) -> Vec<u32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let lists = threads
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_ascii_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}
