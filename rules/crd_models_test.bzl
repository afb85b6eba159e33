"""Whether models take what the API server takes."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":providers.bzl", "CrdsInfo", "JsonSchemasInfo", "KclPackageInfo", "PythonModelsInfo")
load(":report.bzl", "TEST_ATTRS", "declare_report", "report_arguments", "report_providers")

# What no JSON Schema says, or no reader of one asks.
_BEYOND_JSON_SCHEMA = [
    "format",
    "metadata",
    "scale",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-list-type",
    "x-kubernetes-validations",
]

def _samples(ctx: AnalysisContext) -> Artifact:
    samples = ctx.actions.declare_output("samples.jsonl")
    ctx.actions.run(
        cmd_args(
            ctx.attrs._toolchain[HermeticToolchainInfo].kube_samples,
            cmd_args(ctx.attrs.models[CrdsInfo].crds, format = "--crds={}"),
            cmd_args(str(ctx.attrs.samples), format = "--max={}"),
            "--quiet",
            cmd_args(samples.as_output(), format = "--out={}"),
        ),
        category = "kube_samples",
    )
    return samples

def _judged_by_kcl(ctx: AnalysisContext, samples: Artifact) -> Artifact:
    toolchain = ctx.attrs._toolchain[HermeticToolchainInfo]
    kcl = ctx.attrs.models[KclPackageInfo]
    verdicts = ctx.actions.declare_output("kcl.jsonl")
    ctx.actions.run(
        cmd_args(
            toolchain.model_check,
            "kcl",
            cmd_args(samples, format = "--samples={}"),
            [cmd_args(root, format = "--package={}=".format(name) + "{}") for name, root in kcl.packages.items()],
            cmd_args(kcl.name, format = "--models={}"),
            cmd_args(toolchain.libkcl, format = "--libkcl={}"),
            cmd_args(verdicts.as_output(), format = "--out={}"),
        ),
        category = "model_check",
        identifier = "kcl",
    )
    return verdicts

def _judged_by_python(ctx: AnalysisContext, samples: Artifact) -> Artifact:
    toolchain = ctx.attrs._toolchain[HermeticToolchainInfo]
    python = ctx.attrs.models[PythonModelsInfo]
    verdicts = ctx.actions.declare_output("python.jsonl")
    ctx.actions.run(
        cmd_args(
            toolchain.python,
            "-I",
            "-B",
            ctx.attrs._run_python,
            cmd_args(toolchain.python_packages, format = "--packages={}"),
            cmd_args(python.models, format = "--path={}"),
            cmd_args(ctx.attrs._check_models, format = "--script={}"),
            "--",
            cmd_args(python.package, format = "--package={}"),
            cmd_args(samples, format = "--samples={}"),
            cmd_args(verdicts.as_output(), format = "--out={}"),
        ),
        category = "model_check",
        env = toolchain.host_env,
        identifier = "python",
    )
    return verdicts

def _judged_by_json_schema(ctx: AnalysisContext, samples: Artifact) -> Artifact:
    verdicts = ctx.actions.declare_output("jsonschema.jsonl")
    ctx.actions.run(
        cmd_args(
            ctx.attrs._toolchain[HermeticToolchainInfo].model_check,
            "jsonschema",
            cmd_args(samples, format = "--samples={}"),
            cmd_args(ctx.attrs.models[JsonSchemasInfo].schemas, format = "--models={}"),
            cmd_args(verdicts.as_output(), format = "--out={}"),
        ),
        category = "model_check",
        identifier = "jsonschema",
    )
    return verdicts

def _crd_models_test_impl(ctx: AnalysisContext) -> list[Provider]:
    info = declare_report(ctx)
    samples = _samples(ctx)
    kcl = ctx.attrs.models[KclPackageInfo]
    python = ctx.attrs.models[PythonModelsInfo]
    left = _BEYOND_JSON_SCHEMA + ctx.attrs.beyond_json_schema
    ctx.actions.run(
        cmd_args(
            ctx.attrs._toolchain[HermeticToolchainInfo].model_check,
            "report",
            cmd_args(samples, format = "--samples={}"),
            cmd_args(_judged_by_kcl(ctx, samples), format = "--verdicts=KCL={}"),
            cmd_args(kcl.packages[kcl.name], format = "--gaps=KCL={}/report.json"),
            cmd_args(_judged_by_python(ctx, samples), format = "--verdicts=Python={}"),
            cmd_args(python.models, format = "--gaps=Python={}/" + python.package.replace(".", "/") + "/_report.json"),
            cmd_args(_judged_by_json_schema(ctx, samples), format = "--verdicts=JSON Schema={}"),
            [cmd_args(constraint, format = "--leaves=JSON Schema={}") for constraint in left],
            report_arguments(ctx, info),
        ),
        category = "crd_models_test",
    )
    return report_providers(ctx, info)

crd_models_test = rule(
    impl = _crd_models_test_impl,
    attrs = TEST_ATTRS | {
        "beyond_json_schema": attrs.list(
            attrs.string(),
            default = [],
            doc = """What the JSON Schemas leave to the API server beside what no JSON Schema says: a keyword, or
            one place of it as in `pattern at spec.name`.""",
        ),
        "models": attrs.dep(
            providers = [CrdsInfo, JsonSchemasInfo, KclPackageInfo, PythonModelsInfo],
            doc = "The `crd_models` to judge.",
        ),
        "samples": attrs.int(default = 40, doc = "The most samples of a kind at a version; at least 20 are made where a schema allows them."),
        "_check_models": attrs.source(default = "//python:check_models.py", doc = "What asks Python models."),
        "_run_python": attrs.source(default = "//python:run_python.py", doc = "What runs Python on declared inputs."),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = """Judges models by sample resources of each kind, one case a kind and language.

The samples are made of the CRDs: valid ones, and ones that break one constraint, as the API server sees
it. A valid sample must be taken, by Python models without a change; a broken one must be refused, unless
the models' report says that they leave this constraint to the API server. The counts are in the report.

KCL tells 1 from 1.0, so a whole float that stands for an integer reaches it as one; and what begins with
`_` is never part of what KCL writes.

```python
crd_models_test(
    name = "models_test",
    models = ":models",
)
```
""",
)
