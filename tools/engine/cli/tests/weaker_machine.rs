//! What a machine without user and mount namespaces is told, once, and where its results go.
//!
//! The machine is this one: the kernel gives nobody below a user namespace more namespaces than that
//! one's own limits say, and they are set to none.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use test_report::testing::binary;

const RULES: &str = r#"
def _impl(ctx: AnalysisContext) -> list[Provider]:
    out = ctx.actions.declare_output("out")
    ctx.actions.run(cmd_args("sh", "-c", "echo made > $0", out.as_output()), category = "make")
    return [DefaultInfo(default_output = out)]

make = rule(impl = _impl, attrs = {})
"#;

const BUCK: &str =
    "load(\"//:rules.bzl\", \"make\")\n[make(name = name) for name in [\"a\", \"b\"]]\n";

fn project() -> TempDir {
    let folder = TempDir::new().unwrap();
    // Temporary folders may lie in another project, whose root it would have.
    std::fs::write(folder.path().join(".buckroot"), "").unwrap();
    for (name, text) in [
        (".buckconfig", "[cells]\n  here = .\n"),
        ("rules.bzl", RULES),
        ("BUCK", BUCK),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn run(mut command: Command, project: &Path) -> Output {
    command
        .current_dir(project)
        .env("HERMETIC_CACHE", project.join("cache"))
        .output()
        .unwrap()
}

/// The engine on this machine as it is.
fn here(arguments: &[&str], project: &Path) -> Output {
    let mut command = Command::new(binary("buck2-embedded"));
    command.args(arguments);
    run(command, project)
}

/// The engine on a machine that gives no namespaces.
fn without_namespaces(arguments: &[&str], project: &Path) -> Output {
    let script = "for kind in user mnt; do echo 0 > /proc/sys/user/max_${kind}_namespaces || exit 9; done; exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c", script, "sh"]);
    command.arg(binary("buck2-embedded")).args(arguments);
    run(command, project)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_version_says_what_sandbox_is_promised() {
    let project = project();
    let strong = text(&here(&["--version"], project.path()).stdout);
    let promise = "files: mount namespace; network: namespace with loopback\n";
    assert!(strong.ends_with(promise), "{strong}");
    let output = without_namespaces(&["--version"], project.path());
    let weak = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let promises = [
        "files: Landlock; network: seccomp without internet sockets\n",
        "files: none; network: seccomp without internet sockets\n",
    ];
    assert!(
        promises.iter().any(|promise| weak.ends_with(promise)),
        "{weak}"
    );
}

#[test]
fn a_weaker_sandbox_is_named_once_and_fills_a_cache_of_its_own() {
    let project = project();
    let build = ["build", "//..."];
    let first = without_namespaces(&build, project.path());
    let said = text(&first.stderr);
    assert!(first.status.success(), "{said}");
    let warning = "warning: this machine gives only a weaker sandbox (files: ";
    assert_eq!(said.matches(warning).count(), 1, "{said}");
    assert!(said.contains("results stay in this checkout"), "{said}");
    assert!(said.contains("(executed: 2, cached: 0)"), "{said}");
    let again = text(&without_namespaces(&build, project.path()).stderr);
    assert!(again.contains("(executed: 0, cached: 2)"), "{again}");
    let strong = text(&here(&build, project.path()).stderr);
    assert!(strong.contains("(executed: 2, cached: 0)"), "{strong}");
    assert!(!strong.contains("warning"), "{strong}");
}
