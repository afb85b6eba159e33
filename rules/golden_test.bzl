"""Compares what a target makes with a file that a person has read."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":report.bzl", "TEST_ATTRS", "declare_report", "report_arguments", "report_providers")

def _golden_test_impl(ctx: AnalysisContext) -> list[Provider]:
    toolchain = ctx.attrs._toolchain[HermeticToolchainInfo]
    info = declare_report(ctx)
    ctx.actions.run(
        cmd_args(
            toolchain.python,
            "-I",
            "-B",
            ctx.attrs._program,
            "equal",
            cmd_args(ctx.attrs.actual, format = "--actual={}"),
            cmd_args(ctx.attrs.expected, format = "--expected={}"),
            report_arguments(ctx, info),
        ),
        category = "golden_test",
        env = toolchain.host_env,
    )
    return report_providers(ctx, info)

golden_test = rule(
    impl = _golden_test_impl,
    attrs = TEST_ATTRS | {
        "actual": attrs.source(allow_directory = True, doc = "What a target makes: one text file, or a directory with one."),
        "expected": attrs.source(doc = "The file that it must equal, line by line."),
        "_program": attrs.source(default = "//rules:one_case.py", doc = "What compares."),
        "_toolchain": HERMETIC_TOOLCHAIN,
    },
    doc = """Passes if a target's output equals a file beside the BUCK file; the report shows the lines that differ.

```python
golden_test(name = "resources_test", actual = ":resources", expected = "expected/resources.yaml")
```

To accept a change: `cp $(./buck2 build --show-simple-output :resources) expected/resources.yaml`.
""",
)
