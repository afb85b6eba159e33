"""Whether the API server would take resources."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":providers.bzl", "CrdsInfo", "ResourcesInfo")
load(":report.bzl", "TEST_ATTRS", "declare_report", "report_arguments", "report_providers")

def _resource_validate_test_impl(ctx: AnalysisContext) -> list[Provider]:
    if not ctx.attrs.renders and not ctx.attrs.srcs:
        fail("{}: give renders or srcs, what is to be judged".format(ctx.label))
    info = declare_report(ctx)
    ctx.actions.run(
        cmd_args(
            ctx.attrs._toolchain[HermeticToolchainInfo].resource_validate,
            [cmd_args(crds[CrdsInfo].crds, format = "--crds={}") for crds in ctx.attrs.crds],
            "--rendered" if ctx.attrs.renders else [],
            "--lenient" if ctx.attrs.lenient else [],
            "--skip-builtin" if ctx.attrs.builtin == "skip" else [],
            [cmd_args(kind, format = "--skip={}") for kind in ctx.attrs.skip],
            report_arguments(ctx, info),
            [render[ResourcesInfo].resources for render in ctx.attrs.renders],
            ctx.attrs.srcs,
        ),
        category = "resource_validate_test",
    )
    return report_providers(ctx, info)

resource_validate_test = rule(
    impl = _resource_validate_test_impl,
    attrs = TEST_ATTRS | {
        "builtin": attrs.enum(
            ["refuse", "skip"],
            default = "refuse",
            doc = "What becomes of Kubernetes' own kinds, which no CRD defines: `skip` counts them as skipped.",
        ),
        "crds": attrs.list(attrs.dep(providers = [CrdsInfo]), doc = "Where the kinds are defined: `crd_bundle` targets."),
        "lenient": attrs.bool(default = False, doc = "Whether unknown fields are dropped, not refused."),
        "renders": attrs.list(
            attrs.dep(providers = [ResourcesInfo]),
            default = [],
            doc = "Rendered resources: `kcl_render` and `composition_render` targets.",
        ),
        "skip": attrs.list(attrs.string(), default = [], doc = "Kinds that are not judged: `KIND` or `GROUP/VERSION/KIND`."),
        "srcs": attrs.list(attrs.source(), default = [], doc = "YAML and JSON files with resources."),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = """Judges resources as the API server does when they are created: a case a resource.

Unknown fields, defaults, schema, lists, embedded resources, metadata and CEL rules, with the server's own
words. A composed resource that has no name yet is judged as if Crossplane had made one,
a rendered composite resource without a spec by its status.

```python
resource_validate_test(
    name = "resources_valid_test",
    crds = ["//crds/flux:helm"],
    renders = [":resources"],
)
```
""",
)
