//! Many resources take little more memory than few.
#![allow(clippy::unwrap_used)]

use nix::sys::resource::{UsageWho, getrusage};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use test_report::testing::binary;

/// Enough to keep every worker busy.
const FEW: usize = 4_000;
const MANY: usize = 40_000;

fn gadget(number: usize) -> String {
    let description = "as long as what resources have on average ".repeat(4);
    format!(
        "apiVersion: example.org/v1\nkind: Gadget\nmetadata:\n  name: g{number}\n  annotations: {{text: {description}}}\nspec: {{size: 7}}\n"
    )
}

fn judge(input: &str, stdin: impl Into<Stdio>) {
    let status = Command::new(binary("resource-validate"))
        .args(["--crds=tests/fixtures/gadgets.yaml", "--format=json", input])
        .stdin(stdin)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}

/// Kibibytes that the largest of the processes so far had.
fn most() -> i64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss()
}

fn folder_of(count: usize, below: &Path) -> String {
    let folder = below.join(count.to_string());
    std::fs::create_dir(&folder).unwrap();
    for number in 0..count {
        std::fs::write(folder.join(format!("{number}.yaml")), gadget(number)).unwrap();
    }
    folder.to_str().unwrap().to_owned()
}

/// One case, as the processes of all cases would be counted together.
#[test]
fn the_memory_is_bounded_whether_resources_are_a_stream_or_files() {
    let folder = tempfile::tempdir().unwrap();
    let stream = |count: usize| {
        let path = folder.path().join(format!("{count}.yaml"));
        let text: String = (0..count).map(|n| format!("---\n{}", gadget(n))).collect();
        std::fs::write(&path, text).unwrap();
        path
    };
    let few = stream(FEW);
    judge("-", File::open(&few).unwrap());
    let at_first = most();

    let many = stream(MANY);
    judge("-", File::open(&many).unwrap());
    judge(many.to_str().unwrap(), Stdio::null());
    let of_a_stream = most();
    println!("{FEW}: {at_first} KiB, a stream of {MANY}: {of_a_stream} KiB");
    assert!(of_a_stream < 2 * at_first, "{of_a_stream} KiB");

    // The names of files are held, no more of them.
    judge(&folder_of(MANY / 8, folder.path()), Stdio::null());
    println!("{} files: {} KiB", MANY / 8, most());
    assert!(most() < 2 * at_first, "{} KiB", most());
}
