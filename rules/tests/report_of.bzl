"""What a test that should fail writes, without being a test itself."""

load("//rules:crd_compat_test.bzl", "CRD_COMPAT_TEST_ATTRS", "crd_compat_test_impl")
load("//rules:frp.bzl", "FRP_VERIFY_TEST_ATTRS", "frp_verify_test_impl")
load("//rules:resource_validate_test.bzl", "RESOURCE_VALIDATE_TEST_ATTRS", "resource_validate_test_impl")

def _crd_compat_report_impl(ctx: AnalysisContext) -> list[Provider]:
    default, report, _ = crd_compat_test_impl(ctx)
    return [default, report]

crd_compat_report = rule(
    impl = _crd_compat_report_impl,
    attrs = CRD_COMPAT_TEST_ATTRS,
    doc = "The report of a `crd_compat_test`.",
)

def _frp_verify_report_impl(ctx: AnalysisContext) -> list[Provider]:
    default, report, _ = frp_verify_test_impl(ctx)
    return [default, report]

frp_verify_report = rule(
    impl = _frp_verify_report_impl,
    attrs = FRP_VERIFY_TEST_ATTRS,
    doc = "The report of a `frp_verify_test`.",
)

def _resource_validate_report_impl(ctx: AnalysisContext) -> list[Provider]:
    default, report, _ = resource_validate_test_impl(ctx)
    return [default, report]

resource_validate_report = rule(
    impl = _resource_validate_report_impl,
    attrs = RESOURCE_VALIDATE_TEST_ATTRS,
    doc = "The report of a `resource_validate_test`.",
)
