"""CRDs: where they come from, and the models made of them."""

load("//prelude_ext:fetch.bzl", "FETCH_ATTRS", "fetch")
load("//prelude_ext:go_module.bzl", "GO_MODULE_ATTRS", "module_folder")
load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN")
load(":models.bzl", "make_models", "models_providers")
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

def _crd_models_impl(ctx: AnalysisContext) -> list[Provider]:
    package = ctx.attrs.package or ctx.label.name
    k8s = ctx.attrs.k8s[KclPackageInfo]
    crds = cmd_args(cmd_args(ctx.attrs.crds[CrdsInfo].crds, format = "--crds={}"), "--package=" + package)
    schemas = make_models(ctx, "crd_models", crds, package, "kcl", ["--kcl-k8s-package=" + k8s.name])
    jsonschema = make_models(ctx, "crd_models", crds, package, "jsonschema")
    return models_providers(
        KclPackageInfo(name = package, packages = k8s.packages | {package: schemas}),
        PythonModelsInfo(models = make_models(ctx, "crd_models", crds, package, "python"), package = package),
        jsonschema,
        [JsonSchemasInfo(schemas = jsonschema)],
    ) + [ctx.attrs.crds[CrdsInfo]]

crd_models = rule(
    impl = _crd_models_impl,
    attrs = {
        "crds": attrs.dep(providers = [CrdsInfo], doc = "The `crd_bundle` to make models of."),
        "k8s": attrs.dep(
            providers = [KclPackageInfo],
            default = "//crds/k8s:k8s",
            doc = "The `type_models` target that has ObjectMeta.",
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
