"""The command that bumps the pin of a Go module."""

load(":go_pins.bzl", "GoPinsInfo")
load(":host.bzl", "HOST_TOOLS", "HostToolsInfo")

def _pin_module_impl(ctx: AnalysisContext) -> list[Provider]:
    pins = [dep[GoPinsInfo] for dep in ctx.attrs.pins]
    return [
        DefaultInfo(),
        RunInfo(args = cmd_args(
            ctx.attrs._host[HostToolsInfo].python,
            ctx.attrs._program,
            [cmd_args("--pins", pin.mod, pin.sum) for pin in pins],
            hidden = ctx.attrs._go_pin,
        )),
    ]

pin_module = rule(
    impl = _pin_module_impl,
    attrs = {
        "pins": attrs.list(attrs.dep(providers = [GoPinsInfo]), doc = "The `go_pins` targets whose files are changed."),
        "_go_pin": attrs.source(default = "//prelude_ext:go_pin.py", doc = "What reads pins."),
        "_host": HOST_TOOLS,
        "_program": attrs.source(default = "//prelude_ext:pin_module.py", doc = "What changes them."),
    },
    doc = """Bumps the pin of a Go module: `./buck2 run //:pin -- MODULE@VERSION`.

```python
pin_module(
    name = "pin",
    pins = ["//crds:pins"],
)
```

The module's version in go.mod and its two hashes in go.sum change, and nothing else. A module that none
of the files requires, a version that does not exist and a proxy that does not answer are errors, and
leave both files as they were.
""",
)
