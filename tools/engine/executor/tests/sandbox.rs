//! What an action sees, and what it does not.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]

mod support;

use std::io::Read;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use build_graph::{ActionKind, OutputKind, RunAction};
use executor::{Cancel, FailureKind, Silent};
use pretty_assertions::assert_eq;
use support::{OUT, Project, failure};

#[test]
fn a_declared_input_is_there_and_an_undeclared_one_is_not() {
    let mut project = Project::new();
    let declared = project.source("pkg/declared.txt", "yes");
    project.source("pkg/undeclared.txt", "no");
    let root = project.root.path().display().to_string();
    let script = format!(
        "cat pkg/declared.txt > $1; echo >> $1; find . -type f | sort >> $1; \
         ls {root} 2>/dev/null >> $1 || echo no checkout >> $1"
    );
    let output = project.sh(&script, &[&declared], "out");
    assert_eq!(
        project.text(&output),
        format!("yes\n./{OUT}/out\n./pkg/declared.txt\nno checkout\n")
    );
}

#[test]
fn the_host_shows_its_system_and_nothing_of_the_user() {
    let mut project = Project::new();
    let output = project.sh(
        "for folder in root home tmp srv sys run mnt; do \
         ls -d /$folder/* /etc/shadow; done 2>/dev/null > $1 || true; \
         ls -a /dev | sort | tr '\\n' ' ' >> $1",
        &[],
        "out",
    );
    assert_eq!(
        project.text(&output),
        ". .. fd full null random shm stderr stdin stdout urandom zero "
    );
}

#[test]
fn the_environment_is_the_actions_own() {
    let mut project = Project::new();
    project.adjust = Box::new(|options| {
        let leak = ("HTTPS_PROXY".to_owned(), "http://leak".to_owned());
        options.environment.extend([leak]);
    });
    let output = project.sh("env | grep -v '^_=' | sort > $1", &[], "out");
    assert_eq!(
        project.text(&output),
        "BUCK_SCRATCH_PATH=buck-out/v2/art/test/.scratch\n\
         GREETING=hello\n\
         PATH=/usr/local/bin:/usr/bin:/bin\n\
         PWD=/build\n\
         TMPDIR=/build/buck-out/v2/art/test/.scratch\n"
    );
}

#[test]
fn the_working_folder_is_the_same_from_any_checkout() {
    let text = || {
        let mut project = Project::new();
        let output = project.sh("pwd > $1; hostname >> $1", &[], "out");
        project.text(&output)
    };
    assert_eq!(text(), "/build\nlocalhost\n");
    assert_eq!(text(), text());
}

#[test]
fn scratch_and_temporary_files_have_a_place_on_the_outputs_file_system() {
    let mut project = Project::new();
    let output = project.sh(
        "echo 1 > $BUCK_SCRATCH_PATH/a; echo 2 > $TMPDIR/b; cat $TMPDIR/a $TMPDIR/b > $TMPDIR/c; \
         [ \"$(stat -c %d $TMPDIR)\" = \"$(stat -c %d $(dirname $1))\" ]; mv $TMPDIR/c $1",
        &[],
        "out",
    );
    assert_eq!(project.text(&output), "1\n2\n");
}

#[test]
fn inputs_cannot_be_changed() {
    let mut project = Project::new();
    let small = project.source("pkg/small.txt", "small");
    let large = project.source("pkg/large.txt", &"large".repeat(100_000));
    let built = project.sh("head -c 200000 /dev/zero > $1", &[], "dep/built");
    let near = project.sh("echo near > $1", &[], "same/near");
    let output = project.sh(
        "for f in pkg/small.txt pkg/large.txt buck-out/v2/art/test/dep/built; do \
           if (chmod u+w $f && echo x > $f) 2>/dev/null; then echo changed $f; fi; \
           if rm -f $f 2>/dev/null; then echo removed $f; fi; \
         done > $1; if (echo x > pkg/new) 2>/dev/null; then echo new >> $1; fi; \
         if (echo x > buck-out/v2/art/test/same/near) 2>/dev/null; then echo near >> $1; fi",
        &[&small, &large, &built, &near],
        "same/out",
    );
    // A small input is a copy in memory: whoever owns it may make it writable, and changes nothing
    // but the copy.
    assert_eq!(project.text(&output), "changed pkg/small.txt\n");
    assert_eq!(
        std::fs::read(project.path("pkg/small.txt")).unwrap(),
        b"small"
    );
    assert_eq!(
        std::fs::read(project.path("pkg/large.txt")).unwrap().len(),
        500_000
    );
    assert_eq!(project.build(&[&built]).executed, 0);
}

#[test]
fn inputs_of_every_sort_are_staged() {
    let mut project = Project::new();
    project.source("tree/a.txt", "a");
    project.source("tree/sub/b.txt", "b");
    let tree = build_graph::Artifact::Source {
        path: "tree".into(),
    };
    let program = project.source("bin/program", "#!/bin/sh\necho ran\n");
    let large = format!("#!/bin/sh\necho large\nexit\n{}", "#".repeat(100_000));
    let large = project.source("bin/large", &large);
    for name in ["bin/program", "bin/large"] {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(project.path(name), mode).unwrap();
    }
    std::os::unix::fs::symlink("program", project.path("bin/link")).unwrap();
    let link = build_graph::Artifact::Source {
        path: "bin/link".into(),
    };
    let built = project.sh_as(
        "test_action",
        "mkdir -p $1/x/empty; echo built > $1/x/file; ln -s x/file $1/link; \
         cp bin/large $1/x/tool",
        &[&large],
        ("dir", OutputKind::Directory),
    );
    let output = project.sh(
        "cat tree/a.txt tree/sub/b.txt > $1; bin/program >> $1; bin/link >> $1; bin/large >> $1; \
         d=buck-out/v2/art/test/dir; cat $d/link >> $1; $d/x/tool >> $1; ls -F $d $d/x >> $1",
        &[&tree, &program, &large, &link, &built],
        "out",
    );
    assert_eq!(
        project.text(&output),
        "abran\nran\nlarge\nbuilt\nlarge\n\
         buck-out/v2/art/test/dir:\nlink@\nx/\n\n\
         buck-out/v2/art/test/dir/x:\nempty/\nfile\ntool*\n"
    );
}

const CONNECT: &str = r#"
import socket, sys
try:
    s = socket.create_connection(("127.0.0.1", PORT), timeout=5)
    said = "connected"
except OSError as error:
    said = error.__class__.__name__
open(sys.argv[1], "w").write(said)
"#;

#[test]
fn the_hosts_network_is_out_of_reach() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let mut project = Project::new();
    let script = CONNECT.replace("PORT", &port);
    let output = project.python("test_action", &script, "out");
    assert_eq!(project.text(&output), "ConnectionRefusedError");
}

#[test]
fn a_loopback_of_its_own_works() {
    let mut project = Project::new();
    let script = r#"
import socket, sys
server = socket.create_server(("localhost", 0))
client = socket.create_connection(server.getsockname())
connection, _ = server.accept()
client.sendall(b"through")
open(sys.argv[1], "wb").write(connection.recv(100))
"#;
    let output = project.python("test_action", script, "out");
    assert_eq!(project.text(&output), "through");
}

#[test]
fn a_fetch_has_the_network_home_and_the_clients_variables() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let mut project = Project::new();
    project.adjust = Box::new(|options| {
        options.environment = [
            ("HOME", std::env::temp_dir().to_str().unwrap()),
            ("https_proxy", "http://proxy"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    });
    let script = CONNECT.replace("PORT", &port);
    let connected = project.python("fetch_url", &script, "connected");
    assert_eq!(project.text(&connected), "connected");
    let env = project.sh_as(
        "fetch_url",
        "env | cut -d= -f1 | grep -v '^_$' | sort | tr '\\n' ' ' > $1; \
         t=$(mktemp -p $HOME); rm $t; echo home writable >> $1; \
         echo $https_proxy >> $1",
        &[],
        ("env", OutputKind::File),
    );
    assert_eq!(
        project.text(&env),
        "BUCK_SCRATCH_PATH GREETING HOME PATH PWD TMPDIR https_proxy home writable\nhttp://proxy\n"
    );
}

#[test]
fn what_a_fetch_saw_is_no_part_of_its_key() {
    let mut project = Project::new();
    let output = project.sh_as("fetch_url", "echo x > $1", &[], ("out", OutputKind::File));
    assert_eq!(project.build(&[&output]).executed, 1);
    project.adjust = Box::new(|options| {
        let proxy = ("https_proxy".to_owned(), "http://other".to_owned());
        options.environment.extend([proxy]);
    });
    assert_eq!(project.build(&[&output]).cached, 1);
}

#[test]
fn a_compiler_has_its_folder_in_the_cache() {
    for name in ["cargo", "go"] {
        let mut project = Project::new();
        let script = format!(
            "echo x >> $HERMETIC_CACHE/{name}/log; wc -l < $HERMETIC_CACHE/{name}/log > $1; \
             if (echo x > $HERMETIC_CACHE/other) 2>/dev/null && \
                [ -e $HERMETIC_CACHE/v1 ]; then echo whole cache >> $1; fi"
        );
        let category = format!("{name}_build");
        let output = project.sh_as(&category, &script, &[], ("out", OutputKind::File));
        assert_eq!(project.text(&output), "1\n");
        let log = std::fs::read_to_string(project.cache.join(name).join("log")).unwrap();
        assert_eq!(log, "x\n");
    }
}

#[test]
fn toolchain_folders_are_readable_and_only_that() {
    let mut project = Project::new();
    let toolchain = tempfile::TempDir::new().unwrap();
    let folder = toolchain.path().to_owned();
    std::fs::write(folder.join("tool"), "a tool").unwrap();
    let script = format!(
        "cat {0}/tool > $1; if (echo x > {0}/x) 2>/dev/null; then echo written >> $1; fi",
        folder.display()
    );
    project.adjust = Box::new(move |options| {
        options.host.roots = vec![folder.clone(), "/does/not/exist".into()];
    });
    let output = project.sh(&script, &[], "out");
    assert_eq!(project.text(&output), "a tool");
}

#[test]
fn an_action_has_no_capability_even_if_root_runs_it() {
    let mut project = Project::new();
    let output = project.sh(
        "grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs)' /proc/self/status > $1",
        &[],
        "out",
    );
    let none = |set: &str| format!("{set}:\t0000000000000000\n");
    let sets = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map(none);
    assert_eq!(
        project.text(&output),
        format!("{}NoNewPrivs:\t1\n", sets.concat())
    );
}

#[test]
fn a_program_that_is_not_there_is_named_with_a_remedy() {
    let mut project = Project::new();
    let mut run = |program: &str, output: &str| {
        let run = RunAction {
            argv: vec![program.to_owned()],
            env: Vec::new(),
        };
        let outputs = [(output, OutputKind::File)];
        project
            .add("test_action", ActionKind::Run(run), Vec::new(), &outputs)
            .remove(0)
    };
    let cases = [
        (
            run("no-such-tool", "a"),
            "the program `no-such-tool` is in no folder of the sandbox's PATH (/usr/local/bin:/usr/bin:/bin); install it, or name it by an input",
        ),
        (
            run("tools/x", "b"),
            "the program `tools/x` is not among the action's inputs",
        ),
        (
            run("/home/x", "c"),
            "the program `/home/x` is not in the sandbox; its folder has to be one of the toolchain's",
        ),
    ];
    for (artifact, message) in cases {
        let outcome = project.try_build(&[&artifact]);
        assert_eq!(failure(&outcome).kind.to_string(), message);
    }
}

/// Whether a process on this machine has `marker` in its command line.
fn is_running(marker: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
        .any(|line| {
            String::from_utf8_lossy(&line)
                .split('\0')
                .any(|word| word == marker)
        })
}

fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A command with a grandchild in a session of its own that sleeps for `seconds`, which marks it.
fn with_grandchild(seconds: &str) -> String {
    format!("(setsid sleep {seconds} &) ; sleep {seconds} ; echo > $1")
}

#[test]
fn cancelling_kills_grandchildren() {
    let mut project = Project::new();
    let output = project.sh(&with_grandchild("1234.25"), &[], "out");
    let after = project.sh("cat buck-out/v2/art/test/out > $1", &[&output], "after");
    let cancel = Cancel::default();
    std::thread::scope(|scope| {
        let build = scope.spawn(|| project.build_with(&[&after], &Silent, &cancel));
        wait_for("it starts", || is_running("1234.25"));
        cancel.cancel();
        let outcome = build.join().unwrap();
        assert!(outcome.cancelled);
        assert!(outcome.failures.is_empty());
        assert_eq!(outcome.not_run.len(), 2);
    });
    assert!(!is_running("1234.25"));
}

/// Set for the process that the next test kills.
const VICTIM: &str = "EXECUTOR_TEST_VICTIM";

/// Not a test of its own: the build that the next one kills.
#[test]
fn a_build_to_be_killed() {
    if std::env::var_os(VICTIM).is_some() {
        let mut project = Project::new();
        let output = project.sh(&with_grandchild("1238.25"), &[], "out");
        project.build(&[&output]);
    }
}

#[test]
fn killing_the_build_kills_grandchildren() {
    let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_build_to_be_killed"])
        .env(VICTIM, "1")
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    wait_for("it starts", || is_running("1238.25"));
    victim.kill().unwrap();
    victim.wait().unwrap();
    wait_for("everything ends", || !is_running("1238.25"));
}

#[test]
fn a_timeout_kills_grandchildren() {
    let mut project = Project::new();
    project.adjust = Box::new(|options| options.timeout = Some(Duration::from_millis(700)));
    let output = project.sh(&with_grandchild("1235.25"), &[], "out");
    let outcome = project.try_build(&[&output]);
    let expected = FailureKind::Timeout(Duration::from_millis(700));
    assert_eq!(failure(&outcome).kind, expected);
    assert!(!is_running("1235.25"));
}

#[test]
fn what_a_command_leaves_running_ends_with_it() {
    let mut project = Project::new();
    let output = project.sh(
        "(setsid sleep 1236.25 &) ; sleep 0.1; echo > $1",
        &[],
        "out",
    );
    let started = Instant::now();
    project.build(&[&output]);
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(!is_running("1236.25"));
}

#[test]
fn a_killed_command_is_told_by_its_signal() {
    let mut project = Project::new();
    let output = project.sh("echo before; kill -9 $$", &[], "out");
    let outcome = project.try_build(&[&output]);
    assert_eq!(failure(&outcome).kind, FailureKind::Signal(9));
    assert_eq!(failure(&outcome).output, "before\n");
}

#[test]
fn a_full_failure_report_has_command_and_output() {
    let mut project = Project::new();
    let output = project.sh("echo to stdout; echo to stderr >&2; exit 7", &[], "out");
    let outcome = project.try_build(&[&output]);
    assert_eq!(
        failure(&outcome).to_string(),
        format!(
            "hermetic//test:t0 (test_action): the command failed with exit code 7\n  \
             command: sh -ec 'echo to stdout; echo to stderr >&2; exit 7' sh {OUT}/out\n  \
             output:\n    to stdout\n    to stderr"
        )
    );
}

#[test]
fn standard_input_is_empty() {
    let mut project = Project::new();
    let output = project.sh("wc -c > $1", &[], "out");
    assert_eq!(project.text(&output).trim(), "0");
    let mut rest = Vec::new();
    std::fs::File::open(project.path(output.path()))
        .unwrap()
        .read_to_end(&mut rest)
        .unwrap();
    assert_eq!(rest, b"0\n");
}
