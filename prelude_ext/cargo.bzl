"""Our Rust tools, built by cargo from its lock file: one action for the workspace, one target a binary."""

load(":host.bzl", "HOST_TOOLS", "HostToolsInfo")

CargoWorkspaceInfo = provider(
    doc = "What cargo made of a workspace.",
    fields = {
        # Executables by the name of the binary.
        "binaries": provider_field(dict[str, Artifact]),
        # The workspace's folder, to be named on a command line.
        "folder": provider_field(typing.Any),
        # Test executables by `<package>.<test>`.
        "tests": provider_field(dict[str, Artifact]),
    },
)

def _fetch_crates_impl(ctx: AnalysisContext) -> list[Provider]:
    host = ctx.attrs._host[HostToolsInfo]
    crates = ctx.actions.declare_output("crates.tar")
    ctx.actions.run(
        cmd_args(
            host.python,
            ctx.attrs._program,
            "fetch",
            cmd_args(ctx.attrs.lock, format = "--lock={}"),
            cmd_args(crates.as_output(), format = "--out={}"),
            ctx.attrs.manifests,
        ),
        category = "fetch_crates",
    )
    return [DefaultInfo(default_output = crates)]

_PROGRAM = attrs.source(default = "//prelude_ext:cargo_workspace.py", doc = "What drives cargo.")

fetch_crates = rule(
    impl = _fetch_crates_impl,
    attrs = {
        "lock": attrs.source(doc = "Cargo.lock: the name, version and SHA-256 of each crate."),
        "manifests": attrs.list(attrs.source(), doc = "Each Cargo.toml of the workspace."),
        "_host": HOST_TOOLS,
        "_program": _PROGRAM,
    },
    doc = "Every registry crate of a lock file in one tar, each checked against its hash there.",
)

def _parts(outputs: dict[str, Artifact]) -> dict[str, list[Provider]]:
    return {
        name: [DefaultInfo(default_output = output), RunInfo(args = cmd_args(output))]
        for name, output in outputs.items()
    }

def _cargo_workspace_impl(ctx: AnalysisContext) -> list[Provider]:
    host = ctx.attrs._host[HostToolsInfo]
    binaries = {name: ctx.actions.declare_output("bin", name) for name in ctx.attrs.binaries}
    tests = {name: ctx.actions.declare_output("tests", name) for name in ctx.attrs.test_executables}
    sources = ctx.actions.write("sources.txt", ctx.attrs.srcs)
    folder = cmd_args(ctx.attrs.manifest, parent = 1)
    ctx.actions.run(
        cmd_args(
            host.python,
            ctx.attrs._program,
            "build",
            cmd_args(folder, format = "--src={}"),
            cmd_args(sources, format = "--files={}"),
            cmd_args(ctx.attrs.crates, format = "--crates={}"),
            [cmd_args("--bin", name, output.as_output()) for name, output in binaries.items()],
            [cmd_args("--test", name, output.as_output()) for name, output in tests.items()],
            hidden = [ctx.attrs.srcs, ctx.attrs.manifest],
        ),
        category = "cargo_build",
        env = host.env,
        local_only = True,
    )
    return [
        DefaultInfo(
            default_outputs = binaries.values() + tests.values(),
            sub_targets = {"bin": _group(binaries), "tests": _group(tests)},
        ),
        CargoWorkspaceInfo(binaries = binaries, folder = folder, tests = tests),
    ]

def _group(outputs: dict[str, Artifact]) -> list[Provider]:
    return [DefaultInfo(default_outputs = outputs.values(), sub_targets = _parts(outputs))]

cargo_workspace = rule(
    impl = _cargo_workspace_impl,
    attrs = {
        "binaries": attrs.list(attrs.string(), doc = "The names of the binaries to hand out."),
        "crates": attrs.source(doc = "The crates of the lock file, from `fetch_crates`."),
        "manifest": attrs.source(doc = "The workspace's Cargo.toml."),
        "srcs": attrs.list(attrs.source(), doc = "Every file that cargo reads: sources, manifests, Cargo.lock."),
        "test_executables": attrs.list(
            attrs.string(),
            default = [],
            doc = "The test executables, each `<package>.<test>`: `lib` and `bin` are the unit tests, all else the name of an integration test.",
        ),
        "_host": HOST_TOOLS,
        "_program": _PROGRAM,
    },
    doc = """A Cargo workspace, built once in release mode, offline, with one set of features.

`:name[bin][x]` and `:name[tests][x]` are its parts. Cargo's target folder lives in the user's cache,
keyed by compiler and flags; the same sources give the same bytes from a cold one.
""",
)

def _cargo_binary_impl(ctx: AnalysisContext) -> list[Provider]:
    binaries = ctx.attrs.workspace[CargoWorkspaceInfo].binaries
    binary = binaries.get(ctx.attrs.binary or ctx.label.name)
    if binary == None:
        fail("{}: the workspace has no such binary, only {}".format(ctx.label, ", ".join(binaries.keys())))
    return [DefaultInfo(default_output = binary), RunInfo(args = cmd_args(binary))]

cargo_binary = rule(
    impl = _cargo_binary_impl,
    attrs = {
        "binary": attrs.option(attrs.string(), default = None, doc = "The binary's name, if it is not the target's."),
        "workspace": attrs.dep(providers = [CargoWorkspaceInfo], doc = "Where cargo builds it."),
    },
    doc = "One binary of a workspace, to run or to give to an action.",
)
