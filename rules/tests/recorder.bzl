"""A toolchain whose tools write down how they were called."""

load("//prelude_ext:host.bzl", "HOST_TOOLS", "HostToolsInfo")
load("//prelude_ext:toolchain.bzl", "hermetic_toolchain")

def _python_tool_impl(ctx: AnalysisContext) -> list[Provider]:
    python = ctx.attrs._host[HostToolsInfo].python
    return [DefaultInfo(), RunInfo(args = cmd_args(python, ctx.attrs.main))]

_python_tool = rule(
    impl = _python_tool_impl,
    attrs = {
        "main": attrs.source(doc = "The script."),
        "_host": HOST_TOOLS,
    },
    doc = "A Python script as a tool.",
)

def recorder_toolchain(name: str) -> None:
    """Declares the toolchain and its one tool; only reports are shown by the real one."""
    tool = name + "_tool"
    _python_tool(name = tool, main = "recorder.py")
    hermetic_toolchain(
        name = name,
        composition_render = ":" + tool,
        crd_models = ":" + tool,
        frp_verify = ":" + tool,
        go_schema = ":" + tool,
        host = "toolchains//:host",
        kcl_lint = ":" + tool,
        kcl_render = ":" + tool,
        kcl_test = ":" + tool,
        kube_samples = ":" + tool,
        libkcl = "fixtures/libkcl.so",
        model_check = ":" + tool,
        module_fetch = ":" + tool,
        pytest_plugin = "fixtures/libkcl.so",
        python_packages = "fixtures/libkcl.so",
        structural_test = ":" + tool,
        test_report = "//tools:test-report",
    )
