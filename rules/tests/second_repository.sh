#!/usr/bin/env bash
# Mounts this repository as a cell of another one, and builds and tests there with its rules.
set -euo pipefail

here=$(git rev-parse --show-toplevel)
second=$(mktemp -d)
cleanup() {
    # Real Buck2 leaves a daemon behind; the embedded engine has none.
    third_party/hermetic/buck2 kill >/dev/null 2>&1 || true
    chmod -R u+w "$second" 2>/dev/null
    rm -rf "$second"
}
trap cleanup EXIT
mkdir -p "$second/third_party" "$second/service"
git clone --quiet "$here" "$second/third_party/hermetic"
cd "$second"
touch .buckroot

cat >.buckconfig <<'END'
[cells]
  second = .
  hermetic = third_party/hermetic
  toolchains = third_party/hermetic/toolchains

[parser]
  target_platform_detector_spec = target:second//...->hermetic//prelude_ext:default \
    target:hermetic//...->hermetic//prelude_ext:default \
    target:toolchains//...->hermetic//prelude_ext:default

[build]
  execution_platforms = hermetic//prelude_ext:execution
END

cat >service/BUCK <<'END'
load("@hermetic//rules:defs.bzl", "golden_test", "kcl_library", "kcl_render", "pytest", "structural_test")

kcl_library(
    name = "names",
    srcs = ["names.k"],
)

kcl_render(
    name = "resources",
    srcs = ["main.k"],
    deps = [
        ":names",
        "hermetic//crds/flux:helm_models",
    ],
)

golden_test(
    name = "resources_test",
    actual = ":resources",
    expected = "resources.yaml",
)

pytest(
    name = "models_test",
    srcs = ["test_models.py"],
    deps = ["hermetic//crds/flux:helm_models"],
    renders = {"service": ":resources"},
)
END

echo 'service = "second"' >service/names.k

cat >service/main.k <<'END'
import flux_helm_kcl.models.v2.helm_toolkit_fluxcd_io_v2_helm_release as helm
import names.names

items = [helm.HelmRelease {
    metadata.name = names.service
    spec.interval = "5m"
    spec.chartRef = {kind = "OCIRepository", name = "chart"}
}]
END

cat >service/resources.yaml <<'END'
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: second
spec:
  chartRef:
    kind: OCIRepository
    name: chart
  interval: 5m
END

cat >service/test_models.py <<'END'
from flux_helm_kcl.io.fluxcd.toolkit.helm.v2 import HelmRelease


def test_a_rendered_release_is_a_release(resources):
    (release,) = resources.typed("service", HelmRelease)
    assert release.metadata.name == "second"
END

third_party/hermetic/buck2 build //...
third_party/hermetic/buck2 test //...
