"""Tests in Python, with typed models and rendered resources."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":kcl.bzl", "source_root")
load(":providers.bzl", "PythonModelsInfo", "ResourcesInfo")
load(":report.bzl", "TEST_ATTRS", "declare_report", "report_arguments", "report_providers")

def _is_test(source: Artifact) -> bool:
    return source.basename.startswith("test_") or source.basename.endswith("_test.py")

def _pytest_impl(ctx: AnalysisContext) -> list[Provider]:
    toolchain = ctx.attrs._toolchain[HermeticToolchainInfo]
    tests = [source for source in ctx.attrs.srcs if _is_test(source)]
    if not tests:
        fail("{}: none of its srcs is named test_*.py or *_test.py".format(ctx.label))
    info = declare_report(ctx)
    models = [dep[PythonModelsInfo].models for dep in ctx.attrs.deps]
    renders = [
        cmd_args(render[ResourcesInfo].resources, format = "--resources={}=".format(name) + "{}")
        for name, render in ctx.attrs.renders.items()
    ]
    ctx.actions.run(
        cmd_args(
            toolchain.python,
            "-I",
            "-B",
            ctx.attrs._program,
            cmd_args(toolchain.python_packages, format = "--packages={}"),
            cmd_args(source_root(tests), format = "--root={}"),
            cmd_args([toolchain.pytest_plugin] + models, format = "--path={}"),
            "--",
            renders,
            [cmd_args(file, format = "--file={}=".format(name) + "{}") for name, file in ctx.attrs.files.items()],
            report_arguments(ctx, info),
            tests,
            hidden = ctx.attrs.srcs + ctx.attrs.data,
        ),
        category = "pytest",
        env = toolchain.host_env,
    )
    return report_providers(ctx, info)

pytest = rule(
    impl = _pytest_impl,
    attrs = TEST_ATTRS | {
        "data": attrs.list(attrs.source(), default = [], doc = "Other files that the tests read, where they lie."),
        "deps": attrs.list(
            attrs.dep(providers = [PythonModelsInfo]),
            default = [],
            doc = "The models that the tests import: `crd_models` targets.",
        ),
        "files": attrs.dict(
            attrs.string(),
            attrs.source(allow_directory = True),
            default = {},
            doc = "What the fixture `files` holds, by name: files and folders that targets make.",
        ),
        "renders": attrs.dict(
            attrs.string(),
            attrs.dep(providers = [ResourcesInfo]),
            default = {},
            doc = "What the fixture `resources` holds, by name.",
        ),
        "srcs": attrs.list(attrs.source(), doc = "The tests (`test_*.py`, `*_test.py`), `conftest.py` and the modules that they import."),
        "_program": attrs.source(default = "//python:run_python.py", doc = "What runs pytest."),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = """Python tests; they import pytest, pydantic, cloudcoil, httpx, yaml, their models, and nothing else.

```python
pytest(
    name = "resources_test",
    srcs = ["test_resources.py"],
    deps = ["//crds/flux:helm_models"],
    renders = {"platform": ":resources"},
)
```

The fixture `resources` gives the rendered ones as data (`resources["platform"]`,
`resources.find("platform", "HelmRelease")`) and typed (`resources.typed("platform", HelmRelease)`).
The fixture `files` gives the paths of what `files` names.
""",
)
