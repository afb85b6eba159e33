"""Go programs, built offline from modules that a go.sum pins."""

load(":host.bzl", "HOST_TOOLS", "HostToolsInfo")

def _module(ctx: AnalysisContext, command: str, out: Artifact) -> cmd_args:
    return cmd_args(
        ctx.attrs._host[HostToolsInfo].python,
        ctx.attrs._program,
        command,
        cmd_args(ctx.attrs.mod, format = "--mod={}"),
        cmd_args(ctx.attrs.sum, format = "--sum={}"),
        cmd_args(out.as_output(), format = "--out={}"),
    )

def _go_program_impl(ctx: AnalysisContext) -> list[Provider]:
    env = ctx.attrs._host[HostToolsInfo].env
    modules = ctx.actions.declare_output("modules.tar")
    ctx.actions.run(
        cmd_args(_module(ctx, "fetch", modules), ctx.attrs.srcs),
        category = "fetch_go_modules",
        env = env,
    )
    program = ctx.actions.declare_output(ctx.attrs.out or ctx.label.name)
    ctx.actions.run(
        cmd_args(
            _module(ctx, "build", program),
            cmd_args(modules, format = "--modules={}"),
            cmd_args(ctx.attrs.package, format = "--package={}"),
            [cmd_args(tag, format = "--tag={}") for tag in ctx.attrs.tags],
            ctx.attrs.srcs,
        ),
        category = "go_build",
        env = env,
        local_only = True,
    )
    return [
        DefaultInfo(
            default_output = program,
            sub_targets = {"modules": [DefaultInfo(default_output = modules)]},
        ),
        RunInfo(args = cmd_args(program)),
    ]

go_program = rule(
    impl = _go_program_impl,
    attrs = {
        "mod": attrs.source(doc = "go.mod; the sources lie beside and below it."),
        "out": attrs.option(attrs.string(), default = None, doc = "The program's file name, if it is not the target's."),
        "package": attrs.string(default = ".", doc = "The package to build: `.`, or one of a required module."),
        "srcs": attrs.list(
            attrs.source(),
            default = [],
            doc = "The program's own sources. For a program of another module, go.mod names it with a `tool` line.",
        ),
        "sum": attrs.source(doc = "go.sum: the hash of every module. A missing or changed line is an error."),
        "tags": attrs.list(attrs.string(), default = [], doc = "Build tags."),
        "_host": HOST_TOOLS,
        "_program": attrs.source(default = "//prelude_ext:go_program.py", doc = "What drives Go."),
    },
    doc = """A Go program: our own, or one of a pinned module.

```python
go_program(
    name = "frpc",
    mod = "go.mod",
    sum = "go.sum",
    package = "github.com/fatedier/frp/cmd/frpc",
    tags = ["noweb"],
)
```

Its modules are fetched once, as the sources of exactly the packages it imports (`[modules]`). Go's build
cache lies in the user's cache; the same sources give the same bytes from a cold one.
""",
)
