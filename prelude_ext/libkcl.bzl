"""KCL's native library, from its pinned wheel."""

def _fetch_libkcl_impl(ctx: AnalysisContext) -> list[Provider]:
    library = ctx.actions.declare_output("libkcl.so")
    ctx.actions.run(
        cmd_args(
            ctx.attrs.wheel_fetch[RunInfo],
            cmd_args(ctx.attrs.pins, format = "--pins={}"),
            cmd_args(library.as_output(), format = "--out={}"),
        ),
        category = "fetch_wheel",
    )
    return [DefaultInfo(default_output = library)]

fetch_libkcl = rule(
    impl = _fetch_libkcl_impl,
    attrs = {
        "pins": attrs.source(doc = "The wheel's version and hashes, in the syntax of pip's requirements."),
        "wheel_fetch": attrs.exec_dep(providers = [RunInfo], doc = "The tool that downloads and unpacks it."),
    },
    doc = "libkcl.so of this machine's architecture, made loadable without Python.",
)
