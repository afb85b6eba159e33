//! A short form of every fault: no build is wrong.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::process::Command;

use test_report::testing::binary;

/// Runs some rounds of one fault; what it prints is the test's message when a build was wrong.
#[track_caller]
fn survives(fault: &str, rounds: usize) {
    let output = Command::new(binary("engine-faults"))
        .arg("--engine")
        .arg(binary("buck2-embedded"))
        .args(["--rounds", &rounds.to_string(), "--fault", fault])
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}");
    println!("{said}");
}

macro_rules! faults {
    ($($test:ident: $fault:literal,)*) => {
        $(
            #[test]
            fn $test() {
                survives($fault, 1);
            }
        )*
    };
}

faults! {
    a_killed_build_leaves_nothing_wrong: "kill",
    a_full_disk_is_named_and_harmless: "full-disk",
    a_read_only_cache_is_named_and_harmless: "read-only",
    a_damaged_store_is_mended: "damage",
    a_store_that_loses_files_under_use_is_mended: "loss",
    changed_outputs_are_put_right: "outputs",
    a_source_that_changes_during_its_action_is_seen: "sources",
    commands_at_once_do_not_disturb_one_another: "together",
    eviction_takes_nothing_that_is_in_use: "eviction",
    what_another_version_left_is_no_result: "format",
    times_that_lie_change_nothing: "clock",
    a_clock_that_jumps_changes_nothing: "clock-jumps",
}

#[test]
fn an_unknown_fault_is_answered_with_those_that_there_are() {
    let output = Command::new(binary("engine-faults"))
        .arg("--engine")
        .arg(binary("buck2-embedded"))
        .args(["--fault", "flood"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("--fault flood: there are kill, full-disk"),
        "{said}"
    );
}
