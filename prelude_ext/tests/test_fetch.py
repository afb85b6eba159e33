"""A download is what its hash says, or an error that tells what to do."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fetch
import pytest

CONTENT = b"the pinned file"
PINNED = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves the file, a redirect to it, a failure that passes, and one that does not."""

    failures = 0

    def do_GET(self) -> None:
        if self.path == "/redirect":
            self.answer(302, b"", Location="/file")
        elif self.path == "/flaky" and Handler.failures < 1:
            Handler.failures += 1
            self.answer(503, b"")
        elif self.path == "/cut":
            self.answer(200, CONTENT, length=len(CONTENT) + 1)
        elif self.path in ("/file", "/flaky"):
            self.answer(200, CONTENT)
        else:
            self.answer(404, b"")

    def answer(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(length or len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch.time, "sleep", lambda seconds: None)
    monkeypatch.setenv("no_proxy", "*")


@pytest.mark.parametrize("path", ["/file", "/redirect", "/flaky"])
def test_the_pinned_file_arrives(server: str, tmp_path: Path, path: str) -> None:
    out = tmp_path / "file"
    fetch.fetch("//:x", server + path, PINNED, out, executable=False)
    assert out.read_bytes() == CONTENT
    assert out.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [out]


def test_a_program_is_executable(server: str, tmp_path: Path) -> None:
    fetch.fetch("//:x", server + "/file", PINNED, tmp_path / "program", executable=True)
    assert (tmp_path / "program").stat().st_mode & 0o777 == 0o755


def test_another_file_is_refused_with_both_hashes(server: str, tmp_path: Path) -> None:
    with pytest.raises(fetch.Failure) as failure:
        fetch.fetch("//:x", server + "/file", "0" * 64, tmp_path / "file", executable=False)
    text = str(failure.value)
    assert "//:x" in text and "0" * 64 in text and PINNED in text and "pin the new hash" in text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "sha256", "message"),
    [
        ("/missing", PINNED, "HTTP 404"),
        ("/cut", PINNED, "ended after 15 of 16 bytes"),
        ("/file", "ABC", "64 lower-case hexadecimal digits"),
    ],
)
def test_what_cannot_be_had_is_told(server: str, tmp_path: Path, path: str, sha256: str, message: str) -> None:
    with pytest.raises(fetch.Failure, match=message):
        fetch.fetch("//:x", server + path, sha256, tmp_path / "file", executable=False)
    assert list(tmp_path.iterdir()) == []


def test_only_the_web_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(fetch.Failure, match="no http or https address"):
        fetch.fetch("//:x", "file:///etc/hosts", PINNED, tmp_path / "file", executable=False)
