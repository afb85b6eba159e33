//! What the engine itself costs; run with `--nocapture` to see the numbers.
//!
//! The limits are far above what they should be, since a test's machine may be busy: they catch work
//! that is done again and again, not a slow day.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]

mod support;

use std::time::{Duration, Instant};

use build_graph::{Artifact, OutputKind};
use support::Project;

fn timed(what: &str, limit: Duration, work: impl FnOnce()) {
    let started = Instant::now();
    work();
    let time = started.elapsed();
    println!("{what}: {time:?}");
    assert!(time < limit, "{what}: {time:?}");
}

#[test]
fn a_build_of_nothing_costs_next_to_nothing() {
    let mut project = Project::new();
    let mut wanted = Vec::new();
    for action in 0..300 {
        let sources: Vec<Artifact> = (0..10)
            .map(|n| project.source(&format!("p{action}/s{n}.txt"), &format!("{action} {n}")))
            .collect();
        let script = format!(
            "mkdir $1; i=0; while [ $i -lt 7 ]; do echo {action} $i > $1/$i; i=$((i+1)); done"
        );
        let inputs: Vec<&Artifact> = sources.iter().collect();
        let output = (format!("d{action}"), OutputKind::Directory);
        wanted.push(project.sh_as("test_action", &script, &inputs, (&output.0, output.1)));
    }
    let wanted: Vec<&Artifact> = wanted.iter().collect();
    let seconds = Duration::from_secs;
    timed("300 actions for the first time", seconds(120), || {
        assert_eq!(project.build(&wanted).executed, 300);
    });
    timed("nothing, right after it", seconds(5), || {
        assert_eq!(project.build(&wanted).cached, 300);
    });
    std::thread::sleep(Duration::from_millis(100));
    project.build(&wanted);
    for _ in 0..3 {
        timed(
            "nothing: 300 actions, 3000 sources, 2100 outputs",
            seconds(2),
            || {
                assert_eq!(project.build(&wanted).cached, 300);
            },
        );
    }
}

#[test]
fn a_sandbox_costs_milliseconds() {
    for inputs in [0, 100, 2000] {
        let mut project = Project::new();
        project.jobs = 1;
        let sources: Vec<Artifact> = (0..inputs)
            .map(|n| project.source(&format!("src/{n}.txt"), &format!("text {n}")))
            .collect();
        let tool = project.source("tool", &"x".repeat(10_000_000));
        let mut all: Vec<&Artifact> = sources.iter().collect();
        all.push(&tool);
        let mut add = |name: String| project.sh("echo > $1", &all, &name);
        let warm = add("warm".to_owned());
        let outputs: Vec<Artifact> = (0..20).map(|n| add(format!("o{n}"))).collect();
        project.build(&[&warm]);
        let outputs: Vec<&Artifact> = outputs.iter().collect();
        timed(
            &format!("20 actions of {inputs} inputs"),
            Duration::from_secs(20),
            || {
                assert_eq!(project.build(&outputs).executed, 20);
            },
        );
    }
}
