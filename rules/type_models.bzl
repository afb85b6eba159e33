"""Models of types that refer to one another: Go's, and Kubernetes' own kinds."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN")
load(":models.bzl", "make_models", "models_providers")
load(":providers.bzl", "JsonSchemaInfo", "KclPackageInfo", "PythonModelsInfo")

def _types(ctx: AnalysisContext, package: str) -> cmd_args:
    return cmd_args(
        cmd_args(ctx.attrs.types[JsonSchemaInfo].document, format = "--jsonschema-in={}"),
        "--package=" + package,
        ["--root=" + ctx.attrs.root] if ctx.attrs.root else [],
    )

def _type_models_impl(ctx: AnalysisContext) -> list[Provider]:
    package = ctx.attrs.package or ctx.label.name
    namespace = ctx.attrs.python_package or package
    k8s = ctx.attrs.k8s[KclPackageInfo] if ctx.attrs.k8s else None
    types = _types(ctx, package)
    more = (["--kcl-k8s-package=" + k8s.name] if k8s else []) + (["--kcl-lean"] if ctx.attrs.lean else [])
    schemas = make_models(ctx, "type_models", types, package, "kcl", more)
    return models_providers(
        KclPackageInfo(name = package, packages = (k8s.packages if k8s else {}) | {package: schemas}),
        PythonModelsInfo(models = make_models(ctx, "type_models", _types(ctx, namespace), namespace, "python"), package = namespace),
        make_models(ctx, "type_models", types, package, "jsonschema"),
    )

type_models = rule(
    impl = _type_models_impl,
    attrs = {
        "k8s": attrs.option(
            attrs.dep(providers = [KclPackageInfo]),
            default = None,
            doc = """The target that has Kubernetes' own types, `//crds/k8s:k8s`, if these types refer to them; else
            they become a part of the package.""",
        ),
        "lean": attrs.bool(
            default = False,
            doc = """Whether the KCL schemas are one file a folder and have no texts for people: for what is imported
            whole in every render.""",
        ),
        "package": attrs.option(
            attrs.string(),
            default = None,
            doc = "The KCL package's name and the Python models' namespace, if not the target's name.",
        ),
        "python_package": attrs.option(
            attrs.string(),
            default = None,
            doc = "The Python models' namespace, if it is another one.",
        ),
        "root": attrs.string(
            default = "",
            doc = """The beginning of the types' full names that stands for the package: with `io.k8s`
            `io.k8s.api.core.v1.PodSpec` is imported as `<package>.api.core.v1`.""",
        ),
        "types": attrs.dep(providers = [JsonSchemaInfo], doc = "The `go_types` target to make models of."),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = """Typed models of types that are no CRDs: `[kcl]` schemas, `[python]` classes and `[jsonschema]` files.

```python
type_models(
    name = "frp",
    root = "com.github.fatedier.frp.pkg.config",
    types = ":types",
)
```

The package of a type is a folder, and is imported whole: `import frp.v1 as frp`, then `frp.ClientConfig {…}`.
A type that is one of several, told apart by a field, may be given as an instance of one of them
(`frp.TCPProxyConfig {…}`), which shows a mistake where it is written, or as a plain dict; both are checked.
In Python the same is `from frp.v1 import ClientConfig`.
""",
)
