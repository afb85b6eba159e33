"""Tests of rules: their assertions run while the graph is analyzed, and are reported like any test."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN")
load(":providers.bzl", "TestReportInfo")
load(":report.bzl", "TEST_ATTRS", "report_providers")

def expect(name: str, actual: typing.Any, expected: typing.Any) -> dict[str, str]:
    """A case that passes if both values are equal."""
    if actual == expected:
        return {"name": name, "status": "passed"}
    return {"message": "expected {}, is {}".format(repr(expected), repr(actual)), "name": name, "status": "failed"}

def starlark_test(judge: typing.Callable, attributes: dict, doc: str):
    """A test rule whose cases are what `judge(ctx)` returns: a list of `expect(…)`."""

    def impl(ctx: AnalysisContext) -> list[Provider]:
        return _report(ctx, judge(ctx))

    return rule(impl = impl, attrs = TEST_ATTRS | attributes | {"_toolchain": HERMETIC_TOOLCHAIN}, doc = doc)

def _report(ctx: AnalysisContext, cases: list[dict[str, str]]) -> list[Provider]:
    suite = "{}:{}".format(ctx.label.package, ctx.label.name)
    report = {"cases": cases, "schema": "hermetic.dev/test-report/v1", "suite": suite}
    info = TestReportInfo(
        junit = ctx.actions.write("junit.xml", _junit(suite, cases)),
        report = ctx.actions.write_json("report.json", report, pretty = True),
    )
    return report_providers(ctx, info)

def _junit(suite: str, cases: list[dict[str, str]]) -> str:
    failed = len([case for case in cases if case["status"] == "failed"])
    head = "<testsuite name={} tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\">".format(_quoted(suite), len(cases), failed)
    lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites>", "  " + head]
    lines += ["    " + _junit_case(suite, case) for case in cases]
    return "\n".join(lines + ["  </testsuite>", "</testsuites>", ""])

def _junit_case(suite: str, case: dict[str, str]) -> str:
    head = "<testcase classname={} name={}".format(_quoted(suite), _quoted(case["name"]))
    if case["status"] == "passed":
        return head + "/>"
    return "{}><failure message={}/></testcase>".format(head, _quoted(case["message"]))

def _quoted(text: str) -> str:
    for character, entity in [("&", "&amp;"), ("<", "&lt;"), ("\"", "&quot;"), ("\n", "&#10;")]:
        text = text.replace(character, entity)
    return "\"{}\"".format(text)
