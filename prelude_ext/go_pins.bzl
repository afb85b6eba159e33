"""Go modules, pinned by a go.mod and a go.sum."""

load(":host.bzl", "HOST_TOOLS", "HostToolsInfo")

GoPinsInfo = provider(
    doc = "The Go modules that a repository uses.",
    fields = {
        # go.mod: which version of each.
        "mod": provider_field(Artifact),
        # go.sum: which bytes.
        "sum": provider_field(Artifact),
    },
)

def _go_pins_impl(ctx: AnalysisContext) -> list[Provider]:
    return [
        DefaultInfo(default_outputs = [ctx.attrs.mod, ctx.attrs.sum]),
        GoPinsInfo(mod = ctx.attrs.mod, sum = ctx.attrs.sum),
    ]

go_pins = rule(
    impl = _go_pins_impl,
    attrs = {
        "mod": attrs.source(doc = "go.mod, which names the modules and their versions."),
        "sum": attrs.source(doc = "go.sum, which holds the hash of each module's zip."),
    },
    doc = "The pins of Go modules, for `crd_bundle(pins = …)` and `go_types(pins = …)`.",
)

# What a rule needs that calls `go_pin`.
GO_PIN_ATTRS = {
    "pins": attrs.dep(
        default = "//crds:pins",
        providers = [GoPinsInfo],
        doc = "The `go_pins` target that fixes the module's version and hash.",
    ),
    "_go_pin": attrs.source(default = "//prelude_ext:go_pin.py", doc = "What takes one module's pin out of many."),
    "_host": HOST_TOOLS,
}

def go_pin(ctx: AnalysisContext, module: str, name: str = "pin") -> cmd_args:
    """The arguments by which `module-fetch` gets the pin of one module alone, so that no other one's bump touches it."""
    pin = ctx.actions.declare_output(name, dir = True)
    pins = ctx.attrs.pins[GoPinsInfo]
    ctx.actions.run(
        cmd_args(
            ctx.attrs._host[HostToolsInfo].python,
            ctx.attrs._go_pin,
            cmd_args(module, format = "--module={}"),
            cmd_args(pins.mod, format = "--mod={}"),
            cmd_args(pins.sum, format = "--sum={}"),
            cmd_args(pin.as_output(), format = "--out={}"),
        ),
        category = "go_pin",
        identifier = module,
    )
    return cmd_args(
        cmd_args(pin, format = "--pins={}"),
        cmd_args(pins.mod, format = "--pins-from={}", parent = 1, ignore_artifacts = True),
    )
