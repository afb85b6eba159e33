"""Downloads one file and checks its SHA-256.

Proxies and certificate authorities come from the variables that every client reads: HTTPS_PROXY,
NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR. What the server says does not matter, only the hash does.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

TIMEOUT_SECONDS = 60
ATTEMPTS = 3
LARGEST = 4 << 30
CHUNK = 1 << 20


class Failure(Exception):
    """What went wrong, in words for the user. `again` says whether another attempt may help."""

    def __init__(self, message: str, again: bool = False) -> None:
        super().__init__(message)
        self.again = again


class KeepScheme(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never from https to anything else."""

    def redirect_request(self, request, file, code, message, headers, url):
        if request.full_url.startswith("https:") and not url.startswith("https:"):
            raise Failure(f"{request.full_url} redirects to {url}, which is not https")
        return super().redirect_request(request, file, code, message, headers, url)


def download(url: str, out: Path) -> str:
    """Writes what the server sends and returns its SHA-256."""
    request = urllib.request.Request(url, headers={"User-Agent": "fetch_file", "Accept-Encoding": "identity"})
    digest, size = hashlib.sha256(), 0
    try:
        opener = urllib.request.build_opener(KeepScheme)
        with opener.open(request, timeout=TIMEOUT_SECONDS) as response, out.open("wb") as file:
            while chunk := response.read(CHUNK):
                size += len(chunk)
                if size > LARGEST:
                    raise Failure(f"{url} is larger than {LARGEST >> 30} GiB")
                digest.update(chunk)
                file.write(chunk)
            expected = response.headers.get("Content-Length")
    except urllib.error.HTTPError as error:
        raise Failure(f"{url}: HTTP {error.code} {error.reason}", again=error.code >= 500 or error.code == 429) from error
    except (OSError, HTTPException) as error:
        raise Failure(f"{url}: {getattr(error, 'reason', error)}", again=True) from error
    if expected is not None and expected.isdigit() and int(expected) != size:
        raise Failure(f"{url}: the connection ended after {size} of {expected} bytes", again=True)
    return digest.hexdigest()


def download_again(url: str, out: Path) -> str:
    for attempt in range(1, ATTEMPTS):
        try:
            return download(url, out)
        except Failure as failure:
            if not failure.again:
                raise
            time.sleep(attempt)
    return download(url, out)


def fetch(target: str, url: str, sha256: str, out: Path, executable: bool) -> None:
    if not url.startswith(("https://", "http://")):
        raise Failure(f"{target}: {url} is no http or https address")
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise Failure(f"{target}: sha256 must be 64 lower-case hexadecimal digits, not {sha256!r}")
    temporary = out.with_name(f".{out.name}.part")
    try:
        actual = download_again(url, temporary)
        if actual != sha256:
            raise Failure(
                f"{target}: {url} is not the pinned file\n"
                f"  expected sha256 {sha256}\n"
                f"  actual sha256   {actual}\n"
                "If the file was changed on purpose, review it and pin the new hash; else do not trust the server."
            )
        temporary.chmod(0o755 if executable else 0o644)
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default="fetch", help="who asks, for messages")
    parser.add_argument("--url", required=True)
    parser.add_argument("--sha256", required=True)
    parser.add_argument("--executable", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    try:
        os.makedirs(args.out.parent, exist_ok=True)
        fetch(args.target, args.url, args.sha256, args.out, args.executable)
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
