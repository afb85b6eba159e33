//! What runs, what is kept, and what stands in the checkout afterwards.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]

mod support;

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, Instant};

use build_graph::{ActionKind, Artifact, OutputKind, RunAction};
use executor::{Cancel, Content, Digest, FailureKind};
use pretty_assertions::assert_eq;
use support::{OUT, Project, Recorder, failure};

/// Longer than the time in which an edit could go unnoticed by stat.
fn let_stamps_settle() {
    std::thread::sleep(Duration::from_millis(120));
}

fn two_steps(project: &mut Project) -> (Artifact, Artifact) {
    let source = project.source("a.txt", "one\n");
    let first = project.sh("cat a.txt > $1", &[&source], "first");
    let script = format!("tr a-z A-Z < {OUT}/first > $1");
    let second = project.sh(&script, &[&first], "second");
    (first, second)
}

#[test]
fn a_second_build_runs_nothing() {
    let mut project = Project::new();
    let (_, second) = two_steps(&mut project);
    let outcome = project.build(&[&second]);
    assert_eq!((outcome.executed, outcome.cached), (2, 0));
    assert_eq!(project.read(&second), "ONE\n");
    let outcome = project.build(&[&second]);
    assert_eq!((outcome.executed, outcome.cached), (0, 2));
}

#[test]
fn only_what_is_wanted_stands_in_the_checkout() {
    let mut project = Project::new();
    let (first, second) = two_steps(&mut project);
    let outcome = project.build(&[&second]);
    assert!(!project.path(first.path()).exists());
    assert_eq!(
        outcome.outputs.get(first.path()),
        Some(&Content::File {
            digest: Digest::of(b"one\n"),
            executable: false
        })
    );
    project.build(&[&first]);
    assert_eq!(project.read(&first), "one\n");
}

#[test]
fn an_edit_of_the_same_size_is_found() {
    let mut project = Project::new();
    let (_, second) = two_steps(&mut project);
    project.build(&[&second]);
    for (number, text) in ["two\n", "six\n", "ten\n"].into_iter().enumerate() {
        if number == 1 {
            let_stamps_settle();
            project.build(&[&second]);
        }
        std::fs::write(project.path("a.txt"), text).unwrap();
        assert_eq!(project.text(&second), text.to_uppercase());
    }
}

#[test]
fn an_edit_that_restores_the_modification_time_is_found() {
    let mut project = Project::new();
    let (_, second) = two_steps(&mut project);
    let_stamps_settle();
    project.build(&[&second]);
    let path = project.path("a.txt");
    let before = std::fs::metadata(&path).unwrap().modified().unwrap();
    std::fs::write(&path, "two\n").unwrap();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(before).unwrap();
    assert_eq!(project.text(&second), "TWO\n");
}

#[test]
fn an_unchanged_result_stops_the_change_there() {
    let mut project = Project::new();
    let source = project.source("a.txt", "one\ntwo\n");
    let first = project.sh("head -n1 a.txt > $1", &[&source], "first");
    let second = project.sh(&format!("cat {OUT}/first > $1"), &[&first], "second");
    project.build(&[&second]);
    project.source("a.txt", "one\nthree\n");
    let outcome = project.build(&[&second]);
    assert_eq!((outcome.executed, outcome.cached), (1, 1));
}

#[test]
fn clones_share_results() {
    let mut one = Project::new();
    let (_, second) = two_steps(&mut one);
    one.build(&[&second]);
    let mut other = Project::with_cache(one.cache.clone());
    let (_, second) = two_steps(&mut other);
    let outcome = other.build(&[&second]);
    assert_eq!((outcome.executed, outcome.cached), (0, 2));
    assert_eq!(other.read(&second), "ONE\n");
}

#[test]
fn results_survive_a_clean() {
    let mut project = Project::new();
    let (_, second) = two_steps(&mut project);
    project.build(&[&second]);
    std::fs::remove_dir_all(project.path("buck-out")).unwrap();
    assert_eq!(project.build(&[&second]).executed, 0);
    assert_eq!(project.read(&second), "ONE\n");
}

fn directory(project: &mut Project) -> Artifact {
    project.sh_as(
        "test_action",
        "mkdir -p $1/sub; echo a > $1/a; echo b > $1/sub/b; ln -s a $1/link; \
         printf '#!/bin/sh\\n' > $1/tool; chmod +x $1/tool",
        &[],
        ("dir", OutputKind::Directory),
    )
}

#[test]
fn what_was_made_is_read_only_and_a_copy() {
    let mut project = Project::new();
    let dir = directory(&mut project);
    project.build(&[&dir]);
    for (path, mode) in [
        ("", 0o755),
        ("/a", 0o444),
        ("/sub", 0o755),
        ("/tool", 0o555),
    ] {
        let path = format!("{}{path}", dir.path());
        assert_eq!(project.mode(&path), mode, "{path}");
        let found = std::fs::metadata(project.path(&path)).unwrap();
        assert!(found.is_dir() || found.nlink() == 1, "{path}");
    }
    let link = std::fs::read_link(project.path(dir.path()).join("link")).unwrap();
    assert_eq!(link, Path::new("a"));
}

/// Rewrites a read-only file with bytes of the same number.
fn tamper(path: &Path) {
    let length = std::fs::metadata(path).unwrap().len();
    let mode = std::fs::metadata(path).unwrap().permissions();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap();
    std::fs::write(path, "x".repeat(usize::try_from(length).unwrap())).unwrap();
    std::fs::set_permissions(path, mode).unwrap();
}

#[test]
fn every_change_to_an_output_is_undone_without_running_anything() {
    let mut project = Project::new();
    let dir = directory(&mut project);
    project.build(&[&dir]);
    let root = project.path(dir.path());
    type Change = fn(&Path);
    let changes: [(&str, Change); 12] = [
        ("content", |root| tamper(&root.join("a"))),
        ("deleted file", |root| {
            std::fs::remove_file(root.join("sub/b")).unwrap()
        }),
        ("deleted", |root| std::fs::remove_dir_all(root).unwrap()),
        ("extra file", |root| {
            std::fs::write(root.join("sub/extra"), "").unwrap()
        }),
        ("extra folder", |root| {
            std::fs::create_dir(root.join("extra")).unwrap()
        }),
        ("executable bit", |root| {
            let mode = PermissionsExt::from_mode(0o555);
            std::fs::set_permissions(root.join("a"), mode).unwrap();
        }),
        ("no executable bit", |root| {
            let mode = PermissionsExt::from_mode(0o444);
            std::fs::set_permissions(root.join("tool"), mode).unwrap();
        }),
        ("a file for a folder", |root| {
            std::fs::remove_dir_all(root.join("sub")).unwrap();
            std::fs::write(root.join("sub"), "").unwrap();
        }),
        ("a folder for a file", |root| {
            std::fs::remove_file(root.join("a")).unwrap();
            std::fs::create_dir_all(root.join("a/x")).unwrap();
        }),
        ("another link", |root| {
            std::fs::remove_file(root.join("link")).unwrap();
            symlink("tool", root.join("link")).unwrap();
        }),
        ("a file for all", |root| {
            std::fs::remove_dir_all(root).unwrap();
            std::fs::write(root, "").unwrap();
        }),
        ("a closed folder", |root| {
            let mode = PermissionsExt::from_mode(0o000);
            std::fs::set_permissions(root.join("sub"), mode).unwrap();
            std::fs::write(root.join("b"), "").unwrap();
        }),
    ];
    let names = |root: &Path| {
        let listed = std::process::Command::new("find")
            .arg(".")
            .current_dir(root)
            .output();
        let text = String::from_utf8(listed.unwrap().stdout).unwrap();
        let mut names: Vec<String> = text.lines().map(str::to_owned).collect();
        names.sort();
        names
    };
    let expected = [".", "./a", "./link", "./sub", "./sub/b", "./tool"];
    for (what, change) in changes {
        change(&root);
        let outcome = project.build(&[&dir]);
        assert_eq!((outcome.executed, outcome.cached), (0, 1), "{what}");
        assert_eq!(names(&root), expected, "{what}");
        assert_eq!(
            std::fs::read_to_string(root.join("a")).unwrap(),
            "a\n",
            "{what}"
        );
        assert_eq!(
            std::fs::read_to_string(root.join("link")).unwrap(),
            "a\n",
            "{what}"
        );
        for (file, mode) in [("a", 0o444), ("tool", 0o555), ("sub/b", 0o444)] {
            let found = std::fs::metadata(root.join(file)).unwrap().permissions();
            assert_eq!(found.mode() & 0o777, mode, "{what}: {file}");
        }
    }
}

#[test]
fn an_output_of_another_shape_replaces_what_an_older_build_left() {
    let mut project = Project::new();
    let file = project.sh("echo file > $1", &[], "x");
    project.build(&[&file]);
    project.graph = build_graph::ActionGraph::default();
    let below = project.sh("echo below > $1", &[], "x/y/z");
    project.build(&[&below]);
    assert_eq!(project.read(&below), "below\n");
    project.graph = build_graph::ActionGraph::default();
    let file = project.sh("echo file > $1", &[], "x");
    assert_eq!(project.text(&file), "file\n");
}

/// The cache's file with these bytes.
fn blob(cache: &Path, bytes: &[u8]) -> std::path::PathBuf {
    let hex = Digest::of(bytes).hex();
    cache.join(format!("v1/blobs/{}/{hex}-{}", &hex[..2], bytes.len()))
}

#[test]
fn a_blob_that_was_tampered_with_is_made_again() {
    for tampering in ["same size", "cut", "gone", "mode"] {
        let mut project = Project::new();
        let (first, second) = two_steps(&mut project);
        project.build(&[&second]);
        let path = blob(&project.cache, b"one\n");
        match tampering {
            "same size" => tamper(&path),
            "cut" => std::fs::remove_file(&path)
                .and_then(|()| std::fs::write(&path, ""))
                .unwrap(),
            "gone" => std::fs::remove_file(&path).unwrap(),
            _ => std::fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).unwrap(),
        }
        // Wanted now, so the blob is needed.
        let outcome = project.build(&[&first]);
        assert_eq!(outcome.executed, 1, "{tampering}");
        assert_eq!(project.read(&first), "one\n", "{tampering}");
    }
}

#[test]
fn a_lost_input_is_made_again_before_what_needs_it() {
    let mut project = Project::new();
    let (first, second) = two_steps(&mut project);
    project.build(&[&second]);
    std::fs::remove_file(blob(&project.cache, b"one\n")).unwrap();
    // Another action over the same input, so that one has to run and the input's blob is gone.
    let third = project.sh(
        &format!("cat {OUT}/first {OUT}/first > $1"),
        &[&first],
        "third",
    );
    let outcome = project.build(&[&third, &second]);
    assert_eq!((outcome.executed, outcome.cached), (2, 1));
    assert_eq!(project.read(&third), "one\none\n");
}

#[test]
fn a_damaged_entry_is_a_miss() {
    let mut project = Project::new();
    let output = project.sh("echo x > $1", &[], "out");
    project.build(&[&output]);
    let entries = entries(&project.cache);
    assert_eq!(entries.len(), 1);
    std::fs::write(&entries[0], "not an entry").unwrap();
    assert_eq!(project.build(&[&output]).executed, 1);
    assert_eq!(project.build(&[&output]).cached, 1);
}

#[test]
fn everything_that_could_change_an_output_is_in_its_key() {
    type Change = fn(&mut Project);
    let changes: [(&str, Change); 5] = [
        ("an argument", |project| {
            if let ActionKind::Run(run) = &mut project.graph.actions[0].kind {
                run.argv[2].push_str("; true");
            }
        }),
        ("a variable", |project| {
            if let ActionKind::Run(run) = &mut project.graph.actions[0].kind {
                run.env[0].1 = "bye".to_owned();
            }
        }),
        ("a privileged category", |project| {
            project.graph.actions[0].category = "fetch_it".to_owned();
        }),
        ("an input's executable bit", |project| {
            let path = project.path("a.txt");
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
        }),
        ("another output's path", |project| {
            let output = &mut project.graph.actions[0].outputs[0];
            output.path = format!("{OUT}/out2").into();
            if let ActionKind::Run(run) = &mut project.graph.actions[0].kind {
                run.argv[4] = format!("{OUT}/out2");
            }
        }),
    ];
    for (what, change) in changes {
        let mut project = Project::new();
        let source = project.source("a.txt", "a");
        project.sh("cat a.txt > $1", &[&source], "out");
        let wanted = |project: &Project| Artifact::Built {
            path: project.graph.actions[0].outputs[0].path.clone(),
            action: build_graph::ActionId(0),
        };
        project.build(&[&wanted(&project)]);
        change(&mut project);
        assert_eq!(project.build(&[&wanted(&project)]).executed, 1, "{what}");
    }
    let mut project = Project::new();
    let output = project.sh("echo > $1", &[], "out");
    project.build(&[&output]);
    project.adjust = Box::new(|options| options.host.path.push_str(":/sbin"));
    project.graph.actions[0].category = "another_action".to_owned();
    assert_eq!(project.build(&[&output]).cached, 1);
}

#[test]
fn outputs_have_to_be_what_was_declared() {
    let file = OutputKind::File;
    let directory = OutputKind::Directory;
    let path = format!("{OUT}/out");
    let wrong = |declared, found| FailureKind::WrongKind {
        path: path.clone(),
        declared,
        found,
    };
    let bad = |path: &str, reason: &str| FailureKind::BadOutput {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let outside = |to: &str| {
        bad(
            &format!("{path}/sub/link"),
            &format!(
                "it is a symbolic link to `{to}`, outside the output; make it relative and keep it inside"
            ),
        )
    };
    let cases = [
        (
            "true",
            file,
            FailureKind::MissingOutput { path: path.clone() },
        ),
        ("mkdir $1", file, wrong(file, "directory")),
        ("echo > $1", directory, wrong(directory, "file")),
        ("ln -s /etc/passwd $1", file, wrong(file, "symbolic link")),
        ("mkfifo $1", file, wrong(file, "named pipe")),
        (
            "mkdir $1; mkfifo $1/p",
            directory,
            bad(&format!("{path}/p"), "it is a named pipe"),
        ),
        (
            "mkdir -p $1/sub; ln -s /etc/passwd $1/sub/link",
            directory,
            outside("/etc/passwd"),
        ),
        (
            "mkdir -p $1/sub; ln -s ../../x $1/sub/link",
            directory,
            outside("../../x"),
        ),
    ];
    for (script, kind, expected) in cases {
        let mut project = Project::new();
        let output = project.sh_as("test_action", script, &[], ("out", kind));
        let outcome = project.try_build(&[&output]);
        assert_eq!(failure(&outcome).kind, expected, "{script}");
        assert!(!project.path(&path).exists(), "{script}");
    }
}

#[test]
fn undeclared_outputs_are_left_behind() {
    let mut project = Project::new();
    let output = project.sh("echo > $1; echo > $(dirname $1)/more", &[], "out");
    project.build(&[&output]);
    assert!(!project.path(OUT).join("more").exists());
}

#[test]
fn actions_without_a_command_work_like_those_with_one() {
    let mut project = Project::new();
    project.source("tree/x/y", "in tree");
    let tree = Artifact::Source {
        path: "tree".into(),
    };
    let program = project.add(
        "write",
        ActionKind::Write {
            content: b"#!/bin/sh\necho written\n".to_vec(),
            executable: true,
        },
        Vec::new(),
        &[("program", OutputKind::File)],
    );
    let program = &program[0];
    let made = directory(&mut project);
    let copy = |project: &mut Project, what: &Artifact, to: &str, kind| {
        let inputs = vec![what.clone()];
        project
            .add(
                "copy",
                ActionKind::Copy(what.clone()),
                inputs,
                &[(to, kind)],
            )
            .remove(0)
    };
    let copied = copy(&mut project, program, "copied", OutputKind::File);
    let copied_tree = copy(&mut project, &tree, "copied_tree", OutputKind::Directory);
    let entries = vec![
        ("bin/program".to_owned(), program.clone()),
        ("made".to_owned(), made.clone()),
        ("deep/tree".to_owned(), tree.clone()),
    ];
    let inputs = entries
        .iter()
        .map(|(_, artifact)| artifact.clone())
        .collect();
    let outputs = [("all", OutputKind::Directory)];
    let all = project
        .add(
            "copied_dir",
            ActionKind::CopiedDir(entries),
            inputs,
            &outputs,
        )
        .remove(0);
    let script = format!(
        "{OUT}/program > $1; {OUT}/copied >> $1; {OUT}/all/bin/program >> $1; \
         cat {OUT}/copied_tree/x/y {OUT}/all/made/sub/b {OUT}/all/deep/tree/x/y >> $1"
    );
    let output = project.sh(&script, &[program, &copied, &copied_tree, &all], "out");
    let outcome = project.build(&[&output, &all]);
    assert_eq!(outcome.executed, 6);
    assert_eq!(
        project.read(&output),
        "written\nwritten\nwritten\nin treeb\nin tree"
    );
    assert_eq!(project.mode(&format!("{OUT}/all/bin/program")), 0o555);
    assert_eq!(project.build(&[&output, &all]).cached, 6);
}

#[test]
fn a_part_of_a_directory_is_an_input_of_its_own() {
    let mut project = Project::new();
    directory(&mut project);
    let part = Artifact::Built {
        path: format!("{OUT}/dir/sub/b").into(),
        action: build_graph::ActionId(0),
    };
    let output = project.sh(
        &format!("cat {OUT}/dir/sub/b > $1; ls {OUT}/dir >> $1"),
        &[&part],
        "out",
    );
    assert_eq!(project.text(&output), "b\nsub\n");
}

#[test]
fn a_missing_source_is_named() {
    let mut project = Project::new();
    let missing = Artifact::Source {
        path: "pkg/missing.txt".into(),
    };
    let output = project.sh("true", &[&missing], "out");
    let outcome = project.try_build(&[&output]);
    assert_eq!(
        failure(&outcome).kind.to_string(),
        "the source file `pkg/missing.txt` does not exist"
    );
}

#[test]
fn links_out_of_the_project_are_refused() {
    let mut project = Project::new();
    std::fs::create_dir_all(project.path("pkg/tree")).unwrap();
    symlink("/etc/passwd", project.path("pkg/file")).unwrap();
    symlink("/etc", project.path("pkg/etc")).unwrap();
    symlink("/etc/passwd", project.path("pkg/tree/x")).unwrap();
    for path in ["pkg/file", "pkg/etc/passwd", "pkg/etc", "pkg/tree"] {
        project.graph = build_graph::ActionGraph::default();
        let source = Artifact::Source { path: path.into() };
        let output = project.sh("true", &[&source], "out");
        let outcome = project.try_build(&[&output]);
        let text = failure(&outcome).kind.to_string();
        assert!(text.contains("leads out of the project"), "{path}: {text}");
    }
}

#[test]
fn a_failure_stops_what_has_not_started() {
    let build = |keep_going: bool| {
        let mut project = Project::new();
        project.jobs = 1;
        project.adjust = Box::new(move |options| options.keep_going = keep_going);
        let fails = project.sh("exit 1", &[], "fails");
        let after = project.sh("true", &[&fails], "after");
        let other = project.sh("echo > $1", &[], "other");
        let outcome = project.try_build(&[&after, &other]);
        assert_eq!(failure(&outcome).action.0, 0);
        let not_run: Vec<usize> = outcome.not_run.iter().map(|id| id.0).collect();
        (
            outcome.executed,
            not_run,
            project.path(other.path()).exists(),
        )
    };
    assert_eq!(build(false), (0, vec![1, 2], false));
    assert_eq!(build(true), (1, vec![1], true));
}

#[test]
fn failures_come_in_the_graphs_order() {
    let mut project = Project::new();
    project.jobs = 8;
    project.adjust = Box::new(|options| options.keep_going = true);
    let outputs: Vec<Artifact> = (0..8)
        .map(|n| {
            project.sh(
                &format!("sleep 0.{}; exit {n}1", 8 - n),
                &[],
                &format!("out{n}"),
            )
        })
        .collect();
    let outcome = project.try_build(&outputs.iter().collect::<Vec<_>>());
    let order: Vec<usize> = outcome
        .failures
        .iter()
        .map(|failure| failure.action.0)
        .collect();
    assert_eq!(order, (0..8).collect::<Vec<_>>());
}

#[test]
fn as_many_actions_run_at_once_as_there_are_jobs() {
    let mut project = Project::new();
    project.jobs = 8;
    let outputs: Vec<Artifact> = (0..8)
        .map(|n| project.sh("sleep 1; echo > $1", &[], &format!("out{n}")))
        .collect();
    let started = Instant::now();
    project.build(&outputs.iter().collect::<Vec<_>>());
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn progress_tells_each_action_once() {
    let mut project = Project::new();
    let (_, second) = two_steps(&mut project);
    let events = |project: &Project| {
        let recorder = Recorder::default();
        project.build_with(&[&second], &recorder, &Cancel::default());
        recorder.0.into_inner().unwrap()
    };
    let [t0, t1] = [
        "hermetic//test:t0 (test_action)",
        "hermetic//test:t1 (test_action)",
    ];
    assert_eq!(
        events(&project),
        [
            "planned 2".to_owned(),
            format!("started {t0}"),
            format!("executed {t0}"),
            format!("started {t1}"),
            format!("executed {t1}"),
        ]
    );
    let cached = [
        "planned 2".to_owned(),
        format!("cached {t0}"),
        format!("cached {t1}"),
    ];
    assert_eq!(events(&project), cached);
}

#[test]
fn builds_at_once_on_one_cache_do_not_disturb_each_other() {
    let cache = tempfile::TempDir::new().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut project = Project::with_cache(cache.path().to_owned());
                let outputs: Vec<Artifact> = (0..20)
                    .map(|n| project.sh(&format!("echo {n} > $1"), &[], &format!("out{n}")))
                    .collect();
                let outcome = project.build(&outputs.iter().collect::<Vec<_>>());
                assert_eq!(outcome.executed + outcome.cached, 20);
                for (number, output) in outputs.iter().enumerate() {
                    assert_eq!(project.read(output), format!("{number}\n"));
                }
            });
        }
    });
}

#[test]
fn a_source_that_changes_under_a_running_action_is_not_kept() {
    let mut project = Project::new();
    let source = project.source("a.txt", "one\n");
    let output = project.sh("cat a.txt > $1; sleep 1", &[&source], "out");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(400));
            std::fs::write(project.path("a.txt"), "two\n").unwrap();
        });
        project.build(&[&output]);
    });
    std::fs::write(project.path("a.txt"), "one\n").unwrap();
    assert_eq!(project.build(&[&output]).executed, 1);
}

#[test]
fn several_outputs_of_one_action_are_all_kept() {
    let mut project = Project::new();
    let run = RunAction {
        argv: [
            "sh",
            "-ec",
            &format!("echo 1 > {OUT}/p/one; echo 2 > {OUT}/q/two"),
        ]
        .map(str::to_owned)
        .to_vec(),
        env: Vec::new(),
    };
    let outputs = [("p/one", OutputKind::File), ("q/two", OutputKind::File)];
    let made = project.add("test_action", ActionKind::Run(run), Vec::new(), &outputs);
    project.build(&[&made[0]]);
    assert_eq!(project.text(&made[1]), "2\n");
    assert_eq!(project.read(&made[0]), "1\n");
}

/// The cache's entries, by name.
fn entries(cache: &Path) -> Vec<std::path::PathBuf> {
    let shards = std::fs::read_dir(cache.join("v1/actions"))
        .unwrap()
        .flatten();
    let files = shards.flat_map(|shard| std::fs::read_dir(shard.path()).unwrap().flatten());
    let mut entries: Vec<_> = files.map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

#[test]
fn an_entry_in_another_ones_place_is_a_miss() {
    let mut project = Project::new();
    let source = project.source("a.txt", "one\n");
    let output = project.sh("cat a.txt > $1", &[&source], "out");
    project.build(&[&output]);
    project.source("a.txt", "two\n");
    project.build(&[&output]);
    // Both are of the same action, so that nothing but the key tells them apart.
    let [one, two] = entries(&project.cache).try_into().unwrap();
    let aside = project.cache.join("aside");
    std::fs::rename(&one, &aside).unwrap();
    std::fs::rename(&two, &one).unwrap();
    std::fs::rename(&aside, &two).unwrap();
    assert_eq!(project.text(&output), "two\n");
    project.source("a.txt", "one\n");
    assert_eq!(project.text(&output), "one\n");
}

#[test]
fn whatever_stands_in_an_entrys_place_makes_room() {
    let mut project = Project::new();
    let output = project.sh("echo x > $1", &[], "out");
    project.build(&[&output]);
    let entry = entries(&project.cache).remove(0);
    std::fs::remove_file(&entry).unwrap();
    std::fs::create_dir_all(entry.join("folder")).unwrap();
    assert_eq!(project.build(&[&output]).executed, 1);
    assert_eq!(project.build(&[&output]).cached, 1);
}

#[test]
fn what_a_copied_directory_lost_is_made_again_where_it_comes_from() {
    let mut project = Project::new();
    let made = directory(&mut project);
    let inputs = vec![made.clone()];
    let kind = ActionKind::CopiedDir(vec![("made".to_owned(), made)]);
    let outputs = [("all", OutputKind::Directory)];
    let all = project.add("copied_dir", kind, inputs, &outputs).remove(0);
    project.build(&[&all]);
    std::fs::remove_dir_all(project.path("buck-out/v2/art")).unwrap();
    std::fs::remove_file(blob(&project.cache, b"b\n")).unwrap();
    assert_eq!(project.build(&[&all]).executed, 2);
    let found = std::fs::read_to_string(project.path(all.path()).join("made/sub/b"));
    assert_eq!(found.unwrap(), "b\n");
}

#[test]
fn the_half_of_an_output_that_a_killed_build_leaves_goes_with_the_next() {
    let mut project = Project::new();
    let (_, second) = two_steps(&mut project);
    let half = project.path("buck-out/v2/engine/half");
    std::fs::create_dir_all(&half).unwrap();
    std::fs::write(half.join("0"), "ON").unwrap();
    project.build(&[&second]);
    assert!(!half.exists());
}

#[test]
fn clean_waits_for_the_build_that_runs_and_leaves_nothing() {
    let mut project = Project::new();
    let output = project.sh("sleep 0.5; echo built > $1", &[], "out");
    let start = Instant::now();
    std::thread::scope(|scope| {
        let build = scope.spawn(|| project.build(&[&output]));
        while !project.path("buck-out/v2/engine/lock").exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(100));
        executor::clean(project.root.path(), &executor::Silent).unwrap();
        // The build lets go once its action has slept, a moment before its thread ends.
        assert!(start.elapsed() >= Duration::from_millis(500));
        assert_eq!(build.join().unwrap().executed, 1);
    });
    assert!(!project.path("buck-out").exists());
    executor::clean(project.root.path(), &executor::Silent).unwrap();
    assert_eq!(project.text(&output), "built\n");
}

#[test]
fn builds_and_cleans_at_once_disturb_nobody() {
    let mut project = Project::new();
    let outputs: Vec<Artifact> = (0..5)
        .map(|n| project.sh(&format!("echo {n} > $1"), &[], &format!("out{n}")))
        .collect();
    let wanted: Vec<&Artifact> = outputs.iter().collect();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..10).for_each(|_| drop(project.build(&wanted))));
        }
        scope.spawn(|| {
            for _ in 0..30 {
                executor::clean(project.root.path(), &executor::Silent).unwrap();
                std::thread::sleep(Duration::from_millis(5));
            }
        });
    });
    project.build(&wanted);
    assert_eq!(project.read(&outputs[3]), "3\n");
}
