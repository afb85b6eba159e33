"""Pinned downloads. Only actions of a category `fetch_*` reach the network, and each checks a hash."""

load(":host.bzl", "HOST_TOOLS", "HostToolsInfo")

# What a rule needs that calls `fetch`.
FETCH_ATTRS = {
    "_fetch": attrs.source(default = "//prelude_ext:fetch.py", doc = "What downloads."),
    "_host": HOST_TOOLS,
}

def fetch(ctx: AnalysisContext, name: str, url: str, sha256: str | None, executable: bool = False) -> Artifact:
    """The file that a URL serves, if it has this hash."""
    if not sha256:
        fail("{}: {} is not pinned: add sha256 (given 64 zeros, the build says what it is)".format(ctx.label.raw_target(), url))
    file = ctx.actions.declare_output(name)
    ctx.actions.run(
        cmd_args(
            ctx.attrs._host[HostToolsInfo].python,
            ctx.attrs._fetch,
            cmd_args(str(ctx.label.raw_target()), format = "--target={}"),
            cmd_args(url, format = "--url={}"),
            cmd_args(sha256, format = "--sha256={}"),
            ["--executable"] if executable else [],
            cmd_args(file.as_output(), format = "--out={}"),
        ),
        category = "fetch_file",
        identifier = name,
    )
    return file

def _fetch_file_impl(ctx: AnalysisContext) -> list[Provider]:
    name = ctx.attrs.out or ctx.attrs.url.split("/")[-1]
    file = fetch(ctx, name, ctx.attrs.url, ctx.attrs.sha256, ctx.attrs.executable)
    run = [RunInfo(args = cmd_args(file))] if ctx.attrs.executable else []
    return [DefaultInfo(default_output = file)] + run

fetch_file = rule(
    impl = _fetch_file_impl,
    attrs = FETCH_ATTRS | {
        "executable": attrs.bool(default = False, doc = "Whether the file is a program."),
        "out": attrs.option(attrs.string(), default = None, doc = "The file's name, if not the last part of the URL."),
        "sha256": attrs.string(doc = "The SHA-256 of the file, in lower-case hexadecimal."),
        "url": attrs.string(doc = "Where it is served: http or https."),
    },
    doc = "A file from the web, pinned by its SHA-256.",
)
