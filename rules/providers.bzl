"""What the rules hand to each other."""

CompositionInfo = provider(
    doc = "A Composition and what it needs to be rendered.",
    fields = {
        # The Composition, one YAML document.
        "composition": provider_field(Artifact),
        # The root directory of each KCL package that the steps import, by its name.
        "packages": provider_field(dict[str, Artifact]),
        # Names of the steps that run KCL, in order.
        "steps": provider_field(list[str]),
        # The XRD, one YAML document.
        "xrd": provider_field(Artifact),
    },
)

CompositionRenderInfo = provider(
    doc = "One reconcile, for `composition-render`.",
    fields = {
        # Files and flags that say what is reconciled.
        "arguments": provider_field(cmd_args),
    },
)

CrdsInfo = provider(
    doc = "A set of CustomResourceDefinitions.",
    fields = {
        # A directory of YAML files.
        "crds": provider_field(Artifact),
    },
)

JsonSchemaInfo = provider(
    doc = "Types, in one JSON Schema document.",
    fields = {
        # Each type is in its `$defs`, under its full name.
        "document": provider_field(Artifact),
    },
)

JsonSchemasInfo = provider(
    doc = "JSON Schemas of Kubernetes kinds.",
    fields = {
        # A directory with a file a kind and version: <group>/<kind>_<version>.json.
        "schemas": provider_field(Artifact),
    },
)

KclPackageInfo = provider(
    doc = "A KCL package and all that it imports.",
    fields = {
        # The name it is imported by.
        "name": provider_field(str),
        # The root directory of each package by its name: its own and those it needs.
        "packages": provider_field(dict[str, Artifact]),
    },
)

PythonModelsInfo = provider(
    doc = "Typed Python models of Kubernetes kinds.",
    fields = {
        # A directory for PYTHONPATH.
        "models": provider_field(Artifact),
        # What to import, with dots.
        "package": provider_field(str),
    },
)

ResourcesInfo = provider(
    doc = "A rendered set of Kubernetes resources.",
    fields = {
        # A YAML stream with one document a resource.
        "resources": provider_field(Artifact),
    },
)

TestReportInfo = provider(
    doc = "The verdicts of a test, as an action wrote them.",
    fields = {
        "junit": provider_field(Artifact),
        "report": provider_field(Artifact),
    },
)
