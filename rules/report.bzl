"""How every test rule reports: an action writes the verdicts, the test command shows them.

So a test reruns only when one of its inputs changed, on every engine.
"""

load("//prelude_ext:toolchain.bzl", "HermeticToolchainInfo")
load(":providers.bzl", "TestReportInfo")

# The attributes that every test rule has.
TEST_ATTRS = {
    "labels": attrs.list(attrs.string(), default = [], doc = "Labels to include or exclude tests by."),
}

def declare_report(ctx: AnalysisContext) -> TestReportInfo:
    """The two files that the action of a test writes."""
    return TestReportInfo(
        junit = ctx.actions.declare_output("junit.xml"),
        report = ctx.actions.declare_output("report.json"),
    )

def report_arguments(ctx: AnalysisContext, info: TestReportInfo) -> cmd_args:
    """The flags by which each of our testing tools is told its suite's name and where to report."""
    return cmd_args(
        "--suite",
        "{}:{}".format(ctx.label.package, ctx.label.name),
        "--report",
        info.report.as_output(),
        "--junit",
        info.junit.as_output(),
    )

def report_providers(ctx: AnalysisContext, info: TestReportInfo) -> list[Provider]:
    """What a test rule returns: `[report]` and `[junit]`, and the command that shows the verdict.

    No RunInfo: `build` would make what it needs, and so run the test.
    """
    show = cmd_args(ctx.attrs._toolchain[HermeticToolchainInfo].test_report, "show", info.report)
    return [
        DefaultInfo(
            sub_targets = {
                "junit": [DefaultInfo(default_output = info.junit)],
                "report": [DefaultInfo(default_output = info.report, other_outputs = [info.junit])],
            },
        ),
        info,
        ExternalRunnerTestInfo(
            type = "report",
            command = [show],
            labels = ctx.attrs.labels,
            run_from_project_root = True,
            use_project_relative_paths = True,
        ),
    ]
