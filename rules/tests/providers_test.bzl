"""What each rule family hands on, judged at analysis."""

load("//rules:providers.bzl", "CrdsInfo", "KclPackageInfo", "PythonModelsInfo", "ResourcesInfo", "TestReportInfo")
load("//rules:testing.bzl", "expect", "starlark_test")

def _output_names(target: Dependency) -> list[str]:
    return [output.basename for output in target[DefaultInfo].default_outputs]

def _judge(ctx: AnalysisContext) -> list[dict[str, str]]:
    bundle, library, models = ctx.attrs.bundle, ctx.attrs.library, ctx.attrs.models
    render, test, other_name = ctx.attrs.render, ctx.attrs.test, ctx.attrs.other_name
    parts = models[DefaultInfo].sub_targets
    return [
        expect("a bundle's output is a directory named crds", _output_names(bundle), ["crds"]),
        expect("a bundle hands on its directory", bundle[CrdsInfo].crds.basename, "crds"),
        expect("models have one part a kind", sorted(parts.keys()), ["jsonschema", "kcl", "python"]),
        expect("models are imported by their package's name", models[KclPackageInfo].name, "example_kcl"),
        expect("the part [kcl] is a KCL package", parts["kcl"][KclPackageInfo].name, "example_kcl"),
        expect("the part [python] is a Python package", parts["python"][PythonModelsInfo].models, models[PythonModelsInfo].models),
        expect("a library brings what it imports", sorted(library[KclPackageInfo].packages.keys()), ["example_kcl", "k8s", "lib"]),
        expect("models bring the package with ObjectMeta", sorted(models[KclPackageInfo].packages.keys()), ["example_kcl", "k8s"]),
        expect("a render's output is resources.yaml", _output_names(render), ["resources.yaml"]),
        expect("a render hands on its output", [render[ResourcesInfo].resources], render[DefaultInfo].default_outputs),
        expect("an alias has its target's providers", other_name[ResourcesInfo].resources, render[ResourcesInfo].resources),
        expect("a test makes nothing when it is only built", test[DefaultInfo].default_outputs, []),
        expect("a test has its report as a part", sorted(test[DefaultInfo].sub_targets.keys()), ["junit", "report"]),
        expect("a test's report is report.json", test[TestReportInfo].report.basename, "report.json"),
        expect("a test can be run", ExternalRunnerTestInfo in test, True),
        expect("a render is no test", ExternalRunnerTestInfo in render, False),
        expect("a filegroup keeps paths", _output_names(ctx.attrs.files), ["files"]),
    ]

providers_test = starlark_test(
    _judge,
    {
        "bundle": attrs.dep(doc = "A crd_bundle."),
        "files": attrs.dep(doc = "A filegroup."),
        "library": attrs.dep(doc = "A kcl_library with the models among its deps."),
        "models": attrs.dep(doc = "A crd_models."),
        "other_name": attrs.dep(doc = "An alias of the render."),
        "render": attrs.dep(doc = "A kcl_render."),
        "test": attrs.dep(doc = "A structural_test."),
    },
    "Judges the providers, parts and output names of one target of each family.",
)
