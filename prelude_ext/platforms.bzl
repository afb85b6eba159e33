"""The platforms that targets are configured for and that actions run on."""

def _target_platform_impl(ctx: AnalysisContext) -> list[Provider]:
    return [
        DefaultInfo(),
        PlatformInfo(
            label = str(ctx.label.raw_target()),
            configuration = ConfigurationInfo(constraints = {}, values = {}),
        ),
    ]

target_platform = rule(
    impl = _target_platform_impl,
    attrs = {},
    is_configuration_rule = True,
    doc = "The one target platform. It has no constraints: what we build is the same on every machine.",
)

def _execution_platforms_impl(ctx: AnalysisContext) -> list[Provider]:
    cache, execution = ctx.attrs.remote_cache, ctx.attrs.remote_execution
    platform = ExecutionPlatformInfo(
        label = ctx.attrs.platform.label.raw_target(),
        configuration = ctx.attrs.platform[PlatformInfo].configuration,
        executor_config = CommandExecutorConfig(
            local_enabled = True,
            remote_enabled = execution,
            remote_cache_enabled = cache or execution,
            allow_cache_uploads = cache,
            use_limited_hybrid = execution,
            remote_execution_properties = {"OSFamily": "Linux"},
            remote_execution_use_case = "buck2-default",
            remote_output_paths = "output_paths",
        ),
    )
    return [DefaultInfo(), ExecutionPlatformRegistrationInfo(platforms = [platform])]

_execution_platforms = rule(
    impl = _execution_platforms_impl,
    attrs = {
        "platform": attrs.dep(
            providers = [PlatformInfo],
            doc = "The target platform, whose label and configuration the execution platform takes over.",
        ),
        "remote_cache": attrs.bool(doc = "Whether results are shared through the remote cache."),
        "remote_execution": attrs.bool(doc = "Whether actions may also run remotely."),
    },
    is_configuration_rule = True,
    doc = """Where actions run: on this machine.

It has the target platform's own label and configuration, so that a tool is configured and built once.
`[hermetic] remote_cache = true` shares results through the server in `[buck2_re_client]`;
`[hermetic] remote_execution = true` also runs actions there.
""",
)

def _setting(name: str) -> bool:
    value = read_root_config("hermetic", name, "false")
    if value not in ["true", "false"]:
        fail("[hermetic] {} = {} in .buckconfig: say true or false".format(name, value))
    return value == "true"

def execution_platforms(name: str, platform: str) -> None:
    """The execution platforms, as .buckconfig widens them."""
    _execution_platforms(
        name = name,
        platform = platform,
        remote_cache = _setting("remote_cache"),
        remote_execution = _setting("remote_execution"),
    )
