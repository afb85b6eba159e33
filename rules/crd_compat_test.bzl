"""Whether CRDs still accept what they accepted before."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":providers.bzl", "CrdsInfo")
load(":report.bzl", "TEST_ATTRS", "declare_report", "report_arguments", "report_providers")

def crd_compat_test_impl(ctx: AnalysisContext) -> list[Provider]:
    info = declare_report(ctx)
    ctx.actions.run(
        cmd_args(
            ctx.attrs._toolchain[HermeticToolchainInfo].crd_models,
            "diff",
            ctx.attrs.old[CrdsInfo].crds,
            ctx.attrs.new[CrdsInfo].crds,
            [cmd_args(key, format = "--allow={}") for key in ctx.attrs.allow],
            report_arguments(ctx, info),
        ),
        category = "crd_compat_test",
    )
    return report_providers(ctx, info)

CRD_COMPAT_TEST_ATTRS = TEST_ATTRS | {
    "allow": attrs.list(
        attrs.string(),
        default = [],
        doc = """Breaking changes to accept: `CRD [VERSION [FIELD]] PROPERTY`, as the report names them, or
        only its first words. An entry that accepts nothing fails the test.""",
    ),
    "new": attrs.dep(providers = [CrdsInfo], doc = "The `crd_bundle` to judge."),
    "old": attrs.dep(providers = [CrdsInfo], doc = "The `crd_bundle` of what was accepted: an older pin, or recorded files."),
    "_toolchain": HERMETIC_TOOLCHAIN,
}

crd_compat_test = rule(
    impl = crd_compat_test_impl,
    attrs = CRD_COMPAT_TEST_ATTRS,
    doc = """Fails if CRDs or XRDs break what an older bundle of them accepted; one case a definition.

A change breaks if a stored object becomes invalid or loses a field, a client reads a value of a form
that it has not seen, or a request is refused. The report says who, where, and under which name to
accept it. `./buck2 run //tools:crd-models -- diff OLD NEW` shows the compatible changes too.

```python
crd_bundle(name = "released", srcs = ["released/widgets.yaml"])

crd_compat_test(
    name = "compat_test",
    old = ":released",
    new = ":crds",
    allow = ["widgets.example.org v1 .spec.size maximum"],
)
```
""",
)
