"""The nix flavour: the same tools from the flake."""

def nix_toolchain() -> None:
    """Every toolchain target, from Nix."""
    fail("[hermetic] toolchain = nix in .buckconfig: this flavour is not there yet; say toolchain = system")
