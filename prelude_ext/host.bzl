"""The host tools that build and fetch everything else."""

HostToolsInfo = provider(
    doc = "What an action may take from the machine before any tool of ours exists.",
    fields = {
        # Python 3.11 or newer, as a command.
        "python": provider_field(RunInfo),
        # Names the versions of rustc, cc, go and python3. An action that runs one of them takes this
        # as its environment, so that another version is another action.
        "env": provider_field(dict[str, str]),
    },
)

def _host_tools_impl(ctx: AnalysisContext) -> list[Provider]:
    return [
        DefaultInfo(),
        HostToolsInfo(
            python = RunInfo(args = cmd_args(ctx.attrs.python)),
            env = {"HERMETIC_HOST": ctx.attrs.versions},
        ),
    ]

host_tools = rule(
    impl = _host_tools_impl,
    attrs = {
        "python": attrs.list(attrs.string(), doc = "The command that starts Python."),
        "versions": attrs.string(default = "", doc = "The versions of the host's tools, as one line."),
    },
    is_toolchain_rule = True,
    doc = "The tools that a build starts from. Only cargo, go, cc and Python; all else is built or fetched.",
)

# A rule asks for the host's tools through this attribute.
HOST_TOOLS = attrs.toolchain_dep(
    default = "toolchains//:host",
    providers = [HostToolsInfo],
    doc = "The host's tools.",
)
