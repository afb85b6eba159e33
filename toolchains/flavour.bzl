"""Picks the flavour of the toolchain by its name in .buckconfig."""

load("//nix:toolchain.bzl", "nix_toolchain")
load("//system:toolchain.bzl", "system_toolchain")

_FLAVOURS = {
    "nix": nix_toolchain,
    "system": system_toolchain,
}

def declare_toolchain(flavour: str) -> None:
    """Declares `:hermetic` and what it is made of, from one flavour."""
    if flavour not in _FLAVOURS:
        fail("[hermetic] toolchain = {} in .buckconfig: there is only {}".format(flavour, " and ".join(_FLAVOURS.keys())))
    _FLAVOURS[flavour]()
