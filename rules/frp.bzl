"""FRP configurations, judged by FRP itself."""

load("//prelude_ext:toolchain.bzl", "HERMETIC_TOOLCHAIN", "HermeticToolchainInfo")
load(":report.bzl", "TEST_ATTRS", "declare_report", "report_arguments", "report_providers")

# What a rule needs that calls `frp_verify`.
FRP_ATTRS = {
    "frpc": attrs.exec_dep(default = "//platform/frp:frpc", providers = [RunInfo], doc = "The client that verifies."),
    "frps": attrs.exec_dep(default = "//platform/frp:frps", providers = [RunInfo], doc = "The server that verifies."),
    "_toolchain": HERMETIC_TOOLCHAIN,
}

def frp_verify(ctx: AnalysisContext, command: str) -> cmd_args:
    """A command of `frp-verify`, with the programs that it runs."""
    return cmd_args(
        ctx.attrs._toolchain[HermeticToolchainInfo].frp_verify,
        command,
        "--frpc",
        ctx.attrs.frpc[RunInfo],
        "--frps",
        ctx.attrs.frps[RunInfo],
    )

def frp_verify_test_impl(ctx: AnalysisContext) -> list[Provider]:
    info = declare_report(ctx)
    ctx.actions.run(
        cmd_args(
            frp_verify(ctx, "pair"),
            cmd_args(ctx.attrs.client, format = "--client={}"),
            cmd_args(ctx.attrs.server, format = "--server={}"),
            [cmd_args("{}={}".format(client, server), format = "--map-port={}") for client, server in ctx.attrs.mapped_ports.items()],
            [cmd_args(feature, format = "--allow-unsafe={}") for feature in ctx.attrs.allow_unsafe],
            ["--templates"] if ctx.attrs.templates else [],
            report_arguments(ctx, info),
        ),
        category = "frp_verify",
    )
    return report_providers(ctx, info)

FRP_VERIFY_TEST_ATTRS = TEST_ATTRS | FRP_ATTRS | {
    "allow_unsafe": attrs.list(attrs.string(), default = [], doc = "Unsafe features that may be used: `TokenSourceExec`."),
    "client": attrs.source(doc = "The client's configuration: a `kcl_render` target, or a file in TOML, JSON or YAML."),
    "mapped_ports": attrs.dict(
        attrs.string(),
        attrs.string(),
        default = {},
        doc = "The server's port behind one that the client calls, where something between them maps it.",
    ),
    "server": attrs.source(doc = "The server's configuration, likewise."),
    "templates": attrs.bool(
        default = False,
        doc = """Whether a file is meant to be a Go template, as which FRP executes each. What both sides agree
        on is then not known, and skipped.""",
    ),
}

frp_verify_test = rule(
    impl = frp_verify_test_impl,
    attrs = FRP_VERIFY_TEST_ATTRS,
    doc = """Runs the real `frpc verify` and `frps verify`, and checks that client and server find each other.

`verify` sees one file at a time. So the test looks at what it cannot: the port that the client calls,
authentication, TLS, multiplexing, heartbeats, what proxies need of the server, ports and names that
come twice.

```python
frp_verify_test(
    name = "verify_test",
    client = ":frpc_config",
    server = ":frps_config",
    mapped_ports = {"443": "7000"},
)
```
""",
)
