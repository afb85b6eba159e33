"""Whether a composition bears what is missing."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":providers.bzl", "CompositionRenderInfo")
load(":report.bzl", "TEST_ATTRS", "declare_report", "report_arguments", "report_providers")

def _null_safety_test_impl(ctx: AnalysisContext) -> list[Provider]:
    info = declare_report(ctx)
    toolchain = ctx.attrs._toolchain[HermeticToolchainInfo]
    ctx.actions.run(
        cmd_args(
            toolchain.composition_render,
            ctx.attrs.render[CompositionRenderInfo].arguments,
            cmd_args(toolchain.libkcl, format = "--libkcl={}"),
            "--prune",
            report_arguments(ctx, info),
        ),
        category = "null_safety_test",
    )
    return report_providers(ctx, info)

null_safety_test = rule(
    impl = _null_safety_test_impl,
    attrs = TEST_ATTRS | {
        "render": attrs.dep(
            providers = [CompositionRenderInfo],
            doc = "The reconcile to leave things out of; the more it observes, the more is tried.",
        ),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = """Judges that no step fails when something is missing that may be.

The reconcile is done again without each field of the XR that its XRD lets be left out, each observed and
each required resource, and each field of one, one at a time.

```python
null_safety_test(
    name = "complete_null_safety_test",
    render = ":complete",
)
```
""",
)
