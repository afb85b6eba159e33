"""What a test that should fail writes, without being a test itself."""

load("//rules:crd_compat_test.bzl", "CRD_COMPAT_TEST_ATTRS", "crd_compat_test_impl")
load("//rules:frp.bzl", "FRP_VERIFY_TEST_ATTRS", "frp_verify_test_impl")
load("//rules:resource_validate_test.bzl", "RESOURCE_VALIDATE_TEST_ATTRS", "resource_validate_test_impl")

def _report_of(test_impl: typing.Callable[[AnalysisContext], list[Provider]]) -> typing.Callable[[AnalysisContext], list[Provider]]:
    """The test's implementation without what makes it a test."""

    def impl(ctx: AnalysisContext) -> list[Provider]:
        default, report, _ = test_impl(ctx)
        return [default, report]

    return impl

crd_compat_report = rule(
    impl = _report_of(crd_compat_test_impl),
    attrs = CRD_COMPAT_TEST_ATTRS,
    doc = "The report of a `crd_compat_test`.",
)

frp_verify_report = rule(
    impl = _report_of(frp_verify_test_impl),
    attrs = FRP_VERIFY_TEST_ATTRS,
    doc = "The report of a `frp_verify_test`.",
)

resource_validate_report = rule(
    impl = _report_of(resource_validate_test_impl),
    attrs = RESOURCE_VALIDATE_TEST_ATTRS,
    doc = "The report of a `resource_validate_test`.",
)
