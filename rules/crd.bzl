"""CRDs: where they come from, and the models made of them."""

load("//prelude_ext:fetch.bzl", "FETCH_ATTRS", "fetch")
load("//prelude_ext:go_module.bzl", "GO_MODULE_ATTRS", "module_folder")
load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":providers.bzl", "CrdsInfo", "JsonSchemasInfo", "KclPackageInfo", "PythonModelsInfo", "ResourcesInfo")

def _from_sources(ctx: AnalysisContext) -> Artifact:
    return ctx.actions.copied_dir("crds", {source.short_path: source for source in ctx.attrs.srcs})

def _from_module(ctx: AnalysisContext) -> Artifact:
    if not ctx.attrs.include:
        fail("{}: module needs include, the files of the module to take".format(ctx.label))
    return module_folder(ctx, "crds", ctx.attrs.module, ctx.attrs.include)

def _from_url(ctx: AnalysisContext) -> Artifact:
    name = ctx.attrs.url.split("/")[-1]
    return ctx.actions.copied_dir("crds", {name: fetch(ctx, name, ctx.attrs.url, ctx.attrs.sha256)})

def _from_render(ctx: AnalysisContext) -> Artifact:
    return ctx.actions.copied_dir("crds", {"crds.yaml": ctx.attrs.render[ResourcesInfo].resources})

_ORIGINS = {
    "module": _from_module,
    "render": _from_render,
    "srcs": _from_sources,
    "url": _from_url,
}

def _crd_bundle_impl(ctx: AnalysisContext) -> list[Provider]:
    given = [name for name in _ORIGINS if getattr(ctx.attrs, name)]
    if len(given) != 1:
        fail("{}: give one of {}, not {}".format(ctx.label, ", ".join(_ORIGINS.keys()), " and ".join(given) or "none"))
    crds = _ORIGINS[given[0]](ctx)
    return [DefaultInfo(default_output = crds), CrdsInfo(crds = crds)]

crd_bundle = rule(
    impl = _crd_bundle_impl,
    attrs = FETCH_ATTRS | GO_MODULE_ATTRS | {
        "include": attrs.list(attrs.string(), default = [], doc = "The module's files to take, as globs from its root."),
        "module": attrs.option(attrs.string(), default = None, doc = "A Go module that carries CRDs, without its version."),
        "render": attrs.option(
            attrs.dep(providers = [ResourcesInfo]),
            default = None,
            doc = "A `kcl_render` target whose resources are CRDs.",
        ),
        "sha256": attrs.option(attrs.string(), default = None, doc = "The SHA-256 of what `url` serves."),
        "srcs": attrs.list(attrs.source(), default = [], doc = "YAML files with CRDs."),
        "url": attrs.option(attrs.string(), default = None, doc = "A YAML file with CRDs to download."),
    },
    doc = """CRDs from one of four places: files, a pinned Go module, a pinned URL, or our own KCL.

```python
crd_bundle(
    name = "crds",
    module = "github.com/fluxcd/helm-controller",
    include = ["config/crd/bases/*.yaml"],
)
```
""",
)

def _models(ctx: AnalysisContext, package: str, kind: str, more: list[str] = []) -> Artifact:
    """One kind of model of the bundle's CRDs: one action each, so that nobody waits for a kind not asked for."""
    models = ctx.actions.declare_output(kind, package, dir = True)
    ctx.actions.run(
        cmd_args(
            ctx.attrs._toolchain[HermeticToolchainInfo].crd_models,
            cmd_args(ctx.attrs.crds[CrdsInfo].crds, format = "--crds={}"),
            cmd_args(package, format = "--package={}"),
            "--" + kind,
            models.as_output(),
            more,
        ),
        category = "crd_models",
        identifier = kind,
    )
    return models

def _k8s_package_impl(ctx: AnalysisContext) -> list[Provider]:
    name = ctx.label.name
    schemas = ctx.actions.declare_output(name, dir = True)
    ctx.actions.run(
        cmd_args(
            ctx.attrs._toolchain[HermeticToolchainInfo].crd_models,
            cmd_args(name, format = "--package={}"),
            "--kcl-k8s",
            schemas.as_output(),
        ),
        category = "crd_models",
        identifier = "k8s",
    )
    return [
        DefaultInfo(default_output = schemas),
        KclPackageInfo(name = name, packages = {name: schemas}),
    ]

k8s_package = rule(
    impl = _k8s_package_impl,
    attrs = {
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = """The KCL package with Kubernetes' own schemas that all models share: `import k8s.apimachinery.pkg.apis.meta.v1`.

It is imported by the target's name; `//crds/k8s:k8s` is the one that `crd_models` uses.
""",
)

def _crd_models_impl(ctx: AnalysisContext) -> list[Provider]:
    package = ctx.attrs.package or ctx.label.name
    k8s = ctx.attrs.k8s[KclPackageInfo]
    schemas = _models(ctx, package, "kcl", ["--kcl-k8s-package=" + k8s.name])
    kcl = KclPackageInfo(name = package, packages = k8s.packages | {package: schemas})
    python = PythonModelsInfo(models = _models(ctx, package, "python"), package = package)
    jsonschema = JsonSchemasInfo(schemas = _models(ctx, package, "jsonschema"))
    return [
        DefaultInfo(
            default_outputs = [schemas, python.models, jsonschema.schemas],
            sub_targets = {
                "jsonschema": [DefaultInfo(default_output = jsonschema.schemas), jsonschema],
                "kcl": [DefaultInfo(default_output = schemas), kcl],
                "python": [DefaultInfo(default_output = python.models), python],
            },
        ),
        ctx.attrs.crds[CrdsInfo],
        jsonschema,
        kcl,
        python,
    ]

crd_models = rule(
    impl = _crd_models_impl,
    attrs = {
        "crds": attrs.dep(providers = [CrdsInfo], doc = "The `crd_bundle` to make models of."),
        "k8s": attrs.dep(
            providers = [KclPackageInfo],
            default = "//crds/k8s:k8s",
            doc = "The `k8s_package` that has ObjectMeta.",
        ),
        "package": attrs.option(
            attrs.string(),
            default = None,
            doc = "The KCL package's name and the Python models' namespace, if not the target's name.",
        ),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = """Typed models of CRDs: `[kcl]` schemas, `[python]` classes and `[jsonschema]` files.

The target itself goes into the `deps` of KCL rules and of `pytest`. A KCL source imports
`<package>.models.<version>.<group_version_kind>`, the path that `kcl import -m crd` gives,
and `k8s.apimachinery.pkg.apis.meta.v1` for ObjectMeta.
""",
)
