//! The synthetic checkout: sources that all have the same length, and three layers of actions of
//! every sort over them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use fastrand::Rng;
use sha2::{Digest, Sha256};

/// How many sources there are.
const SOURCES: usize = 12;

const BUCKCONFIG: &str = "[cells]\n  faults = .\n";

const RULES: &str = r#"
def _inputs(ctx: AnalysisContext) -> list[Artifact]:
    return ctx.attrs.srcs + [dep[DefaultInfo].default_outputs[0] for dep in ctx.attrs.deps]

def _step_impl(ctx: AnalysisContext) -> list[Provider]:
    out = ctx.actions.declare_output("out", dir = ctx.attrs.mode == "folder")
    ctx.actions.run(
        cmd_args("sh", ctx.attrs.script, ctx.attrs.mode, out.as_output(), _inputs(ctx)),
        category = "step",
        env = {"MARK": read_config("faults", "mark", "none")},
    )
    return [DefaultInfo(default_output = out)]

step = rule(
    impl = _step_impl,
    attrs = {
        "deps": attrs.list(attrs.dep(), default = []),
        "mode": attrs.string(default = "file"),
        "script": attrs.source(),
        "srcs": attrs.list(attrs.source(allow_directory = True), default = []),
    },
)

def _gathered_impl(ctx: AnalysisContext) -> list[Provider]:
    note = ctx.actions.write("note.txt", [str(len(ctx.attrs.deps))])
    copy = ctx.actions.copy_file("copy.txt", ctx.attrs.source)
    entries = {dep.label.name: dep[DefaultInfo].default_outputs[0] for dep in ctx.attrs.deps}
    folder = ctx.actions.copied_dir("all", entries | {"copy": copy, "note": note})
    return [DefaultInfo(default_output = folder)]

gathered = rule(
    impl = _gathered_impl,
    attrs = {
        "deps": attrs.list(attrs.dep(), default = []),
        "source": attrs.source(),
    },
)

def _check_impl(ctx: AnalysisContext) -> list[Provider]:
    out = ctx.attrs.of[DefaultInfo].default_outputs[0]
    return [
        DefaultInfo(),
        ExternalRunnerTestInfo(type = "custom", command = [cmd_args("sh", "-c", "test -s \"$0\"", out)]),
    ]

check = rule(
    impl = _check_impl,
    attrs = {"of": attrs.dep()},
)
"#;

/// Makes `$2` out of the inputs that follow, as `$1` says: a file, a program or a folder.
const STEP: &str = r#"set -eu
mode=$1 out=$2
shift 2
content() {
    for input in "$@"; do
        if [ -d "$input" ]; then
            find "$input" -type f | LC_ALL=C sort | while read -r file; do cat "$file"; done
        else
            cat "$input"
        fi
    done
}
sleep 0.01
case $mode in
file) content "$@" | sha256sum >"$out"; content "$@" | head -c 200 >>"$out" ;;
program) { echo '#!/bin/sh'; content "$@" | sha256sum | sed 's,^,# ,'; } >"$out"; chmod +x "$out" ;;
folder)
    mkdir -p "$out/sub/empty"
    content "$@" | sha256sum >"$out/sum"
    content "$@" | head -c 90000 >"$out/sub/content"
    { cat "$out/sum"; head -c 70000 /dev/zero; } >"$out/sub/large"
    cp "$out/sum" "$out/tool"
    chmod +x "$out/tool"
    ln -s sub/content "$out/link"
    ;;
esac
"#;

const BUCK: &str = r#"load("//:rules.bzl", "check", "gathered", "step")

MODES = ["file", "folder", "program"]

[
    step(
        script = "step.sh",
        name = "a{}".format(n),
        mode = MODES[n % 3],
        srcs = ["src/s{}.txt".format(n), "src/s{}.txt".format((n + 5) % 12)],
    )
    for n in range(12)
]

step(
    script = "step.sh",
    name = "tree",
    mode = "folder",
    srcs = ["src"],
)

[
    step(
        script = "step.sh",
        name = "b{}".format(n),
        mode = MODES[(n + 1) % 3],
        deps = [":a{}".format(2 * n), ":a{}".format(2 * n + 1)],
    )
    for n in range(6)
]

[
    step(
        script = "step.sh",
        name = "c{}".format(n),
        mode = MODES[(n + 2) % 3],
        srcs = ["src/s{}.txt".format(n)],
        deps = [":b{}".format(n), ":b{}".format(n + 3)],
    )
    for n in range(3)
]

gathered(
    name = "top",
    source = "src/s0.txt",
    deps = [":c0", ":c1", ":c2", ":tree"],
)

check(
    name = "top_test",
    of = ":c0",
)
"#;

/// A checkout at a folder.
#[derive(Debug, Clone)]
pub struct Checkout {
    pub root: PathBuf,
}

impl Checkout {
    /// Writes one; the sources are the same each time.
    pub fn create(root: &Path) -> anyhow::Result<Checkout> {
        let files = [
            (".buckconfig", BUCKCONFIG),
            // Temporary folders may lie in another project, whose root it would have.
            (".buckroot", ""),
            ("PACKAGE", "package(visibility = [\"PUBLIC\"])\n"),
            ("rules.bzl", RULES),
            ("step.sh", STEP),
            ("BUCK", BUCK),
        ];
        fs::create_dir_all(root.join("src"))?;
        for (name, text) in files {
            fs::write(root.join(name), text)?;
        }
        let checkout = Checkout {
            root: root.to_owned(),
        };
        for number in 0..SOURCES {
            fs::write(checkout.source(number), variant(number, 0))?;
        }
        Ok(checkout)
    }

    pub fn source(&self, number: usize) -> PathBuf {
        self.root.join(format!("src/s{number}.txt"))
    }

    pub fn any_source(&self, rng: &mut Rng) -> (usize, PathBuf) {
        let number = rng.usize(..SOURCES);
        (number, self.source(number))
    }

    /// Gives some sources other texts of the same length.
    pub fn edit(&self, rng: &mut Rng) -> anyhow::Result<()> {
        for _ in 0..rng.usize(1..4) {
            let (number, path) = self.any_source(rng);
            fs::write(path, variant(number, rng.usize(..5)))?;
        }
        Ok(())
    }

    /// Every source's bytes.
    pub fn sources(&self) -> anyhow::Result<Vec<Vec<u8>>> {
        (0..SOURCES)
            .map(|number| Ok(fs::read(self.source(number))?))
            .collect()
    }

    /// Writes every source.
    pub fn restore(&self, sources: &[Vec<u8>]) -> anyhow::Result<()> {
        for (number, bytes) in sources.iter().enumerate() {
            fs::write(self.source(number), bytes)?;
        }
        Ok(())
    }
}

/// One of the texts that a source may have.
pub fn variant(number: usize, variant: usize) -> String {
    format!("source {number:02} in its variant {variant}\n").repeat(40)
}

/// What stands below some paths: kind, executable bit and content.
pub type Snapshot = BTreeMap<PathBuf, String>;

/// Looks at outputs, wherever the checkout is.
pub fn snapshot(root: &Path, outputs: &[PathBuf]) -> anyhow::Result<Snapshot> {
    let mut found = Snapshot::new();
    for output in outputs {
        add(root, output, &mut found)?;
    }
    Ok(found)
}

fn add(root: &Path, path: &Path, found: &mut Snapshot) -> anyhow::Result<()> {
    let host = root.join(path);
    let metadata = fs::symlink_metadata(&host).with_context(|| host.display().to_string())?;
    let what = if metadata.is_symlink() {
        format!("link to {}", fs::read_link(&host)?.display())
    } else if metadata.is_dir() {
        for entry in fs::read_dir(&host)? {
            add(root, &path.join(entry?.file_name()), found)?;
        }
        "folder".to_owned()
    } else {
        let mode = metadata.permissions().mode() & 0o7777;
        let digest = Sha256::digest(fs::read(&host)?);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("file {mode:o} {hex}")
    };
    found.insert(path.to_owned(), what);
    Ok(())
}
