"""The one toolchain that every rule uses."""

load(":host.bzl", "HostToolsInfo")

HermeticToolchainInfo = provider(
    doc = "Every tool that an action may run, and the library that evaluates KCL.",
    fields = {
        "composition_render": provider_field(RunInfo),
        "crd_models": provider_field(RunInfo),
        "frp_verify": provider_field(RunInfo),
        "go_schema": provider_field(RunInfo),
        "host_env": provider_field(dict[str, str]),
        "kcl_lint": provider_field(RunInfo),
        "kcl_render": provider_field(RunInfo),
        "kcl_test": provider_field(RunInfo),
        "kube_samples": provider_field(RunInfo),
        "libkcl": provider_field(Artifact),
        "model_check": provider_field(RunInfo),
        "module_fetch": provider_field(RunInfo),
        "pytest_plugin": provider_field(Artifact),
        "python": provider_field(RunInfo),
        "python_packages": provider_field(Artifact),
        "structural_test": provider_field(RunInfo),
        "test_report": provider_field(RunInfo),
    },
)

def _hermetic_toolchain_impl(ctx: AnalysisContext) -> list[Provider]:
    host = ctx.attrs.host[HostToolsInfo]
    tools = {name: getattr(ctx.attrs, name)[RunInfo] for name in _TOOLS}
    return [
        DefaultInfo(),
        HermeticToolchainInfo(
            host_env = host.env,
            libkcl = ctx.attrs.libkcl,
            pytest_plugin = ctx.attrs.pytest_plugin,
            python = host.python,
            python_packages = ctx.attrs.python_packages,
            **tools
        ),
    ]

_TOOLS = {
    "composition_render": "Renders compositions.",
    "crd_models": "Generates models from CRDs.",
    "frp_verify": "Judges configurations of FRP.",
    "go_schema": "Reads Go types into JSON Schema.",
    "kcl_lint": "Checks the format and the style of KCL.",
    "kcl_render": "Evaluates KCL to resources.",
    "kcl_test": "Runs KCL's own tests.",
    "kube_samples": "Generates resources out of CRDs.",
    "model_check": "Judges models by resources.",
    "module_fetch": "Fetches files of a pinned Go module.",
    "structural_test": "Judges rendered resources.",
    "test_report": "Runs Rust tests and shows reports.",
}

def _tool(doc: str):
    return attrs.exec_dep(providers = [RunInfo], doc = doc)

hermetic_toolchain = rule(
    impl = _hermetic_toolchain_impl,
    attrs = {
        "host": attrs.toolchain_dep(providers = [HostToolsInfo], doc = "The host's tools."),
        "libkcl": attrs.source(doc = "KCL's native library, loadable without Python."),
        "pytest_plugin": attrs.source(allow_directory = True, doc = "The pytest plugin, as a directory for PYTHONPATH."),
        "python_packages": attrs.source(doc = "The Python packages of the tests, as one tar."),
    } | {name: _tool(doc) for name, doc in _TOOLS.items()},
    is_toolchain_rule = True,
    doc = """The tools of one flavour, system or nix.

Another repository that mounts this one as the cell `hermetic` maps the cell `toolchains` to our
folder `toolchains`, or declares a target `toolchains//:hermetic` with this rule in a cell of its own.
""",
)

# A rule asks for the toolchain through this attribute and never names a tool itself.
HERMETIC_TOOLCHAIN = attrs.toolchain_dep(
    default = "toolchains//:hermetic",
    providers = [HermeticToolchainInfo],
    doc = "The tools.",
)
