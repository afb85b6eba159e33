"""Compositions of Crossplane, and what a reconcile of them gives."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":kcl.bzl", "KCL_DEPS", "kcl_package_arguments", "kcl_packages")
load(":providers.bzl", "CompositionInfo", "CompositionRenderInfo", "ResourcesInfo")

def _composition_impl(ctx: AnalysisContext) -> list[Provider]:
    composition = ctx.actions.declare_output("composition.yaml")
    command = cmd_args(
        ctx.attrs._toolchain[HermeticToolchainInfo].composition_render,
        "compose",
        cmd_args(ctx.attrs.xrd, format = "--xrd={}"),
        "--name={}".format(ctx.attrs.composition or ctx.label.name),
        "--function={}".format(ctx.attrs.function),
        [cmd_args(source, format = "--step={}=".format(name) + "{}") for name, source in ctx.attrs.steps.items()],
    )
    for step, spec in ctx.attrs.specs.items():
        file = ctx.actions.write_json("{}.json".format(step), spec)
        command.add(cmd_args(file, format = "--spec={}=".format(step) + "{}"))
    if ctx.attrs.auto_ready:
        command.add("--auto-ready={}".format(ctx.attrs.auto_ready))
    command.add("--out", composition.as_output())
    ctx.actions.run(command, category = "composition")
    return [
        DefaultInfo(
            default_output = composition,
            sub_targets = {"xrd": [DefaultInfo(default_output = ctx.attrs.xrd)]},
        ),
        CompositionInfo(
            composition = composition,
            packages = kcl_packages(ctx),
            steps = ctx.attrs.steps.keys(),
            xrd = ctx.attrs.xrd,
        ),
    ]

composition = rule(
    impl = _composition_impl,
    attrs = {
        "auto_ready": attrs.option(
            attrs.string(),
            default = None,
            doc = "The Function of a last step that finds out what is ready, such as `function-auto-ready`.",
        ),
        "composition": attrs.option(attrs.string(), default = None, doc = "The Composition's name, if not the target's."),
        "deps": KCL_DEPS,
        "function": attrs.string(default = "function-kcl", doc = "The Function that the steps call."),
        "specs": attrs.dict(
            attrs.string(),
            attrs.dict(attrs.string(), attrs.any()),
            default = {},
            doc = "What else stands in a step's KCLInput spec: `target` (`Default` unless given), `params`, `resources`, `config`.",
        ),
        "steps": attrs.dict(attrs.string(), attrs.source(), doc = "The steps in order: name and KCL program."),
        "xrd": attrs.source(doc = "The XRD of the composite resource."),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = """A Composition from KCL steps, their sources inlined, and its XRD (`[xrd]`).

```python
composition(
    name = "composition",
    composition = "frp-gateway",
    steps = {
        "image": "steps/image.k",
        "droplet": "steps/droplet.k",
    },
    xrd = "xrd.yaml",
    deps = [":lib"],
)
```

What the steps import is handed to `composition_render` by `deps`. A cluster has no such packages: there,
the steps' `dependencies` (in `specs`) must name them.
""",
)

def _resources(output: Artifact) -> list[Provider]:
    return [DefaultInfo(default_output = output), ResourcesInfo(resources = output)]

def _reconcile_arguments(ctx: AnalysisContext, info: CompositionInfo) -> cmd_args:
    """What is reconciled, for `composition-render`."""
    arguments = cmd_args(
        ctx.attrs.xr,
        info.composition,
        ctx.attrs.functions or [],
        cmd_args(info.xrd, format = "--xrd={}"),
        kcl_package_arguments(info.packages),
        [cmd_args(source, format = "--observed-resources={}") for source in ctx.attrs.observed],
        [cmd_args(source, format = "--required-resources={}") for source in ctx.attrs.required],
        ["--context-values={}={}".format(key, value.replace(";", "\\;")) for key, value in ctx.attrs.context.items()],
    )
    if ctx.attrs.credentials:
        arguments.add(cmd_args(ctx.attrs.credentials, format = "--function-credentials={}"))
    if not ctx.attrs.xrd_defaults:
        arguments.add("--no-defaults")
    if ctx.attrs.strict:
        arguments.add("--strict")
    return arguments

def _composition_render_impl(ctx: AnalysisContext) -> list[Provider]:
    info = ctx.attrs.composition[CompositionInfo]
    toolchain = ctx.attrs._toolchain[HermeticToolchainInfo]
    resources = ctx.actions.declare_output("resources.yaml")
    observed = ctx.actions.declare_output("observed.yaml")
    steps = {step: ctx.actions.declare_output("steps", step + ".yaml") for step in info.steps}
    arguments = _reconcile_arguments(ctx, info)
    ctx.actions.run(
        cmd_args(
            toolchain.composition_render,
            arguments,
            cmd_args(toolchain.libkcl, format = "--libkcl={}"),
            "--include-full-xr",
            "--include-function-results",
            "--show-deleted",
            [
                cmd_args(output.as_output(), format = "--out-step={}=".format(step) + "{}")
                for step, output in steps.items()
            ],
            cmd_args(observed.as_output(), format = "--out-observed={}"),
            cmd_args(resources.as_output(), format = "--out={}"),
        ),
        category = "composition_render",
    )
    parts = {step: _resources(output) for step, output in steps.items()}
    return [
        DefaultInfo(
            default_output = resources,
            sub_targets = parts | {"observed": _resources(observed)},
        ),
        CompositionRenderInfo(arguments = arguments),
        ResourcesInfo(resources = resources),
    ]

composition_render = rule(
    impl = _composition_render_impl,
    attrs = {
        "composition": attrs.dep(providers = [CompositionInfo], doc = "The `composition` target."),
        "context": attrs.dict(attrs.string(), attrs.string(), default = {}, doc = "What the context holds before the first step, as YAML or JSON."),
        "credentials": attrs.option(attrs.source(), default = None, doc = "Secrets that steps name as credentials."),
        "functions": attrs.option(attrs.source(), default = None, doc = "The Functions; needed for others than function-kcl and function-auto-ready."),
        "observed": attrs.list(attrs.source(), default = [], doc = "Composed resources that exist."),
        "required": attrs.list(attrs.source(), default = [], doc = "Resources that functions may require."),
        "strict": attrs.bool(default = True, doc = "Whether an XR that its XRD rejects, and an oddity in a step, fail the render."),
        "xr": attrs.source(doc = "The composite resource; or a state, which is a step's whole params (`oxr`, `ocds`, …)."),
        "xrd_defaults": attrs.bool(default = True, doc = "Whether the XRD's defaults are filled in."),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = """What one reconcile of a composite resource gives, as Crossplane would apply it.

The output holds the XR, its composed resources by composition resource name, the results (kind `Result`)
and what is deleted (kind `Deleted`). `[observed]` is the XR with what it observes, `[<step>]` what a step's
program gave.

```python
composition_render(
    name = "complete",
    composition = ":composition",
    xr = "states/complete.yaml",
)
```
""",
)
