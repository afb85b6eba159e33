"""Recorded configurations of FRP, each with its verdicts."""

load("//prelude_ext:toolchain.bzl", "HermeticToolchainInfo")
load("//rules:frp.bzl", "FRP_ATTRS", "frp_verify")
load("//rules:kcl.bzl", "kcl_package_arguments")
load("//rules:providers.bzl", "JsonSchemaInfo", "KclPackageInfo")
load("//rules:report.bzl", "TEST_ATTRS", "declare_report", "report_arguments", "report_providers")

_PACKAGE = "com.github.fatedier.frp.pkg.config.v1."

def _frp_cases_test_impl(ctx: AnalysisContext) -> list[Provider]:
    info = declare_report(ctx)
    schemas = ctx.attrs.schemas[KclPackageInfo]
    ctx.actions.run(
        cmd_args(
            frp_verify(ctx, "cases"),
            cmd_args(ctx.attrs.types[JsonSchemaInfo].document, format = "--types={}"),
            cmd_args(_PACKAGE + "ClientConfig", format = "--client-type={}"),
            cmd_args(_PACKAGE + "ServerConfig", format = "--server-type={}"),
            cmd_args(ctx.attrs._toolchain[HermeticToolchainInfo].libkcl, format = "--libkcl={}"),
            kcl_package_arguments(schemas.packages),
            cmd_args(schemas.name + ".v1.ClientConfig", format = "--client-schema={}"),
            cmd_args(schemas.name + ".v1.ServerConfig", format = "--server-schema={}"),
            ctx.attrs.srcs,
            report_arguments(ctx, info),
        ),
        category = "frp_cases",
    )
    return report_providers(ctx, info)

frp_cases_test = rule(
    impl = _frp_cases_test_impl,
    attrs = TEST_ATTRS | FRP_ATTRS | {
        "schemas": attrs.dep(providers = [KclPackageInfo], doc = "The KCL models of FRP's types."),
        "srcs": attrs.list(attrs.source(), doc = "Files of cases; `frp-verify`'s module `cases` says what they hold."),
        "types": attrs.dep(providers = [JsonSchemaInfo], doc = "FRP's types."),
    },
    doc = "Judges recorded configurations by the real `verify`, by the types and by their KCL models: each says what is recorded.",
)
