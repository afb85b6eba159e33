"""Rust tests, run from the test executables that the workspace's one build made."""

load("//prelude_ext:cargo.bzl", "CargoWorkspaceInfo", "cargo_binary", "cargo_workspace", "fetch_crates")
load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":report.bzl", "TEST_ATTRS", "declare_report", "report_arguments", "report_providers")

def _one_folder(binaries: list[Artifact]) -> cmd_args:
    """The folder that the binaries are in: cargo_workspace puts all of its binaries into one."""
    return cmd_args("--bin-dir", cmd_args(binaries[0], parent = 1), hidden = binaries) if binaries else cmd_args()

def _rust_test_impl(ctx: AnalysisContext) -> list[Provider]:
    workspace = ctx.attrs.workspace[CargoWorkspaceInfo]
    toolchain = ctx.attrs._toolchain[HermeticToolchainInfo]
    test = ctx.attrs.test or ctx.label.name
    if test not in workspace.tests:
        fail("{}: the workspace has no test executable {}".format(ctx.label, test))
    info = declare_report(ctx)
    ctx.actions.run(
        cmd_args(
            toolchain.test_report,
            "libtest",
            cmd_args("--binary", workspace.tests[test]),
            cmd_args("--cwd", cmd_args(workspace.folder, format = "{}/" + ctx.attrs.crate)),
            _one_folder([workspace.binaries[name] for name in ctx.attrs.binaries]),
            ["--env-path", cmd_args(toolchain.libkcl, format = "HERMETIC_LIBKCL={}")] if ctx.attrs.kcl else [],
            [cmd_args("--env", "{}={}".format(name, value)) for name, value in ctx.attrs.env.items()],
            [cmd_args("--env-path", cmd_args(path, format = name + "={}")) for name, path in ctx.attrs.paths.items()],
            report_arguments(ctx, info),
            hidden = ctx.attrs.srcs,
        ),
        category = "rust_test",
    )
    return report_providers(ctx, info)

rust_test = rule(
    impl = _rust_test_impl,
    attrs = TEST_ATTRS | {
        "binaries": attrs.list(attrs.string(), default = [], doc = "The workspace's binaries that the test runs."),
        "crate": attrs.string(doc = "The crate's folder below the workspace: where the test runs."),
        "env": attrs.dict(attrs.string(), attrs.string(), default = {}, doc = "Environment variables of the test."),
        "kcl": attrs.bool(default = False, doc = "Whether the test evaluates KCL and so needs its library."),
        "paths": attrs.dict(
            attrs.string(),
            attrs.source(allow_directory = True),
            default = {},
            doc = "Environment variables of the test that say where something is which the test reads.",
        ),
        "srcs": attrs.list(attrs.source(), default = [], doc = "The files that the test reads, below the workspace."),
        "test": attrs.option(attrs.string(), default = None, doc = "The test executable's name, if not the target's."),
        "workspace": attrs.dep(providers = [CargoWorkspaceInfo], doc = "Where cargo builds it."),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = "One test executable of a Cargo workspace, each of its cases reported.",
)

def _crate_binaries(folder: str, package: str) -> list[str]:
    """What cargo makes of src/main.rs and src/bin."""
    main = [package] if glob([folder + "/src/main.rs"]) else []
    return main + [path.split("/")[-1].removesuffix(".rs") for path in glob([folder + "/src/bin/*.rs"])]

def _crate_tests(folder: str, package: str) -> list[str]:
    """The test executables that cargo makes of a crate, named as `cargo_workspace` names them."""
    library = ["lib"] if glob([folder + "/src/lib.rs"]) else []
    binaries = ["bin" if name == package else name for name in _crate_binaries(folder, package)]
    integration = [path.split("/")[-1].removesuffix(".rs") for path in glob([folder + "/tests/*.rs"])]
    integration += [path.split("/")[-2] for path in glob([folder + "/tests/*/main.rs"])]
    return ["{}.{}".format(package, name) for name in library + binaries + integration]

def rust_workspace(
        name: str,
        packages: dict[str, str] = {},
        untested: list[str] = [],
        uses: dict[str, list[str]] = {},
        kcl: list[str] = [],
        paths: dict[str, dict[str, str]] = {}) -> None:
    """The Cargo workspace in the BUCK file's folder: a target for each binary, and one for each test executable.

    Args:
      packages: the name of a crate's package, by its folder, where it is not the folder's own name
      untested: test executables without a test, which cargo makes all the same; the build checks this
      uses: the binaries that the tests of a package run, besides its own
      kcl: the packages whose tests evaluate KCL
      paths: what the tests of a package read elsewhere, by the environment variable that says where it is
    """
    manifests = glob(["*/**/Cargo.toml"], exclude = ["target/**"])
    folders = [path.removesuffix("/Cargo.toml") for path in manifests]
    crates = {folder: packages.get(folder, folder.split("/")[-1]) for folder in folders}
    binaries = {folder: _crate_binaries(folder, package) for folder, package in crates.items()}
    tests = {folder: [test for test in _crate_tests(folder, package) if test not in untested] for folder, package in crates.items()}

    fetch_crates(
        name = "crates",
        lock = "Cargo.lock",
        manifests = ["Cargo.toml"] + manifests,
    )
    cargo_workspace(
        name = name,
        binaries = [binary for names in binaries.values() for binary in names],
        crates = ":crates",
        manifest = "Cargo.toml",
        srcs = glob(["**/*"], exclude = ["BUCK", "target/**"]),
        test_executables = [test for names in tests.values() for test in names],
    )
    for folder, package in crates.items():
        for binary in binaries[folder]:
            cargo_binary(name = binary, workspace = ":" + name)
        for test in tests[folder]:
            rust_test(
                name = test,
                binaries = binaries[folder] + uses.get(package, []),
                crate = folder,
                kcl = package in kcl,
                paths = paths.get(package, {}),
                srcs = glob([folder + "/**/*"], exclude = [folder + "/**/*.rs"]),
                workspace = ":" + name,
            )
