"""Files out of pinned Go modules."""

load(":go_pins.bzl", "GO_PIN_ATTRS", "go_pin")
load(":toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")

# What a rule needs that calls `module_folder` or `module_sources`.
GO_MODULE_ATTRS = GO_PIN_ATTRS | {"_toolchain": HERMETIC_TOOLCHAIN}

def _module_fetch(ctx: AnalysisContext, module: str, pin: cmd_args, include: list[str]) -> cmd_args:
    return cmd_args(
        ctx.attrs._toolchain[HermeticToolchainInfo].module_fetch,
        pin,
        "--module",
        module,
        [cmd_args("--include", pattern) for pattern in include],
    )

def module_folder(ctx: AnalysisContext, name: str, module: str, include: list[str]) -> Artifact:
    """The files of a module that match, at their paths in it."""
    folder = ctx.actions.declare_output(name, dir = True)
    ctx.actions.run(
        cmd_args(_module_fetch(ctx, module, go_pin(ctx, module), include), "--out", folder.as_output()),
        category = "fetch_module",
    )
    return folder

def module_sources(ctx: AnalysisContext, module: str) -> Artifact:
    """The Go sources of a module, without its tests, as one tar."""
    name = module.replace("/", "_")
    tar = ctx.actions.declare_output("modules", name + ".tar")
    pin = go_pin(ctx, module, "pins/" + name)
    ctx.actions.run(
        cmd_args(
            _module_fetch(ctx, module, pin, ["go.mod", "**/*.go"]),
            "--exclude",
            "**/*_test.go",
            "--tar",
            tar.as_output(),
        ),
        category = "fetch_module",
        identifier = module,
    )
    return tar

def _go_module_files_impl(ctx: AnalysisContext) -> list[Provider]:
    return [DefaultInfo(default_output = module_folder(ctx, ctx.label.name, ctx.attrs.module, ctx.attrs.include))]

go_module_files = rule(
    impl = _go_module_files_impl,
    attrs = GO_MODULE_ATTRS | {
        "include": attrs.list(attrs.string(), doc = "The files to take, as globs from the module's root."),
        "module": attrs.string(doc = "The module, without its version."),
    },
    doc = "Files of a pinned Go module, as a directory.",
)
