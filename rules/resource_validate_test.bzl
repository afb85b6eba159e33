"""Whether the API server would take resources."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":providers.bzl", "CrdsInfo", "JsonSchemaInfo", "ResourcesInfo")
load(":report.bzl", "TEST_ATTRS", "declare_report", "report_arguments", "report_providers")

def resource_validate_test_impl(ctx: AnalysisContext) -> list[Provider]:
    if not ctx.attrs.renders and not ctx.attrs.srcs:
        fail("{}: give renders or srcs, what is to be judged".format(ctx.label))
    info = declare_report(ctx)
    ctx.actions.run(
        cmd_args(
            ctx.attrs._toolchain[HermeticToolchainInfo].resource_validate,
            [cmd_args(crds[CrdsInfo].crds, format = "--crds={}") for crds in ctx.attrs.crds],
            [cmd_args(types[JsonSchemaInfo].document, format = "--schemas={}") for types in ctx.attrs.types],
            [cmd_args(old, format = "--old={}") for old in ctx.attrs.old],
            "--subresource=" + ctx.attrs.subresource if ctx.attrs.subresource else [],
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

RESOURCE_VALIDATE_TEST_ATTRS = TEST_ATTRS | {
    "builtin": attrs.enum(
        ["refuse", "skip"],
        default = "refuse",
        doc = "What becomes of Kubernetes' own kinds, which no CRD defines: `skip` counts them as skipped.",
    ),
    "crds": attrs.list(attrs.dep(providers = [CrdsInfo]), doc = "Where the kinds are defined: `crd_bundle` targets."),
    "lenient": attrs.bool(default = False, doc = "Whether unknown fields are dropped, not refused."),
    "old": attrs.list(
        attrs.source(),
        default = [],
        doc = """YAML and JSON files, or folders of them, with what the resources replace: one that is among them by
        its kind, namespace and name is judged as an update of it, any other as created.""",
    ),
    "renders": attrs.list(
        attrs.dep(providers = [ResourcesInfo]),
        default = [],
        doc = "Rendered resources: `kcl_render` and `composition_render` targets.",
    ),
    "skip": attrs.list(attrs.string(), default = [], doc = "Kinds that are not judged: `KIND` or `GROUP/VERSION/KIND`."),
    "srcs": attrs.list(attrs.source(), default = [], doc = "YAML and JSON files with resources."),
    "subresource": attrs.option(
        attrs.enum(["status"]),
        default = None,
        doc = "Through which endpoint the resources are updated, if not their own: all but the status stays as it was.",
    ),
    "types": attrs.list(
        attrs.dep(providers = [JsonSchemaInfo]),
        default = [],
        doc = "`go_types` targets with the kinds that no CRD defines: `//crds/k8s:types` has Kubernetes' own.",
    ),
    "_toolchain": HERMETIC_TOOLCHAIN,
}

resource_validate_test = rule(
    impl = resource_validate_test_impl,
    attrs = RESOURCE_VALIDATE_TEST_ATTRS,
    doc = """Judges resources as the API server does when they are created: a case a resource.

Unknown fields, defaults, schema, lists, embedded resources, metadata and CEL rules, with the server's own
words. Resources that replace others (`old`) are judged by what changed: transition rules, what is immutable, and
nothing about values that were as wrong before. Kubernetes' own kinds are judged by the schemas of their types
(`types`); what its code checks beyond these is not. A composed resource that has no name yet is judged as if Crossplane had made one,
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
