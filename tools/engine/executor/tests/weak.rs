//! The sandboxes of machines that give less: what they still keep out, and where their results go.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]

mod support;

use std::net::TcpListener;

use build_graph::OutputKind;
use executor::{Cancel, Capabilities, FileIsolation, NetworkIsolation};
use pretty_assertions::assert_eq;
use support::{Project, Recorder};

fn project(files: FileIsolation, network: NetworkIsolation) -> Project {
    let mut project = Project::new();
    project.adjust = Box::new(move |options| {
        options.sandbox = Some(Capabilities { files, network });
    });
    project
}

/// Whether this kernel has Landlock; a container may hide it.
fn has_landlock() -> bool {
    let mut probe = project(FileIsolation::Landlock, NetworkIsolation::None);
    let output = probe.sh("echo > $1", &[], "out");
    probe.try_build(&[&output]).is_success()
}

#[test]
fn landlock_hides_files_and_keeps_inputs_as_they_are() {
    if !has_landlock() {
        eprintln!("this kernel has no Landlock");
        return;
    }
    let mut project = project(FileIsolation::Landlock, NetworkIsolation::Seccomp);
    let declared = project.source("pkg/declared.txt", "yes");
    let undeclared = project.path("pkg/undeclared.txt");
    project.source("pkg/undeclared.txt", "no");
    let script = format!(
        "cat pkg/declared.txt > $1; cat {} >> $1 2>/dev/null || echo hidden >> $1; \
         if (echo x > pkg/new) 2>/dev/null; then echo new >> $1; fi; \
         echo scratch > $TMPDIR/a; cat $BUCK_SCRATCH_PATH/a >> $1",
        undeclared.display()
    );
    let output = project.sh(&script, &[&declared], "out");
    assert_eq!(project.text(&output), "yeshidden\nscratch\n");
}

#[test]
fn seccomp_refuses_internet_sockets_and_no_others() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut project = project(FileIsolation::None, NetworkIsolation::Seccomp);
    let script = format!(
        r#"
import socket, sys
try:
    socket.create_connection(("127.0.0.1", {port}), timeout=5)
    said = "connected"
except OSError as error:
    said = error.__class__.__name__
socket.socketpair()
open(sys.argv[1], "w").write(said)
"#
    );
    let sealed = project.python("test_action", &script, "sealed");
    assert_eq!(project.text(&sealed), "PermissionError");
    let fetched = project.python("fetch_url", &script, "fetched");
    assert_eq!(project.text(&fetched), "connected");
}

#[test]
fn results_of_a_weak_sandbox_stay_out_of_the_shared_cache() {
    let mut weak = project(FileIsolation::None, NetworkIsolation::None);
    let output = weak.sh("echo x > $1", &[], "out");
    let recorder = Recorder::default();
    let outcome = weak.build_with(&[&output], &recorder, &Cancel::default());
    assert_eq!((outcome.executed, outcome.cached), (1, 0));
    assert_eq!(
        recorder.0.into_inner().unwrap(),
        [
            "planned 1",
            "weak: files: none; network: none",
            "started hermetic//test:t0 (test_action)",
            "executed hermetic//test:t0 (test_action)",
        ]
    );
    assert_eq!(weak.build(&[&output]).cached, 1);

    let mut strong = Project::with_cache(weak.cache.clone());
    let output = strong.sh("echo x > $1", &[], "out");
    assert_eq!(strong.build(&[&output]).executed, 1);
}

#[test]
fn a_weak_sandbox_takes_what_a_strong_one_made_before_it_runs_anything() {
    let mut strong = Project::new();
    let output = strong.sh("echo x > $1", &[], "out");
    strong.build(&[&output]);
    let mut weak = Project::with_cache(strong.cache.clone());
    weak.adjust = Box::new(|options| {
        options.sandbox = Some(Capabilities {
            files: FileIsolation::None,
            network: NetworkIsolation::None,
        });
    });
    let output = weak.sh("echo x > $1", &[], "out");
    assert_eq!(weak.build(&[&output]).cached, 1);
}

#[test]
fn without_namespaces_nothing_is_left_running_either() {
    let mut project = project(FileIsolation::None, NetworkIsolation::None);
    let output = project.sh_as(
        "test_action",
        "mkdir $1; (setsid sleep 1237.25 &) ; sleep 0.1; echo $PWD > $1/pwd",
        &[],
        ("out", OutputKind::Directory),
    );
    project.build(&[&output]);
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let left = processes
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
        .filter(|line| line.windows(7).any(|part| part == b"1237.25"))
        .count();
    assert_eq!(left, 0);
}

#[test]
fn the_machines_gifts_print_in_words() {
    let words = |files, network| Capabilities { files, network }.to_string();
    assert_eq!(
        words(FileIsolation::MountNamespace, NetworkIsolation::Namespace),
        "files: mount namespace; network: namespace with loopback"
    );
    assert_eq!(
        words(FileIsolation::Landlock, NetworkIsolation::Seccomp),
        "files: Landlock; network: seccomp without internet sockets"
    );
}
