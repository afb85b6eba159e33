"""Types out of the source of Go packages."""

load("//prelude_ext:go_module.bzl", "GO_MODULE_ATTRS", "module_sources")
load("//prelude_ext:toolchain.bzl", "HermeticToolchainInfo")
load(":providers.bzl", "JsonSchemaInfo")

def _own_module(ctx: AnalysisContext) -> cmd_args:
    """The module that the packages are in: a pinned one, or the files beside the BUCK file."""
    if bool(ctx.attrs.module) == bool(ctx.attrs.srcs):
        fail("{}: give module or srcs, and not both".format(ctx.label))
    if ctx.attrs.module:
        return cmd_args(module_sources(ctx, ctx.attrs.module), format = "--module-dir={}")
    files = {source.short_path.removeprefix(ctx.attrs.strip_prefix): source for source in ctx.attrs.srcs}
    return cmd_args(ctx.actions.copied_dir("module", files), format = "--module-dir={}")

def _go_types_impl(ctx: AnalysisContext) -> list[Provider]:
    document = ctx.actions.declare_output(ctx.label.name + ".json")
    tables = ctx.actions.write_json("tables.json", {"also": ctx.attrs.also, "map": ctx.attrs.map})
    ctx.actions.run(
        cmd_args(
            ctx.attrs._toolchain[HermeticToolchainInfo].go_schema,
            _own_module(ctx),
            [cmd_args(module_sources(ctx, module), format = "--module=" + module + "={}") for module in ctx.attrs.modules],
            [cmd_args(package, format = "--package={}") for package in ctx.attrs.packages],
            [cmd_args(name, format = "--type={}") for name in ctx.attrs.types],
            cmd_args(ctx.attrs.required, format = "--required={}"),
            cmd_args(ctx.attrs.enums, format = "--enums={}"),
            cmd_args(tables, format = "--tables={}"),
            "--out",
            document.as_output(),
        ),
        category = "go_types",
    )
    return [DefaultInfo(default_output = document), JsonSchemaInfo(document = document)]

go_types = rule(
    impl = _go_types_impl,
    attrs = GO_MODULE_ATTRS | {
        "also": attrs.dict(
            attrs.string(),
            attrs.any(),
            default = {},
            doc = """What holds for a type beside what its source says, by `import/path.Name`: a JSON Schema
            that is merged into the type's own. Where a struct is embedded, it holds there too.""",
        ),
        "enums": attrs.enum(
            ["marked", "constants"],
            default = "marked",
            doc = """Which types are enums: those `marked` by `+enum`, or also each string or integer type that
            has `constants`, unless these are bits.""",
        ),
        "map": attrs.dict(
            attrs.string(),
            attrs.any(),
            default = {},
            doc = """The JSON Schema of a type, by `import/path.Name`, in place of what its source says: for one
            that marshals itself, or that is of a module which is not given.""",
        ),
        "module": attrs.option(attrs.string(), default = None, doc = "The pinned module of the packages, without its version."),
        "modules": attrs.list(attrs.string(), default = [], doc = "The other pinned modules that the types need."),
        "packages": attrs.list(
            attrs.string(),
            doc = "The packages: `./pkg/config/v1`, `./...` for all of the module, or an import path.",
        ),
        "required": attrs.enum(
            ["kubernetes", "marked"],
            default = "kubernetes",
            doc = """When a field is required: as `kubernetes` decides, unless its tag has `omitempty` or a marker
            says otherwise; or only where it is `marked` so.""",
        ),
        "srcs": attrs.list(attrs.source(), default = [], doc = "The files of a module of one's own, with its go.mod."),
        "strip_prefix": attrs.string(default = "", doc = "What to cut from the front of their paths, such as `src/`."),
        "types": attrs.list(
            attrs.string(),
            default = [],
            doc = "The types to begin with, `Name` or `import/path.Name`; unless given, every exported one.",
        ),
    },
    doc = """Go types as one JSON Schema document: each type in `$defs`, under the name that it has in OpenAPI.

```python
go_types(
    name = "types",
    module = "k8s.io/api",
    modules = ["k8s.io/apimachinery"],
    packages = ["./apps/v1"],
    types = ["Deployment"],
)
```

`k8s.io/api/core/v1.PodSpec` is `io.k8s.api.core.v1.PodSpec` there; what any other type is called follows
by the same rule: `github.com/fatedier/frp/pkg/config/v1.ClientConfig` is
`com.github.fatedier.frp.pkg.config.v1.ClientConfig`.
""",
)
