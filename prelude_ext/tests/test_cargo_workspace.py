"""The lock file is law, and the copy of the sources is touched only where they changed."""

from __future__ import annotations

import hashlib
import io
import resource
import subprocess
import sys
import tarfile
from pathlib import Path

import cargo_workspace as cargo
import pytest


def lock_file(folder: Path, *packages: str) -> Path:
    lock = folder / "Cargo.lock"
    lock.write_text("version = 4\n" + "".join(f"\n[[package]]\n{package}\n" for package in packages))
    return lock


def registry(name: str, version: str, checksum: str | None) -> str:
    lines = [f'name = "{name}"', f'version = "{version}"', f'source = "{cargo.REGISTRY}"']
    return "\n".join(lines + ([f'checksum = "{checksum}"'] if checksum else []))


def crate_bytes(name: str, version: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        member = tarfile.TarInfo(f"{name}-{version}/Cargo.toml")
        member.size = len(name)
        tar.addfile(member, io.BytesIO(name.encode()))
    return data.getvalue()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CARGO_HOME that has downloaded the crate `known` 1.0.0."""
    cache = tmp_path / "home/registry/cache/mirror"
    cache.mkdir(parents=True)
    (cache / "known-1.0.0.crate").write_bytes(crate_bytes("known", "1.0.0"))
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "home"))
    return cache


def test_a_lock_file_gives_its_registry_crates_in_order(tmp_path: Path) -> None:
    lock = lock_file(tmp_path, registry("b", "1.0.0", "22"), registry("a", "2.0.0", "11"), 'name = "ours"\nversion = "0.1.0"')
    assert [crate.file for crate in cargo.locked_crates(lock)] == ["a-2.0.0.crate", "b-1.0.0.crate"]


@pytest.mark.parametrize(
    ("package", "message"),
    [
        (registry("a", "1.0.0", None), r"Cargo\.lock: a 1\.0\.0 has no checksum; run `cargo update -p a@1\.0\.0`"),
        ('name = "a"\nversion = "1.0.0"\nsource = "git+https://example.org/a"', r"a 1\.0\.0 comes from git\+https"),
        ("name = ", "not a readable lock file"),
    ],
)
def test_what_cannot_be_pinned_is_refused(tmp_path: Path, package: str, message: str) -> None:
    with pytest.raises(cargo.Failure, match=message):
        cargo.locked_crates(lock_file(tmp_path, package))


def test_a_downloaded_crate_is_taken_without_the_network(tmp_path: Path, home: Path) -> None:
    checksum = hashlib.sha256(crate_bytes("known", "1.0.0")).hexdigest()
    lock = lock_file(tmp_path, registry("known", "1.0.0", checksum))
    found = cargo.fetch_crates(lock, [])
    assert [path for path in found.values()] == [home / "known-1.0.0.crate"]


def test_a_wrong_hash_names_crate_lock_file_and_remedy(tmp_path: Path, home: Path) -> None:
    lock = lock_file(tmp_path, registry("known", "1.0.0", "0" * 64))
    with pytest.raises(cargo.Failure) as failure:
        cargo.fetch_crates(lock, [])
    text = str(failure.value)
    for part in (str(lock), "known 1.0.0", "0" * 64, "cargo update -p known", str(home / "known-1.0.0.crate")):
        assert part in text


def test_the_tar_does_not_tell_when_it_was_made(tmp_path: Path) -> None:
    tars = []
    for name, order in (("one", ("a", "b")), ("two", ("b", "a"))):
        folder = tmp_path / name
        folder.mkdir()
        for file in order:
            (folder / file).write_text(file)
        cargo.write_tar({file: folder / file for file in order}, folder / "out.tar")
        tars.append((folder / "out.tar").read_bytes())
    assert tars[0] == tars[1]


def test_sync_writes_what_differs_and_deletes_what_vanished(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for name, text in (("same.rs", "same"), ("a/changed.rs", "new"), ("undeclared.rs", "x")):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    for name, text in (("same.rs", "same"), ("a/changed.rs", "old"), ("gone/old.rs", "x")):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text)
    before = (target / "same.rs").stat().st_mtime_ns
    cargo.sync(source, ["same.rs", "a/changed.rs"], target)
    assert sorted(path.relative_to(target).as_posix() for path in target.rglob("*")) == ["a", "a/changed.rs", "same.rs"]
    assert (target / "a/changed.rs").read_text() == "new"
    assert (target / "same.rs").stat().st_mtime_ns == before


def artifact(package: Path, kind: str, name: str, test: bool) -> dict:
    return {
        "executable": f"/x/{name}",
        "manifest_path": str(package / "Cargo.toml"),
        "profile": {"test": test},
        "target": {"kind": [kind], "name": name},
    }


def test_executables_get_stable_names(tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "some-tool"\n')
    built = cargo.Built({}, {})
    for kind, name, test in [
        ("bin", "some-tool", False),
        ("lib", "some_tool", True),
        ("bin", "some-tool", True),
        ("bin", "helper", True),
        ("test", "golden", True),
    ]:
        cargo.add(built, artifact(tmp_path, kind, name, test))
    assert sorted(built.binaries) == ["some-tool"]
    assert sorted(built.tests) == ["some-tool.bin", "some-tool.golden", "some-tool.helper", "some-tool.lib"]


def test_a_checkout_gives_the_files_that_the_rule_gives(tmp_path: Path) -> None:
    for name in ("Cargo.toml", "BUCK", ".hidden", "a/src/lib.rs", "a/.config/x", "target/release/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert sorted(cargo.checkout_files(tmp_path)) == ["Cargo.toml", "a/src/lib.rs"]


def test_a_disk_that_takes_no_more_is_told_in_words_and_no_half_is_left(tmp_path: Path) -> None:
    out = tmp_path / "out/crates.tar"
    done = subprocess.run(
        [sys.executable, "-B", cargo.__file__, "fetch", "--lock", str(lock_file(tmp_path)), "--out", str(out)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (3, "error: [Errno 27] File too large\n")
    assert list(out.parent.iterdir()) == []
