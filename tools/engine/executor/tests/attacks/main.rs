//! Attacks on the sandbox, each an action of its own: by root and by a plain user, on the full
//! sandbox and on those of machines that give less.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]

#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use build_graph::{ActionKind, Artifact, OutputKind, RunAction};
use executor::{Cancel, Capabilities, FileIsolation, NetworkIsolation, Silent};
use pretty_assertions::assert_eq;
use support::{OUT, Project};
use tempfile::TempDir;

const ATTACK: &str = include_str!("attack.py");

/// How many hosts there were.
static HOSTS: AtomicUsize = AtomicUsize::new(0);

/// What no action may ever see.
const SECRET: &str = "a secret of the host's";

/// The names of all attacks, in the order of the script.
fn attacks() -> Vec<&'static str> {
    let table = ATTACK.split("ATTACKS = {").nth(1).unwrap();
    let lines = table.lines().filter_map(|line| line.strip_prefix("    \""));
    lines.map(|line| line.split('"').next().unwrap()).collect()
}

/// A host full of things to get hold of.
struct Host {
    project: Project,
    home: TempDir,
    tcp: TcpListener,
    udp: UdpSocket,
    /// A name of this host's own for its abstract socket.
    name: String,
    /// The seconds that what is left behind sleeps, which is its mark.
    marker: String,
    _sockets: [UnixListener; 2],
}

impl Host {
    fn new(sandbox: Capabilities) -> Host {
        let mut project = Project::new();
        let home = TempDir::new().unwrap();
        let folder = home.path().to_owned();
        project.adjust = Box::new(move |options| {
            options.sandbox = Some(sandbox);
            options.keep_going = true;
            options.timeout = Some(Duration::from_secs(30));
            let home = ("HOME".to_owned(), folder.display().to_string());
            let secret = ("AWS_SECRET_ACCESS_KEY".to_owned(), SECRET.to_owned());
            options.environment.extend([home, secret]);
        });
        project.source("pkg/undeclared.txt", SECRET);
        std::fs::write(home.path().join("secret"), SECRET).unwrap();
        let number = HOSTS.fetch_add(1, Ordering::Relaxed);
        let name = format!("hermetic-attack-{}-{number}", std::process::id());
        let named = SocketAddr::from_abstract_name(&name).unwrap();
        let sockets = [
            UnixListener::bind_addr(&named).unwrap(),
            UnixListener::bind(home.path().join("socket")).unwrap(),
        ];
        Host {
            project,
            home,
            tcp: TcpListener::bind("0.0.0.0:0").unwrap(),
            udp: UdpSocket::bind("127.0.0.1:0").unwrap(),
            name,
            marker: format!("1239.{number}{}", std::process::id()),
            _sockets: sockets,
        }
    }

    fn facts(&self) -> String {
        let path = |path: &std::path::Path| path.display().to_string();
        let addresses: Vec<String> = nix::ifaddrs::getifaddrs()
            .unwrap()
            .filter_map(|interface| Some(interface.address?.as_sockaddr_in()?.ip().to_string()))
            .collect();
        serde_json::json!({
            "secret": SECRET,
            "checkout": path(self.project.root.path()),
            "cache": path(&self.project.cache),
            "home": path(self.home.path()),
            "tmp": path(self.home.path()),
            "tcp": self.tcp.local_addr().unwrap().port(),
            "udp": self.udp.local_addr().unwrap().port(),
            "abstract": self.name,
            "addresses": addresses,
            "pid": std::process::id(),
            "marker": self.marker,
        })
        .to_string()
    }

    /// Runs every attack as an action; gives what each got hold of.
    fn attacked(&mut self) -> BTreeMap<&'static str, String> {
        let facts = self.facts();
        let declared = self.project.source("pkg/declared.txt", "declared");
        let large = self.project.source("pkg/large.txt", &"x".repeat(100_000));
        let mut outputs = Vec::new();
        for (number, name) in attacks().into_iter().enumerate() {
            let output = format!("{number}/out");
            let argv = [
                "python3",
                "-Ic",
                ATTACK,
                &format!("{OUT}/{output}"),
                name,
                &facts,
            ];
            let run = ActionKind::Run(RunAction {
                argv: argv.map(str::to_owned).to_vec(),
                env: Vec::new(),
            });
            let inputs = vec![declared.clone(), large.clone()];
            let made = self
                .project
                .add("attack", run, inputs, &[(&output, OutputKind::File)]);
            outputs.push((name, made[0].clone()));
        }
        let wanted: Vec<&Artifact> = outputs.iter().map(|(_, output)| output).collect();
        let outcome = self
            .project
            .build_with(&wanted, &Silent, &Cancel::default());
        let failures: Vec<String> = outcome.failures.iter().map(ToString::to_string).collect();
        assert!(outcome.is_success(), "{}", failures.join("\n"));
        let mut got: BTreeMap<&str, String> = outputs
            .iter()
            .map(|(name, output)| (*name, self.project.read(output)))
            .collect();
        self.look_around(&mut got);
        got
    }

    /// What an attack cannot tell itself.
    fn look_around(&self, got: &mut BTreeMap<&'static str, String>) {
        self.udp.set_nonblocking(true).unwrap();
        if self.udp.recv(&mut [0; 16]).is_ok() {
            got.insert("UDP", "a datagram arrived".to_owned());
        }
        if is_running(&self.marker) {
            got.insert("a daemon", "it runs on".to_owned());
        }
        for folder in [
            self.home.path(),
            self.project.root.path(),
            &self.project.cache,
        ] {
            let names = std::fs::read_dir(folder).unwrap().flatten();
            if names.into_iter().any(|entry| entry.file_name() == "breach") {
                got.insert(
                    "the host's folders",
                    format!("{} has a file", folder.display()),
                );
            }
        }
    }
}

/// Whether a process on this machine has `marker` in its command line.
fn is_running(marker: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines.into_iter().any(|line| {
        let text = String::from_utf8_lossy(&line).into_owned();
        text.split('\0').any(|word| word == marker)
    })
}

/// Runs all attacks; the test fails if one that is promised to be held got hold of something.
fn hold(files: FileIsolation, network: NetworkIsolation, promised: impl Fn(&str) -> bool) {
    // A descriptor that whoever started the build left open.
    let secret = tempfile::tempfile().unwrap();
    let _inherited = nix::unistd::dup(&secret).unwrap();
    let sandbox = Capabilities { files, network };
    let got = Host::new(sandbox).attacked();
    let breached = got
        .iter()
        .filter(|(name, got)| *got != "held" && promised(name));
    let breached: Vec<String> = breached
        .map(|(name, got)| format!("{name}: {got}"))
        .collect();
    assert_eq!(breached, [] as [String; 0]);
    let user = nix::unistd::geteuid();
    let held = got.values().filter(|got| *got == "held").count();
    let promised = got.keys().filter(|name| promised(name)).count();
    println!(
        "user {user}, {sandbox}: {} attacks, {held} held, {promised} promised",
        got.len()
    );
}

#[test]
fn the_sandbox_holds() {
    hold(
        FileIsolation::MountNamespace,
        NetworkIsolation::Namespace,
        |_| true,
    );
}

/// What Landlock and seccomp do not keep from an action: sockets that have a path, the modes of what
/// its user owns, the names of the machine's interfaces and of what processes share.
const OPEN_BY_LANDLOCK: &[&str] = &[
    "a device",
    "a socket in the host's temporary folder",
    "interfaces",
    "memory that processes share",
];

#[test]
fn landlock_and_seccomp_hold_what_they_promise() {
    hold(FileIsolation::Landlock, NetworkIsolation::Seccomp, |name| {
        !OPEN_BY_LANDLOCK.contains(&name)
    });
}

/// What needs no mechanism of the kernel's that may be missing.
const ALWAYS: &[&str] = &[
    "a daemon",
    "a daemon in its own namespaces",
    "a daemon that forks on",
    "a daemon that ignores signals",
    "a device of its own making",
    "a mount of the disk",
    "descriptors",
    "raw packets",
    "the kernel's settings",
    "variables",
];

#[test]
fn without_any_mechanism_the_rest_holds() {
    hold(FileIsolation::None, NetworkIsolation::None, |name| {
        ALWAYS.contains(&name)
    });
}

/// Runs a test of this file again by another way; it has to pass there.
#[track_caller]
fn again(by: &[&str]) {
    // The other user writes where this one lets it.
    let folder = TempDir::new().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
    let output = Command::new(by[0])
        .args(&by[1..])
        .arg(std::env::current_exe().unwrap())
        .args(["hold", "--skip", "for_root", "--nocapture"])
        .env_remove("HOME")
        .env("TMPDIR", folder.path())
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for line in said.lines().filter(|line| line.starts_with("user ")) {
        println!("{line}");
    }
}

/// The tests above run as whoever runs them; this one runs them as the other sort of user.
#[test]
fn the_sandbox_holds_for_root_and_for_a_plain_user() {
    if nix::unistd::geteuid().is_root() {
        again(&[
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
        ]);
    } else {
        again(&["unshare", "--user", "--map-root-user"]);
    }
}
