from flux_helm_kcl.io.fluxcd.toolkit.helm.v2 import HelmRelease


def test_a_rendered_release_is_a_release(resources):
    (release,) = resources.typed("service", HelmRelease)
    assert release.metadata.name == "second"
