"""One module's pin is taken out of many, or the file that lacks it is named."""

from __future__ import annotations

from pathlib import Path

import go_pin
import pytest

MOD = """module example.org/pins

go 1.26

require example.org/single v0.0.1

require (
\texample.org/module v1.2.3 // indirect
\texample.org/module/v2 v2.0.0
\texample.org/unsummed v1.0.0
\texample.org/replaced v1.0.0
)

replace example.org/replaced => ../replaced
"""
SUM = """example.org/module v1.2.3 h1:A=
example.org/module v1.2.3/go.mod h1:B=
example.org/module/v2 v2.0.0 h1:C=
example.org/single v0.0.1 h1:D=
example.org/unsummed v1.0.0/go.mod h1:E=
"""


@pytest.fixture
def pins(tmp_path: Path) -> tuple[Path, Path]:
    mod, sums = tmp_path / "go.mod", tmp_path / "go.sum"
    mod.write_text(MOD)
    sums.write_text(SUM)
    return mod, sums


@pytest.mark.parametrize(
    ("module", "version", "sums"),
    [
        ("example.org/module", "v1.2.3", "example.org/module v1.2.3 h1:A=\nexample.org/module v1.2.3/go.mod h1:B=\n"),
        ("example.org/module/v2", "v2.0.0", "example.org/module/v2 v2.0.0 h1:C=\n"),
        ("example.org/single", "v0.0.1", "example.org/single v0.0.1 h1:D=\n"),
    ],
)
def test_a_pin_holds_one_module(pins: tuple[Path, Path], module: str, version: str, sums: str) -> None:
    assert go_pin.pin(module, *pins) == (f"module pin\n\ngo 1.26\n\nrequire {module} {version}\n", sums)


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("example.org/absent", r"go\.mod: no line requires example\.org/absent"),
        ("example.org/unsummed", r"go\.sum: no line holds the hash of example\.org/unsummed v1\.0\.0(.|\n)*go mod download"),
        ("example.org/replaced", r"go\.mod: example\.org/replaced is replaced"),
    ],
)
def test_a_missing_pin_names_its_file(pins: tuple[Path, Path], module: str, message: str) -> None:
    with pytest.raises(go_pin.Failure, match=message):
        go_pin.pin(module, *pins)
