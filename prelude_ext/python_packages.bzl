"""The Python packages that tests import, pinned by hash."""

load(":host.bzl", "HOST_TOOLS", "HostToolsInfo")

def _fetch_python_packages_impl(ctx: AnalysisContext) -> list[Provider]:
    host = ctx.attrs._host[HostToolsInfo]
    packages = ctx.actions.declare_output("packages.tar")
    ctx.actions.run(
        cmd_args(
            host.python,
            ctx.attrs._program,
            cmd_args(ctx.attrs.pins, format = "--pins={}"),
            cmd_args(packages.as_output(), format = "--out={}"),
        ),
        category = "fetch_python_packages",
        # Which wheels fit depends on Python's version.
        env = host.env,
    )
    return [DefaultInfo(default_output = packages)]

fetch_python_packages = rule(
    impl = _fetch_python_packages_impl,
    attrs = {
        "pins": attrs.source(doc = "Every package with its version and hashes, in the syntax of pip's requirements."),
        "_host": HOST_TOOLS,
        "_program": attrs.source(default = "//prelude_ext:install_packages.py", doc = "What drives pip."),
    },
    doc = "The installed packages as one tar, the same bytes for the same pins and Python.",
)
