"""What every rule that makes models shares: the actions, and what the target offers."""

load("//prelude_ext:toolchain.bzl", "HermeticToolchainInfo")
load(":providers.bzl", "KclPackageInfo", "PythonModelsInfo")

def make_models(ctx: AnalysisContext, category: str, inputs: cmd_args, package: str, kind: str, more: list[str] = []) -> Artifact:
    """One kind of model of the inputs, flags that name the package too: one action each, so that nobody waits for a kind not asked for."""
    models = ctx.actions.declare_output(kind, package, dir = True)
    ctx.actions.run(
        cmd_args(
            ctx.attrs._toolchain[HermeticToolchainInfo].crd_models,
            inputs,
            "--" + kind,
            models.as_output(),
            more,
        ),
        category = category,
        identifier = kind,
    )
    return models

def models_providers(kcl: KclPackageInfo, python: PythonModelsInfo, jsonschema: Artifact, more: list[Provider] = []) -> list[Provider]:
    """The parts `[kcl]`, `[python]` and `[jsonschema]`, of which `more` tells of the last, and all of them at the target itself."""
    schemas = kcl.packages[kcl.name]
    return [
        DefaultInfo(
            default_outputs = [schemas, python.models, jsonschema],
            sub_targets = {
                "jsonschema": [DefaultInfo(default_output = jsonschema)] + more,
                "kcl": [DefaultInfo(default_output = schemas), kcl],
                "python": [DefaultInfo(default_output = python.models), python],
            },
        ),
        kcl,
        python,
    ] + more
