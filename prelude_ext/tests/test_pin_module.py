"""A pin is bumped with its hashes and nothing else, or not at all; the module proxy is one of our own."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pin_module
import pytest

DOOR, OTHER = "example.org/door/v2", "example.org/door-frame"
MOD = f"""// Pins, with a comment that stays.
module example.org/pins

go 1.26

require (
\t{OTHER} v0.1.0 // kept
\t{DOOR}   v2.0.0 // old, but good
)
"""
SUM = f"""{OTHER} v0.1.0 h1:frame=
{OTHER} v0.1.0/go.mod h1:frame-mod=
{DOOR} v2.0.0 h1:old=
{DOOR} v2.0.0/go.mod h1:old-mod=
example.org/window v1.0.0 h1:window="""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def h1(files: dict[str, bytes]) -> str:
    """golang.org/x/mod/sumdb/dirhash.Hash1."""
    lines = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    return "h1:" + base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()


def publish(folder: Path, module: str, version: str) -> list[str]:
    """Lays a release out as a proxy serves it (go.dev/ref/mod#goproxy-protocol); gives its lines of go.sum."""
    go_mod = f"module {module}\n".encode()
    files = {f"{module}@{version}/go.mod": go_mod, f"{module}@{version}/door.yaml": f"version: {version}\n".encode()}
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    versions = folder / module / "@v"
    versions.mkdir(parents=True, exist_ok=True)
    (versions / f"{version}.info").write_text(f'{{"Version": "{version}", "Time": "2026-01-01T00:00:00Z"}}')
    (versions / f"{version}.mod").write_bytes(go_mod)
    (versions / f"{version}.zip").write_bytes(data.getvalue())
    with (versions / "list").open("a") as listed:
        listed.write(version + "\n")
    return [f"{module} {version} {h1(files)}\n", f"{module} {version}/go.mod {h1({'go.mod': go_mod})}\n"]


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The lines of DOOR v2.1.0, which a proxy on the loopback serves."""
    folder = tmp_path / "proxy"
    publish(folder, DOOR, "v2.0.0")
    lines = publish(folder, DOOR, "v2.1.0")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    variables = {
        "GOPROXY": f"http://127.0.0.1:{server.server_port}",
        "GOSUMDB": "off",
        "GOENV": "off",
        "GOMODCACHE": str(tmp_path / "modules"),
        "GOCACHE": str(tmp_path / "build"),
        "GOPATH": str(tmp_path / "path"),
        "NO_PROXY": "127.0.0.1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    yield lines
    server.shutdown()
    subprocess.run(["chmod", "-R", "u+w", str(tmp_path / "modules")], check=False, capture_output=True)


@pytest.fixture
def pins(tmp_path: Path) -> pin_module.Pins:
    (tmp_path / "go.mod").write_text(MOD)
    (tmp_path / "go.sum").write_text(SUM)
    return pin_module.Pins(tmp_path / "go.mod", tmp_path / "go.sum")


def texts(pins: pin_module.Pins) -> tuple[str, str]:
    return pins.mod.read_text(), pins.sum.read_text()


def test_a_bump_changes_the_version_and_its_hashes_and_nothing_else(lines: list[str], pins: pin_module.Pins) -> None:
    said = pin_module.bump(f"{DOOR}@v2.1.0", [pins])
    assert said.splitlines() == [f"go.mod: {DOOR} v2.0.0 -> v2.1.0"] + [f"go.sum: {line.strip()}" for line in lines]
    expected = SUM.replace(f"{DOOR} v2.0.0 h1:old=\n", lines[0]).replace(f"{DOOR} v2.0.0/go.mod h1:old-mod=\n", lines[1])
    assert texts(pins) == (MOD.replace("v2.0.0", "v2.1.0"), expected)


def test_a_bump_to_what_is_pinned_asks_nobody(lines: list[str], pins: pin_module.Pins, monkeypatch: pytest.MonkeyPatch) -> None:
    pin_module.bump(f"{DOOR}@v2.1.0", [pins])
    before = texts(pins)
    monkeypatch.setenv("GOPROXY", "off")
    assert pin_module.bump(f"{DOOR}@v2.1.0", [pins]) == f"go.mod: {DOOR} is at v2.1.0 already"
    assert texts(pins) == before


def test_a_hash_that_is_missing_is_added_where_it_belongs(lines: list[str], pins: pin_module.Pins) -> None:
    pins.mod.write_text(MOD.replace("v2.0.0", "v2.1.0"))
    pins.sum.write_text("".join(line for line in SUM.splitlines(keepends=True) if not line.startswith(DOOR)))
    pin_module.bump(f"{DOOR}@v2.1.0", [pins])
    assert pins.sum.read_text().splitlines(keepends=True)[2:4] == lines


def test_the_right_one_of_several_files_is_changed(lines: list[str], pins: pin_module.Pins, tmp_path: Path) -> None:
    (tmp_path / "other.mod").write_text("module other\n\nrequire example.org/window v1.0.0\n")
    (tmp_path / "other.sum").write_text("")
    other = pin_module.Pins(tmp_path / "other.mod", tmp_path / "other.sum")
    pin_module.bump(f"{DOOR}@v2.1.0", [other, pins])
    assert pins.versions()[DOOR] == "v2.1.0"
    assert other.sum.read_text() == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("example.org/door/v2", r"is no module at a version: say MODULE@VERSION"),
        ("@v1.0.0", r"is no module at a version"),
        (f"{DOOR}@", r"is no module at a version"),
        ("door@v1.0.0", r"`door` is no module path"),
        ("../example.org/door@v1.0.0", r"is no module path"),
        (f"{DOOR}@latest", r"`latest` is no version: say an exact one"),
        (f"{DOOR}@2.1.0", r"`2\.1\.0` is no version"),
        (f"{DOOR}@v2.1", r"`v2\.1` is no version"),
        (f"{DOOR}@v3.0.0", r"that one would be example\.org/door/v3@v3\.0\.0"),
        ("example.org/door@v2.0.0", r"that one would be example\.org/door/v2@v2\.0\.0"),
        ("example.org/dor/v2@v2.1.0", r"go\.mod: no line requires example\.org/dor/v2; did you mean example\.org/door/v2\?"),
        ("k8s.io/api@v0.1.0", r"no line requires k8s\.io/api; pinned are: example\.org/door-frame, example\.org/door/v2"),
        (f"{DOOR}@v2.7.0", r"@v2\.7\.0: there is no such version: (.|\n)*The newest are v2\.0\.0, v2\.1\.0\."),
    ],
)
def test_what_cannot_be_pinned_leaves_the_files_alone(lines: list[str], pins: pin_module.Pins, text: str, message: str) -> None:
    with pytest.raises(pin_module.Failure, match=message):
        pin_module.bump(text, [pins])
    assert texts(pins) == (MOD, SUM)


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "off"])
def test_a_proxy_that_does_not_answer_is_named(lines: list[str], pins: pin_module.Pins, proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOPROXY", proxy)
    with pytest.raises(pin_module.Failure, match=r"the module proxy cannot be reached: (.|\n)*Check the network, GOPROXY"):
        pin_module.bump(f"{DOOR}@v2.1.0", [pins])
    assert texts(pins) == (MOD, SUM)


def test_at_no_moment_do_the_files_contradict_one_another(lines: list[str], pins: pin_module.Pins, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops the bump before each of its writes: go.sum always has what go.mod names."""
    replace = pin_module.replace
    for last in range(3):
        pins.mod.write_text(MOD)
        pins.sum.write_text(SUM)
        writes = iter(range(last))

        def stop(path: Path, text: str, writes: Iterator[int] = writes) -> None:
            if next(writes, None) is None:
                raise KeyboardInterrupt
            replace(path, text)

        monkeypatch.setattr(pin_module, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            pin_module.bump(f"{DOOR}@v2.1.0", [pins])
        version = pins.versions()[DOOR]
        assert version == ("v2.0.0" if last < 2 else "v2.1.0")
        assert f"{DOOR} {version} h1:" in pins.sum.read_text()
        assert f"{DOOR} {version}/go.mod h1:" in pins.sum.read_text()


def test_the_program_says_what_is_wrong_on_one_line_and_exits_with_3(pins: pin_module.Pins) -> None:
    command = [sys.executable, "-B", pin_module.__file__, "--pins", pins.mod, pins.sum, "door"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"GOPROXY": "off"})
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: `door` is no module at a version: say MODULE@VERSION")
