"""The system flavour: the machine's rustc, cc, go and python3, everything else pinned and fetched."""

load("@hermetic//prelude_ext:host.bzl", "host_tools")
load("@hermetic//prelude_ext:libkcl.bzl", "fetch_libkcl")
load("@hermetic//prelude_ext:python_packages.bzl", "fetch_python_packages")
load("@hermetic//prelude_ext:toolchain.bzl", "hermetic_toolchain")

_TOOLS = "hermetic//tools:"

def system_toolchain() -> None:
    """Every toolchain target, from the system."""
    host_tools(
        name = "host",
        python = ["python3"],
        versions = read_root_config("hermetic", "host", ""),
    )
    fetch_libkcl(
        name = "libkcl",
        pins = "pins/kcl-lib.txt",
        wheel_fetch = _TOOLS + "wheel-fetch",
    )
    fetch_python_packages(
        name = "python_packages",
        pins = "pins/requirements.txt",
    )
    hermetic_toolchain(
        name = "hermetic",
        composition_render = _TOOLS + "composition-render",
        crd_models = _TOOLS + "crd-models",
        frp_verify = _TOOLS + "frp-verify",
        go_schema = _TOOLS + "go-schema",
        host = ":host",
        kcl_lint = _TOOLS + "kcl-lint",
        kcl_render = _TOOLS + "kcl-render",
        kcl_test = _TOOLS + "kcl-test",
        kube_samples = _TOOLS + "kube-samples",
        libkcl = ":libkcl",
        model_check = _TOOLS + "model-check",
        module_fetch = _TOOLS + "module-fetch",
        pytest_plugin = "hermetic//python:plugin",
        python_packages = ":python_packages",
        structural_test = _TOOLS + "structural-test",
        test_report = _TOOLS + "test-report",
    )
