"""What each rule family hands on, judged at analysis."""

load("//rules:providers.bzl", "CompositionInfo", "CrdsInfo", "JsonSchemaInfo", "KclPackageInfo", "PythonModelsInfo", "ResourcesInfo", "TestReportInfo")
load("//rules:testing.bzl", "expect", "starlark_test")

def _output_names(target: Dependency) -> list[str]:
    return [output.basename for output in target[DefaultInfo].default_outputs]

def _judge(ctx: AnalysisContext) -> list[dict[str, str]]:
    bundle, library, models = ctx.attrs.bundle, ctx.attrs.library, ctx.attrs.models
    render, test, other_name = ctx.attrs.render, ctx.attrs.test, ctx.attrs.other_name
    composition, reconcile = ctx.attrs.composition, ctx.attrs.reconcile
    config = ctx.attrs.config
    parts = models[DefaultInfo].sub_targets
    reconcile_parts = reconcile[DefaultInfo].sub_targets
    return [
        expect("a bundle's output is a directory named crds", _output_names(bundle), ["crds"]),
        expect("a bundle hands on its directory", bundle[CrdsInfo].crds.basename, "crds"),
        expect("models have one part a kind", sorted(parts.keys()), ["jsonschema", "kcl", "python"]),
        expect("models are imported by their package's name", models[KclPackageInfo].name, "example_kcl"),
        expect("the part [kcl] is a KCL package", parts["kcl"][KclPackageInfo].name, "example_kcl"),
        expect("the part [python] is a Python package", parts["python"][PythonModelsInfo].models, models[PythonModelsInfo].models),
        expect("a library brings what it imports", sorted(library[KclPackageInfo].packages.keys()), ["example_kcl", "k8s", "lib"]),
        expect("models bring the package with ObjectMeta", sorted(models[KclPackageInfo].packages.keys()), ["example_kcl", "k8s"]),
        expect("models of types have the same parts", sorted(config[DefaultInfo].sub_targets.keys()), ["jsonschema", "kcl", "python"]),
        expect("models of types bring the package that they refer to", sorted(config[KclPackageInfo].packages.keys()), ["config_kcl", "k8s"]),
        expect("models of types may have another name in Python", config[PythonModelsInfo].models.basename, "config_models"),
        expect("a render's output is resources.yaml", _output_names(render), ["resources.yaml"]),
        expect("a render's part [json] is resources.json", render[DefaultInfo].sub_targets["json"][ResourcesInfo].resources.basename, "resources.json"),
        expect("a render hands on its output", [render[ResourcesInfo].resources], render[DefaultInfo].default_outputs),
        expect("a composition's output is composition.yaml", _output_names(composition), ["composition.yaml"]),
        expect("a composition names its steps in order", composition[CompositionInfo].steps, ["first", "second"]),
        expect("a composition brings what its steps import", sorted(composition[CompositionInfo].packages.keys()), ["example_kcl", "k8s", "lib"]),
        expect("the part [xrd] is the XRD", composition[DefaultInfo].sub_targets["xrd"][DefaultInfo].default_outputs, [composition[CompositionInfo].xrd]),
        expect("a reconcile has a part for what is observed and for each step", sorted(reconcile_parts.keys()), ["first", "observed", "second"]),
        expect("a step's part is named after it", reconcile_parts["first"][ResourcesInfo].resources.basename, "first.yaml"),
        expect("a reconcile hands on its output", [reconcile[ResourcesInfo].resources], reconcile[DefaultInfo].default_outputs),
        expect("an alias has its target's providers", other_name[ResourcesInfo].resources, render[ResourcesInfo].resources),
        expect("a test makes nothing when it is only built", test[DefaultInfo].default_outputs, []),
        expect("a test has its report as a part", sorted(test[DefaultInfo].sub_targets.keys()), ["junit", "report"]),
        expect("a test's report is report.json", test[TestReportInfo].report.basename, "report.json"),
        expect("a test can be run", ExternalRunnerTestInfo in test, True),
        expect("a render is no test", ExternalRunnerTestInfo in render, False),
        expect("types are one file named after their target", _output_names(ctx.attrs.types), ["types.json"]),
        expect("types hand on their document", [ctx.attrs.types[JsonSchemaInfo].document], ctx.attrs.types[DefaultInfo].default_outputs),
        expect("a filegroup keeps paths", _output_names(ctx.attrs.files), ["files"]),
    ]

providers_test = starlark_test(
    _judge,
    {
        "bundle": attrs.dep(doc = "A crd_bundle."),
        "composition": attrs.dep(doc = "A composition of two steps with the library among its deps."),
        "config": attrs.dep(doc = "A type_models with the one of Kubernetes' own types."),
        "files": attrs.dep(doc = "A filegroup."),
        "library": attrs.dep(doc = "A kcl_library with the models among its deps."),
        "models": attrs.dep(doc = "A crd_models."),
        "other_name": attrs.dep(doc = "An alias of the render."),
        "reconcile": attrs.dep(doc = "A composition_render of the composition."),
        "render": attrs.dep(doc = "A kcl_render."),
        "test": attrs.dep(doc = "A structural_test."),
        "types": attrs.dep(doc = "A go_types."),
    },
    "Judges the providers, parts and output names of one target of each family.",
)
