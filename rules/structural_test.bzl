"""Assertions on rendered resources."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":providers.bzl", "CrdsInfo", "JsonSchemaInfo", "ResourcesInfo")
load(":report.bzl", "TEST_ATTRS", "declare_report", "report_arguments", "report_providers")

def _structural_test_impl(ctx: AnalysisContext) -> list[Provider]:
    info = declare_report(ctx)
    renders = [
        cmd_args("--resources", cmd_args(render[ResourcesInfo].resources, format = name + "={}"))
        for name, render in ctx.attrs.renders.items()
    ]
    ctx.actions.run(
        cmd_args(
            ctx.attrs._toolchain[HermeticToolchainInfo].structural_test,
            ctx.attrs.specs,
            renders,
            [cmd_args("--crds", bundle[CrdsInfo].crds) for bundle in ctx.attrs.crds],
            [cmd_args("--schemas", types[JsonSchemaInfo].document) for types in ctx.attrs.types],
            report_arguments(ctx, info),
            hidden = ctx.attrs.data,
        ),
        category = "structural_test",
    )
    return report_providers(ctx, info)

structural_test = rule(
    impl = _structural_test_impl,
    attrs = TEST_ATTRS | {
        "crds": attrs.list(
            attrs.dep(providers = [CrdsInfo]),
            default = [],
            doc = "The CRDs that the resources and the specs' fixtures must fit.",
        ),
        "data": attrs.list(attrs.source(), default = [], doc = "Files that the specs name, relative to themselves."),
        "renders": attrs.dict(
            attrs.string(),
            attrs.dep(providers = [ResourcesInfo]),
            default = {},
            doc = "The resources to judge, by the name that the specs use.",
        ),
        "specs": attrs.list(attrs.source(), doc = "The YAML files that say what must hold."),
        "types": attrs.list(
            attrs.dep(providers = [JsonSchemaInfo]),
            default = [],
            doc = "`go_types` targets with the kinds that no CRD defines: `//crds/k8s:types` has Kubernetes' own.",
        ),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = """Judges rendered resources by specs in YAML. Where a spec says `valid`, a resource is judged as by
`resource_validate_test`.

```python
structural_test(
    name = "gateway_test",
    specs = ["gateway_test.yaml"],
    renders = {"gateway": ":resources"},
    crds = ["//crds/digitalocean:crds"],
)
```
""",
)
