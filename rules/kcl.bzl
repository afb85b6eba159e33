"""KCL: packages of it, resources rendered by it, tests written in it."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":providers.bzl", "KclPackageInfo", "ResourcesInfo")
load(":report.bzl", "TEST_ATTRS", "declare_report", "report_arguments", "report_providers")

KCL_DEPS = attrs.list(
    attrs.dep(providers = [KclPackageInfo]),
    default = [],
    doc = "The packages that the sources import: `kcl_library` or `crd_models` targets.",
)

def kcl_packages(ctx: AnalysisContext) -> dict[str, Artifact]:
    """The root of every package that the target's sources may import, by name."""
    packages = {}
    for dep in ctx.attrs.deps:
        for name, root in dep[KclPackageInfo].packages.items():
            if packages.setdefault(name, root) != root:
                fail("{}: two of its deps bring different KCL packages named {}".format(ctx.label, name))
    return packages

def kcl_package_arguments(packages: dict[str, Artifact]) -> cmd_args:
    return cmd_args([cmd_args("--package", cmd_args(root, format = name + "={}")) for name, root in packages.items()])

def source_root(sources: list[Artifact]) -> cmd_args:
    """The folder of the package that the sources are in, where they lie."""
    first = sources[0]
    return cmd_args(first, parent = len(first.short_path.split("/")))

def _evaluation(ctx: AnalysisContext, tool: RunInfo) -> cmd_args:
    """The tool with all that an evaluation of the target's sources needs, but not yet what to evaluate."""
    return cmd_args(
        tool,
        cmd_args(ctx.attrs._toolchain[HermeticToolchainInfo].libkcl, format = "--libkcl={}"),
        cmd_args(source_root(ctx.attrs.srcs), format = "--root={}"),
        kcl_package_arguments(kcl_packages(ctx)),
        hidden = ctx.attrs.srcs,
    )

def _kcl_library_impl(ctx: AnalysisContext) -> list[Provider]:
    name = ctx.attrs.package or ctx.label.name
    files = {source.short_path.removeprefix(ctx.attrs.strip_prefix): source for source in ctx.attrs.srcs}
    if "kcl.mod" not in files:
        # A libkcl.so built from KCL's own sources takes no package without one.
        files["kcl.mod"] = ctx.actions.write("kcl.mod", ["[package]", "name = \"{}\"".format(name), "version = \"0.0.1\"", ""])
    root = ctx.actions.copied_dir(name, files)
    packages = kcl_packages(ctx)
    if name in packages:
        fail("{}: one of its deps is also a KCL package named {}".format(ctx.label, name))
    return [
        DefaultInfo(default_output = root),
        KclPackageInfo(name = name, packages = packages | {name: root}),
    ]

kcl_library = rule(
    impl = _kcl_library_impl,
    attrs = {
        "deps": KCL_DEPS,
        "package": attrs.option(attrs.string(), default = None, doc = "The name to import it by, if not the target's."),
        "srcs": attrs.list(attrs.source(), doc = "The KCL files; each keeps its path below the BUCK file's folder."),
        "strip_prefix": attrs.string(default = "", doc = "What to cut from the front of these paths, such as `src/`."),
    },
    doc = """A KCL package that others import by name. It gets a `kcl.mod` if `srcs` hold none.

```python
kcl_library(name = "gateway", srcs = glob(["lib/*.k"]), strip_prefix = "lib/")
```
""",
)

def _render_command(ctx: AnalysisContext) -> cmd_args:
    command = _evaluation(ctx, ctx.attrs._toolchain[HermeticToolchainInfo].kcl_render)
    command.add(ctx.attrs.entries or ctx.attrs.srcs)
    if ctx.attrs.params:
        command.add(cmd_args(ctx.actions.write_json("params.json", ctx.attrs.params), format = "--params={}"))
    if ctx.attrs.params_file:
        command.add(cmd_args(ctx.attrs.params_file, format = "--params={}"))
    for name, value in ctx.attrs.definitions.items():
        command.add("-D", "{}={}".format(name, value))
    for override in ctx.attrs.overrides:
        command.add("--override", override)
    return command

def _kcl_render_impl(ctx: AnalysisContext) -> list[Provider]:
    if ctx.attrs.params and ctx.attrs.params_file:
        fail("{}: give params or params_file, not both".format(ctx.label))
    command = _render_command(ctx)
    outputs = {}
    for format in ["yaml", "json"]:
        output = ctx.actions.declare_output("resources." + format)
        ctx.actions.run(
            cmd_args(command, "--out", output.as_output()),
            category = "kcl_render",
            identifier = format,
        )
        outputs[format] = [DefaultInfo(default_output = output), ResourcesInfo(resources = output)]
    default, resources = outputs["yaml"]
    return [
        DefaultInfo(
            default_output = default.default_outputs[0],
            sub_targets = {"json": outputs["json"]},
        ),
        resources,
    ]

kcl_render = rule(
    impl = _kcl_render_impl,
    attrs = {
        "definitions": attrs.dict(attrs.string(), attrs.string(), default = {}, doc = "What `option(\"x\")` reads, one by one."),
        "deps": KCL_DEPS,
        "entries": attrs.list(attrs.source(), default = [], doc = "The files to evaluate, in this order; all of `srcs` unless given."),
        "overrides": attrs.list(attrs.string(), default = [], doc = "KCL override specs, such as `app.spec.replicas=3`."),
        "params": attrs.dict(attrs.string(), attrs.any(), default = {}, doc = "What `option(\"params\")` reads."),
        "params_file": attrs.option(attrs.source(), default = None, doc = "The same from a YAML or JSON file."),
        "srcs": attrs.list(attrs.source(), doc = "Every KCL file that the evaluation reads in the BUCK file's folder."),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = """The resources that KCL sources evaluate to, as a YAML stream; as `{"items": […]}` in `[json]`.

They see their own folder, the packages in `deps` and what is given here; no network, no environment. What a
`kcl.mod` among `srcs` depends on must be in `deps`.

```python
kcl_render(
    name = "resources",
    srcs = ["main.k"],
    deps = ["//crds/digitalocean:models"],
    params = {"region": "nyc3"},
)
```
""",
)

def _kcl_test_impl(ctx: AnalysisContext) -> list[Provider]:
    tests = [source for source in ctx.attrs.srcs if source.basename.endswith("_test.k")]
    if not tests:
        fail("{}: none of its srcs is named *_test.k".format(ctx.label))
    info = declare_report(ctx)
    command = _evaluation(ctx, ctx.attrs._toolchain[HermeticToolchainInfo].kcl_test)
    command.add(tests, report_arguments(ctx, info))
    ctx.actions.run(command, category = "kcl_test")
    return report_providers(ctx, info)

kcl_test = rule(
    impl = _kcl_test_impl,
    attrs = TEST_ATTRS | {
        "deps": KCL_DEPS,
        "srcs": attrs.list(attrs.source(), doc = "The `*_test.k` files and the files that they test."),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = "Runs the lambdas named `test_*` of the files named `*_test.k`.",
)

def _kcl_lint_test_impl(ctx: AnalysisContext) -> list[Provider]:
    toolchain = ctx.attrs._toolchain[HermeticToolchainInfo]
    info = declare_report(ctx)
    ctx.actions.run(
        cmd_args(
            toolchain.python,
            "-I",
            "-B",
            ctx.attrs._program,
            "command",
            "--case=layout and lint",
            report_arguments(ctx, info),
            "--",
            _evaluation(ctx, toolchain.kcl_lint),
            ctx.attrs.srcs,
        ),
        category = "kcl_lint",
        env = toolchain.host_env,
    )
    return report_providers(ctx, info)

kcl_lint_test = rule(
    impl = _kcl_lint_test_impl,
    attrs = TEST_ATTRS | {
        "deps": KCL_DEPS,
        "srcs": attrs.list(attrs.source(), doc = "The KCL files."),
        "_program": attrs.source(default = "//rules:one_case.py", doc = "What reports the tool's verdict."),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = "Checks KCL files: their layout is KCL's own, nothing is imported in vain, everything compiles.",
)
