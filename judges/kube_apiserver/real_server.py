#!/usr/bin/env python3
"""Posts resources to a real kube-apiserver and compares its verdicts with ours.

    kube-samples --crds CRDS --verdicts --out samples.jsonl
    real_server.py --kube-apiserver FILE --etcd FILE --crds CRDS --count 300 samples.jsonl

A server with an etcd of its own is started on this machine, the CRDs are installed, and a sample of the resources
is posted with `dryRun=All&fieldValidation=Strict`; nothing is stored. Valid or not, and the types and fields of
the errors in its answer, must be the same. The server drops the status of a resource with that subresource, and
says only what keeps a resource from being decoded, if anything does: such resources are compared by their verdict.
Prints a table of counts and every difference; exits 0 if there is none, 1 if there is one.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import pathlib
import random
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import yaml

Error = tuple[str, str]
TOKEN = "tok"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kube-apiserver", required=True, metavar="FILE", help="the server's program")
    parser.add_argument("--etcd", required=True, metavar="FILE", help="its store's")
    parser.add_argument("--crds", required=True, action="append", type=pathlib.Path, metavar="PATH", help="the CRDs that the samples are of")
    parser.add_argument("--count", type=int, default=300, metavar="N", help="how many of the samples are posted")
    parser.add_argument("--seed", type=int, default=0, help="another seed picks others")
    parser.add_argument("samples", type=pathlib.Path, metavar="SAMPLES", help="JSON lines with verdicts")
    arguments = parser.parse_args()
    # Not splitlines(), which also splits at separators that may stand in a string.
    samples = [json.loads(line) for line in arguments.samples.read_text().split("\n") if line]
    samples = [sample for sample in samples if not sample["verdict"]["unjudged"] and "status" not in sample["object"]]
    chosen = random.Random(arguments.seed).sample(samples, min(arguments.count, len(samples)))
    texts = [text for path in arguments.crds for text in documents(path)]
    crds = [yaml.safe_load(text) for text in texts]
    with tempfile.TemporaryDirectory() as folder, server(arguments, pathlib.Path(folder)) as api:
        install(api, crds, texts)
        return compare(api, crds, chosen)


def documents(path: pathlib.Path) -> list[str]:
    """The YAML documents of a file, or of a folder's."""
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    texts = [text for file in files for text in re.split(r"^---.*$", file.read_text(), flags=re.MULTILINE)]
    return [text for text in texts if text.strip()]


class Api:
    """An API server, asked as its administrator."""

    def __init__(self, port: int) -> None:
        self.url = f"https://127.0.0.1:{port}"
        # Its certificate is one that it made itself a moment ago.
        self.context = ssl._create_unverified_context()

    def ask(self, path: str, body: str | None = None, written_in: str = "json") -> tuple[int, dict]:
        """Its answer's code and text; a body is posted."""
        data = None if body is None else body.encode()
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": f"application/{written_in}"}
        request = urllib.request.Request(self.url + path, data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=60) as answer:
                return answer.status, decoded(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, decoded(error.read())


def decoded(text: bytes) -> dict:
    try:
        return json.loads(text)
    except ValueError:
        return {"message": text.decode(errors="replace")}


@contextlib.contextmanager
def server(arguments: argparse.Namespace, folder: pathlib.Path) -> Iterator[Api]:
    port, client, peer = free_port(), free_port(), free_port()
    (folder / "tok.csv").write_text(f"{TOKEN},admin,1,system:masters\n")
    subprocess.run(["openssl", "genrsa", "-out", folder / "sa.key", "2048"], check=True, capture_output=True)
    etcd_url, peer_url = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    etcd = [
        arguments.etcd, "--data-dir", folder / "etcd", "--listen-client-urls", etcd_url, "--advertise-client-urls", etcd_url,
        "--listen-peer-urls", peer_url, "--initial-advertise-peer-urls", peer_url, "--initial-cluster", f"default={peer_url}", "--log-level", "error",
    ]  # fmt: skip
    kube = [
        arguments.kube_apiserver, "--etcd-servers", etcd_url, "--endpoint-reconciler-type", "none",
        "--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1", "--secure-port", str(port), "--cert-dir", folder / "certs",
        "--service-account-key-file", folder / "sa.key", "--service-account-signing-key-file", folder / "sa.key",
        "--service-account-issuer", "https://k.local",
        "--token-auth-file", folder / "tok.csv", "--authorization-mode", "RBAC", "--service-cluster-ip-range", "10.0.0.0/24",
    ]  # fmt: skip
    log = folder / "log"
    with log.open("wb") as written:
        processes = [subprocess.Popen(command, stdout=written, stderr=written) for command in (etcd, kube)]
    try:
        api = Api(port)
        if not wait_for(lambda: api.ask("/readyz")[0] == 200, lambda: all(process.poll() is None for process in processes)):
            said = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise SystemExit(f"error: the API server does not become ready; the last that it and etcd said:\n{said}")
        yield api
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(is_so: Callable[[], bool], may_be: Callable[[], bool] = lambda: True, seconds: float = 120) -> bool:
    """Whether it becomes so: before the time is over, and as long as it may be."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and may_be():
        with contextlib.suppress(OSError):
            if is_so():
                return True
        time.sleep(0.3)
    return False


def install(api: Api, crds: list[dict], texts: list[str]) -> None:
    """Posts the CRDs as they were written: another reader of YAML may see other numbers in them."""
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    for crd, text in zip(crds, texts, strict=True):
        code, answer = api.ask(path, text, written_in="yaml")
        if code >= 300:
            raise SystemExit(f"error: the server refuses {crd['metadata']['name']}: {answer.get('message')}")
    for crd in crds:
        spec = crd["spec"]
        version = next(one["name"] for one in spec["versions"] if one["served"])
        served = f"/apis/{spec['group']}/{version}/{spec['names']['plural']}"
        if not wait_for(lambda served=served: api.ask(served)[0] == 200):
            raise SystemExit(f"error: the server does not serve {served}")


def compare(api: Api, crds: list[dict], samples: list[dict]) -> int:
    plurals = {(crd["spec"]["group"], crd["spec"]["names"]["kind"]): crd["spec"] for crd in crds}
    table: collections.Counter[str] = collections.Counter()
    differences = 0
    for sample in samples:
        code, answer = post(api, plurals, sample["object"])
        table["taken" if code == 201 else f"refused with {code}"] += 1
        found = difference(sample["verdict"], code, answer)
        if found:
            differences += 1
            print(f"{sample['id']}: {found} differs\n  ours:   {ours(sample['verdict'])}\n  server: {code} {answer.get('message', '')[:600]}")
    for name, count in sorted(table.items()):
        print(f"{count:8} {name}")
    print(f"{differences:8} differences, of {len(samples)} resources")
    return 1 if differences else 0


def post(api: Api, plurals: dict[tuple[str, str], dict], resource: dict) -> tuple[int, dict]:
    group, version = resource["apiVersion"].split("/")
    spec = plurals[group, resource["kind"]]
    metadata = resource.get("metadata")
    namespace = (metadata.get("namespace") if isinstance(metadata, dict) else None) or "default"
    scope = f"namespaces/{namespace}/" if spec["scope"] == "Namespaced" and isinstance(namespace, str) else ""
    return api.ask(f"/apis/{group}/{version}/{scope}{spec['names']['plural']}?dryRun=All&fieldValidation=Strict", json.dumps(resource))


def difference(verdict: dict, code: int, answer: dict) -> str:
    # A list at the root's `items` makes the server take the resource for a list, once it is stored.
    taken = code == 201 or (code == 500 and "is not a list: no Items field" in answer.get("message", ""))
    if verdict["valid"] != taken:
        return "verdict"
    # 422 says what is invalid, 400 what cannot be decoded or is unknown: the latter alone.
    causes = answer.get("details", {}).get("causes", []) if code == 422 else []
    if code != 422:
        return ""
    theirs = {(cause["reason"], cause.get("field", "").removeprefix("<nil>")) for cause in causes}
    return "" if theirs == set(ours(verdict)) else "errors"


def ours(verdict: dict) -> list[Error]:
    return sorted((error["type"], error["field"]) for error in verdict["errors"] if error["type"] != "UnknownField")


if __name__ == "__main__":
    sys.exit(main())
