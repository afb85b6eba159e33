"""Models of types that refer to one another: Go's, and Kubernetes' own kinds."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":providers.bzl", "JsonSchemaInfo", "KclPackageInfo", "PythonModelsInfo")

def _models(ctx: AnalysisContext, package: str, kind: str, more: list[str] = []) -> Artifact:
    """One kind of model of the types: one action each, so that nobody waits for a kind not asked for."""
    models = ctx.actions.declare_output(kind, package, dir = True)
    ctx.actions.run(
        cmd_args(
            ctx.attrs._toolchain[HermeticToolchainInfo].crd_models,
            cmd_args(ctx.attrs.types[JsonSchemaInfo].document, format = "--jsonschema-in={}"),
            cmd_args(package, format = "--package={}"),
            ["--root=" + ctx.attrs.root] if ctx.attrs.root else [],
            "--" + kind,
            models.as_output(),
            more,
        ),
        category = "type_models",
        identifier = kind,
    )
    return models

def _type_models_impl(ctx: AnalysisContext) -> list[Provider]:
    package = ctx.attrs.package or ctx.label.name
    k8s = ctx.attrs.k8s[KclPackageInfo] if ctx.attrs.k8s else None
    schemas = _models(
        ctx,
        package,
        "kcl",
        (["--kcl-k8s-package=" + k8s.name] if k8s else []) + (["--kcl-lean"] if ctx.attrs.lean else []),
    )
    kcl = KclPackageInfo(name = package, packages = (k8s.packages if k8s else {}) | {package: schemas})
    namespace = ctx.attrs.python_package or package
    python = PythonModelsInfo(models = _models(ctx, namespace, "python"), package = namespace)
    jsonschema = _models(ctx, package, "jsonschema")
    return [
        DefaultInfo(
            default_outputs = [schemas, python.models, jsonschema],
            sub_targets = {
                "jsonschema": [DefaultInfo(default_output = jsonschema)],
                "kcl": [DefaultInfo(default_output = schemas), kcl],
                "python": [DefaultInfo(default_output = python.models), python],
            },
        ),
        kcl,
        python,
    ]

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
