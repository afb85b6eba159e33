"""Our renderer against the real Crossplane."""

load("@hermetic//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load("@hermetic//rules:providers.bzl", "CompositionRenderInfo")
load("@hermetic//rules:report.bzl", "TEST_ATTRS", "declare_report", "report_arguments", "report_providers")

def _conformance_test_impl(ctx: AnalysisContext) -> list[Provider]:
    info = declare_report(ctx)
    toolchain = ctx.attrs._toolchain[HermeticToolchainInfo]
    renders = [
        cmd_args(cmd_args(render[CompositionRenderInfo].arguments, delimiter = " "), format = "--also={}")
        for render in ctx.attrs.renders
    ]
    ctx.actions.run(
        cmd_args(
            ctx.attrs._pipeline_conformance[RunInfo],
            cmd_args(toolchain.composition_render, format = "--composition-render={}"),
            cmd_args(toolchain.libkcl, format = "--libkcl={}"),
            cmd_args(ctx.attrs.core[RunInfo], format = "--crossplane-binary={}"),
            cmd_args(ctx.attrs.cli[RunInfo], format = "--cli={}"),
            "--seed={}".format(ctx.attrs.seed),
            "--count={}".format(ctx.attrs.count),
            renders,
            report_arguments(ctx, info),
        ),
        category = "conformance_test",
    )
    return report_providers(ctx, info)

conformance_test = rule(
    impl = _conformance_test_impl,
    attrs = TEST_ATTRS | {
        "cli": attrs.dep(providers = [RunInfo], doc = "The crossplane CLI."),
        "core": attrs.dep(providers = [RunInfo], doc = "Crossplane core."),
        "count": attrs.int(doc = "How many pipelines to draw."),
        "renders": attrs.list(
            attrs.dep(providers = [CompositionRenderInfo]),
            default = [],
            doc = "Reconciles to compare as well.",
        ),
        "seed": attrs.int(doc = "The seed of the first pipeline."),
        "_pipeline_conformance": attrs.exec_dep(
            default = "hermetic//tools:pipeline-conformance",
            doc = "What draws and compares.",
        ),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = "Judges that `composition-render`'s simulator and the real Crossplane give the same, difference by difference.",
)
