"""The three rules that every BUCK file may expect: alias, export_file, filegroup."""

def _alias_impl(ctx: AnalysisContext) -> list[Provider]:
    return ctx.attrs.actual.providers

alias = rule(
    impl = _alias_impl,
    attrs = {"actual": attrs.dep(doc = "The target that this one stands for.")},
    doc = "Another name for a target, with all of its providers.",
)

def _export_file_impl(ctx: AnalysisContext) -> list[Provider]:
    return [DefaultInfo(default_output = ctx.attrs.src)]

_export_file = rule(
    impl = _export_file_impl,
    attrs = {"src": attrs.source(doc = "The file.")},
    doc = "A source file as a target, so that other packages can name it.",
)

def export_file(name: str, src: str | None = None, **kwargs) -> None:
    """A source file as a target; `src` is `name` unless given."""
    _export_file(name = name, src = src or name, **kwargs)

def _filegroup_impl(ctx: AnalysisContext) -> list[Provider]:
    files = {source.short_path: source for source in ctx.attrs.srcs}
    if len(files) != len(ctx.attrs.srcs):
        fail("{}: two of its srcs have the same path".format(ctx.label))
    return [DefaultInfo(default_output = ctx.actions.copied_dir(ctx.label.name, files))]

filegroup = rule(
    impl = _filegroup_impl,
    attrs = {"srcs": attrs.list(attrs.source(), doc = "The files; each keeps its path below its package.")},
    doc = "Files as one directory.",
)
