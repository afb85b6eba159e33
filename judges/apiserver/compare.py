#!/usr/bin/env python3
"""Compares the verdicts of kube_schema::validate with the API server's own.

    kube-samples --crds CRDS --verdicts --out samples.jsonl
    compare.py --judge ./apiserver-judge --crds CRDS samples.jsonl

Each line of the samples is a resource with what our validator says of it, as `kube-samples
--verdicts` and `--judge` print them. The judge is asked for its verdict of the same resource,
its status included; of an update (`old`) as the server takes it. Verdict, error types and fields must
be the same, and of a valid one the object that is stored; of metadata that cannot be decoded only the
verdict, as the server says no more. Prints a table of counts and every
difference; exits 0 if there is none, 1 if there is one, 3 if an input is bad.
"""

from __future__ import annotations

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator

Error = tuple[str, str]


def main() -> int:
    arguments = parse_arguments()
    samples = list(read_samples(arguments.samples))
    answers = ask(arguments.judge, arguments.crds, arguments.samples)
    table: collections.Counter[str] = collections.Counter()
    differences = 0
    for sample, answer in zip(samples, answers, strict=True):
        found = compare(sample, answer, arguments.messages)
        table[verdict_of(answer)] += 1
        # What no server can have stored is no old state.
        if sample["verdict"]["unjudged"] or answer.get("failed", "").startswith("the old object: "):
            table["not judged by one"] += 1
        elif found:
            differences += 1
            show(sample, answer, found)
    print_table(table, len(samples), differences)
    return 1 if differences else 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judge", required=True, metavar="FILE", help="the program that this folder builds")
    parser.add_argument("--crds", required=True, action="append", metavar="PATH", help="the CRDs that the samples are of")
    parser.add_argument("--messages", action="store_true", help="compare the whole messages too")
    parser.add_argument("samples", type=pathlib.Path, metavar="SAMPLES", help="JSON lines with verdicts")
    return parser.parse_args()


def read_samples(path: pathlib.Path) -> Iterator[dict]:
    for number, line in enumerate(read_lines(path), start=1):
        sample = parsed(line)
        if "verdict" not in sample:
            fail(f"{path}:{number}: no verdict; make the samples with --verdicts or --judge")
        yield sample


def parsed(line: str) -> dict:
    """What an int64 cannot hold is a float to Go."""
    return json.loads(line, parse_int=lambda text: int(text) if -(2**63) <= int(text) < 2**63 else float(text))


def read_lines(path: pathlib.Path) -> list[str]:
    # Not splitlines(), which also splits at separators that may stand in a string.
    return [line for line in path.read_text().split("\n") if line]


def ask(judge: str, crds: list[str], samples: pathlib.Path) -> list[dict]:
    """What the API server says of each sample; it reads the same lines as we."""
    is_update = any('"old":' in line for line in read_lines(samples))
    command = [judge, *([] if is_update else ["--status"]), *(flag for path in crds for flag in ("--crds", path))]
    with samples.open("rb") as questions:
        done = subprocess.run(command, stdin=questions, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        fail(f"{judge}: exit code {done.returncode}")
    return [parsed(line) for line in done.stdout.decode().split("\n") if line]


def verdict_of(answer: dict) -> str:
    return "valid" if answer["valid"] else "not decoded" if answer.get("failed") else "invalid"


def compare(sample: dict, answer: dict, messages: bool) -> str:
    """What differs, or nothing."""
    ours = sample["verdict"]
    if ours["valid"] != answer["valid"]:
        return "verdict"
    if sample.get("valid", ours["valid"]) != answer["valid"]:
        return "claim"
    if answer.get("failed"):
        return ""
    if collections.Counter(our_errors(ours)) != collections.Counter(their_errors(answer, "old" in sample)):
        return "errors"
    if ours.get("stored") is not None and comparable(ours["stored"], sample) != comparable(answer["object"], sample):
        return "stored object"
    if messages and our_messages(ours) != their_messages(answer):
        return "messages"
    return ""


def comparable(stored: dict, sample: dict) -> dict:
    """Without what the server makes up: names, and on creation the generation and a default namespace."""
    given = sample["object"].get("metadata")
    given = given if isinstance(given, dict) else {}
    made_up = {field for field in ("name", "namespace") if not given.get(field)} if "old" not in sample else set()
    made_up |= set() if "old" in sample else {"generation", "namespace"}
    metadata = {field: value for field, value in stored["metadata"].items() if field not in made_up}
    return {**stored, "metadata": {field: value for field, value in metadata.items() if value is not None}}


def our_errors(verdict: dict) -> list[Error]:
    return [(error["type"], error["field"]) for error in verdict["errors"]]


def their_errors(answer: dict, is_update: bool) -> list[Error]:
    # An error without a field is printed as one of `<nil>`. Of an update the metadata is judged twice.
    found = answer.get("errors", [])
    if is_update:
        of_metadata = {json.dumps(e): e for e in found if e["field"].startswith("metadata")}
        found = [*of_metadata.values(), *(e for e in found if not e["field"].startswith("metadata"))]
    errors = [(e["type"], e["field"].removeprefix("<nil>")) for e in found]
    return errors + [("UnknownField", field) for field in unknown_fields(answer)]


def unknown_fields(answer: dict) -> list[str]:
    quoted = (re.fullmatch(r'unknown field ("(?:[^"\\]|\\.)*")', text, re.DOTALL) for text in answer.get("unknown", []))
    return [go_string(match[1]) for match in quoted if match]


def go_string(quoted: str) -> str:
    """What Go's %q quoted."""
    escapes = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

    def plain(match: re.Match) -> str:
        text = match[1]
        if text[0] in "xuU":
            return chr(int(text[1:], 16))
        return escapes.get(text, text)

    return re.sub(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)", plain, quoted[1:-1], flags=re.DOTALL)


def our_messages(verdict: dict) -> list[str]:
    return sorted(error["message"] for error in verdict["errors"] if error["type"] != "UnknownField")


def their_messages(answer: dict) -> list[str]:
    return sorted(error["message"] for error in answer.get("errors", []))


def show(sample: dict, answer: dict, what: str) -> None:
    print(f"{sample['id']}: {what} differs")
    if sample.get("breaks"):
        print(f"  breaks: {json.dumps(sample['breaks'], ensure_ascii=False)}")
    for state in ("old", "object", "subresource"):
        if state in sample:
            print(f"  {state}: {shortened(json.dumps(sample[state], ensure_ascii=False))}")
    if what == "stored object":
        for side, stored in (("ours", sample["verdict"]["stored"]), ("server", answer["object"])):
            print(f"  {side}: {shortened(json.dumps(comparable(stored, sample), ensure_ascii=False, sort_keys=True), 3000)}")
    for error in sample["verdict"]["errors"]:
        print(f"  ours:   {error['type']} {error['field']!r}: {shortened(error['message'])}")
    for error in answer.get("errors", []):
        print(f"  server: {error['type']} {error['field']!r}: {shortened(error['message'])}")
    for text in answer.get("unknown", []):
        print(f"  server: {text}")
    if answer.get("failed"):
        print(f"  server: {shortened(answer['failed'])}")


def shortened(text: str, length: int = 600) -> str:
    return text if len(text) <= length else f"{text[:length]}… ({len(text)} characters)"


def print_table(table: collections.Counter[str], total: int, differences: int) -> None:
    for name in ("valid", "invalid", "not decoded"):
        print(f"{table[name]:8} {name} to the server")
    print(f"{table['not judged by one']:8} not judged by one")
    print(f"{differences:8} differences, of {total} resources")


def fail(message: str) -> None:
    print(f"error: {message}", file=sys.stderr)
    raise SystemExit(3)


if __name__ == "__main__":
    raise SystemExit(main())
